/** One index in several tabs of a real browser: they follow each other, take over from each other, and lose nothing. */

import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { WORK, cannotRun, launch } from './harness.mjs';
import { packagePage, packageTab } from './package-page.mjs';
import { serve } from './server.mjs';

const options = { skip: cannotRun, timeout: 120_000 };
const FOLDER = path.join(WORK, 'tabs');
let browser;
let server;
let context;

before(async () => {
  if (cannotRun) return;
  await packagePage(FOLDER);
  server = await serve(FOLDER);
  browser = await launch();
  context = await browser.newContext();
});
after(async () => {
  await browser?.close();
  await server?.close();
});

/** Opens an index in a new tab. */
async function openIn(name) {
  const page = await packageTab(context, server.url);
  page.setDefaultTimeout(30_000);
  await page.evaluate(async (wanted) => {
    globalThis.events = [];
    globalThis.quarry = await globalThis.codequarry.Codequarry.open(wanted, {
      engine: globalThis.engine,
      workers: 1,
      onEvent: (event) => globalThis.events.push(event),
    });
    globalThis.add = (path, text) => globalThis.quarry.add([{ path, text }]);
  }, name);
  return page;
}

const paths = (page) => page.evaluate(() => globalThis.quarry.paths());

test('what one tab writes the others search', options, async () => {
  const [one, two] = [await openIn('follow'), await openIn('follow')];
  await one.evaluate(() => globalThis.add('one.ts', 'export function writtenByOne() {}'));
  await two.waitForFunction(async () => (await globalThis.quarry.paths()).length === 1);
  const found = await two.evaluate(async () => (await globalThis.quarry.search('writtenByOne'))[0]?.path);
  assert.equal(found, 'one.ts');
  await two.evaluate(() => globalThis.add('two.ts', 'export function writtenByTwo() {}'));
  await one.waitForFunction(async () => (await globalThis.quarry.paths()).length === 2);
  await Promise.all([one.close(), two.close()]);
});

test('tabs that write at the same time lose nothing', options, async () => {
  const tabs = [await openIn('together'), await openIn('together'), await openIn('together')];
  await Promise.all(
    tabs.map((page, tab) =>
      page.evaluate(async (number) => {
        const write = (index) => globalThis.add(`tab${number}/f${index}.ts`, `export const value${index} = ${number};`);
        await Promise.all(Array.from({ length: 10 }, (_, index) => write(index)));
        for (let index = 10; index < 20; index++) await write(index);
      }, tab),
    ),
  );
  const fresh = await openIn('together');
  assert.equal((await paths(fresh)).length, 60);
  for (const page of tabs) {
    await page.waitForFunction(async () => (await globalThis.quarry.paths()).length === 60);
    const unsaved = await page.evaluate(() => globalThis.events.filter(({ type }) => type === 'unsaved'));
    assert.deepEqual(unsaved, [], 'the lock keeps them apart');
    await page.close();
  }
  await fresh.close();
});

test('a writer that dies with the lock in its hand is taken over from', options, async () => {
  const [dying, heir] = [await openIn('heir'), await openIn('heir')];
  await dying.evaluate(async () => {
    await globalThis.add('kept.ts', 'export const kept = 1;');
    await new Promise((resolve) => {
      void navigator.locks.request('codequarry:indexeddb:heir', () => {
        resolve();
        return new Promise(() => {});
      });
    });
  });
  const writing = heir.evaluate(() => globalThis.add('new.ts', 'export const inherited = 1;').then(() => 'durable'));
  await heir.waitForFunction(() => globalThis.quarry.unsaved === 1);
  const early = await Promise.race([writing, new Promise((resolve) => setTimeout(resolve, 500, 'waiting'))]);
  assert.equal(early, 'waiting', 'the lock is held');
  await dying.close();
  assert.equal(await writing, 'durable');
  assert.deepEqual(await paths(heir), ['kept.ts', 'new.ts']);
  await heir.close();
});

test('deleting an index does not wait for a tab that reads it, and that tab goes on', options, async () => {
  const [reader, deleter] = [await openIn('deleted'), await openIn('deleted')];
  await reader.evaluate(() => globalThis.add('a.ts', 'export function stillHere() {}'));
  await deleter.evaluate(async () => {
    await globalThis.quarry.close();
    await globalThis.codequarry.IndexedDbStore.remove('deleted');
  });
  // A reader that connects again at this moment finds nothing, and for that moment the browser may list what it would have made.
  const gone = () => deleter.waitForFunction(async () => !(await globalThis.codequarry.IndexedDbStore.names()).includes('deleted'));
  await gone();
  assert.equal(await reader.evaluate(async () => (await globalThis.quarry.search('stillHere'))[0]?.path), 'a.ts');
  const code = await reader.evaluate(() => globalThis.add('b.ts', 'export const b = 1;').catch((error) => error.code));
  assert.equal(code, 'STALE_GENERATION');
  assert.deepEqual(await paths(reader), ['a.ts', 'b.ts'], 'what cannot be kept is searched all the same');
  await gone();
  await Promise.all([reader.close(), deleter.close()]);
});

