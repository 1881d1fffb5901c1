/**
 * A snapshot in Cloudflare Workers KV, as `codequarry publish` puts it there. Read-only.
 *
 * Keys are `<prefix><key>`. KV shows changes late: a manifest may be seen before its segments are, which is `SNAPSHOT_MISSING_SEGMENT` for a while.
 */

import { manifestGeneration } from './manifest-generation.js';
import { MANIFEST_KEY, ReadOnlyStore, type Store, type StoredBlob, type StoredManifest, checkKey } from './store.js';

/** The part of a KV namespace binding that is used. */
export interface KvNamespace {
  get(key: string, type: 'arrayBuffer'): Promise<ArrayBuffer | null>;
  list(options: { prefix?: string; cursor?: string | null }): Promise<{ keys: { name: string }[]; list_complete: boolean; cursor?: string }>;
}

/** Reads a snapshot from a KV namespace. */
export class KvStore extends ReadOnlyStore implements Store {
  readonly label: string;
  readonly #namespace: KvNamespace;
  readonly #prefix: string;

  /** @param prefix what all keys of this snapshot begin with. Default: nothing */
  constructor(namespace: KvNamespace, prefix = '') {
    super();
    this.#namespace = namespace;
    this.#prefix = prefix;
    this.label = `KV "${prefix}"`;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    checkKey(key);
    const value = await this.#namespace.get(this.#prefix + key, 'arrayBuffer');
    return value ? new Uint8Array(value) : undefined;
  }

  async getRange(key: string, start: number, end: number): Promise<Uint8Array | undefined> {
    return (await this.get(key))?.subarray(start, end);
  }

  async readManifest(): Promise<StoredManifest | undefined> {
    const bytes = await this.get(MANIFEST_KEY);
    return bytes && { generation: manifestGeneration(bytes), bytes };
  }

  async list(): Promise<StoredBlob[]> {
    const blobs: StoredBlob[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<KvNamespace['list']>> = await this.#namespace.list({ prefix: this.#prefix, cursor });
      for (const { name } of page.keys) {
        const key = name.slice(this.#prefix.length);
        if (key.endsWith('.cqs')) blobs.push({ key, bytes: 0, modifiedMs: 0 });
      }
      cursor = page.list_complete ? null : (page.cursor ?? null);
    } while (cursor);
    return blobs;
  }
}
