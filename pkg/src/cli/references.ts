/**
 * `codequarry references`: what refers to a symbol.
 */

import type { CommandContext } from './command.js';
import { answer, helpOf } from './refer.js';

export const name = 'references';
export const summary = 'what refers to a symbol';
export const help = helpOf(name, 'Prints the places that refer to a symbol, each with its role and how sure it is.');

export function run(context: CommandContext): Promise<number> {
  return answer(name, context);
}
