/** `.cq` archives: whole ones come back as they were, and of any other nothing is taken over. */

import assert from 'node:assert/strict';
import { createWriteStream } from 'node:fs';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { crc32 as nodeCrc32 } from 'node:zlib';
import { Codequarry, FolderStore, MemoryStore, segmentKey } from 'codequarry';
import { crc32 } from '../dist/crc32.js';
import { PROJECT, random, run, tempFolder, textFiles, writeFiles } from './helpers.js';

const HEADER_BYTES = 32;

/** @param {ReadableStream<Uint8Array>} stream */
const bytesOf = async (stream) => new Uint8Array(await new Response(stream).arrayBuffer());

/**
 * An index in memory, in several segments.
 *
 * @param {Record<string, string>} [files]
 */
async function quarryOf(files = PROJECT, store = new MemoryStore()) {
  const quarry = await Codequarry.open({ store, workers: 1, persist: { graceMs: 0 } });
  for (const file of textFiles(files)) await quarry.add([file]);
  await quarry.idle();
  return { quarry, store };
}

/**
 * Everything that a store holds.
 *
 * @param {import('codequarry').Store} store
 */
async function contents(store) {
  const manifest = await store.readManifest();
  /** @type {Record<string, string>} */
  const all = { manifest: Buffer.from(manifest?.bytes ?? []).toString('hex') };
  for (const { key } of (await store.list()).filter((blob) => blob.key.endsWith('.cqs')).sort((a, b) => (a.key < b.key ? -1 : 1))) all[key] = Buffer.from((await store.get(key)) ?? []).toString('hex');
  return all;
}

/**
 * The code with which an import is refused; undefined when it is not.
 *
 * @param {import('codequarry').ArchiveInput} archive
 * @param {import('codequarry').ImportTarget} target
 */
async function refusal(archive, target) {
  try {
    await (await Codequarry.import({ workers: 1, ...target }, archive)).close();
    return undefined;
  } catch (error) {
    assert.equal(/** @type {Error} */ (error).name, 'CodequarryError', /** @type {Error} */ (error).stack);
    return /** @type {{ code: string }} */ (error).code;
  }
}

test('CRC-32 is the platform’s', { skip: typeof nodeCrc32 !== 'function' }, () => {
  const next = random(1);
  for (const length of [0, 1, 7, 8, 9, 15, 16, 1000, 4099]) {
    const bytes = Uint8Array.from({ length }, () => next() * 256);
    assert.equal(crc32(bytes), nodeCrc32(bytes), `${length} bytes`);
    assert.equal(crc32(bytes.subarray(length >> 1), crc32(bytes.subarray(0, length >> 1))), nodeCrc32(bytes), `${length} bytes in two parts`);
  }
  assert.equal(crc32(new TextEncoder().encode('123456789')), 0xcbf43926);
});

test('what was exported is imported to the byte, dead files and generation included', async () => {
  const { quarry, store } = await quarryOf();
  await quarry.remove('debug.log');
  const archive = await bytesOf(quarry.export());
  const target = new MemoryStore();
  const imported = await Codequarry.import({ store: target }, archive);
  assert.equal(imported.generation, quarry.generation);
  assert.deepEqual(await imported.paths(), await quarry.paths());
  assert.deepEqual(await imported.search('connection pool'), await quarry.search('connection pool'));
  assert.deepEqual(await bytesOf(imported.export()), archive, 'exported again it is the same');
  await imported.close();
  // What was merged while files were added may still be kept for readers of the generation before; when the writer closes it goes.
  await quarry.close();
  assert.deepEqual(await contents(target), await contents(store));
});

test('an archive is read from bytes, blobs, streams of any pieces, and functions', async () => {
  const { quarry } = await quarryOf();
  const archive = await bytesOf(quarry.export());
  const byByte = async function* () {
    for (const byte of archive) yield Uint8Array.of(byte);
  };
  for (const input of [archive, archive.slice().buffer, new Blob([archive.slice()]), quarry.export(), byByte(), () => archive]) {
    const imported = await Codequarry.import({ workers: 1 }, input);
    assert.equal((await imported.paths()).length, (await quarry.paths()).length);
    await imported.close();
  }
  await quarry.close();
});

