/**
 * A snapshot in IndexedDB: one database a snapshot, blobs and the manifest in object stores of their own.
 *
 * The manifest is swapped in one read-write transaction with strict durability, in which the generation is compared, so two tabs cannot both win.
 * Browsers drop the connections of background tabs: a transaction that cannot start is tried once more on a fresh connection.
 */

import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { CodequarryError } from '../errors.js';
import { manifestGeneration } from './manifest-generation.js';
import { type Store, type StoredBlob, type StoredManifest, checkKey, staleGeneration } from './store.js';

interface BlobRecord {
  bytes: Uint8Array;
  modifiedMs: number;
}

interface Schema extends DBSchema {
  blobs: { key: string; value: BlobRecord };
  manifest: { key: 'manifest'; value: StoredManifest };
}

const DATABASE_PREFIX = 'codequarry:';

/** Keeps a snapshot in a browser's IndexedDB. */
export class IndexedDbStore implements Store {
  readonly label: string;
  readonly readOnly = false;
  readonly #name: string;
  #database: Promise<IDBPDatabase<Schema>> | undefined;

  private constructor(name: string) {
    this.#name = name;
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

  async get(key: string): Promise<Uint8Array | undefined> {
    return (await this.#with((database) => database.get('blobs', key)))?.bytes;
  }

  async getRange(key: string, start: number, end: number): Promise<Uint8Array | undefined> {
    return (await this.get(key))?.slice(start, end);
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    checkKey(key);
    await this.#with(async (database) => {
      const transaction = database.transaction('blobs', 'readwrite', { durability: 'strict' });
      await Promise.all([transaction.store.put({ bytes, modifiedMs: Date.now() }, key), transaction.done]);
    });
  }

  async list(): Promise<StoredBlob[]> {
    return this.#with(async (database) => {
      const blobs: StoredBlob[] = [];
      const transaction = database.transaction('blobs');
      for await (const { key, value } of transaction.store) blobs.push({ key, bytes: value.bytes.byteLength, modifiedMs: value.modifiedMs });
      return blobs;
    });
  }

  async delete(key: string): Promise<void> {
    await this.#with((database) => database.delete('blobs', key));
  }

  async readManifest(): Promise<StoredManifest | undefined> {
    return this.#with((database) => database.get('manifest', 'manifest'));
  }

  async swapManifest(expectedGeneration: number, bytes: Uint8Array): Promise<void> {
    const generation = manifestGeneration(bytes);
    await this.#with(async (database) => {
      const transaction = database.transaction('manifest', 'readwrite', { durability: 'strict' });
      const found = (await transaction.store.get('manifest'))?.generation ?? 0;
      if (found !== expectedGeneration) throw staleGeneration(this.label, expectedGeneration, found);
      await Promise.all([transaction.store.put({ generation, bytes }, 'manifest'), transaction.done]);
    });
  }

  async clear(): Promise<void> {
    await this.#with(async (database) => {
      const transaction = database.transaction(['manifest', 'blobs'], 'readwrite', { durability: 'strict' });
      await Promise.all([transaction.objectStore('manifest').clear(), transaction.objectStore('blobs').clear(), transaction.done]);
    });
  }

  async close(): Promise<void> {
    const database = this.#database;
    this.#database = undefined;
    (await database?.catch(() => undefined))?.close();
  }

  #connect(): Promise<IDBPDatabase<Schema>> {
    this.#database ??= openDB<Schema>(`${DATABASE_PREFIX}${this.#name}`, 1, {
      upgrade(database) {
        database.createObjectStore('blobs');
        database.createObjectStore('manifest');
      },
      blocking: () => void this.close(),
      terminated: () => {
        this.#database = undefined;
      },
    }).catch((error: unknown) => {
      this.#database = undefined;
      throw error;
    });
    return this.#database;
  }

  #with<T>(work: (database: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
    return this.#guard(async () => {
      try {
        return await work(await this.#connect());
      } catch (error) {
        if (!(error instanceof DOMException) || error.name !== 'InvalidStateError') throw error;
        await this.close();
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

function storeError(error: unknown, label: string): CodequarryError {
  if (error instanceof CodequarryError) return error;
  const name = error instanceof Error ? error.name : '';
  const message = error instanceof Error ? error.message : String(error);
  if (name === 'QuotaExceededError') return new CodequarryError('STORE_QUOTA', `${label} is full: ${message}`, { cause: error });
  if (name === 'SecurityError' || name === 'InvalidStateError' || name === 'NotAllowedError' || error instanceof ReferenceError) {
    return new CodequarryError('STORE_DENIED', `${label} cannot be used here: ${message}`, { cause: error });
  }
  return new CodequarryError('STORE_FAILED', `${label}: ${message}`, { cause: error });
}
