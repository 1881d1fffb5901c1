/**
 * An open snapshot: what is being searched and what is in the store, kept in step.
 *
 * A change is searched at once and becomes durable a little later, together with its neighbours: `persist/coalescer.ts` says when, and what is not durable yet is a
 * *debt*. Segments are put first and the manifest last. A writer that was overtaken opens the manifest of the other one, makes its own debts again on top of it and
 * writes that; what another one has acknowledged is never undone, and of two versions of one file the later to be written stays. Merges are no debts: they are
 * forgotten then, and made again when they are still worth it.
 */

import { CodequarryError, toError } from './errors.js';
import { GRACE_MS, OPEN_TRIES, REBASE_TRIES, SAVE_TRIES, SMALL_SEGMENT_BYTES, STORE_PARALLEL, UNSAVED_BYTES, UNSAVED_MAX_BYTES } from './limits.js';
import { Coalescer, type Pace, type WriteFailure } from './persist/coalescer.js';
import { Collector } from './persist/collector.js';
import type { ReadAhead } from './persist/read-ahead.js';
import { Turns } from './persist/turns.js';
import { keepPrevious, readPrevious, rollBack } from './rollback.js';
import type { Change, Searcher } from './searcher.js';
import { type ManifestFacts, manifestFacts } from './stores/manifest-generation.js';
import { type Store, type StoredManifest, deletedSnapshot, readOnlyStore, segmentKey } from './stores/store.js';
import type { QuarryEvent } from './types.js';

/** How a snapshot is kept. */
export interface PersistOptions extends Pace {
  /** Milliseconds that a blob stays in the store after no manifest names it any more, for readers of older generations. Default a minute. */
  graceMs?: number | undefined;
}

/** A segment as a builder brings it. */
export interface SegmentBytes {
  name: string;
  bytes: Uint8Array;
}

/** A generation: its manifest, and what that names. */
interface Generation extends ManifestFacts {
  bytes: Uint8Array | undefined;
}

/** A change that is not durable. */
interface Debt {
  /** Name of the segment that it brings. */
  add: string | undefined;
  /** The segment, unless the store has it already. */
  bytes: Uint8Array | undefined;
  remove: string[];
  /** Whether it begins what the user sees as one change. */
  begins: boolean;
}

/** A generation that is to be written, and how many of the debts are in it. */
interface Draft {
  generation: Generation;
  debts: number;
}

const EMPTY: Generation = { generation: 0, segments: new Set(), files: 0, bytes: undefined };

/** Codes of errors that may pass by themselves. */
const PASSING = new Set(['STORE_FAILED', 'STORE_BUSY', 'HTTP_STATUS']);

/** One snapshot, as one writer or reader has it open. */
export class Snapshot {
  readonly #store: Store;
  readonly #searcher: Searcher;
  readonly #emit: (event: QuarryEvent) => void;
  readonly #coalescer: Coalescer;
  readonly #collector: Collector;
  /** Changes of what is being searched. */
  readonly #changing = new Turns();
  /** Changes of what is durable. Taken before a turn of `#changing`. */
  readonly #saving = new Turns();
  /** The generation that is being searched. */
  #live = EMPTY;
  /** The generation in the store that `#live` builds on: without debts and merges it is the same. */
  #durable = EMPTY;
  /** Whether `#live` is `#durable` with all debts. False only after opening it has failed half-way. */
  #inStep = true;
  #debts: Debt[] = [];
  /** Segments of `#live` that the store does not have. */
  #unsaved = new Map<string, Uint8Array>();
  /** Segments of the generation to go back to, which stay; undefined while that was not looked for. */
  #previous: ReadonlySet<string> | undefined;
  #operationBegins = false;
  /** What was handed to the store without an answer that says which became of it. */
  #attempts: Draft[] = [];
  /** Called when waiting for the store is given up. */
  readonly #waiting = new Set<(error: unknown) => void>();
  #reviving: Promise<void> | undefined;
  #ahead: ReadAhead | undefined;
  #closed = false;

