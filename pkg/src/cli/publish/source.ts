/**
 * What is published: a snapshot as it lies there, or one made for the occasion from a folder of source code or an archive.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Codequarry } from '../../node.js';
import type { FileSource } from '../../types.js';
import { usageError } from '../command.js';
import { ProgressBar } from '../progress-bar.js';
import { findTarget, sourceOf } from '../target.js';

/** How to index, when that is needed. */
export interface SourceOptions {
  readonly showProgress: boolean;
  readonly signal: AbortSignal;
}

/**
 * Calls `use` with the folder of a snapshot. A snapshot that was made for it is removed afterwards.
 *
 * @throws CodequarryError `USAGE`, `NOT_FOUND`, `ARCHIVE_FORMAT`, or whatever indexing or `use` throws
 */
export async function withSnapshot<T>(path: string, options: SourceOptions, use: (folder: string) => Promise<T>): Promise<T> {
  const target = await findTarget(path);
  if (target.kind === 'snapshot') return use(target.path);
  if (target.kind === 'address') throw usageError('a snapshot on a web server cannot be published; give its folder');

  const source = sourceOf(target, { all: false, skip: [] });
  const folder = await mkdtemp(join(tmpdir(), 'codequarry-publish-'));
  try {
    await index(source, folder, options);
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function index(source: FileSource, folder: string, { showProgress, signal }: SourceOptions): Promise<void> {
  const quarry = await Codequarry.open(folder);
  const bar = new ProgressBar(showProgress);
  try {
    const long = { signal, onProgress: bar.listener };
    await quarry.add(source, long);
    await quarry.compact(long);
  } finally {
    bar.end();
    await quarry.close();
  }
}
