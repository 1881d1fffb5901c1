/**
 * The searching side as the coordinator sees it: an open index that answers queries and writes the next manifest.
 *
 * In Node and workerd it is in-process ({@link LocalSearcher}); in a browser it lives in a worker of its own ({@link RemoteSearcher}). It parses
 * nothing and never waits for a builder.
 */

import type { Engine } from './engine-instance.js';
import type { IndexStats, LanguageInfo, SearchOptions, SearchResult, SymbolInfo } from './engine.js';
import { CodequarryError, toError } from './errors.js';
import type { Client } from './rpc.js';

type EngineIndex = InstanceType<Engine['Index']>;

/** The changes of one commit. */
export interface Change {
  /** Names of segments that were supplied and become part of the index. Their files supersede files of the same path. */
  add: string[];
  /** Paths that leave the index. */
  remove: string[];
  /** Names of segments whose content is in one of `add` now. */
  replace: string[];
}

/** Files to be compared with the index. */
export interface ScreenFile {
  path: string;
  bytes: Uint8Array;
}

/** What an open index does, wherever it lives. */
export interface Searcher {
  /** Names of the segments that a manifest needs and this searcher does not have. */
  missingSegments(manifest: Uint8Array): Promise<string[]>;
  /** Names of all segments that a manifest names. */
  segmentNames(manifest: Uint8Array): Promise<string[]>;
  /** Supplies a segment. It is searched once a manifest that names it is opened. The bytes may be moved away. */
  addSegment(name: string, bytes: Uint8Array): Promise<void>;
  /** Switches to the generation of a manifest; resolves to it. */
  open(manifest: Uint8Array): Promise<number>;
  /** Writes the manifest of the next generation, without opening it. */
  commit(change: Change): Promise<Uint8Array>;
  /** Tells for each file whether the index holds it with this very content. */
  unchanged(files: ScreenFile[]): Promise<boolean[]>;
  /** Live paths, in the engine's order. */
  paths(): Promise<string[]>;
  /** Groups of segments worth merging. */
  compactionPlan(mode: 'tiered' | 'full'): Promise<string[][]>;
  /** Ordinals of dead files of a segment. */
  tombstones(segment: string): Promise<Uint32Array>;
  stats(): Promise<IndexStats>;
  search(query: string, options: SearchOptions): Promise<SearchResult>;
  symbols(options: { path?: string; limit?: number }): Promise<SymbolInfo[]>;
  /** The indexed text of a file. */
  file(path: string): Promise<string | undefined>;
  /** Every language that the engine knows. */
  languages(): Promise<LanguageInfo[]>;
  close(): void;
}

/** A searcher in this realm. What the engine throws becomes a CodequarryError here. */
export class LocalSearcher implements Searcher {
  readonly #engine: Engine;
  #index: EngineIndex | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#index = new engine.Index();
  }

  async missingSegments(manifest: Uint8Array): Promise<string[]> {
    return this.#with((index) => index.missingSegments(manifest));
  }

  async segmentNames(manifest: Uint8Array): Promise<string[]> {
    const empty = new LocalSearcher(this.#engine);
    try {
      return await empty.missingSegments(manifest);
    } finally {
      empty.close();
    }
  }

  async addSegment(name: string, bytes: Uint8Array): Promise<void> {
    this.#with((index) => index.addSegment(name, bytes));
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

  async paths(): Promise<string[]> {
    return this.#with((index) => index.paths());
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

  async search(query: string, options: SearchOptions): Promise<SearchResult> {
    return this.#with((index) => index.search(query, options));
  }

  async symbols(options: { path?: string; limit?: number }): Promise<SymbolInfo[]> {
    return this.#with((index) => index.symbols(options));
  }

  async file(path: string): Promise<string | undefined> {
    return this.#with((index) => index.file(path));
  }

  async languages(): Promise<LanguageInfo[]> {
    return this.#engine.languages();
  }

  close(): void {
    this.#index?.free();
    this.#index = undefined;
  }

  #with<T>(work: (index: EngineIndex) => T): T {
    if (!this.#index) throw new CodequarryError('CLOSED', 'this index was closed');
    try {
      return work(this.#index);
    } catch (error) {
      throw toError(error, 'ENGINE_TRAP');
    }
  }
}

/** The methods of a worker in the role of a searcher: those of {@link Searcher}, with one argument each. */
export interface SearcherService {
  startSearcher(argument: { module: WebAssembly.Module }): void;
  missingSegments(manifest: Uint8Array): string[];
  segmentNames(manifest: Uint8Array): string[];
  addSegment(argument: { name: string; bytes: Uint8Array }): void;
  open(manifest: Uint8Array): number;
  commit(change: Change): Uint8Array;
  unchanged(files: ScreenFile[]): boolean[];
  paths(argument: undefined): string[];
  compactionPlan(mode: 'tiered' | 'full'): string[][];
  tombstones(segment: string): Uint32Array;
  stats(argument: undefined): IndexStats;
  search(argument: { query: string; options: SearchOptions }): SearchResult;
  symbols(options: { path?: string; limit?: number }): SymbolInfo[];
  file(path: string): string | undefined;
  languages(argument: undefined): LanguageInfo[];
}

/** A searcher in a worker. */
export class RemoteSearcher implements Searcher {
  readonly #client: Client<SearcherService>;

  /** @param client of a worker that was told `startSearcher` */
  constructor(client: Client<SearcherService>) {
    this.#client = client;
  }

  missingSegments(manifest: Uint8Array): Promise<string[]> {
    return this.#client.call('missingSegments', manifest);
  }

  segmentNames(manifest: Uint8Array): Promise<string[]> {
    return this.#client.call('segmentNames', manifest);
  }

  async addSegment(name: string, bytes: Uint8Array): Promise<void> {
    const whole = bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer;
    await this.#client.call('addSegment', { name, bytes }, whole ? [bytes.buffer as ArrayBuffer] : []);
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

  paths(): Promise<string[]> {
    return this.#client.call('paths', undefined);
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

  search(query: string, options: SearchOptions): Promise<SearchResult> {
    return this.#client.call('search', { query, options });
  }

  symbols(options: { path?: string; limit?: number }): Promise<SymbolInfo[]> {
    return this.#client.call('symbols', options);
  }

  file(path: string): Promise<string | undefined> {
    return this.#client.call('file', path);
  }

  languages(): Promise<LanguageInfo[]> {
    return this.#client.call('languages', undefined);
  }

  close(): void {
    this.#client.fail(new CodequarryError('CLOSED', 'this index was closed'));
  }
}
