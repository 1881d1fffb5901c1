/**
 * The snapshot that an isolate has loaded, shared by all its requests.
 *
 * A promise in a Worker belongs to the request that made it: when that request goes away, so does what it waits for.
 * So requests never await each other. The one that loads holds a lease, which is plain data; the others look at it again
 * after a short sleep of their own. A lease without progress for `LEASE_IDLE_MS` belonged to a request that died, and the
 * next one takes over where it stopped: segments that reached the engine stay there.
 *
 * A new generation is loaded beside the old one, which goes on answering until `open` switches, in one synchronous
 * call. Whatever goes wrong before that leaves the old one in place and is reported as `problem`.
 *
 * Segments that were published in parts are opened by their starts. A search that lacks something says so; its request reads the parts, supplies them, and asks again. Two requests
 * that lack the same read it both. An answer is always one call of the engine, over one generation.
 */
import type { Engine, IndexStats, PartNeed, SearchIndex, SearchOptions, SearchResult } from './engine.js';
import { type EngineError, Problem, fromLoadError, fromSearchError, isEngineError } from './problem.js';
import { bytesOf, holds, rangesOf } from './ranges.js';
import type { SnapshotSource } from './source.js';

/** A load that made no progress for this long is taken over. One segment of 16 MB takes KV about a second. */
export const LEASE_IDLE_MS = 10_000;
/** How often a request looks whether the load of another one is done. */
const POLL_MS = 20;
/** How long a request waits for a load before it answers 503. */
const PATIENCE_MS = 25_000;
/**
 * A manifest that is older than the open one is a stale read of KV until it has been seen for so long: KV shows what was written within a minute or two. After that somebody has
 * published an older snapshot on purpose.
 */
const STALE_READ_MS = 180_000;
/** A failed load is not tried again for this long when waiting may help (a store that lags), … */
const RETRY_SOON_MS = 5_000;
/** … and for this long when only publishing again will. Until then its answer is repeated. */
const RETRY_LATE_MS = 30_000;

/**
 * Linear memory at which the engine is started again. It keeps what queries made it inflate, up to some three times the bytes
 * of the segments; an isolate with more than 128 MB is ended together with all its requests.
 */
export const ENGINE_MEMORY_BYTES = 100_000_000;

/** Times that parts are read for one answer, or to open one segment; an honest one takes six. */
const PART_ROUNDS = 32;
/** Before what was missing or damaged is read once more. */
const PART_RETRY_MS = 200;

export interface SnapshotLimits {
  readonly manifestTtlMs: number;
  readonly maxIndexBytes: number;
  readonly partCacheBytes: number;
}

/** An answer, and what it depends on besides the question. */
export interface Answer {
  readonly result: SearchResult;
  readonly tag: string;
  readonly hasModel: boolean;
}

/** What a request brings along, because it must be its own: its store, its `waitUntil`. */
export interface RequestScope {
  readonly source: SnapshotSource;
  /** Lets work go on after the answer is sent. */
  readonly waitUntil: (work: Promise<unknown>) => void;
}

interface Lease {
  touched: number;
}

export class Snapshot {
  readonly #engine: Engine;
  readonly #limits: SnapshotLimits;
  #index: SearchIndex | undefined;
  /** Bytes of the segments of the open generation. */
  #openBytes = 0;
  /** Bytes of the segments that wait in the engine for their manifest. */
  #parkedBytes = 0;
  /** Bytes of each segment that is in the engine; of one that is read in parts, of its start. */
  readonly #sizes = new Map<string, number>();
  /** Segments of which the engine still lacks what it takes to open them. */
  readonly #begun = new Set<string>();
  /** Content hash of the open manifest; `undefined` while none is open. */
  #tag: string | undefined;
  /** The hash of the model that the engine has. */
  #model: string | undefined;
  #lease: Lease | undefined;
  #checkedAt = 0;
  /** Since when each look has brought an older manifest than the open one. */
  #olderSince: number | undefined;
  #problem: Problem | undefined;

  constructor(engine: Engine, limits: SnapshotLimits) {
    this.#engine = engine;
    this.#limits = limits;
  }

  /** Identifies the open generation by content, so that two indexes both in their first generation differ. */
  get tag(): string {
    return this.#tag ?? '';
  }

  /** Whether queries can be embedded: the engine has the model that made the vectors of the open generation. */
  get hasModel(): boolean {
    return this.#model !== undefined;
  }

