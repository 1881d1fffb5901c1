/** A large index in the browser's own stores, opened in parts: what is read and held, answers, generations that change under a reader, and faults. */

import assert from 'node:assert/strict';
import { cpSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Codequarry, fromFolder } from '../../pkg/dist/node.js';
import { ROOT, WORK, cannotRun, launch } from './harness.mjs';
import { packagePage, packageTab } from './package-page.mjs';
import { serve } from './server.mjs';

const options = { skip: cannotRun, timeout: 120_000 };
const FOLDER = path.join(WORK, 'partial-stores');
const QUERIES = ['where are postings decoded', 'SegmentWriter', 'put_varint', 'merge segments', 'fn', 'qqqq zzzz'];
let browser;
let server;
let page;

before(async () => {
  if (cannotRun) return;
  await packagePage(FOLDER);
  cpSync(path.join(ROOT, 'pkg', 'dist', 'code.cqmodel'), path.join(FOLDER, 'code.cqmodel'));
  const writer = await Codequarry.open(path.join(FOLDER, 'snapshot'), { workers: 1 });
  await writer.add(fromFolder(path.join(ROOT, 'src')));
  await writer.compact();
  await writer.close();
  server = await serve(FOLDER);
  browser = await launch();
  page = await packageTab(await browser.newContext(), server.url);
  page.setDefaultTimeout(60_000);
  await page.evaluate((names) => {
    globalThis.names = names;
    const { Codequarry, HttpStore, IndexedDbStore, OpfsStore } = globalThis.codequarry;
    const engine = { ...globalThis.engine, model: new URL('code.cqmodel', location.href) };
    const stores = { IndexedDB: (name) => IndexedDbStore.open(name), OPFS: (name) => OpfsStore.open(name, { worker: engine.worker }) };
    /** Copies the snapshot of the server into a store. */
    globalThis.fill = async (store) => {
      const source = new HttpStore(new URL('snapshot/', location.href));
      for (const name of globalThis.names) await store.put(name, await source.get(name));
      await store.swapManifest(0, (await source.readManifest()).bytes);
    };
    globalThis.storeOf = (kind, name) => stores[kind](name);
    /** The same store, which counts what is read of segments. */
    globalThis.counted = (store) => {
      const read = { bytes: 0, calls: 0, whole: 0 };
      const handler = {
        get(target, property) {
          const value = target[property];
          if (typeof value !== 'function') return value;
          return async (...args) => {
            const answer = await globalThis.before?.(property, ...args) ?? (await value.apply(target, args));
            const pieces = property === 'getRanges' && answer ? answer.map(({ bytes }) => bytes) : property === 'getRange' && answer ? [answer] : [];
            read.bytes += pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
            if (property === 'getRanges' || property === 'getRange') read.calls++;
            if (property === 'get' && String(args[0]).endsWith('.cqs')) read.whole++;
            return answer;
          };
        },
      };
      return { store: new Proxy(store, handler), read };
    };
    globalThis.openFrom = (store, more = {}) => Codequarry.open({ store, engine, workers: 1, embedder: false, follow: false, ...more });
    globalThis.plain = async (quarry, query, more = {}) => ({ ...(await quarry.query(query, more)), generation: 0 });
  }, readdirSync(path.join(FOLDER, 'snapshot')).filter((name) => name.endsWith('.cqs')));
});
after(async () => {
  await browser?.close();
  await server?.close();
});

