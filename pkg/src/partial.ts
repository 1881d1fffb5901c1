/**
 * A searcher over a snapshot that stays where it is: it opens segments by their heads and fetches what answers need.
 *
 * The engine does no I/O. A call that lacks something ends in `PARTS_MISSING` with what it lacks; that is fetched, supplied, and the call is made again. Calls that
 * lack the same wait for the same fetch. One that is given up leaves its fetches running: what they bring is kept for the next.
 */

import type { IndexStats, LanguageInfo, ManifestInfo, PartNeed, ReferAnswer, ReferQuestion, SearchOptions, SearchResult, SymbolInfo, VectorInfo } from './engine.js';
import { CodequarryError, toError } from './errors.js';
import { FIRST_FILL_BYTES, PARTIAL_BYTES, PART_CACHE_BYTES, PART_RETRY_MS, PART_ROUNDS, PART_TRIES, REQUEST_FILL_BYTES, REQUEST_GAP_BYTES, SEGMENT_HEAD_BYTES, STORE_PARALLEL, VECTOR_PIECE_BYTES } from './limits.js';
import type { Change, ChunkPlace, FetchOptions, PartsView, ScreenFile, Searcher, SuppliedPart } from './searcher.js';
import { holds, joinNear, joinRanges } from './stores/ranges.js';
import { type BytePiece, type ByteRange, type Store, segmentKey } from './stores/store.js';

/** Options of a {@link PartialSearcher}. */
export interface PartialOptions {
  /** Whether small snapshots are opened as a whole. */
  auto: boolean;
  /** See `OpenOptions.partCacheBytes`. */
  cacheBytes?: number | undefined;
}

/** Opens snapshots in parts; everything else it passes on. */
export class PartialSearcher implements Searcher {
  readonly #inner: Searcher;
  readonly #store: Store;
  readonly #auto: boolean;
  readonly #cacheBytes: number;
  #inParts = false;
  #heldBytes = 0;
  /** What is being fetched, by segment and first byte. */
  readonly #fetching = new Map<string, Promise<unknown>>();

  constructor(inner: Searcher, store: Store, { auto, cacheBytes = PART_CACHE_BYTES }: PartialOptions) {
    this.#inner = inner;
    this.#store = store;
    this.#auto = auto;
    this.#cacheBytes = cacheBytes;
  }

  /** Whether a store is one from which `auto` opens in parts. */
  static suits(store: Store): boolean {
    return store.readOnly && store.getRanges !== undefined;
  }

  /** Opens in parts what is missing; what is left has to be read as a whole. */
  async missingSegments(manifest: Uint8Array): Promise<string[]> {
    const missing = await this.#inner.missingSegments(manifest);
    if (missing.length === 0) return missing;
    const { segments } = await this.#inner.manifestInfo(manifest);
    const wanted = segments.filter(({ name }) => missing.includes(name));
    const total = wanted.reduce((sum, { bytes }) => sum + bytes, 0);
    if (this.#auto && total < PARTIAL_BYTES) return missing;
    this.#inParts = true;
    const queue = wanted[Symbol.iterator]();
    const openAll = async (): Promise<void> => {
      for (const segment of queue) await this.#open(segment);
    };
    await Promise.all(Array.from({ length: STORE_PARALLEL }, openAll));
    return this.#inner.missingSegments(manifest);
  }

  search(query: string, options: SearchOptions, vector?: Float32Array): Promise<SearchResult> {
    return this.#answer(() => this.#inner.search(query, options, vector));
  }

  similar(at: ChunkPlace, options: SearchOptions): Promise<SearchResult> {
    return this.#answer(() => this.#inner.similar(at, options));
  }

  vectors(): Promise<VectorInfo | undefined> {
    return this.#inner.vectors();
  }

  setModel(bytes: Uint8Array): Promise<void> {
    return this.#inner.setModel(bytes);
  }

  get inParts(): boolean {
    return this.#inParts;
  }

  get parts(): PartsView | undefined {
    if (!this.#inParts) return undefined;
    return { heldBytes: this.#heldBytes, budgetBytes: this.#cacheBytes, fetchVectors: (options) => this.#fetchVectors(options) };
  }

  wantVectors(): Promise<PartNeed[]> {
    return this.#inner.wantVectors();
  }

  setRegex(module: WebAssembly.Module): Promise<void> {
    return this.#inner.setRegex(module);
  }

  symbols(options: { path?: string; limit?: number }): Promise<SymbolInfo[]> {
    return this.#answer(() => this.#inner.symbols(options));
  }

  refer(question: ReferQuestion): Promise<ReferAnswer> {
    return this.#answer(() => this.#inner.refer(question));
  }

  file(path: string): Promise<string | undefined> {
    return this.#answer(() => this.#inner.file(path));
  }

  async #answer<T>(work: () => Promise<T>): Promise<T> {
    for (let round = 0; ; round++) {
      try {
        const answer = await work();
        if (round > 0) await this.#trim();
        return answer;
      } catch (error) {
        if (!(error instanceof CodequarryError) || error.code !== 'PARTS_MISSING' || round === PART_ROUNDS) throw error;
        await this.#fetchAll(error.details as PartNeed[]);
      }
    }
  }

  /** Bytes, gaps included, that are asked for together: more while nothing is held. */
  get #fillBytes(): number {
    return this.#heldBytes === 0 ? FIRST_FILL_BYTES : REQUEST_FILL_BYTES;
  }

  async #trim(): Promise<void> {
    this.#heldBytes = await this.#inner.trim(this.#cacheBytes).catch(() => this.#heldBytes);
  }

