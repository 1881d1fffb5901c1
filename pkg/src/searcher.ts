/**
 * The searching side as the coordinator sees it: an open index that answers queries and writes the next manifest.
 *
 * In Node and workerd it is in-process ({@link LocalSearcher}); in a browser it lives in a worker of its own ({@link RemoteSearcher}). It parses
 * nothing and never waits for a builder.
 */

import type { IndexStats, LanguageInfo, ManifestInfo, PartNeed, ReferAnswer, ReferQuestion, SearchOptions, SearchResult, SymbolInfo, VectorInfo } from './engine.js';
import { release } from './bytes.js';
import { CodequarryError, isTrap, toError } from './errors.js';
import { startRegexEngine } from './regex-engine.js';
import { Client, type Port } from './rpc.js';
import { type SearcherEngine, searcherInstance } from './searcher-instance.js';

type EngineIndex = InstanceType<SearcherEngine['Index']>;

/** The changes of one commit. */
export interface Change {
  /** Names of segments that were supplied and become part of the index. Their files supersede files of the same path. */
  add: string[];
  /** Paths that leave the index. */
  remove: string[];
  /** Names of segments whose content is in one of `add` now. */
  replace: string[];
}

/** A line of a file, from 1, and with it the chunk that holds it. */
export interface ChunkPlace {
  path: string;
  line: number;
}

/** Files to be compared with the index. */
export interface ScreenFile {
  path: string;
  bytes: Uint8Array;
}

/** Bytes of a segment's file, and where they stand in it. */
export interface SuppliedPart {
  segment: string;
  start: number;
  bytes: Uint8Array;
}

/** How far something is fetched, in bytes. */
export interface FetchProgress {
  done: number;
  total: number;
}

/** Options of fetching what takes a while. */
export interface FetchOptions {
  /** Called after each piece. */
  onProgress?: ((progress: FetchProgress) => void) | undefined;
  /** Aborting rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** What is special about an index that is open in parts. */
export interface PartsView {
  /** Bytes of parts that were held after the last answer that fetched some. */
  readonly heldBytes: number;
  /** Bytes that are kept at most. */
  readonly budgetBytes: number;
  /** Fetches what a search by vectors lacks. */
  fetchVectors(options?: FetchOptions): Promise<void>;
}

/** What an open index does, wherever it lives. What a segment lacks that is open in parts, a call says by `PARTS_MISSING`, with the needs as details. */
export interface Searcher {
  /** Names of the segments that a manifest needs and this searcher does not have. */
  missingSegments(manifest: Uint8Array): Promise<string[]>;
  /** Names of all segments that a manifest names. */
  segmentNames(manifest: Uint8Array): Promise<string[]>;
  /** What a manifest says of its generation. */
  manifestInfo(manifest: Uint8Array): Promise<ManifestInfo>;
  /** The same manifest as another generation. */
  renumber(manifest: Uint8Array, generation: number): Promise<Uint8Array>;
  /** Checks that bytes are the whole and sound segment of this name, and gives them back; the index stays as it is. */
  checkSegment(name: string, bytes: Uint8Array): Promise<Uint8Array>;
  /** Supplies a segment. It is searched once a manifest that names it is opened. The bytes may be moved away. */
  addSegment(name: string, bytes: Uint8Array): Promise<void>;
  /** Begins to open a segment by the first bytes of its file; resolves to what else that takes. */
  beginSegment(name: string, start: Uint8Array): Promise<PartNeed[]>;
  /** Supplies parts of segments; resolves to what segments lack that are being opened. The bytes may be moved away. */
  supply(parts: SuppliedPart[]): Promise<PartNeed[]>;
  /** What a search by vectors lacks; nothing when they are there, or when there are none. */
  wantVectors(): Promise<PartNeed[]>;
  /** Lets parts go until at most so many bytes are held; resolves to how many still are. */
  trim(budgetBytes: number): Promise<number>;
  /** Switches to the generation of a manifest; resolves to it. */
  open(manifest: Uint8Array): Promise<number>;
  /** Writes the manifest of the next generation, without opening it. */
  commit(change: Change): Promise<Uint8Array>;
  /** Tells for each file whether the index holds it with this very content. */
  unchanged(files: ScreenFile[]): Promise<boolean[]>;
  /** Live paths, in the engine's order. */
  /** The live paths, in order; or those of some paths that are alive. */
  paths(among?: readonly string[]): Promise<string[]>;
  /** Groups of segments worth merging. */
  compactionPlan(mode: 'tiered' | 'full'): Promise<string[][]>;
  /** Ordinals of dead files of a segment. */
  tombstones(segment: string): Promise<Uint32Array>;
  stats(): Promise<IndexStats>;
  /** `vector`: the query's, by the host's own embedder. */
  search(query: string, options: SearchOptions, vector?: Float32Array): Promise<SearchResult>;
  /** Whether it fetches what answers need, of a snapshot that stays where it is. */
  readonly inParts: boolean;
  /** Where it does: how, and what is held. */
  readonly parts?: PartsView | undefined;
  /** More like the chunk that holds a line of a file, in steps between which searches are answered. */
  similar(at: ChunkPlace, options: SearchOptions): Promise<SearchResult>;
  /** Who made the vectors; undefined when some of the index has none, or they differ. */
  vectors(): Promise<VectorInfo | undefined>;
  /** Takes the model that queries are embedded with, for as long as it lives. */
  setModel(bytes: Uint8Array): Promise<void>;
  /** Supplies the module for regexes, which a search without it asks for by `REGEX_UNAVAILABLE`. */
  setRegex(module: WebAssembly.Module): Promise<void>;
  symbols(options: { path?: string; limit?: number }): Promise<SymbolInfo[]>;
  /** Definitions, references, callers or callees of symbols. */
  refer(question: ReferQuestion): Promise<ReferAnswer>;
  /** The indexed text of a file. */
  file(path: string): Promise<string | undefined>;
  /** Every language that the engine knows. */
  languages(): Promise<LanguageInfo[]>;
  /** Makes it usable, and empty, after an error that {@link isLost}. */
  revive(): Promise<void>;
  close(): void;
}

/** True for an error after which a searcher holds nothing any more, until it is revived. */
export function isLost(error: unknown): boolean {
  return error instanceof CodequarryError && (error.code === 'ENGINE_TRAP' || error.code === 'WORKER_DIED');
}

/** A searcher in this realm. What the engine throws becomes a CodequarryError here. */
export class LocalSearcher implements Searcher {
  readonly inParts = false;
  readonly #module: WebAssembly.Module;
  readonly #engine: SearcherEngine;
  #era = searcherInstance.era;
  #index: EngineIndex | undefined;
  #broken = false;
  #model: Uint8Array | undefined;

