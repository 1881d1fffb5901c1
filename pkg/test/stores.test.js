/** Stores: the conformance cases, and what is peculiar to each. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFile, mkdir, readFile, readdir, truncate, unlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { FolderStore, HttpStore, MemoryStore } from 'codequarry';
import { Turns } from '../dist/persist/turns.js';
import { KvStore } from '../dist/stores/kv.js';
import { tempFolder, withoutPermission } from './helpers.js';
import { manifestOf, storeCases } from 'codequarry/store-conformance';

for (const { name, run } of storeCases) {
  test(`memory: ${name}`, async () => {
    const store = new MemoryStore();
    await run(async () => store);
  });
  test(`folder: ${name}`, async (t) => {
    const folder = await tempFolder(t);
    await run(() => FolderStore.open(folder));
  });
}

test('folder: nothing is left behind but blobs, the manifest and its last four generations', async (t) => {
  const folder = await tempFolder(t);
  const store = await FolderStore.open(folder);
  await store.put('seg-a.cqs', new Uint8Array(5));
  for (let generation = 0; generation < 7; generation++) await store.swapManifest(generation, manifestOf(generation + 1));
  await assert.rejects(store.swapManifest(1, manifestOf(2)), { code: 'STALE_GENERATION' });
  assert.deepEqual((await readdir(folder)).sort(), ['manifest-4.cqm', 'manifest-5.cqm', 'manifest-6.cqm', 'manifest-7.cqm', 'manifest.cqm', 'seg-a.cqs']);
});

test('folder: a generation whose writer died before it was published is found', async (t) => {
  const folder = await tempFolder(t);
  const store = await FolderStore.open(folder);
  await store.swapManifest(0, manifestOf(1));
  await writeFile(join(folder, 'manifest-2.cqm'), manifestOf(2));
  assert.equal((await store.readManifest())?.generation, 2);
  await store.swapManifest(2, manifestOf(3));
  assert.deepEqual(new Uint8Array(await readFile(join(folder, 'manifest.cqm'))), manifestOf(3));
});

test('folder: a writer that slept through its generation does not win it later', async (t) => {
  const folder = await tempFolder(t);
  const store = await FolderStore.open(folder);
  for (let generation = 0; generation < 8; generation++) await store.swapManifest(generation, manifestOf(generation + 1));
  // What a writer sees that compared generations long ago: its number is free again, because it was tidied away.
  const slow = await FolderStore.open(folder);
  slow.readManifest = async () => ({ generation: 1, bytes: manifestOf(1) });
  await assert.rejects(slow.swapManifest(1, manifestOf(2)), { code: 'STALE_GENERATION' });
  assert.equal((await store.readManifest())?.generation, 8);
  assert.ok(!(await readdir(folder)).includes('manifest-2.cqm'));
});

test('folder: a damaged manifest is an error, not an empty store', async (t) => {
  const folder = await tempFolder(t);
  const store = await FolderStore.open(folder);
  await store.swapManifest(0, manifestOf(1));
  await truncate(join(folder, 'manifest.cqm'), 20);
  await assert.rejects(store.readManifest(), { code: 'SNAPSHOT_CORRUPT' });
  await writeFile(join(folder, 'manifest.cqm'), 'something else entirely, from another program');
  await assert.rejects(store.readManifest(), { code: 'SNAPSHOT_FOREIGN' });
  await writeFile(join(folder, 'manifest.cqm'), '');
  await assert.rejects(store.swapManifest(0, manifestOf(1)), { code: 'SNAPSHOT_CORRUPT' });
});

test('folder: a copy without the numbered links is the same snapshot', async (t) => {
  const [folder, copy] = [await tempFolder(t), await tempFolder(t)];
  const store = await FolderStore.open(folder);
  for (let generation = 0; generation < 3; generation++) await store.swapManifest(generation, manifestOf(generation + 1));
  await copyFile(join(folder, 'manifest.cqm'), join(copy, 'manifest.cqm'));
  const other = await FolderStore.open(copy);
  assert.equal((await other.readManifest())?.generation, 3);
  await other.swapManifest(3, manifestOf(4));
  assert.equal((await other.readManifest())?.generation, 4);
});

test('folder: what is missing, read-only or a file says so', async (t) => {
  const folder = await tempFolder(t);
  await assert.rejects(FolderStore.open(join(folder, 'none'), { access: 'read' }), { code: 'STORE_NOT_FOUND' });
  await writeFile(join(folder, 'file'), 'x');
  await assert.rejects(FolderStore.open(join(folder, 'file'), { access: 'read' }), { code: 'STORE_NOT_FOUND' });
  const store = await FolderStore.open(folder, { access: 'read' });
  for (const write of [store.put('a.cqs', new Uint8Array()), store.delete('a.cqs'), store.swapManifest(0, manifestOf(1)), store.clear()]) {
    await assert.rejects(write, { code: 'STORE_READ_ONLY' });
  }
});

test('folder: a folder without write permission is STORE_DENIED', { skip: !process.getuid }, async (t) => {
  const folder = join(await tempFolder(t), 'locked');
  await mkdir(folder);
  const store = await FolderStore.open(folder);
  await withoutPermission(folder, async () => {
    await assert.rejects(store.put('a.cqs', new Uint8Array(1)), { code: 'STORE_DENIED' });
    await assert.rejects(store.swapManifest(0, manifestOf(1)), { code: 'STORE_DENIED' });
    await assert.rejects(FolderStore.open(join(folder, 'new')), { code: 'STORE_DENIED' });
  });
  assert.deepEqual(await store.list(), []);
});

test('folder: of several processes exactly one wins each generation', async (t) => {
  const folder = await tempFolder(t);
  const script = join(import.meta.dirname, 'swapper.js');
  const wins = await Promise.all(
    [1, 2, 3].map(
      (id) =>
        new Promise((resolve, reject) => {
          const child = spawn(process.execPath, [script, folder, String(id), '25']);
          let output = '';
          child.stdout.on('data', (data) => (output += data));
          child.stderr.on('data', (data) => process.stderr.write(data));
          child.on('error', reject);
          child.on('close', (code) => (code === 0 ? resolve(Number(output)) : reject(new Error(`swapper ended with ${code}`))));
        }),
    ),
  );
  const store = await FolderStore.open(folder);
  assert.deepEqual(wins, [25, 25, 25]);
  assert.equal((await store.readManifest())?.generation, 75, 'each win is one generation');
});

/**
 * @param {import('node:test').TestContext} t
 * @param {import('node:http').RequestListener} listener
 */
