/** Byte ranges of segments that are read in parts. */
import type { BytePiece, ByteRange } from 'codequarry';

import type { PartNeed } from './engine.js';

/** The ranges of a need, which the engine gives as pairs of numbers. */
export function rangesOf({ ranges }: PartNeed): ByteRange[] {
  const pairs: ByteRange[] = [];
  for (let at = 0; at + 1 < ranges.length; at += 2) pairs.push({ start: ranges[at] as number, end: ranges[at + 1] as number });
  return pairs;
}

/** Bytes of all needs together. */
export function bytesOf(needs: readonly PartNeed[]): number {
  return needs.flatMap(rangesOf).reduce((sum, { start, end }) => sum + end - start, 0);
}

/** Whether pieces, of which each is a run of whole parts, hold a range. */
export function holds(pieces: readonly BytePiece[], { start, end }: ByteRange): boolean {
  return pieces.some((piece) => piece.start <= start && end <= piece.start + piece.bytes.byteLength);
}
