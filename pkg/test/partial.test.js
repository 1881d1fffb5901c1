/** Partial open over real HTTP: what is fetched in parts answers as the whole does, whatever the server knows and does. */

import assert from 'node:assert/strict';
import { cp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Codequarry, FolderStore, HttpStore, MemoryStore, fromFolder } from '../dist/node.js';
import { compileModule } from '../dist/modules.js';
import { nodePlatform } from '../dist/platform/node.js';
import { searcherInstance } from '../dist/searcher-instance.js';
import { KvStore } from '../dist/stores/kv.js';
import { divide, divideAtBlocks, noteBytes, noteOf, partKey, placeOf } from '../dist/stores/parts.js';
import { joinNear, joinRanges, multipartPieces } from '../dist/stores/ranges.js';
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
    if (ranges === 'none') assert.deepEqual([server.take().requests, opening.requests], [0, 2], 'the whole was sent at once, and is kept');
    else assert.ok(opening.bytes < total / 2, `${opening.bytes} of ${total} bytes to open`);
    if (ranges === 'one') assert.ok(server.sent.log.every((line) => !line.endsWith('.cqs') && !/cqs .*,/.test(line)), 'the whole was never sent');
  });
}

test('a first answer takes few requests and a part of the bytes, the same again none', async (t) => {
  const server = await served(t);
  const quarry = await openUrl(t, server.url);
  await quarry.search('SegmentWriter', { limit: 3 });
  const { requests, bytes } = server.take();
  assert.ok(requests <= 4 && bytes < (await segmentBytes()) / 3, `${requests} requests, ${bytes} bytes`);
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

test('vectors are fetched on demand, watched and given up, through lost connections and damage; searches by words go on', async (t) => {
  /** @type {(range: string | undefined) => import('./range-server.js').Reply | undefined} */
  let fault = () => undefined;
  const server = await served(t, { ranges: 'one', fault: (path, range) => (path.endsWith('.cqs') ? fault(range) : undefined) });
  const [near, far] = [await Codequarry.open(folder), await openUrl(t, server.url, { embedder: 'default' })];
  t.after(() => near.close());
  const asked = 'where are postings decoded';
  assert.equal((await far.query(asked)).semantic, 'VECTORS_REMOTE');
  const missing = (await far.vectorsToFetch()) ?? 0;
  assert.ok(missing > 0);
  assert.equal(await whole.vectorsToFetch(), undefined, 'it has no embedder');
  assert.equal(await near.vectorsToFetch(), 0);
  /** @param {Uint8Array} bytes */
  const damage = (bytes) => Uint8Array.from(bytes, (byte, at) => (at === 7 ? byte ^ 1 : byte));
  for (const [reply, code] of /** @type {const} */ ([[{ status: 404 }, 'SNAPSHOT_MISSING_SEGMENT'], [{ status: 429 }, 'HTTP_STATUS'], [{ drop: true }, 'STORE_FAILED'], [{ change: damage }, 'SNAPSHOT_CHECKSUM']])) {
    fault = () => reply;
    await assert.rejects(far.fetchVectors(), { code });
    fault = () => undefined;
    const { mode, semantic, hits } = await far.query(asked);
    assert.deepEqual([mode, semantic, hits.length > 0, await far.vectorsToFetch()], ['lexical', 'VECTORS_REMOTE', true, missing], code);
  }
  const controller = new AbortController();
  await assert.rejects(far.fetchVectors({ signal: controller.signal, onProgress: () => controller.abort(new Error('enough')) }), { message: 'enough' });
  let [dropped, damaged] = [0, 0];
  fault = () => (dropped++ === 0 ? { drop: true } : damaged++ === 0 ? { change: damage } : undefined);
  /** @type {number[]} */
  const done = [];
  await far.fetchVectors({ onProgress: (progress) => done.push(progress.done) });
  assert.deepEqual([done[0], done.at(-1), await far.vectorsToFetch()], [0, missing, 0]);
  assert.ok(dropped > 2 && damaged > 1);
  const { requests } = server.take();
  for (const query of QUERIES) assert.deepEqual(await far.search(query), await near.search(query), query);
  assert.ok(requests > 0);
  await far.fetchVectors();
  const tight = await openUrl(t, server.url, { embedder: 'default', partCacheBytes: missing - 1 });
  await assert.rejects(tight.fetchVectors(), { code: 'LIMIT_EXCEEDED' });
  assert.equal((await tight.query(asked, { mode: 'semantic' })).semantic, 'VECTORS_REMOTE');
});

test('a cache without room gives the same answers', async (t) => {
  const server = await served(t);
  const quarry = await openUrl(t, server.url, { partCacheBytes: 0 });
  await compare(quarry);
  assert.deepEqual(quarry.parts, { heldBytes: 0, budgetBytes: 0 });
  assert.equal(whole.parts, undefined);
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
  assert.equal(server.sent.log.filter((line) => /cqs bytes=/.test(line)).length, 0);
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

test('a manifest that does not come in pieces is asked for as a whole', async (t) => {
  for (const reply of [{ status: 400 }, { status: 416 }, { drop: true }, { change: (/** @type {Uint8Array} */ bytes) => bytes.subarray(0, 1) }]) {
    const server = await served(t, { fault: (path, range) => (path.endsWith('.cqm') && range ? reply : undefined) });
    const quarry = await openUrl(t, server.url);
    assert.equal(server.sent.log.filter((line) => line.includes('.cqm')).length, 2);
    assert.deepEqual(await quarry.search('inflate'), await whole.search('inflate'));
  }
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
  const server = await served(t, { fault: (path, range) => (path.endsWith('.cqs') && range && opened && damage > 0 ? { change } : undefined) });
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

for (const status of [404, 403]) {
  test(`a snapshot that was replaced under a reader is opened anew; what is gone answers ${status}`, async (t) => {
    const copy = await tempFolder(t);
    for (const name of await readdir(folder)) await cp(join(folder, name), join(copy, name));
    const gone = new Set();
    const server = await serveRanges(copy, { fault: (path) => (gone.has(path.slice(1)) ? { status } : undefined) });
    t.after(() => server.close());
    const quarry = await openUrl(t, server.url);
    const writer = await Codequarry.open(copy, { workers: 1 });
    await writer.remove('segment/codec.rs');
    await writer.compact();
    await writer.close();
    for (const name of await readdir(folder)) if (name.endsWith('.cqs')) gone.add(name);
    // All of them find it gone; one of them opens it, and all are answered.
    const found = await Promise.all(['put_varint', 'inflate', 'merge segments'].map((query) => quarry.search(query)));
    assert.ok(found.every((hits) => hits.length > 0 && hits.every(({ path }) => path !== 'segment/codec.rs')));
    assert.ok(!(await quarry.paths()).includes('segment/codec.rs') && quarry.generation > whole.generation);
    // Where nothing newer is there, the fault is told.
    for (const name of await readdir(copy)) if (name.endsWith('.cqs')) gone.add(name);
    await assert.rejects(quarry.search('where are postings decoded'), { code: status === 404 ? 'SNAPSHOT_MISSING_SEGMENT' : 'HTTP_STATUS' });
  });
}

/** A copy of the snapshot whose segments are in parts of `bytes` or so, as `codequarry site --parts` writes them. */
async function inParts(/** @type {import('node:test').TestContext} */ t, /** @type {number} */ bytes) {
  const copy = await tempFolder(t);
  const { blockEdges } = await searcherInstance.start(await compileModule(nodePlatform, 'searcher'));
  for (const name of await readdir(folder)) {
    const blob = await readFile(join(folder, name));
    if (!name.endsWith('.cqs')) await writeFile(join(copy, name), blob);
    else {
      const note = divideAtBlocks(blob, blockEdges(blob), bytes);
      for (let part = 0; part < note.parts; part++) {
        const { start, end } = placeOf(note, part);
        await writeFile(join(copy, partKey(name, part, note)), blob.subarray(start, end));
      }
      await writeFile(join(copy, name), noteBytes(note));
    }
  }
  return copy;
}

for (const ranges of /** @type {const} */ (['none', 'several'])) {
  test(`a snapshot in part files gives the answers of the whole from a server that knows ${ranges} of the ranges`, async (t) => {
    const server = await serveRanges(await inParts(t, 4096), { ranges });
    t.after(() => server.close());
    const quarry = await openUrl(t, server.url);
    assert.ok(server.take().bytes < (await segmentBytes()) / 2);
    await quarry.search('SegmentWriter', { limit: 3 });
    const { bytes } = server.take();
    assert.ok(bytes > 0 && bytes < (await segmentBytes()) / 3, `${bytes} bytes`);
    await compare(quarry);
    const store = new HttpStore(server.url);
    const [name = ''] = (await readdir(folder)).filter((file) => file.endsWith('.cqs'));
    const blob = await readFile(join(folder, name));
    assert.deepEqual(Buffer.from((await store.get(name)) ?? []), blob);
    assert.deepEqual(Buffer.from((await new HttpStore(server.url).getRange(name, 70_000, 90_000)) ?? []), blob.subarray(70_000, 90_000));
    assert.equal(await store.getRange(name, blob.byteLength, blob.byteLength + 5).then((found) => found?.byteLength), 0);
  });
}

test('a snapshot that is made anew in other parts, and then in none, is read on', async (t) => {
  const copy = await inParts(t, 4096);
  const server = await serveRanges(copy, { ranges: 'none' });
  t.after(() => server.close());
  const quarry = await openUrl(t, server.url);
  assert.deepEqual(await quarry.search('put_varint'), await whole.search('put_varint'));
  for (const next of [await inParts(t, 16_384), folder]) {
    const names = new Set(await readdir(next));
    for (const name of names) await cp(join(next, name), join(copy, name));
    for (const name of await readdir(copy)) if (!names.has(name)) await rm(join(copy, name));
    const query = next === folder ? 'how are chunks cut' : 'where are postings decoded';
    assert.deepEqual(await quarry.search(query), await whole.search(query), query);
  }
});

test('a part that is missing or cut has its code', async (t) => {
  const copy = await inParts(t, 4096);
  /** @type {import('./range-server.js').Reply | undefined} */
  let reply;
  const server = await serveRanges(copy, { ranges: 'none', fault: (path) => (/part[1-9]/.test(path) ? reply : undefined) });
  t.after(() => server.close());
  const quarry = await openUrl(t, server.url);
  reply = { status: 404 };
  await assert.rejects(quarry.search('put_varint'), { code: 'SNAPSHOT_MISSING_SEGMENT' });
  reply = { change: (bytes) => bytes.subarray(0, 100) };
  await assert.rejects(quarry.search('put_varint'), { code: 'SNAPSHOT_TRUNCATED' });
  reply = undefined;
  assert.deepEqual(await quarry.search('put_varint'), await whole.search('put_varint'));
});

test('a snapshot in parts is opened in parts from Workers KV', async (t) => {
  const copy = await inParts(t, 8192);
  /** @type {string[]} */
  const read = [];
  let refusals = 0;
  /** @type {(key: string) => boolean} */
  let hidden = () => false;
  const namespace = {
    get: async (/** @type {string} */ key) => {
      read.push(key);
      if (refusals-- > 0) throw new Error('KV GET failed: 429 Too Many Requests');
      if (hidden(key)) return null;
      const bytes = await readFile(join(copy, key.slice(2))).catch(() => undefined);
      return bytes ? new Uint8Array(bytes).buffer : null;
    },
    list: async () => ({ keys: [], list_complete: true }),
  };
  const quarry = await Codequarry.open({ store: new KvStore(namespace, 'x/'), partial: true, embedder: false });
  t.after(() => quarry.close());
  const parts = (await readdir(copy)).filter((name) => name.includes('.part')).length;
  assert.ok(read.length < parts / 2, `${read.length} of ${parts} values to open`);
  assert.deepEqual(await quarry.search('put_varint'), await whole.search('put_varint'));
  assert.ok(read.length < parts, `${read.length} of ${parts}`);
  // Refused twice: read again. Refused for good, or not shown: a code, and the next question is answered.
  refusals = 2;
  assert.deepEqual(await quarry.search('inflate'), await whole.search('inflate'));
  refusals = 1_000;
  await assert.rejects(quarry.search('where are postings decoded'), { code: 'STORE_BUSY' });
  refusals = 0;
  hidden = (key) => key.includes('.part');
  await assert.rejects(quarry.search('where are postings decoded'), { code: 'SNAPSHOT_MISSING_SEGMENT' });
  hidden = () => false;
  await compare(quarry);
});

test('notes of parts are read as they are written, and damaged ones refused', () => {
  const note = { parts: 4, bytes: 100, lengths: { first: 40, other: 20 } };
  assert.deepEqual(noteOf(noteBytes(note)), note);
  assert.deepEqual([0, 1, 3].map((part) => placeOf(note, part)), [{ start: 0, end: 40 }, { start: 40, end: 60 }, { start: 80, end: 100 }]);
  assert.deepEqual(divide(new Uint8Array(100), 30), { parts: 4, bytes: 100, lengths: { first: 30, other: 30 } });
  for (const text of ['codequarry parts 3 100 40 20', 'codequarry parts 4 100 0 20', 'codequarry parts 4 100 40 0']) {
    assert.throws(() => noteOf(new TextEncoder().encode(text)), { code: 'SNAPSHOT_CORRUPT' });
  }
  assert.throws(() => noteOf(new TextEncoder().encode('codequarry parts x')), { code: 'SNAPSHOT_CORRUPT' });
  assert.equal(noteOf(new TextEncoder().encode('codequarry pa')), undefined);
});

test('a segment is divided where its blocks end, and the note has the length of each part', () => {
  // 100 bytes that every reader needs, small blocks, one that is larger than a part, one that is larger than a piece, and what no block is of.
  const edges = [100, 110, 190, 200, 201, 400, 420, 1_000_420];
  const blob = new Uint8Array(1_000_500);
  const note = divideAtBlocks(blob, edges, 100);
  const starts = [0, 100, 200, 201, 400, 420, 420 + 524_288, 1_000_420];
  assert.deepEqual(note, { parts: starts.length, bytes: blob.length, lengths: { starts, size: 100 } });
  assert.deepEqual(partKey('seg-a.cqs', 3, note), 'seg-a.cqs.100.part3');
  assert.deepEqual(placeOf(note, 7), { start: 1_000_420, end: 1_000_500 });
  const written = noteBytes(note);
  assert.deepEqual(noteOf(written), note);
  assert.deepEqual(divideAtBlocks(new Uint8Array(7), [], 100), { parts: 1, bytes: 7, lengths: { starts: [0], size: 100 } });
  for (let cut = written.indexOf(10) + 1; cut < written.length; cut++) assert.throws(() => noteOf(written.subarray(0, cut)), { code: 'SNAPSHOT_CORRUPT' }, `${cut} bytes`);
  for (let at = 18; at < written.length; at++) {
    const damaged = written.slice();
    damaged[at] = 0;
    assert.throws(() => noteOf(damaged), { code: 'SNAPSHOT_CORRUPT' }, `byte ${at}`);
  }
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

test('where each range is a request the nearest are joined, the smallest gaps first, until they are many bytes', () => {
  const KB = 1024;
  /** @type {(...pairs: [number, number][]) => { start: number, end: number }[]} */
  const ranges = (...pairs) => pairs.map(([start, end]) => ({ start: start * KB, end: end * KB }));
  assert.deepEqual(joinNear(ranges([0, 5], [5, 10], [40, 45], [60, 65], [200, 205])), ranges([0, 65], [200, 205]));
  // The gap of 40 KB is too much beside the others.
  assert.deepEqual(joinNear(ranges([0, 10], [50, 60], [80, 90], [110, 120])), ranges([0, 10], [50, 120]));
  assert.deepEqual(joinNear(ranges([0, 1], [70, 71])), ranges([0, 1], [70, 71]), 'too far apart');
  assert.deepEqual(joinNear([...ranges([0, 200]), { start: 200 * KB + 100, end: 300 * KB }, ...ranges([310, 320])]), ranges([0, 300], [310, 320]), 'what is next to it comes with it');
  assert.deepEqual(joinNear([]), []);
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
