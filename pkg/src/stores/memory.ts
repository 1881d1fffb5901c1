/**
 * A snapshot in memory: for tests, for private modes, and as the model that the other stores are compared with.
 */

import { manifestGeneration } from './manifest-generation.js';
import { type Store, type StoredBlob, type StoredManifest, checkKey, staleGeneration } from './store.js';

/** Keeps a snapshot as long as the process. */
export class MemoryStore implements Store {
  readonly label = 'memory';
  readonly readOnly = false;
  readonly #blobs = new Map<string, { bytes: Uint8Array; modifiedMs: number }>();
  #manifest: StoredManifest | undefined;

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#blobs.get(key)?.bytes.slice();
  }

  async getRange(key: string, start: number, end: number): Promise<Uint8Array | undefined> {
    return this.#blobs.get(key)?.bytes.slice(start, end);
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    checkKey(key);
    this.#blobs.set(key, { bytes: bytes.slice(), modifiedMs: Date.now() });
  }

  async list(): Promise<StoredBlob[]> {
    return [...this.#blobs].map(([key, { bytes, modifiedMs }]) => ({ key, bytes: bytes.byteLength, modifiedMs }));
  }

  async delete(key: string): Promise<void> {
    this.#blobs.delete(key);
  }

  async readManifest(): Promise<StoredManifest | undefined> {
    return this.#manifest && { generation: this.#manifest.generation, bytes: this.#manifest.bytes.slice() };
  }

  async swapManifest(expectedGeneration: number, bytes: Uint8Array): Promise<void> {
    const found = this.#manifest?.generation ?? 0;
    if (found !== expectedGeneration) throw staleGeneration(this.label, expectedGeneration, found);
    this.#manifest = { generation: manifestGeneration(bytes), bytes: bytes.slice() };
  }

  async clear(): Promise<void> {
    this.#manifest = undefined;
    this.#blobs.clear();
  }

  async close(): Promise<void> {}
}
