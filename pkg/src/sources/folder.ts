/**
 * Files of a folder of Node's file system.
 *
 * Links are not followed: what they point to inside the root is found anyway, and what is outside is none of ours.
 */

import { type Dirent } from 'node:fs';
import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { CodequarryError, toError } from '../errors.js';
import type { FileSource } from '../types.js';
import type { IgnoreOptions } from './ignore-tree.js';
import { type TreeFolder, type TreeNode, tooLarge, treeSource } from './tree.js';

/** Options of {@link fromFolder}. */
export interface FolderOptions extends IgnoreOptions {
  /** Folders to leave out, wherever they are: the snapshot, for one. Folders named `.codequarry` or `*.codequarry` are always left out. */
  skip?: readonly string[] | undefined;
}

/**
 * The files below a folder, ordered by path, `.gitignore` respected at every level.
 *
 * Iterating throws CodequarryError `NOT_FOUND` when there is no such folder, `UNREADABLE` when it cannot be listed. A file or folder in it
 * that cannot be read is reported and the rest goes on.
 */
export function fromFolder(folder: string, options: FolderOptions = {}): FileSource {
  const root = async (): Promise<TreeFolder> => {
    try {
      const path = await realpath(folder);
      if (!(await stat(path)).isDirectory()) throw new CodequarryError('NOT_FOUND', `${folder} is not a folder`);
      return diskFolder(path, '');
    } catch (error) {
      const code = error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'NOT_FOUND' : 'UNREADABLE';
      throw code === 'NOT_FOUND' && !(error instanceof CodequarryError) ? new CodequarryError(code, `there is no folder ${folder}`, { cause: error }) : toError(error, code);
    }
  };
  const skip = (options.skip ?? []).map((path) => relative(folder, path).split(sep).join('/'));
  return treeSource(root, { all: options.all, skip });
}

function diskFolder(path: string, name: string): TreeFolder {
  return {
    kind: 'folder',
    name,
    list: async () => (await readdir(path, { withFileTypes: true })).flatMap((entry) => diskNode(path, entry)),
  };
}

function diskNode(folder: string, entry: Dirent): TreeNode[] {
  const path = join(folder, entry.name);
  if (entry.isDirectory()) return [diskFolder(path, entry.name)];
  if (!entry.isFile()) return [];
  return [{ kind: 'file', name: entry.name, read: (limitBytes) => readFileUpTo(path, limitBytes) }];
}

async function readFileUpTo(path: string, limitBytes: number): Promise<Uint8Array> {
  const { size } = await stat(path);
  if (size > limitBytes) throw tooLarge(size, limitBytes);
  try {
    return await readFile(path);
  } catch (error) {
    throw new CodequarryError('UNREADABLE', toError(error).message, { cause: error });
  }
}
