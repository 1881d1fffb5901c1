/**
 * The pool of builders: each a worker with its own engine instance, started when there is work, disposable.
 *
 * A builder that trapped, hung or died is ended and its batch is built again by a fresh one, without the file that broke it (`PARSE_TRAP`). A builder whose memory
 * has grown past the high-water mark is replaced after its batch. The pool knows nothing of indexes and stores.
 */

import { deadline } from './deadline.js';
import type { BuilderSettings, SegmentCounts } from './engine.js';
import { type HostEmbedder, embedTexts } from './embedder.js';
import { CodequarryError, toError } from './errors.js';
import type { GrammarShelf } from './grammar-shelf.js';
import { AddedLanguages, type LanguageDefinition, invalidLanguage, splitDefinition } from './languages.js';
import { BUILDER_STALL_MS, EMBED_BATCH, FILE_STALL_MS, WORKER_MEMORY_BYTES } from './limits.js';
import type { ModelShelf } from './model-shelf.js';
import { Client, type Port } from './rpc.js';
import { wholeBuffer } from './searcher.js';
import { type TokenLimit, tokenizerTimeout } from './tokenizer.js';
import type { FileReport } from './types.js';
import type { Batch, BuildReply, BuilderEvents, BuilderService, MergeReply, MergeRequest, OutlineReply, VectorDelivery } from './worker/protocol.js';

/** Options of {@link BuilderPool}. */
export interface PoolOptions {
  /** Starts a worker. */
  spawn: () => Port;
  /** Brings the module of the builders, which all of them share; asked once, and again only when it failed. */
  module: () => Promise<WebAssembly.Module>;
  /** The grammars, shared by all builders. */
  grammars: GrammarShelf;
  /** Builders at most, at least 1. */
  size: number;
  /** Options of every builder. Default: the engine's. */
  builder?: BuilderSettings | undefined;
  /** The limit of chunks in tokens. None without. */
  tokens?: TokenLimit | undefined;
  /** Makes the vectors of chunks: the model that is on a shelf, or the host's own embedder. None are made without. */
  embedder?: ModelShelf | HostEmbedder | undefined;
  /** Hears why segments have no vectors though they should have. */
  onUnembedded?: ((error: CodequarryError) => void) | undefined;
  /** Linear memory in bytes past which a builder is replaced. Default 256 MiB. */
  memoryBytes?: number | undefined;
  /** Milliseconds without news after which a builder counts as hung. Default two minutes. */
  stallMs?: number | undefined;
}

/** What one batch became. */
export interface Built {
  segment: BuildReply['segment'];
  /** One report a file, in the order of the batch. */
  reports: FileReport[];
}

/** Options of one task. */
export interface TaskOptions {
  signal?: AbortSignal | undefined;
  /** Files and bytes of the batch that are done. Starts over when the batch is built again. */
  onProgress?: ((progress: { files: number; bytes: number }) => void) | undefined;
}

/** How a file can break a builder, and what is said of it. */
const BREAKAGE = {
  PARSE_TRAP: 'this file broke the parser; please report it',
  PARSE_DEADLINE: 'the parser did not come to an end with this file; please report it',
  MEMORY_LIMIT: 'the parser wanted more memory for this file than a builder may have',
};

/** Codes of a start that failed for what the host gave. */
const PASSED = new Set<string>(['LANGUAGE_INVALID', 'TOKENIZER_FAILED', 'TOKENIZER_TIMEOUT']);

interface Broken {
  code: keyof typeof BREAKAGE;
  /** Once: it is indexed without a parser. Twice: it is left out. */
  times: number;
}

/** Options of a task, for the pool itself. */
interface RunOptions extends TaskOptions {
  /** Whether the builder names each file before it begins with it. */
  named?: boolean | undefined;
  /** Hears the names. */
  onAt?: ((index: number) => void) | undefined;
}

interface Builder {
  client: Client<BuilderService, BuilderEvents>;
  port: Port;
  /** What it began with. */
  epoch: number;
  /** Called at every sign of life; `counting` when the host's tokenizer is called. */
  alive: (counting?: boolean) => void;
}

