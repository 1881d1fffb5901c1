/**
 * A snapshot in IndexedDB: one database a snapshot. Blobs are kept in parts, so that a range costs the parts that it touches, and what is known of them beside.
 *
 * The manifest is swapped in one read-write transaction with strict durability, in which the generation is compared, so two tabs cannot both win. Web Locks let one tab
 * write at a time, a channel tells the others. Browsers drop the connections of background tabs, and of all when storage has a hiccup: what fails so is tried
 * once more on a fresh connection. A database that was deleted meanwhile does not come back by being opened again: it reads as empty.
 */

import { type DBSchema, type IDBPDatabase, type IDBPTransaction, type StoreNames, deleteDB, openDB } from 'idb';
import { concat } from '../bytes.js';
import { CodequarryError } from '../errors.js';
import { manifestGeneration } from './manifest-generation.js';
import { joinRanges } from './ranges.js';
import { type BytePiece, type ByteRange, type Store, type StoredBlob, type StoredManifest, checkKey, deletedSnapshot, staleGeneration } from './store.js';
import { Tabs } from './tabs.js';

interface Schema extends DBSchema {
  /** Of the first version of the schema. */
  blobs: { key: string; value: { bytes: Uint8Array; modifiedMs: number } };
  /** A blob's bytes, by its key and the number of the part. */
  parts: { key: [string, number]; value: Uint8Array };
  facts: { key: string; value: { bytes: number; modifiedMs: number } };
  manifest: { key: 'manifest'; value: StoredManifest };
}

const DATABASE_PREFIX = 'codequarry:';
/** Bytes of a part. Smaller ones make writing slow, larger ones make ranges dear. */
const PART_BYTES = 256 * 1024;
/** Names of errors of a connection that is gone, or of a transaction that went with it. */
const LOST = new Set(['InvalidStateError', 'AbortError', 'UnknownError', 'TransactionInactiveError']);

/** Keeps a snapshot in a browser's IndexedDB. */
export class IndexedDbStore implements Store {
  readonly label: string;
  readonly readOnly = false;
  readonly #name: string;
  readonly #tabs: Tabs;
  #database: Promise<IDBPDatabase<Schema>> | undefined;
  /** Whether a manifest of this snapshot was seen: when its database is gone then, somebody has deleted it. */
  #stored = false;

  private constructor(name: string) {
    this.#name = name;
    this.#tabs = new Tabs(`indexeddb:${name}`);
    this.label = `IndexedDB "${name}"`;
  }

  /**
   * Opens (and makes, when it is new) the snapshot of this name.
   *
   * @throws CodequarryError `STORE_DENIED` where the browser forbids storage
   */
  static async open(name: string): Promise<IndexedDbStore> {
    const store = new IndexedDbStore(name);
    await store.#guard(() => store.#connect());
    return store;
  }

  /** Names of all snapshots of this origin, where the browser can tell; otherwise none. */
  static async names(): Promise<string[]> {
    const databases = (await indexedDB.databases?.()) ?? [];
    return databases.flatMap(({ name }) => (name?.startsWith(DATABASE_PREFIX) ? name.slice(DATABASE_PREFIX.length) : []));
  }

