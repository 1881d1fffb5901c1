/**
 * Blobs in parts, for what keeps small values better than large ones: Workers KV, and web servers that know no ranges. The parts stand under `<key>.part0`, `<key>.part1`, …, and
 * under the blob's own key a note that says how many there are. The note is written last, so a blob is there when its key is.
 *
 * The first part of a segment is what every reader of it needs; it is as long as that is. All others but the last have one length, or end where a block ends that is fetched by itself: then
 * the note has the length of each, and the keys are `<key>.<size>.part0`, …, so that no cache takes the parts of one division for those of another.
 */

import { concat } from '../bytes.js';
import { CodequarryError } from '../errors.js';
import { KV_VALUE_BYTES, STORE_PARALLEL, VECTOR_PIECE_BYTES } from '../limits.js';
import { Reader } from './reader.js';
import type { BytePiece, ByteRange } from './store.js';

/** What is known of a blob in parts. */
export interface PartsNote {
  parts: number;
  /** Length of the blob. */
  bytes: number;
  /** Lengths of the first part and of all others but the last; or where each part starts, and which size they were to have. Undefined where only the whole can be read. */
  lengths?: { first: number; other: number } | { starts: readonly number[]; size: number } | undefined;
}

/** Whether these are a note, or the beginning of one. No blob of a snapshot begins so. */
export function isNote(bytes: Uint8Array): boolean {
  return NOTE.every((byte, at) => bytes[at] === byte);
}

const NOTE = new TextEncoder().encode('codequarry parts ');

/**
 * The note of a blob in parts; undefined for what is a blob itself.
 *
 * @throws CodequarryError `SNAPSHOT_CORRUPT` when it is damaged, or not all of it
 */
export function noteOf(bytes: Uint8Array): PartsNote | undefined {
  if (!isNote(bytes)) return undefined;
  const found = /^codequarry parts (\d{1,6}) (\d{1,10})(?: (\d{1,10}) (\d{1,10})$| blocks (\d{1,10})\n|$)/.exec(String.fromCharCode(...bytes.subarray(0, NOTE_BYTES)));
  if (!found) throw damaged();
  const [parts, length, first, other, size] = found.slice(1).map(Number) as [number, number, number, number, number];
  if (found[5] !== undefined) return { parts, bytes: length, lengths: { starts: startsOf(bytes.subarray(found[0].length), parts, length), size } };
  if (bytes.byteLength > NOTE_BYTES) throw damaged();
  if (found[3] === undefined) {
    if (length > parts * KV_VALUE_BYTES) throw damaged();
    return { parts, bytes: length };
  }
  if (first === 0 || other === 0 || parts !== 1 + Math.ceil(Math.max(0, length - first) / other)) throw damaged();
  return { parts, bytes: length, lengths: { first, other } };
}

/** Where parts start of which each has its length as a varint. */
function startsOf(lengths: Uint8Array, parts: number, bytes: number): number[] {
  const starts: number[] = [];
  const reader = new Reader(lengths, 0, damaged);
  let start = 0;
  while (starts.length < parts && start < bytes) {
    starts.push(start);
    const length = reader.varint();
    if (length === 0) throw damaged();
    start += length;
  }
  if (starts.length !== parts || start !== bytes || !reader.isAtEnd) throw damaged();
  return starts;
}

/** Bytes of a note at most, but for the lengths of parts. */
export const NOTE_BYTES = 64;

/** A note as it is written. */
export function noteBytes(note: PartsNote): Uint8Array {
  const { parts, bytes, lengths } = note;
  const start = new TextEncoder().encode(`codequarry parts ${parts} ${bytes}`);
  if (!lengths) return start;
  if ('first' in lengths) return concat([start, new TextEncoder().encode(` ${lengths.first} ${lengths.other}`)]);
  const varints = lengths.starts.flatMap((_, part) => {
    const place = placeOf(note, part);
    const varint: number[] = [];
    let length = place.end - place.start;
    for (; length >= 0x80; length = Math.floor(length / 128)) varint.push((length & 0x7f) | 0x80);
    return [...varint, length];
  });
  return concat([start, new TextEncoder().encode(` blocks ${lengths.size}\n`), Uint8Array.from(varints)]);
}

/** The key of a part. */
export function partKey(key: string, part: number, { lengths }: Pick<PartsNote, 'lengths'> = {}): string {
  return lengths && 'starts' in lengths ? `${key}.${lengths.size}.part${part}` : `${key}.part${part}`;
}

/** How a blob is divided into parts of `other` bytes; of a segment the first has what every reader needs. */
export function divide(blob: Uint8Array, other: number): PartsNote {
  const first = Math.min(blob.byteLength, Math.max(1, residentBytes(blob) ?? other));
  return { parts: 1 + Math.ceil((blob.byteLength - first) / other), bytes: blob.byteLength, lengths: { first, other } };
}

/**
 * How a segment is divided where blocks of it end, so that what is fetched by itself is in one part: into parts of at most `partBytes`, but for larger blocks, which are a part each, or several
 * of `VECTOR_PIECE_BYTES`. The first has what every reader needs.
 *
 * @param edges where its blocks start and end, in order
 */