/** Builds, merges and outlines, as many at a time as it has builders. */
export class BuilderPool {
  readonly #options: PoolOptions;
  #compiled: Promise<WebAssembly.Module> | undefined;
  readonly #idle: Builder[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #languages = new AddedLanguages();
  /** Counts changes of what builders begin with. */
  #epoch = 0;
  #busy = 0;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Builders at most. */
  get size(): number {
    return this.#options.size;
  }

  /**
   * Builds one segment. Never rejects for the sake of a file.
   *
   * @throws the signal's reason; CodequarryError `BUILDER_FAILED` when builders do not even start
   */
  async build(batch: Batch, options: TaskOptions = {}): Promise<Built> {
    const broken = new Map<number, Broken>();
    /** Where to search for more files that break builders, before the batch is built again. */
    let scoutFrom: number | undefined;
    let announce = false;
    for (;;) {
      let at: number | undefined;
      const task = <T extends { memoryBytes: number }>(fresh: boolean, work: (client: Client<BuilderService, BuilderEvents>) => Promise<T>): Promise<T> =>
        this.#run({ ...options, named: announce, onAt: (index) => (at = index) }, fresh, work);
      try {
        if (scoutFrom !== undefined) {
          const from = scoutFrom;
          await task(false, (client) => client.call('scout', { batch, from, announce }));
          scoutFrom = undefined;
          continue;
        }
        const plain = indices(broken, 1);
        const omit = indices(broken, 2);
        const reply = await task(broken.size > 0 || announce, (client) => client.call('build', { batch, plain, omit, announce }));
        this.#tellUnembedded(reply);
        return { segment: reply.segment, reports: this.#reports(batch, reply, broken) };
      } catch (error) {
        if (options.signal?.aborted || !isBreakage(error)) throw error;
        const culprit = trapFile(error) ?? at;
        if (culprit === undefined) {
          if (announce) throw error;
          announce = true;
          continue;
        }
        const times = (broken.get(culprit)?.times ?? 0) + 1;
        if (times > 2) throw error;
        broken.set(culprit, { code: breakageCode(error), times });
        // Of several, the others are found by one pass rather than by building the whole batch once for each.
        if (times === 1 && broken.size > 1) scoutFrom = culprit + 1;
      }
    }
  }

  /** Merges segments into one. */
  async merge(request: MergeRequest, options: TaskOptions = {}): Promise<MergeReply> {
    const reply = await this.#run(options, false, (client) => client.call('merge', request));
    this.#tellUnembedded(reply);
    return reply;
  }

  /** Chunks and symbols of files; one that breaks the builder rejects with `ENGINE_TRAP`. */
  async outline(batch: Batch, options: TaskOptions = {}): Promise<OutlineReply> {
    return this.#run(options, false, (client) => client.call('outline', { batch }));
  }

  /**
   * Checks the whole of a segment, each section against the others: what builders can, since they write segments. The bytes may be moved away.
   *
   * @throws CodequarryError with what is wrong first
   */
  async verify(name: string, bytes: Uint8Array, options: TaskOptions = {}): Promise<SegmentCounts> {
    return (await this.#run(options, false, (client) => client.call('verify', { name, bytes }, wholeBuffer(bytes)))).counts;
  }

  /** Languages besides those that are built in. */
  get languages(): AddedLanguages {
    return this.#languages;
  }

  /**
   * Adds a language. Builders that do not know it take no further work.
   *
   * @throws CodequarryError `LANGUAGE_INVALID`, and nothing has changed
   */
  async addLanguage(definition: LanguageDefinition): Promise<void> {
    const { language, wasm } = splitDefinition(definition);
    const undo = [this.#languages.add(language), this.#options.grammars.add(language.id, wasm)];
    this.#renew();
    try {
      await this.#run({}, false, (client) => client.call('checkLanguage', { id: language.id }));
    } catch (error) {
      for (const back of undo) back();
      this.#renew();
      const known = toError(error);
      throw isBreakage(known) ? invalidLanguage(`the grammar of ${language.id} breaks when it is loaded: ${known.message}`, undefined, error) : known;
    }
  }

  /** Ends all builders. What is under way rejects with `CLOSED`. */
  close(): void {
    this.#closed = true;
    for (const builder of this.#idle.splice(0)) this.#end(builder);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Lets no builder take further work that began with something else. */
  #renew(): void {
    this.#epoch += 1;
    for (const builder of this.#idle.splice(0)) this.#end(builder);
  }

  #tellUnembedded({ unembedded }: Pick<BuildReply, 'unembedded'>): void {
    if (unembedded) this.#options.onUnembedded?.(CodequarryError.fromRecord(unembedded));
  }

  #reports(batch: Batch, reply: BuildReply, broken: Map<number, Broken>): FileReport[] {
    return batch.files.map((file, index) => {
      const report: FileReport = reply.reports[index] ?? {
        path: file.path,
        language: null,
        status: 'skipped',
        bytes: file.length,
        chunks: 0,
        symbols: 0,
      };
      const code = broken.get(index)?.code;
      return code === undefined ? report : { ...report, code, message: BREAKAGE[code] };
    });
  }

  async #run<T extends { memoryBytes: number }>(
    options: RunOptions,
    fresh: boolean,
    task: (client: Client<BuilderService, BuilderEvents>) => Promise<T>,
  ): Promise<T> {
    const { signal } = options;
    await this.#acquire(signal);
    let builder: Builder | undefined;
    const abort = (): void => builder?.client.fail(new CodequarryError('CLOSED', 'the builder was ended'));
    try {
      builder = await this.#take(fresh);
      signal?.throwIfAborted();
      signal?.addEventListener('abort', abort);
      const watch = this.#watch(builder, options.named ?? false);
      builder.client.on('at', ({ index }) => {
        watch.alive();
        options.onAt?.(index);
      });
      builder.client.on('progress', (progress) => {
        watch.alive();
        options.onProgress?.(progress);
      });
      try {
        const reply = await task(builder.client);
        this.#putBack(builder, reply.memoryBytes);
        return reply;
      } finally {
        watch.stop();
      }
    } catch (error) {
      if (builder) this.#end(builder);
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#busy -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #acquire(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    while (this.#busy >= this.#options.size && !this.#closed) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (signal?.aborted) this.#waiting.shift()?.();
    signal?.throwIfAborted();
    if (this.#closed) throw new CodequarryError('CLOSED', 'this index was closed');
    this.#busy += 1;
  }

  async #take(fresh: boolean): Promise<Builder> {
    let idle = this.#idle.pop();
    if (idle && fresh) {
      this.#end(idle);
      idle = undefined;
    }
    const builder = idle ?? (await this.#start());
    builder.port.hold?.(true);
    return builder;
  }

  #module(): Promise<WebAssembly.Module> {
    this.#compiled ??= this.#options.module().catch((error: unknown) => {
      this.#compiled = undefined;
      throw error;
    });
    return this.#compiled;
  }

  async #start(): Promise<Builder> {
    const { spawn, grammars, builder: options, embedder, tokens } = this.#options;
    const module = await this.#module();
    const host = embedder && 'embed' in embedder ? embedder : undefined;
    const model = embedder && 'get' in embedder ? await this.#model(embedder) : undefined;
    let client: Client<BuilderService, BuilderEvents> | undefined;
    try {
      const port = spawn();
      const started = new Client<BuilderService, BuilderEvents>(port);
      client = started;
      const builder: Builder = { client: started, port, epoch: this.#epoch, alive: () => {} };
      started.on('wantGrammar', async ({ grammar }) => {
        builder.alive();
        started.tell('grammar', await grammars.deliver(grammar));
        builder.alive();
      });
      started.on('wantVectors', async ({ texts }) => {
        builder.alive();
        started.tell('vectors', await this.#vectors(host, texts));
        builder.alive();
      });
      started.on('counting', ({ now }) => builder.alive(now));
      const { id = '', dims = 0, batch = EMBED_BATCH } = host ?? {};
      const languages = this.#languages.all;
      // A module that is imported may never come to an end.
      const cancel = tokens && deadline(tokens.timeoutMs, () => started.fail(tokenizerTimeout(tokens)));
      const starting = started.call('startBuilder', { module, options: options ?? {}, languages, model, tokens, embedder: host && { id, dims, batch } });
      const unusable = await starting.finally(cancel);
      if (unusable) this.#tellUnembedded({ unembedded: unusable });
      return builder;
    } catch (error) {
      client?.fail(new CodequarryError('CLOSED', 'the builder did not start'));
      if (error instanceof CodequarryError && PASSED.has(error.code)) throw error;
      throw new CodequarryError('BUILDER_FAILED', `a builder does not start: ${toError(error).message}`, { cause: error });
    }
  }

  /** The model's bytes; one that cannot be had is no reason not to index. */
  async #model(shelf: ModelShelf): Promise<Uint8Array | undefined> {
    try {
      return shelf.isThere ? await shelf.get() : undefined;
    } catch (error) {
      this.#options.onUnembedded?.(toError(error));
      return undefined;
    }
  }

  async #vectors(embedder: HostEmbedder | undefined, texts: string[]): Promise<VectorDelivery> {
    try {
      if (!embedder) throw new CodequarryError('INTERNAL', 'there is no embedder');
      return { vectors: await embedTexts(embedder, texts, false) };
    } catch (error) {
      return { error: toError(error).toRecord() };
    }
  }

