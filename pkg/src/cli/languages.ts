/**
 * `codequarry languages`: what is understood.
 */

import { Codequarry } from '../node.js';
import { type CommandContext, EXIT, readArgs } from './command.js';
import { print, printJson, stylesFor } from './terminal.js';

export const name = 'languages';
export const summary = 'list the languages that are understood';
export const help = `
codequarry languages

Prints every language, its grammar, and the files that are taken for it. A language without a grammar is cut by line windows.

  --json   print an array of { id, extensions, filenames, interpreters, grammar }
`;

export async function run({ args }: CommandContext): Promise<number> {
  const given = readArgs(args, { json: { type: 'boolean' } }, [0, 0]);
  const quarry = await Codequarry.open({});
  try {
    const languages = await quarry.languages();
    if (given.has('json')) {
      await printJson(languages);
      return EXIT.found;
    }
    const styles = stylesFor();
    const width = Math.max(...languages.map(({ id }) => id.length));
    const grammarWidth = Math.max(...languages.map(({ grammar }) => grammar?.length ?? 1));
    for (const { id, grammar, extensions, filenames } of languages) {
      const files = [...extensions.map((extension) => `.${extension}`), ...filenames].join(' ');
      await print(`${styles.name(id.padEnd(width))}  ${styles.kind((grammar ?? '-').padEnd(grammarWidth))}  ${styles.dim(files)}\n`);
    }
    return EXIT.found;
  } finally {
    await quarry.close();
  }
}
