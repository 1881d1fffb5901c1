/**
 * The nearest of 100,000 vectors of real chunks, for the questions of the evaluation: the exact scan and the graph of the engine, instant-distance over the same
 * rows in the same WebAssembly module, and hnswlib-wasm, usearch (native) and edgevec over the same vectors as 32-bit floats.
 *
 *     node tests/bench/vectors.mjs [--json] [--count 100000] [--queries ../shared/eval/queries.json] [--only engine,instant,hnswlib,usearch,edgevec] [--minutes 20]
 *
 * Recall is of the ten nearest, against comparing with all. A graph that is asked for more than ten finds more of the ten; a search of the package asks for 400. What `ef` is to
 * the others is half as much again as what ours is asked for. A peer that takes vectors one by one takes them for so many minutes, and is asked for the nearest of those. The last
 * part builds the graph in a worker while it is searched in this thread, and reports the longest that a search took.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { parseArgs } from 'node:util';
import { chunkRows } from './chunk-vectors.mjs';
import { ROOT } from './corpora.mjs';
import { percentile, report, seeded, verdict } from './table.mjs';

const [DIMS, K] = [256, 10];
const BUILT = join(ROOT, 'target/bench-vectors');

/** The measured module: the engine and instant-distance. */
async function load() {
  const module = await import(pathToFileURL(join(BUILT, 'bench.js')).href);
  await module.default({ module_or_path: readFileSync(join(BUILT, 'bench.wasm')) });
  return module;
}

function compile() {
  const run = (command, args, cwd, env = {}) => {
    const { status } = spawnSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...env } });
    if (status !== 0) throw new Error(`${command} ${args[0]} failed`);
  };
  const target = process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target');
  run('cargo', ['build', '--quiet', '--release', '--target', 'wasm32-unknown-unknown'], join(ROOT, 'tests/bench/vectors'), { CARGO_TARGET_DIR: target });
  const built = join(target, 'wasm32-unknown-unknown/release/bench_vectors.wasm');
  run('cargo', ['run', '--quiet', '-p', 'xtask', '--', 'bindgen', built, BUILT, 'bench'], ROOT);
}

if (!isMainThread) {
  const { Rows } = await load();
  const rows = new Rows(workerData, DIMS);
  parentPort.postMessage('building');
  rows.build();
  parentPort.postMessage('built');
} else {
  await main();
}

