/** The Worker in real workerd, over a snapshot that the command line published to local KV through wrangler. */
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';

import { ROOT } from './bundle.mjs';
import { bundleWorker, codequarry, publish, publishArguments, scratchFolder, startWorkerd, startWranglerDev } from './workerd.mjs';

const FIXTURES = path.join(ROOT, 'tests', 'edge', 'fixtures');
const HIT_FIELDS = ['path', 'language', 'kind', 'symbol', 'parent', 'startLine', 'endLine', 'startByte', 'endByte', 'score', 'text'];

let scratch;
let worker;
let probe;
/** Folder with local KV in which `fixtures/first` is published; copied by every test that changes it. */
let seed;
let firstSnapshot;
let secondSnapshot;

before(
  async () => {
    scratch = await scratchFolder();
    const inScratch = (name) => path.join(scratch.folder, name);
    firstSnapshot = inScratch('first');
    secondSnapshot = inScratch('second');
    seed = inScratch('seed');
    for (const [fixture, out] of [['first', firstSnapshot], ['second', secondSnapshot]]) {
      const done = await codequarry(['index', path.join(FIXTURES, fixture), '--out', out]);
      assert.equal(done.code, 0, done.stderr);
    }
    await publish(firstSnapshot, seed);
    worker = await bundleWorker(inScratch('worker'));
    probe = await bundleWorker(inScratch('probe'), path.join(ROOT, 'tests', 'edge', 'probe-worker.ts'));
  },
  { timeout: 300_000 },
);

after(() => scratch.remove());

/** Runs `check` against a fresh isolate over a copy of the published KV. */
async function withWorkerd(check, { modules = worker, variables = {}, empty = false } = {}) {
  const persist = path.join(scratch.folder, `kv-${Math.random().toString(36).slice(2)}`);
  if (!empty) await cp(seed, persist, { recursive: true });
  const workerd = await startWorkerd(modules, persist, variables);
  try {
    await check({ ...workerd, persist });
  } finally {
    await workerd.stop();
  }
}

