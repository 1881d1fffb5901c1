/**
 * A snapshot in the storage of a Durable Object, which owns the generation: strongly consistent, durable when a call resolves, one writer by construction.
 *
 * Workers KV holds copies for readers (see `edge/replica.ts`). A blob's bytes leave this storage once KV has had time to show them everywhere; its row stays, so what exists
 * is never asked of KV, which answers late and remembers misses.
 */

import { CodequarryError, toError } from '../errors.js';
import { EDGE_PART_BYTES, EDGE_READ_TRIES } from '../limits.js';
import { manifestGeneration } from './manifest-generation.js';
import { SEGMENT_SUFFIX, type Store, type StoredBlob, type StoredManifest, checkKey, staleGeneration } from './store.js';

/** The part of a Durable Object's storage that is used. */
export interface EdgeStorage {
  get<T>(key: string): Promise<T | undefined>;
  get<T>(keys: string[]): Promise<Map<string, T>>;
  put(entries: Record<string, unknown>): Promise<void>;
  delete(keys: string[]): Promise<number>;
  list<T>(options: { prefix: string }): Promise<Map<string, T>>;
  transaction<T>(work: (transaction: Pick<EdgeStorage, 'get' | 'put' | 'delete'>) => Promise<T>): Promise<T>;
}

/** Where copies of blobs are, and how they are read. */
export interface EdgeCopies {
  get(key: string): Promise<Uint8Array | undefined>;
}

/** The row of a blob. */
export interface EdgeBlob {
  bytes: number;
  modifiedMs: number;
  /** Parts of its bytes in this storage; 0 when only the copy has them. */
  parts: number;
}

/** The key of the manifest's row. */
export const MANIFEST_ROW = 'manifest';
const BLOB_ROWS = 'blob:';
const PART_ROWS = 'part:';
/** Rows that one call of the storage takes. */
const ROWS_MAX = 128;

/** Keeps a snapshot in a Durable Object. */
export class EdgeStore implements Store {
  readonly label: string;
  readonly readOnly = false;
  readonly #storage: EdgeStorage;
  readonly #copies: EdgeCopies | undefined;
  readonly #sleep: (ms: number) => Promise<void>;