  /** Deletes a snapshot and its database. Tabs that have it open let go of it by themselves, and go on with what they have read. */
  static async remove(name: string): Promise<void> {
    try {
      await deleteDB(`${DATABASE_PREFIX}${name}`);
    } catch (error) {
      throw storeError(error, `IndexedDB "${name}"`);
    }
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#read(undefined, async (database) => {
      const transaction = database.transaction(['facts', 'parts']);
      const [facts, parts] = await Promise.all([transaction.objectStore('facts').get(key), transaction.objectStore('parts').getAll(partsOf(key))]);
      return facts && joined(parts, facts.bytes);
    });
  }

  async getRange(key: string, start: number, end: number): Promise<Uint8Array | undefined> {
    return this.#read(undefined, async (database) => {
      const transaction = database.transaction(['facts', 'parts']);
      const first = Math.floor(start / PART_BYTES);
      const last = Math.max(first, Math.ceil(end / PART_BYTES) - 1);
      const [facts, parts] = await Promise.all([
        transaction.objectStore('facts').get(key),
        transaction.objectStore('parts').getAll(partsOf(key, first, last)),
      ]);
      if (!facts) return undefined;
      const length = Math.max(0, Math.min(end, facts.bytes) - start);
      if (length === 0) return new Uint8Array();
      const offset = first * PART_BYTES;
      return joined(parts, Math.min(facts.bytes, (last + 1) * PART_BYTES) - offset).slice(start - offset, start - offset + length);
    });
  }

  /** One transaction for all of them; each row is read once. */
  async getRanges(key: string, ranges: readonly ByteRange[]): Promise<BytePiece[] | undefined> {
    return this.#read(undefined, async (database) => {
      const transaction = database.transaction(['facts', 'parts']);
      const wanted = ranges.filter(({ start, end }) => start < end);
      const runs = joinRanges(wanted.map(({ start, end }) => ({ start: Math.floor(start / PART_BYTES), end: Math.ceil(end / PART_BYTES) })), 0);
      const [facts, ...rows] = await Promise.all([
        transaction.objectStore('facts').get(key),
        ...runs.map(({ start, end }) => transaction.objectStore('parts').getAll(partsOf(key, start, end - 1))),
      ]);
      if (!facts) return undefined;
      const held = runs.map(({ start, end }, at) => {
        const first = Math.min(facts.bytes, start * PART_BYTES);
        return { start: first, end: end * PART_BYTES, bytes: joined(rows[at] as Uint8Array[], Math.min(facts.bytes, end * PART_BYTES) - first) };
      });
      return wanted.flatMap(({ start, end }) => {
        const run = held.find((known) => known.start <= start && end <= known.end);
        return run ? { start, bytes: run.bytes.slice(start - run.start, end - run.start) } : [];
      });
    });
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    checkKey(key);
    await this.#with(async (database) => {
      const transaction = database.transaction(['facts', 'parts'], 'readwrite', { durability: 'strict' });
      await Promise.all([...putParts(transaction, key, bytes, Date.now()), transaction.done]);
    });
  }

  async list(): Promise<StoredBlob[]> {
    return this.#read<StoredBlob[]>([], async (database) => {
      const { store } = database.transaction('facts');
      const [keys, facts] = await Promise.all([store.getAllKeys(), store.getAll()]);
      return keys.flatMap((key, index) => facts[index] ? { key, ...facts[index] } : []);
    });
  }

  async delete(key: string): Promise<void> {
    await this.#read(undefined, async (database) => {
      const transaction = database.transaction(['facts', 'parts'], 'readwrite');
      await Promise.all([transaction.objectStore('facts').delete(key), transaction.objectStore('parts').delete(partsOf(key)), transaction.done]);
    });
  }

  async readManifest(): Promise<StoredManifest | undefined> {
    const manifest = await this.#read(undefined, (database) => database.get('manifest', 'manifest'));
    this.#stored ||= manifest !== undefined;
    return manifest;
  }

  async swapManifest(expectedGeneration: number, bytes: Uint8Array): Promise<void> {
    const generation = manifestGeneration(bytes);
    await this.#with(async (database) => {
      const transaction = database.transaction('manifest', 'readwrite', { durability: 'strict' });
      const found = (await transaction.store.get('manifest'))?.generation ?? 0;
      if (found !== expectedGeneration) throw staleGeneration(this.label, expectedGeneration, found);
      await Promise.all([transaction.store.put({ generation, bytes, modifiedMs: Date.now() }, 'manifest'), transaction.done]);
    });
    this.#stored = true;
    this.#tabs.tell();
  }

  async clear(): Promise<void> {
    await this.#read(undefined, async (database) => {
      const stores = ['manifest', 'facts', 'parts'] as const;
      const transaction = database.transaction(stores, 'readwrite', { durability: 'strict' });
      await Promise.all([...stores.map((name) => transaction.objectStore(name).clear()), transaction.done]);
    });
    this.#stored = false;
  }

  exclusive<T>(work: () => Promise<T>): Promise<T> {
    return this.#tabs.exclusive(work);
  }

  watch(changed: () => void): () => void {
    return this.#tabs.watch(changed);
  }

  async close(): Promise<void> {
    this.#tabs.close();
    await this.#disconnect();
  }

  async #disconnect(): Promise<void> {
    const database = this.#database;
    this.#database = undefined;
    (await database?.catch(() => undefined))?.close();
  }

  #connect(): Promise<IDBPDatabase<Schema>> {
    let deleted = false;
    this.#database ??= openDB<Schema>(`${DATABASE_PREFIX}${this.#name}`, 2, {
      upgrade: async (database, oldVersion, _, transaction) => {
        deleted = oldVersion === 0 && this.#stored;
        if (deleted) {
          transaction.done.catch(() => {});
          return transaction.abort();
        }
        database.createObjectStore('facts');
        database.createObjectStore('parts');
        if (oldVersion === 0) database.createObjectStore('manifest');
        else await moveBlobs(transaction);
        if (oldVersion === 1) database.deleteObjectStore('blobs');
      },
      blocking: () => void this.#disconnect(),
      terminated: () => {
        this.#database = undefined;
      },
    }).catch((error: unknown) => {
      this.#database = undefined;
      throw deleted ? deletedSnapshot(this.label) : error;
    });
    return this.#database;
  }

  /** Like `#with`, for what finds nothing, or nothing to do, in a snapshot that was deleted. */
  async #read<T>(nothing: T, work: (database: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
    return this.#with(work).catch((error: unknown) => {
      if (error instanceof CodequarryError && error.code === 'STALE_GENERATION') return nothing;
      throw error;
    });
  }

  #with<T>(work: (database: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
    return this.#guard(async () => {
      try {
        return await work(await this.#connect());
      } catch (error) {
        if (!(error instanceof DOMException) || !LOST.has(error.name)) throw error;
        await this.#disconnect();
        return work(await this.#connect());
      }
    });
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw storeError(error, this.label);
    }
  }
}