/** Asks until the answer fits, or for a minute. */
async function eventually(ask, fits) {
  for (const deadline = Date.now() + 60_000; ; ) {
    const answer = await ask();
    if (fits(answer)) return answer;
    assert.ok(Date.now() < deadline, `still ${answer.status} ${answer.text}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Publishes without the command line, which takes seconds to start wrangler so many times. */
async function upload(kv, snapshot) {
  const files = await readdir(snapshot);
  for (const file of [...files.filter((name) => name.endsWith('.cqs')), 'manifest.cqm']) {
    await kv.put(`default/${file}`, new Uint8Array(await readFile(path.join(snapshot, file))));
  }
}

async function keyOf(kv, ending) {
  const { keys } = await kv.list({ prefix: 'default/' });
  return keys.map(({ name }) => name).find((name) => name.endsWith(ending));
}

describe('the endpoint over a published snapshot', { timeout: 900_000 }, () => {
  let workerd;

  before(async () => {
    workerd = await startWorkerd(worker, seed);
  });

  after(() => workerd?.stop());

  it('finds code and answers in the shape of the command line', async () => {
    const { status, headers, body } = await workerd.get('/search?q=retry%20with%20backoff');
    assert.equal(status, 200);
    assert.equal(headers.get('content-type'), 'application/json; charset=utf-8');
    assert.equal(body.query, 'retry with backoff');
    assert.equal(body.hits[0].path, 'retry.ts');
    assert.equal(body.hits[0].symbol, 'retryWithBackoff');
    assert.match(body.hits[0].text, /export async function retryWithBackoff/);
    for (const field of HIT_FIELDS) assert.ok(field in body.hits[0], field);
    assert.equal(typeof body.total, 'number');
    assert.equal(typeof body.generation, 'number');
  });

  it('answers by words exactly what the command line prints', async () => {
    for (const query of ['retry', 'enqueue job', 'ResponseCache lookup', 'größer 検索']) {
      const { body } = await workerd.get(`/search?mode=lexical&q=${encodeURIComponent(query)}`);
      const { ms, ...local } = JSON.parse((await codequarry(['search', firstSnapshot, query, '--mode', 'lexical', '--json'])).stdout);
      assert.deepEqual(body, local, `after ${ms} ms`);
    }
  });

  it('narrows by language and path, and pages', async () => {
    const paths = async (parameters) => (await workerd.get(`/search?q=retry&${parameters}`)).body.hits.map((hit) => hit.path);
    const all = await paths('');
    assert.ok(new Set(all).size > 1);
    assert.deepEqual(new Set(await paths('language=python')), new Set(['lib/queue.py']));
    assert.deepEqual(new Set(await paths('language=py,typescript')), new Set(['lib/queue.py', 'retry.ts']));
    assert.deepEqual(new Set(await paths('path=lib/**')), new Set(['lib/queue.py']));
    assert.ok(!(await paths('path=!lib/**')).includes('lib/queue.py'));
    assert.deepEqual([...(await paths('limit=1')), ...(await paths('limit=1&offset=1'))], all.slice(0, 2));
    assert.deepEqual(await paths('offset=9900&limit=100'), []);
  });

  it('leaves the text out when asked to, and completes a word being typed', async () => {
    const { body } = await workerd.get('/search?q=retry&text=0');
    assert.ok(body.hits.every((hit) => hit.text === null));
    assert.equal((await workerd.get('/search?q=retryWithBack&prefix=1')).body.hits[0].path, 'retry.ts');
  });

  it('answers 200 with no hit for what is not there', async () => {
    const { status, body } = await workerd.get('/search?q=zyzzyvas');
    assert.equal(status, 200);
    assert.deepEqual(body.hits, []);
    assert.equal(body.total, 0);
  });

  it('gives figures and says what it is', async () => {
    const stats = await workerd.get('/stats');
    assert.equal(stats.status, 200);
    assert.equal(stats.body.files, 3);
    const help = await workerd.get('/');
    assert.equal(help.status, 200);
    assert.ok(help.body.endpoints['/search'].q);
  });

  it('refuses bad parameters with a code that names them', async () => {
    const long = 'x'.repeat(1001);
    const letter = (at) => String.fromCharCode(97 + at);
    const words = Array.from({ length: 330 }, (_, turn) => letter(turn % 26) + letter(Math.floor(turn / 26))).join('+');
    const cases = [
      ['/search', 'QUERY_MISSING'],
      ['/search?q=', 'QUERY_EMPTY'],
      ['/search?q=%20%09', 'QUERY_EMPTY'],
      [`/search?q=${long}`, 'QUERY_TOO_LONG'],
      [`/search?q=${words}`, 'LIMIT_EXCEEDED'],
      ['/search?q=a&q=b', 'OPTION_INVALID', 'q'],
      ...['0', '101', '-1', '1.5', 'ten', '', '1e1', '0x10', '99999999999'].map((limit) => [`/search?q=a&limit=${limit}`, 'OPTION_INVALID', 'limit']),
      ['/search?q=a&limit=1&limit=2', 'OPTION_INVALID', 'limit'],
      ['/search?q=a&offset=-1', 'OPTION_INVALID', 'offset'],
      ['/search?q=a&offset=9901', 'OPTION_INVALID', 'offset'],
      ['/search?q=a&mode=psychic', 'OPTION_INVALID', 'mode'],
      ['/search?q=a&text=maybe', 'OPTION_INVALID', 'text'],
      ['/search?q=a&language=', 'OPTION_INVALID', 'language'],
      ['/search?q=a&path=', 'OPTION_INVALID', 'path'],
      [`/search?q=a&path=${'*'.repeat(300)}`, 'OPTION_INVALID', 'path'],
      [`/search?q=a${'&path=a'.repeat(33)}`, 'OPTION_INVALID', 'path'],
    ];
    for (const [target, code, option] of cases) {
      const { status, body, headers } = await workerd.get(target);
      assert.equal(status, 400, target);
      assert.equal(body.error.code, code, target);
      assert.equal(body.error.details?.option, option, target);
      assert.equal(headers.get('cache-control'), 'no-store');
    }
  });

  it('answers hostile queries with 200 or 400 and without a stack trace', { timeout: 120_000 }, async () => {
    const queries = [
      '\u0000', '%', '%zz', '"', '"""', "'; DROP TABLE chunks; --", '(', ')', '((((((', '\\', '*', '**', '?', '[', ']', '{', '}', '-', '--', '-retry', '+', '!', ':', 'path:', 'lang:',
      'a OR', 'AND', 'NOT', '\uD800', '\uDC00a', '\uFFFD', '\u202Eabc', '🦀'.repeat(400), 'e\u0301'.repeat(300), 'İ'.repeat(500), 'ß', '\u200B', '\uFEFF', '\n\r\t',
      '<script>alert(1)</script>', '../../etc/passwd', '__proto__', 'constructor', 'a '.repeat(500), 'aA0_'.repeat(250), 'x'.repeat(1000), '\u{10FFFF}', '٣', 'NaN',
    ];
    for (const query of queries) {
      const { status, text } = await workerd.get(`/search?q=${encodeURIComponent(query.toWellFormed())}`);
      assert.ok(status === 200 || status === 400, `${JSON.stringify(query)}: ${status} ${text}`);
      assert.ok(!/\bat .*:\d+:\d+|wasm|panicked/.test(text) || status === 200, text);
    }
    for (const raw of ['/search?q=%ff%fe', '/search?q=%', '/search?q=%u0041', '/search?%00=1&q=a', '/search?q=a&path=%5B', '/search?q=a&path=%7B%7B%7B%7B', '/search?q=a&path=**/**/**/**/**/**/**/**/**/**x', '/search?q=a&language=%F0%9F%A6%80']) {
      const { status, text } = await workerd.get(raw);
      assert.ok(status === 200 || status === 400, `${raw}: ${status} ${text}`);
    }
    assert.equal((await workerd.get('/search?q=retry')).status, 200);
  });

  it('knows its paths and methods', async () => {
    for (const target of ['/nothing', '/search/', '/searches', '/stats/x', '/Search', '/%73earch', '/favicon.ico']) {
      const { status, body } = await workerd.get(target);
      assert.equal(status, 404, target);
      assert.equal(body.error.code, 'NOT_FOUND');
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      const { status, body, headers } = await workerd.get('/search?q=a', { method });
      assert.equal(status, 405);
      assert.equal(body.error.code, 'METHOD_NOT_ALLOWED');
      assert.equal(headers.get('allow'), 'GET, HEAD, OPTIONS');
    }
  });

  it('answers HEAD with the headers of GET', async () => {
    const get = await workerd.get('/search?q=retry');
    const head = await workerd.fetch('/search?q=retry', { method: 'HEAD' });
    assert.equal(head.status, 200);
    assert.equal(await head.text(), '');
    for (const name of ['etag', 'content-type', 'cache-control', 'access-control-allow-origin']) {
      assert.equal(head.headers.get(name), get.headers.get(name), name);
    }
    assert.equal((await workerd.fetch('/search', { method: 'HEAD' })).status, 400);
  });

  it('answers 304 for what the client has, and only for that', async () => {
    const { headers } = await workerd.get('/search?q=retry');
    const etag = headers.get('etag');
    assert.match(etag, /^"[0-9a-f]{32}-[0-9a-f]{32}"$/);
    assert.equal(headers.get('cache-control'), 'public, max-age=60');
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await workerd.fetch('/search?q=retry', { headers: { 'If-None-Match': known } });
      assert.equal(again.status, 304, known);
      assert.equal(await again.text(), '');
      assert.equal(again.headers.get('etag'), etag);
    }
    for (const target of ['/search?q=retry&limit=5', '/search?q=retries', '/search?q=retry&text=0', '/search?q=retry&path=*.ts']) {
      assert.equal((await workerd.fetch(target, { headers: { 'If-None-Match': etag } })).status, 200, target);
    }
    const same = await workerd.get('/search?limit=10&q=retry&utm_source=x');
    assert.equal(same.headers.get('etag'), etag, 'the same question in other words');
    const stats = (await workerd.get('/stats')).headers.get('etag');
    assert.equal((await workerd.fetch('/stats', { headers: { 'If-None-Match': stats } })).status, 304);
  });

  it('lets every page read it', async () => {
    const { headers } = await workerd.get('/search?q=retry', { headers: { Origin: 'https://a.example' } });
    assert.equal(headers.get('access-control-allow-origin'), '*');
    const preflight = await workerd.fetch('/search?q=retry', {
      method: 'OPTIONS',
      headers: { Origin: 'https://a.example', 'Access-Control-Request-Method': 'GET' },
    });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get('access-control-allow-origin'), '*');
    assert.match(preflight.headers.get('access-control-allow-methods'), /GET/);
    assert.equal((await workerd.fetch('/search')).headers.get('access-control-allow-origin'), '*', 'on errors as well');
  });
});

describe('an isolate', { timeout: 900_000 }, () => {
  it('loads a snapshot once for thirty concurrent first requests', async () => {
    await withWorkerd(
      async ({ get }) => {
        const answers = await Promise.all(Array.from({ length: 30 }, (_, turn) => get(`/search?q=retry&limit=${turn + 1}`)));
        for (const { status, text } of answers) assert.equal(status, 200, text);
        const reads = (await get('/probe/reads')).body;
        assert.equal(reads.length, new Set(reads).size, `read twice: ${reads}`);
        assert.equal(reads[0], 'default/manifest.cqm');
      },
      { modules: probe },
    );
  });

  it('goes on when first requests are given up by their clients', async () => {
    await withWorkerd(async ({ fetch, get }) => {
      await Promise.allSettled(Array.from({ length: 20 }, () => fetch('/search?q=retry', { signal: AbortSignal.timeout(1) })));
      assert.equal((await get('/search?q=retry')).status, 200);
    });
  });

  it('shows a new generation after the time that it may be out of date', async () => {
    await withWorkerd(
      async ({ get, persist }) => {
        const old = await get('/search?q=breaker');
        assert.deepEqual(old.body.hits, []);
        const published = await publish(secondSnapshot, persist);
        assert.equal(published.switched, true);
        const fresh = await eventually(() => get('/search?q=breaker'), ({ body }) => body.hits?.length > 0);
        assert.equal(fresh.body.hits[0].path, 'breaker.go');
        assert.notEqual(fresh.headers.get('etag'), old.headers.get('etag'));
        assert.ok(!(await get('/search?q=enqueue')).body.hits.some((hit) => hit.path === 'lib/queue.py'));
        assert.equal(fresh.headers.get('codequarry-problem'), null);
      },
      { variables: { MANIFEST_TTL_SECONDS: '1' } },
    );
  });

  it('never mixes generations while it switches', async () => {
    await withWorkerd(
      async ({ get, kv }) => {
        let running = true;
        const seen = new Map();
        const ask = async () => {
          const { status, text, headers, body } = await get('/search?q=retry%20breaker%20enqueue&text=0');
          assert.equal(status, 200, text);
          const paths = JSON.stringify(body.hits.map((hit) => hit.path));
          const tag = headers.get('etag');
          assert.equal(seen.get(tag) ?? paths, paths, 'one validator for two answers');
          seen.set(tag, paths);
        };
        const askers = Array.from({ length: 8 }, async () => {
          while (running) await ask();
        });
        try {
          await eventually(() => seen.size, (answers) => answers === 1);
          await upload(kv, secondSnapshot);
          await eventually(() => get('/search?q=breaker'), ({ body }) => body.hits?.length > 0);
        } finally {
          running = false;
          await Promise.all(askers);
        }
        // Those that were under way when the new generation came may all have been answered from the old one.
        await ask();
        assert.equal(seen.size, 2);
      },
      { variables: { MANIFEST_TTL_SECONDS: '1' } },
    );
  });

  it('says that nothing is published, until something is', async () => {
    await withWorkerd(
      async ({ get, kv }) => {
        const { status, body, headers } = await get('/search?q=retry');
        assert.equal(status, 503);
        assert.equal(body.error.code, 'SNAPSHOT_MISSING');
        assert.ok(Number(headers.get('retry-after')) > 0);
        assert.equal((await get('/stats')).status, 503);
        assert.equal((await get('/')).status, 200);
        await upload(kv, firstSnapshot);
        await eventually(() => get('/search?q=retry'), ({ status: now }) => now === 200);
      },
      { empty: true, variables: { MANIFEST_TTL_SECONDS: '1' } },
    );
  });

  it('reports a damaged snapshot with a code, and recovers when it is published again', async () => {
    const damage = [
      ['manifest.cqm', (bytes) => bytes.subarray(0, 40)],
      ['manifest.cqm', () => new TextEncoder().encode('not a manifest at all, but long enough to have a header')],
      ['manifest.cqm', () => new Uint8Array()],
      ['manifest.cqm', (bytes) => bytes.map((byte, at) => (at === bytes.length - 3 ? byte ^ 0x10 : byte))],
      ['.cqs', (bytes) => bytes.subarray(0, bytes.length - 8)],
      ['.cqs', (bytes) => bytes.map((byte, at) => (at === bytes.length >> 1 ? byte ^ 0x10 : byte))],
    ];
    for (const [ending, change] of damage) {
      await withWorkerd(
        async ({ kv, get }) => {
          const key = await keyOf(kv, ending);
          const good = new Uint8Array(await kv.get(key, 'arrayBuffer'));
          await kv.put(key, change(good));
          const { status, body, text } = await get('/search?q=retry');
          assert.equal(status, 500, text);
          assert.match(body.error.code, /^(SNAPSHOT|SEGMENT|MANIFEST|FORMAT)_[A-Z_]+$/);
          assert.ok(!/\bat .*:\d+:\d+|panicked/.test(text), text);
          await kv.put(key, good);
          await eventually(() => get('/search?q=retry'), (answer) => answer.status === 200);
        },
        { variables: { MANIFEST_TTL_SECONDS: '1' } },
      );
    }
  });

  it('refuses a snapshot of a later version with its code', async () => {
    await withWorkerd(async ({ kv, get }) => {
      const bytes = new Uint8Array(await kv.get('default/manifest.cqm', 'arrayBuffer'));
      bytes[8] = 99;
      await kv.put('default/manifest.cqm', bytes);
      const { status, body } = await get('/search?q=retry');
      assert.equal(status, 500);
      assert.equal(body.error.code, 'FORMAT_NEWER');
    });
  });

  it('answers 503 for a segment that is not there yet, and finds it later', async () => {
    await withWorkerd(
      async ({ kv, get }) => {
        const key = await keyOf(kv, '.cqs');
        const good = await kv.get(key, 'arrayBuffer');
        await kv.delete(key);
        const { status, body, headers } = await get('/search?q=retry');
        assert.equal(status, 503);
        assert.equal(body.error.code, 'SNAPSHOT_MISSING_SEGMENT');
        assert.ok(Number(headers.get('retry-after')) > 0);
        await kv.put(key, good);
        await eventually(() => get('/search?q=retry'), (answer) => answer.status === 200);
      },
      { variables: { MANIFEST_TTL_SECONDS: '1' } },
    );
  });

  it('keeps the old generation, and says so, while the new one is damaged, incomplete or gone', async () => {
    await withWorkerd(
      async ({ kv, get }) => {
        assert.equal((await get('/search?q=retry')).status, 200);
        const problem = async (expected) => {
          const answer = await eventually(
            () => get('/search?q=enqueue'),
            ({ headers }) => expected.test(headers.get('codequarry-problem') ?? ''),
          );
          assert.equal(answer.status, 200);
          assert.equal(answer.body.hits[0].path, 'lib/queue.py');
        };
        const good = await kv.get('default/manifest.cqm', 'arrayBuffer');
        await kv.put('default/manifest.cqm', new Uint8Array([1, 2, 3]));
        await problem(/^SNAPSHOT|^MANIFEST/);
        await kv.delete('default/manifest.cqm');
        await problem(/^SNAPSHOT_MISSING$/);
        await kv.put('default/manifest.cqm', good);
        await eventually(() => get('/search?q=enqueue'), ({ headers }) => headers.get('codequarry-problem') === null);

        const lost = (await readdir(secondSnapshot)).find((file) => file.endsWith('.cqs'));
        await upload({ put: (key, value) => (key.endsWith(lost) ? undefined : kv.put(key, value)) }, secondSnapshot);
        await problem(/^SNAPSHOT_MISSING_SEGMENT$/);
        const bytes = new Uint8Array(await readFile(path.join(secondSnapshot, lost)));
        await kv.put(`default/${lost}`, bytes);
        await eventually(() => get('/search?q=breaker'), ({ body }) => body.hits?.length > 0);
      },
      { variables: { MANIFEST_TTL_SECONDS: '1' } },
    );
  });

  it('throws an engine that failed away and goes on with a new one', async () => {
    await withWorkerd(
      async ({ get }) => {
        assert.equal((await get('/search?q=retry')).status, 200);
        for (let turn = 0; turn < 3; turn++) {
          const { status, body, text } = await get('/search?q=fatal%20query');
          assert.equal(status, 500, text);
          assert.deepEqual(Object.keys(body.error), ['code', 'message']);
          assert.equal(body.error.code, 'ENGINE_FAILED');
          const again = await get('/search?q=retry');
          assert.equal(again.status, 200);
          assert.equal(again.body.hits[0].path, 'retry.ts');
        }
        const mixed = await Promise.all(
          Array.from({ length: 24 }, (_, turn) => get(turn % 4 === 3 ? '/search?q=fatal%20query' : '/search?q=retry')),
        );
        for (const { status, body, text } of mixed) {
          assert.ok(status === 200 || ['ENGINE_FAILED', 'SNAPSHOT_LOADING'].includes(body.error.code), text);
        }
        assert.equal((await get('/search?q=retry')).status, 200);
      },
      { modules: probe },
    );
  });

  it('keeps to the prefix, the origins and the size that its variables name', async () => {
    await withWorkerd(
      async ({ get }) => assert.equal((await get('/search?q=retry')).body.error.code, 'SNAPSHOT_MISSING'),
      { variables: { INDEX: 'other/' } },
    );
    await withWorkerd(
      async ({ get, fetch }) => {
        const allowed = async (Origin) => (await get('/search?q=retry', { headers: { Origin } })).headers;
        assert.equal((await allowed('https://b.example')).get('access-control-allow-origin'), 'https://b.example');
        assert.equal((await allowed('https://evil.example')).get('access-control-allow-origin'), null);
        assert.equal((await allowed('https://evil.example')).get('vary'), 'Origin');
        const preflight = await fetch('/search', { method: 'OPTIONS', headers: { Origin: 'https://evil.example' } });
        assert.equal(preflight.headers.get('access-control-allow-origin'), null);
      },
      { variables: { CORS_ORIGIN: 'https://a.example, https://b.example' } },
    );
    await withWorkerd(
      async ({ get }) => {
        const { status, body } = await get('/search?q=retry');
        assert.equal(status, 500);
        assert.equal(body.error.code, 'CONFIG_INVALID');
        assert.equal(body.error.details.variable, 'MANIFEST_TTL_SECONDS');
      },
      { variables: { MANIFEST_TTL_SECONDS: 'often' } },
    );
  });
});

describe('codequarry publish', { timeout: 900_000 }, () => {
  it('indexes a folder and publishes it, reports what it did, and does nothing twice', async () => {
    const persist = path.join(scratch.folder, 'publish');
    await cp(seed, persist, { recursive: true });
    const dry = await publish(path.join(FIXTURES, 'second'), persist, '--dry-run');
    assert.equal(dry.dryRun, true);
    assert.equal(dry.switched, false);
    assert.equal(dry.files, 3);
    assert.equal(dry.uploaded.length, 1);
    const again = await publish(path.join(FIXTURES, 'first'), persist);
    assert.deepEqual(again.uploaded, [], 'a folder and its snapshot make different segments');
    assert.equal(again.switched, false);
    assert.deepEqual(again.warnings, []);
  });

  it('refuses what it cannot understand, with a code', async () => {
    const persist = path.join(scratch.folder, 'refused');
    const cases = [
      [['publish'], /USAGE|OPTION/],
      [['publish', firstSnapshot, '--local'], /USAGE|OPTION/],
      [['publish', firstSnapshot, '--binding', 'A', '--kv-namespace', 'b'], /USAGE|OPTION/],
      [publishArguments(firstSnapshot, persist, '--keep', '-1'), /USAGE|OPTION/],
      [publishArguments(firstSnapshot, persist, '--keep', 'some'), /USAGE|OPTION/],
      [publishArguments(firstSnapshot, persist, '--prefix', '--x'), /USAGE|OPTION/],
      [publishArguments(firstSnapshot, persist, '--nonsense'), /USAGE|OPTION/],
      [publishArguments(path.join(scratch.folder, 'nowhere'), persist), /NOT_FOUND/],
      [publishArguments(await mkdtemp(path.join(scratch.folder, 'empty-')), persist), /NOTHING_INDEXED/],
      [['publish', firstSnapshot, '--binding', 'ABSENT', '--config', path.join(ROOT, 'worker', 'wrangler.toml'), '--local'], /WRANGLER_FAILED.*ABSENT/s],
    ];
    for (const [args, code] of cases) {
      const done = await codequarry(args);
      assert.equal(done.code, 2, `${args.join(' ')}: ${done.stderr}`);
      assert.match(done.stderr, code, args.join(' '));
    }
  });

  it('says how to get wrangler when there is none', async () => {
    const done = await codequarry(['publish', firstSnapshot, '--binding', 'SNAPSHOT', '--local'], {
      cwd: scratch.folder,
      env: { PATH: '' },
    });
    assert.equal(done.code, 2);
    assert.match(done.stderr, /WRANGLER_MISSING/);
    assert.match(done.stderr, /npm install --save-dev wrangler@4/);
  });
});

describe('wrangler dev', { timeout: 900_000 }, () => {
  it('serves the published snapshot as the README says', async () => {
    const port = await freePort();
    const dev = await startWranglerDev(seed, port);
    try {
      const response = await fetch(`${dev.origin}/search?q=retry%20with%20backoff`);
      assert.equal(response.status, 200);
      assert.equal((await response.json()).hits[0].path, 'retry.ts');
    } finally {
      await dev.stop();
    }
  });
});

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
