/**
 * What a command of the command line is, and how its arguments are read. Each command is a module beside this one with
 * the exports of {@link Command}.
 */

import { type ParseArgsConfig, parseArgs } from 'node:util';
import { CodequarryError } from '../errors.js';

/** Exit codes of all commands. */
export const EXIT = { found: 0, nothing: 1, error: 2 } as const;

/** What a command is given. */
export interface CommandContext {
  /** Arguments after the command's name. */
  args: string[];
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}

/** The exports of a command's module. */
export interface Command {
  /** What is typed. */
  name: string;
  /** One line for the list of commands. */
  summary: string;
  /** The text of `--help`. */
  help: string;
  /**
   * Does the work.
   *
   * @returns the exit code: 0 done or found, 1 nothing found
   * @throws CodequarryError, which is printed with its code; the exit code is 2 then
   */
  run(context: CommandContext): Promise<number>;
}

/** The options of a command, as `node:util` describes them. */
export type OptionSpec = NonNullable<ParseArgsConfig['options']>;

/** The values that {@link readArgs} finds. */
export interface Args {
  /** What is not an option. */
  positionals: string[];
  /** The last value of an option that takes one. */
  text(name: string): string | undefined;
  /** All values of an option that may come several times. */
  list(name: string): string[];
  /** Whether a switch was given. */
  has(name: string): boolean;
  /** A whole number within bounds. */
  number(name: string, min: number, max: number): number | undefined;
}

/** Parts of comma-separated values: `--language ts,tsx --language js`. */
export function commaSeparated(values: string[]): string[] {
  return values.flatMap((value) => value.split(',').filter((part) => part !== ''));
}

/** An error in how the command was typed. */
export function usageError(message: string): CodequarryError {
  return new CodequarryError('USAGE', message);
}

/**
 * Reads the arguments of a command.
 *
 * @param counts the least and the largest number of positional arguments
 * @throws CodequarryError `USAGE`
 */
export function readArgs(args: string[], options: OptionSpec, counts: [number, number]): Args {
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    throw usageError(error instanceof Error ? (error.message.split('. ')[0] ?? error.message) : String(error));
  }
  const { positionals, values } = parsed;
  if (positionals.length < counts[0]) throw usageError('an argument is missing');
  if (positionals.length > counts[1]) throw usageError(`unexpected argument ${JSON.stringify(positionals[counts[1]])}`);
  const all = (name: string): (string | boolean)[] => [values[name] ?? []].flat();
  const text = (name: string): string | undefined => {
    const value = all(name).at(-1);
    return typeof value === 'string' ? value : undefined;
  };
  return {
    positionals,
    text,
    list: (name) => all(name).filter((value) => typeof value === 'string'),
    has: (name) => all(name).at(-1) === true,
    number: (name, min, max) => {
      const value = text(name);
      if (value === undefined) return undefined;
      const number = Number(value);
      if (!/^\d+$/.test(value) || number < min || number > max) throw usageError(`--${name} takes a whole number from ${min} to ${max}`);
      return number;
    },
  };
}