test('a connection that the browser drops is opened again', options, async () => {
  const page = await openIn('dropped');
  await page.evaluate(async () => {
    await globalThis.add('a.ts', 'export const a = 1;');
    // What a browser does to the connections of a tab in the background.
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (...args) {
      IDBDatabase.prototype.transaction = transaction;
      this.close();
      return transaction.apply(this, args);
    };
    await globalThis.add('b.ts', 'export const b = 1;');
  });
  assert.deepEqual(await page.evaluate(() => globalThis.events.filter(({ type }) => type === 'unsaved')), []);
  const fresh = await openIn('dropped');
  assert.deepEqual(await paths(fresh), ['a.ts', 'b.ts']);
  await Promise.all([page.close(), fresh.close()]);
});

test('a full disk is told, what does not fit is searched, and written once there is room', options, async () => {
  const page = await openIn('full');
  const outcome = await page.evaluate(async () => {
    await globalThis.add('a.ts', 'export const a = 1;');
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
    };
    const code = await globalThis.add('b.ts', 'export function doesNotFit() {}').catch((error) => error.code);
    const found = (await globalThis.quarry.search('doesNotFit'))[0]?.path;
    const told = globalThis.events.find(({ type }) => type === 'unsaved')?.code;
    IDBObjectStore.prototype.put = put;
    await globalThis.quarry.flush();
    return { code, found, told, unsaved: globalThis.quarry.unsaved };
  });
  assert.deepEqual(outcome, { code: 'STORE_QUOTA', found: 'b.ts', told: 'STORE_QUOTA', unsaved: 0 });
  const fresh = await openIn('full');
  assert.deepEqual(await paths(fresh), ['a.ts', 'b.ts']);
  await Promise.all([page.close(), fresh.close()]);
});

test('where storage is denied an index can be kept in memory, with a warning', options, async () => {
  const page = await packageTab(context, server.url);
  const outcome = await page.evaluate(async () => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('denied', 'SecurityError');
    };
    const { Codequarry } = globalThis.codequarry;
    const refused = await Codequarry.open('denied', { engine: globalThis.engine }).catch((error) => error.code);
    const events = [];
    const quarry = await Codequarry.open('denied', { engine: globalThis.engine, whenDenied: 'memory', onEvent: (event) => events.push(event) });
    await quarry.add([{ path: 'a.ts', text: 'export function inMemory() {}' }]);
    return { refused, warned: events[0]?.code, found: (await quarry.search('inMemory'))[0]?.path };
  });
  assert.deepEqual(outcome, { refused: 'STORE_DENIED', warned: 'STORE_DENIED', found: 'a.ts' });
  await page.close();
});

test('an index of the first schema, with whole blobs, opens', options, async () => {
  const page = await packageTab(context, server.url);
  const found = await page.evaluate(async () => {
    const { Codequarry, IndexedDbStore, MemoryStore } = globalThis.codequarry;
    const store = new MemoryStore();
    const source = await Codequarry.open({ engine: globalThis.engine, store });
    await source.add([{ path: 'old.ts', text: 'export function fromTheOldSchema() {}' }]);
    const request = indexedDB.open('codequarry:old', 1);
    const database = await new Promise((resolve, reject) => {
      request.onupgradeneeded = () => ['blobs', 'manifest'].forEach((name) => request.result.createObjectStore(name));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const blobs = await store.list();
    const manifest = await store.readManifest();
    const bytes = await store.get(blobs[0].key);
    const old = database.transaction(['blobs', 'manifest'], 'readwrite');
    old.objectStore('blobs').put({ bytes, modifiedMs: 5 }, blobs[0].key);
    old.objectStore('manifest').put({ generation: manifest.generation, bytes: manifest.bytes }, 'manifest');
    await new Promise((resolve) => {
      old.oncomplete = resolve;
    });
    database.close();
    const quarry = await Codequarry.open('old', { engine: globalThis.engine });
    const hit = (await quarry.search('fromTheOldSchema'))[0]?.path;
    const listed = await (await IndexedDbStore.open('old')).list();
    return { hit, listed: listed.length, modifiedMs: listed[0].modifiedMs };
  });
  assert.deepEqual(found, { hit: 'old.ts', listed: 1, modifiedMs: 5 });
  await page.close();
});
