/**
 * `codequarry export`: a snapshot as one file, or into a pipe.
 */

import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { exportArchive } from '../archive/write.js';
import type { ManifestInfo } from '../engine.js';
import { CodequarryError, toError } from '../errors.js';
import { compileModule } from '../modules.js';
import { nodePlatform } from '../platform/node.js';
import { LocalSearcher } from '../searcher.js';
import { chunks } from '../sources/archive-input.js';
import { FolderStore } from '../stores/folder.js';
import { type CommandContext, EXIT, readArgs, usageError } from './command.js';
import { SNAPSHOT_FOLDER, type Target, findTarget } from './target.js';
import { formatBytes, plural, print, printJson, stylesFor } from './terminal.js';

export const name = 'export';
export const summary = 'write a snapshot into one .cq file, or a pipe';
export const help = `
codequarry export <snapshot|folder> [FILE|-]

Writes the snapshot in a folder, or that of an indexed folder, as one .cq archive, which "codequarry import" and Codequarry.import() take, in Node and in browsers. Every
segment is checked on the way. A dash stands for standard output; without a file it is <name>.cq in the current folder.

  --json         print { file, generation, files, segments, bytes } (not with a dash)
  --quiet        print nothing but errors

Examples:
  codequarry export ~/my-project
  codequarry export index-dir - | ssh host codequarry import - --out index-dir
`;

export async function run({ args, signal }: CommandContext): Promise<number> {
  const given = readArgs(args, { json: { type: 'boolean' }, quiet: { type: 'boolean' } }, [1, 2]);
  const [path = '', wanted] = given.positionals;
  const target = await findTarget(path);
  const store = await FolderStore.open(snapshotOf(target), { access: 'read' });
  const engine = await LocalSearcher.start(await compileModule(nodePlatform, 'searcher'));
  let info: ManifestInfo | undefined;
  const archive = exportArchive(store, engine, (exported) => {
    info = exported;
  });
  if (wanted === '-') {
    if (process.stdout.isTTY) throw usageError('an archive is not for a terminal: name a file, or a program to take it');
    await pipeline(chunks(archive), process.stdout, { signal, end: false });
    return EXIT.found;
  }
  const file = wanted ?? `${nameOf(target)}.cq`;
  const bytes = await writeWhole(file, archive, signal);
  const { generation = 0, files = 0, segments = [] } = info ?? {};
  if (given.has('json')) await printJson({ file, generation, files, segments: segments.length, bytes });
  else if (!given.has('quiet')) {
    const styles = stylesFor();
    await print(`${styles.good('Exported')} ${plural(files, 'file')} in ${plural(segments.length, 'segment')}, generation ${generation}: ${styles.path(file)}, ${formatBytes(bytes)}\n`);
  }
  return EXIT.found;
}

function snapshotOf(target: Target): string {
  if (target.kind === 'address') throw usageError('a snapshot on a web server cannot be exported; give its folder');
  return target.kind === 'snapshot' ? target.path : target.snapshot;
}

/** What the archive of a snapshot is called: after the folder that was indexed. */
function nameOf({ path }: Target): string {
  const folder = resolve(path);
  return basename(basename(folder) === SNAPSHOT_FOLDER ? dirname(folder) : folder).replace(/\.(codequarry|tgz|zip|tar|tar\.gz)$/i, '');
}

/** The file is there when it is whole, or not at all. Returns its length. */
async function writeWhole(file: string, archive: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<number> {
  const temporary = `${file}.part-${process.pid}`;
  let bytes = 0;
  try {
    const handle = await open(temporary, 'w');
    try {
      for await (const part of chunks(archive)) {
        signal.throwIfAborted();
        await handle.writeFile(part);
        bytes += part.byteLength;
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    return bytes;
  } catch (error) {
    await rm(temporary, { force: true });
    if (error instanceof CodequarryError || signal.aborted) throw error;
    throw new CodequarryError('STORE_FAILED', `${file}: ${toError(error).message}`, { cause: error });
  }
}
