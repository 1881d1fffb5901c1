/**
 * What `chunks` and `symbols` share: reading a file or a folder into outlines.
 */

import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { CodequarryError } from '../errors.js';
import { Codequarry, fromFolder } from '../node.js';
import type { FileOutline, Files } from '../types.js';

/** Options of {@link outlines}. */
export interface OutlineOptions {
  /** Whether a folder will do, too. */
  folders: boolean;
  signal: AbortSignal;
}

/**
 * The outlines of a file (under the path that was typed) or of the files of a folder (relative to it), in order. A file that is
 * skipped is told on standard error.
 *
 * @throws CodequarryError `NOT_FOUND`, `UNREADABLE`, `USAGE`; for a single file also the reason why it was skipped
 */
export async function* outlines(path: string, { folders, signal }: OutlineOptions): AsyncGenerator<FileOutline> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new CodequarryError(error.code === 'ENOENT' || error.code === 'ENOTDIR' ? 'NOT_FOUND' : 'UNREADABLE', `there is no ${path}`, { cause: error });
  });
  if (found.isDirectory() && !folders) throw new CodequarryError('USAGE', `${path} is a folder; name a file`);
  const quarry = await Codequarry.open({});
  try {
    const files: Files = found.isDirectory() ? fromFolder(path) : [{ path: basename(path), bytes: await readBytes(path) }];
    for await (const outline of quarry.outline(files, { signal })) {
      const { report } = outline;
      const named = found.isDirectory() ? outline : renamed(outline, path);
      if (report.status === 'skipped') {
        const code = report.code ?? 'SKIPPED';
        if (!found.isDirectory()) throw new CodequarryError(code, `${path}: ${report.message ?? 'skipped'}`);
        process.stderr.write(`codequarry: ${code}: ${report.path}: ${report.message ?? 'skipped'}\n`);
      }
      yield named;
    }
  } finally {
    await quarry.close();
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new CodequarryError('UNREADABLE', `${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function renamed(outline: FileOutline, path: string): FileOutline {
  return {
    ...outline,
    path,
    chunks: outline.chunks.map((chunk) => ({ ...chunk, path })),
    symbols: outline.symbols.map((symbol) => ({ ...symbol, path })),
  };
}
