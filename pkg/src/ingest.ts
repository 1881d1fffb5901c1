/**
 * The path of files into the index: compared with it, batched, built in the pool, stored, committed.
 *
 * Memory is bounded by the batches in flight, one a builder and one that waits to be committed, and two that are being filled; the source waits for them. Batches are committed in their order, each as a generation
 * of its own, so an interrupted run keeps what it has acknowledged and the result never depends on which builder was faster. The store writes behind: what a run has
 * committed is searched when it ends, and durable a little later.
 */

import { Batcher, type LoadedFile } from './batch.js';
import { CodequarryError, toError } from './errors.js';
import { COMPACTION_TRIES, SCREEN_BYTES, SCREEN_FILES } from './limits.js';
import type { BuilderPool, Built } from './pool.js';
import type { ProgressMeter } from './progress.js';
import type { Searcher } from './searcher.js';
import type { Snapshot } from './snapshot.js';
import type { AddOptions, AddReport, FileReport, Files, SourceFile } from './types.js';
import type { Batch } from './worker/protocol.js';

/** What an index is made of, for those who change it. */
export interface Workshop {
  snapshot: Snapshot;
  searcher: Searcher;
  pool: BuilderPool;
}

/** Codes of source problems after which an indexed file stays as it was: its content is not known to have changed. */
const KEEPS_OLD = new Set(['UNREADABLE']);

/** One run of `add`. */
export class Ingest {
  readonly #workshop: Workshop;
  readonly #options: AddOptions;
  readonly #meter: ProgressMeter;
  readonly #batcher = new Batcher();
  /** Ends the builders of this run when it fails or is cancelled. */
  readonly #stop = new AbortController();
  readonly #report: AddReport;
  /** Paths that were indexed when the run began: all, or those that are at hand. */
  #live = new Set<string>();
  readonly #seen = new Set<string>();
  #screen: LoadedFile[] = [];
  #screenBytes = 0;
  /** Batches that a builder has. */
  #building = 0;
  /** The same, and those that are built and wait for an earlier one to be committed. */
  #inFlight = 0;
  #wake: (() => void) | undefined;
  /** Resolves when every batch so far is committed. Never rejects: see `#failure`. */
  #committed: Promise<void> = Promise.resolve();
  #failure: { error: unknown } | undefined;
  #removals: string[] = [];

