/**
 * The part of a hit that is shown on a terminal: the lines with the most matches, with their numbers, the matches marked.
 */

import type { Hit } from '../types.js';
import { printable, stylesFor } from './terminal.js';

/** A piece of a line that is a match or is not. */
interface Piece {
  text: string;
  match: boolean;
}

const TAB = '    ';

/**
 * The lines of a hit, each ended by a line feed.
 *
 * @param limit lines at most
 * @param columns width of the terminal
 */
export function snippet(hit: Hit, limit: number, columns: number): string {
  if (hit.text === null) return '';
  const lines = splitLines(hit.text, hit.matches);
  while (lines.length > 1 && isBlank(lines.at(-1))) lines.pop();
  const first = bestWindow(lines, limit);
  const shown = lines.slice(first, first + limit);
  const numberWidth = String(hit.startLine + lines.length).length;
  const styles = stylesFor();
  const rule = styles.dim('│');
  const width = columns - numberWidth - 4;
  const body = shown.map((line, index) => {
    const number = styles.line(String(hit.startLine + first + index).padStart(numberWidth));
    return ` ${number} ${rule} ${paint(line, width)}`.trimEnd();
  });
  const gap = ` ${' '.repeat(numberWidth)} ${styles.dim('⋮')}`;
  const above = first > 0 ? [gap] : [];
  const below = first + limit < lines.length ? [gap] : [];
  return `${[...above, ...body, ...below].join('\n')}\n`;
}

/** Cuts a text with marked ranges into lines of pieces. */
function splitLines(text: string, matches: readonly (readonly [number, number])[]): Piece[][] {
  const lines: Piece[][] = [[]];
  const push = (part: string, match: boolean): void => {
    for (const [index, line] of part.split(/\r?\n/).entries()) {
      if (index > 0) lines.push([]);
      if (line !== '') lines.at(-1)?.push({ text: printable(line.replaceAll('\t', TAB)), match });
    }
  };
  let at = 0;
  for (const [start, end] of matches) {
    if (start < at) continue;
    push(text.slice(at, start), false);
    push(text.slice(start, end), true);
    at = end;
  }
  push(text.slice(at), false);
  return lines;
}

/** The first of `limit` lines that hold the most different matched words; the earliest such place. */
function bestWindow(lines: Piece[][], limit: number): number {
  const words = lines.map((line) => line.filter((piece) => piece.match).map((piece) => piece.text.toLowerCase()));
  let best = 0;
  let bestScore = -1;
  for (let first = 0; first === 0 || first + limit <= lines.length; first++) {
    const inside = words.slice(first, first + limit).flat();
    // Different words count most, then how often they come; the head of a declaration is worth a word.
    const score = new Set(inside).size * 100 + Math.min(99, inside.length) + (first === 0 ? 100 : 0);
    if (score > bestScore) {
      best = first;
      bestScore = score;
    }
  }
  return best;
}

function paint(line: Piece[], width: number): string {
  const styles = stylesFor();
  let left = Math.max(10, width);
  let text = '';
  for (const piece of line) {
    if (left <= 0) break;
    const cut = piece.text.length > left ? `${piece.text.slice(0, left - 1)}…` : piece.text;
    text += piece.match ? styles.match(styles.error(cut)) : cut;
    left -= cut.length;
  }
  return text;
}

function isBlank(line: Piece[] | undefined): boolean {
  return line === undefined || line.every((piece) => piece.text.trim() === '');
}
