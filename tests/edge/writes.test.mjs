/** The endpoint that can be written to, in real workerd: a Durable Object that owns the index, KV with copies for readers. */
import assert from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';

import { storeCases } from '../../pkg/dist/stores/conformance.js';
import { ROOT } from './bundle.mjs';
import { bundleWorker, codequarry, ownedBy, publish, scratchFolder, startWorkerd } from './workerd.mjs';

const TOKEN = 'open sesame';
const VARIABLES = { WRITE_TOKEN: TOKEN, MANIFEST_TTL_SECONDS: '1', CACHE_SECONDS: '0' };
const AUTHORIZED = { Authorization: `Bearer ${TOKEN}` };

let scratch;
let worker;

before(
  async () => {
    scratch = await scratchFolder();
    worker = await bundleWorker(path.join(scratch.folder, 'worker'), path.join(ROOT, 'worker', 'src', 'writable.ts'));
  },
  { timeout: 300_000 },
);
after(() => scratch.remove());

const freshFolder = () => path.join(scratch.folder, `state-${Math.random().toString(36).slice(2)}`);

/** What a client of the endpoint does. */
function clientOf(workerd) {
  const ask = (target, init = {}) => workerd.get(target, { ...init, headers: { ...AUTHORIZED, ...init.headers } });
  return {
    ...workerd,
    put: (files) => ask('/index/files', { method: 'PUT', body: JSON.stringify({ files: Object.entries(files).map(([name, text]) => ({ path: name, text })) }) }),
    remove: (...paths) => ask(`/index/files?${new URLSearchParams(paths.map((name) => ['path', name]))}`, { method: 'DELETE' }),
    rollback: () => ask('/index/rollback', { method: 'POST' }),
    status: async () => (await ask('/index/status')).body,
    /** Paths of the hits by words, once they are as many as wanted. */
    async found(query, wanted) {
      for (const deadline = Date.now() + 30_000; ; ) {
        const { status, body, text } = await workerd.get(`/search?mode=lexical&q=${encodeURIComponent(query)}&t=${Math.random()}`);
        const paths = status === 200 ? body.hits.map((hit) => hit.path) : [];
        if ((status === 200 || wanted === 0) && paths.length === wanted) return paths;
        assert.ok(Date.now() < deadline, `still ${status} ${text}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
  };
}

async function withEndpoint(check, { persist = freshFolder(), variables = {} } = {}) {
  const workerd = await startWorkerd(worker, persist, { ...VARIABLES, ...variables }, ownedBy(persist));
  try {
    return await check(clientOf(workerd));
  } finally {
    await workerd.stop();
  }
}

/** Waits until KV has what the owner has. */
async function copied(client) {
  for (const deadline = Date.now() + 30_000; ; ) {
    const status = await client.status();
    if (status.copied === status.generation && status.generation > 0) return status;
    assert.ok(Date.now() < deadline, JSON.stringify(status));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe('an endpoint that can be written to', { timeout: 900_000 }, () => {
  it('adds, finds, changes, removes and takes back', () =>
    withEndpoint(async (client) => {
      const first = await client.put({ 'src/retry.ts': 'export function retryWithBackoff() {}\n', 'src/pool.py': 'class Pool:\n    def acquire(self):\n        pass\n' });
      assert.equal(first.status, 200, first.text);
      assert.deepEqual(first.body, { generation: 1, files: 2, problems: [] });
      assert.deepEqual(await client.found('retry', 1), ['src/retry.ts']);
      const { body } = await client.get('/search?q=acquire');
      assert.deepEqual([body.hits[0].kind, body.hits[0].symbol], ['class', 'Pool'], 'it was parsed');
      assert.equal((await client.put({ 'src/retry.ts': 'export function somethingElse() {}\n' })).body.generation, 2);
      await client.found('backoff', 0);
      assert.deepEqual((await client.remove('src/pool.py', 'no/such.file')).body, { generation: 3, removed: 1 });
      await client.found('acquire', 0);
      assert.equal((await client.rollback()).body.generation, 4);
      assert.deepEqual(await client.found('acquire', 1), ['src/pool.py']);
    }));

  it('brings KV up to date, where an endpoint without an owner finds it', () =>
    withEndpoint(async (client) => {
      await client.put({ 'a.js': 'function alpha() {}\n' });
      await client.put({ 'b.js': 'function beta() {}\n' });
      await copied(client);
      const { keys } = await client.kv.list({ prefix: 'default/' });
      assert.ok(keys.some(({ name }) => name === 'default/manifest.cqm'));
      assert.equal(keys.filter(({ name }) => name.endsWith('.cqs')).length, 2);
    }));

  it('goes on where it was after workerd was stopped', async () => {
    const persist = freshFolder();
    await withEndpoint((client) => client.put({ 'a.js': 'function alpha() {}\n' }), { persist });
    await withEndpoint(
      async (client) => {
        assert.deepEqual(await client.found('alpha', 1), ['a.js']);
        assert.equal((await client.put({ 'b.js': 'function beta() {}\n' })).body.generation, 2);
        assert.deepEqual(await client.found('beta', 1), ['b.js']);
        await copied(client);
      },
      { persist },
    );
  });

  it('writes requests that come together together, and acknowledges each', () =>
    withEndpoint(async (client) => {
      const answers = await Promise.all(Array.from({ length: 40 }, (_, at) => client.put({ [`f${at}.js`]: `function worker${at}() {}\n` })));
      for (const { status, text } of answers) assert.equal(status, 200, text);
      const generations = new Set(answers.map(({ body }) => body.generation));
      assert.ok(generations.size < 40, `${generations.size} generations for 40 requests`);
      assert.equal((await client.get('/stats')).body.files, 40);
    }));

  it('takes over what was published before', async () => {
    const persist = freshFolder();
    const snapshot = path.join(scratch.folder, 'published');
    const done = await codequarry(['index', path.join(ROOT, 'tests', 'edge', 'fixtures', 'first'), '--out', snapshot]);
    assert.equal(done.code, 0, done.stderr);
    await publish(snapshot, persist);
    await withEndpoint(
      async (client) => {
        assert.ok((await client.get('/search?q=retry')).body.hits.length > 0);
        assert.equal((await client.put({ 'new.js': 'function zebrafish() {}\n' })).status, 200);
        assert.deepEqual(await client.found('zebrafish', 1), ['new.js']);
        const { body } = await client.get('/search?q=zebrafish');
        assert.deepEqual([body.mode, body.semantic], ['hybrid', undefined], 'what was put has vectors of the model that was published');
        assert.equal((await client.get('/stats')).body.files, 4);
        assert.equal((await copied(client)).generation, 2);
      },
      { persist },
    );
  });

  it('reports files that it does not index, and refuses what is no request', () =>
    withEndpoint(async (client) => {
      const { body } = await client.put({ '../outside.js': 'let a;\n', 'ok.js': 'let b;\n' });
      assert.equal(body.problems.length, 1);
      assert.equal(body.problems[0].path, '../outside.js');
      const put = (text) => client.get('/index/files', { method: 'PUT', headers: AUTHORIZED, body: text });
      for (const wrong of ['', '{', '[]', '{}', '{"files":[]}', '{"files":[{}]}', '{"files":[{"path":1,"text":""}]}', '{"files":"x"}', 'null']) {
        const answer = await put(wrong);
        assert.equal(`${answer.status} ${answer.body.error.code}`, '400 BODY_INVALID', wrong);
      }
      const large = await put(JSON.stringify({ files: [{ path: 'large.js', text: 'x'.repeat(8_000_001) }] }));
      assert.equal(`${large.status} ${large.body.error.code}`, '413 BODY_TOO_LARGE');
      assert.equal((await client.remove()).body.error.code, 'OPTION_INVALID');
      assert.equal((await client.get('/index/nothing', { headers: AUTHORIZED })).status, 404);
      assert.equal((await client.get('/index/files', { headers: AUTHORIZED })).status, 405);
      await withoutChange(client);
    }));

  async function withoutChange(client) {
    assert.deepEqual((await client.get('/stats')).body.files, 1);
  }

  it('lets nobody write without the token, and nobody at all without a secret', async () => {
    await withEndpoint(async (client) => {
      for (const headers of [{}, { Authorization: 'Bearer wrong' }, { Authorization: TOKEN }, { Authorization: 'Bearer ' }]) {
        for (const [target, method] of [
          ['/index/files', 'PUT'],
          ['/index/files?path=a', 'DELETE'],
          ['/index/rollback', 'POST'],
          ['/index/status', 'GET'],
        ]) {
          const { status, body } = await client.get(target, { method, headers });
          assert.equal(`${status} ${body.error.code}`, '401 UNAUTHORIZED', target);
        }
      }
      assert.equal((await client.get('/search?q=a')).body.error.code, 'SNAPSHOT_MISSING', 'reading is open');
    });
    await withEndpoint(
      async (client) => {
        const { status, body } = await client.put({ 'a.js': '' });
        assert.equal(`${status} ${body.error.code}`, '403 WRITES_DISABLED');
      },
      { variables: { WRITE_TOKEN: '' } },
    );
  });

  it('has no such routes where it has no owner', async () => {
    const plain = await bundleWorker(path.join(scratch.folder, 'plain'));
    const workerd = await startWorkerd(plain, freshFolder(), VARIABLES);
    try {
      assert.equal((await workerd.get('/index/files', { method: 'PUT', headers: AUTHORIZED, body: '{}' })).status, 405);
      assert.equal((await workerd.get('/index/status', { headers: AUTHORIZED })).status, 404);
    } finally {
      await workerd.stop();
    }
  });
});

describe('the store of a Durable Object', { timeout: 900_000 }, () => {
  let workerd;

  before(async () => {
    const modules = await bundleWorker(path.join(scratch.folder, 'store'), path.join(ROOT, 'tests', 'edge', 'store-worker.ts'));
    const persist = freshFolder();
    workerd = await startWorkerd(modules, persist, {}, ownedBy(persist, 'StoreOwner'));
  });
  after(() => workerd?.stop());

  for (const { name } of storeCases) {
    it(name, async () => {
      const response = await workerd.fetch(`/?case=${encodeURIComponent(name)}`);
      assert.equal(await response.text(), 'passed');
    });
  }
});
