/**
 * Byte ranges: joining neighbours, and reading the replies of servers to requests for several of them.
 */

import { CodequarryError } from '../errors.js';
import { RANGE_GAP_BYTES, REQUEST_FILL_BYTES, REQUEST_GAP_BYTES } from '../limits.js';
import type { BytePiece, ByteRange } from './store.js';

/** Ascending ranges, with those joined that are no more than `gap` bytes apart. */
export function joinRanges(ranges: readonly ByteRange[], gap: number): ByteRange[] {
  const joined: ByteRange[] = [];
  for (const { start, end } of ranges) {
    const last = joined.at(-1);
    if (last && start <= last.end + gap) last.end = Math.max(last.end, end);
    else joined.push({ start, end });
  }
  return joined;
}

/**
 * Ascending ranges for a store where each is a request, with the nearest joined: a request costs more than a gap.
 *
 * @param fillBytes up to how many bytes of all, gaps included, that is done
 */
export function joinNear(ranges: readonly ByteRange[], fillBytes = REQUEST_FILL_BYTES): ByteRange[] {
  const joined = joinRanges(ranges, 0);
  const gaps = joined.slice(1).map(({ start }, at) => ({ at: at + 1, bytes: start - (joined[at] as ByteRange).end }));
  const closed = new Set<number>();
  let total = joined.reduce((sum, { start, end }) => sum + end - start, 0);
  for (const { at, bytes } of gaps.sort((a, b) => a.bytes - b.bytes)) {
    total += bytes;
    if (bytes > REQUEST_GAP_BYTES || (bytes > RANGE_GAP_BYTES && total > fillBytes)) break;
    closed.add(at);
  }
  return joined.reduce<ByteRange[]>((all, range, at) => {
    const last = all.at(-1);
    if (last && closed.has(at)) last.end = range.end;
    else all.push(range);
    return all;
  }, []);
}

/** Whether pieces together hold a range. */
export function holds(pieces: readonly BytePiece[], { start, end }: ByteRange): boolean {
  let at = start;
  while (at < end) {
    const next = pieces.find((piece) => piece.start <= at && at < piece.start + piece.bytes.byteLength);
    if (!next) return false;
    at = next.start + next.bytes.byteLength;
  }
  return true;
}

/** Where the bytes of a reply stand, from its `content-range`; undefined when that says nothing. */
export function contentStart(header: string | null): number | undefined {
  const found = /^\s*bytes\s+(\d+)-\d+\//i.exec(header ?? '');
  return found ? Number(found[1]) : undefined;
}

/**
 * The parts of a `multipart/byteranges` reply.
 *
 * @throws CodequarryError `STORE_FAILED` when it is none
 */
export function multipartPieces(body: Uint8Array, contentType: string): BytePiece[] {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined) throw broken('has no boundary');
  const delimiter = new TextEncoder().encode(`--${boundary}`);
  const pieces: BytePiece[] = [];
  let at = find(body, delimiter, 0);
  while (at >= 0) {
    at += delimiter.byteLength;
    if (body[at] === 0x2d && body[at + 1] === 0x2d) return pieces;
    const headEnd = find(body, HEAD_END, at);
    if (headEnd < 0) break;
    const head = new TextDecoder('latin1').decode(body.subarray(at, headEnd));
    const range = /content-range:\s*bytes\s+(\d+)-(\d+)\//i.exec(head);
    if (!range) throw broken('has a part without its place');
    const start = Number(range[1]);
    const from = headEnd + HEAD_END.byteLength;
    const to = from + Number(range[2]) + 1 - start;
    if (to > body.byteLength) break;
    pieces.push({ start, bytes: body.subarray(from, to) });
    // The bytes themselves are not searched for a delimiter: their length is known.
    at = find(body, delimiter, to);
  }
  throw broken('breaks off');
}

const HEAD_END = new TextEncoder().encode('\r\n\r\n');

function find(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(wanted[0] as number, from); at >= 0; at = bytes.indexOf(wanted[0] as number, at + 1)) {
    if (wanted.every((byte, offset) => bytes[at + offset] === byte)) return at;
  }
  return -1;
}

function broken(how: string): CodequarryError {
  return new CodequarryError('STORE_FAILED', `a reply with several ranges ${how}`);
}