export function divideAtBlocks(blob: Uint8Array, edges: ArrayLike<number>, partBytes: number): PartsNote {
  const bytes = blob.byteLength;
  const starts = [0];
  let [start, before] = [0, edges[0] ?? bytes];
  const begin = (at: number): void => {
    if (at > start && at < bytes) starts.push((start = at));
  };
  begin(before);
  for (const edge of [...Array.from(edges), bytes]) {
    if (edge - start > partBytes) begin(before);
    while (start > 0 && edge - start > VECTOR_PIECE_BYTES) begin(start + VECTOR_PIECE_BYTES);
    before = edge;
  }
  return { parts: starts.length, bytes, lengths: { starts, size: partBytes } };
}

/** Where a part stands in its blob. */
export function placeOf({ bytes, lengths }: PartsNote, part: number): ByteRange {
  if (lengths && 'starts' in lengths) return { start: lengths.starts[part] as number, end: lengths.starts[part + 1] ?? bytes };
  const { first, other } = lengths ?? { first: bytes, other: bytes };
  const start = part === 0 ? 0 : first + (part - 1) * other;
  return { start, end: Math.min(bytes, part === 0 ? first : start + other) };
}

/** Sections that a reader fetches as it needs them: `segment/opening.rs` has those that it always does, which writers put first. */
const FETCHED = new Set(['DICT', 'TERM', 'POST', 'NAME', 'CHNK', 'SYMB', 'TEXT', 'BODY', 'VECS', 'HNSW']);

/** Where in a segment the sections end that every reader needs; undefined for what is no segment. */
function residentBytes(bytes: Uint8Array): number | undefined {
  const head = 32;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < head || String.fromCharCode(...bytes.subarray(1, 6)) !== 'CQSEG') return undefined;
  const sections = Math.min(64, view.getUint32(12, true), Math.floor((bytes.byteLength - head) / 32));
  for (let at = head; at < head + 32 * sections; at += 32) {
    if (FETCHED.has(String.fromCharCode(...bytes.subarray(at, at + 4)))) return Number(view.getBigUint64(at + 8, true));
  }
  return undefined;
}

/** Reads blobs in parts. Notes are remembered: what they are of never changes. */
export class PartReader {
  readonly #read: (key: string, fresh: boolean) => Promise<Uint8Array | undefined>;
  readonly #notes: Map<string, PartsNote>;

  /**
   * @param read the value under a key
   * @param notes what is remembered, for readers that are made anew for each request
   */
  constructor(read: (key: string, fresh: boolean) => Promise<Uint8Array | undefined>, notes = new Map<string, PartsNote>()) {
    this.#read = read;
    this.#notes = notes;
  }

  /** The first part of a blob that is known to be in parts of which each can be read by itself: what every reader needs. */
  async first(key: string): Promise<Uint8Array | undefined> {
    const note = this.#notes.get(key);
    return note?.lengths && this.#read(partKey(key, 0, note), false);
  }

  /** Whether of a known blob each part can be read by itself. */
  divided(key: string): boolean {
    return this.#notes.get(key)?.lengths !== undefined;
  }

  /** Whether a blob is known to be in parts; `bytes` is what was found under its key. */
  knows(key: string, bytes?: Uint8Array): boolean {
    const note = bytes && noteOf(bytes);
    if (note) this.#notes.set(key, note);
    else if (bytes) this.#notes.delete(key);
    return this.#notes.has(key);
  }

  /** The parts of a known blob that hold these ranges, neighbours joined; undefined when one is not there (yet). */
  async ranges(key: string, ranges: readonly ByteRange[], fresh = false): Promise<BytePiece[] | undefined> {
    const note = this.#notes.get(key);
    if (!note) return undefined;
    const wanted: number[] = [];
    for (let part = 0; part < note.parts; part++) {
      const { start, end } = placeOf(note, part);
      if (!note.lengths || ranges.some((range) => range.start < end && start < range.end)) wanted.push(part);
    }
    const found = new Map<number, Uint8Array>();
    const queue = wanted[Symbol.iterator]();
    const readAll = async (): Promise<void> => {
      for (const part of queue) {
        const bytes = await this.#read(partKey(key, part, note), fresh);
        if (bytes) found.set(part, bytes);
      }
    };
    await Promise.all(Array.from({ length: Math.min(wanted.length, STORE_PARALLEL) }, readAll));
    if (found.size < wanted.length) return undefined;
    if (!note.lengths) return [{ start: 0, bytes: concat(wanted.map((part) => found.get(part) as Uint8Array)) }];
    const runs: { start: number; last: number; pieces: Uint8Array[] }[] = [];
    for (const part of wanted) {
      const bytes = found.get(part) as Uint8Array;
      const run = runs.at(-1);
      if (run?.last === part - 1) Object.assign(run, { last: part, pieces: [...run.pieces, bytes] });
      else runs.push({ start: placeOf(note, part).start, last: part, pieces: [bytes] });
    }
    return runs.map(({ start, pieces }) => ({ start, bytes: pieces.length === 1 ? (pieces[0] as Uint8Array) : concat(pieces) }));
  }

  /** All of a known blob; undefined when a part of it is not there (yet). */
  async whole(key: string): Promise<Uint8Array | undefined> {
    const note = this.#notes.get(key);
    const pieces = note && (await this.ranges(key, [{ start: 0, end: note.bytes }]));
    const bytes = pieces?.[0]?.bytes;
    return bytes?.byteLength === note?.bytes ? bytes : undefined;
  }
}

function damaged(): CodequarryError {
  return new CodequarryError('SNAPSHOT_CORRUPT', 'the note of a blob in parts is damaged');
}
