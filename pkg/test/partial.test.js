/** Partial open over real HTTP: what is fetched in parts answers as the whole does, whatever the server knows and does. */

import assert from 'node:assert/strict';
import { cp, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Codequarry, FolderStore, HttpStore, MemoryStore, fromFolder } from '../dist/node.js';
import { joinRanges, multipartPieces } from '../dist/stores/ranges.js';
import { tempFolder } from './helpers.js';
import { serveRanges } from './range-server.js';

/** @typedef {import('../dist/node.js').OpenOptions} OpenOptions */

const SOURCES = join(import.meta.dirname, '..', '..', 'src');
const QUERIES = ['where are postings decoded', 'SegmentWriter', 'put_varint', 'how are chunks cut', 'inflate', 'merge segments', 'fn', 'qqqq zzzz'];
/** @type {string} */
let folder;
/** @type {Codequarry} */
let whole;
/** @type {() => Promise<void>} */
let cleanUp;

before(async () => {
  /** @type {(() => unknown)[]} */
  const later = [];
  folder = await tempFolder(/** @type {any} */ ({ after: (/** @type {() => unknown} */ work) => later.push(work) }));
  const writer = await Codequarry.open(folder, { workers: 1 });
  await writer.add(fromFolder(join(SOURCES, 'segment')));
  await writer.add(fromFolder(SOURCES));
  await writer.compact();
  await writer.close();
  // Without an embedder searches are lexical on both sides.
  whole = await Codequarry.open(folder, { embedder: false });
  cleanUp = async () => {
    await whole.close();
    for (const work of later) await work();
  };
});

after(() => cleanUp());

/** @param {import('node:test').TestContext} t @param {Parameters<typeof serveRanges>[1]} [options] */
async function served(t, options) {
  const server = await serveRanges(folder, options);
  t.after(() => server.close());
  return server;
}

/** @param {import('node:test').TestContext} t @param {string} url @param {OpenOptions} [options] */
async function openUrl(t, url, options = {}) {
  const quarry = await Codequarry.open(url, { partial: true, embedder: false, ...options });
  t.after(() => quarry.close());
  return quarry;
}

/** @param {Codequarry} quarry */
async function compare(quarry) {
  for (const query of QUERIES) {
    for (const options of [{}, { limit: 40, prefix: true }, { language: 'rust', path: 'segment/' }]) {
      const [found, expected] = [await quarry.query(query, options), await whole.query(query, options)];
      assert.deepEqual(found, { ...expected, generation: found.generation }, query);
    }
  }
  assert.deepEqual(await quarry.file('segment/codec.rs'), await whole.file('segment/codec.rs'));
  assert.deepEqual(await quarry.symbols({ path: 'engine/index.rs' }), await whole.symbols({ path: 'engine/index.rs' }));
  assert.deepEqual(await quarry.paths(), await whole.paths());
}

/** The length of the live segment: the largest, since those that were merged into it stay for a while. */
async function segmentBytes() {
  const blobs = await (await FolderStore.open(folder)).list();
  return Math.max(...blobs.map(({ bytes }) => bytes));
}

for (const ranges of /** @type {const} */ (['several', 'one', 'none'])) {
  test(`a server that knows ${ranges} of the ranges gives the answers of the whole`, async (t) => {
    const server = await served(t, { ranges });
    const quarry = await openUrl(t, server.url);
    const opening = server.take();
    await compare(quarry);
    const total = await segmentBytes();
    if (ranges === 'none') assert.deepEqual([server.take().requests, opening.requests], [0, 3], 'the whole was sent at once, and is kept');
    else assert.ok(opening.bytes < total / 2, `${opening.bytes} of ${total} bytes to open`);
    if (ranges === 'one') assert.ok(server.sent.log.every((line) => !line.endsWith('.cqs') && !/cqs .*,/.test(line)), 'the whole was never sent');
  });
}

test('a first answer takes few requests and a part of the bytes, the same again none', async (t) => {
  const server = await served(t);
  const quarry = await openUrl(t, server.url);
  await quarry.search('SegmentWriter', { limit: 3 });
  const { requests, bytes } = server.take();
  assert.ok(requests <= 10 && bytes < (await segmentBytes()) / 3, `${requests} requests, ${bytes} bytes`);
  await quarry.search('SegmentWriter', { limit: 3 });
  assert.deepEqual(server.take(), { requests: 0, bytes: 0 });
});

