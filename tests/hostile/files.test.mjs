/**
 * Files that no editor would save: each is indexed, indexed with a reservation, or skipped for a reason with a code, and the file beside it is found.
 */

import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { SOUND, codequarry, folder, index, problemOf, search } from './harness.mjs';

/** Indexes files beside a sound one and says what became of them. */
function indexed(t, files, args = []) {
  const root = folder(t, { ...files, 'sound.js': SOUND });
  const out = join(folder(t), 'snapshot');
  const { report } = index(root, out, { args });
  assert.deepEqual(search(out, 'soundAndWhole'), ['sound.js']);
  assert.equal(report.files, report.indexed + report.skipped, 'a file was lost');
  return { report, out };
}

test('an unreadable file is skipped as UNREADABLE', { skip: process.getuid?.() === 0 && 'root reads everything' }, (t) => {
  const root = folder(t, { 'secret.js': 'let hidden = 1;\n', 'sound.js': SOUND });
  chmodSync(join(root, 'secret.js'), 0);
  const out = join(folder(t), 'snapshot');
  const { report } = index(root, out);
  assert.equal(problemOf(report, 'secret.js'), 'skipped UNREADABLE');
  assert.deepEqual(search(out, 'soundAndWhole'), ['sound.js']);
});

test('a link that leads nowhere, or round in a circle, is no file', (t) => {
  const root = folder(t, { 'sound.js': SOUND });
  symlinkSync('nowhere.js', join(root, 'dangling.js'));
  symlinkSync('.', join(root, 'circle'));
  const { report } = index(root, join(folder(t), 'snapshot'));
  assert.equal(report.files, 1);
});

test('binary files are skipped as BINARY, whatever their name', (t) => {
  const noise = Buffer.from(Array.from({ length: 20_000 }, (_, at) => (at * 7919 + (at >> 3) * 31) & 0xff));
  const { report } = indexed(t, {
    'late.js': Buffer.concat([Buffer.from('let a = 1;\n'.repeat(1000)), Buffer.alloc(10_000)]),
    'noise.py': noise,
    'zeros.c': Buffer.alloc(4096),
    'utf32.ts': Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]),
  });
  for (const path of ['late.js', 'noise.py', 'zeros.c', 'utf32.ts']) assert.equal(problemOf(report, path), 'skipped BINARY', path);
});

test('invalid UTF-8 is indexed, with the invalid bytes replaced', (t) => {
  const bytes = Buffer.concat([Buffer.from('// caf'), Buffer.from([0xe9, 0x20, 0xc3, 0x28, 0xf0, 0x9f]), Buffer.from('\nfunction brokenBytes() { return 1; }\n')]);
  const { report, out } = indexed(t, { 'latin1.js': bytes });
  assert.equal(problemOf(report, 'latin1.js'), 'indexed INVALID_ENCODING');
  assert.deepEqual(search(out, 'brokenBytes'), ['latin1.js']);
});

test('UTF-16 with a byte order mark is indexed, little and big endian, odd lengths and lone surrogates too', (t) => {
  const little = Buffer.from('\ufeffdef smaller_first():\n    return "\u00e9\ud83d\ude00"\n', 'utf16le');
  const big = Buffer.from('\ufefffunc Larger1st() int { return 1 }\n', 'utf16le').swap16();
  const torn = Buffer.concat([Buffer.from('\ufefffunction tornApart() {} // \ud800 x\n', 'utf16le'), Buffer.from([0x20])]);
  const { report, out } = indexed(t, { 'little.py': little, 'big.go': big, 'torn.js': torn });
  assert.equal(report.skipped, 0);
  assert.deepEqual(search(out, 'smaller_first'), ['little.py']);
  assert.deepEqual(search(out, 'Larger1st'), ['big.go']);
  assert.deepEqual(search(out, 'tornApart'), ['torn.js']);
});

test('a UTF-8 byte order mark is no part of the first line', (t) => {
  const { out } = indexed(t, { 'bom.py': '\ufeffdef marked():\n    pass\n' });
  assert.deepEqual(search(out, 'marked'), ['bom.py']);
});

