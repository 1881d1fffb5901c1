/**
 * `codequarry search`: searches a snapshot, a folder or an archive.
 */

import { resolve } from 'node:path';
import { toError } from '../errors.js';
import { Codequarry, FolderStore, HttpStore } from '../node.js';
import type { Hit, SearchResult } from '../types.js';
import { type Args, type CommandContext, EXIT, commaSeparated, readArgs } from './command.js';
import { ProgressBar } from './progress-bar.js';
import { snippet } from './snippet.js';
import { findTarget, sourceOf } from './target.js';
import { columnsOf, formatCount, print, printJson, printable, stylesFor } from './terminal.js';

export const name = 'search';
export const summary = 'search a snapshot, a folder or an archive';
export const help = `
codequarry search <snapshot|folder|archive|url> <query>

Prints the best hits for a query: words, names of symbols, parts of names, a question, an error message. A snapshot is opened as it is. A folder that was indexed is brought up to
date first; one that was not is indexed in memory, and so is an archive. The address of a snapshot on a web server will do, too.

In a query:
  "exact phrase"   this text, letter by letter        -word  -"phrase"  -lang:go   not that
  /regex/          a regular expression, in a line    one OR other                 either of the two
  symbol:name      declares it; Client.send, too      case:yes                     mind upper and lower case
  kind:function    is one: class, method, struct, …   lang:ts,py  path:src/**      only such files

  --limit N        hits at most, 1 to 1000 (default 10)
  --offset N       hits to pass over (default 0)
  --language LIST  only these languages, by id or file extension: --language ts,tsx
  --path GLOB      only these files; may be repeated; a leading ! excludes: --path 'src/**' --path '!**/*.test.ts'
  --mode MODE      lexical: by words; semantic: by meaning; hybrid: both (default, as far as the snapshot offers it); exact: every place of a text or
                   /regex/, as path:line:column: text; symbol: declarations by name, the best fit first
  --complete       in mode exact count every place, however much has to be looked through; what is on this machine is counted in any case
  --facets         count the hits by language and folder, too
  --lines N        lines shown of a hit, 0 to 100 (default 6)
  --explain        tell how each score came about
  --no-refresh     search an indexed folder as it was indexed
  --all            when a folder is indexed, leave out nothing but version control folders
  --workers N      builders that parse at the same time
  --json           print { query, mode, total, generation, ms, hits: [{ path, language, kind, symbol, parent, startLine, endLine, startByte, endByte, score, text, … }] }

Exit codes: 0 found, 1 nothing found, 2 error.
`;

export async function run({ args, signal }: CommandContext): Promise<number> {
  const given = readArgs(
    args,
    {
      limit: { type: 'string' },
      offset: { type: 'string' },
      language: { type: 'string', multiple: true },
      path: { type: 'string', multiple: true },
      mode: { type: 'string' },
      lines: { type: 'string' },
      explain: { type: 'boolean' },
      complete: { type: 'boolean' },
      facets: { type: 'boolean' },
      'no-refresh': { type: 'boolean' },
      all: { type: 'boolean' },
      workers: { type: 'string' },
      json: { type: 'boolean' },
    },
    [2, Number.MAX_SAFE_INTEGER],
  );
  const [place = '', ...words] = given.positionals;
  // Over a network counting every place may fetch all text, so that has to be asked for.
  const complete = given.has('complete') || (await findTarget(place)).kind !== 'address';
  const options = { ...searchOptions(given), complete };
  const lines = given.number('lines', 0, 100) ?? 6;
  const quarry = await openTarget(place, given, signal);
  try {
    const started = performance.now();
    const result = await quarry.query(words.join(' '), { ...options, signal });
    const ms = performance.now() - started;
    if (given.has('json')) await printJson({ ...result, ms: Number(ms.toFixed(3)) });
    else await print((result.mode === 'exact' ? describePlaces : describe)(result, ms, lines));
    return result.hits.length > 0 ? EXIT.found : EXIT.nothing;
  } finally {
    await quarry.close();
  }
}

export function searchOptions(given: Args): NonNullable<Parameters<Codequarry['query']>[1]> {
  const [limit, offset, mode] = [given.number('limit', 1, 1000), given.number('offset', 0, 1_000_000_000), given.text('mode')];
  const [language, path] = [commaSeparated(given.list('language')), given.list('path')];
  return {
    ...(limit === undefined ? {} : { limit }),
    ...(offset === undefined ? {} : { offset }),
    // The engine knows its modes, and says so when it is given another one.
    ...(mode === undefined ? {} : { mode: mode as 'hybrid' }),
    ...(language.length > 0 ? { language } : {}),
    ...(path.length > 0 ? { path } : {}),
    ...(given.has('explain') ? { explain: true } : {}),
    ...(given.has('facets') ? { facets: true } : {}),
  };
}

