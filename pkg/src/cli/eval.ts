/**
 * `codequarry eval`: asks judged queries over a set of corpora, with the settings that everybody searches with.
 */

import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CodequarryError, toError } from '../errors.js';
import { Codequarry, fromFolder } from '../node.js';
import type { SearchOptions, SourceFile } from '../types.js';
import { type CommandContext, EXIT, readArgs, usageError } from './command.js';
import { plural, print, printJson } from './terminal.js';

export const name = 'eval';
export const summary = 'answer a set of judged queries, for measuring quality';
export const help = `
codequarry eval --queries FILE --corpora DIR --out RESULTS

Indexes each corpus of a query set in memory (DIR/<corpus>/<index_root>) and asks its queries, the best ten hits each, with the default settings. FILE is JSON:
{ "corpora": { name: { "index_root" } }, "queries": [{ "id", "corpus", "query" }] }. A line of RESULTS is { "id", "hits": [path, …], "ms" }, paths relative to
the corpus folder.

  --queries FILE  the query set
  --corpora DIR   the folder that holds one folder a corpus
  --out RESULTS   the file to write (JSON Lines)
  --mode MODE     how to search (default: as search does)
  --corpus NAME   only this corpus; may be repeated
  --json          print one JSON object a corpus: corpus, files, chunks, queries, indexMs

Exit codes: 0 all corpora were there, 2 error.
`;

interface Query {
  id: string;
  corpus: string;
  query: string;
}

interface QuerySet {
  corpora: Record<string, { index_root: string }>;
  queries: Query[];
}

const LIMIT = 10;

export async function run({ args, signal }: CommandContext): Promise<number> {
  const given = readArgs(
    args,
    {
      queries: { type: 'string' },
      corpora: { type: 'string' },
      out: { type: 'string' },
      mode: { type: 'string' },
      corpus: { type: 'string', multiple: true },
      json: { type: 'boolean' },
    },
    [0, 0],
  );
  const [queriesFile, corpora, out] = [given.text('queries'), given.text('corpora'), given.text('out')];
  if (!queriesFile || !corpora || !out) throw usageError('--queries, --corpora and --out are needed');
  const set = await readQueries(queriesFile);
  const mode = given.text('mode');
  const options: SearchOptions = { limit: LIMIT, ...(mode === undefined ? {} : { mode: mode as 'hybrid' }) };
  const wanted = given.list('corpus');
  const lines: string[] = [];
  for (const [corpus, { index_root: root }] of Object.entries(set.corpora)) {
    if (wanted.length > 0 && !wanted.includes(corpus)) continue;
    const queries = set.queries.filter((query) => query.corpus === corpus);
    const quarry = await Codequarry.open({});
    try {
      const report = await quarry.add(corpusFiles(join(corpora, corpus), root), { signal });
      for (const query of queries) lines.push(JSON.stringify(await answer(quarry, query, options)));
      const facts = { corpus, files: report.indexed, chunks: report.chunks, queries: queries.length, indexMs: report.ms };
      if (given.has('json')) await printJson(facts);
      else await print(`${corpus}: ${plural(facts.files, 'file')}, ${plural(facts.chunks, 'chunk')}, ${plural(facts.queries, 'query', 'queries')}, indexed in ${facts.indexMs} ms\n`);
    } finally {
      await quarry.close();
    }
  }
  await writeFile(out, lines.map((line) => `${line}\n`).join(''));
  return EXIT.found;
}

async function answer(quarry: Codequarry, query: Query, options: SearchOptions): Promise<{ id: string; hits: string[]; ms: number }> {
  const started = performance.now();
  const hits = await quarry.search(query.query, options);
  const ms = performance.now() - started;
  return { id: query.id, hits: hits.map((hit) => hit.path), ms: Number(ms.toFixed(3)) };
}

/** The files of a corpus below its index root, with paths from the corpus's own folder. */
async function* corpusFiles(folder: string, root: string): AsyncGenerator<SourceFile> {
  const found = await stat(join(folder, root)).catch(() => undefined);
  if (!found?.isDirectory()) throw new CodequarryError('NOT_FOUND', `there is no corpus at ${join(folder, root)}`);
  const prefix = root === '.' || root === '' ? '' : `${root.replace(/\/+$/, '')}/`;
  for await (const file of fromFolder(join(folder, root))) yield { ...file, path: prefix + file.path };
}

async function readQueries(file: string): Promise<QuerySet> {
  try {
    const set: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof set === 'object' && set !== null && 'corpora' in set && 'queries' in set && Array.isArray(set.queries)) return set as QuerySet;
  } catch (error) {
    throw new CodequarryError('UNREADABLE', `${file}: ${toError(error).message}`, { cause: error });
  }
  throw usageError(`${file} is no query set`);
}
