/**
 * What it costs to keep an index of 50,000 chunks: one edit, an open to the first answer, 600 forced writes, and searching while 50 MB are indexed and written. In Node
 * with a folder, and in Chromium with IndexedDB and with the origin's private file system.
 *
 *     node tests/bench/persist.mjs [--json] [--share 0.72] [--without-browser] [--snapshot DIR]
 *
 * `--snapshot` keeps the index between runs. Every figure is the median of its runs, but for the percentiles of latency; the median is named beside the worst.
 */

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { load } from './corpora.mjs';
import { DIST, percentile, report, requirePackage, verdict } from './table.mjs';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    share: { type: 'string', default: '0.72' },
    snapshot: { type: 'string' },
    'without-browser': { type: 'boolean' },
    task: { type: 'string' },
    runs: { type: 'string', default: '9' },
  },
});
requirePackage();
const { Codequarry, FolderStore } = await import(pathToFileURL(join(DIST, 'node.js')).href);
const RUNS = Number(values.runs);
const QUERY = 'where is a connection opened again after it was lost';
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const median = (numbers) => percentile(numbers, 0.5);

/** A store that counts what is written. */
function counted(store) {
  const sum = { bytes: 0, writes: 0 };
  for (const name of ['put', 'swapManifest']) {
    const method = store[name].bind(store);
    store[name] = (key, bytes) => {
      sum.bytes += bytes.byteLength;
      sum.writes += 1;
      return method(key, bytes);
    };
  }
  return sum;
}

const edited = (turn) => [{ path: 'src/edited-by-hand.ts', text: `/** Turn ${turn}. */\nexport function editedByHand(value: number): number {\n  return value * ${turn};\n}\n` }];

/** Tasks that have a process of their own, so that memory and first times mean something. */
const TASKS = {
  async open(folder) {
    const started = performance.now();
    const quarry = await Codequarry.open(folder, { workers: 1 });
    const { mode } = await quarry.query(QUERY);
    const ms = performance.now() - started;
    if (mode !== 'hybrid') throw new Error(`the answer is ${mode}`);
    await quarry.close();
    return { ms };
  },

  async edit(folder) {
    const store = await FolderStore.open(folder);
    const quarry = await Codequarry.open({ store, workers: 1 });
    await quarry.add(edited(0));
    await quarry.idle();
    const sum = counted(store);
    const times = [];
    const bytes = [];
    for (let turn = 1; turn <= 30; turn++) {
      await pause(60);
      await quarry.idle();
      const before = sum.bytes;
      const started = performance.now();
      await quarry.add(edited(turn));
      times.push(performance.now() - started);
      bytes.push(sum.bytes - before);
    }
    await quarry.close();
    return { times, bytes };
  },

  async forced(folder) {
    const quarry = await Codequarry.open(folder, { workers: 1 });
    const turns = async (from, to) => {
      for (let turn = from; turn < to; turn++) await Promise.all([quarry.add(edited(turn)), pause(0).then(() => quarry.flush())]);
      await quarry.idle();
      return process.resourceUsage().maxRSS * 1024;
    };
    const one = await turns(0, 1);
    const all = await turns(1, 600);
    await quarry.close();
    return { one, all };
  },

  async search(folder) {
    const quarry = await Codequarry.open(folder, { workers: 1 });
    const queries = [QUERY, 'retry', 'parse header', 'database migration', 'allocate buffer', 'render component'];
    const latencies = async (done) => {
      const times = [];
      for (let turn = 0; !done(turn); turn++) {
        const started = performance.now();
        await quarry.search(queries[turn % queries.length]);
        times.push(performance.now() - started);
        await pause(4);
      }
      return times;
    };
    await latencies((turn) => turn === 60);
    const idle = await latencies((turn) => turn === 400);
    let over = false;
    const files = load('code-50mb').map(({ path, bytes }) => ({ path: `again/${path}`, bytes }));
    const adding = quarry.add(files).finally(() => {
      over = true;
    });
    const busy = await latencies(() => over);
    await adding;
    await quarry.close();
    return { idle, busy };
  },
};

if (values.task) {
  const [name, folder] = values.task.split(':');
  console.log(JSON.stringify(await TASKS[name](folder)));
  process.exit(0);
}

