/** Archives for the tests, made of npm packages that the workspace has anyway, and of bytes that mean harm. */

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { ROOT, WORK } from './harness.mjs';

const MODULES = path.join(ROOT, 'node_modules');

/** A few real libraries, one folder each: some hundred files of JavaScript, TypeScript, JSON and Markdown. */
export function librariesArchive() {
  return archive('libraries', ['idb', 'fflate', 'ignore', 'modern-tar'], (folder) => {
    writeFileSync(path.join(folder, 'logo.png'), Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0, 1, 2, 3]));
    mkdirSync(path.join(folder, 'tools'), { recursive: true });
    writeFileSync(path.join(folder, 'tools', 'retry.py'), RETRY_PY);
  });
}

const RETRY_PY = `"""Retrying calls that fail now and then."""


class RetryPolicy:
    """How often, and how patiently, a failed call is tried again."""

    def __init__(self, attempts=3, delay=0.1):
        self.attempts = attempts
        self.delay = delay

    def backoff_delay(self, attempt):
        """Seconds to wait before the given attempt; doubles every time."""
        return self.delay * 2 ** attempt
`;

/** A larger one: long enough to be watched and cancelled. */
export function largeArchive() {
  return archive('large', ['playwright-core', 'typescript', 'binaryen/index.d.ts', 'esbuild', '@types']);
}

/** Packs folders of node_modules under `name`, once. */
function archive(name, packages, extra = () => undefined) {
  const file = path.join(WORK, `${name}.tgz`);
  const folder = path.join(WORK, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const wanted of packages) {
    const from = path.join(MODULES, wanted);
    if (existsSync(from)) cpSync(from, path.join(folder, wanted), { recursive: true, dereference: true, filter: isSource });
  }
  extra(folder);
  execFileSync('tar', ['-czf', file, '-C', WORK, name]);
  return file;
}

/** A folder whose `.gitignore` leaves out all but one file. */
export function ignoringFolder() {
  const folder = path.join(WORK, 'ignoring');
  rmSync(folder, { recursive: true, force: true });
  for (const [name, text] of [
    ['.gitignore', 'build/\n*.log\n'],
    ['src/widget.ts', 'export function widget() {}\n'],
    ['build/widget.js', 'function widget() {}\n'],
    ['widget.log', 'widget\n'],
  ]) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

/** Programs would make the archives large without making them interesting. */
function isSource(file) {
  return !/\/(bin|\.bin|node_modules)$|\.(node|wasm|exe|png|ttf|ico|so|dylib)$/.test(file.slice(MODULES.length + 1));
}

/** An archive with a file whose path leaves the archive's root, beside an honest one. */
export function escapingArchive() {
  const entries = [
    tarEntry('../../outside.js', 'export const escaped = true;\n'),
    tarEntry('inside.js', 'export function honestNeighbour() {}\n'),
  ];
  return written('escaping.tgz', gzipSync(Buffer.concat([...entries, Buffer.alloc(1024)])));
}

/** An archive that ends in the middle of its second file. */
export function truncatedArchive() {
  const first = tarEntry('first.js', 'export function survivesTheCut() {}\n');
  const whole = gzipSync(Buffer.concat([first, tarEntry('second.js', noise(400_000)), Buffer.alloc(1024)]));
  return written('truncated.tgz', whole.subarray(0, Math.floor(whole.length / 2)));
}

/** An archive that ends before its first file does. */
export function stumpArchive() {
  const whole = gzipSync(Buffer.concat([tarEntry('only.js', noise(400_000)), Buffer.alloc(1024)]));
  return written('stump.tgz', whole.subarray(0, Math.floor(whole.length / 2)));
}

/** Lines that compress badly, the same every time. */
function noise(length) {
  const lines = [];
  let state = 1;
  for (let total = 0; total < length; total += 40) {
    const digits = Array.from({ length: 4 }, () => ((state = (state * 48_271) % 2_147_483_647) >>> 0).toString(36));
    lines.push(`const n = '${digits.join('')}';`);
  }
  return lines.join('\n');
}

/** Bytes that only claim to be an archive. */
export function nonsenseArchive() {
  return written('nonsense.zip', Buffer.from('This is not an archive, whatever its name says. '.repeat(50)));
}

function written(name, bytes) {
  mkdirSync(WORK, { recursive: true });
  const file = path.join(WORK, name);
  writeFileSync(file, bytes);
  return file;
}

/** A file in the ustar format. */
function tarEntry(name, text) {
  const body = Buffer.from(text);
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\0', 257);
  header.write('00', 263);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}
