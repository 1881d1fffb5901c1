/** The package's stores in a real browser, against the cases that every store has to pass. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { build } from 'esbuild';
import { storeCases } from '../../pkg/dist/stores/conformance.js';
import { ROOT, WORK, cannotRun, launch, openPage } from './harness.mjs';
import { serve } from './server.mjs';

const options = { skip: cannotRun, timeout: 60_000 };
const FOLDER = path.join(WORK, 'store');
let browser;
let server;
let page;

before(async () => {
  if (cannotRun) return;
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(
    path.join(FOLDER, 'index.html'),
    '<!doctype html><title>Stores</title><script type="module" src="./cases.js"></script>',
  );
  const contents = `
    import { IndexedDbStore, OpfsStore, openLocalStore } from './pkg/dist/browser.js';
    import { manifestOf, storeCases } from './pkg/dist/stores/conformance.js';
    const worker = new URL('worker.js', location.href);
    const stores = { IndexedDB: IndexedDbStore, OPFS: OpfsStore };
    const openStore = (kind, name) => stores[kind].open(name, { worker });
    const runCase = (kind, name) => storeCases.find((known) => known.name === name).run(() => openStore(kind, name));
    Object.assign(globalThis, { IndexedDbStore, OpfsStore, manifestOf, openLocalStore, openStore, runCase, stores });
  `;
  await build({
    stdin: { contents, resolveDir: ROOT },
    bundle: true,
    format: 'esm',
    outfile: path.join(FOLDER, 'cases.js'),
    logLevel: 'error',
  });
  await build({ entryPoints: [path.join(ROOT, 'pkg/dist/worker.js')], bundle: true, format: 'esm', outdir: FOLDER, logLevel: 'error' });
  server = await serve(FOLDER);
  browser = await launch();
  ({ page } = await openPage(browser, server.url));
  await page.waitForFunction(() => globalThis.runCase !== undefined);
});
after(async () => {
  await browser?.close();
  await server?.close();
});

for (const kind of ['IndexedDB', 'OPFS']) {
  for (const { name } of storeCases) test(`${kind}: ${name}`, options, () => page.evaluate(([store, wanted]) => globalThis.runCase(store, wanted), [kind, name]));
}

test('OPFS: names are listed, and a removed snapshot is gone', options, async () => {
  const outcome = await page.evaluate(async () => {
    const { OpfsStore } = globalThis;
    const store = await OpfsStore.open('a / name?', { worker: new URL('worker.js', location.href) });
    await store.put('seg-1.cqs', new Uint8Array([1]));
    await store.close();
    const before = await OpfsStore.names();
    await OpfsStore.remove('a / name?');
    await OpfsStore.remove('never there');
    return [before.includes('a / name?'), (await OpfsStore.names()).includes('a / name?')];
  });
  assert.deepEqual(outcome, [true, false]);
});

for (const kind of ['IndexedDB', 'OPFS']) {
  test(`${kind}: a snapshot that was deleted reads as empty and does not come back`, options, async () => {
    const outcome = await page.evaluate(async (wanted) => {
      const { names, remove } = globalThis.stores[wanted];
      const open = (name) => globalThis.openStore(wanted, name);
      const there = async () => (await names()).includes('gone');
      const code = (promise) => promise.then(() => 'done', (error) => `${error.code} ${error.details?.found}`);
      const store = await open('gone');
      const unused = await open('gone');
      await store.put('seg-1.cqs', new Uint8Array([1]));
      await store.swapManifest(0, globalThis.manifestOf(1));
      const steps = [await there()];
      await remove('gone');
      steps.push(await store.readManifest(), await store.get('seg-1.cqs'), await store.list(), await store.getRanges('seg-1.cqs', [{ start: 0, end: 1 }]));
      await store.delete('seg-1.cqs');
      steps.push(await code(store.put('seg-2.cqs', new Uint8Array([2]))), await code(store.swapManifest(1, globalThis.manifestOf(2))), await there());
      // Who has seen nothing of it begins it anew, and then it is there for all.
      await unused.put('seg-3.cqs', new Uint8Array([3]));
      await unused.swapManifest(0, globalThis.manifestOf(1));
      steps.push((await store.readManifest()).generation, [...(await store.get('seg-3.cqs'))], await there());
      await Promise.all([store.close(), unused.close()]);
      await remove('gone');
      return [...steps, await there()];
    }, kind);
    const [stale, nothing] = ['STALE_GENERATION 0', undefined];
    assert.deepEqual(outcome, [true, nothing, nothing, [], nothing, stale, stale, false, 1, [3], true, false]);
  });
}

test('OPFS: a worker that died is replaced, and what it was asked is asked again', options, async () => {
  const outcome = await page.evaluate(async () => {
    const workers = [];
    const { Worker } = globalThis;
    globalThis.Worker = class extends Worker {
      constructor(...args) {
        super(...args);
        workers.push(this);
      }
    };
    try {
      const store = await globalThis.OpfsStore.open('died', { worker: new URL('worker.js', location.href) });
      await store.put('seg-1.cqs', new Uint8Array([1]));
      const asked = [store.get('seg-1.cqs'), store.put('seg-2.cqs', new Uint8Array([2]))];
      workers[0].terminate();
      workers[0].onerror(new ErrorEvent('error', { message: 'out of memory' }));
      const [one] = await Promise.all(asked);
      const two = await store.get('seg-2.cqs');
      await store.close();
      const after = await store.get('seg-1.cqs').catch((error) => error.code);
      return [[...one], [...two], workers.length, after];
    } finally {
      globalThis.Worker = Worker;
    }
  });
  assert.deepEqual(outcome, [[1], [2], 2, 'CLOSED']);
});

test('OPFS: where it is refused the store is IndexedDB', options, async () => {
  const label = await page.evaluate(async () => {
    const { getDirectory } = StorageManager.prototype;
    delete StorageManager.prototype.getDirectory;
    try {
      return (await globalThis.openLocalStore('refused')).label;
    } finally {
      StorageManager.prototype.getDirectory = getDirectory;
    }
  });
  assert.equal(label, 'IndexedDB "refused"');
});

test('IndexedDB: what one tab has written another one finds', options, async () => {
  const other = await page.context().newPage();
  await other.goto(server.url);
  await other.waitForFunction(() => globalThis.IndexedDbStore !== undefined);
  const put = (tab, byte) =>
    tab.evaluate(async (value) => {
      const store = await globalThis.IndexedDbStore.open('two tabs');
      await store.put(`seg-${value}.cqs`, new Uint8Array([value]));
      await store.close();
    }, byte);
  await Promise.all([put(page, 1), put(other, 2)]);
  const found = await other.evaluate(async () => {
    const store = await globalThis.IndexedDbStore.open('two tabs');
    return (await store.list()).map(({ key }) => key).sort();
  });
  assert.deepEqual(found, ['seg-1.cqs', 'seg-2.cqs']);
});

test('IndexedDB: names of snapshots are listed', options, async () => {
  assert.ok((await page.evaluate(() => globalThis.IndexedDbStore.names())).includes('two tabs'));
});