async function main() {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean' },
      count: { type: 'string', default: '100000' },
      minutes: { type: 'string', default: '20' },
      only: { type: 'string', default: 'engine,instant,hnswlib,usearch,edgevec' },
      queries: { type: 'string', default: join(ROOT, '../shared/eval/queries.json') },
    },
  });
  compile();
  const count = Number(values.count);
  const only = values.only.split(',');
  const bytes = new Uint8Array(await chunkRows(count));
  const { Rows, Instant, Queries } = await load();
  const rows = new Rows(bytes, DIMS);
  const queries = vectors(new Queries(readFileSync(join(ROOT, 'model/code.cqmodel'))), values.queries, rows, count);
  const [table, facts] = [[], { count, queries: queries.length }];

  /** Asks every query twice, the first time to warm up. */
  const ask = (answer) => {
    const [latencies, found] = [[], []];
    for (const round of [0, 1]) {
      for (const query of queries) {
        const started = performance.now();
        const ids = answer(query);
        if (round === 0) continue;
        latencies.push(performance.now() - started);
        found.push(ids);
      }
    }
    return { latencies, found };
  };
  const exact = ask(({ bytes }) => rows.scan(bytes, K));
  const row = (name, { latencies, found }, buildMs = 0, size = 0) => {
    const hits = found.map((ids, at) => exact.found[at].filter((id) => ids?.includes?.(id) ?? false).length);
    const recall = hits.reduce((sum, hit) => sum + hit, 0) / (K * found.length);
    const measured = { recall, p50: percentile(latencies, 0.5), p95: percentile(latencies, 0.95) };
    table.push([name, buildMs > 0 ? buildMs / 1000 : '', size > 0 ? size / count : '', recall, measured.p50, measured.p95]);
    if (!values.json) console.error(`${name}: recall ${recall.toFixed(4)}, p50 ${measured.p50.toFixed(3)} ms`);
    return measured;
  };
  const timed = (work) => {
    const started = performance.now();
    const result = work();
    return [performance.now() - started, result];
  };
  const guard = async (name, work) => {
    if (!only.includes(name)) return;
    try {
      await work();
    } catch (error) {
      table.push([`${name}: ${String(error?.message ?? error).slice(0, 90)}`, '', '', '', '', '']);
    }
  };

  row('exact scan', exact);
  const [buildMs, size] = timed(() => rows.build());
  let ours;
  for (const want of [100, 200, 400, 800]) {
    const measured = row(`graph, asked for ${want}`, ask(({ bytes }) => rows.near(bytes, want, K, 100)), buildMs, size);
    if (want === 400) ours = measured;
  }
  await guard('instant', async () => {
    for (const heuristic of [true, false]) {
      const [ms, index] = timed(() => new Instant(bytes, DIMS, 100, 600, heuristic));
      row(`instant-distance${heuristic ? '' : ' without heuristic'}, ef 600`, ask(({ bytes }) => index.near(bytes, K)), ms, index.size());
      index.free();
    }
  });
  const all = () => {
    const matrix = new Float32Array(count * DIMS);
    for (let at = 0; at < count; at++) matrix.set(unit(rows.row(at)), at * DIMS);
    return matrix;
  };
  const matrix = only.some((name) => ['hnswlib', 'usearch', 'edgevec'].includes(name)) ? all() : undefined;
  /** Adds vectors one by one, as many as there is time for; returns how many, and how long it took. */
  const grow = (add) => {
    const started = performance.now();
    let part = 0;
    for (; part < count && performance.now() - started < Number(values.minutes) * 60_000; part++) add(part, matrix.slice(part * DIMS, (part + 1) * DIMS));
    return [part, performance.now() - started];
  };
  /** A row for a peer that has the first `part` vectors. */
  const partRow = (name, part, ms, answer) => {
    if (part === count) return row(name, ask(answer), ms);
    const among = queries.map(({ bytes }) => rows.scan(bytes, count).filter((id) => id < part).slice(0, K));
    const { latencies, found } = ask(answer);
    const hits = found.reduce((sum, ids, at) => sum + Array.from(among[at]).filter((id) => ids.includes(id)).length, 0);
    const measured = [hits / (K * found.length), percentile(latencies, 0.5), percentile(latencies, 0.95)];
    table.push([`${name}, of ${part}`, ms / 1000, '', ...measured]);
    if (!values.json) console.error(`${name}, of ${part}: recall ${measured[0].toFixed(4)}, p50 ${measured[1].toFixed(3)} ms`);
  };
  await guard('hnswlib', async () => {
    // Made for pages alone; its module does without one when it sees a window.
    Object.assign(globalThis, { window: globalThis, document: {}, location: { href: '' } });
    const folder = join(createRequire(import.meta.url).resolve('hnswlib-wasm/package.json'), '../dist');
    const module = readdirSync(folder).find((name) => /^hnswlib-\w+\.js$/.test(name));
    const lib = await (await import(pathToFileURL(join(folder, module)).href)).default();
    for (const name of ['window', 'document', 'location']) delete globalThis[name];
    const index = new lib.HierarchicalNSW('cosine', DIMS, '');
    index.initIndex(count, 16, 160, 1);
    const [part, ms] = grow((at, vector) => index.addPoint(vector, at, false));
    for (const ef of [400, 600]) {
      index.setEfSearch(ef);
      partRow(`hnswlib-wasm, ef ${ef}`, part, ms, ({ float }) => index.searchKnn(float, K, undefined).neighbors);
    }
  });
  await guard('usearch', async () => {
    const { Index } = createRequire(import.meta.url)('usearch');
    const index = new Index({ metric: 'cos', dimensions: DIMS, connectivity: 16, expansion_add: 160, expansion_search: 600, quantization: 'f32' });
    const [ms] = timed(() => index.add(BigUint64Array.from({ length: count }, (_, at) => BigInt(at)), matrix, 1));
    row('usearch (native), ef 600', ask(({ float }) => Array.from(index.search(float, K, 1).keys, Number)), ms);
  });
  await guard('edgevec', async () => {
    const edgevec = await import('edgevec/edgevec.js');
    await edgevec.default({ module_or_path: readFileSync(createRequire(import.meta.url).resolve('edgevec/edgevec_bg.wasm')) });
    const config = new edgevec.EdgeVecConfig(DIMS);
    config.metric = 'l2';
    const index = new edgevec.EdgeVec(config);
    const ids = new Map();
    const [part, ms] = grow((at, vector) => ids.set(index.insert(vector), at));
    partRow('edgevec', part, ms, ({ float }) => index.search(float, K).map(({ id }) => ids.get(id)));
  });
  const delays = await whileBuilding(bytes, queries, rows);
  facts.whileBuilding = delays;
  report(
    `the ${K} nearest of ${count.toLocaleString('en-US')} vectors of ${DIMS} dimensions for ${queries.length} queries; times in seconds (build) and milliseconds, bytes of the graph a vector\nwhile a graph was built in a worker, ${delays.searches} searches took ${delays.p50.toFixed(2)} ms (p50), at most ${delays.max.toFixed(1)} ms; before, at most ${delays.idleMax.toFixed(1)} ms`,
    ['', 'build', 'bytes', 'recall', 'p50', 'p95'],
    table,
    [
      verdict('recall@10 of the graph, asked for 400', ours.recall, 'above', 0.98),
      verdict('p50 of the graph, asked for 400', ours.p50, 'below', 0.5, ' ms'),
      verdict('delay of a search while a graph is built', delays.max - delays.idleMax, 'below', 20, ' ms'),
    ],
    facts,
  );
}

/** The questions of the evaluation, or else chunks. */
function vectors(embedder, file, rows, count) {
  const random = seeded(1);
  const texts = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).queries.map(({ query }) => query) : [];
  const found = texts.map((text) => embedder.vector(text)).filter(Boolean);
  while (found.length < 300) found.push(rows.row(Math.floor(random() * count)));
  return found.map((bytes) => ({ bytes, float: unit(bytes) }));
}

function unit(values) {
  const length = Math.hypot(...values);
  return Float32Array.from(values, (value) => value / length);
}

/** How long searches take, one every few milliseconds, with nothing beside them, and while a worker builds a graph. */
async function whileBuilding(bytes, queries, rows) {
  const pause = () => new Promise((resolve) => setTimeout(resolve, 3));
  let at = 0;
  const search = async (latencies) => {
    const due = performance.now() + 3;
    await pause();
    rows.near(queries[at++ % queries.length].bytes, 400, K, 100);
    latencies.push(performance.now() - due);
  };
  const [idle, beside] = [[], []];
  while (idle.length < 500) await search(idle);
  const worker = new Worker(new URL(import.meta.url), { workerData: bytes });
  let done = false;
  await new Promise((resolve, reject) => worker.on('message', (message) => (message === 'built' ? ((done = true), resolve()) : resolve())).on('error', reject));
  worker.on('message', () => (done = true));
  while (!done) await search(beside);
  await worker.terminate();
  return { searches: beside.length, p50: percentile(beside, 0.5), max: Math.max(...beside), idleMax: Math.max(...idle) };
}
