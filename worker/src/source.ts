/** Where a snapshot is read from: the layout that `codequarry publish` writes, under one key prefix of a namespace. */
import { type BytePiece, type ByteRange, PartReader, type PartsNote } from 'codequarry';

import { Problem } from './problem.js';

/** A segment that is read in parts: the first bytes of its file, which have all that opening it takes. */
export interface SegmentStart {
  readonly start: Uint8Array;
}

export interface SnapshotSource {
  /** The manifest's bytes; `undefined` when nothing is published. */
  manifest(): Promise<Uint8Array | undefined>;
  /** A segment's bytes, or its start where it is there in parts; `undefined` while the store does not show it (yet). */
  segment(name: string): Promise<Uint8Array | SegmentStart | undefined>;
  /** Bytes of a segment that is there in parts, with what else is in those; `undefined` when one of them is not shown (yet). */
  ranges(name: string, ranges: readonly ByteRange[]): Promise<BytePiece[] | undefined>;
  /** The embedding model whose file has this hash; `undefined` when it was not published, or is not shown (yet). */
  model(hash: string): Promise<Uint8Array | undefined>;
}

/** Tries to read a value, and the milliseconds before the second; KV answers 429, and at times not at all. */
const TRIES = 3;
const RETRY_MS = 100;

/**
 * Reads from KV. No `cacheTtl` is set on purpose: KV remembers misses as long as hits, and a segment that arrives
 * at this location after its manifest must not stay missing for long.
 */
export class KvSource implements SnapshotSource {
  readonly #namespace: KVNamespace;
  readonly #prefix: string;
  readonly #parts: PartReader;
  #reads = 0;

  /** @param notes what is known of segments in parts, kept by the isolate: it never changes */
  constructor(namespace: KVNamespace, prefix: string, notes: Map<string, PartsNote>) {
    this.#namespace = namespace;
    this.#prefix = prefix;
    this.#parts = new PartReader((key) => this.#value(key), notes);
  }

  /** Values that were asked for. */
  get reads(): number {
    return this.#reads;
  }

  manifest(): Promise<Uint8Array | undefined> {
    return this.#whole('manifest.cqm');
  }

  async segment(name: string): Promise<Uint8Array | SegmentStart | undefined> {
    const key = `${this.#prefix}${name}.cqs`;
    const bytes = await this.#value(key);
    if (!this.#parts.knows(key, bytes)) return bytes;
    if (!this.#parts.divided(key)) return this.#parts.whole(key);
    const start = await this.#parts.first(key);
    return start && { start };
  }

  ranges(name: string, ranges: readonly ByteRange[]): Promise<BytePiece[] | undefined> {
    return this.#parts.ranges(`${this.#prefix}${name}.cqs`, ranges);
  }

  model(hash: string): Promise<Uint8Array | undefined> {
    return this.#whole(`model-${hash}.cqmodel`);
  }

  async #whole(file: string): Promise<Uint8Array | undefined> {
    const key = this.#prefix + file;
    const bytes = await this.#value(key);
    return this.#parts.knows(key, bytes) ? this.#parts.whole(key) : bytes;
  }

  async #value(key: string): Promise<Uint8Array | undefined> {
    for (let attempt = 1; ; attempt++) {
      this.#reads += 1;
      try {
        const value = await this.#namespace.get(key, 'arrayBuffer');
        return value === null ? undefined : new Uint8Array(value);
      } catch (thrown) {
        console.error('KV read failed', key, thrown);
        if (attempt === TRIES) throw new Problem(503, 'STORE_UNAVAILABLE', 'the store of the snapshot did not answer', { retryAfterSeconds: 5 });
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS * 2 ** (attempt - 1)));
      }
    }
  }
}
