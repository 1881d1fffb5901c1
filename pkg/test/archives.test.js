/** Archives: well-formed ones of every kind, and hostile ones. */

import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync as nodeGzip } from 'node:zlib';
import { fromArchive, isArchiveName } from 'codequarry';
import { gzipSync, zipSync } from 'fflate';
import { packTar } from 'modern-tar';
import { collect, random, tempFolder } from './helpers.js';

/**
 * A tar of these files; a name that ends in a slash is a folder.
 *
 * @param {[string, string | Uint8Array | { link: string }][]} entries
 */
async function tar(entries) {
  const packed = entries.map(([name, content]) => {
    if (name.endsWith('/')) return { header: { name, size: 0, type: /** @type {const} */ ('directory') } };
    if (typeof content === 'object' && 'link' in content) return { header: { name, size: 0, type: /** @type {const} */ ('symlink'), linkname: content.link } };
    const body = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    return { header: { name, size: body.length }, body };
  });
  return packTar(packed);
}

/** @param {string} name @param {string} content */
const text = (name, content) => /** @type {[string, string]} */ ([name, content]);

/** @param {import('codequarry').SourceFile[]} items */
function summary(items) {
  return items.map((file) => [file.path, 'problem' in file ? file.problem.code : 'bytes' in file ? new TextDecoder().decode(file.bytes) : file.text]);
}

/** @param {unknown} error */
const codeOf = (error) => /** @type {{ code?: string } | undefined} */ (error)?.code;

const FILES = [text('package/package.json', '{}'), text('package/src/a.ts', 'const a = 1;'), text('package/b.md', '# b')];
const STRIPPED = [
  ['package.json', '{}'],
  ['src/a.ts', 'const a = 1;'],
  ['b.md', '# b'],
];

test('every kind of archive in every form of input', async (t) => {
  const plain = await tar(FILES);
  const folder = await tempFolder(t);
  const archives = {
    tar: plain,
    tgz: gzipSync(plain),
    zip: zipSync(Object.fromEntries(FILES.map(([name, content]) => [name, new TextEncoder().encode(content)]))),
  };
  for (const [kind, bytes] of Object.entries(archives)) {
    await writeFile(join(folder, kind), bytes);
    /** @type {Record<string, import('codequarry').ArchiveInput>} */
    const inputs = {
      bytes,
      buffer: bytes.slice().buffer,
      blob: new Blob([bytes.slice()]),
      stream: new Blob([bytes.slice()]).stream(),
      iterable: createReadStream(join(folder, kind), { highWaterMark: 100 }),
      opener: () => createReadStream(join(folder, kind)),
    };
    for (const [form, input] of Object.entries(inputs)) {
      const { items, error } = await collect(fromArchive(input));
      assert.equal(error, undefined, `${kind} as ${form}`);
      assert.deepEqual(summary(items), STRIPPED, `${kind} as ${form}`);
    }
  }
});

test('a root folder is stripped only when all files are in it, and only when it is to be', async () => {
  const two = await tar([text('a/x.ts', ''), text('b/y.ts', '')]);
  assert.deepEqual(summary((await collect(fromArchive(two))).items), [
    ['a/x.ts', ''],
    ['b/y.ts', ''],
  ]);
  const atRoot = await tar([text('a/x.ts', ''), text('y.ts', '')]);
  assert.equal((await collect(fromArchive(atRoot))).items[0].path, 'a/x.ts');
  const kept = await collect(fromArchive(await tar(FILES), { root: 'keep' }));
  assert.equal(kept.items[0].path, 'package/package.json');
});

test('folders, links and devices are left out, long and strange names are kept', async () => {
  const long = `${'long/'.repeat(60)}näme with späce.ts`;
  const { items } = await collect(fromArchive(await tar([['r/', ''], text(`r/${long}`, 'x'), ['r/link.ts', { link: '/etc/passwd' }]])));
  assert.deepEqual(
    items.map(({ path }) => path.slice(-24)),
    [long.slice(-24)],
  );
});

test('entries that lead out of the archive are reported, the rest is brought', async () => {
  const names = ['../evil.ts', '/abs.ts', 'ok/a.ts', 'ok/../../evil.ts', 'C:/evil.ts', 'ok/b.ts'];
  const { items, error } = await collect(fromArchive(await tar(names.map((name) => text(name, 'x')))));
  assert.equal(error, undefined);
  assert.deepEqual(summary(items), [
    ['../evil.ts', 'PATH_ESCAPES'],
    ['/abs.ts', 'PATH_ESCAPES'],
    ['a.ts', 'x'],
    ['ok/../../evil.ts', 'PATH_ESCAPES'],
    ['C:/evil.ts', 'PATH_ESCAPES'],
    ['b.ts', 'x'],
  ]);
  const zip = zipSync({ '../evil.ts': new Uint8Array(1), 'ok.ts': new Uint8Array(1) });
  assert.deepEqual(
    (await collect(fromArchive(zip))).items.map((file) => 'problem' in file),
    [true, false],
  );
});