  /** @param ahead what is on its way for the first `load` */
  constructor(store: Store, searcher: Searcher, emit: (event: QuarryEvent) => void, options: PersistOptions = {}, ahead?: ReadAhead) {
    this.#store = store;
    this.#searcher = searcher;
    this.#ahead = ahead;
    this.#emit = emit;
    this.#collector = new Collector(store, options.graceMs ?? GRACE_MS, emit);
    this.#coalescer = new Coalescer({ ...options, write: () => this.#persist(), onFailure: (failure) => this.#failed(failure) });
  }

  /** Where it is kept. */
  get store(): Store {
    return this.#store;
  }

  /** The open generation; 0 while there is nothing. */
  get generation(): number {
    return this.#live.generation;
  }

  /** Changes that are not durable yet. */
  get unsaved(): number {
    return this.#coalescer.debt;
  }

  /** Whether all of these segments are being searched. */
  holds(names: readonly string[]): boolean {
    return names.every((name) => this.#live.segments.has(name));
  }

  /**
   * Opens the newest generation in the store, with what is not durable yet on top. When this fails, the one that was open stays open.
   *
   * @returns whether it is another one than before
   * @throws CodequarryError of the store; `STORE_NOT_FOUND` when a read-only store holds nothing; `SNAPSHOT_MISSING_SEGMENT`; of the engine: `SNAPSHOT_CORRUPT`,
   * `SNAPSHOT_CHECKSUM`, `FORMAT_NEWER`, …
   */
  load(): Promise<boolean> {
    return this.#saving.run(async () => {
      const manifest = (await this.#ahead?.takeManifest()) ?? (await this.#store.readManifest());
      if (!manifest) {
        if (this.#store.readOnly) throw new CodequarryError('STORE_NOT_FOUND', `there is no snapshot at ${this.#store.label}`);
        return false;
      }
      if (manifest.generation === this.#durable.generation && this.#inStep) return false;
      await this.#changing.run(() => this.#openNewest(manifest));
      return true;
    });
  }

  /** Brings a searcher back that was lost, with the newest generation of the store and what is not durable yet. Those who come meanwhile wait for the same. */
  revive(lostBy: unknown): Promise<void> {
    this.#reviving ??= this.#revive(lostBy).finally(() => {
      this.#reviving = undefined;
    });
    return this.#reviving;
  }