  /** @param copies where bytes are that are not in the storage any more */
  constructor(storage: EdgeStorage, copies?: EdgeCopies, options: { label?: string; sleep?: (ms: number) => Promise<void> } = {}) {
    this.#storage = storage;
    this.#copies = copies;
    this.label = options.label ?? 'Durable Object';
    this.#sleep = options.sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    checkKey(key);
    return this.#guard(async () => {
      const row = await this.#storage.get<EdgeBlob>(BLOB_ROWS + key);
      if (!row) return undefined;
      return row.parts > 0 ? this.#local(key, row) : this.#copy(key);
    });
  }

  async getRange(key: string, start: number, end: number): Promise<Uint8Array | undefined> {
    return (await this.get(key))?.slice(start, end);
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    checkKey(key);
    const rows: Record<string, unknown> = {};
    let parts = 0;
    for (let at = 0; at < bytes.byteLength || parts === 0; at += EDGE_PART_BYTES) rows[partRow(key, parts++)] = bytes.slice(at, at + EDGE_PART_BYTES);
    if (parts >= ROWS_MAX) throw new CodequarryError('LIMIT_EXCEEDED', `${key} has ${bytes.byteLength} bytes; a Durable Object takes ${(ROWS_MAX - 1) * EDGE_PART_BYTES}`);
    rows[BLOB_ROWS + key] = { bytes: bytes.byteLength, modifiedMs: Date.now(), parts } satisfies EdgeBlob;
    await this.#guard(() => this.#storage.put(rows));
  }

  async list(): Promise<StoredBlob[]> {
    const rows = await this.#guard(() => this.#storage.list<EdgeBlob>({ prefix: BLOB_ROWS }));
    return [...rows].map(([row, { bytes, modifiedMs }]) => ({ key: row.slice(BLOB_ROWS.length), bytes, modifiedMs }));
  }

  async delete(key: string): Promise<void> {
    checkKey(key);
    await this.#guard(async () => {
      const row = await this.#storage.get<EdgeBlob>(BLOB_ROWS + key);
      if (row) await this.#storage.delete([BLOB_ROWS + key, ...partRows(key, row.parts)]);
    });
  }

  async readManifest(): Promise<StoredManifest | undefined> {
    return this.#guard(() => this.#storage.get<StoredManifest>(MANIFEST_ROW));
  }

  async swapManifest(expectedGeneration: number, bytes: Uint8Array): Promise<void> {
    const generation = manifestGeneration(bytes);
    await this.#guard(() =>
      this.#storage.transaction(async (transaction) => {
        const found = (await transaction.get<StoredManifest>(MANIFEST_ROW))?.generation ?? 0;
        if (found !== expectedGeneration) throw staleGeneration(this.label, expectedGeneration, found);
        await transaction.put({ [MANIFEST_ROW]: { generation, bytes: bytes.slice() } satisfies StoredManifest });
      }),
    );
  }

  async clear(): Promise<void> {
    await this.#guard(async () => {
      await this.#storage.delete([MANIFEST_ROW]);
      for (const prefix of [BLOB_ROWS, PART_ROWS]) {
        const rows = [...(await this.#storage.list({ prefix })).keys()];
        for (let at = 0; at < rows.length; at += ROWS_MAX) await this.#storage.delete(rows.slice(at, at + ROWS_MAX));
      }
    });
  }

  async close(): Promise<void> {}

  /** Segments whose bytes are in this storage. */
  async local(): Promise<StoredBlob[]> {
    const rows = await this.#guard(() => this.#storage.list<EdgeBlob>({ prefix: BLOB_ROWS }));
    return [...rows]
      .filter(([row, { parts }]) => parts > 0 && row.endsWith(SEGMENT_SUFFIX))
      .map(([row, { bytes, modifiedMs }]) => ({ key: row.slice(BLOB_ROWS.length), bytes, modifiedMs }));
  }

  /** Gives up the bytes of a blob that the copies have, and keeps its row. */
  async release(key: string): Promise<void> {
    await this.#guard(async () => {
      const row = await this.#storage.get<EdgeBlob>(BLOB_ROWS + key);
      if (!row || row.parts === 0) return;
      await this.#storage.transaction(async (transaction) => {
        await transaction.put({ [BLOB_ROWS + key]: { ...row, parts: 0 } satisfies EdgeBlob });
        await transaction.delete(partRows(key, row.parts));
      });
    });
  }

  async #local(key: string, row: EdgeBlob): Promise<Uint8Array> {
    const whole = new Uint8Array(row.bytes);
    let at = 0;
    for (const name of partRows(key, row.parts)) {
      const part = await this.#storage.get<Uint8Array>(name);
      if (!part) throw new CodequarryError('STORE_FAILED', `${this.label}: a part of ${key} is missing`);
      whole.set(part, at);
      at += part.byteLength;
    }
    return whole;
  }

  /** A copy that is known to exist but is not shown is asked for again, each time later. */
  async #copy(key: string): Promise<Uint8Array> {
    for (let attempt = 0; attempt < EDGE_READ_TRIES; attempt++) {
      if (attempt > 0) await this.#sleep(50 * 4 ** attempt);
      const bytes = await this.#copies?.get(key);
      if (bytes) return bytes;
    }
    throw new CodequarryError('STORE_FAILED', `${this.label}: KV does not show ${key} (yet)`, { details: { key } });
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof CodequarryError) throw error;
      throw new CodequarryError('STORE_FAILED', `${this.label}: ${toError(error).message}`, { cause: error });
    }
  }
}

function partRow(key: string, part: number): string {
  return `${PART_ROWS}${key}:${part}`;
}

function partRows(key: string, parts: number): string[] {
  return Array.from({ length: parts }, (_, part) => partRow(key, part));
}