  private constructor(module: WebAssembly.Module, engine: SearcherEngine) {
    this.#module = module;
    this.#engine = engine;
    this.#index = new engine.Index();
  }

  /** An empty index in this realm's engine, which is started when it is not. */
  static async start(module: WebAssembly.Module): Promise<LocalSearcher> {
    return new LocalSearcher(module, await searcherInstance.start(module));
  }

  async revive(): Promise<void> {
    if (!this.#index) throw closed();
    searcherInstance.discard(this.#era);
    await searcherInstance.start(this.#module);
    this.#era = searcherInstance.era;
    this.#index = new this.#engine.Index();
    this.#broken = false;
    if (this.#model) this.#engine.setModel(this.#model);
  }

  async missingSegments(manifest: Uint8Array): Promise<string[]> {
    return this.#with((index) => index.missingSegments(manifest));
  }

  async segmentNames(manifest: Uint8Array): Promise<string[]> {
    return this.#with(() => {
      const empty = new this.#engine.Index();
      try {
        return empty.missingSegments(manifest);
      } finally {
        empty.free();
      }
    });
  }

  async manifestInfo(manifest: Uint8Array): Promise<ManifestInfo> {
    return this.#with(() => this.#engine.manifestInfo(manifest));
  }

  async renumber(manifest: Uint8Array, generation: number): Promise<Uint8Array> {
    return this.#with(() => this.#engine.renumberManifest(manifest, generation));
  }

  async checkSegment(name: string, bytes: Uint8Array): Promise<Uint8Array> {
    return this.#with(() => {
      const scratch = new this.#engine.Index();
      try {
        scratch.addSegment(name, bytes);
        return bytes;
      } finally {
        scratch.free();
      }
    });
  }

  async addSegment(name: string, bytes: Uint8Array): Promise<void> {
    this.#with((index) => index.addSegment(name, bytes));
    release(bytes);
  }

