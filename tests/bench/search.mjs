/**
 * Searching 50,000 chunks of real code in Node, side by side with the search libraries of `peers.mjs` on the very same chunks and queries: time to index, bytes of what is kept,
 * time to open it, latency, and ranking quality on the judged queries, where those are at hand.
 *
 *     node tests/bench/search.mjs [--json] [--set ../shared/eval] [--peers MiniSearch,FlexSearch,Orama,'SQLite FTS5'] [--mode hybrid]
 *
 * The queries, drawn with a fixed seed: names of symbols, words of two symbols, and questions in plain English (those of the evaluation, where it is at hand). codequarry is asked with its
 * default options, so by words and vectors, and gives ten hits with their text; the peers give ids. It indexes from source, so it parses and embeds; the peers are given its chunks. Each runs
 * in a process of its own.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ROOT, load } from './corpora.mjs';
import { ask, openReadMs } from './latency.mjs';
import { PEERS } from './peers.mjs';
import { DIST, percentile, report, requirePackage, seeded, verdict } from './table.mjs';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    mode: { type: 'string' },
    peers: { type: 'string', default: Object.keys(PEERS).join(',') },
    set: { type: 'string', default: join(ROOT, '../shared/eval') },
  },
});
const SHARE = 0.67;
requirePackage();
const { Codequarry, FolderStore, fromFolder } = await import(pathToFileURL(join(DIST, 'node.js')).href);
const folder = mkdtempSync(join(tmpdir(), 'codequarry-bench-'));
const snapshot = join(folder, 'snapshot');
const set = existsSync(join(values.set, 'queries.json')) ? JSON.parse(readFileSync(join(values.set, 'queries.json'), 'utf8')) : undefined;
const options = values.mode === undefined ? {} : { mode: values.mode };

function drawQueries(symbols) {
  const random = seeded(1);
  const named = symbols.filter(({ name }) => /^\w{3,}$/.test(name));
  const pick = () => named[Math.floor(random() * named.length)].name;
  const words = (name) => name.replace(/([a-z])([A-Z])/g, '$1 $2').replaceAll('_', ' ').trim().toLowerCase();
  const queries = [];
  for (let at = 0; at < 100; at++) queries.push({ kind: 'symbol', query: pick() });
  for (let at = 0; at < 100; at++) queries.push({ kind: 'words', query: `${words(pick())} ${words(pick())}` });
  const questions = set?.queries.filter(({ category }) => category !== 'symbol') ?? [];
  for (let at = 0; at < 100 && questions.length > 0; at++) queries.push({ kind: 'question', query: questions[Math.floor(random() * questions.length)].query });
  return queries;
}

async function chunksOf(quarry, files) {
  const chunks = [];
  for await (const { path, chunks: own } of quarry.outline(files)) for (const { name, text } of own) chunks.push({ id: chunks.length, path, name: name ?? '', text });
  return chunks;
}

/** The corpora of the judged queries as chunks, for the peers, and codequarry's own answers. */
async function judge() {
  if (!set) return { corpora: [], answers: [] };
  const corpora = join(ROOT, 'build/eval');
  if (Object.keys(set.corpora).some((name) => !existsSync(join(corpora, name)))) execFileSync('python3', [join(values.set, 'corpus.py'), corpora], { stdio: 'ignore' });
  const [judged, answers] = [[], []];
  for (const [name, { index_root: root }] of Object.entries(set.corpora)) {
    const queries = set.queries.filter(({ corpus }) => corpus === name);
    const files = [];
    for await (const file of fromFolder(join(corpora, name, root))) files.push({ ...file, path: /^\.?$/.test(root) ? file.path : `${root}/${file.path}` });
    const quarry = await Codequarry.open({});
    await quarry.add(files);
    for (const { id, query } of queries) answers.push({ id, hits: (await quarry.search(query, options)).map(({ path }) => path) });
    const indexed = new Set(await quarry.paths());
    judged.push({ chunks: await chunksOf(quarry, files.filter(({ path }) => indexed.has(path))), queries });
    await quarry.close();
  }
  return { corpora: judged, answers };
}

/** NDCG@10 by the scorer that comes with the queries. */
function quality(answers) {
  if (!set) return undefined;
  const results = join(folder, 'results.jsonl');
  writeFileSync(results, answers.map((answer) => `${JSON.stringify(answer)}\n`).join(''));
  const text = execFileSync('python3', [join(values.set, 'score.py'), results, join(values.set, 'queries.json')], { encoding: 'utf8' });
  return Number(/^all +(\d\.\d+)/m.exec(text)[1]);
}

/** A whole process that opens the snapshot, answers once and ends. */
function processMs(query) {
  const started = performance.now();
  const child = spawnSync(process.execPath, [join(ROOT, 'pkg/bin/codequarry.js'), 'search', snapshot, query, '--json'], { encoding: 'utf8' });
  if (child.status === 2) throw new Error(child.stderr);
  return performance.now() - started;
}

