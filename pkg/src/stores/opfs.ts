/**
 * A snapshot in the origin's private file system: one file with two header slots, written by a worker. Faster than IndexedDB for large snapshots, and refused in some
 * private windows: {@link openLocalStore} falls back then.
 */

import { CodequarryError, toError } from '../errors.js';
import { browserPlatform } from '../platform/browser.js';
import { Client } from '../rpc.js';
import { OPFS_FOLDER, type StorageMethod, type StorageService } from '../worker/storage-role.js';
import { IndexedDbStore } from './indexeddb.js';
import { type BytePiece, type ByteRange, type Store, type StoredBlob, type StoredManifest, checkKey } from './store.js';
import { Tabs } from './tabs.js';

/** Options of {@link OpfsStore.open}. */
export interface OpfsStoreOptions {
  /** The worker script. Default: `worker.js` beside this package's code. */
  worker?: string | URL | undefined;
}

/** Keeps a snapshot in the origin's private file system. */
export class OpfsStore implements Store {
  readonly label: string;
  readonly readOnly = false;
  readonly #name: string;
  readonly #spawn: () => Client<StorageService>;
  #client: Client<StorageService>;
  readonly #tabs: Tabs;
  /** Whether a manifest of this snapshot was seen: when its file is gone then, somebody has deleted it. */
  #stored = false;

  private constructor(name: string, spawn: () => Client<StorageService>) {
    this.#name = name;
    this.#spawn = spawn;
    this.#client = spawn();
    this.#tabs = new Tabs(`opfs:${name}`);
    this.label = `OPFS "${name}"`;
  }

  /**
   * Opens (and makes, when it is new) the snapshot of this name.
   *
   * @throws CodequarryError `STORE_DENIED` where the browser has no private file system or forbids it
   */
  static async open(name: string, options: OpfsStoreOptions = {}): Promise<OpfsStore> {
    if (!globalThis.navigator?.storage?.getDirectory || !navigator.locks) throw new CodequarryError('STORE_DENIED', 'this browser has no private file system');
    const store = new OpfsStore(name, () => new Client(browserPlatform.spawn({ worker: options.worker })));
    try {
      await store.#client.call('storage', { name, method: 'probe', args: [], create: true });
      return store;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  /** Names of all snapshots of this origin that are kept so. */
  static async names(): Promise<string[]> {
    const names: string[] = [];
    try {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(OPFS_FOLDER);
      for await (const file of folder.keys()) if (file.endsWith('.cqf')) names.push(decodeURIComponent(file.slice(0, -4)));
    } catch {
      // No folder, or no file system: no snapshots.
    }
    return names;
  }

  /** Deletes a snapshot and its file. */
  static async remove(name: string): Promise<void> {
    try {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(OPFS_FOLDER);
      await navigator.locks.request(`codequarry:opfs-file:${name}`, () => folder.removeEntry(`${encodeURIComponent(name)}.cqf`));
    } catch (error) {
      if (error instanceof DOMException && error.name === 'NotFoundError') return;
      throw new CodequarryError('STORE_FAILED', `OPFS "${name}": ${toError(error).message}`, { cause: error });
    }
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#call('get', key);
  }

  getRange(key: string, start: number, end: number): Promise<Uint8Array | undefined> {
    return this.#call('getRange', key, start, end);
  }

  /** One message and one opening of the file for all of them. */
  getRanges(key: string, ranges: readonly ByteRange[]): Promise<BytePiece[] | undefined> {
    return this.#call('getRanges', key, ranges);
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    checkKey(key);
    await this.#call('put', key, bytes);
  }

  list(): Promise<StoredBlob[]> {
    return this.#call('list');
  }

  delete(key: string): Promise<void> {
    return this.#call('delete', key);
  }

  async readManifest(): Promise<StoredManifest | undefined> {
    const manifest = await this.#call<StoredManifest | undefined>('readManifest');
    this.#stored ||= manifest !== undefined;
    return manifest;
  }

  async swapManifest(expectedGeneration: number, bytes: Uint8Array): Promise<void> {
    await this.#call('swapManifest', expectedGeneration, bytes);
    this.#stored = true;
    this.#tabs.tell();
  }

  async clear(): Promise<void> {
    await this.#call('clear');
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
    this.#client.fail(new CodequarryError('CLOSED', 'this store was closed'));
  }

  /** Asks the worker; when that has died, another one, once. */
  async #call<T>(method: StorageMethod, ...args: unknown[]): Promise<T> {
    const client = this.#client;
    const ask = (): Promise<T> => this.#client.call('storage', { name: this.#name, method, args, create: !this.#stored }) as Promise<T>;
    try {
      return await ask();
    } catch (error) {
      if (toError(error).code !== 'WORKER_DIED') throw error;
      // Others whose calls have died with it may have been faster.
      if (this.#client === client) this.#client = this.#spawn();
      return ask();
    }
  }
}

/** The store of a name in this browser: where it is already; a new one in the private file system if that can be used, in IndexedDB otherwise. */
export async function openLocalStore(name: string, options: OpfsStoreOptions = {}): Promise<Store> {
  if ((await IndexedDbStore.names().catch((): string[] => [])).includes(name)) return IndexedDbStore.open(name);
  try {
    return await OpfsStore.open(name, options);
  } catch (error) {
    if (toError(error).code !== 'STORE_DENIED') throw error;
    return IndexedDbStore.open(name);
  }
}
