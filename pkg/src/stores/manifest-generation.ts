/**
 * Reads out of a manifest what those have to know who keep it: its generation, and which segments it names. The layout is that of FORMAT.md; everything else in a
 * manifest, and whether it is intact, is the engine's to judge.
 */

import { CodequarryError } from '../errors.js';
import { Reader } from './reader.js';

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
  const generation = mani(bytes).varint();
  // None is ever written with 0, which stands for a store that holds nothing: corrupt is not empty.
  if (generation === 0) throw corrupt();
  return generation;
}

/** What a manifest names. */
export interface ManifestFacts {
  generation: number;
  /** Names of its segments. */
  segments: Set<string>;
  /** Files that are alive. */
  files: number;
}

/**
 * What a manifest names.
 *
 * @throws CodequarryError `SNAPSHOT_FOREIGN`, `SNAPSHOT_CORRUPT`
 */
export function manifestFacts(bytes: Uint8Array): ManifestFacts {
  const reader = mani(bytes);
  const facts: ManifestFacts = { generation: reader.varint(), segments: new Set(), files: 0 };
  for (let rest = reader.varint(); rest > 0; rest--) {
    facts.segments.add(`seg-${reader.hex(16)}`);
    reader.varint();
    const files = reader.varint();
    reader.varint();
    const dead = reader.varint();
    for (let file = 0; file < dead; file++) reader.varint();
    facts.files += files - dead;
  }
  return facts;
}

function mani(bytes: Uint8Array): Reader {
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
    return new Reader(bytes, Number(view.getBigUint64(entry + 8, true)), corrupt);
  }
  throw corrupt();
}

function corrupt(): CodequarryError {
  return new CodequarryError('SNAPSHOT_CORRUPT', 'the manifest is cut or damaged');
}