test('pieces that do not compress are kept as they are, others get smaller', async () => {
  const next = random(5);
  const noise = Array.from({ length: 60_000 }, () => String.fromCodePoint(0x4e00 + Math.floor(next() * 20_000))).join('');
  const words = 'const value = compute(value, options);\n'.repeat(30_000);
  for (const [text, most] of /** @type {const} */ ([
    [noise, 1.001],
    [words, 0.97],
  ])) {
    const { quarry, store } = await quarryOf({ 'a.txt': text });
    const [{ bytes }] = await store.list();
    const archive = await bytesOf(quarry.export());
    assert.ok(archive.byteLength < bytes * most + 400, `${archive.byteLength} for ${bytes}`);
    assert.equal(await refusal(archive, {}), undefined);
    await quarry.close();
  }
});

test('an archive that was cut anywhere is ARCHIVE_TRUNCATED, and the target stays as it was', async () => {
  const { quarry } = await quarryOf({ 'a.js': 'function alpha() {}\n', 'b.js': 'function beta() {}\n' });
  const archive = await bytesOf(quarry.export());
  const { quarry: other, store } = await quarryOf({ 'old.js': 'function old() {}\n' });
  await other.close();
  const before = await contents(store);
  assert.equal(await refusal(new Uint8Array(), { store }), 'ARCHIVE_FORMAT');
  for (let length = 1; length < archive.byteLength; length += length < 200 || length > archive.byteLength - 100 ? 1 : 13) {
    assert.equal(await refusal(archive.subarray(0, length), { store }), 'ARCHIVE_TRUNCATED', `cut at ${length} of ${archive.byteLength}`);
  }
  assert.deepEqual(await contents(store), before);
  assert.equal(await refusal(archive, { store }), undefined);
  await quarry.close();
});