  #watch(builder: Builder, named: boolean): { alive: () => void; stop: () => void } {
    const most = this.#options.stallMs ?? BUILDER_STALL_MS;
    const stallMs = named ? Math.min(most, FILE_STALL_MS) : most;
    const hung = (): void => {
      builder.client.fail(new CodequarryError('ENGINE_TRAP', `a builder gave no sign of life for ${stallMs} ms`, { details: { hung: true } }));
    };
    const { tokens } = this.#options;
    let cancel = deadline(stallMs, hung);
    builder.alive = (counting = false) => {
      cancel();
      cancel = tokens && counting ? deadline(tokens.timeoutMs, () => builder.client.fail(tokenizerTimeout(tokens))) : deadline(stallMs, hung);
    };
    return {
      alive: () => builder.alive(),
      stop: () => {
        cancel();
        builder.alive = () => {};
      },
    };
  }

  #putBack(builder: Builder, memoryBytes: number): void {
    if (this.#closed || builder.client.failure || builder.epoch !== this.#epoch || memoryBytes > (this.#options.memoryBytes ?? WORKER_MEMORY_BYTES)) {
      this.#end(builder);
      return;
    }
    builder.port.hold?.(false);
    this.#idle.push(builder);
  }

  #end(builder: Builder): void {
    builder.client.fail(new CodequarryError('CLOSED', 'the builder was ended'));
  }
}

/** True when the builder broke, rather than refused. */
function isBreakage(error: unknown): boolean {
  return error instanceof CodequarryError && (error.code === 'ENGINE_TRAP' || error.code === 'WORKER_DIED');
}

function trapFile(error: unknown): number | undefined {
  const file = detail(error, 'file');
  return typeof file === 'number' ? file : undefined;
}

function breakageCode(error: unknown): Broken['code'] {
  if (detail(error, 'memoryRefused') === true) return 'MEMORY_LIMIT';
  return detail(error, 'hung') === true ? 'PARSE_DEADLINE' : 'PARSE_TRAP';
}

function detail(error: unknown, name: string): unknown {
  const details = error instanceof CodequarryError ? error.details : undefined;
  return typeof details === 'object' && details !== null ? (details as Record<string, unknown>)[name] : undefined;
}

/** Files that broke a builder so many times, in the order in which they were found. */
function indices(broken: Map<number, Broken>, times: number): number[] {
  return [...broken].filter(([, found]) => found.times === times).map(([index]) => index);
}
