/** Where a snapshot is read from: the layout that `codequarry publish` writes, under one key prefix of a namespace. */
import { getValue } from 'codequarry';

import { Problem } from './problem.js';

export interface SnapshotSource {
  /** The manifest's bytes; `undefined` when nothing is published. */
  manifest(): Promise<Uint8Array | undefined>;
  /** A segment's bytes; `undefined` while the store does not show it (yet). */
  segment(name: string): Promise<Uint8Array | undefined>;
  /** The embedding model whose file has this hash; `undefined` when it was not published, or is not shown (yet). */
  model(hash: string): Promise<Uint8Array | undefined>;
}

/**
 * Reads from KV. No `cacheTtl` is set on purpose: KV remembers misses as long as hits, and a segment that arrives
 * at this location after its manifest must not stay missing for long.
 */
export class KvSource implements SnapshotSource {
  readonly #namespace: KVNamespace;
  readonly #prefix: string;

  constructor(namespace: KVNamespace, prefix: string) {
    this.#namespace = namespace;
    this.#prefix = prefix;
  }

  manifest(): Promise<Uint8Array | undefined> {
    return this.#read('manifest.cqm');
  }

  segment(name: string): Promise<Uint8Array | undefined> {
    return this.#read(`${name}.cqs`);
  }

  model(hash: string): Promise<Uint8Array | undefined> {
    return this.#read(`model-${hash}.cqmodel`);
  }

  async #read(file: string): Promise<Uint8Array | undefined> {
    try {
      return await getValue(this.#namespace, this.#prefix + file);
    } catch (thrown) {
      console.error('KV read failed', file, thrown);
      throw new Problem(503, 'STORE_UNAVAILABLE', 'the store of the snapshot did not answer', { retryAfterSeconds: 5 });
    }
  }
}