function task(name, folder) {
  const copy = mkdtempSync(join(tmpdir(), 'codequarry-bench-'));
  try {
    if (name !== 'open') cpSync(folder, copy, { recursive: true });
    const args = [import.meta.filename, '--task', `${name}:${name === 'open' ? folder : copy}`];
    const child = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
    if (child.status !== 0) throw new Error(`${name} ended with ${child.status}: ${child.stderr}`);
    return JSON.parse(child.stdout);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** The same in a browser; undefined where there is none. */
async function inChromium(folder) {
  const { WORK, cannotRun, launch } = await import('../browser/harness.mjs');
  if (cannotRun || values['without-browser']) return undefined;
  const { packagePage, packageTab } = await import('../browser/package-page.mjs');
  const { serve } = await import('../browser/server.mjs');
  const pages = join(WORK, 'bench');
  await packagePage(pages);
  cpSync(join(DIST, 'code.cqmodel'), join(pages, 'code.cqmodel'));
  const archive = spawnSync(process.execPath, [join(DIST, '../bin/codequarry.js'), 'export', folder, join(pages, 'index.cq'), '--quiet'], { encoding: 'utf8' });
  if (archive.status !== 0) throw new Error(archive.stderr);
  const server = await serve(pages);
  const browser = await launch();
  try {
    const context = await browser.newContext();
    const figures = {};
    for (const kind of ['IndexedDbStore', 'OpfsStore']) figures[kind] = await keptIn(kind, context, server.url, packageTab);
    return figures;
  } finally {
    await browser.close();
    await server.close();
  }
}

async function keptIn(kind, context, url, packageTab) {
  const page = await packageTab(context, url);
  await page.evaluate(async (name) => {
    const { Codequarry, [name]: Kind } = globalThis.codequarry;
    const store = await Kind.open('bench', { worker: globalThis.engine.worker });
    const quarry = await Codequarry.import({ store, engine: globalThis.engine, workers: 1 }, (await fetch('./index.cq')).body);
    await quarry.close();
  }, kind);
  await page.close();
  const opens = [];
  for (let run = 0; run < RUNS; run++) {
    const tab = await packageTab(context, url);
    opens.push(
      await tab.evaluate(
        async ([name, query]) => {
          const { Codequarry, [name]: Kind } = globalThis.codequarry;
          const started = performance.now();
          const store = await Kind.open('bench', { worker: globalThis.engine.worker });
          const quarry = await Codequarry.open({ store, engine: globalThis.engine, workers: 1 });
          const { mode } = await quarry.query(query);
          if (mode !== 'hybrid') throw new Error(`the answer is ${mode}`);
          return performance.now() - started;
        },
        [kind, QUERY],
      ),
    );
    await tab.close();
  }
  const tab = await packageTab(context, url);
  const times = await tab.evaluate(async (name) => {
    const { Codequarry, [name]: Kind } = globalThis.codequarry;
    const store = await Kind.open('bench', { worker: globalThis.engine.worker });
    const quarry = await Codequarry.open({ store, engine: globalThis.engine, workers: 1 });
    const edit = (turn) => quarry.add([{ path: 'src/edited.ts', text: `export function edited() {\n  return ${turn};\n}\n` }]);
    await edit(0);
    const taken = [];
    for (let turn = 1; turn <= 30; turn++) {
      await quarry.idle();
      await new Promise((resolve) => setTimeout(resolve, 60));
      const started = performance.now();
      await edit(turn);
      taken.push(performance.now() - started);
    }
    await quarry.close();
    return taken;
  }, kind);
  await tab.close();
  return { opens, times };
}

const folder = values.snapshot ?? mkdtempSync(join(tmpdir(), 'codequarry-bench-'));
if (!existsSync(join(folder, 'manifest.cqm'))) {
  const quarry = await Codequarry.open(folder, { persist: { graceMs: 0 } });
  await quarry.add(load('code-50mb').filter((_, index) => (index * 0.618034) % 1 < Number(values.share)));
  await quarry.compact();
  await quarry.close();
}
const quarry = await Codequarry.open(folder);
const { chunks, indexBytes } = await quarry.stats();
await quarry.close();

const opens = Array.from({ length: RUNS }, () => task('open', folder).ms);
const edit = task('edit', folder);
const forced = task('forced', folder);
const search = task('search', folder);
const browser = await inChromium(folder);

const rows = [
  ['Node, folder: open to the first answer, ms', median(opens), Math.max(...opens)],
  ['Node, folder: one edit durable, ms', median(edit.times), Math.max(...edit.times)],
  ['one edit, bytes written', median(edit.bytes), Math.max(...edit.bytes)],
  ...Object.entries(browser ?? {}).flatMap(([kind, { opens: all, times }]) => [
    [`Chromium, ${kind}: open to the first answer, ms`, median(all), Math.max(...all)],
    [`Chromium, ${kind}: one edit durable, ms`, median(times), Math.max(...times)],
  ]),
  ['search, idle, ms (p50, p99)', median(search.idle), percentile(search.idle, 0.99)],
  ['search, 50 MB being indexed, ms (p50, p99)', median(search.busy), percentile(search.busy, 0.99)],
  ['peak memory after one write, after 600, MB', forced.one / 1e6, forced.all / 1e6],
];
const verdicts = [
  verdict('Node: open to the first answer', median(opens), 'below', 120, ' ms'),
  verdict('Node: one edit durable', median(edit.times), 'below', 30, ' ms'),
  verdict('one edit writes', Math.max(...edit.bytes), 'below', 65_536, ' bytes'),
  verdict('600 forced writes to one, peak memory', forced.all / forced.one, 'below', 1.3, 'x'),
  verdict('search p99 while indexing to idle', percentile(search.busy, 0.99) / percentile(search.idle, 0.99), 'below', 3, 'x'),
];
if (browser) {
  verdicts.push(verdict('Chromium, IndexedDB: open to the first answer', median(browser.IndexedDbStore.opens), 'below', 400, ' ms'));
  verdicts.push(verdict('Chromium, IndexedDB: one edit durable', median(browser.IndexedDbStore.times), 'below', 100, ' ms'));
}
report(`keeping ${chunks} chunks (${(indexBytes / 1e6).toFixed(1)} MB)`, ['', 'median', 'worst'], rows, verdicts);
if (!values.snapshot) rmSync(folder, { recursive: true, force: true });
