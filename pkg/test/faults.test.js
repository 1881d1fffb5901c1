/**
 * A grammar that traps, never comes back, or allocates without end, in real builders: the file is cut by line windows and reported, and all others are indexed as if
 * nothing had been.
 *
 * FAULTS says how many of each come in a row (1,000 for what is claimed; the default keeps the suite short), FAULTS_STALL_MS when a builder counts as hung: a loop takes that long twice.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pack } from '../dist/batch.js';
import { GrammarShelf } from '../dist/grammar-shelf.js';
import { compileModule } from '../dist/modules.js';
import { nodePlatform } from '../dist/platform/node.js';
import { BuilderPool } from '../dist/pool.js';
import { PROJECT } from './helpers.js';

const TIMES = Number(process.env['FAULTS'] ?? 8);
const ROOT = join(import.meta.dirname, '../..');

/** What a file must hold to do it, and the code that the report gives. */
const FAULTS = /** @type {const} */ ([
  ['trap', '[1, !]\n', 'PARSE_TRAP'],
  ['loop', '[1, ~]\n', 'PARSE_DEADLINE'],
  ['memory', '[1, ^]\n', 'MEMORY_LIMIT'],
]);

const folder = mkdtempSync(join(tmpdir(), 'codequarry-faults-'));
after(() => rmSync(folder, { recursive: true, force: true }));
execFileSync(process.execPath, ['grammars/build.mjs', '--only', 'json', '--prelude', 'tests/faults/faults.h', '--as', 'faults', '--out', folder], { cwd: ROOT });
const faulty = new WebAssembly.Module(readFileSync(join(folder, 'faults.wasm')));

/**
 * After how long without a word a builder is given up, in ms: soon where that is what is waited for, and else not before a busy machine may do anything else. Soon
 * is at least what a whole sound build takes here, twice.
 */
const STALL = { loop: Number(process.env['FAULTS_STALL_MS'] ?? 1_500), other: 60_000 };

/**
 * A pool of one builder that knows the language.
 *
 * @param {import('node:test').TestContext} t
 */
async function faultyPool(t, stallMs = STALL.other) {
  const counts = { started: 0, ended: 0 };
  const pool = new BuilderPool({
    spawn: () => {
      counts.started += 1;
      const port = nodePlatform.spawn({});
      port.onFailure(({ message }) => {
        if (message.includes('exit code')) counts.ended += 1;
      });
      return port;
    },
    module: () => compileModule(nodePlatform, 'builder'),
    grammars: new GrammarShelf(nodePlatform),
    size: 1,
    stallMs,
  });
  t.after(() => pool.close());
  await pool.addLanguage({ id: 'faults', extensions: ['fault'], wasm: faulty, symbols: [{ node: 'pair', kind: 'key', name: ['unquoted', 'key'] }] });
  return { pool, counts };
}

/** @param {Record<string, string>} files */
const batchOf = (files) => pack(Object.entries(files).map(([path, text]) => ({ path, bytes: new TextEncoder().encode(text) })));

/** @param {import('../dist/pool.js').Built} built */
const problems = (built) => built.reports.filter(({ code }) => code !== undefined).map(({ path, status, code }) => [path, status, code]);

test('the grammar itself is sound', async (t) => {
  const { pool } = await faultyPool(t);
  const started = performance.now();
  const built = await pool.build(batchOf({ ...PROJECT, 'a.fault': '{ "alpha": 1 }\n' }));
  assert.deepEqual(problems(built), []);
  assert.equal(built.reports.find(({ path }) => path === 'a.fault')?.symbols, 1);
  if (!process.env['FAULTS_STALL_MS']) STALL.loop = Math.max(STALL.loop, 2 * (performance.now() - started));
  t.diagnostic(`${Math.round(performance.now() - started)} ms`);
});

for (const [name, text, code] of FAULTS) {
  test(`${name}: line windows and ${code} for the file, and every other file as without it`, async (t) => {
    const { pool } = await faultyPool(t, name === 'loop' ? STALL.loop : STALL.other);
    const files = { ...PROJECT, 'm.fault': text, 'z.fault': '{ "omega": 1 }\n', 'z.py': 'def last():\n    pass\n' };
    const built = await pool.build(batchOf(files));
    assert.deepEqual(problems(built), [['m.fault', 'fallback', code]]);
    // The same text with a name that has no grammar gives the same rows but for that name.
    const { 'm.fault': _, ...others } = files;
    const without = await pool.build(batchOf({ ...others, 'm.none': text }));
    const rows = (/** @type {import('../dist/pool.js').Built} */ { reports }) => reports.filter(({ path }) => !path.startsWith('m.')).sort((a, b) => (a.path < b.path ? -1 : 1));
    assert.deepEqual(rows(built), rows(without));
    // However it came about, the segment is the same.
    const again = await pool.build(batchOf(files));
    assert.deepEqual(again.segment?.name, built.segment?.name);
  });
}

test('many in one batch cost one search for them, not a build for each', async (t) => {
  const { pool, counts } = await faultyPool(t);
  /** @type {Record<string, string>} */
  const files = {};
  for (let at = 0; at < 12; at++) files[`${at}.fault`] = at % 2 ? '[!]\n' : '{ "a": 1 }\n';
  const built = await pool.build(batchOf(files));
  assert.equal(problems(built).length, 6);
  assert.ok(problems(built).every(([, status, found]) => status === 'fallback' && found === 'PARSE_TRAP'));
  assert.ok(counts.started <= 6 + 4, `${counts.started} builders for 6 faults`);
});

test(`${TIMES} of each in a row, and memory stays flat`, { timeout: 3_600_000 }, async (t) => {
  const looping = await faultyPool(t, STALL.loop);
  const others = await faultyPool(t);
  const sound = { 'a.py': 'def first():\n    pass\n', 'b.fault': '{ "alpha": 1 }\n' };
  /** @type {number[]} */
  const resident = [];
  /** @type {Set<string>} */
  const segments = new Set();
  for (let time = 0; time < TIMES; time++) {
    for (const [name, text, code] of FAULTS) {
      const { pool } = name === 'loop' ? looping : others;
      const built = await pool.build(batchOf({ ...sound, 'm.fault': text }));
      assert.deepEqual(problems(built), [['m.fault', 'fallback', code]], `${name}, time ${time}`);
      segments.add(`${name} ${built.segment?.name}`);
    }
    // Builders that were given up take a while to end.
    while (looping.counts.started + others.counts.started - looping.counts.ended - others.counts.ended > 2) await new Promise((resolve) => setTimeout(resolve, 5));
    resident.push(process.memoryUsage.rss() / 2 ** 20);
  }
  assert.equal(segments.size, FAULTS.length, 'always the same segment');
  const started = looping.counts.started + others.counts.started;
  assert.ok(started > TIMES * FAULTS.length);
  const settled = resident.slice(Math.floor(TIMES / 4));
  // What is not collected yet only adds, what leaks stays: so the least of each counts.
  const quarter = Math.ceil(settled.length / 4);
  const grown = Math.min(...settled.slice(-quarter)) - Math.min(...settled.slice(0, quarter));
  t.diagnostic(`${started} builders; resident ${Math.round(resident[0] ?? 0)} MiB at first, ${Math.round(Math.max(...resident))} at most, ${Math.round(resident.at(-1) ?? 0)} at last`);
  assert.ok(grown < 64, `it grew by ${grown} MiB`);
});
