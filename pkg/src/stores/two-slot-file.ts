/**
 * A snapshot in one file that is written in place: blobs and a directory of them, found through one of two header slots.
 *
 *     0      slot for even sequence numbers      "\x89CQONE\r\n", u64 sequence, u64 offset, u32 length and u32 CRC-32 of the directory, u32 CRC-32 of the 32 bytes before
 *     4096   slot for odd ones                   the same; the valid slot with the higher sequence counts
 *     8192   blobs, manifests, directories       anywhere, never over what the slot that counts leads to
 *
 * A change writes its blob and a new directory into free room, flushes, writes the slot that does not count, and flushes again: at any moment one slot is whole, and what it
 * leads to is untouched. The directory is JSON: a snapshot has few blobs. The file is only ever used by one at a time; the caller sees to that.
 */

import { crc32 } from '../crc32.js';
import { CodequarryError } from '../errors.js';
import { manifestGeneration } from './manifest-generation.js';
import { type BytePiece, type ByteRange, type StoredBlob, type StoredManifest, checkKey, staleGeneration } from './store.js';

/** The part of a `FileSystemSyncAccessHandle` that is used. */
export interface SyncFile {
  getSize(): number;
  read(bytes: Uint8Array, options: { at: number }): number;
  write(bytes: Uint8Array, options: { at: number }): number;
  truncate(size: number): void;
  flush(): void;
}

const MAGIC = new Uint8Array([0x89, 0x43, 0x51, 0x4f, 0x4e, 0x45, 0x0d, 0x0a]);
const SLOT_BYTES = 4096;
const HEADER_BYTES = 36;
const DATA_START = 2 * SLOT_BYTES;

/** Offset, length, time. */
type Extent = [number, number, number];

interface Directory {
  generation: number;
  manifest: Extent | null;
  blobs: Record<string, Extent>;
}

/** What a slot leads to. */
interface State {
  sequence: number;
  /** Where the directory itself lies. */
  place: Extent;
  directory: Directory;
}

const EMPTY: State = { sequence: 0, place: [0, 0, 0], directory: { generation: 0, manifest: null, blobs: {} } };

/** The file, open. What it knows is what was in the file when it was made. */
export class TwoSlotFile {
  readonly #file: SyncFile;
  readonly #label: string;
  #state: State;

  /** @throws CodequarryError `SNAPSHOT_CORRUPT` when neither slot is whole, `SNAPSHOT_FOREIGN` when it is another program's file */
  constructor(file: SyncFile, label: string) {
    this.#file = file;
    this.#label = label;
    this.#state = this.#load();
  }

  get(key: string): Uint8Array | undefined {
    const extent = this.#blob(key);
    return extent && this.#read(extent[0], extent[1]);
  }

  getRange(key: string, start: number, end: number): Uint8Array | undefined {
    const extent = this.#blob(key);
    return extent && this.#read(extent[0] + Math.min(start, extent[1]), Math.max(0, Math.min(end, extent[1]) - start));
  }