for (const kind of ['IndexedDB', 'OPFS']) {
  test(`${kind}: in parts the answers are those of the whole, from a part of the bytes`, options, async () => {
    const outcome = await page.evaluate(
      async ([store, queries]) => {
        const near = await globalThis.storeOf(store, 'answers');
        await globalThis.fill(near);
        const total = (await near.list()).reduce((sum, { bytes }) => sum + bytes, 0);
        const { store: watched, read } = globalThis.counted(near);
        const parts = await globalThis.openFrom(watched, { partial: true });
        await parts.query('SegmentWriter', { limit: 3 });
        const first = { ...read, held: parts.parts.heldBytes };
        const whole = await globalThis.openFrom(await globalThis.storeOf(store, 'answers'));
        const differing = [];
        for (const query of queries) {
          for (const more of [{}, { limit: 40, prefix: true }, { language: 'rust', path: 'segment/' }, { mode: 'exact', complete: true }, { mode: 'symbol' }]) {
            const [a, b] = [await globalThis.plain(parts, query, more), await globalThis.plain(whole, query, more)];
            if (JSON.stringify(a) !== JSON.stringify(b)) differing.push([query, more]);
          }
        }
        const file = (await parts.file('segment/codec.rs')) === (await whole.file('segment/codec.rs'));
        const outcome = { total, first, differing, file, budget: parts.parts.budgetBytes, wholeHasNone: whole.parts === undefined };
        await parts.close();
        await whole.close();
        return outcome;
      },
      [kind, QUERIES],
    );
    assert.deepEqual(outcome.differing, []);
    assert.ok(outcome.file && outcome.wholeHasNone);
    const { first, total } = outcome;
    assert.equal(first.whole, 0, 'no segment was read as a whole');
    assert.ok(first.held > 0 && first.held < total / 4, `${first.held} of ${total} bytes are held`);
    assert.ok(first.bytes < total, `${first.bytes} of ${total} bytes were read in ${first.calls} calls`);
  });

  test(`${kind}: with a small budget it holds no more, and answers the same`, options, async () => {
    const outcome = await page.evaluate(
      async ([store, queries]) => {
        const near = await globalThis.storeOf(store, 'budget');
        await globalThis.fill(near);
        const { store: watched, read } = globalThis.counted(near);
        const budget = 40_000;
        const [small, large] = [await globalThis.openFrom(watched, { partial: true, partCacheBytes: budget }), await globalThis.openFrom(await globalThis.storeOf(store, 'budget'), { partial: true })];
        const held = [];
        const differing = [];
        for (const query of [...queries, ...queries]) {
          if (JSON.stringify(await globalThis.plain(small, query)) !== JSON.stringify(await globalThis.plain(large, query))) differing.push(query);
          held.push(small.parts.heldBytes);
        }
        const before = read.calls;
        await small.query(queries[0]);
        const outcome = { held, differing, budget, again: read.calls - before, large: large.parts.heldBytes };
        await small.close();
        await large.close();
        return outcome;
      },
      [kind, QUERIES],
    );
    assert.deepEqual(outcome.differing, []);
    assert.ok(outcome.held.every((bytes) => bytes <= outcome.budget), outcome.held.join());
    assert.ok(outcome.large > outcome.budget && outcome.again > 0, `${outcome.large} bytes are held without it; ${outcome.again} reads for what was evicted`);
  });

  test(`${kind}: a generation that is replaced under a reader is answered by the new one`, options, async () => {
    const outcome = await page.evaluate(async (store) => {
      await globalThis.fill(await globalThis.storeOf(store, 'swap'));
      const reader = await globalThis.openFrom(await globalThis.storeOf(store, 'swap'), { partial: true });
      const { generation } = reader;
      const writer = await globalThis.openFrom(await globalThis.storeOf(store, 'swap'), { persist: { graceMs: 0 } });
      // Twice: what can be gone back to stays.
      for (const path of ['segment/codec.rs', 'segment/norm.rs']) {
        await writer.remove(path);
        await writer.compact();
        await writer.idle();
      }
      await writer.close();
      const list = (await (await globalThis.storeOf(store, 'swap')).list()).map(({ key }) => key);
      const found = await Promise.all(['put_varint', 'inflate', 'merge segments'].map((query) => reader.query(query)));
      const outcome = { before: generation, generations: found.map((result) => result.generation), paths: found.flatMap(({ hits }) => hits.map((hit) => hit.path)), list };
      await reader.close();
      return outcome;
    }, kind);
    assert.ok(outcome.paths.length > 0 && !outcome.paths.includes('segment/codec.rs'));
    const [first] = outcome.generations;
    assert.ok(first > outcome.before && outcome.generations.every((generation) => generation === first), JSON.stringify(outcome));
  });

  test(`${kind}: what is open in parts can be written to`, options, async () => {
    const outcome = await page.evaluate(async (store) => {
      const near = await globalThis.storeOf(store, 'write');
      await globalThis.fill(near);
      const quarry = await globalThis.openFrom(near, { partial: true });
      const { indexed, unchanged } = await quarry.add([
        { path: 'new.ts', text: 'export function writtenInParts() { return 1; }' },
        { path: 'segment/codec.rs', text: await quarry.file('segment/codec.rs') },
      ]);
      const found = (await quarry.search('writtenInParts'))[0]?.path;
      const removed = await quarry.remove('segment/mod.rs');
      await quarry.close();
      const again = await globalThis.openFrom(await globalThis.storeOf(store, 'write'), { partial: true });
      const outcome = { indexed, unchanged, removed, found, again: (await again.search('writtenInParts'))[0]?.path, gone: await again.file('segment/mod.rs'), sound: (await again.verify()).sound };
      await again.close();
      return outcome;
    }, kind);
    assert.deepEqual(outcome, { indexed: 1, unchanged: 1, removed: 1, found: 'new.ts', again: 'new.ts', gone: undefined, sound: true });
  });
}

