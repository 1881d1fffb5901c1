/**
 * What a person names on the command line: a snapshot, a folder, an archive, or an address of a snapshot.
 */

import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { CodequarryError } from '../errors.js';
import { fromArchive } from '../sources/archive.js';
import { fromFolder } from '../sources/folder.js';
import type { FileSource } from '../types.js';

/** The folder, inside an indexed one, that its snapshot is kept in. */
export const SNAPSHOT_FOLDER = '.codequarry';

/** What a path turned out to be. */
export type Target =
  /** A folder with a snapshot. */
  | { kind: 'snapshot'; path: string }
  /** A folder of source code; `snapshot` is where its snapshot would be. */
  | { kind: 'folder'; path: string; snapshot: string; indexed: boolean }
  /** A file, probably an archive; `snapshot` is where its snapshot would be. `indexed`: it is there, and not older than the archive. */
  | { kind: 'archive'; path: string; snapshot: string; indexed: boolean }
  /** A snapshot on a web server. */
  | { kind: 'address'; path: string };

/**
 * Finds out what a path is.
 *
 * @throws CodequarryError `NOT_FOUND`
 */
export async function findTarget(path: string): Promise<Target> {
  if (/^https?:\/\//.test(path)) return { kind: 'address', path };
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') throw new CodequarryError('NOT_FOUND', `there is no ${path}`, { cause: error });
    throw new CodequarryError('UNREADABLE', `${path}: ${error.message}`, { cause: error });
  });
  if (found.isDirectory()) {
    if ((await manifestTime(path)) !== undefined) return { kind: 'snapshot', path };
    const snapshot = join(path, SNAPSHOT_FOLDER);
    return { kind: 'folder', path, snapshot, indexed: (await manifestTime(snapshot)) !== undefined };
  }
  const snapshot = archiveSnapshot(path);
  const written = await manifestTime(snapshot);
  return { kind: 'archive', path, snapshot, indexed: written !== undefined && written >= found.mtimeMs };
}

/** Options of {@link sourceOf}. */
export interface SourceOptions {
  /** Whether ignore files and `node_modules` are of no account. */
  all: boolean;
  /** Folders that are left out. */
  skip: string[];
}

/** The files of a folder or an archive. */
export function sourceOf(target: Target & { kind: 'folder' | 'archive' }, { all, skip }: SourceOptions): FileSource {
  if (target.kind === 'folder') return fromFolder(target.path, { all, skip: skip.map((path) => resolve(path)) });
  return fromArchive(() => createReadStream(target.path), { all, name: target.path });
}

/** The folder of an archive's snapshot: beside it, under its name without the endings. */
function archiveSnapshot(path: string): string {
  const base = basename(path).replace(/\.(tgz|zip|(tar(\.gz)?))$/i, '');
  return join(dirname(path), `${base}${SNAPSHOT_FOLDER}`);
}

/** When the manifest in a folder was written, in milliseconds since 1970; undefined when there is none. */
async function manifestTime(folder: string): Promise<number | undefined> {
  const names = await readdir(folder).catch(() => []);
  const manifest = names.find((name) => name === 'manifest.cqm') ?? names.find((name) => /^manifest-\d+\.cqm$/.test(name));
  if (manifest === undefined) return undefined;
  return (await stat(join(folder, manifest)).catch(() => undefined))?.mtimeMs;
}
