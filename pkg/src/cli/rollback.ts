/**
 * `codequarry rollback`: takes the last change of a snapshot back.
 */

import { compileModule } from '../modules.js';
import { nodePlatform } from '../platform/node.js';
import { type Generation, generationsOf, rollBack } from '../rollback.js';
import { LocalSearcher } from '../searcher.js';
import { FolderStore } from '../stores/folder.js';
import { type CommandContext, EXIT, readArgs, usageError } from './command.js';
import { findTarget } from './target.js';
import { formatBytes, plural, print, printJson, stylesFor } from './terminal.js';

export const name = 'rollback';
export const summary = 'take the last change of a snapshot back';
export const help = `
codequarry rollback <snapshot|folder>

Makes the generation before the last change (an "index", an "import") of a snapshot the newest one, under a new number. Every segment of it is checked first; when one is
missing or damaged, nothing is changed. Done twice it is as before. It also helps when the newest manifest is damaged.

  --list         change nothing, list the generations that are kept
  --json         print { generation, generations: [{ generation, files, segments, bytes }] }, newest first
  --quiet        print nothing but errors
`;

export async function run({ args }: CommandContext): Promise<number> {
  const given = readArgs(args, { list: { type: 'boolean' }, json: { type: 'boolean' }, quiet: { type: 'boolean' } }, [1, 1]);
  const target = await findTarget(given.positionals[0] ?? '');
  if (target.kind === 'address') throw usageError('a snapshot on a web server cannot be changed');
  const only = given.has('list');
  const store = await FolderStore.open(target.kind === 'snapshot' ? target.path : target.snapshot, { access: only ? 'read' : 'write' });
  const engine = await LocalSearcher.start(await compileModule(nodePlatform, 'searcher'));
  if (!only) await rollBack(store, engine);
  const generations = await generationsOf(store, engine);
  const newest = generations[0]?.generation ?? 0;
  if (given.has('json')) await printJson({ generation: newest, generations });
  else if (!given.has('quiet')) await print(describe(generations, store.label, only));
  return EXIT.found;
}

function describe(generations: Generation[], label: string, only: boolean): string {
  const styles = stylesFor();
  const lines = generations.map(
    ({ generation, files, segments, bytes }, at) => `  generation ${generation}: ${plural(files, 'file')} in ${plural(segments, 'segment')}, ${formatBytes(bytes)}${at === 0 ? '' : ', before the last change'}`,
  );
  return `${only ? '' : `${styles.good('Rolled back')} `}${styles.path(label)}\n${lines.join('\n')}\n`;
}