  /**
   * Makes a change: it is searched when this resolves, and durable when {@link saved} does. The bytes of the segment are gone afterwards.
   *
   * @throws CodequarryError `STORE_READ_ONLY`; of the store when it fails and too much waits for it already
   */
  async apply(segment: SegmentBytes | undefined, remove: string[]): Promise<void> {
    if (this.#store.readOnly) throw readOnlyStore(this.#store.label);
    const kept = segment && (await this.#keep(segment));
    await this.#changing.run(async () => {
      if (!this.#inStep) throw new CodequarryError('STORE_FAILED', `${this.#store.label} could not be read when it was needed; refresh and try again`);
      if (segment) await this.#searcher.addSegment(segment.name, segment.bytes);
      await this.#change({ add: segment ? [segment.name] : [], remove, replace: [] });
      this.#debts.push({ add: segment?.name, bytes: kept, remove, begins: this.#operationBegins });
      this.#operationBegins = false;
      if (segment && kept) this.#unsaved.set(segment.name, kept);
    });
    void this.#coalescer.mark();
    if (this.#unsavedBytes() > UNSAVED_BYTES) await this.flush().catch(() => undefined);
  }

  /**
   * Puts merged segments in the place of those that they were made of. What changed in these meanwhile stays changed.
   *
   * @returns false when one of them is not alive any more; nothing is changed then
   */
  async merge(merged: SegmentBytes[], replace: string[]): Promise<boolean> {
    if (this.#store.readOnly) throw readOnlyStore(this.#store.label);
    const kept: [string, Uint8Array | undefined][] = [];
    for (const segment of merged) kept.push([segment.name, await this.#keep(segment)]);
    const done = await this.#changing.run(async () => {
      if (!this.#inStep || !this.holds(replace)) return false;
      for (const { name, bytes } of merged) await this.#searcher.addSegment(name, bytes);
      await this.#change({ add: merged.map(({ name }) => name), remove: [], replace });
      for (const [name, bytes] of kept) if (bytes) this.#unsaved.set(name, bytes);
      this.#forgetDead();
      return true;
    });
    if (done) void this.#coalescer.mark();
    return done;
  }

  /**
   * Resolves when everything that was changed so far is durable.
   *
   * @throws CodequarryError of the store, when it does not look as if that would pass. The changes stay: they are searched, and writing them is tried again
   */
  async saved(): Promise<void> {
    if (this.#coalescer.failures > 0) return this.#coalescer.flush();
    let giveUp: (error: unknown) => void = () => {};
    const givenUp = new Promise<void>((_, reject) => {
      giveUp = reject;
    });
    this.#waiting.add(giveUp);
    try {
      await Promise.race([this.#coalescer.durable(), givenUp]);
    } finally {
      this.#waiting.delete(giveUp);
    }
  }

  /**
   * Writes now what is not durable yet.
   *
   * @throws CodequarryError of the store
   */
  flush(): Promise<void> {
    return this.#coalescer.flush();
  }

  /** Says that what is applied next begins what the user sees as one change: the generation that is durable before it is the one to go back to. */
  beginOperation(): void {
    this.#operationBegins = true;
  }

  /**
   * Makes the generation before the last change the newest one, and opens it.
   *
   * @throws CodequarryError as `rollBack`; of the store when the last change cannot even be written
   */
  async rollBack(): Promise<void> {
    await this.flush();
    await this.#saving.run(() => rollBack(this.#store, this.#searcher));
    await this.load();
  }

  /** Reads a live segment. */
  async read(name: string): Promise<Uint8Array> {
    const bytes = this.#unsaved.get(name)?.slice() ?? (await this.#store.get(segmentKey(name)));
    if (bytes) return bytes;
    throw new CodequarryError('SNAPSHOT_MISSING_SEGMENT', `${this.#store.label} has no ${segmentKey(name)}`, { details: { segment: name } });
  }

  /** Writes what is left, removes what only older generations name, and lets go of store and searcher. */
  async close(): Promise<void> {
    await this.#coalescer.close().catch(() => undefined);
    this.#closed = true;
    if (!this.#store.readOnly) await this.#collector.finish(this.#needed());
    this.#searcher.close();
    await this.#store.close();
  }

  #revive(lostBy: unknown): Promise<void> {
    const { code, message } = toError(lostBy);
    this.#emit({ type: 'warning', code, message: `the searcher is started again: ${message}` });
    return this.#saving.run(() =>
      this.#changing.run(async () => {
        this.#inStep = false;
        await this.#searcher.revive();
        const manifest = await this.#store.readManifest();
        if (manifest) await this.#openNewest(manifest);
        else await this.#adopt(undefined);
      }),
    );
  }

  /** Opens the newest manifest, also when it changes meanwhile. */
  async #openNewest(found: StoredManifest): Promise<void> {
    let manifest = found;
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#adopt(manifest);
        return;
      } catch (error) {
        const newer = await this.#store.readManifest();
        if (!newer || newer.generation === manifest.generation || attempt === OPEN_TRIES) throw this.#located(error);
        manifest = newer;
      }
    }
  }

  /** Opens a manifest of the store, and makes all debts again on top of it. Whatever has to be read is read before anything changes. */
  async #adopt(manifest: StoredManifest | undefined): Promise<void> {
    if (manifest) await this.#fetch(await this.#searcher.missingSegments(manifest.bytes));
    const durable = manifest ? { ...manifestFacts(manifest.bytes), bytes: manifest.bytes } : EMPTY;
    const debts: { debt: Debt; bytes: Uint8Array | undefined }[] = [];
    for (const debt of this.#debts) {
      // What the other writer saw of ours and kept is not made again.
      if (debt.add !== undefined && durable.segments.has(debt.add) && debt.remove.length === 0) continue;
      debts.push({ debt, bytes: debt.bytes?.slice() ?? (debt.add === undefined ? undefined : await this.read(debt.add)) });
    }
    this.#inStep = false;
    if (manifest) await this.#searcher.open(manifest.bytes);
    this.#durable = durable;
    this.#live = durable;
    this.#attempts = [];
    this.#previous = undefined;
    this.#unsaved = new Map();
    for (const { debt, bytes } of debts) {
      if (debt.add !== undefined && bytes) await this.#searcher.addSegment(debt.add, bytes);
      await this.#change({ add: debt.add === undefined ? [] : [debt.add], remove: debt.remove, replace: [] }, false);
      if (debt.add !== undefined && debt.bytes) this.#unsaved.set(debt.add, debt.bytes);
    }
    this.#debts = debts.map(({ debt }) => debt);
    this.#inStep = true;
    this.#collector.opened(manifest?.modifiedMs);
    this.#emit({ type: 'opened', generation: this.#live.generation });
  }

