/**
 * Indexing end to end: `codequarry index` with one builder and with two over 2, 10 and 50 MB of real code in eight languages, each run in a process of its own. Read, parse,
 * chunk, index, write; the rate is the package's own clock from the first file to the last manifest, beside the wall time of the whole process.
 *
 * Two builders cannot be twice as fast on two cores: beside one of them, the other core reads, hashes, writes and compiles WebAssembly for it. What can be had is the time in which both cores are busy
 * throughout, half of the CPU time; how near it is to that is the share of it in the wall time. `builders.mjs` measures builders by themselves.
 *
 *     node tests/bench/index.mjs [--json] [--rounds 2]
 *
 * Memory is the peak resident size of the process, all its threads together. It is flat when what is above the index's own size does not grow with
 * the corpus: (peak - index) at 50 MB is at most 1.5 times that at 10 MB. As a measure of the machine the same bytes are only read and hashed.
 */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ROOT, corpus, walk } from './corpora.mjs';
import { DIST, report, requirePackage, verdict } from './table.mjs';

const { values } = parseArgs({ options: { json: { type: 'boolean' }, rounds: { type: 'string', default: '2' } } });
requirePackage();

/** Runs the command and, at its end, writes what it took as the last line of standard error. */
const MEASURED = `
import { main } from ${JSON.stringify(pathToFileURL(join(DIST, 'cli/main.js')).href)};
process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  process.stderr.write(JSON.stringify({ peakBytes: maxRSS * 1024, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 }));
});
await main(process.argv.slice(1));
`;

function indexOnce(folder, workers) {
  const out = mkdtempSync(join(tmpdir(), 'codequarry-bench-'));
  try {
    const started = performance.now();
    const args = ['--input-type=module', '--eval', MEASURED, 'index', folder, '--out', out, '--workers', String(workers), '--json'];
    const child = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 28 });
    const wallSeconds = (performance.now() - started) / 1000;
    if (child.status !== 0) throw new Error(`codequarry index ended with ${child.status}: ${child.stderr}`);
    const facts = JSON.parse(child.stdout);
    return { ...JSON.parse(child.stderr.trim().split('\n').at(-1)), wallSeconds, facts, indexBytes: facts.stats.indexBytes };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** The fastest of several runs, with the highest peak of them all. */
function measure(name, workers) {
  const runs = Array.from({ length: Number(values.rounds) }, () => indexOnce(corpus(name), workers));
  runs.sort((a, b) => a.facts.ms - b.facts.ms);
  return { name, workers, ...runs[0], peakBytes: Math.max(...runs.map((run) => run.peakBytes)) };
}

function readAndHash(name) {
  const folder = corpus(name);
  const started = performance.now();
  const hash = createHash('sha1');
  let bytes = 0;
  for (const path of walk(folder)) {
    const content = readFileSync(join(folder, path));
    hash.update(content);
    bytes += content.length;
  }
  return bytes / 1e3 / (performance.now() - started);
}

const runs = ['code-2mb', 'code-10mb', 'code-50mb'].flatMap((name) => [measure(name, 1), measure(name, 2)]);
const readRate = readAndHash('code-50mb');
const rows = runs.map(({ name, workers, facts, wallSeconds, cpuSeconds, peakBytes, indexBytes }) => [
  name,
  workers,
  facts.indexed,
  facts.bytes / 1e6,
  facts.chunks,
  facts.ms / 1000,
  wallSeconds,
  cpuSeconds,
  cpuSeconds / 2 / wallSeconds,
  facts.stats.segments,
  facts.bytes / 1e3 / facts.ms,
  peakBytes / 1e6,
  indexBytes / 1e6,
  (peakBytes - indexBytes) / 1e6,
]);
const [tinyOne, tiny, smallOne, small, largeOne, large] = runs;
const times = (one, two) => one.facts.ms / two.facts.ms;
const growth = (large.peakBytes - large.indexBytes) / (small.peakBytes - small.indexBytes);
const head = ['', 'builders', 'files', 'MB', 'chunks', 's', 'process s', 'CPU s', 'of two cores', 'segments', 'MB/s', 'peak MB', 'index MB', 'peak - index'];
report(
  `codequarry index (reading and hashing the same files: ${readRate.toFixed(0)} MB/s)`,
  head,
  rows,
  [
    verdict('indexing 50 MB', large.facts.bytes / 1e3 / large.facts.ms, 'above', 5, ' MB/s'),
    verdict('two builders to one, 50 MB', times(largeOne, large), 'above', 1.5, 'x'),
    verdict('share of two cores that two builders use, 50 MB', large.cpuSeconds / 2 / large.wallSeconds, 'above', 0.9),
    verdict('two builders to one, 10 MB', times(smallOne, small), 'above', 1.3, 'x'),
    verdict('two builders to one, 2 MB', times(tinyOne, tiny), 'above', 1, 'x'),
    verdict('peak less index, 50 MB to 10 MB', growth, 'below', 1.5, 'x'),
    verdict('index to source, 50 MB', large.indexBytes / large.facts.bytes, 'below', 0.6),
  ],
  { problems: large.facts.problems.map(({ path, status, code }) => ({ path, status, code })) },
);