async function serve(t, listener) {
  const server = createServer(listener);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  t.after(() => server.close());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

test('http: blobs, ranges and the manifest are read, nothing is written', async (t) => {
  const blob = Uint8Array.from({ length: 100 }, (_, index) => index);
  /** @type {Record<string, Uint8Array>} */
  const files = { '/snap/manifest.cqm': manifestOf(7), '/snap/seg-a.cqs': blob };
  const base = await serve(t, (request, response) => {
    const bytes = files[request.url ?? ''];
    const range = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '');
    if (!bytes) response.writeHead(404).end();
    else if (range && Number(range[1]) >= bytes.length) response.writeHead(416).end();
    else if (range) response.writeHead(206).end(bytes.subarray(Number(range[1]), Number(range[2]) + 1));
    else response.writeHead(200).end(bytes);
  });
  const store = new HttpStore(`${base}/snap`);
  assert.equal((await store.readManifest())?.generation, 7);
  assert.deepEqual(await store.get('seg-a.cqs'), blob);
  assert.equal(await store.get('seg-b.cqs'), undefined);
  assert.deepEqual(await store.getRange('seg-a.cqs', 10, 20), blob.slice(10, 20));
  assert.deepEqual(await store.getRange('seg-a.cqs', 200, 300), new Uint8Array());
  assert.equal(await new HttpStore(`${base}/elsewhere/`).readManifest(), undefined);
  await assert.rejects(store.put('seg-a.cqs', blob), { code: 'STORE_READ_ONLY' });
  await assert.rejects(store.swapManifest(7, manifestOf(8)), { code: 'STORE_READ_ONLY' });
  await assert.rejects(store.list(), { code: 'STORE_UNSUPPORTED' });
});

test('http: a server without ranges, in trouble, breaking off, or gone', async (t) => {
  const blob = Uint8Array.from({ length: 100 }, (_, index) => index);
  const base = await serve(t, (request, response) => {
    if (request.url === '/500/seg-a.cqs') response.writeHead(500).end('trouble');
    else if (request.url === '/cut/seg-a.cqs') {
      response.writeHead(200, { 'content-length': '100' });
      response.write(blob.subarray(0, 50), () => response.destroy());
    } else response.writeHead(200).end(blob);
  });
  assert.deepEqual(await new HttpStore(`${base}/whole/`).getRange('seg-a.cqs', 10, 20), blob.slice(10, 20));
  await assert.rejects(new HttpStore(`${base}/500/`).get('seg-a.cqs'), { code: 'HTTP_STATUS', details: { status: 500 } });
  await assert.rejects(new HttpStore(`${base}/cut/`).get('seg-a.cqs'), { code: 'STORE_FAILED' });
  await assert.rejects(new HttpStore('http://127.0.0.1:9/').get('seg-a.cqs'), { code: 'STORE_FAILED' });
  await assert.rejects(new HttpStore(`${base}/html/`).readManifest(), { code: 'SNAPSHOT_FOREIGN' });
});

test('kv: values are read under the prefix', async () => {
  const values = new Map([
    ['app/manifest.cqm', manifestOf(3)],
    ['app/seg-a.cqs', Uint8Array.of(1, 2, 3)],
  ]);
  const store = new KvStore(
    {
      get: async (key) => /** @type {ArrayBuffer | undefined} */ (values.get(key)?.slice().buffer) ?? null,
      list: async ({ prefix = '' }) => ({ keys: [...values.keys()].filter((name) => name.startsWith(prefix)).map((name) => ({ name })), list_complete: true }),
    },
    'app/',
  );
  assert.equal((await store.readManifest())?.generation, 3);
  assert.deepEqual(await store.get('seg-a.cqs'), Uint8Array.of(1, 2, 3));
  assert.deepEqual(await store.getRange('seg-a.cqs', 1, 9), Uint8Array.of(2, 3));
  assert.equal(await store.get('seg-b.cqs'), undefined);
  assert.deepEqual(
    (await store.list()).map(({ key }) => key),
    ['seg-a.cqs'],
  );
  await assert.rejects(store.put('seg-a.cqs', new Uint8Array()), { code: 'STORE_READ_ONLY' });
});

test('the store of the README does what every store must do', async (t) => {
  const readme = await readFile(join(import.meta.dirname, '..', 'README.md'), 'utf8');
  const code = /```js\n(import \{ checkKey[^]*?)```/.exec(readme)?.[1] ?? '';
  assert.ok(code.split('\n').length < 50, 'it is as short as it says');
  const file = join(import.meta.dirname, `.readme-store-${process.pid}.mjs`);
  await writeFile(file, code);
  t.after(() => unlink(file));
  const { KeyValueStore } = await import(file);
  for (const { name, run } of storeCases) {
    const map = new Map();
    const turns = new Turns();
    await t.test(name, () => run(async () => new KeyValueStore(map, (/** @type {() => Promise<void>} */ work) => turns.run(work))));
  }
});
