/**
 * The index as its user sees it: open, add, search, remove, close. The entries of the runtimes (`node.ts`, `browser.ts`, `workerd.ts`) derive
 * their `Codequarry` from it.
 */

import { unlessAborted } from './abort.js';
import { type ImportOptions, importArchive } from './archive/import.js';
import { exportArchive } from './archive/write.js';
import type { BuilderSettings, FileOutline, Hit, IndexStats, LanguageInfo, SearchOptions as EngineSearchOptions, SearchResult } from './engine.js';
import { type HostEmbedder, checkEmbedder } from './embedder.js';
import { CodequarryError, toError } from './errors.js';
import { EventHub } from './events.js';
import { GrammarShelf } from './grammar-shelf.js';
import { Ingest, type Workshop, compact, compactionWarning } from './ingest.js';
import type { LanguageDefinition } from './languages.js';
import { ModelShelf } from './model-shelf.js';
import { compileModule } from './modules.js';
import { outlineFiles } from './outline.js';
import { type OutlineSymbol, SymbolReader, nested } from './references.js';
import { type ChunkLimits, checkChunks } from './tokenizer.js';
import { BuilderPool } from './pool.js';
import { ProgressMeter, totalOf } from './progress.js';
import { QueryVectors } from './query-vectors.js';
import type { EngineOptions, Platform } from './runtime.js';
import { type Generation, generationsOf, rollBack } from './rollback.js';
import { type ChunkPlace, type FetchOptions, LocalSearcher, RemoteSearcher, type Searcher, isLost } from './searcher.js';
import { ReadAhead } from './persist/read-ahead.js';
import { type PersistOptions, Snapshot } from './snapshot.js';
import { PartialSearcher } from './partial.js';
import { HttpStore } from './stores/http.js';
import { MemoryStore } from './stores/memory.js';
import type { ArchiveInput } from './sources/archive-input.js';
import type { Store } from './stores/store.js';
import { type VerifyOptions, type VerifyReport, verifySnapshot } from './verify.js';
import type { AddOptions, AddReport, Files, LongOptions, QuarryEvent, SearchOptions } from './types.js';

/** Options of `Codequarry.open`. */
export interface OpenOptions {
  /** Where the snapshot is kept. Default: what the name stands for, or memory when there is no name either. */
  store?: Store | undefined;
  /** Builders at most, from 1. Default: one a processor core (in a browser one less), 8 at most. */
  workers?: number | undefined;
  /** Discards whatever the store holds, readable or not, before anything else. Default false. */
  reset?: boolean | undefined;
  /**
   * What happens when the store that a name stands for may not be used (a private window, storage that is blocked, a read-only or full disk): `throw` its error, or keep the index in
   * `memory` for as long as it is open, with a `warning`. Default `throw`.
   */
  whenDenied?: 'throw' | 'memory' | undefined;
  /** How changes become durable. */
  persist?: PersistOptions | undefined;
  /** Whether to open what other writers have written, where the store hears of it (browsers do, from other tabs). Default true. */
  follow?: boolean | undefined;
  /** Goes back to the generation before the last change, before anything else: for a snapshot whose newest generation cannot be read. Default false. */
  rollback?: boolean | undefined;
  /**
   * Whether to read only the parts of the snapshot that answers need, and to keep no more of them than `partCacheBytes`. Default `auto`: when it is over 4 MB and far away
   * (HTTP, KV). `true` is for memory: a tab that only searches a large index in IndexedDB or OPFS then holds some megabytes of it. It is never right for a store from which a
   * part costs as much as the whole.
   */
  partial?: boolean | 'auto' | undefined;
  /** Parts that are kept, in bytes; the least recently used go first. Default 32 MiB. */
  partCacheBytes?: number | undefined;
  /**
   * Who makes vectors of code and queries: the package's own model (`default`), nobody (`false`: searches are lexical), or an embedder of the host's. Vectors that are in a
   * snapshot already stay. Default `default`.
   */
  embedder?: 'default' | false | HostEmbedder | undefined;
  /** Options of the builders. Default: the engine's. Files indexed under other options are not indexed again by themselves. */
  builder?: BuilderSettings | undefined;
  /** Limits chunks in tokens, too. Default: bytes alone limit them. Like options of the builders this counts for what is indexed from now on. */
  chunks?: ChunkLimits | undefined;
  /** Languages besides those that are built in, as {@link Quarry.addLanguage} takes them. */
  languages?: readonly LanguageDefinition[] | undefined;
  /** Where engine, grammars and worker script are, when not beside this package's code. */
  engine?: EngineOptions | undefined;
  /** Hears of everything that is worth telling, from the beginning. */
  onEvent?: ((event: QuarryEvent) => void) | undefined;
}