test('vectors are fetched when they are asked for, and then the answers are those of the whole', async (t) => {
  const server = await served(t);
  const [near, far] = [await Codequarry.open(folder), await openUrl(t, server.url, { embedder: 'default' })];
  t.after(() => near.close());
  for (const query of QUERIES) assert.deepEqual(await far.search(query, { mode: 'hybrid' }), await near.search(query, { mode: 'hybrid' }), query);
  for (const query of ['"put_varint"', 'symbol:Segment', 'decode -inflate']) assert.deepEqual(await far.search(query), await near.search(query, { mode: 'lexical' }), query);
});

test('a cache without room gives the same answers', async (t) => {
  const server = await served(t);
  await compare(await openUrl(t, server.url, { partCacheBytes: 0 }));
});

test('searches at the same time share what they fetch', async (t) => {
  const server = await served(t);
  const quarry = await openUrl(t, server.url);
  await quarry.search('inflate');
  const one = server.take();
  const other = await openUrl(t, server.url);
  await Promise.all(Array.from({ length: 8 }, () => other.search('inflate')));
  const eight = server.take();
  assert.ok(eight.bytes === one.bytes, `${eight.bytes} bytes for eight, ${one.bytes} for one`);
});

test('small snapshots and stores that are near are opened as a whole, unless it is asked for', async (t) => {
  const server = await served(t);
  await openUrl(t, server.url, { partial: 'auto' });
  assert.equal(server.sent.log.filter((line) => line.includes('bytes=')).length, 0);
  const store = await FolderStore.open(folder, { access: 'read' });
  await compare(await openUrl(t, '', { store, partial: true }));
});

test('every store that reads ranges can be opened in parts', async (t) => {
  const store = new MemoryStore();
  const manifest = /** @type {Uint8Array} */ (await readFile(join(folder, 'manifest.cqm')));
  for (const name of await readdir(folder)) if (name.endsWith('.cqs')) await store.put(name, await readFile(join(folder, name)));
  await store.swapManifest(0, manifest);
  const quarry = await Codequarry.open({ store, partial: true, embedder: false });
  t.after(() => quarry.close());
  await compare(quarry);
});

test('what fails for a moment is tried again', async (t) => {
  let count = 0;
  const server = await served(t, { fault: (_, range) => (range && ++count % 3 === 0 ? (count % 2 ? { drop: true } : { status: 503 }) : undefined) });
  const quarry = await openUrl(t, server.url);
  assert.deepEqual(await quarry.search('put_varint'), await whole.search('put_varint'));
  assert.ok(count >= 3);
});

test('what was damaged on the way is fetched once more, past all caches', async (t) => {
  let damage = 1;
  /** @param {Uint8Array} bytes */
  const change = (bytes) => {
    const changed = Uint8Array.from(bytes);
    if (damage-- > 0) changed[bytes.byteLength >> 1] = (changed[bytes.byteLength >> 1] ?? 0) ^ 1;
    return changed;
  };
  let opened = false;
  const server = await served(t, { fault: (_, range) => (range && opened && damage > 0 ? { change } : undefined) });
  const quarry = await openUrl(t, server.url);
  opened = true;
  assert.deepEqual(await quarry.search('inflate'), await whole.search('inflate'));
  assert.ok(damage <= 0);
  damage = 1000;
  const fresh = openUrl(t, server.url).then((other) => other.search('put_varint'));
  await assert.rejects(fresh, { code: 'SNAPSHOT_CHECKSUM' });
});

