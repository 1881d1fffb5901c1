/**
 * What is published: a snapshot as it lies there, or one made for the occasion from a folder of source code or an archive.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CodequarryError } from '../../errors.js';
import { Codequarry } from '../../node.js';
import type { AddReport, FileSource } from '../../types.js';
import { usageError } from '../command.js';
import { ProgressBar } from '../progress-bar.js';
import { findTarget, sourceOf } from '../target.js';
import { plural } from '../terminal.js';

/** How to index, when that is needed. */
export interface SourceOptions {
  readonly showProgress: boolean;
  readonly signal: AbortSignal;
}

/**
 * Calls `use` with the folder of a snapshot. A snapshot that was made for it is removed afterwards.
 *
 * @throws CodequarryError `USAGE`, `NOT_FOUND`, `NOTHING_INDEXED`, `ARCHIVE_FORMAT`, or whatever indexing or `use` throws
 */
export async function withSnapshot<T>(path: string, options: SourceOptions, use: (folder: string) => Promise<T>): Promise<T> {
  const target = await findTarget(path);
  if (target.kind === 'snapshot') return use(target.path);
  if (target.kind === 'address') throw usageError('a snapshot on a web server cannot be published; give its folder');

  const source = sourceOf(target, { all: false, skip: [] });
  const folder = await mkdtemp(join(tmpdir(), 'codequarry-publish-'));
  try {
    const { files, skipped } = await index(source, folder, options);
    if (skipped === files) throw new CodequarryError('NOTHING_INDEXED', `${path} holds no file that could be indexed`);
    if (skipped > 0) process.stderr.write(`${plural(skipped, 'file')} skipped; "codequarry index" says why\n`);
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function index(source: FileSource, folder: string, { showProgress, signal }: SourceOptions): Promise<AddReport> {
  const quarry = await Codequarry.open(folder);
  const bar = new ProgressBar(showProgress);
  try {
    const long = { signal, onProgress: bar.listener };
    const report = await quarry.add(source, long);
    await quarry.compact(long);
    return report;
  } finally {
    bar.end();
    await quarry.close();
  }
}
