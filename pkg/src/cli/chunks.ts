/**
 * `codequarry chunks`: how a file is cut.
 */

import { type CommandContext, EXIT, readArgs } from './command.js';
import { outlines } from './outline-command.js';
import { print, printJson, printable, stylesFor } from './terminal.js';

export const name = 'chunks';
export const summary = 'show how a file is cut into chunks';
export const help = `
codequarry chunks <file>

Prints the chunks of a file in order: their lines and the declaration that each belongs to. Together they are the whole file.

  --json   print one JSON object a line: path, name, qualifiedName, kind, parent, startLine, endLine, startByte, endByte, nameLine, signature, text

Exit codes: 0 done, 1 the file is empty, 2 error.
`;

export async function run({ args, signal }: CommandContext): Promise<number> {
  const given = readArgs(args, { json: { type: 'boolean' } }, [1, 1]);
  const styles = stylesFor();
  let count = 0;
  for await (const { chunks, report } of outlines(given.positionals[0] ?? '', { folders: false, signal })) {
    if (report.code && !given.has('json')) process.stderr.write(`codequarry: ${report.code}: ${report.message ?? report.status}\n`);
    const width = Math.max(0, ...chunks.map(({ startLine, endLine }) => `${startLine}-${endLine}`.length));
    for (const chunk of chunks) {
      count += 1;
      if (given.has('json')) await printJson(chunk);
      else {
        const lines = styles.line(`${chunk.startLine}-${chunk.endLine}`.padEnd(width));
        const title = chunk.qualifiedName === null ? '' : styles.name(printable(chunk.qualifiedName));
        const bytes = styles.dim(`${chunk.endByte - chunk.startByte} bytes`);
        await print(`${lines}  ${styles.kind(chunk.kind ?? 'lines')} ${title}  ${bytes}\n`);
      }
    }
  }
  return count > 0 ? EXIT.found : EXIT.nothing;
}