const openSnapshot = async () => Codequarry.open({ store: await FolderStore.open(snapshot, { access: 'read' }) });
const summary = ({ indexMs, bytes, loadMs, answers: { first, later, byKind }, ndcg }) => ({
  indexMs, bytes, loadMs, ndcg, p50: percentile(later, 0.5), p95: percentile(later, 0.95), firstP50: percentile(first, 0.5), firstP95: percentile(first, 0.95),
  kinds: Object.fromEntries(Object.entries(byKind).map(([kind, times]) => [kind, [percentile(times, 0.5), percentile(times, 0.95)]])),
});

try {
  const files = load('code-50mb').filter((_, at) => (at * SHARE) % 1 < SHARE);
  const quarry = await Codequarry.open(snapshot, { workers: 2 });
  const added = await quarry.add(files);
  const queries = drawQueries(await quarry.symbols());
  const chunks = await chunksOf(quarry, files);
  await quarry.close();
  const bytes = readdirSync(snapshot).reduce((sum, file) => sum + (/\.cqs$|^manifest\.cqm$/.test(file) ? statSync(join(snapshot, file)).size : 0), 0);
  const loadMs = await openReadMs(async () => (await openSnapshot()).close());
  const command = processMs(queries[0].query);
  const reader = await openSnapshot();
  const stats = await reader.stats();
  const answers = await ask(queries, (query) => reader.search(query, options));
  const modes = {};
  for (const mode of ['lexical', 'symbol']) {
    const { later } = await ask(queries.filter(({ kind }) => mode === 'lexical' || kind === 'symbol'), (query) => reader.search(query, { mode }));
    modes[mode] = later;
  }
  await reader.close();
  const judged = await judge();
  const results = { codequarry: summary({ indexMs: added.ms, bytes, loadMs, answers, ndcg: quality(judged.answers) }) };

  writeFileSync(join(folder, 'chunks.jsonl'), chunks.map((chunk) => `${JSON.stringify(chunk)}\n`).join(''));
  writeFileSync(join(folder, 'queries.json'), JSON.stringify(queries));
  writeFileSync(join(folder, 'judged.json'), JSON.stringify(judged.corpora));
  for (const name of values.peers.split(',').filter(Boolean)) {
    const script = fileURLToPath(new URL('peers.mjs', import.meta.url));
    const child = spawnSync(process.execPath, ['--max-old-space-size=8192', script, name, folder], { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
    if (child.status !== 0) throw new Error(`${name}: ${child.stderr}`);
    const measured = JSON.parse(readFileSync(join(folder, 'measured.json'), 'utf8'));
    results[name] = summary({ ...measured, ndcg: quality(measured.judged) });
  }

  const kinds = Object.keys(results.codequarry.kinds);
  const cell = (times) => times.map((ms) => ms.toFixed(2)).join(' / ');
  const ours = results.codequarry;
  const rows = Object.entries(results).map(([name, found]) => [
    name, found.indexMs / 1000, found.bytes / 1e6, found.loadMs, cell([found.p50, found.p95]), cell([found.firstP50, found.firstP95]), ...kinds.map((kind) => cell(found.kinds[kind])), found.ndcg ?? '-',
  ]);
  const sizes = `${queries.length} queries over ${stats.chunks} chunks of ${(stats.sourceBytes / 1e6).toFixed(1)} MB of code in ${stats.segments} segments; latencies p50 / p95 in milliseconds`;
  const holders = ['codequarry', ...Object.keys(results).filter((name) => PEERS[name]?.withText)];
  const notes = [
    `with the text in the index: ${holders.join(', ')}; codequarry's index time is that of parsing and embedding, too, by two builders`,
    `modes: ${Object.entries(modes).map(([mode, times]) => `${mode} ${cell([percentile(times, 0.5), percentile(times, 0.95)])}`).join(', ')}; a whole "codequarry search" process ${command.toFixed(0)} ms`,
  ];
  report(
    `${sizes}\n${notes.join('\n')}`,
    ['', 'index s', 'MB', 'open ms', 'all', 'first time', ...kinds, 'NDCG@10'],
    rows,
    [
      verdict('chunks', stats.chunks, 'above', 50_000),
      verdict('query p50', ours.p50, 'below', 3, ' ms'),
      verdict('query p95', ours.p95, 'below', 8, ' ms'),
      verdict('open', ours.loadMs, 'below', 150, ' ms'),
      verdict('snapshot to source', bytes / stats.sourceBytes, 'below', 0.6),
    ],
    { ...results, chunks: stats.chunks, sourceBytes: stats.sourceBytes, processMs: command },
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
