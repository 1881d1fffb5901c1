/**
 * Copies what a Durable Object owns to Workers KV (or R2), where readers all over the world find it.
 *
 * The object's storage is the truth and what is acknowledged; the copy is a debt, paid by an alarm: segments first, the manifest last. A key is written at most once a second, so a
 * burst of changes becomes a few copies. What fails is tried again, each time later, for ever; progress is recorded blob by blob. Old blobs stay in KV for a grace time, since KV
 * shows manifests late; and the object keeps the bytes of new ones as long, since KV remembers misses.
 */

import { toError } from '../errors.js';
import { EDGE_BACKOFF_MS, EDGE_GAP_MS, EDGE_GRACE_MS } from '../limits.js';
import { type EdgeStorage, type EdgeStore, MANIFEST_ROW } from '../stores/edge.js';
import { type ValueStore, deleteValue, putValue } from '../stores/kv-values.js';
import { MANIFEST_KEY, type StoredManifest, segmentKey } from '../stores/store.js';

/** What is known of the copy. */
export interface ReplicaState {
  /** The generation whose manifest was copied. */
  saved: number;
  /** When it was, in milliseconds since 1970. */
  savedMs: number;
  /** Blobs that are in the copy, and since when. */
  blobs: Record<string, number>;
  /** Those of them that no manifest names, and since when. */
  retired: Record<string, number>;
  /** Failures in a row. */
  failures: number;
  /** Why the last try failed. */
  problem?: string;
}

const STATE_ROW = 'replica';

/** Options of {@link Replica}. */
export interface ReplicaOptions {
  store: EdgeStore;
  storage: EdgeStorage;
  values: ValueStore;
  /** What all keys of the copy begin with. */
  prefix: string;
  /** Names of the segments of a manifest. */
  segmentsOf: (manifest: Uint8Array) => Promise<string[]>;
  now?: () => number;
}

/** The copy of one snapshot. */
export class Replica {
  readonly #options: ReplicaOptions;
  readonly #now: () => number;

  constructor(options: ReplicaOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  async state(): Promise<ReplicaState> {
    return (await this.#options.storage.get<ReplicaState>(STATE_ROW)) ?? { saved: 0, savedMs: 0, blobs: {}, retired: {}, failures: 0 };
  }

  /**
   * Does what is due. Never rejects for the sake of the copy: what failed is in the state.
   *
   * @returns milliseconds until there is more to do; undefined when there is nothing
   */
  async step(): Promise<number | undefined> {
    const state = await this.state();
    try {
      const wait = await this.#copy(state);
      if (wait !== undefined) return wait;
      const later = await this.#tidyUp(state);
      if (state.failures > 0) {
        state.failures = 0;
        delete state.problem;
        await this.#record(state);
      }
      return later;
    } catch (error) {
      state.failures += 1;
      state.problem = toError(error).message;
      await this.#record(state);
      return Math.min(EDGE_BACKOFF_MS, EDGE_GAP_MS * 2 ** Math.min(state.failures, 10));
    }
  }

  /** Copies the newest generation; returns how long it has to wait for that. */
  async #copy(state: ReplicaState): Promise<number | undefined> {
    const { storage, store, values, prefix, segmentsOf } = this.#options;
    const manifest = await storage.get<StoredManifest>(MANIFEST_ROW);
    if (!manifest || manifest.generation === state.saved) return undefined;
    const wait = state.savedMs + EDGE_GAP_MS - this.#now();
    if (wait > 0) return wait;
    const names = new Set((await segmentsOf(manifest.bytes)).map(segmentKey));
    for (const key of names) {
      delete state.retired[key];
      if (state.blobs[key] !== undefined) continue;
      const bytes = await store.get(key);
      // A newer generation has replaced it meanwhile: that one is copied instead.
      if (!bytes) return 0;
      await putValue(values, prefix + key, bytes);
      state.blobs[key] = this.#now();
      await this.#record(state);
    }
    state.savedMs = this.#now();
    await this.#record(state);
    await putValue(values, prefix + MANIFEST_KEY, manifest.bytes);
    state.saved = manifest.generation;
    for (const key of Object.keys(state.blobs)) if (!names.has(key)) state.retired[key] ??= this.#now();
    await this.#record(state);
    const newest = await storage.get<StoredManifest>(MANIFEST_ROW);
    return newest && newest.generation !== state.saved ? EDGE_GAP_MS : undefined;
  }

  /** Removes copies that nobody reads any more, and bytes from the object that the copy surely shows. */
  async #tidyUp(state: ReplicaState): Promise<number | undefined> {
    const { store, values, prefix } = this.#options;
    const now = this.#now();
    let next = Number.POSITIVE_INFINITY;
    for (const [key, since] of Object.entries(state.retired)) {
      if (now - since < EDGE_GRACE_MS) {
        next = Math.min(next, since + EDGE_GRACE_MS - now);
        continue;
      }
      // The generation to go back to may still need it, and has it nowhere else.
      const owned = (await store.list()).some((blob) => blob.key === key);
      if (owned) continue;
      await deleteValue(values, prefix + key);
      delete state.retired[key];
      delete state.blobs[key];
      await this.#record(state);
    }
    for (const { key } of await store.local()) {
      const since = state.blobs[key];
      if (since === undefined) continue;
      if (now - since >= EDGE_GRACE_MS) await store.release(key);
      else next = Math.min(next, since + EDGE_GRACE_MS - now);
    }
    return Number.isFinite(next) ? Math.max(next, EDGE_GAP_MS) : undefined;
  }

  async #record(state: ReplicaState): Promise<void> {
    await this.#options.storage.put({ [STATE_ROW]: state });
  }
}
