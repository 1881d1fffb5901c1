/**
 * Reads the generation out of a manifest, which is all that a store has to know about one. The layout is that of FORMAT.md; everything else in
 * a manifest, and whether it is intact, is the engine's to judge.
 */

import { CodequarryError } from '../errors.js';

/** `\x89CQMAN\r\n`. */
const MAGIC = [0x89, 0x43, 0x51, 0x4d, 0x41, 0x4e, 0x0d, 0x0a];
const HEADER_BYTES = 32;
const ENTRY_BYTES = 32;
const SECTIONS_MAX = 64;

/**
 * The generation of a manifest.
 *
 * @throws CodequarryError `SNAPSHOT_FOREIGN` when it is no manifest, `SNAPSHOT_CORRUPT` when it ends too early
 */
export function manifestGeneration(bytes: Uint8Array): number {
  if (bytes.byteLength === 0) throw corrupt();
  if (MAGIC.some((byte, index) => index < bytes.byteLength && bytes[index] !== byte)) {
    throw new CodequarryError('SNAPSHOT_FOREIGN', 'these bytes are not a codequarry manifest');
  }
  if (bytes.byteLength < HEADER_BYTES) throw corrupt();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sections = Math.min(view.getUint32(12, true), SECTIONS_MAX);
  for (let entry = HEADER_BYTES; entry < HEADER_BYTES + sections * ENTRY_BYTES; entry += ENTRY_BYTES) {
    if (entry + ENTRY_BYTES > bytes.byteLength) break;
    if (String.fromCharCode(...bytes.subarray(entry, entry + 4)) !== 'MANI') continue;
    return varint(bytes, Number(view.getBigUint64(entry + 8, true)));
  }
  throw corrupt();
}

function varint(bytes: Uint8Array, offset: number): number {
  let value = 0;
  for (let place = 0, scale = 1; place < 8; place++, scale *= 128) {
    const byte = bytes[offset + place];
    if (byte === undefined) break;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
  }
  throw corrupt();
}

function corrupt(): CodequarryError {
  return new CodequarryError('SNAPSHOT_CORRUPT', 'the manifest is cut or damaged');
}
