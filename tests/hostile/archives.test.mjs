/**
 * Archives that were cut, damaged or made to do harm: complete entries are indexed, the rest is an error code or a reported skip, and nothing is written outside.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { SOUND, errorCode, folder, index, problemOf, search } from './harness.mjs';

/** A tar entry: a header of the old kind, and the content in blocks of 512 bytes. */
function tarEntry(name, content, { type = '0', size } = {}) {
  const body = Buffer.from(content);
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${(size ?? body.length).toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write(type, 156);
  if (type === '2') header.write('/etc/passwd', 157);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

function tar(...entries) {
  return Buffer.concat([...entries, Buffer.alloc(1024)]);
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});

function crc32(bytes) {
  return ~bytes.reduce((crc, byte) => CRC_TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8), -1) >>> 0;
}

/** A zip of deflated files, with its directory. */
function zip(files) {
  const [locals, directory] = [[], []];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const [path, body] = [Buffer.from(name), Buffer.from(content)];
    const packed = deflateRawSync(body);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(body), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(body.length, 18);
    common.writeUInt16LE(path.length, 22);
    locals.push(Buffer.from('PK\x03\x04'), common, path, packed);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00'), common, rest, path);
    offset += 30 + path.length + packed.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(Object.keys(files).length, 8);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, listing, end]);
}

/** Files with words of their own and content that hardly compresses, so that a cut comes between them. */
function manyFiles() {
  const files = { 'first.js': SOUND };
  for (let at = 0; at < 60; at++) {
    const noise = Array.from({ length: 120 }, (_, line) => `const v${at}_${line} = ${Math.imul(at * 977 + line, 2654435761) >>> 0};`).join('\n');
    files[`later${String(at).padStart(2, '0')}.js`] = `function word${at}() {}\n${noise}\n`;
  }
  return files;
}

/** Indexes an archive of these bytes. */
function indexArchive(t, name, bytes, status) {
  const root = folder(t, { [name]: bytes });
  const out = join(folder(t), 'snapshot');
  return { ...index(join(root, name), out, { status }), out };
}

const KINDS = {
  'cut.tgz': (files) => gzipSync(tar(...Object.entries(files).map(([name, content]) => tarEntry(name, content)))),
  'cut.tar': (files) => tar(...Object.entries(files).map(([name, content]) => tarEntry(name, content))),
  'cut.zip': zip,
};

for (const [name, pack] of Object.entries(KINDS)) {
  test(`${name}: whole, it is indexed whole`, (t) => {
    const { report, out } = indexArchive(t, name, pack(manyFiles()), 0);
    assert.equal(report.indexed, 61);
    assert.equal(search(out, 'word59')[0], 'later59.js');
  });

  test(`${name}: cut in the middle, what is complete is indexed and ARCHIVE_TRUNCATED reported`, (t) => {
    const whole = pack(manyFiles());
    const { report, stderr, out } = indexArchive(t, name, whole.subarray(0, Math.floor(whole.length / 2) + 700), 2);
    assert.equal(errorCode(stderr), 'ARCHIVE_TRUNCATED');
    assert.ok(report.indexed > 5 && report.indexed < 60, `${report.indexed} files`);
    assert.deepEqual(search(out, 'soundAndWhole'), ['first.js']);
  });
}

test('an archive with nothing but its first bytes is an error with a code', (t) => {
  for (const [name, pack] of Object.entries(KINDS)) {
    const whole = pack(manyFiles());
    for (const length of [0, 1, 3, 11, 40]) {
      const { stderr } = indexArchive(t, name, whole.subarray(0, length), 2);
      assert.match(errorCode(stderr) ?? stderr, /^ARCHIVE_(FORMAT|TRUNCATED)$/, `${name} of ${length} bytes`);
    }
  }
});

/** The bytes of an archive with some in the middle overwritten. */
function damaged(bytes) {
  const copy = Buffer.from(bytes);
  const middle = Math.floor(copy.length * 0.6);
  return copy.fill(0xff, middle, middle + 200);
}

test('a .tgz that was changed in the middle is an error with a code, and what comes before is indexed', (t) => {
  const { report, stderr, out } = indexArchive(t, 'damaged.tgz', damaged(KINDS['cut.tgz'](manyFiles())), 2);
  assert.match(errorCode(stderr) ?? stderr, /^ARCHIVE_(DAMAGED|TRUNCATED)$/);
  assert.ok(report.indexed > 5, `${report.indexed} files`);
  assert.deepEqual(report.problems.filter(({ code }) => code === 'PATH_ESCAPES'), [], 'noise was taken for entries');
  assert.deepEqual(search(out, 'soundAndWhole'), ['first.js']);
});