/** Opens what a person named, indexed and up to date. */
export async function openTarget(place: string, given: Args, signal: AbortSignal): Promise<Codequarry> {
  const workers = given.number('workers', 1, 64);
  const target = await findTarget(place);
  if (target.kind === 'address') return Codequarry.open({ store: new HttpStore(target.path), workers });
  if (target.kind === 'snapshot') return Codequarry.open({ store: await FolderStore.open(target.path, { access: 'read' }), workers });
  const source = sourceOf(target, { all: given.has('all'), skip: [target.snapshot] });
  const readOnly = target.kind === 'archive' || given.has('no-refresh');
  if (target.indexed && readOnly) {
    return Codequarry.open({ store: await FolderStore.open(target.snapshot, { access: 'read' }), workers });
  }
  const quarry = target.indexed ? await Codequarry.open(resolve(target.snapshot), { workers }) : await Codequarry.open({ workers });
  const bar = new ProgressBar(!given.has('json'));
  try {
    await quarry.add(source, { signal, onProgress: bar.listener, others: 'remove' });
  } catch (error) {
    signal.throwIfAborted();
    // What is there can be searched even if it could not be brought up to date, or is not all.
    const { code, message } = toError(error);
    if ((await quarry.stats()).files === 0) {
      await quarry.close();
      throw error;
    }
    bar.end();
    process.stderr.write(`codequarry: warning: ${code}: ${message}\n`);
  } finally {
    bar.end();
  }
  return quarry;
}

export function describe(result: SearchResult, ms: number, lines: number): string {
  const styles = stylesFor();
  if (result.hits.length === 0) return `${correctionLines(result)}${styles.dim('nothing found')}\n`;
  const blocks = result.hits.map((hit) => `${header(hit)}\n${explanation(hit)}${lines > 0 ? snippet(hit, lines, columnsOf(process.stdout)) : ''}`);
  const reason = result.semantic === undefined ? '' : `, lexical (${result.semantic})`;
  const more = `${formatCount(result.hits.length)} of ${formatCount(result.total)} hits, ${ms.toFixed(1)} ms${reason}`;
  return `${correctionLines(result)}${blocks.join(lines > 0 ? '\n' : '')}\n${facetLines(result)}${styles.dim(more)}\n`;
}

/** Places as grep prints them. */
function describePlaces(result: SearchResult, ms: number): string {
  const styles = stylesFor();
  if (result.hits.length === 0) return `${styles.dim('nothing found')}\n`;
  const places = result.hits.map((hit) => {
    const place = `${styles.path(printable(hit.path))}:${styles.line(String(hit.startLine))}:${hit.column ?? 1}: `;
    const [line = ''] = (hit.text ?? '').split('\n');
    const [start, end] = hit.matches[0] ?? [0, 0];
    const shown = printable(line.slice(0, start)).trimStart() + styles.match(printable(line.slice(start, end))) + printable(line.slice(end));
    return place + shown.trimEnd();
  });
  const counted = `${result.complete ? '' : 'at least '}${formatCount(result.total)} places`;
  const more = `${formatCount(result.hits.length)} of ${counted}, ${ms.toFixed(1)} ms${result.complete ? '' : '; --complete counts all'}`;
  return `${places.join('\n')}\n${facetLines(result)}${styles.dim(more)}\n`;
}

/** Counts by language and folder, when they were asked for. */
function facetLines({ facets }: SearchResult): string {
  if (facets === undefined) return '';
  const styles = stylesFor();
  const list = (counts: { value: string; count: number }[]): string =>
    counts.slice(0, 10).map(({ value, count }) => `${printable(value === '' ? './' : value)} ${formatCount(count)}`).join('  ');
  return `\n${styles.dim('languages')}  ${list(facets.languages)}\n${styles.dim('folders')}    ${list(facets.folders)}\n\n`;
}

/** What was searched for in place of words that stand nowhere. */
function correctionLines({ corrected }: SearchResult): string {
  const styles = stylesFor();
  return corrected.map(({ word, by }) => `${styles.dim(`no ${printable(word)}; searched for ${by.map(printable).join(', ')}`)}\n`).join('');
}

/** The steps of a score, when they were asked for. */
function explanation(hit: Hit): string {
  if (hit.explain === undefined) return '';
  const styles = stylesFor();
  let before = 0;
  const steps = hit.explain.map(([name, score]) => {
    const change = score - before;
    before = score;
    return `${name} ${change < 0 ? '' : '+'}${change.toFixed(2)}`;
  });
  return `   ${styles.dim(`${hit.score.toFixed(2)} = ${steps.join(', ')}`)}\n`;
}

function header(hit: Hit): string {
  const styles = stylesFor();
  const place = `${styles.path(printable(hit.path))}:${styles.line(String(hit.startLine))}`;
  if (hit.symbol === null) return place;
  const inside = hit.parent === null ? '' : styles.dim(`${printable(hit.parent)} › `);
  return `${place}  ${inside}${styles.kind(hit.kind)} ${styles.name(printable(hit.symbol))}`;
}
