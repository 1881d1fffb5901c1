/**
 * Searching 40,000 chunks of real code in Node: latency of lexical queries, the time to open the snapshot from a folder, and its size beside its source; and the same
 * chunks and queries with MiniSearch, on the fields path, name and text.
 *
 *     node tests/bench/search.mjs [--json] [--queries ../shared/eval/queries.json] [--without-peer]
 *
 * The queries, drawn with a fixed seed: names of symbols, words of two symbols, and questions in plain English (those of the evaluation, where it is at hand). Each is asked
 * five times with the default options, ten hits with their text; the first time warms up and is reported on its own.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ROOT, load } from './corpora.mjs';
import { DIST, percentile, report, requirePackage, seeded, verdict } from './table.mjs';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    'without-peer': { type: 'boolean' },
    queries: { type: 'string', default: join(ROOT, '../shared/eval/queries.json') },
  },
});
const ROUNDS = 5;
const SHARE = 0.56;
requirePackage();
const { Codequarry, FolderStore } = await import(pathToFileURL(join(DIST, 'node.js')).href);
const folder = mkdtempSync(join(tmpdir(), 'codequarry-bench-'));

function drawQueries(symbols) {
  const random = seeded(1);
  const named = symbols.filter(({ name }) => /^\w{3,}$/.test(name));
  const pick = () => named[Math.floor(random() * named.length)].name;
  const words = (name) => name.replace(/([a-z])([A-Z])/g, '$1 $2').replaceAll('_', ' ').trim().toLowerCase();
  const queries = [];
  for (let at = 0; at < 100; at++) queries.push({ kind: 'symbol', query: pick() });
  for (let at = 0; at < 100; at++) queries.push({ kind: 'words', query: `${words(pick())} ${words(pick())}` });
  if (!existsSync(values.queries)) return queries;
  const questions = JSON.parse(readFileSync(values.queries, 'utf8')).queries.filter(({ category }) => category !== 'symbol');
  for (let at = 0; at < 100; at++) queries.push({ kind: 'question', query: questions[Math.floor(random() * questions.length)].query });
  return queries;
}

/** Latencies in milliseconds of all queries: of the first round, and of the others together. */
async function ask(queries, answer) {
  const [first, later, byKind] = [[], [], {}];
  for (let round = 0; round < ROUNDS; round++) {
    for (const { kind, query } of queries) {
      const started = performance.now();
      await answer(query);
      const ms = performance.now() - started;
      (round === 0 ? first : later).push(ms);
      if (round > 0) (byKind[kind] ??= []).push(ms);
    }
  }
  return { first, later, byKind };
}

function latencyRows(name, { first, later, byKind }) {
  const row = (label, times) => [label, percentile(times, 0.5), percentile(times, 0.95), percentile(times, 1)];
  return [row(name, later), ...Object.entries(byKind).map(([kind, times]) => row(`  ${kind}`, times)), row('  first time each', first)];
}

async function openMs() {
  const times = [];
  for (let round = 0; round < 5; round++) {
    const started = performance.now();
    const opened = await Codequarry.open({ store: await FolderStore.open(folder, { access: 'read' }) });
    times.push(performance.now() - started);
    await opened.close();
  }
  return percentile(times, 0.5);
}

/** A whole process that opens the snapshot, answers once and ends. */
function processMs(query) {
  const started = performance.now();
  const child = spawnSync(process.execPath, [join(ROOT, 'pkg/bin/codequarry.js'), 'search', folder, query, '--json'], { encoding: 'utf8' });
  if (child.status === 2) throw new Error(child.stderr);
  return performance.now() - started;
}

async function measurePeer(chunks, queries) {
  const { default: MiniSearch } = await import('minisearch');
  const started = performance.now();
  const index = new MiniSearch({ fields: ['path', 'name', 'text'], storeFields: ['path'] });
  index.addAll(chunks);
  const indexMs = performance.now() - started;
  const answers = await ask(queries, (query) => index.search(query).slice(0, 10));
  return { indexMs, answers, bytes: JSON.stringify(index).length };
}

try {
  const files = load('code-50mb').filter((_, at) => (at * SHARE) % 1 < SHARE);
  const quarry = await Codequarry.open(folder, { workers: 2 });
  const added = await quarry.add(files);
  const queries = drawQueries(await quarry.symbols());
  const chunks = [];
  if (!values['without-peer']) {
    for await (const { path, chunks: own } of quarry.outline(files)) for (const { name, text } of own) chunks.push({ id: chunks.length, path, name: name ?? '', text });
  }
  await quarry.close();
  const opening = await openMs();
  const command = processMs(queries[0].query);
  const reader = await Codequarry.open({ store: await FolderStore.open(folder, { access: 'read' }) });
  const stats = await reader.stats();
  const snapshotBytes = readdirSync(folder).reduce((sum, file) => sum + (/\.cq[ms]$/.test(file) ? statSync(join(folder, file)).size : 0), 0);
  const ours = await ask(queries, (query) => reader.search(query));
  await reader.close();
  const rows = [...latencyRows('codequarry', ours)];
  const facts = { chunks: stats.chunks, segments: stats.segments, sourceBytes: stats.sourceBytes, snapshotBytes, indexMs: added.ms, openMs: opening, processMs: command };
  const notes = [`open ${opening.toFixed(0)} ms, a whole "codequarry search" process ${command.toFixed(0)} ms, indexed in ${(added.ms / 1000).toFixed(1)} s, snapshot ${(snapshotBytes / 1e6).toFixed(1)} MB with its text`];
  if (chunks.length > 0) {
    const peer = await measurePeer(chunks, queries);
    rows.push(...latencyRows('MiniSearch', peer.answers));
    const ratio = percentile(peer.answers.later, 0.5) / percentile(ours.later, 0.5);
    Object.assign(facts, { miniSearch: { indexMs: peer.indexMs, serializedBytes: peer.bytes } });
    notes.push(`MiniSearch: indexed in ${(peer.indexMs / 1000).toFixed(1)} s without parsing, serialized ${(peer.bytes / 1e6).toFixed(1)} MB without the text; its p50 is ${ratio.toFixed(1)} x ours`);
  }
  report(
    `${queries.length} queries over ${stats.chunks} chunks of ${(stats.sourceBytes / 1e6).toFixed(1)} MB of code in ${stats.segments} segments; milliseconds\n${notes.join('\n')}`,
    ['', 'p50', 'p95', 'max'],
    rows,
    [
      verdict('query p50', percentile(ours.later, 0.5), 'below', 1, ' ms'),
      verdict('query p95', percentile(ours.later, 0.95), 'below', 3, ' ms'),
      verdict('open', opening, 'below', 150, ' ms'),
      verdict('snapshot to source', snapshotBytes / stats.sourceBytes, 'below', 0.6),
      verdict('chunks', stats.chunks, 'above', 40_000),
    ],
    facts,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
