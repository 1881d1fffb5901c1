/**
 * `codequarry callers`: what calls a symbol.
 */

import type { CommandContext } from './command.js';
import { answer, helpOf } from './refer.js';

export const name = 'callers';
export const summary = 'what calls a symbol';
export const help = helpOf(name, 'Prints the places that call a symbol.');

export function run(context: CommandContext): Promise<number> {
  return answer(name, context);
}
