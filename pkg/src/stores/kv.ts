/**
 * A snapshot in Cloudflare Workers KV, as `codequarry publish` puts it there. Read-only.
 *
 * Keys are `<prefix><key>`. KV shows changes late: a manifest may be seen before its segments are, which is `SNAPSHOT_MISSING_SEGMENT` for a while; what is open stays open, and the next
 * `refresh` tries again.
 */

import { CodequarryError, toError } from '../errors.js';
import { KV_STALE_MS } from '../limits.js';
import { getValue, partsIn } from './kv-values.js';
import { manifestGeneration } from './manifest-generation.js';
import type { PartReader } from './parts.js';
import { type BytePiece, type ByteRange, MANIFEST_KEY, ReadOnlyStore, type Store, type StoredBlob, type StoredManifest, checkKey } from './store.js';

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
  readonly #parts: PartReader;
  readonly #now: () => number;
  #newest: StoredManifest | undefined;
  #olderSince: number | undefined;

  /** @param prefix what all keys of this snapshot begin with. Default: nothing */
  constructor(namespace: KvNamespace, prefix = '', now: () => number = Date.now) {
    super();
    this.#now = now;
    this.label = `KV "${prefix}"`;
    // What KV throws has no code; a refusal passes, and is tried again by whoever reads parts.
    const get: KvNamespace['get'] = (key, type) => namespace.get(key, type).catch((error: unknown) => Promise.reject(kvError(error, this.label)));
    this.#namespace = { get, list: (options) => namespace.list(options) };
    this.#parts = partsIn(this.#namespace);
    this.#prefix = prefix;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    checkKey(key);
    return getValue(this.#namespace, this.#prefix + key);
  }

  async getRange(key: string, start: number, end: number): Promise<Uint8Array | undefined> {
    const pieces = await this.getRanges(key, [{ start, end }]);
    const piece = pieces?.find((found) => found.start <= start);
    return pieces && (piece?.bytes.slice(start - piece.start, Math.max(start, end) - piece.start) ?? new Uint8Array());
  }

  /** What is one value is read as a whole. */
  async getRanges(key: string, ranges: readonly ByteRange[]): Promise<BytePiece[] | undefined> {
    checkKey(key);
    const name = this.#prefix + key;
    if (!this.#parts.knows(name)) {
      const value = await this.#namespace.get(name, 'arrayBuffer');
      const bytes = value ? new Uint8Array(value) : undefined;
      if (!this.#parts.knows(name, bytes)) return bytes && [{ start: 0, bytes }];
    }
    return this.#parts.ranges(name, ranges);
  }

  /**
   * The newest manifest that was seen. KV goes back in time now and then, when another of its caches answers; an older manifest counts only once it has been seen for longer than that
   * lasts, because then somebody has published it on purpose.
   */
  async readManifest(): Promise<StoredManifest | undefined> {
    const bytes = await this.get(MANIFEST_KEY);
    const found = bytes && { generation: manifestGeneration(bytes), bytes };
    const newest = this.#newest;
    if (!newest || (found && found.generation >= newest.generation)) {
      this.#newest = found;
      this.#olderSince = undefined;
      return found && { ...found, bytes: found.bytes.slice() };
    }
    this.#olderSince ??= this.#now();
    if (this.#now() - this.#olderSince < KV_STALE_MS) return { ...newest, bytes: newest.bytes.slice() };
    this.#newest = found;
    this.#olderSince = undefined;
    return found && { ...found, bytes: found.bytes.slice() };
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

function kvError(error: unknown, label: string): CodequarryError {
  const { message } = toError(error);
  return new CodequarryError(/\b429\b/.test(message) ? 'STORE_BUSY' : 'STORE_FAILED', `${label}: ${message}`, { cause: error });
}
