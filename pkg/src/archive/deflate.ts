/**
 * The platform's own zlib (RFC 1950), over pieces that fit into memory.
 */

import { concat } from '../bytes.js';
import { damaged } from './layout.js';

/** A piece, compressed. */
export async function deflate(bytes: Uint8Array): Promise<Uint8Array> {
  return concat(await through(new CompressionStream('deflate'), bytes, Number.POSITIVE_INFINITY));
}

/**
 * A piece as it was, which is known to have `length` bytes. No more than that is ever inflated.
 *
 * @throws CodequarryError `ARCHIVE_DAMAGED`
 */
export async function inflate(stored: Uint8Array, length: number): Promise<Uint8Array> {
  let parts: Uint8Array[];
  try {
    parts = await through(new DecompressionStream('deflate'), stored, length);
  } catch (error) {
    throw damaged('a piece does not inflate', error);
  }
  const whole = concat(parts);
  if (whole.byteLength !== length) throw damaged('a piece inflates to less than it should');
  return whole;
}

/** What comes out for `bytes`, as long as it is no more than `limit`. */
async function through(transform: GenericTransformStream, bytes: Uint8Array, limit: number): Promise<Uint8Array[]> {
  const writer = (transform.writable as WritableStream<Uint8Array>).getWriter();
  const reader = (transform.readable as ReadableStream<Uint8Array>).getReader();
  const written = Promise.all([writer.write(bytes), writer.close()]);
  written.catch(() => undefined);
  const parts: Uint8Array[] = [];
  for (let length = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.byteLength;
    if (length > limit) {
      await Promise.allSettled([reader.cancel(), written]);
      throw damaged('a piece inflates to more than it should');
    }
    parts.push(value);
  }
  await written;
  return parts;
}
