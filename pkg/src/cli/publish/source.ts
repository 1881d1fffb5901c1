/**
 * What is published: a snapshot as it lies there, or one made for the occasion from a folder of source code or an archive.
 */

import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { CodequarryError } from '../../errors.js';
import { Codequarry } from '../../node.js';
import { fromArchive } from '../../sources/archive.js';
import { fromFolder } from '../../sources/folder.js';
import { MANIFEST_KEY } from '../../stores/store.js';
import type { FileSource } from '../../types.js';
import { ProgressBar } from '../progress-bar.js';

/** How to index, when that is needed. */
export interface SourceOptions {
  readonly showProgress: boolean;
  readonly signal: AbortSignal;
}

/**
 * Calls `use` with the folder of a snapshot. A snapshot that was made for it is removed afterwards.
 *
 * @throws CodequarryError `NOT_FOUND`, `ARCHIVE_FORMAT`, or whatever indexing or `use` throws
 */
export async function withSnapshot<T>(path: string, options: SourceOptions, use: (folder: string) => Promise<T>): Promise<T> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new CodequarryError('NOT_FOUND', `there is no ${path}`);
  if (found.isDirectory() && (await stat(join(path, MANIFEST_KEY)).catch(() => undefined)) !== undefined) return use(path);

  const source = found.isDirectory() ? fromFolder(path) : fromArchive(new Blob([await readFile(path)]), { name: basename(path) });
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
