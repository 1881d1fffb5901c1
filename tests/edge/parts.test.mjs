/** A snapshot that was published in parts, in real workerd over local KV: what is read, answers, generations that change, and faults. */
import assert from 'node:assert/strict';
import { cp, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';

import { ROOT } from './bundle.mjs';
import { bundleWorker, codequarry, publishArguments, scratchFolder, startWorkerd } from './workerd.mjs';

const MODEL = path.join(ROOT, 'pkg', 'dist', 'code.cqmodel');
const QUERIES = ['where are postings decoded', 'SegmentWriter', 'put_varint', 'merge segments', 'fn', 'qqqq zzzz'];
const MODES = ['hybrid', 'lexical', 'semantic', 'exact', 'symbol'];
const PREFIX = 'default/';
const dist = (file) => import(pathToFileURL(path.join(ROOT, 'pkg', 'dist', file)).href);

let scratch;
let engine;
let node;
let publishSnapshot;
let worker;
let busy;
let snapshot;
let whole;

before(
  async () => {
    scratch = await scratchFolder();
    engine = await dist('searcher-engine.js');
    await engine.default({ module_or_path: await readFile(path.join(ROOT, 'pkg', 'dist', 'searcher-engine.wasm')) });
    node = await dist('node.js');
    ({ publish: publishSnapshot } = await dist('cli/publish/publisher.js'));
    snapshot = path.join(scratch.folder, 'snapshot');
    const writer = await node.Codequarry.open(snapshot, { workers: 1 });
    await writer.add(node.fromFolder(path.join(ROOT, 'src')));
    await writer.compact();
    await writer.close();
    whole = await node.Codequarry.open(snapshot);
    worker = await bundleWorker(path.join(scratch.folder, 'worker'));
    busy = await bundleWorker(path.join(scratch.folder, 'busy'), path.join(ROOT, 'tests', 'edge', 'busy-worker.ts'));
  },
  { timeout: 300_000 },
);

after(async () => {
  await whole?.close();
  await scratch.remove();
});

/** The namespace of a running workerd, as publishing sees it. */
class LiveNamespace {
  constructor(kv) {
    this.kv = kv;
  }

  async keys(prefix) {
    const names = [];
    for (let cursor; ; ) {
      const page = await this.kv.list({ prefix, cursor });
      names.push(...page.keys.map(({ name }) => name));
      if (page.list_complete) return names;
      cursor = page.cursor;
    }
  }

  async get(key) {
    return new Uint8Array(await this.kv.get(key, 'arrayBuffer'));
  }

  async put(key, file) {
    await this.kv.put(key, new Uint8Array(await readFile(file)));
  }

  async putAll(values) {
    for (const { key, bytes } of values) await this.kv.put(key, bytes.slice());
  }

  delete(key) {
    return this.kv.delete(key);
  }

  async deleteAll(keys) {
    for (const key of keys) await this.kv.delete(key);
  }
}

const publishInto = (kv, folder, more = {}) =>
  publishSnapshot(engine, new LiveNamespace(kv), { folder, prefix: PREFIX, model: MODEL, keep: 1, partsAbove: 0, partBytes: 8192, force: false, dryRun: false, onStep() {}, ...more });

/** Runs `check` against a fresh isolate over a KV into which the snapshot was published in parts. */
async function withWorkerd(check, { modules = worker, variables = {} } = {}) {
  const workerd = await startWorkerd(modules, path.join(scratch.folder, `kv-${Math.random().toString(36).slice(2)}`), { MANIFEST_TTL_SECONDS: '86400', ...variables });
  try {
    const published = await publishInto(workerd.kv, snapshot);
    const parts = (await new LiveNamespace(workerd.kv).keys(PREFIX)).filter((key) => key.includes('.part'));
    const ask = (query, mode = 'lexical') => workerd.get(`/search?mode=${mode}&q=${encodeURIComponent(query)}`);
    await check({ ...workerd, published, parts, ask });
  } finally {
    await workerd.stop();
  }
}

/** What the whole answers, as it is sent. */
const expected = async (query, mode, quarry = whole) => JSON.parse(JSON.stringify(await quarry.query(query, { mode })));
const readsOf = ({ headers }) => Number(headers.get('codequarry-reads'));

describe('a snapshot in parts at the edge', { timeout: 900_000 }, () => {
  it('answers what the whole answers in every mode, reads what answers need, and that once', async () => {
    await withWorkerd(async ({ ask, parts, published, get }) => {
      assert.ok(published.inParts === published.segments && parts.length > 30, `${parts.length} parts`);
      const first = await ask('SegmentWriter');
      assert.deepEqual(first.body, await expected('SegmentWriter', 'lexical'));
      assert.ok(readsOf(first) > 3 && readsOf(first) < parts.length / 2, `${readsOf(first)} reads of ${parts.length} parts`);
      assert.equal(readsOf(await ask('SegmentWriter')), 0);
      for (const mode of MODES) {
        for (const query of QUERIES) {
          const { status, body } = await ask(query, mode);
          assert.equal(status, 200);
          const answer = await expected(query, mode);
          // In parts an exact search looks through less before it stops; what it shows is the same.
          if (mode === 'exact' && !body.complete) {
            assert.ok(body.total >= body.hits.length && body.total <= answer.total, `${body.total} of ${answer.total}`);
            Object.assign(body, { complete: answer.complete, total: answer.total });
          }
          assert.deepEqual(body, answer, `${mode} ${query}`);
        }
      }
      const { body } = await get('/stats');
      assert.equal(body.files, (await whole.stats()).files);
      const answers = await Promise.all(Array.from({ length: 8 }, () => ask('how are chunks cut')));
      for (const answer of answers) assert.deepEqual(answer.body, await expected('how are chunks cut', 'lexical'));
    });
  });

  it('says that a part is missing, cut or changed, goes on with what it has, and answers when the part is there again', async () => {
    await withWorkerd(async ({ ask, kv, parts }) => {
      assert.equal((await ask('SegmentWriter')).status, 200);
      const later = parts.filter((key) => !key.endsWith('.part0'));
      const values = new Map();
      for (const key of later) values.set(key, new Uint8Array(await kv.get(key, 'arrayBuffer')));
      const damage = (bytes) => bytes.map((byte, at) => (at % 50 === 0 ? byte ^ 1 : byte));
      for (const [change, status, code] of [
        [(key) => kv.delete(key), 503, 'SNAPSHOT_MISSING_SEGMENT'],
        [(key, bytes) => kv.put(key, bytes.slice(0, 100)), 500, 'SNAPSHOT_TRUNCATED'],
        [(key, bytes) => kv.put(key, damage(bytes)), 500, 'SNAPSHOT_CHECKSUM'],
      ]) {
        for (const [key, bytes] of values) await change(key, bytes);
        const answer = await ask('where are postings decoded');
        assert.deepEqual([answer.status, answer.body.error?.code], [status, code]);
        assert.equal(answer.headers.has('retry-after'), status === 503);
        assert.deepEqual((await ask('SegmentWriter')).body, await expected('SegmentWriter', 'lexical'), 'what it has it goes on with');
      }
      for (const [key, bytes] of values) await kv.put(key, bytes);
      assert.deepEqual((await ask('where are postings decoded')).body, await expected('where are postings decoded', 'lexical'));
    });
  });

  it('opens the newer generation when a part of its own is gone, and mixes nothing', async () => {
    await withWorkerd(async ({ ask, kv, published }) => {
      const before = await ask('SegmentWriter');
      assert.equal(before.body.generation, published.generation);
      const folder = path.join(scratch.folder, 'newer');
      await cp(snapshot, folder, { recursive: true });
      const writer = await node.Codequarry.open(folder, { workers: 1 });
      await writer.remove('segment/codec.rs');
      await writer.compact();
      await writer.close();
      const again = await publishInto(kv, folder, { keep: 0 });
      assert.ok(again.deleted.length > 0 && again.generation > published.generation);
      const newer = await node.Codequarry.open(folder);
      try {
        const answers = await Promise.all(QUERIES.slice(1, 5).map((query) => ask(query)));
        for (const [at, { status, body }] of answers.entries()) {
          assert.equal(status, 200);
          const truth = body.generation === again.generation ? newer : whole;
          assert.deepEqual(body, await expected(QUERIES[at + 1], 'lexical', truth));
        }
        const asked = await ask('where are postings decoded');
        assert.deepEqual(asked.body, await expected('where are postings decoded', 'lexical', newer));
        assert.notEqual((await ask('SegmentWriter')).headers.get('etag'), before.headers.get('etag'));
      } finally {
        await newer.close();
      }
    });
  });

  it('reads again what KV refused, and says so when it goes on refusing', async () => {
    await withWorkerd(
      async ({ ask, get }) => {
        assert.equal((await ask('SegmentWriter')).status, 200);
        await get('/busy?times=2');
        assert.deepEqual((await ask('put_varint')).body, await expected('put_varint', 'lexical'));
        await get('/busy?times=1000');
        const refused = await ask('where are postings decoded');
        assert.deepEqual([refused.status, refused.body.error?.code], [503, 'STORE_UNAVAILABLE']);
        assert.ok(refused.headers.has('retry-after'));
        assert.equal((await ask('SegmentWriter')).status, 200);
        await get('/busy?times=0');
        assert.deepEqual((await ask('where are postings decoded')).body, await expected('where are postings decoded', 'lexical'));
      },
      { modules: busy },
    );
  });

  it('is published so by the command line, through wrangler, and found whole by the owner’s way of reading', async () => {
    const persist = path.join(scratch.folder, 'by-command');
    // A segment of one or two parts of the command's size stays one value, so this takes more source.
    const large = path.join(scratch.folder, 'large');
    const writer = await node.Codequarry.open(large, { workers: 1 });
    await writer.add(node.fromFolder(path.join(ROOT, 'node_modules', 'webpack', 'lib', 'javascript')));
    await writer.compact();
    const wanted = await writer.query('parse an import', { limit: 3 });
    await writer.close();
    const done = await codequarry(publishArguments(large, persist, '--parts-above', '0'));
    assert.equal(done.code, 0, done.stderr);
    const published = JSON.parse(done.stdout);
    assert.ok(published.inParts > 0, done.stdout);
    const again = JSON.parse((await codequarry(publishArguments(large, persist, '--parts-above', '0'))).stdout);
    assert.deepEqual([again.uploaded, again.switched], [[], false]);
    const workerd = await startWorkerd(worker, persist);
    try {
      const { body } = await workerd.get('/search?q=parse+an+import&limit=3');
      assert.deepEqual(body.hits.map(({ id, score }) => [id, score]), wanted.hits.map(({ id, score }) => [id, score]));
      const { KvStore } = await dist('stores/kv.js');
      const store = new KvStore(workerd.kv, PREFIX);
      const [name] = published.uploaded.filter((key) => key.startsWith('seg-'));
      assert.equal((await store.get(`${name}.cqs`)).byteLength, (await readFile(path.join(large, `${name}.cqs`))).byteLength);
    } finally {
      await workerd.stop();
    }
  });
});
