/**
 * A snapshot of 50,000 chunks of real code on a web server, opened in parts: bytes and requests of the first answer and of later ones, over a real HTTP server that
 * counts them. Every answer is compared with that of the snapshot opened as a whole.
 *
 *     node tests/bench/partial.mjs [--json] [--snapshot DIR] [--queries ../shared/eval/queries.json]
 *
 * Each of 100 queries is asked as the first one of a fresh reader; then all 300 one after the other. They are drawn with a fixed seed: names of symbols, words of two
 * symbols, and questions in plain English (those of the evaluation, where it is at hand). Ten hits with their text. `several`: a server that sends several ranges in one
 * reply, as nginx, Apache and Caddy do; `one`: one that does not; `parts`: one that knows no ranges, with the snapshot in files of 8 KiB, as `codequarry site --parts 8` writes them.
 */

import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { serveRanges } from '../../pkg/test/range-server.js';
import { ROOT, load } from './corpora.mjs';
import { DIST, percentile, report, requirePackage, seeded, verdict } from './table.mjs';

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, snapshot: { type: 'string' }, queries: { type: 'string', default: join(ROOT, '../shared/eval/queries.json') } },
});
const SHARE = 0.67;
requirePackage();
const { Codequarry, FolderStore } = await import(pathToFileURL(join(DIST, 'node.js')).href);
const dist = (name) => import(pathToFileURL(join(DIST, name)).href);
const { divideAtBlocks, noteBytes, partKey, placeOf } = await dist('stores/parts.js');
const [{ searcherInstance }, { compileModule }, { nodePlatform }] = await Promise.all(['searcher-instance.js', 'modules.js', 'platform/node.js'].map(dist));
const PART_BYTES = 8 * 1024;

async function makeSnapshot(folder) {
  const files = load('code-50mb').filter((_, at) => (at * SHARE) % 1 < SHARE);
  const quarry = await Codequarry.open(folder, { workers: 2, embedder: false });
  await quarry.add(files);
  await quarry.compact();
  await quarry.close();
}

/** The snapshot in parts, in another folder. */
async function divided(folder) {
  const { blockEdges } = await searcherInstance.start(await compileModule(nodePlatform, 'searcher'));
  const to = mkdtempSync(join(tmpdir(), 'codequarry-bench-'));
  copyFileSync(join(folder, 'manifest.cqm'), join(to, 'manifest.cqm'));
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.cqs'))) {
    const bytes = readFileSync(join(folder, name));
    const note = divideAtBlocks(bytes, blockEdges(bytes), PART_BYTES);
    for (let part = 0; part < note.parts; part++) {
      const { start, end } = placeOf(note, part);
      writeFileSync(join(to, partKey(name, part, note)), bytes.subarray(start, end));
    }
    writeFileSync(join(to, name), noteBytes(note));
  }
  return to;
}

function drawQueries(symbols) {
  const random = seeded(2);
  const named = symbols.filter(({ name }) => /^\w{3,}$/.test(name));
  const pick = () => named[Math.floor(random() * named.length)].name;
  // Taken apart as the index does: a word that it does not know is corrected in the whole alone.
  const words = (name) => name.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/([A-Z])([A-Z][a-z])/g, '$1 $2').replaceAll('_', ' ').trim().toLowerCase();
  const queries = [];
  const questions = existsSync(values.queries) ? JSON.parse(readFileSync(values.queries, 'utf8')).queries.filter(({ category }) => category !== 'symbol') : [];
  for (let at = 0; at < 100; at++) {
    queries.push(pick(), `${words(pick())} ${words(pick())}`);
    if (questions.length > 0) queries.push(questions[Math.floor(random() * questions.length)].query);
  }
  return queries;
}

/** What each first answer took, opening included, and each later one. */
async function measure(folder, whole, queries, ranges) {
  const server = await serveRanges(folder, { ranges });
  const [first, opening, later] = [[], [], []];
  const open = () => Codequarry.open(server.url, { partial: true, embedder: false });
  const ask = async (reader, query) => assert.deepEqual(await reader.search(query), await whole.search(query), query);
  for (const query of queries.slice(0, 100)) {
    const reader = await open();
    const opened = server.take();
    await ask(reader, query);
    const asked = server.take();
    opening.push(opened);
    first.push({ requests: opened.requests + asked.requests, bytes: opened.bytes + asked.bytes });
    await reader.close();
  }
  const reader = await open();
  await ask(reader, queries[0]);
  server.take();
  for (const query of queries.slice(1)) {
    await ask(reader, query);
    later.push(server.take());
  }
  await reader.close();
  await server.close();
  return { opening, first, later };
}

let inParts;
const temporary = values.snapshot ? undefined : mkdtempSync(join(tmpdir(), 'codequarry-bench-'));
const folder = values.snapshot ?? temporary;
try {
  if (temporary) await makeSnapshot(temporary);
  const whole = await Codequarry.open({ store: await FolderStore.open(folder, { access: 'read' }), embedder: false });
  const stats = await whole.stats();
  const queries = drawQueries(await whole.symbols());
  const rows = [];
  const results = {};
  inParts = await divided(folder);
  for (const ranges of ['several', 'one', 'parts']) {
    results[ranges] = ranges === 'parts' ? await measure(inParts, whole, queries, 'none') : await measure(folder, whole, queries, ranges);
    for (const [name, taken] of Object.entries(results[ranges])) {
      for (const unit of ['requests', 'bytes']) {
        const numbers = taken.map((entry) => entry[unit] / (unit === 'bytes' ? 1000 : 1));
        rows.push([`${ranges}: ${name}, ${unit === 'bytes' ? 'KB' : unit}`, percentile(numbers, 0.5), percentile(numbers, 0.95), percentile(numbers, 1)]);
      }
    }
  }
  await whole.close();
  const { first, later } = results.several;
  const of = (taken, unit, share) => percentile(taken.map((entry) => entry[unit]), share);
  report(
    `${queries.length} queries over ${stats.chunks} chunks of ${(stats.sourceBytes / 1e6).toFixed(1)} MB of code in ${stats.segments} segments of ${(stats.indexBytes / 1e6).toFixed(1)} MB, opened in parts over HTTP; every answer is that of the whole`,
    ['', 'p50', 'p95', 'max'],
    rows,
    [
      verdict('first answer', of(first, 'bytes', 1) / 1000, 'below', 600, ' KB'),
      verdict('first answer', of(first, 'requests', 1), 'below', 12, ' requests'),
      verdict('later answers', of(later, 'bytes', 1) / 1000, 'below', 150, ' KB'),
      verdict('chunks', stats.chunks, 'above', 50_000),
    ],
    results,
  );
} finally {
  for (const made of [temporary, inParts]) if (made) rmSync(made, { recursive: true, force: true });
}
