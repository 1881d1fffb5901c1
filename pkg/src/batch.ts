/**
 * How files become batches, and so segments: by their order and sizes alone, never by how many builders there are or how fast they work.
 */

import { BATCH_BYTES, BATCH_FILES } from './limits.js';
import type { Batch } from './worker/protocol.js';

/** A file with its bytes. */
export interface LoadedFile {
  path: string;
  bytes: Uint8Array;
}

/** Collects files until they make a batch. */
export class Batcher {
  readonly #limitBytes: number;
  #files: LoadedFile[] = [];
  #paths = new Set<string>();
  #bytes = 0;

  /** @param limitBytes source bytes at which a batch is closed */
  constructor(limitBytes: number = BATCH_BYTES) {
    this.#limitBytes = limitBytes;
  }

  /** Adds a file and returns the batches that this closes: none, one, or (when the path came twice) two. */
  push(file: LoadedFile): Batch[] {
    const closed: Batch[] = [];
    if (this.#paths.has(file.path)) closed.push(...this.flush());
    this.#files.push(file);
    this.#paths.add(file.path);
    this.#bytes += file.bytes.byteLength;
    if (this.#bytes >= this.#limitBytes || this.#files.length >= BATCH_FILES) closed.push(...this.flush());
    return closed;
  }

  /** Closes the batch that is open: returns it, or nothing when it is empty. */
  flush(): Batch[] {
    if (this.#files.length === 0) return [];
    const batch = pack(this.#files);
    this.#files = [];
    this.#paths = new Set();
    this.#bytes = 0;
    return [batch];
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
