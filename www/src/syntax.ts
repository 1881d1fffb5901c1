/** The query language as the page explains it, and where a query went wrong. */

import { h } from './dom';

const OPERATORS: [string, string][] = [
  ['"exact phrase"', 'this text, letter by letter'],
  ['/fn \\w+_test/', 'a regular expression, in a line'],
  ['symbol:Client.send', 'declares it'],
  ['kind:function', 'is one: class, method, struct, …'],
  ['lang:ts path:src/**', 'only such files'],
  ['-word -"phrase" -lang:go', 'not that'],
  ['"one" OR "other"', 'either of the two'],
  ['case:yes', 'mind upper and lower case'],
];

/** The operators, behind a summary. */
export function syntaxHelp(): HTMLElement {
  const rows = OPERATORS.flatMap(([operator, meaning]) => [h('dt', {}, h('code', {}, operator)), h('dd', {}, meaning)]);
  return h('details', { class: 'syntax' }, h('summary', {}, 'Query syntax'), h('dl', {}, ...rows));
}

/** The query with a mark under the column where it cannot be understood. */
export function queryFault(query: string, thrown: unknown): HTMLElement | false {
  const { details } = (thrown ?? {}) as { details?: { column?: unknown } };
  const column = details?.column;
  if (typeof column !== 'number' || /[\n\t]/.test(query)) return false;
  return h('pre', { class: 'query-fault', 'aria-label': `Column ${column}` }, `${query}\n${' '.repeat(Math.max(0, column - 1))}^`);
}
