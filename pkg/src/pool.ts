/**
 * The pool of builders: each a worker with its own engine instance, started when there is work, disposable.
 *
 * A builder that trapped, hung or died is ended and its batch is built again by a fresh one, without the file that broke it (`PARSE_TRAP`). A builder whose memory
 * has grown past the high-water mark is replaced after its batch. The pool knows nothing of indexes and stores.
 */

import type { BuilderSettings } from './engine.js';
import { type HostEmbedder, embedTexts } from './embedder.js';
import { CodequarryError, toError } from './errors.js';
import type { GrammarShelf } from './grammar-shelf.js';
import { BUILDER_STALL_MS, EMBED_BATCH, WORKER_MEMORY_BYTES } from './limits.js';
import type { ModelShelf } from './model-shelf.js';
import { Client, type Port } from './rpc.js';
import type { FileReport } from './types.js';
import type { Batch, BuildReply, BuilderEvents, BuilderService, MergeReply, MergeRequest, OutlineReply, VectorDelivery } from './worker/protocol.js';

/** Options of {@link BuilderPool}. */
export interface PoolOptions {
  /** Starts a worker. */
  spawn: () => Port;
  /** Brings the module of the builders, which all of them share. */
  module: () => Promise<WebAssembly.Module>;
  /** The grammars, shared by all builders. */
  grammars: GrammarShelf;
  /** Builders at most, at least 1. */
  size: number;
  /** Options of every builder. Default: the engine's. */
  builder?: BuilderSettings | undefined;
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

interface Builder {
  client: Client<BuilderService, BuilderEvents>;
  port: Port;
  /** Called at every sign of life. */
  alive: () => void;
}

/** Builds, merges and outlines, as many at a time as it has builders. */
export class BuilderPool {
  readonly #options: PoolOptions;
  readonly #idle: Builder[] = [];
  readonly #waiting: (() => void)[] = [];
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
    const plain: number[] = [];
    const omit: number[] = [];
    let announce = false;
    for (;;) {
      let at: number | undefined;
      try {
        const reply = await this.#run(options, plain.length > 0 || announce, (client) => {
          client.on('at', ({ index }) => {
            at = index;
          });
          return client.call('build', { batch, plain, omit, announce });
        });
        this.#tellUnembedded(reply);
        return { segment: reply.segment, reports: this.#reports(batch, reply, plain, omit) };
      } catch (error) {
        if (options.signal?.aborted || !isBreakage(error)) throw error;
        const culprit = trapFile(error) ?? at;
        if (culprit === undefined) {
          if (announce) throw error;
          announce = true;
        } else if (plain.includes(culprit)) {
          plain.splice(plain.indexOf(culprit), 1);
          omit.push(culprit);
        } else if (omit.includes(culprit)) {
          throw error;
        } else {
          plain.push(culprit);
        }
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

  /** Ends all builders. What is under way rejects with `CLOSED`. */
  close(): void {
    this.#closed = true;
    for (const builder of this.#idle.splice(0)) this.#end(builder);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #tellUnembedded({ unembedded }: Pick<BuildReply, 'unembedded'>): void {
    if (unembedded) this.#options.onUnembedded?.(CodequarryError.fromRecord(unembedded));
  }

  #reports(batch: Batch, reply: BuildReply, plain: number[], omit: number[]): FileReport[] {
    return batch.files.map((file, index) => {
      const report: FileReport = reply.reports[index] ?? {
        path: file.path,
        language: null,
        status: 'skipped',
        bytes: file.length,
        chunks: 0,
        symbols: 0,
      };
      if (!plain.includes(index) && !omit.includes(index)) return report;
      return { ...report, code: 'PARSE_TRAP', message: 'this file broke the parser; please report it' };
    });
  }

  async #run<T extends { memoryBytes: number }>(
    options: TaskOptions,
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
      const watch = this.#watch(builder);
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

  async #start(): Promise<Builder> {
    const { spawn, grammars, builder: options, embedder } = this.#options;
    const module = await this.#options.module();
    const host = embedder && 'embed' in embedder ? embedder : undefined;
    const model = embedder && 'get' in embedder ? await this.#model(embedder) : undefined;
    try {
      const port = spawn();
      const client = new Client<BuilderService, BuilderEvents>(port);
      const builder: Builder = { client, port, alive: () => {} };
      client.on('wantGrammar', async ({ grammar }) => {
        builder.alive();
        client.tell('grammar', await grammars.deliver(grammar));
        builder.alive();
      });
      client.on('wantVectors', async ({ texts }) => {
        builder.alive();
        client.tell('vectors', await this.#vectors(host, texts));
        builder.alive();
      });
      const { id = '', dims = 0, batch = EMBED_BATCH } = host ?? {};
      const unusable = await client.call('startBuilder', { module, options: options ?? {}, model, embedder: host && { id, dims, batch } });
      if (unusable) this.#tellUnembedded({ unembedded: unusable });
      return builder;
    } catch (error) {
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

  #watch(builder: Builder): { alive: () => void; stop: () => void } {
    const stallMs = this.#options.stallMs ?? BUILDER_STALL_MS;
    const hung = (): void => builder.client.fail(new CodequarryError('ENGINE_TRAP', `a builder gave no sign of life for ${stallMs} ms`));
    let timer = setTimeout(hung, stallMs);
    builder.alive = () => {
      clearTimeout(timer);
      timer = setTimeout(hung, stallMs);
    };
    return {
      alive: builder.alive,
      stop: () => {
        clearTimeout(timer);
        builder.alive = () => {};
      },
    };
  }

  #putBack(builder: Builder, memoryBytes: number): void {
    if (this.#closed || builder.client.failure || memoryBytes > (this.#options.memoryBytes ?? WORKER_MEMORY_BYTES)) {
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
  if (!(error instanceof CodequarryError)) return undefined;
  const { details } = error;
  if (typeof details !== 'object' || details === null || !('file' in details)) return undefined;
  return typeof details.file === 'number' ? details.file : undefined;
}