/** The parts of an open index. */
export interface QuarryParts extends Workshop {
  events: EventHub;
  store: Store;
  /** Whether to open what other writers have written. */
  follow: boolean;
  vectors: QueryVectors;
  /** Starts another searcher, which holds nothing. */
  startSearcher: () => Promise<Searcher>;
  /** Starts what checks segments. */
  startVerifier: () => BuilderPool;
  /** Compiles the module for regexes. */
  regex: () => Promise<WebAssembly.Module>;
}

/** Options of `Codequarry.import`: where the archive goes, and what may be lost by it. */
export type ImportTarget = OpenOptions & ImportOptions;

/** Imports an archive and opens what it brought. */
export function importParts(platform: Platform, target: string | ImportTarget, archive: ArchiveInput, more: ImportTarget = {}): Promise<QuarryParts> {
  const { replace, signal } = typeof target === 'string' ? more : target;
  return openParts(platform, target, more, (store, engine) => importArchive(archive, store, engine, { replace, signal }));
}

/**
 * Opens an index on a platform.
 *
 * @param prepare is done to the store before the snapshot in it is opened
 */
export async function openParts(
  platform: Platform,
  target: string | OpenOptions,
  more: OpenOptions = {},
  prepare?: (store: Store, searcher: Searcher) => Promise<unknown>,
): Promise<QuarryParts> {
  const options: OpenOptions = typeof target === 'string' ? more : target;
  const { workers } = options;
  if (workers !== undefined && (!Number.isInteger(workers) || workers < 1)) {
    throw new CodequarryError('OPTION_INVALID', `workers is ${workers}; it must be a whole number from 1`);
  }
  const { embedder = 'default' } = options;
  if (typeof embedder === 'object') checkEmbedder(embedder);
  const tokens = options.chunks && checkChunks(options.chunks, platform.name === 'workerd');
  const vectors = embedder === 'default' ? new ModelShelf(platform, options.engine?.model) : embedder || undefined;
  const events = new EventHub();
  if (options.onEvent) events.on(options.onEvent);
  const starting = compileModule(platform, 'searcher', options.engine).then(async (module) => ({ module, searcher: await startSearcher(platform, module, options.engine) }));
  // Whoever waits for it hears of its failure.
  starting.catch(() => undefined);
  const opening = options.store ?? (typeof target === 'string' ? openStore(platform, target, options, events) : new MemoryStore());
  let store: Store | undefined;
  let searcher: Searcher | undefined;
  try {
    store = await opening;
    const { partial = 'auto', partCacheBytes: cacheBytes } = options;
    const inParts = partial === true || (partial === 'auto' && PartialSearcher.suits(store));
    const asItIs = !inParts && !options.reset && !options.rollback && !prepare;
    const ahead = asItIs ? new ReadAhead(store, () => vectors instanceof ModelShelf && vectors.readAhead()) : undefined;
    const { module, searcher: whole } = await starting;
    searcher = inParts ? new PartialSearcher(whole, store, { auto: partial === 'auto', cacheBytes }) : whole;
    const snapshot = new Snapshot(store, searcher, events.emit, options.persist, ahead);
    if (options.reset) await store.clear();
    if (options.rollback) await rollBack(store, searcher);
    await prepare?.(store, searcher);
    await snapshot.load();
    const pool = new BuilderPool({
      spawn: () => platform.spawn(options.engine ?? {}),
      module: () => compileModule(platform, 'builder', options.engine),
      grammars: new GrammarShelf(platform, options.engine?.grammars),
      size: workers ?? platform.concurrency(),
      builder: options.builder,
      tokens,
      embedder: vectors,
      onUnembedded: ({ code, message }) => events.emit({ type: 'warning', code, message: `indexed without vectors: ${message}` }),
    });
    try {
      for (const language of options.languages ?? []) await pool.addLanguage(language);
    } catch (error) {
      pool.close();
      throw error;
    }
    return { regex: () => compileModule(platform, 'regex', options.engine), snapshot, searcher, pool, events, store, follow: options.follow ?? true, vectors: new QueryVectors(vectors), startSearcher: () => startSearcher(platform, module, options.engine), startVerifier: () => startVerifier(platform, options.engine) };
  } catch (error) {
    if (searcher) searcher.close();
    else starting.then((started) => started.searcher.close(), () => undefined);
    await store?.close();
    throw error;
  }
}

