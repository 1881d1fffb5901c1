/**
 * `codequarry callees`: what a symbol calls.
 */

import type { CommandContext } from './command.js';
import { answer, helpOf } from './refer.js';

export const name = 'callees';
export const summary = 'what a symbol calls';
export const help = helpOf(name, 'Prints what a symbol calls, in the order of the text, and where that is declared.');

export function run(context: CommandContext): Promise<number> {
  return answer(name, context);
}
