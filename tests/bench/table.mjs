/**
 * What the benchmarks share: a table on standard output (or one JSON object, with `--json`), percentiles, CPU time, and the package as it was built.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './corpora.mjs';

/** The package's folder of compiled files. */
export const DIST = join(ROOT, 'pkg/dist');

/** Ends with a word of advice when the package was not built. */
export function requirePackage() {
  if (existsSync(join(DIST, 'searcher-engine.wasm')) && existsSync(join(DIST, 'node.js'))) return;
  console.error('the package is not built: run make build');
  process.exit(2);
}

/** A measured value that has a limit. `better` says which side of the limit is good. */
export function verdict(name, value, better, limit, unit = '') {
  return { name, value, better, limit, unit, ok: better === 'below' ? value <= limit : value >= limit };
}

/** Prints a title, rows of cells, and how the values stand to their limits. */
export function report(title, head, rows, verdicts = [], facts = {}) {
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify({ title, ...facts, rows: rows.map((row) => Object.fromEntries(head.map((name, at) => [name || 'name', row[at]]))), verdicts }));
    return;
  }
  console.log(`\n${title}\n`);
  const cells = [head, ...rows].map((row) => row.map((cell) => (typeof cell === 'number' ? figure(cell) : String(cell))));
  const widths = head.map((_, at) => Math.max(...cells.map((row) => row[at].length)));
  for (const [line, row] of cells.entries()) {
    console.log(`  ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join('  ')}`.trimEnd());
    if (line === 0) console.log(`  ${widths.map((width) => '-'.repeat(width)).join('  ')}`);
  }
  if (verdicts.length > 0) console.log('');
  for (const { name, value, better, limit, unit, ok } of verdicts) {
    console.log(`  ${ok ? 'ok  ' : 'MISS'} ${name}: ${figure(value)}${unit} (limit: ${better === 'below' ? 'at most' : 'at least'} ${limit}${unit})`);
  }
}

/** A number to three or four digits. */
export function figure(value) {
  if (Number.isInteger(value)) return value.toLocaleString('en-US');
  return Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : Math.abs(value) >= 0.1 ? value.toFixed(2) : value.toFixed(3);
}

/** The value below which a share of all values lies. */
export function percentile(values, share) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** Seconds on the processor that this process has used, all threads together. */
export function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** The least CPU seconds of several rounds of some work. */
export function bestCpu(rounds, work) {
  let best = Infinity;
  for (let round = 0; round < rounds; round++) {
    const started = cpuSeconds();
    work();
    best = Math.min(best, cpuSeconds() - started);
  }
  return best;
}

/** Numbers from a seed, the same everywhere (mulberry32); for drawing samples. */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