  /** Piece by piece, so that it can be watched and given up; a segment's vectors are verified together. */
  async #fetchVectors({ onProgress, signal }: FetchOptions = {}): Promise<void> {
    const wanted = (await this.#inner.wantVectors()).flatMap((need) => rangesOf(need).map((range) => ({ segment: need.segment, ...range })));
    const total = wanted.reduce((sum, { start, end }) => sum + end - start, 0);
    if (total > this.#cacheBytes) {
      throw new CodequarryError('LIMIT_EXCEEDED', `the vectors have ${total} bytes, of which partCacheBytes keeps ${this.#cacheBytes}`, { details: { bytes: total } });
    }
    let done = 0;
    onProgress?.({ done, total });
    for (const { segment, start, end } of wanted) {
      for (let fresh = false; ; fresh = true) {
        const before = done;
        const bytes = new Uint8Array(end - start);
        const queue = Array.from({ length: Math.ceil(bytes.byteLength / VECTOR_PIECE_BYTES) }, (_, piece) => start + piece * VECTOR_PIECE_BYTES)[Symbol.iterator]();
        const fetchAll = async (): Promise<void> => {
          for (const from of queue) {
            signal?.throwIfAborted();
            const range = { start: from, end: Math.min(end, from + VECTOR_PIECE_BYTES) };
            for (const piece of await this.#retrying(() => this.#pieces(segment, [range], fresh))) copyInto(bytes, start, piece);
            done += range.end - range.start;
            signal?.throwIfAborted();
            onProgress?.({ done, total });
          }
        };
        await Promise.all(Array.from({ length: STORE_PARALLEL }, fetchAll));
        try {
          await this.#inner.supply([{ segment, start, bytes }]);
          break;
        } catch (error) {
          if (toError(error).code !== 'SNAPSHOT_CHECKSUM' || fresh) throw error;
          done = before;
        }
      }
    }
    await this.#trim();
  }

  async #open({ name, bytes: length, residentBytes }: ManifestInfo['segments'][number]): Promise<void> {
    // Manifests of older releases do not say how much that is.
    const head = { start: 0, end: Math.min(residentBytes || SEGMENT_HEAD_BYTES, length) };
    let needs = await this.#retrying(async (fresh) => {
      const { bytes } = (await this.#pieces(name, [head], fresh))[0] as BytePiece;
      // A server that knows no ranges has sent it all.
      if (bytes.byteLength >= length) {
        await this.#inner.addSegment(name, bytes.slice(0, length));
        return [];
      }
      return this.#inner.beginSegment(name, bytes);
    });
    const own = (need: PartNeed): boolean => need.segment === name;
    needs = needs.filter(own);
    for (let round = 0; needs.length > 0 && round < PART_ROUNDS; round++) {
      const left = await this.#fetch(name, joinRanges(needs.flatMap(rangesOf), REQUEST_GAP_BYTES));
      needs = left.filter(own);
    }
  }

  async #fetchAll(needs: readonly PartNeed[]): Promise<void> {
    const waiting: Promise<unknown>[] = [];
    for (const need of needs) {
      const key = ({ start }: ByteRange): string => `${need.segment} ${start}`;
      const ranges: ByteRange[] = [];
      for (const range of rangesOf(need)) {
        const known = this.#fetching.get(key(range));
        if (known) waiting.push(known);
        else ranges.push(range);
      }
      if (ranges.length === 0) continue;
      const fetched = this.#fetch(need.segment, ranges).finally(() => {
        for (const range of ranges) this.#fetching.delete(key(range));
      });
      for (const range of ranges) this.#fetching.set(key(range), fetched);
      waiting.push(fetched);
    }
    // All of them, so that none fails unheard.
    const failed = (await Promise.allSettled(waiting)).find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  #fetch(segment: string, ranges: readonly ByteRange[]): Promise<PartNeed[]> {
    return this.#retrying(async (fresh) => {
      const pieces = await this.#pieces(segment, ranges, fresh);
      return this.#inner.supply(pieces.map(({ start, bytes }): SuppliedPart => ({ segment, start, bytes })));
    });
  }

  /** Tries again what may pass by itself: a network that fails, a server that has too much to do, and once what was damaged on the way. */
  async #retrying<T>(work: (fresh: boolean) => Promise<T>): Promise<T> {
    let damaged = false;
    for (let attempt = 1; ; attempt++) {
      try {
        return await work(damaged);
      } catch (error) {
        const { code, message, details } = toError(error);
        const passing = code === 'STORE_FAILED' || code === 'STORE_BUSY' || (code === 'HTTP_STATUS' && isPassing(details));
        const again = passing || (code === 'SNAPSHOT_CHECKSUM' && !damaged);
        if (!again || attempt === PART_TRIES) {
          throw message.includes(this.#store.label) ? error : new CodequarryError(code, `${this.#store.label}: ${message}`, { details, cause: error });
        }
        damaged ||= code === 'SNAPSHOT_CHECKSUM';
        await new Promise((resolve) => setTimeout(resolve, PART_RETRY_MS * 2 ** (attempt - 1)));
      }
    }
  }

  async #pieces(segment: string, ranges: readonly ByteRange[], fresh: boolean): Promise<BytePiece[]> {
    const key = segmentKey(segment);
    const pieces = await (this.#store.getRanges ? this.#store.getRanges(key, ranges, { fresh, fillBytes: this.#fillBytes }) : this.#eachRange(key, ranges));
    if (!pieces) throw new CodequarryError('SNAPSHOT_MISSING_SEGMENT', `${this.#store.label} has no ${key}`, { details: { segment } });
    const cut = ranges.find((range) => !holds(pieces, range));
    if (cut) throw new CodequarryError('SNAPSHOT_TRUNCATED', `${this.#store.label}: ${key} ends before byte ${cut.end}`, { details: { segment } });
    return pieces;
  }

  async #eachRange(key: string, ranges: readonly ByteRange[]): Promise<BytePiece[] | undefined> {
    const queue = joinNear(ranges, this.#fillBytes)[Symbol.iterator]();
    const pieces: BytePiece[] = [];
    let absent = false;
    const readAll = async (): Promise<void> => {
      for (const { start, end } of queue) {
        const bytes = await this.#store.getRange(key, start, end);
        if (bytes) pieces.push({ start, bytes });
        else absent = true;
      }
    };
    await Promise.all(Array.from({ length: STORE_PARALLEL }, readAll));
    return absent ? undefined : pieces;
  }

  segmentNames(manifest: Uint8Array): Promise<string[]> {
    return this.#inner.segmentNames(manifest);
  }

  manifestInfo(manifest: Uint8Array): Promise<ManifestInfo> {
    return this.#inner.manifestInfo(manifest);
  }

  renumber(manifest: Uint8Array, generation: number): Promise<Uint8Array> {
    return this.#inner.renumber(manifest, generation);
  }

  checkSegment(name: string, bytes: Uint8Array): Promise<Uint8Array> {
    return this.#inner.checkSegment(name, bytes);
  }

  addSegment(name: string, bytes: Uint8Array): Promise<void> {
    return this.#inner.addSegment(name, bytes);
  }

  beginSegment(name: string, start: Uint8Array): Promise<PartNeed[]> {
    return this.#inner.beginSegment(name, start);
  }

  supply(parts: SuppliedPart[]): Promise<PartNeed[]> {
    return this.#inner.supply(parts);
  }

  trim(budgetBytes: number): Promise<number> {
    return this.#inner.trim(budgetBytes);
  }

  open(manifest: Uint8Array): Promise<number> {
    return this.#inner.open(manifest);
  }

  commit(change: Change): Promise<Uint8Array> {
    return this.#inner.commit(change);
  }

  unchanged(files: ScreenFile[]): Promise<boolean[]> {
    return this.#inner.unchanged(files);
  }

  paths(among?: readonly string[]): Promise<string[]> {
    return this.#inner.paths(among);
  }

  compactionPlan(mode: 'tiered' | 'full'): Promise<string[][]> {
    return this.#inner.compactionPlan(mode);
  }

  tombstones(segment: string): Promise<Uint32Array> {
    return this.#inner.tombstones(segment);
  }

  stats(): Promise<IndexStats> {
    return this.#inner.stats();
  }

  languages(): Promise<LanguageInfo[]> {
    return this.#inner.languages();
  }

  revive(): Promise<void> {
    return this.#inner.revive();
  }

  close(): void {
    this.#inner.close();
  }
}

function rangesOf({ ranges }: PartNeed): ByteRange[] {
  const pairs: ByteRange[] = [];
  for (let at = 0; at + 1 < ranges.length; at += 2) pairs.push({ start: ranges[at] as number, end: ranges[at + 1] as number });
  return pairs;
}

/** Copies what of a piece belongs into bytes that stand at `at`. */
function copyInto(bytes: Uint8Array, at: number, piece: BytePiece): void {
  const from = Math.max(at, piece.start);
  const to = Math.min(at + bytes.byteLength, piece.start + piece.bytes.byteLength);
  if (from < to) bytes.set(piece.bytes.subarray(from - piece.start, to - piece.start), from - at);
}

function isPassing(details: unknown): boolean {
  const status = typeof details === 'object' && details !== null && 'status' in details ? Number(details.status) : 0;
  return status >= 500 || status === 429 || status === 408;
}
