/** Reads what the engine writes, as far as stores have to know it (FORMAT.md). */

import type { CodequarryError } from '../errors.js';

/** Reads numbers one after the other. */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #damaged: () => CodequarryError;
  #at: number;

  /** @param damaged what is thrown when the bytes end too early */
  constructor(bytes: Uint8Array, at: number, damaged: () => CodequarryError) {
    this.#bytes = bytes;
    this.#at = at;
    this.#damaged = damaged;
  }

  /** Whether everything was read. */
  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.byteLength;
  }

  varint(): number {
    let value = 0;
    for (let place = 0, scale = 1; place < 8; place++, scale *= 128) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw this.#damaged();
  }

  /** A little-endian number as the engine writes it in names. */
  hex(length: number): string {
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    if (bytes.byteLength < length) throw this.#damaged();
    this.#at += length;
    return Array.from(bytes.toReversed(), (byte) => byte.toString(16).padStart(2, '0')).join('');
  }
}