/** Codes of a store that cannot even be made. */
const DENIED = new Set(['STORE_DENIED', 'STORE_READ_ONLY', 'STORE_QUOTA']);

/** The store that a name stands for, or the one that is used instead. An address is one everywhere; any other name means what the platform says. */
async function openStore(platform: Platform, name: string, options: OpenOptions, events: EventHub): Promise<Store> {
  try {
    return /^https?:\/\//.test(name) ? new HttpStore(name) : await platform.openStore(name);
  } catch (error) {
    const { code, message } = toError(error);
    if (!DENIED.has(code) || options.whenDenied !== 'memory') throw error;
    events.emit({ type: 'warning', code, message: `the index is kept in memory only: ${message}` });
    return new MemoryStore();
  }
}

/** Checks a snapshot without opening it. */
export async function verifyStore(platform: Platform, target: string | OpenOptions, more: OpenOptions & VerifyOptions = {}): Promise<VerifyReport> {
  const options: OpenOptions & VerifyOptions = typeof target === 'string' ? more : { ...target, ...more };
  const store = options.store ?? (typeof target === 'string' ? await openStore(platform, target, options, new EventHub()) : new MemoryStore());
  const searcher = await startSearcher(platform, await compileModule(platform, 'searcher', options.engine), options.engine);
  const verifier = startVerifier(platform, options.engine);
  try {
    return await verifySnapshot(store, searcher, verifier, options);
  } finally {
    verifier.close();
    searcher.close();
    await store.close();
  }
}

/** A builder that has nothing to build with, but can check segments. */
function startVerifier(platform: Platform, options: EngineOptions = {}): BuilderPool {
  return new BuilderPool({
    spawn: () => platform.spawn(options),
    module: () => compileModule(platform, 'builder', options),
    grammars: new GrammarShelf(platform, options.grammars),
    size: 1,
  });
}

function startSearcher(platform: Platform, module: WebAssembly.Module, options: EngineOptions = {}): Promise<Searcher> {
  return platform.searchesInWorker ? RemoteSearcher.start(() => platform.spawn(options), module) : LocalSearcher.start(module);
}

/**
 * A search index over source code.
 *
 * Reading methods may be called at any time and see the newest committed generation. Writing methods (`add`, `remove`, `compact`, `refresh`) take turns. After
 * `close` every method rejects with `CLOSED`.
 */
export class Quarry extends SymbolReader {
  readonly #parts: QuarryParts;
  /** Resolves when all writing so far is over. Never rejects. */
  #writing: Promise<unknown> = Promise.resolve();
  /** The merging of segments that is under way. Never rejects. */
  #tidying: Promise<void> | undefined;
  /** Whether segments came since it was last planned what to merge. */
  #untidy = false;
  readonly #unwatch: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  /** @internal Use `Codequarry.open`. */
  constructor(parts: QuarryParts) {
    super();
    this.#parts = parts;
    if (parts.follow) this.#unwatch = parts.store.watch?.(() => void this.#follow());
  }

  /** The generation that is being searched; 0 while nothing was ever indexed. */
  get generation(): number {
    return this.#parts.snapshot.generation;
  }

  /** Adds a listener of events; returns what removes it. */
  on(listener: (event: QuarryEvent) => void): () => void {
    return this.#parts.events.on(listener);
  }

