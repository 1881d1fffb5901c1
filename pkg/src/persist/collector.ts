/**
 * Removes blobs that no generation names any more, when nobody can be reading them.
 *
 * A reader that opened an older generation may still fetch parts of it, so a blob stays for a grace time after the last manifest that named it was replaced, and at
 * least until the manifest after that is durable. Blobs of writers that died before they named them, or before they removed what they had replaced, are looked for once
 * a session. A blob that stays costs space and nothing else.
 */

import { toError } from '../errors.js';
import { ORPHAN_GRACE_MS } from '../limits.js';
import { SEGMENT_SUFFIX, type Store, segmentKey } from '../stores/store.js';
import type { QuarryEvent } from '../types.js';

/** The garbage of one snapshot, as one writer sees it. */
export class Collector {
  readonly #store: Store;
  readonly #graceMs: number;
  readonly #emit: (event: QuarryEvent) => void;
  /** Retired segments, and since when no manifest names them. */
  readonly #retired = new Map<string, number>();
  /** Segments that the newest manifest has just stopped naming. */
  #fresh: string[] = [];
  /** When the manifest was written that this session began with. */
  #begun = Date.now();
  #swept = false;

  /** @param graceMs milliseconds for which a blob stays after no manifest names it any more */
  constructor(store: Store, graceMs: number, emit: (event: QuarryEvent) => void) {
    this.#store = store;
    this.#graceMs = graceMs;
    this.#emit = emit;
  }

  /** A generation was opened that is in the store, written at `modifiedMs` if that is known. */
  opened(modifiedMs: number | undefined): void {
    this.#begun = modifiedMs ?? Date.now();
  }

  /** A manifest was replaced: `names` were in the old one, and are not in the new one. */
  retire(names: Iterable<string>): void {
    const now = Date.now();
    for (const name of this.#fresh) this.#retired.set(name, now);
    this.#fresh = [...names];
  }

  /**
   * Removes what may go.
   *
   * @param live segments that are named or about to be
   */
  async collect(live: ReadonlySet<string>): Promise<void> {
    const now = Date.now();
    for (const [name, since] of this.#retired) {
      if (now - since < this.#graceMs) continue;
      this.#retired.delete(name);
      if (!live.has(name)) await this.#delete(segmentKey(name));
    }
    if (!this.#swept && now - this.#begun >= this.#graceMs) await this.#sweep(live);
  }

  /** The last collection of a session: without a grace time what has just been replaced goes too. */
  async finish(live: ReadonlySet<string>): Promise<void> {
    if (this.#graceMs === 0) this.retire([]);
    await this.collect(live);
  }

  async #sweep(live: ReadonlySet<string>): Promise<void> {
    this.#swept = true;
    try {
      const kept = new Set([...live, ...this.#retired.keys(), ...this.#fresh].map(segmentKey));
      const before = Date.now() - ORPHAN_GRACE_MS;
      for (const { key, modifiedMs } of await this.#store.list()) {
        if (modifiedMs < before && !kept.has(key) && key.endsWith(SEGMENT_SUFFIX)) await this.#delete(key);
      }
    } catch (error) {
      this.#emit({ type: 'warning', code: toError(error).code, message: `old segments were not looked for: ${toError(error).message}` });
    }
  }

  async #delete(key: string): Promise<void> {
    try {
      await this.#store.delete(key);
    } catch (error) {
      this.#emit({ type: 'warning', code: toError(error).code, message: `an old segment stays: ${toError(error).message}` });
    }
  }
}