test('a .gitignore holds for what comes after it; node_modules is left out', async () => {
  const bytes = await tar([text('p/.gitignore', 'out/\n'), text('p/a.ts', ''), text('p/node_modules/x/i.js', ''), text('p/out/b.js', '')]);
  assert.deepEqual(
    (await collect(fromArchive(bytes))).items.map(({ path }) => path),
    ['.gitignore', 'a.ts'],
  );
  assert.equal((await collect(fromArchive(bytes, { all: true }))).items.length, 4);
});

test('a truncated archive brings every complete file, then says so', async () => {
  const next = random(7);
  const files = Array.from({ length: 40 }, (_, index) => text(`p/f${index}.ts`, Array.from({ length: 300 }, () => next().toString(36)).join('\n')));
  const plain = await tar(files);
  const zip = zipSync(Object.fromEntries(files.map(([name, content]) => [name, new TextEncoder().encode(content)])));
  for (const [kind, bytes] of Object.entries({ tar: plain, tgz: gzipSync(plain), zip })) {
    for (const share of [0.05, 0.3, 0.5, 0.77]) {
      const cut = bytes.subarray(0, Math.floor(bytes.length * share));
      const { items, error } = await collect(fromArchive(cut));
      assert.equal(codeOf(error), 'ARCHIVE_TRUNCATED', `${kind} at ${share}`);
      assert.ok(items.length > 40 * share - 4 && items.length < 40, `${kind} at ${share}: ${items.length} files`);
      for (const [index, file] of items.entries()) assert.deepEqual(summary([file]), [[`f${index}.ts`, files[index][1]]]);
    }
  }
});

test('what is no archive is refused', async () => {
  const inputs = { empty: new Uint8Array(), text: new TextEncoder().encode('hello'.repeat(500)), gzipped: nodeGzip('just text'.repeat(500)) };
  for (const [name, bytes] of Object.entries(inputs)) {
    assert.equal(codeOf((await collect(fromArchive(bytes))).error), 'ARCHIVE_FORMAT', name);
  }
  assert.ok(isArchiveName('x.TGZ') && isArchiveName('a.tar.gz') && isArchiveName('b.zip') && !isArchiveName('a.gz') && !isArchiveName('zip'));
});

test('an empty archive has no files', async () => {
  for (const bytes of [await tar([]), gzipSync(await tar([])), zipSync({})]) assert.deepEqual(await collect(fromArchive(bytes)), { items: [], error: undefined });
});

test('a bomb inside an entry is a problem, and costs no memory', async () => {
  const bomb = new Uint8Array(100 * 1024 * 1024);
  const zip = zipSync({ 'p/bomb.bin': bomb, 'p/a.ts': new TextEncoder().encode('a') });
  const tgz = nodeGzip(await tar([['p/bomb.bin', bomb], text('p/a.ts', 'a')]));
  for (const bytes of [zip, tgz]) {
    assert.ok(bytes.length < 200_000);
    const { items, error } = await collect(fromArchive(bytes));
    assert.equal(error, undefined);
    assert.deepEqual(summary(items), [
      ['bomb.bin', 'LIMIT_EXCEEDED'],
      ['a.ts', 'a'],
    ]);
  }
});