type PartsTransaction = IDBPTransaction<Schema, StoreNames<Schema>[], 'readwrite' | 'versionchange'>;

function partsOf(key: string, first = 0, last = Number.MAX_SAFE_INTEGER): IDBKeyRange {
  return IDBKeyRange.bound([key, first], [key, last]);
}

function putParts(transaction: PartsTransaction, key: string, bytes: Uint8Array, modifiedMs: number): Promise<unknown>[] {
  const parts = transaction.objectStore('parts');
  // What a longer blob of this key has left behind goes first.
  const puts: Promise<unknown>[] = [parts.delete(partsOf(key)), transaction.objectStore('facts').put({ bytes: bytes.byteLength, modifiedMs }, key)];
  for (let part = 0; part * PART_BYTES < bytes.byteLength; part++) {
    puts.push(parts.put(bytes.slice(part * PART_BYTES, (part + 1) * PART_BYTES), [key, part]));
  }
  return puts;
}

/** From the first version of the schema, which kept blobs whole. */
async function moveBlobs(transaction: IDBPTransaction<Schema, StoreNames<Schema>[], 'versionchange'>): Promise<void> {
  for await (const { key, value } of transaction.objectStore('blobs')) {
    await Promise.all(putParts(transaction as PartsTransaction, key, value.bytes, value.modifiedMs));
  }
}

/** The parts of a blob as one. */
function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = concat(parts);
  if (bytes.byteLength !== length) throw new CodequarryError('SNAPSHOT_CORRUPT', `a blob has ${bytes.byteLength} bytes instead of ${length}`);
  return bytes;
}

function storeError(error: unknown, label: string): CodequarryError {
  if (error instanceof CodequarryError) return error;
  const name = error instanceof Error ? error.name : '';
  const message = error instanceof Error ? error.message : String(error);
  if (name === 'QuotaExceededError') return new CodequarryError('STORE_QUOTA', `${label} is full: ${message}`, { cause: error });
  // Where the user has blocked storage, Chromium calls it unknown and says so in words only.
  const blocked = name === 'UnknownError' && /denied permission/i.test(message);
  if (blocked || name === 'SecurityError' || name === 'InvalidStateError' || name === 'NotAllowedError' || error instanceof ReferenceError) {
    return new CodequarryError('STORE_DENIED', `${label} cannot be used here: ${message}`, { cause: error });
  }
  return new CodequarryError('STORE_FAILED', `${label}: ${message}`, { cause: error });
}
