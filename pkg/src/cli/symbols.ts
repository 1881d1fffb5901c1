/**
 * `codequarry symbols`: what a file or a folder declares.
 */

import { type CommandContext, EXIT, readArgs } from './command.js';
import { outlines } from './outline-command.js';
import { oneLine, print, printable, stylesFor } from './terminal.js';

export const name = 'symbols';
export const summary = 'list the declarations of a file or a folder';
export const help = `
codequarry symbols <file|folder>

Prints what is declared, in order: classes, functions, methods, types, constants, headings, keys. Of a folder, what .gitignore names is left out.

  --json   print one JSON object a line: path, name, qualifiedName, kind, parent, startLine, endLine, startByte, endByte, nameLine, signature

Exit codes: 0 found, 1 nothing is declared, 2 error.
`;

export async function run({ args, signal }: CommandContext): Promise<number> {
  const given = readArgs(args, { json: { type: 'boolean' } }, [1, 1]);
  const styles = stylesFor();
  let count = 0;
  for await (const { symbols } of outlines(given.positionals[0] ?? '', { folders: true, signal })) {
    count += symbols.length;
    if (symbols.length === 0) continue;
    if (given.has('json')) await print(symbols.map((symbol) => `${JSON.stringify(symbol)}\n`).join(''));
    else {
      const lines = symbols.map(({ path, nameLine, kind, qualifiedName, signature }) => {
        const place = `${styles.path(printable(path))}:${styles.line(String(nameLine))}`;
        return `${place}  ${styles.kind(kind)} ${styles.name(printable(qualifiedName))}  ${styles.dim(printable(oneLine(signature)))}\n`;
      });
      await print(lines.join(''));
    }
  }
  return count > 0 ? EXIT.found : EXIT.nothing;
}
