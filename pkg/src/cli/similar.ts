/**
 * `codequarry similar`: more like a chunk.
 */

import { type CommandContext, EXIT, readArgs, usageError } from './command.js';
import { describe, openTarget, searchOptions } from './search.js';
import { print, printJson } from './terminal.js';

export const name = 'similar';
export const summary = 'find code like that at a place';
export const help = `
codequarry similar <snapshot|folder|archive|url> <path:line>

Prints the chunks that are most like the one at a line of an indexed file: nearest by vectors, or where the snapshot has none by the rarest words.

  --limit N        hits at most, 1 to 1000 (default 10)
  --language LIST  only these languages, by id or file extension
  --path GLOB      only these files; may be repeated; a leading ! excludes
  --lines N        lines shown of a hit, 0 to 100 (default 6)
  --no-refresh     search an indexed folder as it was indexed
  --workers N      builders that parse at the same time
  --json           print the result as one JSON object, as search does

Exit codes: 0 found, 1 nothing found, 2 error.
`;

export async function run({ args, signal }: CommandContext): Promise<number> {
  const given = readArgs(
    args,
    {
      limit: { type: 'string' },
      language: { type: 'string', multiple: true },
      path: { type: 'string', multiple: true },
      lines: { type: 'string' },
      'no-refresh': { type: 'boolean' },
      workers: { type: 'string' },
      json: { type: 'boolean' },
    },
    [2, 2],
  );
  const [place = '', at = ''] = given.positionals;
  const [, path = '', line = ''] = /^(.+):([1-9]\d{0,8})$/.exec(at) ?? [];
  if (path === '') throw usageError(`${JSON.stringify(at)} is no place; say path:line`);
  const lines = given.number('lines', 0, 100) ?? 6;
  const quarry = await openTarget(place, given, signal);
  try {
    const started = performance.now();
    const result = await quarry.similar({ path, line: Number(line) }, { ...searchOptions(given), signal });
    const ms = performance.now() - started;
    if (given.has('json')) await printJson({ ...result, ms: Number(ms.toFixed(3)) });
    else await print(describe(result, ms, lines));
    return result.hits.length > 0 ? EXIT.found : EXIT.nothing;
  } finally {
    await quarry.close();
  }
}
