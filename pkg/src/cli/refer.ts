/**
 * What `definitions`, `references`, `callers` and `callees` share.
 */

import type { ReferenceInfo, SymbolInfo } from '../engine.js';
import type { Codequarry } from '../node.js';
import type { References, SymbolPlace } from '../references.js';
import { type CommandContext, EXIT, readArgs } from './command.js';
import { openTarget } from './search.js';
import { oneLine, print, printJson, printable, stylesFor } from './terminal.js';

type Question = 'definitions' | 'references' | 'callers' | 'callees';

/** The help of a command. */
export function helpOf(question: Question, what: string): string {
  const limit = question === 'definitions' ? '' : '\n  --limit N      places at most (default 1000)\n  --sure N       only places that are so sure, in percent (default 10)';
  return `
codequarry ${question} <snapshot|folder|archive|url> <name|path:line>

${what} A name may be qualified (Router.route); path:line means the innermost symbol around that line.

  --path FILE    only symbols of this file${limit}
  --no-refresh   ask an indexed folder as it was indexed
  --workers N    builders that parse at the same time
  --json         print one JSON object

Exit codes: 0 found, 1 nothing found, 2 error.
`;
}

/** Runs one of the commands. */
export async function answer(question: Question, { args, signal }: CommandContext): Promise<number> {
  const options = {
    path: { type: 'string' },
    limit: { type: 'string' },
    sure: { type: 'string' },
    'no-refresh': { type: 'boolean' },
    workers: { type: 'string' },
    json: { type: 'boolean' },
  } as const;
  const given = readArgs(args, options, [2, 2]);
  const [place = '', at = ''] = given.positionals;
  const limit = given.number('limit', 1, 1_000_000) ?? 1000;
  const minConfidence = (given.number('sure', 0, 100) ?? 10) / 100;
  const quarry = await openTarget(place, given, signal);
  try {
    const symbol = symbolPlace(at, given.text('path'));
    if (question === 'definitions') {
      const found = await definitions(quarry, symbol);
      if (given.has('json')) await printJson({ definitions: found });
      else await print(found.map(describeSymbol).join('') || NOT_DECLARED);
      return found.length > 0 ? EXIT.found : EXIT.nothing;
    }
    const found = await quarry[question](symbol, { limit, minConfidence, signal });
    if (given.has('json')) await printJson(found);
    else await print((found.references.map((reference) => describeReference(reference, question === 'callees')).join('') || nothing(question, found)) + whatLacks(found));
    return found.references.length > 0 ? EXIT.found : EXIT.nothing;
  } finally {
    await quarry.close();
  }
}

async function definitions(quarry: Codequarry, symbol: SymbolPlace): Promise<SymbolInfo[]> {
  if (typeof symbol === 'string') return quarry.definitions(symbol);
  return (await quarry.references(symbol, { limit: 1 })).definitions;
}

const NOT_DECLARED = 'Nothing here declares that name.\n';

/** What is said of an answer without places. */
function nothing(question: Question, { definitions }: References): string {
  if (definitions.length === 0) return NOT_DECLARED;
  return question === 'callees' ? 'It calls nothing.\n' : `Nothing here ${question === 'callers' ? 'calls' : 'refers to'} it; --sure 0 shows guesses, too.\n`;
}

/** What an answer has not: said, so that nobody takes it for all. */
function whatLacks({ next, complete }: References): string {
  const styles = stylesFor();
  const more = next === null ? '' : `${styles.dim('There are more: raise --limit.')}\n`;
  return complete ? more : `${more}${styles.dim('Some files were indexed by an older release, which kept no references: index them again.')}\n`;
}

function symbolPlace(at: string, path: string | undefined): SymbolPlace {
  const [, file, line] = /^(.+):([1-9]\d{0,8})$/.exec(at) ?? [];
  if (file !== undefined) return { path: file, line: Number(line) };
  return path === undefined ? at : { name: at, path };
}

function describeSymbol({ path, nameLine, kind, qualifiedName, signature }: SymbolInfo): string {
  const styles = stylesFor();
  const place = `${styles.path(printable(path))}:${styles.line(String(nameLine))}`;
  return `${place}  ${styles.kind(kind)} ${styles.name(printable(qualifiedName))}  ${styles.dim(printable(oneLine(signature)))}\n`;
}

function describeReference({ path, line, role, name, within, target, confidence, because, text }: ReferenceInfo, called: boolean): string {
  const styles = stylesFor();
  const place = `${styles.path(printable(path))}:${styles.line(String(line))}`;
  const where = within === null ? '' : ` in ${styles.name(printable(within.qualifiedName))}`;
  const to = target === null ? '' : ` -> ${printable(target.path)}:${target.nameLine}`;
  const what = called ? `${styles.name(printable(name))}${to}` : `${styles.kind(role)}${where}`;
  return `${place}  ${what}  ${styles.dim(`${confidence.toFixed(2)} ${because}`)}\n    ${printable(oneLine(text))}\n`;
}