  getRanges(key: string, ranges: readonly ByteRange[]): BytePiece[] | undefined {
    if (!this.#blob(key)) return undefined;
    return ranges.map(({ start, end }) => ({ start, bytes: this.getRange(key, start, end) ?? new Uint8Array() }));
  }

  put(key: string, bytes: Uint8Array): void {
    checkKey(key);
    this.#begin();
    const { blobs } = this.#state.directory;
    const extent = this.#append(bytes);
    this.#commit({ ...this.#state.directory, blobs: { ...blobs, [key]: extent } }, [extent]);
  }

  list(): StoredBlob[] {
    return Object.entries(this.#state.directory.blobs).map(([key, [, bytes, modifiedMs]]) => ({ key, bytes, modifiedMs }));
  }

  delete(key: string): void {
    if (!this.#blob(key)) return;
    const { [key]: _, ...blobs } = this.#state.directory.blobs;
    this.#commit({ ...this.#state.directory, blobs });
  }

  readManifest(): StoredManifest | undefined {
    const { generation, manifest } = this.#state.directory;
    return manifest ? { generation, bytes: this.#read(manifest[0], manifest[1]), modifiedMs: manifest[2] } : undefined;
  }

  swapManifest(expectedGeneration: number, bytes: Uint8Array): void {
    const generation = manifestGeneration(bytes);
    const found = this.#state.directory.generation;
    if (found !== expectedGeneration) throw staleGeneration(this.#label, expectedGeneration, found);
    this.#begin();
    const manifest = this.#append(bytes);
    this.#commit({ ...this.#state.directory, generation, manifest }, [manifest]);
  }

  clear(): void {
    this.#begin();
    this.#commit(EMPTY.directory);
    const [offset, length] = this.#state.place;
    this.#file.truncate(offset + length);
    this.#file.flush();
  }

  #blob(key: string): Extent | undefined {
    const { blobs } = this.#state.directory;
    return Object.hasOwn(blobs, key) ? blobs[key] : undefined;
  }

  #load(): State {
    const size = this.#file.getSize();
    if (size === 0) return EMPTY;
    const states = [this.#slot(0), this.#slot(1)].filter((state) => state !== undefined);
    const best = states.sort((a, b) => b.sequence - a.sequence)[0];
    if (best) return best;
    const even = this.#read(0, Math.min(size, SLOT_BYTES));
    // The slot of sequence 2 was never written, so nothing was ever acknowledged.
    if (even.every((byte) => byte === 0)) return EMPTY;
    const ours = MAGIC.every((byte, index) => even[index] === byte);
    throw new CodequarryError(ours ? 'SNAPSHOT_CORRUPT' : 'SNAPSHOT_FOREIGN', `${this.#label} ${ours ? 'is damaged' : 'is not a snapshot'}`);
  }

  #slot(slot: number): State | undefined {
    const header = this.#read(slot * SLOT_BYTES, HEADER_BYTES);
    if (header.byteLength < HEADER_BYTES || MAGIC.some((byte, index) => header[index] !== byte)) return undefined;
    const view = new DataView(header.buffer, header.byteOffset);
    if (view.getUint32(32, true) !== crc32(header.subarray(0, 32))) return undefined;
    const [sequence, offset, length] = [Number(view.getBigUint64(8, true)), Number(view.getBigUint64(16, true)), view.getUint32(24, true)];
    const bytes = this.#read(offset, length);
    if (bytes.byteLength !== length || crc32(bytes) !== view.getUint32(28, true)) return undefined;
    return { sequence, place: [offset, length, 0], directory: JSON.parse(new TextDecoder().decode(bytes)) as Directory };
  }

  /** Puts bytes where nothing is. They count when a directory names them. */
  #append(bytes: Uint8Array, also: Extent[] = []): Extent {
    const offset = this.#room(bytes.byteLength, also);
    let written = 0;
    while (written < bytes.byteLength) {
      written += this.#write(bytes.subarray(written), offset + written);
    }
    return [offset, bytes.byteLength, Date.now()];
  }

  /** The first gap of this length. */
  #room(length: number, also: Extent[]): number {
    const { directory, place } = this.#state;
    const taken = [...Object.values(directory.blobs), ...also, place];
    if (directory.manifest) taken.push(directory.manifest);
    let end = DATA_START;
    for (const [offset, size] of taken.sort((a, b) => a[0] - b[0])) {
      if (size > 0 && offset - end >= length) return end;
      end = Math.max(end, offset + size);
    }
    return end;
  }

  /** Makes the file one of ours: from then on a slot that cannot be read is damage. */
  #begin(): void {
    if (this.#state.sequence === 0) this.#commit(EMPTY.directory);
  }

  /** Makes a directory the one that counts. `fresh` was appended for it. */
  #commit(directory: Directory, fresh: Extent[] = []): void {
    const bytes = new TextEncoder().encode(JSON.stringify(directory));
    const place = this.#append(bytes, fresh);
    this.#file.flush();
    const sequence = this.#state.sequence + 1;
    const header = new Uint8Array(HEADER_BYTES);
    const view = new DataView(header.buffer);
    header.set(MAGIC);
    view.setBigUint64(8, BigInt(sequence), true);
    view.setBigUint64(16, BigInt(place[0]), true);
    view.setUint32(24, place[1], true);
    view.setUint32(28, crc32(bytes), true);
    view.setUint32(32, crc32(header.subarray(0, 32)), true);
    if (this.#write(header, (sequence % 2) * SLOT_BYTES) !== HEADER_BYTES) throw full();
    this.#file.flush();
    this.#state = { sequence, place, directory };
  }

  /** Bytes that were written, at least one. Where the quota is used up Chromium may write a part, and return an error's number as if it were a length. */
  #write(bytes: Uint8Array, at: number): number {
    const written = this.#file.write(bytes, { at });
    if (written > 0 && written <= bytes.byteLength) return written;
    throw full();
  }

  #read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const more = this.#file.read(bytes.subarray(filled), { at: offset + filled });
      if (more === 0) break;
      filled += more;
    }
    return filled === length ? bytes : bytes.slice(0, filled);
  }
}

function full(): DOMException {
  return new DOMException('the file does not grow', 'QuotaExceededError');
}
