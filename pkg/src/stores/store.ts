/**
 * The interface of everything that keeps a snapshot: immutable blobs by key, and one manifest that is replaced atomically.
 *
 * Blobs are written first and the manifest last, so a writer that dies leaves at most blobs that nothing names. A store knows nothing of what the bytes mean, except
 * for the generation, which it compares: two writers can never both replace the same manifest.
 */

import { CodequarryError } from '../errors.js';

/** The file name of the manifest wherever snapshots are files. */
export const MANIFEST_KEY = 'manifest.cqm';

/** The key of the manifest to go back to: the one blob that is not named by its content, and is replaced. See `rollback.ts`. */
export const PREVIOUS_KEY = 'previous.cqm';

/** The file name suffix of segments. */
export const SEGMENT_SUFFIX = '.cqs';

/** The key of a segment's blob. */
export function segmentKey(name: string): string {
  return `${name}${SEGMENT_SUFFIX}`;
}

/** A manifest and the generation that it is. */
export interface StoredManifest {
  /** From 1. */
  generation: number;
  bytes: Uint8Array;
  /** When it was written, in milliseconds since 1970, where the store knows. */
  modifiedMs?: number | undefined;
}

/** A blob in a store. */
export interface StoredBlob {
  key: string;
  /** Length in bytes. */
  bytes: number;
  /** When it was written, in milliseconds since 1970. */
  modifiedMs: number;
}

/** Bytes `start..end`, half-open. */
export interface ByteRange {
  start: number;
  end: number;
}

/** Bytes of a blob and where they stand in it. */
export interface BytePiece {
  start: number;
  bytes: Uint8Array;
}

/** Options of {@link Store.getRanges}. */
export interface RangeOptions {
  /** Passes by every cache on the way: what came before was damaged. */
  fresh?: boolean | undefined;
  /** Where each range is a request: bytes, gaps included, up to which the nearest are asked for as one. */
  fillBytes?: number | undefined;
}

/**
 * Keeps one snapshot. All methods reject with a CodequarryError: `STORE_DENIED` (permission, private mode), `STORE_QUOTA` (full),
 * `STORE_READ_ONLY` (any write on a read-only store), `STORE_FAILED` (anything else).
 */
export interface Store {
  /** Where the snapshot is, for messages. */
  readonly label: string;
  /** Whether nothing can be written. */
  readonly readOnly: boolean;
  /** The whole blob, or undefined when there is none. The caller may do with the bytes what it likes. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Bytes `start..end` of a blob (half-open, cut at its end), or undefined when there is none. */
  getRange(key: string, start: number, end: number): Promise<Uint8Array | undefined>;
  /**
   * Several ranges of a blob in as few requests (or transactions, or messages) as it takes, or undefined when there is no such blob. More may come back than was asked for,
   * even the whole blob. From a read-only store that has it a large snapshot is opened in parts unless somebody says otherwise: there a range costs what it carries.
   *
   * @param ranges ascending and disjoint
   */
  getRanges?(key: string, ranges: readonly ByteRange[], options?: RangeOptions): Promise<BytePiece[] | undefined>;
  /** Writes a blob; it is durable when this resolves. Keys name content, so writing one twice is harmless. The bytes may be moved or changed afterwards. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** Every blob, the manifest not included, in no particular order. `STORE_UNSUPPORTED` where blobs cannot be listed. */
  list(): Promise<StoredBlob[]>;
  /** Removes a blob, if it is there. */
  delete(key: string): Promise<void>;
  /** The newest manifest, or undefined when nothing was stored yet. */
  readManifest(): Promise<StoredManifest | undefined>;
  /**
   * Makes `bytes` the manifest, durably, if the stored one is still of `expectedGeneration` (0: there is none).
   *
   * @throws CodequarryError `STALE_GENERATION` when it is not; nothing is changed then
   */
  swapManifest(expectedGeneration: number, bytes: Uint8Array): Promise<void>;
  /** Removes the snapshot: the manifest first, then all blobs. */
  clear(): Promise<void>;
  /** Releases what the store holds open. */
  close(): Promise<void>;
  /**
   * Where the platform has locks: runs `work` while no other writer of this snapshot does, and frees the lock when this writer dies. Without it writers that
   * meet find out when they swap the manifest.
   */
  exclusive?<T>(work: () => Promise<T>): Promise<T>;
  /** Where the platform has channels: calls `changed` when another writer has replaced the manifest; returns what ends that. */
  watch?(changed: () => void): () => void;
}

/** The error of a writer that was overtaken. */
export function staleGeneration(label: string, expected: number, found: number): CodequarryError {
  return new CodequarryError(
    'STALE_GENERATION',
    `${label} was changed by another writer (generation ${found}, expected ${expected}); refresh and try again`,
    { details: { expected, found } },
  );
}

/** The error of writing what somebody else has deleted since it was read. */
export function deletedSnapshot(label: string): CodequarryError {
  return new CodequarryError('STALE_GENERATION', `${label} was deleted by another writer; what it held is searched, but not written again`, {
    details: { found: 0 },
  });
}

/** The error of writing where nothing can be written. */
export function readOnlyStore(label: string): CodequarryError {
  return new CodequarryError('STORE_READ_ONLY', `${label} cannot be written`);
}

/** Refuses keys that could mean anything but a plain file name. */
export function checkKey(key: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(key)) throw new CodequarryError('STORE_FAILED', `"${key}" is no key`);
}

/** A store that only reads: what every write answers. */
export abstract class ReadOnlyStore {
  abstract readonly label: string;
  readonly readOnly = true;

  async put(_key: string, _bytes: Uint8Array): Promise<void> {
    throw readOnlyStore(this.label);
  }

  async delete(_key: string): Promise<void> {
    throw readOnlyStore(this.label);
  }

  async swapManifest(_expectedGeneration: number, _bytes: Uint8Array): Promise<void> {
    throw readOnlyStore(this.label);
  }

  async clear(): Promise<void> {
    throw readOnlyStore(this.label);
  }

  async close(): Promise<void> {}
}