test('line ends of Windows and of old Macs are kept, and lines counted by their feeds', (t) => {
  const text = 'package p\r\n\r\n// Ends in CRLF.\r\nfunc CarriageReturn() int {\r\n\treturn 1\r\n}\r\n';
  const root = folder(t, { 'crlf.go': text, 'mac.js': 'function oldMac() {}\rfunction other() {}\r' });
  const run = codequarry('symbols', root, '--json');
  assert.equal(run.status, 0, run.stderr);
  const symbols = run.stdout.trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(symbols.find(({ name }) => name === 'CarriageReturn').nameLine, 4);
  assert.equal(symbols.find(({ name }) => name === 'other').nameLine, 1);
  const chunks = codequarry('chunks', join(root, 'crlf.go'), '--json').stdout.trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(chunks.map((chunk) => chunk.text).join(''), text);
});

test('a line of 20 MB is skipped as FILE_TOO_LARGE, one of 6 MB falls back as MINIFIED', (t) => {
  const line = (bytes) => `var longLine=[${'1234567,'.repeat(bytes / 8)}0]`;
  const { report, out } = indexed(t, { 'twenty.js': line(20_000_000), 'six.js': line(6_000_000), 'spaces.js': ' '.repeat(3_000_000) });
  assert.equal(problemOf(report, 'twenty.js'), 'skipped FILE_TOO_LARGE');
  assert.equal(problemOf(report, 'six.js'), 'fallback MINIFIED');
  assert.deepEqual(search(out, 'longLine'), ['six.js']);
});

test('a long text without long lines falls back as FILE_TOO_LARGE', (t) => {
  const { report, out } = indexed(t, { 'generated.py': `def generated_start():\n    pass\n${'value = 1  # one more line of it\n'.repeat(70_000)}` });
  assert.equal(problemOf(report, 'generated.py'), 'fallback FILE_TOO_LARGE');
  assert.deepEqual(search(out, 'generated_start'), ['generated.py']);
});

test('empty files and blank ones are indexed as nothing', (t) => {
  const { report } = indexed(t, { 'empty.js': '', 'empty.py': '', 'feed.rs': '\n', 'blank.ts': ' \n\t\n', 'empty': '' });
  assert.equal(report.skipped, 0);
  assert.equal(report.files, 6);
});

test('an empty folder is nothing to index, with exit code 1', (t) => {
  const root = folder(t);
  mkdirSync(join(root, 'deep/deeper'), { recursive: true });
  const { report } = index(root, join(folder(t), 'snapshot'), { status: 1 });
  assert.equal(report.files, 0);
});

test('what is not there is NOT_FOUND, with exit code 2', (t) => {
  const { stderr, report } = index(join(folder(t), 'nothing'), join(folder(t), 'snapshot'), { status: 2 });
  assert.match(stderr, /^codequarry: NOT_FOUND: /);
  assert.equal(report, undefined);
});

test('odd names are names: spaces, quotes, line feeds, other scripts, long ones', (t) => {
  const names = ['a b.js', "it's.js", 'new\nline.js', '日本語.js', '..js', '-rf.js', `${'x'.repeat(200)}.js`, '%2e%2e.js'];
  const files = Object.fromEntries(names.map((name, at) => [name, `function oddName${at}() {}\n`]));
  const { out } = indexed(t, files);
  for (const [at, name] of names.entries()) assert.equal(search(out, `oddName${at}`)[0], name);
});

test('code that is no code is still text', (t) => {
  const { report } = indexed(t, {
    'english.rs': 'This is no Rust at all, only a sentence or two. '.repeat(40),
    'half.java': 'class Half { void broken( { if (x { return',
    'python.cpp': 'def f(self):\n  return lambda: None\n'.repeat(50),
    'quote.py': `s = """${'never closed\n'.repeat(500)}`,
  });
  assert.equal(report.skipped, 0);
});
