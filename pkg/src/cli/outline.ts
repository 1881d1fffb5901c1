/**
 * `codequarry outline`: what an indexed file declares, as a tree.
 */

import type { OutlineSymbol } from '../references.js';
import { type CommandContext, EXIT, readArgs } from './command.js';
import { openTarget } from './search.js';
import { oneLine, print, printJson, printable, stylesFor } from './terminal.js';

export const name = 'outline';
export const summary = 'what an indexed file declares, as a tree';
export const help = `
codequarry outline <snapshot|folder|archive|url> <path>

Prints the symbols of an indexed file, each under the one that it stands in.

  --no-refresh   ask an indexed folder as it was indexed
  --workers N    builders that parse at the same time
  --json         print the tree as one JSON array

Exit codes: 0 found, 1 nothing found, 2 error.
`;

export async function run({ args, signal }: CommandContext): Promise<number> {
  const given = readArgs(args, { 'no-refresh': { type: 'boolean' }, workers: { type: 'string' }, json: { type: 'boolean' } }, [2, 2]);
  const [place = '', path = ''] = given.positionals;
  const quarry = await openTarget(place, given, signal);
  try {
    const symbols = await quarry.outline(path);
    if (given.has('json')) await printJson(symbols);
    else await print(symbols.map((symbol) => lines(symbol, 0)).join(''));
    return symbols.length > 0 ? EXIT.found : EXIT.nothing;
  } finally {
    await quarry.close();
  }
}

function lines(symbol: OutlineSymbol, depth: number): string {
  const styles = stylesFor();
  const own = `${'  '.repeat(depth)}${styles.line(String(symbol.nameLine))}  ${styles.kind(symbol.kind)} ${styles.name(printable(symbol.name))}  ${styles.dim(printable(oneLine(symbol.signature)))}\n`;
  return own + symbol.children.map((child) => lines(child, depth + 1)).join('');
}
