/**
 * An open snapshot: what is in the store and what is being searched, kept in step.
 *
 * Blobs are put first and the manifest last. What a generation no longer names is kept until the generation after it is durable, or this writer
 * closes, and longer when it belongs to the generation to go back to; a reader that was overtaken while it opened finds a newer manifest and starts over.
 */

import { CodequarryError, toError } from './errors.js';
import { OPEN_TRIES, ORPHAN_GRACE_MS, STORE_PARALLEL } from './limits.js';
import { keepPrevious, readPrevious, rollBack } from './rollback.js';
import type { Change, Searcher } from './searcher.js';
import { SEGMENT_SUFFIX, type Store, type StoredManifest, segmentKey } from './stores/store.js';
import type { QuarryEvent } from './types.js';

/** One snapshot, as one writer or reader has it open. */
export class Snapshot {
  readonly #store: Store;
  readonly #searcher: Searcher;
  readonly #emit: (event: QuarryEvent) => void;
  #generation = 0;
  /** Segments of the open generation. */
  #names = new Set<string>();
  /** Segments that the generation before it named and nothing names now. */
  #retired: string[] = [];
  /** Segments of the generation to go back to. They stay. */
  #previous = new Set<string>();
  /** Bytes of the open manifest. */
  #manifest: Uint8Array | undefined;
  #operationBegins = false;
  #sweptOrphans = false;
  #reviving: Promise<void> | undefined;

  constructor(store: Store, searcher: Searcher, emit: (event: QuarryEvent) => void) {
    this.#store = store;
    this.#searcher = searcher;
    this.#emit = emit;
  }

  /** Where it is kept. */
  get store(): Store {
    return this.#store;
  }

  /** The open generation; 0 while nothing was stored. */
  get generation(): number {
    return this.#generation;
  }

  /**
   * Opens the newest generation in the store. When this fails, the one that was open stays open.
   *
   * @returns whether it is another one than before
   * @throws CodequarryError of the store; `STORE_NOT_FOUND` when a read-only store holds nothing; `SNAPSHOT_MISSING_SEGMENT`; of the engine: `SNAPSHOT_CORRUPT`,
   * `SNAPSHOT_CHECKSUM`, `FORMAT_NEWER`, …
   */
  async load(): Promise<boolean> {
    let manifest = await this.#store.readManifest();
    if (!manifest) {
      if (this.#store.readOnly) throw new CodequarryError('STORE_NOT_FOUND', `there is no snapshot at ${this.#store.label}`);
      return false;
    }
    if (manifest.generation === this.#generation) return false;
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#loadManifest(manifest);
        return true;
      } catch (error) {
        const newer = await this.#store.readManifest();
        if (!newer || newer.generation === manifest.generation || attempt === OPEN_TRIES) throw this.#located(error);
        manifest = newer;
      }
    }
  }

