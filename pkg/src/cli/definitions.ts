/**
 * `codequarry definitions`: where a name is declared.
 */

import type { CommandContext } from './command.js';
import { answer, helpOf } from './refer.js';

export const name = 'definitions';
export const summary = 'where a name is declared';
export const help = helpOf(name, 'Prints the symbols of a name.');

export function run(context: CommandContext): Promise<number> {
  return answer(name, context);
}
