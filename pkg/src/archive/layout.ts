/**
 * The layout of a `.cq` archive, as FORMAT.md has it: the fixed parts, each with a checksum of its own, written and read side by side.
 */

import { crc32 } from '../crc32.js';
import { CodequarryError } from '../errors.js';
import { ARCHIVE_ENTRY_BYTES, ARCHIVE_FRAME_BYTES } from '../limits.js';

/** `\x89CQARC\r\n`. */
const MAGIC = [0x89, 0x43, 0x51, 0x41, 0x52, 0x43, 0x0d, 0x0a];
/** `\x89CQEND\r\n`. */
const END_MAGIC = [0x89, 0x43, 0x51, 0x45, 0x4e, 0x44, 0x0d, 0x0a];
/** The newest version that is read, and the one that is written. */
export const ARCHIVE_VERSION = 1;

export const HEADER_BYTES = 32;
export const ENTRY_BYTES = 32;
export const FRAME_BYTES = 16;
export const TRAILER_BYTES = 24;

/** What the beginning says of the whole. */
export interface ArchiveHeader {
  /** The manifest and the segments. */
  entries: number;
  /** Their bytes together. */
  bytes: number;
}

/** What follows: the manifest, or a segment with its name. */
export interface EntryHeader {
  /** Undefined for the manifest. */
  segment: string | undefined;
  bytes: number;
}

/** A piece of an entry. */
export interface FrameHeader {
  /** Length of the piece. */
  bytes: number;
  /** Length in the archive; smaller when it is compressed. */
  stored: number;
  /** CRC-32 of the piece as it is in the archive. What was compressed has a checksum of its content besides, as zlib does. */
  crc: number;
}

const MANIFEST_KIND = 1;
const SEGMENT_KIND = 2;
const SEGMENT_NAME = /^seg-([0-9a-f]{32})$/;

export function writeHeader({ entries, bytes }: ArchiveHeader): Uint8Array {
  return sealed(HEADER_BYTES, (view, out) => {
    out.set(MAGIC);
    view.setUint16(8, ARCHIVE_VERSION, true);
    view.setUint32(12, entries, true);
    view.setBigUint64(16, BigInt(bytes), true);
  });
}

/**
 * @param part the first {@link HEADER_BYTES}, or fewer when there are no more
 * @throws CodequarryError `ARCHIVE_FORMAT`, `FORMAT_NEWER`, `ARCHIVE_TRUNCATED`, `ARCHIVE_DAMAGED`
 */
export function readHeader(part: Uint8Array): ArchiveHeader {
  if (part.byteLength === 0 || MAGIC.some((byte, at) => at < part.byteLength && part[at] !== byte)) {
    throw new CodequarryError('ARCHIVE_FORMAT', 'this is no .cq archive of codequarry');
  }
  if (part.byteLength < 10) throw truncated();
  const view = viewOf(part);
  const version = view.getUint16(8, true);
  if (version > ARCHIVE_VERSION) {
    const message = `this archive has format version ${version}, the newest this release reads is ${ARCHIVE_VERSION}; update codequarry, or export it again with this release`;
    throw new CodequarryError('FORMAT_NEWER', message, { details: { found: version, supported: ARCHIVE_VERSION } });
  }
  if (part.byteLength < HEADER_BYTES) throw truncated();
  checkSeal(part, 'its header');
  return { entries: view.getUint32(12, true), bytes: Number(view.getBigUint64(16, true)) };
}

export function writeEntry({ segment, bytes }: EntryHeader): Uint8Array {
  return sealed(ENTRY_BYTES, (view, out) => {
    view.setUint32(0, segment === undefined ? MANIFEST_KIND : SEGMENT_KIND, true);
    view.setBigUint64(4, BigInt(bytes), true);
    const hash = segment === undefined ? undefined : SEGMENT_NAME.exec(segment)?.[1];
    if (hash === undefined) return;
    for (let at = 0; at < 16; at++) out[12 + at] = Number.parseInt(hash.slice(at * 2, at * 2 + 2), 16);
  });
}

/** @throws CodequarryError `ARCHIVE_DAMAGED`, `LIMIT_EXCEEDED` */
export function readEntry(part: Uint8Array): EntryHeader {
  checkSeal(part, 'the head of an entry');
  const view = viewOf(part);
  const kind = view.getUint32(0, true);
  const bytes = Number(view.getBigUint64(4, true));
  if (kind !== MANIFEST_KIND && kind !== SEGMENT_KIND) throw damaged(`an entry is of the unknown kind ${kind}`);
  if (bytes > ARCHIVE_ENTRY_BYTES) throw new CodequarryError('LIMIT_EXCEEDED', `an entry of the archive has ${bytes} bytes; at most ${ARCHIVE_ENTRY_BYTES} are read`);
  const hash = Array.from(part.subarray(12, 28), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { segment: kind === MANIFEST_KIND ? undefined : `seg-${hash}`, bytes };
}

export function writeFrame({ bytes, stored, crc }: FrameHeader): Uint8Array {
  return sealed(FRAME_BYTES, (view) => {
    view.setUint32(0, bytes, true);
    view.setUint32(4, stored, true);
    view.setUint32(8, crc, true);
  });
}

/** @throws CodequarryError `ARCHIVE_DAMAGED` */
export function readFrame(part: Uint8Array): FrameHeader {
  checkSeal(part, 'the head of a piece');
  const view = viewOf(part);
  const frame = { bytes: view.getUint32(0, true), stored: view.getUint32(4, true), crc: view.getUint32(8, true) };
  if (frame.bytes === 0 || frame.bytes > ARCHIVE_FRAME_BYTES || frame.stored > frame.bytes) throw damaged('a piece has an impossible length');
  return frame;
}

export function writeTrailer({ entries, bytes }: ArchiveHeader): Uint8Array {
  return sealed(TRAILER_BYTES, (view, out) => {
    out.set(END_MAGIC);
    view.setUint32(8, entries, true);
    view.setBigUint64(12, BigInt(bytes), true);
  });
}

/** @throws CodequarryError `ARCHIVE_DAMAGED` */
export function checkTrailer(part: Uint8Array, { entries, bytes }: ArchiveHeader): void {
  checkSeal(part, 'its end');
  const view = viewOf(part);
  const fits = END_MAGIC.every((byte, at) => part[at] === byte) && view.getUint32(8, true) === entries && Number(view.getBigUint64(12, true)) === bytes;
  if (!fits) throw damaged('its end belongs to another beginning');
}

/** The error of an archive that ends too early. */
export function truncated(): CodequarryError {
  return new CodequarryError('ARCHIVE_TRUNCATED', 'the archive ends in the middle; nothing of it is used');
}

/** The error of an archive that is not as it was written. */
export function damaged(what: string, cause?: unknown): CodequarryError {
  return new CodequarryError('ARCHIVE_DAMAGED', `the archive is damaged: ${what}; nothing of it is used`, { cause });
}

/** A part whose last four bytes are the CRC-32 of the others. */
function sealed(length: number, fill: (view: DataView, out: Uint8Array) => void): Uint8Array {
  const out = new Uint8Array(length);
  const view = viewOf(out);
  fill(view, out);
  view.setUint32(length - 4, crc32(out.subarray(0, length - 4)), true);
  return out;
}

function checkSeal(part: Uint8Array, what: string): void {
  if (viewOf(part).getUint32(part.byteLength - 4, true) !== crc32(part.subarray(0, part.byteLength - 4))) throw damaged(`the checksum of ${what} does not fit`);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