test('IndexedDB: vectors are fetched when they are asked for, are watched and can be given up; then answers are those of the whole', options, async () => {
  const outcome = await page.evaluate(async (queries) => {
    await globalThis.fill(await globalThis.storeOf('IndexedDB', 'vectors'));
    const open = async (more) => globalThis.openFrom(await globalThis.storeOf('IndexedDB', 'vectors'), { embedder: 'default', ...more });
    const [parts, whole] = [await open({ partial: true }), await open({})];
    const lexical = await parts.query('where are postings decoded');
    const missing = await parts.vectorsToFetch();
    const controller = new AbortController();
    const given = await parts.fetchVectors({ signal: controller.signal, onProgress: ({ done }) => done === 0 && controller.abort(new Error('enough')) }).catch((error) => error.message);
    const stillMissing = await parts.vectorsToFetch();
    const progress = [];
    await parts.fetchVectors({ onProgress: ({ done, total }) => progress.push([done, total]) });
    const differing = [];
    for (const query of queries) {
      for (const mode of [undefined, 'hybrid', 'semantic']) {
        const more = mode ? { mode } : {};
        if (JSON.stringify(await globalThis.plain(parts, query, more)) !== JSON.stringify(await globalThis.plain(whole, query, more))) differing.push([query, mode]);
      }
    }
    const tight = await open({ partial: true, partCacheBytes: 1000 });
    const refused = await tight.fetchVectors().catch((error) => error.code);
    const over = await tight.query('where are postings decoded', { mode: 'hybrid' });
    const outcome = { lexical: [lexical.mode, lexical.semantic], missing, given, stillMissing, progress, differing, left: await parts.vectorsToFetch(), whole: await whole.vectorsToFetch(), refused, over: [over.mode, over.semantic, over.hits.length > 0] };
    for (const quarry of [parts, whole, tight]) await quarry.close();
    return outcome;
  }, QUERIES);
  assert.deepEqual(outcome.lexical, ['lexical', 'VECTORS_REMOTE']);
  assert.ok(outcome.missing > 0 && outcome.stillMissing === outcome.missing, JSON.stringify(outcome));
  assert.equal(outcome.given, 'enough');
  assert.deepEqual([outcome.progress[0], outcome.progress.at(-1)], [[0, outcome.missing], [outcome.missing, outcome.missing]]);
  assert.deepEqual(outcome.differing, []);
  assert.deepEqual([outcome.left, outcome.whole, outcome.refused, outcome.over], [0, 0, 'LIMIT_EXCEEDED', ['lexical', 'VECTORS_REMOTE', true]]);
});