test('an archive with one bit changed, at any byte, is refused with a code, and the target stays as it was', async () => {
  const { quarry } = await quarryOf({ 'a.js': 'function alpha() {}\n', 'b.js': 'function beta() {}\n' });
  const archive = await bytesOf(quarry.export());
  const store = new MemoryStore();
  /** @type {Map<string, number>} */
  const codes = new Map();
  for (let at = 0; at < archive.byteLength; at++) {
    const changed = archive.slice();
    changed[at] ^= 1 << at % 8;
    const code = await refusal(changed, { store });
    assert.ok(code, `the change of byte ${at} was not noticed`);
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  assert.deepEqual(await contents(store), { manifest: '' });
  assert.deepEqual([...codes.keys()].sort(), ['ARCHIVE_DAMAGED', 'ARCHIVE_FORMAT', 'FORMAT_NEWER']);
  assert.equal(codes.get('ARCHIVE_FORMAT'), 8, 'the magic number');
  assert.ok((codes.get('FORMAT_NEWER') ?? 0) <= 2, 'the version');
  await quarry.close();
});

test('a foreign file, a later version, and what follows the end have codes of their own', async () => {
  const { quarry, store: source } = await quarryOf({ 'a.js': 'let a;\n' });
  const archive = await bytesOf(quarry.export());
  const store = new MemoryStore();
  for (const foreign of [new TextEncoder().encode('PK\x03\x04 and so on'), new Uint8Array(1000), await source.readManifest().then((found) => found?.bytes ?? new Uint8Array())]) {
    assert.equal(await refusal(foreign, { store }), 'ARCHIVE_FORMAT');
  }
  const later = archive.slice();
  later[8] = 2;
  assert.equal(await refusal(later, { store }), 'FORMAT_NEWER');
  assert.equal(await refusal(later.subarray(0, 12), { store }), 'FORMAT_NEWER');
  assert.equal(await refusal(Buffer.concat([archive, Buffer.of(0)]), { store }), 'ARCHIVE_DAMAGED');
  assert.equal(await refusal(Buffer.concat([archive, archive]), { store }), 'ARCHIVE_DAMAGED');
  assert.deepEqual(await contents(store), { manifest: '' });
  await quarry.close();
});

test('archives whose checksums fit but whose parts do not are ARCHIVE_DAMAGED', async () => {
  const one = await quarryOf({ 'a.js': 'let a;\n' });
  const two = await quarryOf({ 'b.js': 'let b;\n' });
  const [a, b] = [await bytesOf(one.quarry.export()), await bytesOf(two.quarry.export())];
  // Both have a manifest of one length in one piece, so their parts are at the same places.
  const view = new DataView(a.buffer);
  const manifestEnd = HEADER_BYTES + 32 + 16 + view.getUint32(HEADER_BYTES + 32 + 4, true);
  const spliced = Buffer.concat([a.subarray(0, manifestEnd), b.subarray(manifestEnd)]);
  assert.equal(await refusal(spliced, {}), 'ARCHIVE_DAMAGED');
  const noManifest = Buffer.concat([a.subarray(0, HEADER_BYTES), a.subarray(manifestEnd)]);
  assert.equal(await refusal(noManifest, {}), 'ARCHIVE_DAMAGED');
  await one.quarry.close();
  await two.quarry.close();
});

test('a damaged snapshot is not exported', async () => {
  const { quarry, store } = await quarryOf({ 'a.js': 'let a;\n', 'b.js': 'let b;\n' });
  const [{ key }] = await store.list();
  const bytes = await store.get(key);
  assert.ok(bytes);
  bytes[bytes.length >> 1] ^= 1;
  await store.put(key, bytes);
  await assert.rejects(bytesOf(quarry.export()), { code: 'SNAPSHOT_CHECKSUM' });
  await store.delete(key);
  await assert.rejects(bytesOf(quarry.export()), { code: 'SNAPSHOT_MISSING_SEGMENT' });
  await quarry.close();
  await assert.rejects(async () => bytesOf(quarry.export()), { code: 'CLOSED' });
  const empty = await Codequarry.open({});
  await assert.rejects(bytesOf(empty.export()), { code: 'STORE_NOT_FOUND' });
  await empty.close();
});

test('a populated snapshot is replaced by an empty or smaller one only when that is asked for', async () => {
  const { quarry: small } = await quarryOf({ 'a.js': 'let a;\n' });
  const smaller = await bytesOf(small.export());
  await small.remove('a.js');
  const empty = await bytesOf(small.export());
  const { quarry: big, store } = await quarryOf({ 'b.js': 'let b;\n', 'c.js': 'let c;\n' });
  const larger = await bytesOf(big.export());
  await big.close();
  const before = await contents(store);
  assert.equal(await refusal(smaller, { store }), 'WOULD_SHRINK');
  assert.equal(await refusal(empty, { store }), 'WOULD_EMPTY');
  assert.deepEqual(await contents(store), before);

  const replaced = await Codequarry.import({ store, replace: true }, smaller);
  assert.deepEqual(await replaced.paths(), ['a.js']);
  assert.equal(replaced.generation, 3, 'what is imported comes after what was there');
  await replaced.close();
  const grown = await Codequarry.import({ store }, larger);
  assert.deepEqual(await grown.paths(), ['b.js', 'c.js']);
  assert.equal(grown.generation, 4);
  await grown.close();
  const again = await Codequarry.import({ store }, larger);
  assert.equal(again.generation, 4, 'what is there already is not imported again');
  await again.close();
  assert.equal(await refusal(empty, { store, replace: true }), undefined);
  await small.close();
});

test('a snapshot that cannot be read counts as populated', async () => {
  const { quarry } = await quarryOf({ 'a.js': 'let a;\n' });
  const archive = await bytesOf(quarry.export());
  const { store } = await quarryOf({ 'b.js': 'let b;\n' });
  const manifest = await store.readManifest();
  assert.ok(manifest);
  // Behind the header, the contents of two sections, and generation and number of segments.
  manifest.bytes[32 + 2 * 32 + 2] ^= 1;
  const broken = new MemoryStore();
  await broken.swapManifest(0, manifest.bytes);
  assert.equal(await refusal(archive, { store: broken }), 'SNAPSHOT_CHECKSUM');
  assert.equal(await refusal(archive, { store: broken, replace: true }), undefined);
  await quarry.close();
});

test('a reader of the old generation goes on, and sees the imported one after a refresh', async () => {
  const { quarry: source } = await quarryOf({ 'new.js': 'function fresh() {}\n', 'more.js': 'let more;\n' });
  const { quarry: reader, store } = await quarryOf({ 'old.js': 'function old() {}\n' });
  assert.equal(await refusal(source.export(), { store }), undefined);
  assert.deepEqual(await reader.paths(), ['old.js']);
  assert.equal(await reader.refresh(), true);
  assert.deepEqual(await reader.paths(), ['more.js', 'new.js']);
  await reader.close();
  await source.close();
});

test('another writer that is faster makes an import fail, and nothing is lost', async () => {
  const { quarry: source } = await quarryOf({ 'new.js': 'let fresh;\n', 'more.js': 'let more;\n' });
  const { quarry: writer, store } = await quarryOf({ 'old.js': 'let old;\n' });
  const archive = await bytesOf(source.export());
  const slow = async function* () {
    yield archive.subarray(0, archive.byteLength - 1);
    await writer.add([{ path: 'meanwhile.js', text: 'let meanwhile;\n' }]);
    yield archive.subarray(archive.byteLength - 1);
  };
  assert.equal(await refusal(slow(), { store }), 'STALE_GENERATION');
  assert.deepEqual((await (await Codequarry.open({ store })).paths()).sort(), ['meanwhile.js', 'old.js']);
  await writer.close();
  await source.close();
});

test('exporting reads one segment at a time, and only as far as its reader has come', async () => {
  const { quarry, store } = await quarryOf({ 'a.js': 'let a;\n', 'b.js': 'let b;\n', 'c.js': 'let c;\n' });
  /** @type {string[]} */
  const read = [];
  const get = store.get.bind(store);
  store.get = (key) => {
    read.push(key);
    return get(key);
  };
  const reader = quarry.export().getReader();
  assert.deepEqual(read, [], 'nothing is read before it is asked for');
  /** @type {number[]} */
  const counts = [];
  for (;;) {
    const { done } = await reader.read();
    if (done) break;
    counts.push(read.length);
  }
  assert.deepEqual([...new Set(counts)], [0, 1, 2, 3]);
  await quarry.close();
});

test('importing stores each segment before the next one has come', async () => {
  const { quarry } = await quarryOf({ 'a.js': 'let a;\n', 'b.js': 'let b;\n', 'c.js': 'let c;\n' });
  const archive = await bytesOf(quarry.export());
  const store = new MemoryStore();
  /** @type {number[]} */
  const stored = [];
  const byPiece = async function* () {
    for (let at = 0; at < archive.byteLength; at += 16) {
      stored.push((await store.list()).length);
      yield archive.subarray(at, at + 16);
    }
  };
  await (await Codequarry.import({ store }, byPiece())).close();
  assert.deepEqual([...new Set(stored)], [0, 1, 2, 3]);
  await quarry.close();
});

test('an aborted import rejects with the reason and changes nothing', async () => {
  const { quarry } = await quarryOf({ 'a.js': 'let a;\n', 'b.js': 'let b;\n' });
  const archive = await bytesOf(quarry.export());
  const store = new MemoryStore();
  const abort = new AbortController();
  const slow = async function* () {
    yield archive.subarray(0, archive.byteLength - 30);
    abort.abort(new Error('enough'));
    yield archive.subarray(archive.byteLength - 30);
  };
  await assert.rejects(Codequarry.import({ store, signal: abort.signal }, slow()), /enough/);
  assert.deepEqual(await contents(store), { manifest: '' });
  await quarry.close();
});

test('the command line exports and imports files and pipes', async (t) => {
  const folder = await writeFiles(await tempFolder(t), PROJECT);
  const work = await tempFolder(t);
  const cli = (/** @type {string[]} */ ...args) => run(args, { cwd: work });
  assert.equal((await cli('index', folder, '--out', 'snapshot')).code, 0);
  const exported = await cli('export', 'snapshot', 'some.cq', '--json');
  assert.equal(exported.code, 0, exported.stderr);
  const { file, files, segments, bytes } = JSON.parse(exported.stdout);
  assert.equal(file, 'some.cq');
  assert.equal(bytes, (await readFile(join(work, 'some.cq'))).byteLength);
  assert.ok(files > 3 && segments === 1);
  const imported = await cli('import', 'some.cq', '--out', 'copy', '--json');
  assert.equal(imported.code, 0, imported.stderr);
  const { ...report } = JSON.parse(imported.stdout);
  assert.deepEqual({ files: report.files, segments: report.segments, changed: report.changed }, { files, segments, changed: true });
  assert.deepEqual((await readdir(join(work, 'copy'))).sort(), (await readdir(join(work, 'snapshot'))).sort());
  assert.equal(JSON.parse((await cli('search', 'copy', 'connection pool', '--json')).stdout).hits[0].path, 'src/lib.rs');

  const stdout = await cli('export', 'snapshot', '-');
  assert.equal(stdout.code, 0, stdout.stderr);
  const piped = createWriteStream(join(work, 'piped.cq'));
  const quarry = await Codequarry.open(join(work, 'snapshot'));
  await pipeline(Readable.fromWeb(/** @type {any} */ (quarry.export())), piped);
  await quarry.close();
  assert.deepEqual(await readFile(join(work, 'piped.cq')), await readFile(join(work, 'some.cq')));
  const again = await Codequarry.import(join(work, 'from-api'), await readFile(join(work, 'piped.cq')));
  assert.equal((await again.paths()).length, files);
  await again.close();
});

test('the command line leaves nothing of what it refuses', async (t) => {
  const work = await tempFolder(t);
  const quarry = await Codequarry.open({ workers: 1 });
  await quarry.add(textFiles(PROJECT));
  const archive = await bytesOf(quarry.export());
  await writeFile(join(work, 'cut.cq'), archive.subarray(0, archive.byteLength - 100));
  await writeFile(join(work, 'text.cq'), 'This is no archive.');
  for (const [file, code] of /** @type {const} */ ([
    ['cut.cq', 'ARCHIVE_TRUNCATED'],
    ['text.cq', 'ARCHIVE_FORMAT'],
    ['none.cq', 'NOT_FOUND'],
  ])) {
    const { code: exit, stderr } = await run(['import', file, '--out', 'out'], { cwd: work });
    assert.equal(exit, 2);
    assert.match(stderr, new RegExp(`^codequarry: ${code}: `));
  }
  assert.equal((await run(['export', 'nothing', 'x.cq'], { cwd: work })).code, 2);
  assert.deepEqual((await readdir(work)).sort(), ['cut.cq', 'text.cq']);
  await quarry.close();
});

test('an import into a folder survives being opened again', async (t) => {
  const folder = join(await tempFolder(t), 'snapshot');
  const { quarry } = await quarryOf();
  const imported = await Codequarry.import(folder, quarry.export());
  await imported.add([{ path: 'later.js', text: 'function later() {}\n' }]);
  await imported.close();
  const store = await FolderStore.open(folder, { access: 'read' });
  const again = await Codequarry.open({ store });
  assert.ok((await again.paths()).includes('later.js'));
  assert.ok(await store.get(segmentKey((await store.list())[0].key.slice(0, -4))));
  await again.close();
  await quarry.close();
});