  /**
   * Indexes files: new ones, and those whose content has changed; those that are indexed as they are cost a hash. What `add` has returned for is durable in the store, and so
   * is every batch that was committed before an error or an abort.
   *
   * @throws the signal's reason; CodequarryError: of the store (`STORE_QUOTA`, `STORE_READ_ONLY`, `STALE_GENERATION`, …), or what the source throws after its
   * last file (`ARCHIVE_TRUNCATED`, …), with the report as `details.report`. A file that cannot be indexed is no error: see {@link AddReport.problems}.
   */
  add(files: Files, options: AddOptions = {}): Promise<AddReport> {
    return this.#change(async () => {
      this.#parts.snapshot.beginOperation();
      const meter = new ProgressMeter('index', options, totalOf(files));
      try {
        const report = await new Ingest(this.#parts, options, meter).run(files);
        return { ...report, generation: this.generation };
      } finally {
        this.#untidy = true;
        this.#tidying ??= this.#tidy();
      }
    });
  }

  /**
   * Takes files out of the index; paths that are not in it are ignored.
   *
   * @returns how many were in it
   */
  remove(paths: string | Iterable<string>): Promise<number> {
    return this.#change(async () => {
      this.#parts.snapshot.beginOperation();
      const remove = await this.#parts.searcher.paths([...new Set(typeof paths === 'string' ? [paths] : paths)]);
      if (remove.length > 0) await this.#parts.snapshot.apply(undefined, remove);
      return remove.length;
    });
  }

  /**
   * Merges all segments into as few as the engine thinks right, without dead files. What is needed is done by itself, after an `add` and beside everything else; this
   * is for a snapshot that is about to be published.
   *
   * @returns how many segments were merged
   */
  compact(options: LongOptions = {}): Promise<number> {
    return this.#change(async () => {
      await this.#tidying;
      return compact(this.#parts, 'full', options.signal, new ProgressMeter('compact', options, () => undefined));
    });
  }

  /**
   * Takes the last `add`, `remove` or import back: the generation before it becomes the newest one, under a new number. Done twice it is as before. Changes that were written
   * together are taken back together.
   *
   * @returns the new generation
   * @throws CodequarryError `NO_PREVIOUS_GENERATION`; `SNAPSHOT_MISSING_SEGMENT` and others when what is to be gone back to is not whole; nothing is changed then
   */
  rollback(): Promise<number> {
    return this.#write(async () => {
      await this.#tidying;
      await this.#parts.snapshot.rollBack();
      return this.generation;
    });
  }

  /** The generations that the store keeps, newest first: the one that is searched, and the one that `rollback` goes back to. */
  async generations(): Promise<Generation[]> {
    this.#checkOpen();
    return generationsOf(this.#parts.snapshot.store, this.#parts.searcher);
  }

  /** How many changes are searched, but not durable yet: 0 unless something is being written, or the store fails. */
  get unsaved(): number {
    return this.#parts.snapshot.unsaved;
  }

  /**
   * Tries now to make durable what is not, instead of when it is due.
   *
   * @throws CodequarryError of the store; what could not be written stays to be written
   */
  flush(): Promise<void> {
    this.#checkOpen();
    return this.#parts.snapshot.flush();
  }

  /** Resolves when nothing is being added, merged or written any more. */
  async idle(): Promise<void> {
    this.#checkOpen();
    await this.#writing;
    await this.#tidying;
    await this.#parts.snapshot.saved().catch(() => undefined);
  }

  /**
   * Opens the newest generation of the store, if another writer has brought one.
   *
   * @returns whether there was one
   */
  refresh(): Promise<boolean> {
    return this.#write(() => this.#parts.snapshot.load());
  }

  /**
   * The best hits for a query, best first.
   *
   * @throws CodequarryError `OPTION_INVALID`
   */
  async search(query: string, options: SearchOptions = {}): Promise<Hit[]> {
    return (await this.query(query, options)).hits;
  }

  /**
   * The same with what is known about the result as a whole: the number of all hits, the mode, the generation.
   *
   * @throws CodequarryError `OPTION_INVALID`
   */
  async query(query: string, options: SearchOptions = {}): Promise<SearchResult> {
    const { signal } = options;
    signal?.throwIfAborted();
    const result = this.#ask((searcher) => this.#parts.vectors.search(searcher, query, engineOptions(options)));
    return signal ? unlessAborted(result, signal) : result;
  }

  /**
   * More like a chunk: by its vector, or by its rarest words where there are none. The work is done in steps, and searches are answered in between.
   *
   * @param chunk a hit, or a line of a file
   * @param options mode, prefix and cursor are of no account
   * @throws CodequarryError `OPTION_INVALID` when there is no such chunk
   */
  async similar(chunk: ChunkPlace | Pick<Hit, 'path' | 'startLine'>, options: SearchOptions = {}): Promise<SearchResult> {
    const { signal } = options;
    signal?.throwIfAborted();
    const at = { path: chunk.path, line: 'line' in chunk ? chunk.line : chunk.startLine };
    if (!Number.isInteger(at.line) || at.line < 1) throw new CodequarryError('OPTION_INVALID', `${at.line} is no line; lines count from 1`);
    const result = this.read((searcher) => searcher.similar(at, engineOptions(options)));
    return signal ? unlessAborted(result, signal) : result;
  }

  /**
   * Bytes of vectors that a search by meaning would fetch before it answers: 0 when they are here, undefined when there are none that could be used. The package's model comes on top,
   * unless it was needed before.
   */
  async vectorsToFetch(): Promise<number | undefined> {
    return this.read((searcher) => this.#parts.vectors.missingBytes(searcher));
  }

  /**
   * Fetches the vectors of a snapshot that is open in parts, and the model of any; from then on searches are hybrid unless they say otherwise. Where everything is here already, or there
   * are no vectors, it resolves at once.
   *
   * @throws CodequarryError `LIMIT_EXCEEDED` when they do not fit into `partCacheBytes`; `MODEL_UNAVAILABLE`; of the store; the signal's reason
   */
  async fetchVectors(options: FetchOptions = {}): Promise<void> {
    const { signal } = options;
    signal?.throwIfAborted();
    const fetching = this.read((searcher) => this.#parts.vectors.fetch(searcher, options));
    return signal ? unlessAborted(fetching, signal) : fetching;
  }

  /** How many bytes of the snapshot are held, and at most, where it is open in parts; undefined where it is held as a whole. */
  get parts(): { heldBytes: number; budgetBytes: number } | undefined {
    const parts = this.#parts.searcher.parts;
    return parts && { heldBytes: parts.heldBytes, budgetBytes: parts.budgetBytes };
  }

  /** Searches; brings the module for regexes when it is first needed. */
  async #ask(search: (searcher: Searcher) => Promise<SearchResult>): Promise<SearchResult> {
    try {
      return await this.read(search);
    } catch (error) {
      if (toError(error).code !== 'REGEX_UNAVAILABLE') throw error;
      const module = await this.#parts.regex();
      await this.read((searcher) => searcher.setRegex(module));
      return this.read(search);
    }
  }

  /** Figures of the index. */
  async stats(): Promise<IndexStats> {
    return this.read((searcher) => searcher.stats());
  }

  /** Paths of all files in the index. */
  async paths(): Promise<string[]> {
    return this.read((searcher) => searcher.paths());
  }

  /** The text of a file as it was indexed, or undefined when it is not in the index. */
  async file(path: string): Promise<string | undefined> {
    return this.read((searcher) => searcher.file(path));
  }

  /** Every language that the engine knows, with those that were added. */
  async languages(): Promise<LanguageInfo[]> {
    return this.#parts.pool.languages.list(await this.read((searcher) => searcher.languages()));
  }

  /**
   * Adds a language for what is indexed and outlined from now on, or replaces one that was added. Its grammar is loaded, and its rules are held against it. Nothing of it is
   * kept in the snapshot but what it made of the files: searching needs no rules.
   *
   * @throws CodequarryError `LANGUAGE_INVALID`, and nothing has changed
   */
  async addLanguage(definition: LanguageDefinition): Promise<void> {
    this.#checkOpen();
    await this.#parts.pool.addLanguage(definition);
  }

  /**
   * The newest generation as a `.cq` archive, read from the store as the stream is: one segment at a time. `Codequarry.import` takes it, here or anywhere else.
   *
   * The stream fails with CodequarryError `STORE_NOT_FOUND` when nothing was indexed yet, and with whatever is wrong with store or snapshot.
   */
  export(): ReadableStream<Uint8Array> {
    this.#checkOpen();
    const { snapshot, searcher } = this.#parts;
    return exportArchive(snapshot.store, searcher);
  }

  /**
   * Checks the newest generation in the store: every checksum and every cross reference. It reads everything and changes nothing. For a snapshot that cannot be opened see
   * `Codequarry.verify`.
   *
   * @throws CodequarryError of the store when it does not answer; the signal's reason
   */
  async verify(options: VerifyOptions = {}): Promise<VerifyReport> {
    this.#checkOpen();
    const engine = await this.#parts.startSearcher();
    const verifier = this.#parts.startVerifier();
    try {
      return await verifySnapshot(this.#parts.snapshot.store, engine, verifier, options);
    } finally {
      verifier.close();
      engine.close();
    }
  }

  /** What an indexed file declares, each symbol with those inside it. */
  outline(path: string): Promise<OutlineSymbol[]>;
  /** Chunks and symbols of files, one after the other in their order, without indexing them. Files that a source cannot bring are passed over. */
  outline(files: Files, options?: { signal?: AbortSignal | undefined }): AsyncGenerator<FileOutline>;
  outline(of: string | Files, options: { signal?: AbortSignal | undefined } = {}): Promise<OutlineSymbol[]> | AsyncGenerator<FileOutline> {
    this.#checkOpen();
    if (typeof of === 'string') return this.symbols({ path: of }).then(nested);
    return outlineFiles(this.#parts.pool, of, options.signal);
  }

  /** Waits for writing that is under way, then lets go of everything. To stop at once, abort what is under way first. */
  close(): Promise<void> {
    this.#unwatch?.();
    this.#closed ??= this.#writing.then(async () => {
      await this.#tidying;
      this.#parts.pool.close();
      await this.#parts.snapshot.close();
    });
    return this.#closed;
  }

  /** Merges what is worth merging, as long as there is something. */
  async #tidy(): Promise<void> {
    while (this.#untidy) {
      this.#untidy = false;
      try {
        await compact(this.#parts, 'tiered', undefined, new ProgressMeter('compact', {}, () => undefined));
      } catch (error) {
        this.#parts.events.emit(compactionWarning(error));
      }
    }
    this.#tidying = undefined;
  }

  /** Opens what another writer has written. */
  async #follow(): Promise<void> {
    try {
      if (!this.#closed) await this.#parts.snapshot.load();
    } catch (error) {
      const { code, message } = toError(error);
      this.#parts.events.emit({ type: 'warning', code, message: `what another writer has written was not opened: ${message}` });
    }
  }

  /** @internal Reads; a searcher that was lost is brought back and asked once more. */
  protected async read<T>(work: (searcher: Searcher) => Promise<T>): Promise<T> {
    this.#checkOpen();
    const { generation } = this;
    try {
      return await work(this.#parts.searcher);
    } catch (error) {
      if (this.#closed) throw error;
      if (isLost(error)) await this.#parts.snapshot.revive(error);
      else if (!(await this.#renewed(error, generation))) throw error;
      return work(this.#parts.searcher);
    }
  }

  /** A snapshot that is open in parts may have been replaced, and its segments be gone: opens the one that took its place, unless somebody else just did. */
  async #renewed(error: unknown, generation: number): Promise<boolean> {
    if (!this.#parts.searcher.inParts || !GONE.has(toError(error).code)) return false;
    if (this.generation === generation) await this.#parts.snapshot.load().catch(() => false);
    return this.generation !== generation;
  }

  #write<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(closedError());
    const turn = this.#writing.then(work);
    this.#writing = turn.catch(() => undefined);
    return turn;
  }

  /** The same, durable: the turn ends before the store has written, so that what comes next is written together with it. */
  async #change<T>(work: () => Promise<T>): Promise<T> {
    let result: T;
    try {
      result = await this.#write(work);
    } catch (error) {
      // What was done before it failed is done.
      await this.#parts.snapshot.saved().catch(() => undefined);
      throw error;
    }
    await this.#parts.snapshot.saved();
    return result;
  }

  #checkOpen(): void {
    if (this.#closed) throw closedError();
  }
}

/** What a segment that is not there any more comes to: some servers deny what they do not have, others send a page in its place. */
const GONE = new Set(['SNAPSHOT_MISSING_SEGMENT', 'SNAPSHOT_TRUNCATED', 'SNAPSHOT_CHECKSUM', 'HTTP_STATUS']);

function closedError(): CodequarryError {
  return new CodequarryError('CLOSED', 'this index was closed');
}

/** The options as the engine takes them: lists, and nothing that is not its own. */
function engineOptions({ language, path, signal: _, ...rest }: SearchOptions): EngineSearchOptions {
  return {
    ...rest,
    ...(language === undefined ? {} : { language: typeof language === 'string' ? [language] : [...language] }),
    ...(path === undefined ? {} : { path: typeof path === 'string' ? [path] : [...path] }),
  };
}