test('a tar header that claims terabytes allocates nothing', async () => {
  const bytes = await tar([text('p/a.ts', 'a'), text('p/b.ts', 'b')]);
  const header = bytes.subarray(1024, 1536);
  header.set(new TextEncoder().encode('77777777777\0'), 124);
  header.fill(32, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
  const { items, error } = await collect(fromArchive(bytes));
  assert.equal(summary(items)[0][0], 'p/a.ts'.replace('p/', ''));
  assert.ok(items.length === 1 || codeOf(error) !== undefined || 'problem' in items[1]);
});

test('mutated archives end in files, problems or a code, never in anything else', async () => {
  const files = Array.from({ length: 8 }, (_, index) => text(`p/d${index % 3}/f${index}.ts`, `export const value${index} = ${index};\n`.repeat(20)));
  const plain = await tar(files);
  const zip = zipSync(Object.fromEntries(files.map(([name, content]) => [name, new TextEncoder().encode(content)])));
  const next = random(42);
  for (const [kind, whole] of Object.entries({ tar: plain, tgz: gzipSync(plain), zip })) {
    for (let round = 0; round < 300; round++) {
      let bytes = whole.slice();
      const damage = 1 + Math.floor(next() * 8);
      for (let hit = 0; hit < damage; hit++) bytes[Math.floor(next() * bytes.length)] = Math.floor(next() * 256);
      if (next() < 0.2) bytes = bytes.subarray(0, Math.floor(next() * bytes.length));
      const { items, error } = await collect(fromArchive(bytes));
      if (error !== undefined) assert.match(codeOf(error) ?? `${error}`, /^ARCHIVE_/, `${kind} round ${round}`);
      for (const file of items) if (!('problem' in file)) assert.ok(corpusSafe(file.path), file.path);
    }
  }
});

/** @param {string} path */
function corpusSafe(path) {
  return path !== '' && !path.startsWith('/') && !path.split('/').includes('..');
}

/** Files of words that deflate keeps as literals, so that a flipped bit changes them and nothing else. */
const PLAIN = Object.fromEntries(Array.from({ length: 6 }, (_, at) => [`p/f${at}.txt`, new TextEncoder().encode(Array.from({ length: 300 }, (_unused, word) => (word * 7919 * (at + 3)).toString(36)).join(' '))]));

const contents = new Set(Object.values(PLAIN).map((content) => Buffer.from(content).toString('latin1')));

test('a flipped bit anywhere in a zip is never brought as content', async () => {
  for (const level of /** @type {const} */ ([0, 6])) {
    const whole = zipSync(PLAIN, { level });
    assert.equal((await collect(fromArchive(whole))).items.length, 6);
    let noticed = 0;
    for (let at = 0; at < whole.length; at += 11) {
      const bytes = whole.slice();
      bytes[at] ^= 1 << at % 8;
      const { items, error } = await collect(fromArchive(bytes, { root: 'keep' }));
      // A name has no checksum.
      for (const file of items) {
        if ('bytes' in file) assert.ok(contents.has(Buffer.from(file.bytes).toString('latin1')), `level ${level}, byte ${at}: ${file.path}`);
      }
      if (error || items.some((file) => 'problem' in file)) noticed += 1;
    }
    assert.ok(noticed > whole.length / 11 / 2, `${noticed} noticed`);
  }
});

test('a flipped bit in a gzip is ARCHIVE_DAMAGED or ARCHIVE_TRUNCATED, and changed content is not brought', async () => {
  const whole = nodeGzip(await tar(Object.entries(PLAIN).map(([name, content]) => [name, content])));
  assert.equal((await collect(fromArchive(whole))).items.length, 6);
  for (let at = 10; at < whole.length; at += 13) {
    const bytes = Uint8Array.from(whole);
    bytes[at] ^= 1 << at % 8;
    const { items, error } = await collect(fromArchive(bytes, { root: 'strip' }));
    // Some bits change nothing: where a run of zeros is copied from.
    if (error || items.length < 6) assert.match(codeOf(error) ?? 'none', /^ARCHIVE_(DAMAGED|TRUNCATED|FORMAT|LIMIT)$/, `byte ${at}`);
    if (items.length < 6) continue;
    for (const file of items) assert.ok('bytes' in file && contents.has(Buffer.from(file.bytes).toString('latin1')), `byte ${at}: ${file.path}`);
  }
});

test('a gzip of several members is read, and each is checked', async () => {
  const plain = await tar(FILES);
  const members = Buffer.concat([nodeGzip(plain.subarray(0, 700)), nodeGzip(plain.subarray(700))]);
  assert.deepEqual(summary((await collect(fromArchive(members))).items), STRIPPED);
  const first = nodeGzip(plain.subarray(0, 700)).length;
  for (const at of [first - 5, members.length - 6]) {
    const bytes = Uint8Array.from(members);
    bytes[at] ^= 1;
    assert.equal(codeOf((await collect(fromArchive(bytes))).error), 'ARCHIVE_DAMAGED');
  }
});

test('a zip that was written as a stream, with its checksums behind the entries, is read and checked', async () => {
  const { Zip, ZipDeflate, ZipPassThrough } = await import('fflate');
  for (const Entry of [ZipDeflate, ZipPassThrough]) {
    /** @type {Uint8Array[]} */
    const parts = [];
    const zip = new Zip((error, part) => {
      assert.equal(error, null);
      parts.push(part);
    });
    for (const [name, content] of Object.entries(PLAIN)) {
      const entry = new Entry(name);
      zip.add(entry);
      entry.push(content, true);
    }
    zip.end();
    const whole = Buffer.concat(parts);
    const { items, error } = await collect(fromArchive(whole, { root: 'keep' }));
    assert.equal(error, undefined, Entry.name);
    assert.equal(items.filter((file) => 'bytes' in file).length, 6, Entry.name);
    const bytes = Uint8Array.from(whole);
    bytes[whole.indexOf(Buffer.from('PK\x07\x08')) + 5] ^= 1;
    const damaged = await collect(fromArchive(bytes, { root: 'keep' }));
    assert.equal(damaged.items.filter((file) => 'bytes' in file).length, 5, Entry.name);
    assert.equal(codeOf(damaged.error), 'ARCHIVE_DAMAGED');
  }
});