  constructor(workshop: Workshop, options: AddOptions, meter: ProgressMeter) {
    this.#workshop = workshop;
    this.#options = options;
    this.#meter = meter;
    this.#report = {
      files: 0,
      indexed: 0,
      fallback: 0,
      skipped: 0,
      unchanged: 0,
      removed: 0,
      bytes: 0,
      chunks: 0,
      symbols: 0,
      generation: 0,
      ms: 0,
      problems: [],
    };
  }

  /**
   * Indexes everything that `files` brings.
   *
   * @throws the signal's reason; CodequarryError of store, builders or engine; whatever the source throws, after what came before was committed, with
   * the report as `details.report` when it is a CodequarryError
   */
  async run(files: Files): Promise<AddReport> {
    const { signal } = this.#options;
    const abort = (): void => this.#stop.abort(signal?.reason);
    signal?.throwIfAborted();
    signal?.addEventListener('abort', abort);
    const started = performance.now();
    try {
      this.#live = new Set(await this.#workshop.searcher.paths(this.#fewPaths(files)));
      const sourceError = await this.#takeAll(files);
      await this.#finish(sourceError === undefined && this.#options.others === 'remove');
      this.#report.problems.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
      this.#report.generation = this.#workshop.snapshot.generation;
      this.#report.ms = Math.round(performance.now() - started);
      if (sourceError) throw this.#explained(sourceError.error);
      return this.#report;
    } catch (error) {
      this.#stop.abort(error);
      await this.#committed;
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** The paths of files that are few and at hand: an edit of one file should not list all the others. */
  #fewPaths(files: Files): string[] | undefined {
    if (this.#options.others === 'remove' || !Array.isArray(files) || files.length > SCREEN_FILES) return undefined;
    return (files as readonly SourceFile[]).map(({ path }) => path);
  }

  /** Takes files until the source ends; returns what it threw. Our own failures are thrown. */
  async #takeAll(files: Files): Promise<{ error: unknown } | undefined> {
    let ours = false;
    try {
      for await (const file of files) {
        ours = true;
        this.#check();
        await this.#take(file);
        ours = false;
      }
      return undefined;
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      if (ours) throw error;
      return { error };
    }
  }

  async #take(file: SourceFile): Promise<void> {
    this.#report.files += 1;
    if ('problem' in file) {
      const { code, message } = file.problem;
      this.#seen.add(file.path);
      this.#count({ path: file.path, language: null, status: 'skipped', code, message, bytes: 0, chunks: 0, symbols: 0 });
      if (!KEEPS_OLD.has(code) && this.#live.has(file.path)) this.#removals.push(file.path);
      this.#meter.add(1, 0);
      return;
    }
    const bytes = 'text' in file ? new TextEncoder().encode(file.text) : file.bytes;
    const known = this.#live.has(file.path) && !this.#seen.has(file.path);
    this.#seen.add(file.path);
    if (!known && this.#screen.length === 0) {
      await this.#push({ path: file.path, bytes });
      return;
    }
    this.#screen.push({ path: file.path, bytes });
    this.#screenBytes += bytes.byteLength;
    if (this.#screen.length >= SCREEN_FILES || this.#screenBytes >= SCREEN_BYTES) await this.#sift();
  }

  /** Lets those files through whose content the index does not hold. */
  async #sift(): Promise<void> {
    const files = this.#screen;
    this.#screen = [];
    this.#screenBytes = 0;
    const unchanged = await this.#workshop.searcher.unchanged(files);
    for (const [index, file] of files.entries()) {
      if (!unchanged[index]) {
        await this.#push(file);
        continue;
      }
      this.#report.unchanged += 1;
      this.#meter.add(1, file.bytes.byteLength);
    }
  }

  async #push(file: LoadedFile): Promise<void> {
    for (const batch of this.#batcher.push(file)) await this.#dispatch(batch);
  }

  /** Hands a batch to the pool, once a builder is free and not too many are built that cannot be committed yet. */
  async #dispatch(batch: Batch): Promise<void> {
    const { size } = this.#workshop.pool;
    while (this.#building >= size || this.#inFlight > size) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#check();
    this.#building += 1;
    this.#inFlight += 1;
    const done = this.#meter.part();
    const built = this.#workshop.pool.build(batch, { signal: this.#stop.signal, onProgress: ({ files, bytes }) => done(files, bytes) });
    const free = (): void => {
      this.#building -= 1;
      this.#wake?.();
    };
    built.then(free, free);
    const before = this.#committed;
    this.#committed = this.#commit(built, before)
      .then(() => done(batch.files.length, batch.arena.byteLength))
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#inFlight -= 1;
        this.#wake?.();
      });
  }

  async #commit(building: Promise<Built>, before: Promise<void>): Promise<void> {
    const [{ segment, reports }] = await Promise.all([building, before]);
    this.#check();
    for (const report of reports) this.#count(report);
    const remove = reports.filter((report) => report.status === 'skipped' && this.#live.has(report.path)).map((report) => report.path);
    this.#report.removed += remove.length;
    if (segment || remove.length > 0) await this.#workshop.snapshot.apply(segment, remove);
  }

  /** The last batch, and what is to be removed. */
  async #finish(removeOthers: boolean): Promise<void> {
    if (this.#screen.length > 0) await this.#sift();
    for (const batch of this.#batcher.flush()) await this.#dispatch(batch);
    await this.#committed;
    this.#check();
    if (removeOthers) {
      this.#refuseToEmpty();
      for (const path of this.#live) if (!this.#seen.has(path)) this.#removals.push(path);
    }
    if (this.#removals.length > 0) {
      await this.#workshop.snapshot.apply(undefined, this.#removals);
      this.#report.removed += this.#removals.length;
    }
    this.#meter.end();
  }

  /** A source that brings nothing is more often a wrong path or an unmounted disk than a wish to lose the index. */
  #refuseToEmpty(): void {
    if (this.#live.size === 0 || this.#report.indexed > 0 || this.#report.unchanged > 0) return;
    throw new CodequarryError('WOULD_EMPTY', `there is nothing to index, and ${this.#live.size} indexed files would be removed`);
  }

  #count(report: FileReport): void {
    if (report.status === 'skipped') this.#report.skipped += 1;
    else {
      this.#report.indexed += 1;
      this.#report.bytes += report.bytes;
      this.#report.chunks += report.chunks;
      this.#report.symbols += report.symbols;
    }
    if (report.status === 'fallback') this.#report.fallback += 1;
    if (report.status !== 'indexed' || report.code !== undefined) this.#report.problems.push(report);
  }

  /** Throws when the run was cancelled or a batch has failed. */
  #check(): void {
    this.#options.signal?.throwIfAborted();
    if (this.#failure) throw this.#failure.error;
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#stop.abort(error);
  }

  #explained(thrown: unknown): unknown {
    if (!(thrown instanceof CodequarryError)) return thrown;
    return new CodequarryError(thrown.code, thrown.message, { details: { report: this.#report, source: thrown.details }, cause: thrown.cause });
  }
}

/**
 * Merges segments that are worth it; returns how many were. Each group is a generation of its own, so files may be added, removed and searched meanwhile; a group that
 * another writer has changed is planned anew.
 */
export async function compact(workshop: Workshop, mode: 'tiered' | 'full', signal: AbortSignal | undefined, meter: ProgressMeter): Promise<number> {
  let merged = 0;
  for (let overtaken = 0; ; ) {
    signal?.throwIfAborted();
    const groups = await workshop.searcher.compactionPlan(mode);
    let done = 0;
    for (const group of groups) {
      signal?.throwIfAborted();
      if (!(await mergeGroup(workshop, group, signal))) continue;
      done += group.length;
      meter.add(group.length, 0);
    }
    merged += done;
    if (groups.length === 0) return merged;
    if (done === groups.flat().length) {
      if (mode === 'full') return merged;
    } else if (++overtaken === COMPACTION_TRIES) return merged;
  }
}

/** Merges one group; false when some of it is not alive any more. */
async function mergeGroup({ snapshot, searcher, pool }: Workshop, group: string[], signal: AbortSignal | undefined): Promise<boolean> {
  let inputs: { bytes: Uint8Array; tombstones: Uint32Array }[];
  try {
    inputs = await Promise.all(group.map(async (name) => ({ bytes: await snapshot.read(name), tombstones: await searcher.tombstones(name) })));
  } catch (error) {
    if (snapshot.holds(group)) throw error;
    return false;
  }
  const { segment } = await pool.merge({ inputs }, { signal });
  return snapshot.merge(segment ? [segment] : [], group);
}

/** The warning of a compaction that failed: everything is indexed, only in more pieces than it should be. */
export function compactionWarning(error: unknown): { type: 'warning'; code: string; message: string } {
  const { code, message } = toError(error);
  return { type: 'warning', code, message: `segments were not merged: ${message}` };
}
