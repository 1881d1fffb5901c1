/**
 * How files become batches, and so segments: by their order and sizes alone, never by how many builders there are or how fast they work.
 *
 * The first batches are small, so that builders have work soon, and each is twice as large as the one before, up to a limit: large segments are fewer. A batch is not
 * closed before there are files for another one behind it. So when the files end there is always some left, which is cut into parts: all builders are busy to the end.
 */

import { BATCH_BYTES, BATCH_FILES, FIRST_BATCH_BYTES, LAST_BATCHES, LAST_BATCH_BYTES } from './limits.js';
import type { Batch } from './worker/protocol.js';

/** A file with its bytes. */
export interface LoadedFile {
  path: string;
  bytes: Uint8Array;
}

/** How large batches are, in source bytes. */
export interface BatchSizes {
  /** The first one. */
  firstBytes: number;
  /** What they grow to. */
  mostBytes: number;
  /** The least part of what is left at the end. */
  lastBytes: number;
}

const SIZES: BatchSizes = { firstBytes: FIRST_BATCH_BYTES, mostBytes: BATCH_BYTES, lastBytes: LAST_BATCH_BYTES };

/**
 * What share of the rest a batch is, by how many are still to come: of four the last two are a third of the first two, so that builders that were busy unequally end at about the
 * same time.
 */
const LAST_SHARES: { readonly [left: number]: number } = { 2: 1 / 2, 3: 3 / 5, 4: 3 / 8 };

/** Collects files until they make a batch. */
export class Batcher {
  readonly #sizes: BatchSizes;
  #nextBytes: number;
  #files: LoadedFile[] = [];
  readonly #paths = new Set<string>();
  #bytes = 0;

  constructor(sizes: BatchSizes = SIZES) {
    this.#sizes = sizes;
    this.#nextBytes = sizes.firstBytes;
  }

  /** Adds a file and returns the batches that this closes: mostly none; all that there are when the path came before in files that are in no batch yet. */
  push(file: LoadedFile): Batch[] {
    const closed = this.#paths.has(file.path) ? this.flush() : [];
    this.#files.push(file);
    this.#paths.add(file.path);
    this.#bytes += file.bytes.byteLength;
    while (this.#bytes >= 2 * this.#nextBytes || this.#files.length >= 2 * BATCH_FILES) {
      closed.push(this.#cut(this.#nextBytes));
      this.#nextBytes = Math.min(2 * this.#nextBytes, this.#sizes.mostBytes);
    }
    return closed;
  }

  /** Closes the batches of what is left: none when there is nothing. */
  flush(): Batch[] {
    let parts = LAST_BATCHES;
    while (parts > 1 && this.#bytes < parts * this.#sizes.lastBytes) parts /= 2;
    const closed: Batch[] = [];
    for (let left = parts; this.#files.length > 0; left -= 1) closed.push(this.#cut((LAST_SHARES[left] ?? Infinity) * this.#bytes));
    return closed;
  }

  /** The batch of the next files that have so many bytes together; of all that are left when they have less. */
  #cut(bytes: number): Batch {
    let [count, cutBytes] = [0, 0];
    for (const file of this.#files) {
      if ((count > 0 && cutBytes >= bytes) || count === BATCH_FILES) break;
      count += 1;
      cutBytes += file.bytes.byteLength;
    }
    const files = this.#files.splice(0, count);
    for (const { path } of files) this.#paths.delete(path);
    this.#bytes -= cutBytes;
    return pack(files);
  }
}

/** Puts files into one piece of memory: shared memory where the runtime has it, so that workers need no copy. */
export function pack(files: readonly LoadedFile[]): Batch {
  const length = files.reduce((sum, file) => sum + file.bytes.byteLength, 0);
  const arena = typeof SharedArrayBuffer === 'function' ? new SharedArrayBuffer(length) : new ArrayBuffer(length);
  const whole = new Uint8Array(arena);
  let start = 0;
  const places = files.map(({ path, bytes }) => {
    whole.set(bytes, start);
    const place = { path, start, length: bytes.byteLength };
    start += bytes.byteLength;
    return place;
  });
  return { arena, files: places };
}
