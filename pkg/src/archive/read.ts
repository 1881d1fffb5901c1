/**
 * A `.cq` archive as it comes in: checked part by part, never believed, at most one entry in memory.
 */

import { concat } from '../bytes.js';
import { crc32 } from '../crc32.js';
import { ENTRY_BYTES, FRAME_BYTES, HEADER_BYTES, TRAILER_BYTES, checkTrailer, damaged, readEntry, readFrame, readHeader, truncated } from './layout.js';
import { inflate } from './deflate.js';

/** The manifest, which comes first, or a segment. */
export interface ArchiveEntry {
  /** Undefined for the manifest. */
  segment: string | undefined;
  bytes: Uint8Array;
}

/**
 * The entries of an archive. It ends only after the end of the archive was seen and fits.
 *
 * @throws CodequarryError `ARCHIVE_FORMAT`, `FORMAT_NEWER`, `ARCHIVE_TRUNCATED`, `ARCHIVE_DAMAGED`, `LIMIT_EXCEEDED`; what the source throws
 */
export async function* readArchive(source: AsyncGenerator<Uint8Array>): AsyncGenerator<ArchiveEntry> {
  const input = new ByteInput(source);
  try {
    const header = readHeader(await input.upTo(HEADER_BYTES));
    let bytes = 0;
    for (let entry = 0; entry < header.entries; entry++) {
      const { segment, bytes: length } = readEntry(await input.take(ENTRY_BYTES));
      bytes += length;
      if (bytes > header.bytes) throw damaged('its entries are longer than it says');
      yield { segment, bytes: await readBody(input, length) };
    }
    if (bytes !== header.bytes) throw damaged('its entries are shorter than it says');
    checkTrailer(await input.take(TRAILER_BYTES), header);
    if ((await input.upTo(1)).byteLength > 0) throw damaged('something follows its end');
  } finally {
    await source.return(undefined);
  }
}

/** An entry, grown piece by piece: a stated length is no reason to allocate it. */
async function readBody(input: ByteInput, length: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let filled = 0;
  while (filled < length) {
    const frame = readFrame(await input.take(FRAME_BYTES));
    const stored = await input.take(frame.stored);
    if (crc32(stored) !== frame.crc) throw damaged('the checksum of a piece does not fit');
    const piece = frame.stored === frame.bytes ? stored : await inflate(stored, frame.bytes);
    filled += piece.byteLength;
    if (filled > length) throw damaged('an entry is longer than it says');
    pieces.push(piece);
  }
  const [only] = pieces;
  if (pieces.length === 1 && only) return only;
  return concat(pieces);
}

/** Takes so many bytes at a time off what comes in pieces of any length. */
class ByteInput {
  readonly #source: AsyncGenerator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(source: AsyncGenerator<Uint8Array>) {
    this.#source = source;
  }

  /** The next `count` bytes, in memory of their own. */
  async take(count: number): Promise<Uint8Array> {
    const bytes = await this.upTo(count);
    if (bytes.byteLength < count) throw truncated();
    return bytes;
  }

  /** The same, or what is left. */
  async upTo(count: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(count);
    let filled = 0;
    for (;;) {
      const part = this.#rest.subarray(0, count - filled);
      bytes.set(part, filled);
      filled += part.byteLength;
      this.#rest = this.#rest.subarray(part.byteLength);
      if (filled === count) return bytes;
      const { done, value } = await this.#source.next();
      if (done) return bytes.subarray(0, filled);
      this.#rest = value;
    }
  }
}