  /** Why the newest look for a new generation failed; `undefined` when it did not. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  /**
   * Resolves when a generation is open. With one open it returns at once and, when that is due, looks for a newer one
   * behind the answer.
   *
   * @throws Problem with the reason when none can be opened.
   */
  async ready(scope: RequestScope): Promise<void> {
    if (this.#tag !== undefined) {
      if (this.#isDue() && this.#leaseIsFree()) {
        scope.waitUntil(this.#load(scope.source).catch(() => undefined));
      }
      return;
    }
    const started = Date.now();
    while (this.#tag === undefined) {
      if (this.#problem !== undefined && !this.#isDue()) throw this.#problem;
      if (this.#leaseIsFree()) {
        const load = this.#load(scope.source);
        scope.waitUntil(load.catch(() => undefined));
        await load;
      } else {
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
      if (this.#tag === undefined && Date.now() - started > PATIENCE_MS) {
        throw new Problem(503, 'SNAPSHOT_LOADING', 'the snapshot is still being loaded', { retryAfterSeconds: 2 });
      }
    }
  }

  /**
   * Searches the open generation; only after `ready`. What that takes of segments in parts is read on the way.
   *
   * @throws Problem: `SNAPSHOT_MISSING_SEGMENT`, `SNAPSHOT_TRUNCATED`, `SNAPSHOT_CHECKSUM` when a part cannot be had and no newer generation either
   */
  async search(scope: RequestScope, query: string, options: SearchOptions): Promise<Answer> {
    let asked = options;
    let why: string | undefined;
    let again = true;
    for (let round = 0; ; round++) {
      const tag = this.#tag;
      const found = this.#guarded((index) => this.#attempt(index, query, asked));
      if (!Array.isArray(found)) {
        const answer = { result: why === undefined ? found : { ...found, semantic: why }, tag: this.tag, hasModel: this.hasModel };
        if (round > 0) this.#guarded((index) => index.trim(this.#limits.partCacheBytes));
        this.#watchMemory();
        return answer;
      }
      if (round === PART_ROUNDS) throw new Problem(500, 'PARTS_MISSING', 'the answer takes more parts than an honest one');
      const mode = asked.mode ?? 'hybrid';
      if ((mode === 'hybrid' || mode === 'semantic') && bytesOf(found) > this.#limits.partCacheBytes) {
        // Vectors are read as a whole: those that do not fit would be read for every answer.
        asked = { ...options, mode: 'lexical' };
        why = 'VECTORS_REMOTE';
        continue;
      }
      const problem = await this.#bring(scope.source, found);
      if (problem !== undefined && again) {
        again = false;
        await new Promise((resolve) => setTimeout(resolve, PART_RETRY_MS));
      } else if (problem !== undefined) {
        if (!(await this.#renew(scope, tag))) throw problem;
        again = true;
      }
      await this.ready(scope);
    }
  }

  /** Figures of the open generation; only after `ready`. */
  stats(): IndexStats {
    return this.#guarded((index) => index.stats());
  }

  /** Hash of any text, for validators. */
  hash(text: string): string {
    return this.#guarded(() => this.#engine.contentHash(new TextEncoder().encode(text)));
  }

  /** A search, or what it lacks. */
  #attempt(index: SearchIndex, query: string, options: SearchOptions): SearchResult | PartNeed[] {
    try {
      return index.search(query, options);
    } catch (thrown) {
      if (!isEngineError(thrown)) throw thrown;
      if (thrown.code === 'REGEX_UNAVAILABLE') {
        this.#engine.equipRegex(index);
        return this.#attempt(index, query, options);
      }
      if (thrown.code !== 'PARTS_MISSING') throw thrown;
      return index.takeNeeds().filter(({ segment }) => !this.#begun.has(segment));
    }
  }

  /** Reads what is lacked, and supplies it; returns what went wrong. */
  async #bring(source: SnapshotSource, needs: readonly PartNeed[]): Promise<Problem | undefined> {
    for (const need of needs) {
      const { segment } = need;
      const ranges = rangesOf(need);
      const pieces = await source.ranges(segment, ranges);
      if (pieces === undefined) {
        return new Problem(503, 'SNAPSHOT_MISSING_SEGMENT', `the store does not show a part of ${segment}`, { retryAfterSeconds: 30 });
      }
      if (ranges.some((range) => !holds(pieces, range))) {
        return new Problem(500, 'SNAPSHOT_TRUNCATED', `a part of ${segment} is shorter than it was written`);
      }
      try {
        for (const { start, bytes } of pieces) this.#index?.supply(segment, start, bytes);
      } catch (thrown) {
        // A newer generation, opened meanwhile, is without this segment.
        if (isEngineError(thrown) && thrown.code === 'SNAPSHOT_MISSING_SEGMENT') continue;
        return this.#explain(thrown, fromLoadError);
      }
    }
    return undefined;
  }

  /** Opens what was published since the generation `tag`; returns whether there was anything. */
  async #renew(scope: RequestScope, tag: string | undefined): Promise<boolean> {
    const started = Date.now();
    while (!this.#leaseIsFree() && Date.now() - started < PATIENCE_MS) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    if (this.#tag === tag && this.#leaseIsFree()) {
      const load = this.#load(scope.source).catch(() => undefined);
      scope.waitUntil(load);
      await load;
    }
    return this.#tag !== tag;
  }

  #watchMemory(): void {
    if (!this.#leaseIsFree() || this.#engine.memoryBytes() <= ENGINE_MEMORY_BYTES) return;
    console.warn('the engine has grown to', this.#engine.memoryBytes(), 'bytes and is started again');
    this.#discard();
  }

  #isDue(): boolean {
    let wait = this.#limits.manifestTtlMs;
    if (this.#problem !== undefined) {
      wait = Math.min(wait, this.#problem.status === 503 ? RETRY_SOON_MS : RETRY_LATE_MS);
    }
    return Date.now() - this.#checkedAt >= wait;
  }

  #leaseIsFree(): boolean {
    return this.#lease === undefined || Date.now() - this.#lease.touched > LEASE_IDLE_MS;
  }

  async #load(source: SnapshotSource): Promise<void> {
    const lease: Lease = { touched: Date.now() };
    this.#lease = lease;
    try {
      await this.#loadUnder(lease, source);
    } catch (thrown) {
      if (this.#lease !== lease) return;
      const problem = this.#explain(thrown, fromLoadError);
      this.#problem = problem;
      this.#checkedAt = Date.now();
      console.error('snapshot not loaded', problem.code, problem.message);
      throw problem;
    } finally {
      if (this.#lease === lease) this.#lease = undefined;
    }
  }

  /** After every wait the lease may have been lost to a request that took over: then nothing may be touched any more. */
  async #loadUnder(lease: Lease, source: SnapshotSource): Promise<void> {
    const manifest = await source.manifest();
    if (!this.#keeps(lease)) return;
    if (manifest === undefined) {
      throw new Problem(503, 'SNAPSHOT_MISSING', 'nothing is published under this prefix', { retryAfterSeconds: 60 });
    }
    const tag = this.#engine.contentHash(manifest);
    if (tag !== this.#tag && !this.#isStale(manifest)) {
      const index = (this.#index ??= this.#engine.create());
      for (const name of index.missingSegments(manifest)) {
        const found = await source.segment(name);
        if (!this.#keeps(lease)) return;
        if (found === undefined) {
          throw new Problem(503, 'SNAPSHOT_MISSING_SEGMENT', `the store does not show ${name} yet`, { retryAfterSeconds: 30 });
        }
        const bytes = 'start' in found ? found.start : found;
        const { byteLength } = bytes;
        if (this.#openBytes + this.#parkedBytes + byteLength > this.#limits.maxIndexBytes) {
          return this.#makeRoom(lease, source);
        }
        if (bytes === found) index.addSegment(name, bytes);
        else if (!(await this.#begin(lease, source, index, name, bytes))) return;
        this.#sizes.set(name, byteLength);
        this.#parkedBytes += byteLength;
      }
      index.open(manifest);
      // Requests that wait for a first generation go on waiting for its model.
      if (this.#tag !== undefined) this.#tag = tag;
      this.#settle(this.#engine.segmentsOf(manifest));
      await this.#equip(lease, source, index);
      if (!this.#keeps(lease)) return;
      this.#tag = tag;
    } else if (this.#index) {
      await this.#equip(lease, source, this.#index);
      if (!this.#keeps(lease)) return;
    }
    this.#checkedAt = Date.now();
    this.#problem = undefined;
  }

  /** Opens a segment by its start, and what else that takes; false when the lease was lost meanwhile. */
  async #begin(lease: Lease, source: SnapshotSource, index: SearchIndex, name: string, start: Uint8Array): Promise<boolean> {
    this.#begun.add(name);
    index.beginSegment(name, start);
    for (let round = 0; ; round++) {
      const needs = index.takeNeeds().filter(({ segment }) => segment === name);
      if (needs.length === 0) break;
      const problem = round === PART_ROUNDS ? new Problem(500, 'SNAPSHOT_CORRUPT', `${name} does not open`) : await this.#bring(source, needs);
      if (!this.#keeps(lease)) return false;
      if (problem !== undefined) throw problem;
    }
    this.#begun.delete(name);
    return true;
  }

  /** Counts what the engine holds now that these segments are open and no others. */
  #settle(names: readonly string[]): void {
    const open = new Set(names);
    for (const name of this.#sizes.keys()) if (!open.has(name)) this.#sizes.delete(name);
    this.#openBytes = [...this.#sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
    this.#parkedBytes = 0;
  }

  /** Brings the model that made the vectors. Without it, hybrid search finds by words and says why; the next look tries again. */
  async #equip(lease: Lease, source: SnapshotSource, index: SearchIndex): Promise<void> {
    const vectors = index.vectors();
    const wanted = vectors?.own ? vectors.hash : undefined;
    if (this.#model === wanted) return;
    this.#model = undefined;
    if (wanted === undefined) return;
    try {
      const bytes = await source.model(wanted);
      if (!this.#keeps(lease)) return;
      if (bytes === undefined) console.warn('the model of this snapshot is not published', wanted);
      else this.#engine.setModel(bytes);
      this.#model = bytes && wanted;
    } catch (thrown) {
      if (!(thrown instanceof Problem) && !isEngineError(thrown)) throw thrown;
      console.error('the model was not loaded', thrown);
    }
  }

  /**
   * Two generations do not fit beside each other: the old one goes, and requests wait for the new one. With no old one
   * the snapshot itself is too large.
   */
  #makeRoom(lease: Lease, source: SnapshotSource): Promise<void> {
    const hadOldGeneration = this.#openBytes > 0;
    this.#discard();
    this.#lease = lease;
    if (hadOldGeneration) return this.#loadUnder(lease, source);
    const megabytes = Math.floor(this.#limits.maxIndexBytes / 1_000_000);
    throw new Problem(500, 'SNAPSHOT_TOO_LARGE', `the published snapshot is larger than MAX_INDEX_MB = ${megabytes}`);
  }

  #isStale(manifest: Uint8Array): boolean {
    const open = this.#tag === undefined ? 0 : (this.#index?.generation() ?? 0);
    if (this.#engine.generationOf(manifest) >= open) {
      this.#olderSince = undefined;
      return false;
    }
    this.#olderSince ??= Date.now();
    return Date.now() - this.#olderSince < STALE_READ_MS;
  }

  #keeps(lease: Lease): boolean {
    if (this.#lease !== lease) return false;
    lease.touched = Date.now();
    return true;
  }

  /** Turns whatever was thrown into an answer; anything that nobody raised on purpose costs the engine its life. */
  #explain(thrown: unknown, answer: (error: EngineError) => Problem): Problem {
    if (thrown instanceof Problem) return thrown;
    if (isEngineError(thrown)) return answer(thrown);
    console.error('the engine failed and is started again', thrown);
    this.#discard();
    return new Problem(500, 'ENGINE_FAILED', 'the engine failed on this and was started again', { retryAfterSeconds: 1 });
  }

  /** Whoever is loading loses the lease: the index that it fills is dead. */
  #discard(): void {
    this.#lease = undefined;
    this.#index = undefined;
    this.#tag = undefined;
    this.#model = undefined;
    this.#openBytes = 0;
    this.#parkedBytes = 0;
    this.#sizes.clear();
    this.#begun.clear();
    this.#engine.discard();
  }

  #guarded<T>(call: (index: SearchIndex) => T): T {
    const index = this.#index;
    if (index === undefined || this.#tag === undefined) {
      throw new Problem(503, 'SNAPSHOT_LOADING', 'the snapshot is being loaded again', { retryAfterSeconds: 2 });
    }
    try {
      return call(index);
    } catch (thrown) {
      throw this.#explain(thrown, fromSearchError);
    }
  }
}