  /** Brings a searcher back that was lost, with the newest generation of the store. Those who come meanwhile wait for the same. */
  revive(lostBy: unknown): Promise<void> {
    this.#reviving ??= this.#revive(lostBy).finally(() => {
      this.#reviving = undefined;
    });
    return this.#reviving;
  }

  /** Puts a segment into the store and supplies it to the searcher. The bytes are gone afterwards. */
  async supply(segment: { name: string; bytes: Uint8Array }): Promise<void> {
    await this.#store.put(segmentKey(segment.name), segment.bytes);
    await this.#searcher.addSegment(segment.name, segment.bytes);
  }

  /** Reads a live segment from the store. */
  async read(name: string): Promise<Uint8Array> {
    const bytes = await this.#store.get(segmentKey(name));
    if (bytes) return bytes;
    throw new CodequarryError('SNAPSHOT_MISSING_SEGMENT', `${this.#store.label} has no ${segmentKey(name)}`, { details: { segment: name } });
  }

  /**
   * Makes a change the next generation: durable first, then open.
   *
   * @throws CodequarryError `STALE_GENERATION` when another writer was faster; nothing is changed then
   */
  async publish(change: Change): Promise<void> {
    const manifest = await this.#searcher.commit(change);
    const before = new Set([...this.#names, ...this.#previous]);
    await this.#keepPrevious();
    await this.#store.swapManifest(this.#generation, manifest);
    const dropped = this.#retired;
    this.#generation = await this.#searcher.open(manifest);
    this.#manifest = manifest;
    this.#names = new Set(await this.#searcher.segmentNames(manifest));
    this.#retired = [...before].filter((name) => !this.#isNamed(name));
    this.#emit({ type: 'saved', generation: this.#generation, segments: this.#names.size });
    this.#emit({ type: 'opened', generation: this.#generation });
    await this.#drop(dropped.filter((name) => !this.#isNamed(name)));
    if (!this.#sweptOrphans) await this.#sweepOrphans();
  }

  /** Says that what is published next changes the index for its user: the generation that is open now is the one to go back to. */
  beginOperation(): void {
    this.#operationBegins = true;
  }

  /**
   * Makes the generation before the last operation the newest one, and opens it.
   *
   * @throws CodequarryError as `rollBack`
   */
  async rollBack(): Promise<void> {
    await rollBack(this.#store, this.#searcher);
    await this.load();
  }

  /** Removes what only older generations name, and lets go of store and searcher. */
  async close(): Promise<void> {
    if (!this.#store.readOnly) await this.#drop(this.#retired);
    this.#searcher.close();
    await this.#store.close();
  }

  async #revive(lostBy: unknown): Promise<void> {
    const { code, message } = toError(lostBy);
    this.#emit({ type: 'warning', code, message: `the searcher is started again: ${message}` });
    await this.#searcher.revive();
    this.#generation = 0;
    await this.load();
  }

  async #loadManifest(manifest: StoredManifest): Promise<void> {
    const missing = await this.#searcher.missingSegments(manifest.bytes);
    const queue = missing[Symbol.iterator]();
    const fetchAll = async (): Promise<void> => {
      for (const name of queue) await this.#searcher.addSegment(name, await this.read(name));
    };
    await Promise.all(Array.from({ length: STORE_PARALLEL }, fetchAll));
    this.#generation = await this.#searcher.open(manifest.bytes);
    this.#manifest = manifest.bytes;
    this.#names = new Set(await this.#searcher.segmentNames(manifest.bytes));
    this.#retired = [];
    if (!this.#store.readOnly) await this.#findPrevious();
    this.#emit({ type: 'opened', generation: this.#generation });
  }

  async #keepPrevious(): Promise<void> {
    if (!this.#operationBegins) return;
    if (this.#manifest) await keepPrevious(this.#store, this.#manifest);
    this.#previous = this.#names;
    this.#operationBegins = false;
  }

  /** What is kept to go back to; when that cannot be read, nothing is. */
  async #findPrevious(): Promise<void> {
    try {
      const previous = await readPrevious(this.#store);
      this.#previous = new Set(previous && (await this.#searcher.segmentNames(previous.bytes)));
    } catch (error) {
      this.#previous = new Set();
      this.#emit({ type: 'warning', code: toError(error).code, message: `the generation before cannot be gone back to: ${toError(error).message}` });
    }
  }

  #isNamed(name: string): boolean {
    return this.#names.has(name) || this.#previous.has(name);
  }

  /** Says where the snapshot is that cannot be opened, and what to do. */
  #located(thrown: unknown): CodequarryError {
    const error = toError(thrown);
    if (error.message.includes(this.#store.label)) return error;
    return new CodequarryError(error.code, `${this.#store.label}: ${error.message}`, { details: error.details, cause: error });
  }

  /** Removes blobs; one that stays costs space and nothing else. */
  async #drop(names: readonly string[]): Promise<void> {
    for (const name of names) {
      try {
        await this.#store.delete(segmentKey(name));
      } catch (error) {
        this.#emit({ type: 'warning', code: toError(error).code, message: `an old segment stays: ${toError(error).message}` });
      }
    }
  }

  /** Once a session: removes blobs of writers that died before they named them, and of sessions that were killed before they closed. */
  async #sweepOrphans(): Promise<void> {
    this.#sweptOrphans = true;
    try {
      const kept = new Set([...this.#names, ...this.#previous, ...this.#retired].map(segmentKey));
      const before = Date.now() - ORPHAN_GRACE_MS;
      const orphans = (await this.#store.list()).filter(({ key, modifiedMs }) => key.endsWith(SEGMENT_SUFFIX) && modifiedMs < before && !kept.has(key));
      await this.#drop(orphans.map(({ key }) => key.slice(0, -SEGMENT_SUFFIX.length)));
    } catch (error) {
      this.#emit({ type: 'warning', code: toError(error).code, message: `old segments were not looked for: ${toError(error).message}` });
    }
  }
}