test('a .zip that was changed in the middle is ARCHIVE_DAMAGED, and what was not hit is indexed', (t) => {
  const { report, stderr, out } = indexArchive(t, 'damaged.zip', damaged(KINDS['cut.zip'](manyFiles())), 2);
  assert.equal(errorCode(stderr), 'ARCHIVE_DAMAGED');
  assert.ok(report.indexed >= 58, `${report.indexed} files`);
  for (const { status, code } of report.problems) assert.equal(`${status} ${code}`, 'skipped UNREADABLE');
  assert.deepEqual(search(out, 'soundAndWhole'), ['first.js']);
  assert.equal(search(out, 'word59')[0], 'later59.js');
});

test('an archive that was cut between two entries is ARCHIVE_TRUNCATED', (t) => {
  const [first, second] = [tarEntry('sound.js', SOUND), tarEntry('second.js', 'let a;\n')];
  const whole = zip({ 'sound.js': SOUND });
  const archives = { 'short.tar': Buffer.concat([first, second]), 'short.zip': whole.subarray(0, whole.indexOf('PK\x01\x02')) };
  for (const [name, bytes] of Object.entries(archives)) {
    const { stderr, out } = indexArchive(t, name, bytes, 2);
    assert.equal(errorCode(stderr), 'ARCHIVE_TRUNCATED', name);
    assert.deepEqual(search(out, 'soundAndWhole'), ['sound.js']);
  }
});

const ESCAPES = ['../outside.js', '/absolute.js', 'inside/../../outside.js', 'C:/windows.js', '..\\backslash.js'];

test('a tar entry that leaves the root is skipped as PATH_ESCAPES', (t) => {
  const entries = ESCAPES.map((name) => tarEntry(name, 'function escaped() {}\n'));
  const { report, out } = indexArchive(t, 'bad.tar', tar(...entries, tarEntry('sound.js', SOUND)), 0);
  for (const name of ESCAPES) assert.equal(problemOf(report, name), 'skipped PATH_ESCAPES', name);
  assert.deepEqual(search(out, 'soundAndWhole'), ['sound.js']);
  assert.deepEqual(search(out, 'escaped'), []);
});

test('a zip entry that leaves the root is skipped as PATH_ESCAPES', (t) => {
  const files = { ...Object.fromEntries(ESCAPES.map((name) => [name, 'function escaped() {}\n'])), 'sound.js': SOUND };
  const { report, out } = indexArchive(t, 'bad.zip', zip(files), 0);
  for (const name of ESCAPES) assert.equal(problemOf(report, name), 'skipped PATH_ESCAPES', name);
  assert.deepEqual(search(out, 'soundAndWhole'), ['sound.js']);
});

test('links and devices in an archive are left out', (t) => {
  const entries = [tarEntry('link.js', '', { type: '2' }), tarEntry('device.js', '', { type: '3' }), tarEntry('sound.js', SOUND)];
  const { report } = indexArchive(t, 'links.tar', tar(...entries), 0);
  assert.equal(report.files, 1);
});

test('an entry that states a size beyond the end is ARCHIVE_TRUNCATED', (t) => {
  const { stderr, out } = indexArchive(t, 'liar.tar', Buffer.concat([tarEntry('sound.js', SOUND), tarEntry('liar.js', 'let a;\n', { size: 50_000 })]), 2);
  assert.equal(errorCode(stderr), 'ARCHIVE_TRUNCATED');
  assert.deepEqual(search(out, 'soundAndWhole'), ['sound.js']);
});

test('an entry that inflates beyond all bounds is skipped as LIMIT_EXCEEDED', (t) => {
  const { report, out } = indexArchive(t, 'bomb.zip', zip({ 'bomb.js': Buffer.alloc(80_000_000, 0x20), 'sound.js': SOUND }), 0);
  assert.equal(problemOf(report, 'bomb.js'), 'skipped LIMIT_EXCEEDED');
  assert.deepEqual(search(out, 'soundAndWhole'), ['sound.js']);
});

test('what is no archive is ARCHIVE_FORMAT, whatever it is called', (t) => {
  for (const name of ['text.tgz', 'text.zip', 'text.tar']) {
    const { stderr } = indexArchive(t, name, 'This is no archive.\n'.repeat(100), 2);
    assert.equal(errorCode(stderr), 'ARCHIVE_FORMAT', name);
  }
});

test('an archive that the system wrote is read as it is', (t) => {
  const root = folder(t, manyFiles());
  const archive = join(folder(t), 'system.tgz');
  execFileSync('tar', ['-czf', archive, '-C', root, '.']);
  const { report } = index(archive, join(folder(t), 'snapshot'));
  assert.equal(report.indexed, 61);
  writeFileSync(archive, readFileSync(archive).subarray(0, 2000));
  assert.equal(errorCode(index(archive, join(folder(t), 'snapshot'), { status: 2 }).stderr), 'ARCHIVE_TRUNCATED');
});
