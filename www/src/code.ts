/**
 * Lines of code as elements: where lines begin, which of them a snippet shows, and how one line is drawn with
 * its colours and its matches.
 */

import { h } from './dom';
import type { Token } from './highlight';

/** A match as UTF-16 offsets, half-open. Matches are ordered and disjoint. */
export type Match = readonly [start: number, end: number];

/** Where the lines of a text lie, in UTF-16 offsets; the line break itself is left out. */
export interface Line {
  start: number;
  end: number;
}

/** Longest stretch of one line that is drawn, in UTF-16 units. A minified line would otherwise cost seconds of layout. */
const MAX_LINE = 1_000;
/** What a line of a comment begins with, in the languages that matter most. */
const COMMENT = /^\s*(\*|\/[/*]|#|--|<!--)/;
/** How much of a long line is shown before its first match. */
const LEAD = 60;

/** The lines of `text`. A text that ends in a line break has no empty line after it. */
export function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  let start = 0;
  while (start < text.length) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    lines.push({ start, end: end > start && text[end - 1] === '\r' ? end - 1 : end });
    start = end + 1;
  }
  return lines;
}

/**
 * The lines that a snippet shows: the one that names `symbol`, or else the first that says something, and the
 * lines with the most matches, each with its neighbours where they are not blank; at most `budget`.
 */
export function snippetLines(
  text: string,
  lines: readonly Line[],
  matches: readonly Match[],
  budget: number,
  symbol: string | null = null,
): number[] {
  if (lines.length <= budget) return lines.map((_, index) => index);
  const kept = new Set<number>();
  const keep = (index: number): void => {
    if (index >= 0 && index < lines.length && kept.size < budget) kept.add(index);
  };
  const read = (index: number): string => text.slice(lines[index]?.start ?? 0, lines[index]?.end ?? 0);
  const named = symbol === null ? -1 : lines.findIndex((_, index) => !COMMENT.test(read(index)) && read(index).includes(symbol));
  keep(
    named >= 0
      ? named
      : Math.max(
          0,
          lines.findIndex((_, index) => /[\p{L}\p{N}]/u.test(read(index))),
        ),
  );
  const matched = matchesByLine(lines, matches);
  const best = [...matched].sort(([lineA, a], [lineB, b]) => b.length - a.length || lineA - lineB);
  for (const [line] of best) keep(line);
  const says = (index: number): boolean => read(index).trim() !== '';
  for (const [line] of best) {
    if (says(line - 1)) keep(line - 1);
    if (says(line + 1)) keep(line + 1);
  }
  const anchor = best[0]?.[0] ?? Math.min(...kept);
  for (let next = anchor + 1; kept.size < Math.min(budget, 5) && next < lines.length; next += 1) keep(next);
  return closeGaps([...kept].sort((a, b) => a - b));
}

/** A gap of a single line is filled: a mark for it would take as much room as the line. */
function closeGaps(sorted: number[]): number[] {
  return sorted.flatMap((line, index) => {
    const next = sorted[index + 1];
    return next === line + 2 ? [line, line + 1] : [line];
  });
}

/** The matches that touch each line, for the lines that have any. */
export function matchesByLine(lines: readonly Line[], matches: readonly Match[]): Map<number, Match[]> {
  const byLine = new Map<number, Match[]>();
  let line = 0;
  for (const match of matches) {
    while (line < lines.length - 1 && (lines[line]?.end ?? 0) <= match[0]) line += 1;
    for (let touched = line; touched < lines.length && (lines[touched]?.start ?? 0) < match[1]; touched += 1) {
      byLine.set(touched, [...(byLine.get(touched) ?? []), match]);
    }
  }
  return byLine;
}

/** The white space that all the given lines begin with, so that a snippet can leave it away. */
export function commonIndent(text: string, lines: readonly Line[]): number {
  let indent = Number.POSITIVE_INFINITY;
  let first: string | undefined;
  for (const { start, end } of lines) {
    const line = text.slice(start, Math.min(end, start + 200));
    if (line.trim() === '') continue;
    const own = /^[ \t]*/.exec(line)?.[0] ?? '';
    first ??= own;
    let shared = 0;
    while (shared < own.length && shared < indent && own[shared] === first[shared]) shared += 1;
    indent = Math.min(indent, shared);
  }
  return Number.isFinite(indent) ? indent : 0;
}

/** What stays the same for all the lines of one text. */
export interface Painted {
  text: string;
  lines: readonly Line[];
  tokens: readonly Token[];
  matches: ReadonlyMap<number, readonly Match[]>;
}

/** Draws one line from `line.start + skip` on: plain text, coloured stretches, and `<mark>` around matches. */
export function paintLine(painted: Painted, index: number, skip: number): DocumentFragment {
  const line = painted.lines[index] ?? { start: 0, end: 0 };
  const matches = painted.matches.get(index) ?? [];
  let start = Math.min(line.start + skip, line.end);
  let end = line.end;
  if (end - start > MAX_LINE) {
    const first = matches[0]?.[0] ?? start;
    start = Math.max(start, Math.min(first - LEAD, end - MAX_LINE));
    end = Math.min(end, start + MAX_LINE);
  }
  const fragment = document.createDocumentFragment();
  if (start > line.start + skip) fragment.append(h('span', { class: 'cut' }, '…'));
  paintRange(fragment, painted, matches, start, end);
  if (end < line.end) fragment.append(h('span', { class: 'cut' }, '…'));
  return fragment;
}

function paintRange(into: DocumentFragment, painted: Painted, matches: readonly Match[], start: number, end: number): void {
  let at = start;
  for (const [matchStart, matchEnd] of matches) {
    const from = Math.max(at, Math.min(matchStart, end));
    const to = Math.max(from, Math.min(matchEnd, end));
    paintTokens(into, painted, at, from);
    if (to > from) {
      const mark = h('mark');
      paintTokens(mark, painted, from, to);
      into.append(mark);
    }
    at = to;
  }
  paintTokens(into, painted, at, end);
}

function paintTokens(into: Node, { text, tokens }: Painted, start: number, end: number): void {
  let at = start;
  for (let index = firstTokenAfter(tokens, start); at < end; index += 1) {
    const token = tokens[index];
    if (token === undefined || token.start >= end) break;
    const from = Math.max(at, token.start);
    const to = Math.min(end, token.end);
    if (from > at) into.appendChild(document.createTextNode(text.slice(at, from)));
    into.appendChild(h('span', { class: `tok-${token.kind}` }, text.slice(from, to)));
    at = to;
  }
  if (at < end) into.appendChild(document.createTextNode(text.slice(at, end)));
}

/** The index of the first token that ends after `offset`, by bisection. */
function firstTokenAfter(tokens: readonly Token[], offset: number): number {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tokens[middle]?.end ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