  async beginSegment(name: string, start: Uint8Array): Promise<PartNeed[]> {
    return this.#with((index) => {
      index.beginSegment(name, start);
      return index.takeNeeds();
    });
  }

  async supply(parts: SuppliedPart[]): Promise<PartNeed[]> {
    return this.#with((index) => {
      for (const { segment, start, bytes } of parts) index.supply(segment, start, bytes);
      return index.takeNeeds();
    });
  }

  async wantVectors(): Promise<PartNeed[]> {
    return this.#with((index) => index.wantVectors());
  }

  async trim(budgetBytes: number): Promise<number> {
    return this.#with((index) => index.trim(budgetBytes));
  }

  async open(manifest: Uint8Array): Promise<number> {
    return this.#with((index) => {
      index.open(manifest);
      return index.generation();
    });
  }

  async commit(change: Change): Promise<Uint8Array> {
    return this.#with((index) => index.commit(change));
  }

  async unchanged(files: ScreenFile[]): Promise<boolean[]> {
    return this.#with((index) => files.map((file) => index.unchanged(file.path, this.#engine.contentHash(file.bytes))));
  }

  async paths(among?: readonly string[]): Promise<string[]> {
    return this.#with((index) => (among ? among.filter((path) => index.has(path)) : index.paths()));
  }

  async compactionPlan(mode: 'tiered' | 'full'): Promise<string[][]> {
    return this.#with((index) => index.compactionPlan(mode).map((group) => group.segments));
  }

  async tombstones(segment: string): Promise<Uint32Array> {
    return this.#with((index) => index.tombstones(segment));
  }

  async stats(): Promise<IndexStats> {
    return this.#with((index) => index.stats());
  }

  async search(query: string, options: SearchOptions, vector?: Float32Array): Promise<SearchResult> {
    return this.#with((index) => index.search(query, options, vector));
  }

  async similar({ path, line }: ChunkPlace, options: SearchOptions): Promise<SearchResult> {
    const question = this.#with(() => new this.#engine.Similar(path, line, options));
    const era = this.#era;
    try {
      for (;;) {
        const found = this.#with((index) => index.similar(question));
        if (found) return found;
        // Whatever waits is answered between two steps.
        await new Promise((resolve) => setTimeout(resolve));
        if (era !== this.#era) throw new CodequarryError('ENGINE_TRAP', 'the engine was started again');
      }
    } finally {
      if (era === searcherInstance.era && !this.#broken) question.free();
    }
  }

  async vectors(): Promise<VectorInfo | undefined> {
    return this.#with((index) => index.vectors());
  }

  async setModel(bytes: Uint8Array): Promise<void> {
    this.#with(() => this.#engine.setModel(bytes));
    this.#model = bytes;
  }

  async setRegex(module: WebAssembly.Module): Promise<void> {
    this.#with((index) => index.setRegex(startRegexEngine(module)));
  }

  async symbols(options: { path?: string; limit?: number }): Promise<SymbolInfo[]> {
    return this.#with((index) => index.symbols(options));
  }

  async refer(question: ReferQuestion): Promise<ReferAnswer> {
    return this.#with((index) => index.refer(question));
  }

  async file(path: string): Promise<string | undefined> {
    return this.#with((index) => index.file(path));
  }

  async languages(): Promise<LanguageInfo[]> {
    return this.#engine.languages();
  }

  close(): void {
    // What trapped cannot be freed; it goes with its instance.
    if (this.#era === searcherInstance.era && !this.#broken) this.#index?.free();
    this.#index = undefined;
  }

  #with<T>(work: (index: EngineIndex) => T): T {
    if (!this.#index) throw closed();
    try {
      return work(this.#index);
    } catch (error) {
      this.#broken ||= isTrap(error);
      const known = toError(error, 'ENGINE_TRAP');
      // Needs are forgotten with the call that had them, so they go with its error.
      throw known.code === 'PARTS_MISSING' ? new CodequarryError(known.code, known.message, { details: this.#index.takeNeeds() }) : known;
    }
  }
}

/** The methods of a worker in the role of a searcher: those of {@link Searcher}, with one argument each. */
export interface SearcherService {
  startSearcher(argument: { module: WebAssembly.Module }): void;
  missingSegments(manifest: Uint8Array): string[];
  segmentNames(manifest: Uint8Array): string[];
  manifestInfo(manifest: Uint8Array): ManifestInfo;
  renumber(argument: { manifest: Uint8Array; generation: number }): Uint8Array;
  checkSegment(argument: { name: string; bytes: Uint8Array }): Uint8Array;
  addSegment(argument: { name: string; bytes: Uint8Array }): void;
  beginSegment(argument: { name: string; start: Uint8Array }): PartNeed[];
  supply(parts: SuppliedPart[]): PartNeed[];
  wantVectors(argument: undefined): PartNeed[];
  trim(budgetBytes: number): number;
  open(manifest: Uint8Array): number;
  commit(change: Change): Uint8Array;
  unchanged(files: ScreenFile[]): boolean[];
  paths(among: readonly string[] | undefined): string[];
  compactionPlan(mode: 'tiered' | 'full'): string[][];
  tombstones(segment: string): Uint32Array;
  stats(argument: undefined): IndexStats;
  search(argument: { query: string; options: SearchOptions; vector: Float32Array | undefined }): SearchResult;
  similar(argument: { at: ChunkPlace; options: SearchOptions }): SearchResult;
  vectors(argument: undefined): VectorInfo | undefined;
  setModel(bytes: Uint8Array): void;
  setRegex(module: WebAssembly.Module): void;
  symbols(options: { path?: string; limit?: number }): SymbolInfo[];
  refer(question: ReferQuestion): ReferAnswer;
  file(path: string): string | undefined;
  languages(argument: undefined): LanguageInfo[];
}

/** A searcher in a worker. */
export class RemoteSearcher implements Searcher {
  readonly inParts = false;
  readonly #spawn: () => Port;
  readonly #module: WebAssembly.Module;
  #client: Client<SearcherService>;
  #closed = false;
  #model: Uint8Array | undefined;

  private constructor(spawn: () => Port, module: WebAssembly.Module) {
    this.#spawn = spawn;
    this.#module = module;
    this.#client = new Client<SearcherService>(spawn());
  }

  /** An empty index in a worker of its own. */
  static async start(spawn: () => Port, module: WebAssembly.Module): Promise<RemoteSearcher> {
    const searcher = new RemoteSearcher(spawn, module);
    await searcher.#client.call('startSearcher', { module });
    return searcher;
  }

  async revive(): Promise<void> {
    if (this.#closed) throw closed();
    this.#client.fail(new CodequarryError('WORKER_DIED', 'the searcher was replaced'));
    this.#client = new Client<SearcherService>(this.#spawn());
    await this.#client.call('startSearcher', { module: this.#module });
    if (this.#model) await this.#client.call('setModel', this.#model);
  }

  missingSegments(manifest: Uint8Array): Promise<string[]> {
    return this.#client.call('missingSegments', manifest);
  }

  segmentNames(manifest: Uint8Array): Promise<string[]> {
    return this.#client.call('segmentNames', manifest);
  }

  manifestInfo(manifest: Uint8Array): Promise<ManifestInfo> {
    return this.#client.call('manifestInfo', manifest);
  }

  renumber(manifest: Uint8Array, generation: number): Promise<Uint8Array> {
    return this.#client.call('renumber', { manifest, generation });
  }

  checkSegment(name: string, bytes: Uint8Array): Promise<Uint8Array> {
    return this.#client.call('checkSegment', { name, bytes }, wholeBuffer(bytes));
  }

  async addSegment(name: string, bytes: Uint8Array): Promise<void> {
    await this.#client.call('addSegment', { name, bytes }, wholeBuffer(bytes));
  }

  beginSegment(name: string, start: Uint8Array): Promise<PartNeed[]> {
    return this.#client.call('beginSegment', { name, start });
  }

  supply(parts: SuppliedPart[]): Promise<PartNeed[]> {
    return this.#client.call('supply', parts);
  }

  wantVectors(): Promise<PartNeed[]> {
    return this.#client.call('wantVectors', undefined);
  }

  trim(budgetBytes: number): Promise<number> {
    return this.#client.call('trim', budgetBytes);
  }

  open(manifest: Uint8Array): Promise<number> {
    return this.#client.call('open', manifest);
  }

  commit(change: Change): Promise<Uint8Array> {
    return this.#client.call('commit', change);
  }

  unchanged(files: ScreenFile[]): Promise<boolean[]> {
    return this.#client.call('unchanged', files);
  }

  paths(among?: readonly string[]): Promise<string[]> {
    return this.#client.call('paths', among);
  }

  compactionPlan(mode: 'tiered' | 'full'): Promise<string[][]> {
    return this.#client.call('compactionPlan', mode);
  }

  tombstones(segment: string): Promise<Uint32Array> {
    return this.#client.call('tombstones', segment);
  }

  stats(): Promise<IndexStats> {
    return this.#client.call('stats', undefined);
  }

  search(query: string, options: SearchOptions, vector?: Float32Array): Promise<SearchResult> {
    return this.#client.call('search', { query, options, vector });
  }

  similar(at: ChunkPlace, options: SearchOptions): Promise<SearchResult> {
    return this.#client.call('similar', { at, options });
  }

  vectors(): Promise<VectorInfo | undefined> {
    return this.#client.call('vectors', undefined);
  }

  async setModel(bytes: Uint8Array): Promise<void> {
    await this.#client.call('setModel', bytes);
    this.#model = bytes;
  }

  setRegex(module: WebAssembly.Module): Promise<void> {
    return this.#client.call('setRegex', module);
  }

  symbols(options: { path?: string; limit?: number }): Promise<SymbolInfo[]> {
    return this.#client.call('symbols', options);
  }

  refer(question: ReferQuestion): Promise<ReferAnswer> {
    return this.#client.call('refer', question);
  }

  file(path: string): Promise<string | undefined> {
    return this.#client.call('file', path);
  }

  languages(): Promise<LanguageInfo[]> {
    return this.#client.call('languages', undefined);
  }

  close(): void {
    this.#closed = true;
    this.#client.fail(closed());
  }
}

function closed(): CodequarryError {
  return new CodequarryError('CLOSED', 'this index was closed');
}

/** The buffer of these bytes, to be moved, when it holds nothing else. */
export function wholeBuffer(bytes: Uint8Array): ArrayBuffer[] {
  return bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : [];
}