test('IndexedDB: rows that are missing, cut or changed, and reads that fail, have their codes, and the index goes on', options, async () => {
  const outcome = await page.evaluate(async () => {
    await globalThis.fill(await globalThis.storeOf('IndexedDB', 'faults'));
    const { store } = globalThis.counted(await globalThis.storeOf('IndexedDB', 'faults'));
    const quarry = await globalThis.openFrom(store, { partial: true });
    const asked = 'where are postings decoded';
    /** Asks while every range that is read is changed. */
    const under = async (fault) => {
      globalThis.before = (method, ...args) => (method === 'getRanges' || method === 'getRange' ? fault(method, ...args) : undefined);
      const code = await quarry.query(asked).then((result) => result.hits.length > 0, (error) => error.code);
      globalThis.before = undefined;
      return code;
    };
    const raw = await globalThis.storeOf('IndexedDB', 'faults');
    const changed = (change) => async (_, ...args) => (await raw.getRanges(...args)).map(({ start, bytes }) => ({ start, bytes: change(bytes) }));
    const flipped = (bytes) => {
      const copy = bytes.slice();
      for (let at = 0; at < copy.length; at += 50) copy[at] ^= 1;
      return copy;
    };
    let failures = 0;
    const codes = {
      changed: await under(changed(flipped)),
      cut: await under(changed((bytes) => bytes.subarray(0, 10))),
      gone: await under(async () => []),
      failing: await under(() => {
        throw new globalThis.codequarry.CodequarryError('STORE_FAILED', 'the disk');
      }),
      once: await under(() => {
        if (failures++ === 0) throw new globalThis.codequarry.CodequarryError('STORE_FAILED', 'the disk, once');
      }),
    };
    const after = (await quarry.query(asked)).hits.length;
    await quarry.close();
    // A row that is really not there, below the store.
    const database = await new Promise((resolve) => {
      const opening = indexedDB.open('codequarry:faults');
      opening.onsuccess = () => resolve(opening.result);
    });
    const rows = database.transaction('parts', 'readwrite').objectStore('parts');
    await new Promise((resolve) => {
      rows.delete(IDBKeyRange.bound([globalThis.names[0], 1], [globalThis.names.at(-1), 1e9])).onsuccess = resolve;
    });
    database.close();
    const torn = await globalThis.openFrom(await globalThis.storeOf('IndexedDB', 'faults'), { partial: true })
      .then(async (opened) => opened.query(asked).finally(() => opened.close()))
      .then(() => 'answered', (error) => error.code);
    return { codes, after, torn };
  });
  assert.deepEqual(outcome.codes, { changed: 'SNAPSHOT_CHECKSUM', cut: 'SNAPSHOT_TRUNCATED', gone: 'SNAPSHOT_TRUNCATED', failing: 'STORE_FAILED', once: true });
  assert.ok(outcome.after > 0);
  assert.equal(outcome.torn, 'SNAPSHOT_CORRUPT');
});

test('IndexedDB: a database of the first form is opened in parts', options, async () => {
  const outcome = await page.evaluate(async () => {
    const source = new globalThis.codequarry.HttpStore(new URL('snapshot/', location.href));
    const blobs = [];
    for (const name of globalThis.names) blobs.push([name, await source.get(name)]);
    const manifest = await source.readManifest();
    await new Promise((resolve, reject) => {
      const opening = indexedDB.open('codequarry:first form', 1);
      opening.onupgradeneeded = () => ['blobs', 'manifest'].forEach((name) => opening.result.createObjectStore(name));
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => {
        const transaction = opening.result.transaction(['blobs', 'manifest'], 'readwrite');
        for (const [name, bytes] of blobs) transaction.objectStore('blobs').put({ bytes, modifiedMs: Date.now() }, name);
        transaction.objectStore('manifest').put({ ...manifest, modifiedMs: Date.now() }, 'manifest');
        transaction.oncomplete = () => {
          opening.result.close();
          resolve();
        };
      };
    });
    const quarry = await globalThis.openFrom(await globalThis.storeOf('IndexedDB', 'first form'), { partial: true });
    const path = (await quarry.search('put_varint'))[0]?.path;
    const held = quarry.parts.heldBytes;
    await quarry.close();
    return { path, held };
  });
  assert.ok(outcome.path.endsWith('.rs') && outcome.held > 0, JSON.stringify(outcome));
});
