/**
 * `codequarry index`: makes or updates the snapshot of a folder or an archive.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CodequarryError } from '../errors.js';
import { Codequarry } from '../node.js';
import type { AddReport, FileReport, IndexStats } from '../types.js';
import { type CommandContext, EXIT, readArgs, usageError } from './command.js';
import { ProgressBar } from './progress-bar.js';
import { type Target, findTarget, sourceOf } from './target.js';
import { formatBytes, formatCount, plural, print, printJson, printable, stylesFor } from './terminal.js';

export const name = 'index';
export const summary = 'index a folder or an archive into a snapshot';
export const help = `
codequarry index <folder|archive> [--out DIR]

Indexes source code into a snapshot, which "codequarry search" opens in milliseconds. Done again it only reads what has changed: new and changed files are
indexed, vanished ones removed. An archive is a .tar, .tar.gz, .tgz or .zip.

Files that .gitignore or .codequarryignore name are left out, at every level, and so are .git and node_modules. Binary and minified files are skipped, and the
reasons listed.

  --out DIR      the snapshot's folder (default: <folder>/.codequarry, or <archive>.codequarry beside it)
  --all          leave out nothing but version control folders
  --workers N    builders that parse at the same time (default: one a processor core, at most 8)
  --no-vectors   index words alone: smaller and faster, and searches are lexical
  --reset        discard what is in the snapshot's folder, readable or not
  --verbose      list every file that was skipped, and why
  --quiet        print nothing but errors
  --json         print the report as one JSON object

Exit codes: 0 indexed, 1 there was nothing to index, 2 error, 130 interrupted (what was committed until then stays).
`;

export async function run({ args, signal }: CommandContext): Promise<number> {
  const given = readArgs(
    args,
    {
      out: { type: 'string' },
      all: { type: 'boolean' },
      workers: { type: 'string' },
      'no-vectors': { type: 'boolean' },
      reset: { type: 'boolean' },
      verbose: { type: 'boolean' },
      quiet: { type: 'boolean' },
      json: { type: 'boolean' },
    },
    [1, 1],
  );
  const target = await findTarget(given.positionals[0] ?? '');
  if (target.kind === 'snapshot') throw usageError(`${target.path} is a snapshot already; name the folder that it was made of`);
  if (target.kind === 'address') throw usageError('an address cannot be indexed; download it first');
  const out = given.text('out') ?? target.snapshot;
  const warnings: string[] = [];
  const quarry = await Codequarry.open(resolve(out), {
    workers: given.number('workers', 1, 64),
    reset: given.has('reset'),
    persist: { graceMs: 0 },
    embedder: given.has('no-vectors') ? false : 'default',
    onEvent: (event) => {
      if (event.type === 'warning') warnings.push(`${event.code}: ${event.message}`);
    },
  });
  const bar = new ProgressBar(!given.has('quiet') && !given.has('json'));
  try {
    const source = sourceOf(target, { all: given.has('all'), skip: [out] });
    const { report, failure } = await add(quarry, source, signal, bar);
    bar.end();
    await quarry.idle();
    const stats = await quarry.stats();
    if (out === target.snapshot && target.kind === 'folder' && stats.files > 0) await keepOutOfGit(out);
    if (given.has('json')) await printJson({ source: target.path, snapshot: out, ...report, warnings, stats });
    else if (!given.has('quiet')) await print(describe(target, out, report, stats, given.has('verbose')));
    if (!given.has('json')) for (const warning of warnings) process.stderr.write(`codequarry: warning: ${warning}\n`);
    if (failure) throw failure;
    return stats.files === 0 ? EXIT.nothing : EXIT.found;
  } finally {
    bar.end();
    await quarry.close();
  }
}

/** Adds all; a source that fails in the middle leaves a report, and is a failure nevertheless. */
async function add(
  quarry: Codequarry,
  source: Parameters<Codequarry['add']>[0],
  signal: AbortSignal,
  bar: ProgressBar,
): Promise<{ report: AddReport; failure?: CodequarryError }> {
  try {
    return { report: await quarry.add(source, { signal, onProgress: bar.listener, others: 'remove' }) };
  } catch (error) {
    if (!(error instanceof CodequarryError)) throw error;
    const { report } = (error.details ?? {}) as { report?: AddReport };
    if (!report || report.files === 0) throw error;
    return { report, failure: error };
  }
}

/** A snapshot inside a checkout is no part of it. */
async function keepOutOfGit(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, '.gitignore'), '*\n', { flag: 'wx' }).catch(() => undefined);
}

function describe(target: Target, out: string, report: AddReport, stats: IndexStats, verbose: boolean): string {
  const styles = stylesFor();
  const lines: string[] = [];
  if (report.files === 0) lines.push(`There is nothing to index in ${target.path}.`);
  else {
    const seconds = report.ms / 1000;
    const rate = report.indexed > 0 && seconds > 0 ? `, ${formatBytes(report.bytes / seconds)}/s` : '';
    const amount = `${formatBytes(report.bytes)}, ${plural(report.chunks, 'chunk')}, ${plural(report.symbols, 'symbol')}`;
    lines.push(`${styles.good('Indexed')} ${styles.bold(plural(report.indexed, 'file'))} (${amount}) in ${seconds.toFixed(2)} s${rate}`);
    const reserved = report.problems.filter(({ status }) => status === 'indexed').length;
    const also = [
      report.unchanged > 0 ? `${formatCount(report.unchanged)} unchanged` : '',
      report.removed > 0 ? `${formatCount(report.removed)} removed` : '',
      report.skipped > 0 ? `${formatCount(report.skipped)} skipped (${reasons(report.problems, 'skipped')})` : '',
      report.fallback > 0 ? `${formatCount(report.fallback)} by line windows (${reasons(report.problems, 'fallback')})` : '',
      reserved > 0 ? `${formatCount(reserved)} with a reservation (${reasons(report.problems, 'indexed')})` : '',
    ].filter((part) => part !== '');
    if (also.length > 0) lines.push(also.join(', '));
  }
  if (verbose) for (const problem of report.problems) lines.push(styles.dim(describeProblem(problem)));
  if (stats.files > 0) {
    const segments = plural(stats.segments, 'segment');
    lines.push(`Snapshot ${styles.path(out)}: ${plural(stats.files, 'file')}, ${formatBytes(stats.indexBytes)} in ${segments}, generation ${stats.generation}`);
  }
  return `${lines.join('\n')}\n`;
}

function reasons(problems: FileReport[], wanted: FileReport['status']): string {
  const counts = new Map<string, number>();
  for (const { status, code = 'OTHER' } of problems) {
    if (status === wanted) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([code, count]) => `${code} ${formatCount(count)}`)
    .join(', ');
}

function describeProblem({ path, status, code, message }: FileReport): string {
  return `  ${printable(path)}: ${status}${code ? ` ${code}` : ''}${message ? `: ${printable(message)}` : ''}`;
}
