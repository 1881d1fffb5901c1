/**
 * `codequarry import`: the snapshot in a .cq archive, into a folder.
 */

import { createReadStream } from 'node:fs';
import { rmdir, stat } from 'node:fs/promises';
import { importArchive } from '../archive/import.js';
import { CodequarryError } from '../errors.js';
import { compileModule } from '../modules.js';
import { nodePlatform } from '../platform/node.js';
import { LocalSearcher } from '../searcher.js';
import { FolderStore } from '../stores/folder.js';
import { type CommandContext, EXIT, readArgs, usageError } from './command.js';
import { formatBytes, plural, print, printJson, stylesFor } from './terminal.js';

export const name = 'import';
export const summary = 'make a .cq archive the snapshot of a folder';
export const help = `
codequarry import <FILE|-> --out DIR

Makes the snapshot in a .cq archive that of a folder, which "codequarry search DIR" opens. A dash stands for standard input. Until the archive was read to its end and
found sound, a snapshot that is in the folder stays as it is. One with more files than the archive is not replaced by itself.

  --out DIR      the snapshot's folder (required)
  --replace      replace a larger snapshot too, or one that cannot be read
  --json         print { snapshot, generation, files, segments, bytes, changed }
  --quiet        print nothing but errors
`;

export async function run({ args, signal }: CommandContext): Promise<number> {
  const given = readArgs(args, { out: { type: 'string' }, replace: { type: 'boolean' }, json: { type: 'boolean' }, quiet: { type: 'boolean' } }, [1, 1]);
  const [file = ''] = given.positionals;
  const out = given.text('out');
  if (out === undefined) throw usageError('say where the snapshot goes, with --out');
  if (file !== '-') await checkFile(file);
  const fresh = (await stat(out).catch(() => undefined)) === undefined;
  const store = await FolderStore.open(out);
  try {
    const engine = await LocalSearcher.start(await compileModule(nodePlatform, 'searcher'));
    const input = file === '-' ? process.stdin : createReadStream(file);
    const report = await importArchive(input, store, engine, { replace: given.has('replace'), signal });
    if (given.has('json')) await printJson({ snapshot: out, ...report });
    else if (!given.has('quiet')) {
      const styles = stylesFor();
      const { files, segments, bytes, generation, changed } = report;
      const done = changed ? styles.good('Imported') : 'Already there:';
      await print(`${done} ${plural(files, 'file')} in ${plural(segments, 'segment')}, ${formatBytes(bytes)}: ${styles.path(out)}, generation ${generation}\n`);
    }
    return EXIT.found;
  } catch (error) {
    // A folder that was made for nothing.
    if (fresh) await rmdir(out).catch(() => undefined);
    throw error;
  }
}

async function checkFile(file: string): Promise<void> {
  const found = await stat(file).catch((error: unknown) => {
    throw new CodequarryError('NOT_FOUND', `there is no ${file}`, { cause: error });
  });
  if (!found.isFile() && !found.isFIFO()) throw usageError(`${file} is no file`);
}
