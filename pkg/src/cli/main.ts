/**
 * The command line: finds the command, runs it, and says in one form what went wrong.
 */

import { readFile } from 'node:fs/promises';
import { CodequarryError, isAbort, toError } from '../errors.js';
import { type Command, EXIT } from './command.js';
import { hintFor } from './hints.js';
import { print, stylesFor } from './terminal.js';

/** The commands in the order of `--help`, each loaded when it is called. */
const COMMANDS: Record<string, () => Promise<Command>> = {
  index: () => import('./index.js'),
  search: () => import('./search.js'),
  similar: () => import('./similar.js'),
  definitions: () => import('./definitions.js'),
  references: () => import('./references.js'),
  callers: () => import('./callers.js'),
  callees: () => import('./callees.js'),
  outline: () => import('./outline.js'),
  chunks: () => import('./chunks.js'),
  symbols: () => import('./symbols.js'),
  languages: () => import('./languages.js'),
  eval: () => import('./eval.js'),
  verify: () => import('./verify.js'),
  rollback: () => import('./rollback.js'),
  export: () => import('./export.js'),
  import: () => import('./import.js'),
  site: () => import('./site.js'),
  publish: () => import('./publish.js'),
};

/** Runs the command line and sets the exit code of the process. */
export async function main(args: string[]): Promise<void> {
  const interrupted = new AbortController();
  const interrupt = (): void => {
    // A second Ctrl-C ends the process by force.
    process.removeListener('SIGINT', interrupt);
    interrupted.abort(new DOMException('interrupted', 'AbortError'));
  };
  process.on('SIGINT', interrupt);
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // The reader of a pipe has seen enough: `codequarry symbols . | head`.
      if (error.code === 'EPIPE') process.exit(EXIT.found);
      throw error;
    });
  }
  try {
    process.exitCode = await dispatch(args, interrupted.signal);
  } catch (error) {
    if (isAbort(error, interrupted.signal)) {
      process.stderr.write('codequarry: interrupted\n');
      process.exitCode = 130;
    } else {
      report(error);
      process.exitCode = EXIT.error;
    }
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
}

async function dispatch(args: string[], signal: AbortSignal): Promise<number> {
  const [name, ...rest] = args;
  if (name === '--version' || name === '-V') {
    await print(`${await version()}\n`);
    return EXIT.found;
  }
  if (name === undefined || name === '--help' || name === '-h' || (name === 'help' && rest[0] === undefined)) {
    await print(await overview());
    return name === undefined ? EXIT.error : EXIT.found;
  }
  const wanted = name === 'help' ? rest[0] : name;
  const load = wanted === undefined || !Object.hasOwn(COMMANDS, wanted) ? undefined : COMMANDS[wanted];
  if (!load) throw new CodequarryError('USAGE', `there is no command ${JSON.stringify(wanted)}`);
  const command = await load();
  const options = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest;
  if (name === 'help' || options.includes('--help') || options.includes('-h')) {
    await print(`${command.help.trim()}\n`);
    return EXIT.found;
  }
  return command.run({ args: rest, signal });
}

async function overview(): Promise<string> {
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  const width = Math.max(...commands.map(({ name }) => name.length));
  const list = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n');
  return `codequarry ${await version()}: code search that runs where the code is read

Usage: codequarry <command> [options]

${list}

Options of every command:
  --json       machine-readable output
  -h, --help   what a command does and takes
  -V, --version

Exit codes: 0 done or found, 1 nothing found, 2 error (its code is on standard error), 130 interrupted.

Examples:
  codequarry index ~/src/project
  codequarry search ~/src/project 'where are retries handled' --language ts
  codequarry symbols src/ --json | jq -r .qualifiedName
`;
}

async function version(): Promise<string> {
  const { version: text } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  return text;
}

function report(thrown: unknown): void {
  const styles = stylesFor(process.stderr);
  const error = toError(thrown);
  process.stderr.write(`${styles.error('codequarry')}: ${error.code}: ${error.message}\n`);
  const hint = hintFor(error);
  if (hint) process.stderr.write(`hint: ${hint}\n`);
  if (error.code === 'INTERNAL' && thrown instanceof Error && process.env['CODEQUARRY_DEBUG']) process.stderr.write(`${thrown.stack}\n`);
}
