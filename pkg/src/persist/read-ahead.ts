/**
 * Reads the segments of a snapshot while the searcher that will want them is still being started.
 *
 * Only what would be read at the same time anyway is read ahead. It is a guess: what cannot be read, or turns out not to be wanted, is forgotten, and errors are those of
 * whoever reads in earnest.
 */

import { STORE_PARALLEL } from '../limits.js';
import { manifestFacts } from '../stores/manifest-generation.js';
import { type Store, type StoredManifest, segmentKey } from '../stores/store.js';

/** The first segments of the newest manifest, on their way. */
export class ReadAhead {
  readonly #segments = new Map<string, Promise<Uint8Array | undefined>>();
  #manifest: StoredManifest | undefined;
  readonly #begun: Promise<void>;

  /** @param found is told that there is a snapshot */
  constructor(store: Store, found: () => void) {
    this.#begun = this.#begin(store, found).catch(() => undefined);
  }

  /** The manifest that was found; it is handed out once. */
  async takeManifest(): Promise<StoredManifest | undefined> {
    await this.#begun;
    const manifest = this.#manifest;
    this.#manifest = undefined;
    return manifest;
  }

  /** A segment that was read ahead; it is handed out once. */
  async take(name: string): Promise<Uint8Array | undefined> {
    await this.#begun;
    const bytes = this.#segments.get(name);
    this.#segments.delete(name);
    return bytes;
  }

  /** Lets go of what nobody took. */
  drop(): void {
    this.#segments.clear();
  }

  async #begin(store: Store, found: () => void): Promise<void> {
    const manifest = await store.readManifest();
    if (!manifest) return;
    found();
    this.#manifest = manifest;
    for (const name of [...manifestFacts(manifest.bytes).segments].slice(0, STORE_PARALLEL)) {
      this.#segments.set(
        name,
        store.get(segmentKey(name)).catch(() => undefined),
      );
    }
  }
}
