/**
 * An owner that is evicted, and a workerd that is killed, while changes are being written: what was acknowledged is there afterwards, and every file is one of its versions.
 *
 * `KILLS` times workerd is killed, and as often its Durable Object evicted: ten by default, 100 for what is claimed.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { ROOT } from '../edge/bundle.mjs';
import { bundleWorker, scratchFolder } from '../edge/workerd.mjs';
import { random } from './session.mjs';

const KILLS = Number(process.env.KILLS ?? 10);
const EVICTIONS = KILLS;
/** Requests that are under way when the end comes. */
const WRITERS = 6;
const HEADERS = { Authorization: 'Bearer token' };
const below = random(13);
/** Counts questions, so that none is answered by a cache. */
let asked = 0;

let scratch;
let worker;

before(
  async () => {
    scratch = await scratchFolder();
    worker = await bundleWorker(path.join(scratch.folder, 'worker'), path.join(ROOT, 'tests', 'crash', 'edge-worker.ts'));
  },
  { timeout: 300_000 },
);
after(() => scratch.remove());

/** Starts workerd; `kill` ends it and everything it started at once. */
async function start(persist) {
  const child = spawn(process.execPath, [path.join(ROOT, 'tests', 'crash', 'edge-process.mjs'), worker.folder, worker.script, persist], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const kill = () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  };
  process.once('exit', kill);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const origin = await new Promise((resolve, reject) => {
    child.stdout.once('data', (line) => resolve(String(line).trim()));
    child.once('exit', () => reject(new Error('workerd did not start')));
  });
  return {
    origin,
    async kill() {
      kill();
      await ended;
      process.off('exit', kill);
    },
  };
}

/** What was acknowledged: for each path the number of its version. Versions that were sent later may be there as well. */
class Ledger {
  acknowledged = new Map();
  sent = new Map();

  /** Sends the next version of a file and a file of its own; the promise ends when it is acknowledged, or will never be. */
  async write(origin, writer) {
    const name = `shared${writer}.js`;
    const version = (this.sent.get(name) ?? 0) + 1;
    const own = `own/${writer}-${version}.js`;
    this.sent.set(name, version).set(own, 1);
    const files = [
      { path: name, text: `function version${version}of${writer}() {}\n` },
      { path: own, text: `function version1of${writer}() { return ${version}; }\n` },
    ];
    try {
      const response = await fetch(new URL('/index/files', origin), { method: 'PUT', headers: HEADERS, body: JSON.stringify({ files }) });
      if (response.status !== 200) return false;
      await response.json();
    } catch {
      return false;
    }
    this.acknowledged.set(name, version).set(own, 1);
    return true;
  }

  /** Compares with what is found once the owner's generation is served: the isolate that answers looks for it behind its answers. */
  async check(origin, round) {
    if (this.acknowledged.size === 0) return;
    const { generation } = await served(origin, '/index/status', round, () => true);
    const { files } = await served(origin, '/stats', round, (stats) => stats.generation >= generation);
    assert.ok(files >= this.acknowledged.size && files <= this.sent.size, `round ${round}: ${files} files, ${this.acknowledged.size} acknowledged`);
    for (const [name, version] of this.acknowledged) {
      const writer = /(\d+)/.exec(name)[1];
      if (name.startsWith('own/')) continue;
      const { hits } = await (await fetch(new URL(`/search?q=function&path=${name}&limit=5`, origin))).json();
      assert.equal(hits.length, 1, `round ${round}: ${name} is lost`);
      const found = Number(/^function version(\d+)of(\d+)\(\) \{\}\n$/.exec(hits[0].text)?.[1]);
      assert.ok(found >= version && found <= this.sent.get(name), `round ${round}: ${name} of ${writer} is ${hits[0].text}, acknowledged was ${version}`);
    }
  }

  /** Every file that was ever acknowledged, one by one. */
  async checkAll(origin) {
    for (const name of this.acknowledged.keys()) {
      const { hits } = await (await fetch(new URL(`/search?q=function&path=${name}&limit=1`, origin))).json();
      assert.equal(hits?.[0]?.path, name, 'an acknowledged file is lost');
    }
  }
}

/** What an address answers, once it is the answer that is waited for. */
async function served(origin, pathname, round, isIt) {
  for (const deadline = Date.now() + 60_000; ; ) {
    const response = await fetch(new URL(`${pathname}?${asked++}`, origin), { headers: HEADERS });
    const text = await response.text();
    if (response.status === 200 && isIt(JSON.parse(text))) return JSON.parse(text);
    assert.ok(Date.now() < deadline, `round ${round}: ${pathname} answers ${response.status} ${text}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Writes from all sides for a part of the window, until `end` has ended it. Where a machine is so slow that nothing is acknowledged in time, the next one gets more time. */
async function writeUntil(origin, ledger, window, end) {
  const before = ledger.acknowledged.size;
  let over = false;
  const writing = Array.from({ length: WRITERS }, async (_, writer) => {
    while (!over && (await ledger.write(origin, writer)));
  });
  await new Promise((resolve) => setTimeout(resolve, below(window.ms)));
  await end();
  over = true;
  await Promise.all(writing);
  if (ledger.acknowledged.size === before) window.ms = Math.min(2 * window.ms, 20_000);
}

test(`a Durable Object evicted ${EVICTIONS} times while it writes loses nothing`, { timeout: 3_600_000 }, async () => {
  const persist = path.join(scratch.folder, 'evicted');
  const { origin, kill } = await start(persist);
  const ledger = new Ledger();
  try {
    const window = { ms: 400 };
    for (let round = 1; round <= EVICTIONS; round++) {
      await writeUntil(origin, ledger, window, () => fetch(new URL('/evict', origin)));
      await ledger.check(origin, round);
    }
    assert.ok(ledger.acknowledged.size > EVICTIONS, `${ledger.acknowledged.size} acknowledged`);
    await ledger.checkAll(origin);
    console.log(`${EVICTIONS} evictions: ${ledger.sent.size} files sent, ${ledger.acknowledged.size} acknowledged, 0 lost`);
  } finally {
    await kill();
  }
});

test(`workerd killed ${KILLS} times while it writes loses nothing`, { timeout: 3_600_000 }, async () => {
  const persist = path.join(scratch.folder, 'killed');
  const ledger = new Ledger();
  let running = await start(persist);
  try {
    const window = { ms: 1_400 };
    for (let round = 1; round <= KILLS; round++) {
      const { origin, kill } = running;
      await writeUntil(origin, ledger, window, kill);
      running = await start(persist);
      await ledger.check(running.origin, round);
    }
    assert.ok(ledger.acknowledged.size > KILLS, `${ledger.acknowledged.size} acknowledged`);
    await ledger.checkAll(running.origin);
    console.log(`${KILLS} kills: ${ledger.sent.size} files sent, ${ledger.acknowledged.size} acknowledged, 0 lost`);
  } finally {
    await running.kill();
  }
});
