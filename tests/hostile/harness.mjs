/**
 * What the hostile-input tests share: folders of real files, the command line in a process of its own, and what must hold whatever comes in.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../pkg/bin/codequarry.js', import.meta.url));

/** A sound file, by which a test knows that the rest was indexed. */
export const SOUND = 'export function soundAndWhole(value) {\n  return value * 2;\n}\n';

/** A folder that is gone after the test. Files are texts or bytes by path. */
export function folder(test, files = {}) {
  const root = mkdtempSync(join(tmpdir(), 'codequarry-hostile-'));
  test.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

/** Runs the command line. However it ends, it shows no stack trace and nothing of the engine's insides. */
export function codequarry(...args) {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], { encoding: 'utf8', maxBuffer: 1 << 28, timeout: 1_200_000 });
  assert.equal(signal, null, `it was ended by ${signal}: ${stderr}`);
  for (const text of [stdout, stderr]) {
    assert.doesNotMatch(text, /^\s+at .+:\d+:\d+\)?$/m, 'a stack trace was shown');
    assert.doesNotMatch(text, /panicked at|wasm-function|RuntimeError|unreachable/, 'the insides of the engine were shown');
  }
  return { status, stdout, stderr };
}

/** Indexes and returns the report; the exit code must be the one expected. */
export function index(source, out, { status = 0, args = [] } = {}) {
  const run = codequarry('index', source, '--out', out, '--workers', '1', '--json', ...args);
  assert.equal(run.status, status, `${run.stderr}${run.stdout.slice(0, 300)}`);
  return { report: run.stdout === '' ? undefined : JSON.parse(run.stdout), stderr: run.stderr };
}

/** Paths of the hits of a query. */
export function search(snapshot, query) {
  const { status, stdout, stderr } = codequarry('search', snapshot, query, '--json');
  assert.notEqual(status, 2, stderr);
  return JSON.parse(stdout).hits.map((hit) => hit.path);
}

/** `status code` of the problem reported for a path. */
export function problemOf(report, path) {
  const problem = report.problems.find((found) => found.path === path);
  return problem && `${problem.status} ${problem.code}`;
}

/** The code that a failed command printed on standard error. */
export function errorCode(stderr) {
  return /^codequarry: ([A-Z_]+): /m.exec(stderr)?.[1];
}