  async #fetch(names: string[]): Promise<void> {
    const queue = names[Symbol.iterator]();
    const fetchAll = async (): Promise<void> => {
      for (const name of queue) await this.#searcher.addSegment(name, (await this.#ahead?.take(name)) ?? (await this.read(name)));
    };
    await Promise.all(Array.from({ length: STORE_PARALLEL }, fetchAll));
    this.#ahead?.drop();
    this.#ahead = undefined;
  }

  /** Makes the next generation of what is searched. In a turn of `#changing`. */
  async #change(change: Change, tell = true): Promise<void> {
    const bytes = await this.#searcher.commit(change);
    await this.#searcher.open(bytes);
    this.#live = { ...manifestFacts(bytes), bytes };
    if (tell) this.#emit({ type: 'opened', generation: this.#live.generation });
  }

  /**
   * The bytes of a segment that have to stay in memory until they are written. A large one is put into the store here, so that what waits is
   * little; but where the store fails it waits too.
   */
  async #keep({ name, bytes }: SegmentBytes): Promise<Uint8Array | undefined> {
    if (bytes.byteLength <= SMALL_SEGMENT_BYTES) return bytes.slice();
    try {
      await this.#store.put(segmentKey(name), bytes);
      return undefined;
    } catch (error) {
      if (this.#unsavedBytes() + bytes.byteLength > UNSAVED_MAX_BYTES) throw error;
      const { code, message } = toError(error);
      this.#emit({ type: 'warning', code, message: `a segment waits in memory: ${message}` });
      return bytes.slice();
    }
  }

  #unsavedBytes(): number {
    let sum = 0;
    for (const bytes of this.#unsaved.values()) sum += bytes.byteLength;
    return sum;
  }

  /** Lets go of unsaved segments that were merged away before they were written. */
  #forgetDead(): void {
    for (const name of this.#unsaved.keys()) if (!this.#live.segments.has(name)) this.#unsaved.delete(name);
  }

  /** Makes durable what is searched. The coalescer's write: one at a time. */
  #persist(): Promise<void> {
    const work = (): Promise<void> => this.#saving.run(() => this.#saveOrFollow());
    return this.#store.exclusive ? this.#store.exclusive(work) : work();
  }

  async #saveOrFollow(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      // A turn, so that no half-made change is seen.
      const draft = await this.#changing.run(() => ({ generation: this.#live, debts: this.#debts.length }));
      try {
        if (!this.#inStep) throw new CodequarryError('STALE_GENERATION', `${this.#store.label} was changed by another writer`);
        if (draft.generation === this.#durable) return;
        await this.#save(draft);
        return;
      } catch (error) {
        if (!(error instanceof CodequarryError) || error.code !== 'STALE_GENERATION' || attempt === REBASE_TRIES) throw error;
        await this.#follow(error);
      }
    }
  }

  async #save(draft: Draft): Promise<void> {
    const { generation } = draft;
    if (!generation.bytes) return;
    this.#refuseToShrink(generation);
    const [previous] = await allOf([this.#keepPrevious(draft), this.#putUnsaved(generation)]);
    this.#attempts.push(draft);
    await this.#store.swapManifest(this.#durable.generation, generation.bytes.slice());
    this.#settled(draft, previous);
    await this.#collector.collect(this.#needed());
  }

  /** Writes the segments of a generation that the store does not have, a few at a time. */
  async #putUnsaved({ segments }: Generation): Promise<void> {
    const queue = [...this.#unsaved].filter(([name]) => segments.has(name))[Symbol.iterator]();
    const putAll = async (): Promise<void> => {
      for (const [name, bytes] of queue) await this.#store.put(segmentKey(name), bytes.slice());
    };
    await allOf(Array.from({ length: STORE_PARALLEL }, putAll));
  }

  /** Keeps what is durable as the generation to go back to, when the draft begins another change. */
  async #keepPrevious(draft: Draft): Promise<ReadonlySet<string>> {
    const { bytes, segments } = this.#durable;
    this.#previous ??= await this.#findPrevious();
    if (!bytes || !this.#debts.slice(0, draft.debts).some(({ begins }) => begins)) return this.#previous;
    await keepPrevious(this.#store, bytes);
    return segments;
  }

  /** What is kept to go back to; when that cannot be read, nothing is. */
  async #findPrevious(): Promise<ReadonlySet<string>> {
    try {
      const previous = await readPrevious(this.#store);
      return new Set(previous && (await this.#searcher.segmentNames(previous.bytes)));
    } catch (error) {
      const { code, message } = toError(error);
      this.#emit({ type: 'warning', code, message: `the generation before cannot be gone back to: ${message}` });
      return new Set();
    }
  }

  /** A draft is in the store. */
  #settled({ generation, debts }: Draft, previous: ReadonlySet<string>): void {
    const before = [...this.#durable.segments, ...(this.#previous ?? [])];
    this.#durable = generation;
    this.#previous = previous;
    this.#attempts = [];
    this.#debts.splice(0, debts);
    for (const name of generation.segments) this.#unsaved.delete(name);
    this.#forgetDead();
    this.#collector.retire(before.filter((name) => !generation.segments.has(name) && !previous.has(name)));
    this.#emit({ type: 'saved', generation: generation.generation, segments: generation.segments.size });
  }

  /** Another writer was faster, or a write of ours had arrived whose answer was lost. */
  async #follow(stale: CodequarryError): Promise<void> {
    const newest = await this.#store.readManifest();
    if (!newest) {
      if (this.#durable === EMPTY) throw stale;
      throw deletedSnapshot(this.#store.label);
    }
    const ours = this.#attempts.find(({ generation }) => generation.bytes && sameBytes(generation.bytes, newest.bytes));
    if (ours) this.#settled(ours, new Set([...(this.#previous ?? []), ...this.#durable.segments]));
    else await this.#changing.run(() => this.#openNewest(newest));
  }

  /** What is written holds every file of what it replaces, but for those that were to be removed. Anything else is a fault, and costs no data. */
  #refuseToShrink(next: Generation): void {
    const removed = this.#debts.reduce((sum, { remove }) => sum + remove.length, 0);
    if (next.files >= this.#durable.files - removed) return;
    throw new CodequarryError(
      'WOULD_SHRINK',
      `${this.#store.label} holds ${this.#durable.files} files, of which ${removed} were removed; ${next.files} will not replace them`,
      { details: { files: this.#durable.files, removed, next: next.files } },
    );
  }

  /** Segments that are named, or about to be. */
  #needed(): Set<string> {
    return new Set([...this.#live.segments, ...this.#durable.segments, ...(this.#previous ?? []), ...this.#debts.flatMap(({ add }) => add ?? [])]);
  }

  #failed({ error, failures, retryInMs }: WriteFailure): void {
    const { code, message, details } = toError(error);
    this.#emit({ type: 'unsaved', code, message, changes: this.#coalescer.debt, failures, retryInMs });
    const deleted = code === 'STALE_GENERATION' && typeof details === 'object' && details !== null && 'found' in details && details.found === 0;
    const passing = PASSING.has(code) || (code === 'STALE_GENERATION' && !deleted);
    if (passing && failures < SAVE_TRIES && !this.#closed) return;
    for (const giveUp of this.#waiting) giveUp(error);
  }

  /** Says where the snapshot is that cannot be opened, and what to do. */
  #located(thrown: unknown): CodequarryError {
    const error = toError(thrown);
    if (error.message.includes(this.#store.label)) return error;
    return new CodequarryError(error.code, `${this.#store.label}: ${error.message}`, { details: error.details, cause: error });
  }
}

/** `Promise.all`, but not over before all of them are: what has failed is tried again, and must not meet its own rest. */
async function allOf<T extends readonly Promise<unknown>[]>(work: readonly [...T]): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, index) => byte === b[index]);
}
