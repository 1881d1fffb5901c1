/** Vectors and regexes in real workerd: the model comes from KV, beside the snapshot; the module for regexes is part of the script. */
import assert from 'node:assert/strict';
import { cp, readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';

import { ROOT } from './bundle.mjs';
import { bundleWorker, codequarry, publish, scratchFolder, startWorkerd } from './workerd.mjs';

const FIXTURES = path.join(ROOT, 'tests', 'edge', 'fixtures');
const MODEL = path.join(ROOT, 'pkg', 'dist', 'code.cqmodel');
/** What a Worker may have on the free plan, compressed. */
const SCRIPT_BYTES = 3 * 1024 * 1024;

let scratch;
let worker;
let seed;
let snapshot;
let published;

before(
  async () => {
    scratch = await scratchFolder();
    snapshot = path.join(scratch.folder, 'first');
    seed = path.join(scratch.folder, 'seed');
    const done = await codequarry(['index', path.join(FIXTURES, 'first'), '--out', snapshot]);
    assert.equal(done.code, 0, done.stderr);
    published = await publish(snapshot, seed);
    worker = await bundleWorker(path.join(scratch.folder, 'worker'));
  },
  { timeout: 300_000 },
);

after(() => scratch.remove());

/** Runs `check` over a copy of the published KV; `prepare` may change it first. */
async function withWorkerd(check, prepare = async () => {}, variables = {}) {
  const persist = path.join(scratch.folder, `kv-${Math.random().toString(36).slice(2)}`);
  await cp(seed, persist, { recursive: true });
  const workerd = await startWorkerd(worker, persist, variables);
  try {
    await prepare(workerd.kv);
    await check(workerd);
  } finally {
    await workerd.stop();
  }
}

async function modelKey(kv) {
  const { keys } = await kv.list({ prefix: 'default/model-' });
  assert.equal(keys.length, 1);
  return keys[0].name;
}

async function local(query, mode) {
  const { ms, ...result } = JSON.parse((await codequarry(['search', snapshot, query, '--mode', mode, '--json'])).stdout);
  assert.equal(typeof ms, 'number');
  return result;
}

describe('vectors and regexes at the edge', { timeout: 900_000 }, () => {
  let workerd;

  before(async () => {
    workerd = await startWorkerd(worker, seed);
  });

  after(() => workerd?.stop());

  it('publishes the model beside the snapshot, once', async () => {
    assert.equal(published.uploaded.filter((name) => name.startsWith('model-')).length, 1);
    assert.equal(published.segments, published.uploaded.length - 1);
    const again = await publish(snapshot, seed);
    assert.deepEqual([again.uploaded, again.deleted, again.warnings], [[], [], []]);
  });

  it('keeps the script within the limits of the free plan', async () => {
    const { folder } = worker;
    let bytes = 0;
    for (const name of await readdir(folder)) if (/\.(js|wasm)$/.test(name)) bytes += gzipSync(await readFile(path.join(folder, name))).length;
    assert.ok(bytes > 100_000 && bytes < SCRIPT_BYTES, `${bytes} bytes`);
  });

  it('finds by meaning exactly what the command line finds', async () => {
    for (const mode of ['hybrid', 'semantic']) {
      for (const query of ['wait longer after every failed attempt', 'größer 検索', 'retry']) {
        const { status, body } = await workerd.get(`/search?mode=${mode}&q=${encodeURIComponent(query)}`);
        assert.equal(status, 200);
        assert.deepEqual(body, await local(query, mode), `${mode} ${query}`);
      }
    }
    const { body } = await workerd.get('/search?q=wait%20longer%20after%20every%20failed%20attempt');
    assert.deepEqual([body.mode, body.semantic, body.hits[0].path], ['hybrid', undefined, 'retry.ts']);
  });

  it('finds every place of a regex, and says what is wrong with one', async () => {
    const query = '/function \\w+Backoff/';
    const { status, body } = await workerd.get(`/search?mode=exact&q=${encodeURIComponent(query)}`);
    assert.equal(status, 200);
    assert.ok(body.hits.length > 0);
    assert.deepEqual(body, await local(query, 'exact'));
    for (const [regex, code] of [['/(/', 'QUERY_INVALID'], ['/((a{100}){100}){100}/', 'REGEX_TOO_LARGE']]) {
      const { status, body } = await workerd.get(`/search?mode=exact&q=${encodeURIComponent(regex)}`);
      assert.deepEqual([status, body.error.code], [400, code], regex);
    }
    const costly = await workerd.get(`/search?mode=exact&q=${encodeURIComponent('/(a+)+(b|a|ab)*c$/')}`);
    assert.equal(costly.status, 200);
    assert.equal((await workerd.get(`/search?q=${encodeURIComponent('retry /with\\w+/')}`)).body.hits[0].path, 'retry.ts');
  });

  it('refuses a cursor of another generation', async () => {
    const { body } = await workerd.get('/search?q=retry&limit=1');
    assert.equal((await workerd.get(`/search?q=retry&limit=1&cursor=${encodeURIComponent(body.cursor)}`)).status, 200);
    const stale = body.cursor.replace(/\d+/, (number) => String(Number(number) + 1));
    const { status, body: answer } = await workerd.get(`/search?q=retry&limit=1&cursor=${encodeURIComponent(stale)}`);
    assert.ok(status === 400 && ['CURSOR_STALE', 'OPTION_INVALID'].includes(answer.error.code), JSON.stringify(answer));
  });

  it('finds by words, and says why, as long as the model is missing or damaged; then by meaning, under another validator', async () => {
    const damaged = new Uint8Array(await readFile(MODEL));
    damaged[damaged.length >> 1] ^= 1;
    for (const value of [undefined, damaged, damaged.slice(0, 1000), new Uint8Array([1, 2, 3])]) {
      let key;
      const prepare = async (kv) => {
        key = await modelKey(kv);
        await (value ? kv.put(key, value) : kv.delete(key));
      };
      await withWorkerd(
        async ({ get, kv }) => {
          const { status, headers, body } = await get('/search?q=retry');
          assert.deepEqual([status, body.mode, body.semantic, body.hits[0].path], [200, 'lexical', 'MODEL_UNAVAILABLE', 'retry.ts']);
          await kv.put(key, new Uint8Array(await readFile(MODEL)));
          for (const deadline = Date.now() + 30_000; ; ) {
            const again = await get('/search?q=retry');
            if (again.body.mode === 'hybrid') {
              assert.notEqual(again.headers.get('etag'), headers.get('etag'));
              break;
            }
            assert.ok(Date.now() < deadline, again.text);
            await new Promise((resolve) => setTimeout(resolve, 100));
          }
        },
        prepare,
        { MANIFEST_TTL_SECONDS: '1' },
      );
    }
  });
});
