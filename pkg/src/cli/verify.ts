/**
 * `codequarry verify`: is a snapshot sound?
 */

import { type ErrorRecord, CodequarryError } from '../errors.js';
import { Codequarry } from '../node.js';
import { FolderStore } from '../stores/folder.js';
import { HttpStore } from '../stores/http.js';
import type { SegmentReport, VerifyReport } from '../verify.js';
import { type CommandContext, EXIT, readArgs } from './command.js';
import { hintFor } from './hints.js';
import { findTarget } from './target.js';
import { formatBytes, plural, print, printJson, stylesFor } from './terminal.js';

export const name = 'verify';
export const summary = 'check every byte of a snapshot';
export const help = `
codequarry verify <snapshot|folder|url>

Reads the whole of a snapshot and checks it: the manifest, every checksum of every segment, and each part of a segment against the others. Changes nothing.

  --json         print { sound, generation, error, segments: [{ name, bytes, counts, error }] }
  --quiet        print nothing but errors

Exit codes: 0 sound, 1 not sound, 2 error.

Examples:
  codequarry verify ~/my-project
  codequarry verify https://example.org/code/snapshot/
`;

export async function run({ args, signal }: CommandContext): Promise<number> {
  const given = readArgs(args, { json: { type: 'boolean' }, quiet: { type: 'boolean' } }, [1, 1]);
  const target = await findTarget(given.positionals[0] ?? '');
  const store = target.kind === 'address' ? new HttpStore(target.path) : await FolderStore.open(target.kind === 'snapshot' ? target.path : target.snapshot, { access: 'read' });
  const report = await Codequarry.verify({ store }, { signal });
  if (given.has('json')) await printJson(report);
  else if (!report.sound || !given.has('quiet')) await print(describe(report, store.label));
  return report.sound ? EXIT.found : EXIT.nothing;
}

function describe({ sound, generation, error, segments }: VerifyReport, label: string): string {
  const styles = stylesFor();
  const lines = segments.map((segment) => `  ${describeSegment(segment)}\n`);
  if (error) lines.push(`  ${wrong(error)}\n`);
  const verdict = sound ? styles.good('Sound') : styles.error('Not sound');
  return `${verdict} ${styles.path(label)}${generation > 0 ? `, generation ${generation}` : ''}\n${lines.join('')}`;
}

function describeSegment({ name, bytes, counts, error }: SegmentReport): string {
  const what = counts ? `${plural(counts.files, 'file')}, ${plural(counts.chunks, 'chunk')}, ${plural(counts.symbols, 'symbol')}` : error ? wrong(error) : '';
  return `${name}  ${formatBytes(bytes)}  ${what}`;
}

function wrong(record: ErrorRecord): string {
  const hint = hintFor(CodequarryError.fromRecord(record));
  return `${record.code}: ${record.message}${hint ? ` (${hint})` : ''}`;
}