test('each fault has its code', async (t) => {
  /** @type {import('./range-server.js').Reply | undefined} */
  let reply;
  const server = await served(t, { fault: (path) => (path.endsWith('.cqs') ? reply : undefined) });
  const opened = await openUrl(t, server.url);
  /** @param {import('./range-server.js').Reply} fault @param {string} code */
  const check = async (fault, code) => {
    reply = fault;
    await assert.rejects(openUrl(t, server.url), { code });
    await assert.rejects(opened.search('where are postings decoded'), { code });
    reply = undefined;
  };
  await check({ status: 403 }, 'HTTP_STATUS');
  await check({ status: 404 }, 'SNAPSHOT_MISSING_SEGMENT');
  await check({ drop: true }, 'STORE_FAILED');
  reply = { change: (bytes) => bytes.subarray(0, 1000) };
  await assert.rejects(openUrl(t, server.url), { code: 'SNAPSHOT_TRUNCATED' });
  reply = { change: (bytes) => Uint8Array.from(bytes, () => 60) };
  await assert.rejects(openUrl(t, server.url), { code: 'SNAPSHOT_FOREIGN' });
  reply = undefined;
  assert.deepEqual(await opened.search('put_varint'), await whole.search('put_varint'));
});

test('a search that is given up rejects with the reason at once, and the next one answers', async (t) => {
  let opened = false;
  /** @type {() => void} */
  let go = () => {};
  const asked = new Promise((resolve) => {
    go = () => resolve(undefined);
  });
  const server = await served(t, {
    fault: () => {
      if (opened) go();
      return opened ? { status: 503 } : undefined;
    },
  });
  const quarry = await openUrl(t, server.url);
  opened = true;
  const controller = new AbortController();
  const given = quarry.search('put_varint', { signal: controller.signal });
  await asked;
  controller.abort(new Error('enough'));
  await assert.rejects(given, { message: 'enough' });
  opened = false;
  assert.deepEqual(await quarry.search('put_varint'), await whole.search('put_varint'));
});

test('a snapshot that was replaced under a reader is opened anew', async (t) => {
  const copy = await tempFolder(t);
  for (const name of await readdir(folder)) await cp(join(folder, name), join(copy, name));
  const server = await serveRanges(copy);
  t.after(() => server.close());
  const quarry = await openUrl(t, server.url);
  const writer = await Codequarry.open(copy, { workers: 1 });
  await writer.remove('segment/codec.rs');
  await writer.compact();
  await writer.close();
  for (const name of await readdir(folder)) if (name.endsWith('.cqs')) await rm(join(copy, name), { force: true });
  assert.ok((await quarry.search('put_varint')).length > 0);
  assert.ok(!(await quarry.paths()).includes('segment/codec.rs') && quarry.generation > whole.generation);
});

test('ranges are joined where the gap costs less than another range', () => {
  const ranges = [
    { start: 0, end: 10 },
    { start: 10, end: 20 },
    { start: 25, end: 30 },
    { start: 36, end: 40 },
  ];
  assert.deepEqual(joinRanges(ranges, 5), [
    { start: 0, end: 30 },
    { start: 36, end: 40 },
  ]);
});

test('a reply of several ranges is taken apart by its lengths, not by what its bytes look like', () => {
  const encode = (/** @type {string} */ text) => new TextEncoder().encode(text);
  const part = (/** @type {number} */ start, /** @type {string} */ text) => `\r\n--xx\r\nContent-Range: bytes ${start}-${start + text.length - 1}/99\r\nContent-Type: a/b\r\n\r\n${text}`;
  const body = encode(`preamble${part(3, 'a\r\n--xx--\r\nb')}${part(50, 'zz')}\r\n--xx--\r\n`);
  const type = 'multipart/byteranges; boundary="xx"';
  const pieces = multipartPieces(body, type).map(({ start, bytes }) => [start, new TextDecoder().decode(bytes)]);
  assert.deepEqual(pieces, [
    [3, 'a\r\n--xx--\r\nb'],
    [50, 'zz'],
  ]);
  for (const cut of [body.subarray(0, 20), body.subarray(0, body.length - 12), encode('')]) assert.throws(() => multipartPieces(cut, type), { code: 'STORE_FAILED' });
  assert.throws(() => multipartPieces(body, 'multipart/byteranges'), { code: 'STORE_FAILED' });
});

test('the store tells what it cannot find', async (t) => {
  const server = await served(t);
  assert.equal(await new HttpStore(server.url).getRanges('seg-0.cqs', [{ start: 0, end: 4 }]), undefined);
});
