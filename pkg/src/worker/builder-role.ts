/**
 * The worker's side of building: files in, one segment out, in this realm's engine instance.
 *
 * A trap is thrown back to the coordinator with the index of the file that caused it; the coordinator ends this worker then. Nothing here tries to go on
 * with an instance that trapped.
 */

import { type BuilderEngine, GrammarSet, builderInstance } from '../builder-instance.js';
import type { BuilderSettings, BuiltSegment, FileReport } from '../engine.js';
import { CodequarryError, type ErrorRecord, isErrorRecord, isTrap, toError } from '../errors.js';
import { invalidLanguage } from '../languages.js';
import { PROGRESS_MS, SCOUT_PROGRESS_FILES } from '../limits.js';
import { Moved } from '../rpc.js';
import { type ImportModule, Tokenizer } from '../tokenizer.js';
import type { Batch, BuildReply, BuildRequest, BuilderStart, GrammarDelivery, MergeReply, MergeRequest, OutlineReply, OutlineRequest, ScoutRequest, VectorDelivery, VerifyReply, VerifyRequest } from './protocol.js';

/** How a role speaks on its own. */
export type Tell = (name: string, payload: unknown) => void;

/** A builder in this realm. */
export class BuilderRole {
  readonly #tell: Tell;
  readonly #importModule: ImportModule | undefined;
  readonly #wanted = new Map<string, { resolve: (module: WebAssembly.Module) => void; reject: (error: unknown) => void }>();
  readonly #grammars: GrammarSet;
  #engine: BuilderEngine | undefined;
  /** The instance that it began with. */
  #era = 0;
  #options: BuilderSettings = {};
  /** Another builder of this realm may have brought a model that is not for this one. */
  #usesModel = false;
  #embedder: BuilderStart['embedder'];
  #tokenizer: Tokenizer | undefined;
  /** When it was last said that the tokenizer is called; undefined where it is not. */
  #counting: number | undefined;
  #waiting: { resolve: (vectors: Float32Array) => void; reject: (error: unknown) => void } | undefined;

  constructor(tell: Tell, importModule: ImportModule | undefined) {
    this.#tell = tell;
    this.#importModule = importModule;
    this.#grammars = new GrammarSet(
      (grammar) =>
        new Promise((resolve, reject) => {
          this.#wanted.set(grammar, { resolve, reject });
          tell('wantGrammar', { grammar });
        }),
    );
  }

  /** Takes the grammar that was asked for. */
  deliver(delivery: GrammarDelivery): void {
    const waiting = this.#wanted.get(delivery.grammar);
    this.#wanted.delete(delivery.grammar);
    if (delivery.module) waiting?.resolve(delivery.module);
    else waiting?.reject(CodequarryError.fromRecord(delivery.error ?? { code: 'GRAMMAR_UNAVAILABLE', message: 'not available' }));
  }

  /** Instantiates the engine; resolves to why the model cannot be used. */
  async start({ module, options, languages, model, embedder, tokens }: BuilderStart): Promise<ErrorRecord | undefined> {
    this.#engine = await builderInstance.start(module);
    this.#era = builderInstance.era;
    this.#options = options;
    for (const language of languages ?? []) this.#engine.addLanguage(language);
    this.#usesModel = model !== undefined;
    this.#embedder = embedder;
    this.#tokenizer = tokens && (await Tokenizer.load(tokens, () => this.#sayCounting(), this.#importModule));
    try {
      if (model) this.#engine.setModel(model);
      return undefined;
    } catch (error) {
      if (isTrap(error)) throw error;
      return toError(error).toRecord();
    }
  }

  /** Takes the vectors that were asked for. */
  deliverVectors(delivery: VectorDelivery): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (delivery.vectors) waiting?.resolve(delivery.vectors);
    else waiting?.reject(CodequarryError.fromRecord(delivery.error ?? { code: 'EMBEDDER_FAILED', message: 'no vectors came' }));
  }

  /** Builds the segment of one batch. */
  async build(request: BuildRequest): Promise<Moved<BuildReply>> {
    const { batch, plain, omit, announce } = request;
    const builder = this.#builder(this.#usesModel);
    const reports: (FileReport | undefined)[] = batch.files.map(() => undefined);
    const later = new Set([...plain, ...omit]);
    const order = [...plain, ...batch.files.keys()].filter((index, place) => place < plain.length || !later.has(index));
    let told = performance.now();
    let bytesDone = 0;
    for (const [done, index] of order.entries()) {
      if (announce) this.#tell('at', { index });
      const file = fileOf(batch, index);
      reports[index] = await this.#guard(index, async () => {
        const missing = plain.includes(index) ? undefined : await this.#grammars.prepare(file.path, file.bytes);
        return withGrammarProblem(this.#counted(() => addFile(builder, file.path, file.bytes)), missing);
      });
      bytesDone += file.bytes.byteLength;
      const now = performance.now();
      if (now - told >= PROGRESS_MS) {
        this.#tell('progress', { files: done + 1, bytes: bytesDone });
        told = now;
      }
    }
    const built = await this.#guard(undefined, () => builder.finish());
    builder.free();
    const { segment, unembedded } = await this.#embed(built);
    const reply: BuildReply = { segment, reports, unembedded, memoryBytes: await builderInstance.memoryBytes() };
    return new Moved(reply, segment ? [wholeBuffer(segment)] : []);
  }

  /** Parses files of a batch to find those that break a builder. */
  async scout({ batch, from, announce }: ScoutRequest): Promise<{ memoryBytes: number }> {
    const builder = new (this.#started().Builder)(this.#options, false);
    for (let index = from; index < batch.files.length; index++) {
      if (announce) this.#tell('at', { index });
      const file = fileOf(batch, index);
      await this.#guard(index, async () => {
        await this.#grammars.prepare(file.path, file.bytes);
        addFile(builder, file.path, file.bytes);
      });
      if (index % SCOUT_PROGRESS_FILES === 0) this.#tell('progress', { files: 0, bytes: 0 });
    }
    builder.free();
    return { memoryBytes: await builderInstance.memoryBytes() };
  }

  /** Merges segments into one. */
  async merge(request: MergeRequest): Promise<Moved<MergeReply>> {
    const merged = await this.#guard(undefined, () => this.#started().mergeSegments(request.inputs, this.#usesModel));
    const { segment, unembedded } = await this.#embed(merged);
    return new Moved({ segment, unembedded, memoryBytes: await builderInstance.memoryBytes() }, segment ? [wholeBuffer(segment)] : []);
  }

  /** Chunks and symbols of files, without an index. */
  async outline(request: OutlineRequest): Promise<OutlineReply> {
    const builder = this.#builder(false);
    const outlines: OutlineReply['outlines'] = [];
    for (const index of request.batch.files.keys()) {
      const file = fileOf(request.batch, index);
      const outline = await this.#guard(index, async () => {
        const missing = await this.#grammars.prepare(file.path, file.bytes);
        const found = this.#counted(() => builder.outline(file.path, file.bytes));
        return { ...found, report: withGrammarProblem(found.report, missing) };
      });
      outlines.push(outline);
    }
    builder.free();
    return { outlines, memoryBytes: await builderInstance.memoryBytes() };
  }

  /** Checks the whole of a segment. */
  async verify({ name, bytes }: VerifyRequest): Promise<VerifyReply> {
    const counts = await this.#guard(undefined, () => this.#started().verifySegment(name, bytes));
    return { counts, memoryBytes: await builderInstance.memoryBytes() };
  }

  /** Loads the grammar of an added language and holds its rules against it. */
  async checkLanguage({ id }: { id: string }): Promise<{ memoryBytes: number }> {
    await this.#guard(undefined, async () => {
      const problem = await this.#grammars.require(id);
      const unknown = problem === undefined ? this.#started().unknownNames(id) : [];
      if (problem === undefined && unknown.length === 0) return;
      // Where builders share an instance, this one must not go on with such a language.
      builderInstance.discard(this.#era);
      throw invalidLanguage(problem ?? `the grammar of ${id} has no ${unknown.join(', no ')}`, { unknown });
    });
    return { memoryBytes: await builderInstance.memoryBytes() };
  }

  /** Gives a segment the vectors of the host's own embedder, when there is one; one that fails leaves the segment without. */
  async #embed(built: BuiltSegment | undefined): Promise<Pick<BuildReply, 'segment' | 'unembedded'>> {
    if (!built || !this.#embedder) return { segment: built };
    const { id, dims, batch } = this.#embedder;
    if (built.embedder === id) return { segment: built };
    const embedding = new (this.#started().Embedding)(built.bytes, id, dims);
    try {
      for (let texts = embedding.texts(batch); texts.length > 0; texts = embedding.texts(batch)) {
        embedding.push(await this.#ask(texts));
      }
    } catch (error) {
      if (isTrap(error) && !(error instanceof CodequarryError)) throw error;
      embedding.free();
      return { segment: built, unembedded: toError(error).toRecord() };
    }
    return { segment: await this.#guard(undefined, () => embedding.finish()) };
  }

  #ask(texts: string[]): Promise<Float32Array> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#tell('wantVectors', { texts });
    });
  }

  #builder(vectors: boolean): InstanceType<BuilderEngine['Builder']> {
    const builder = new (this.#started().Builder)(this.#options, vectors);
    if (this.#tokenizer) builder.limitTokens(this.#tokenizer.maxTokens, this.#tokenizer.count);
    return builder;
  }

  /** Says that the tokenizer is called: whoever calls this worker cannot see it, and it may never return. */
  #sayCounting(): void {
    const now = performance.now();
    if (this.#counting !== undefined && now - this.#counting < PROGRESS_MS) return;
    this.#counting = now;
    this.#tell('counting', { now: true });
  }

  /** Does what may call the tokenizer; throws why that failed. */
  #counted<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw (isErrorRecord(error) && error.code === 'TOKENIZER_FAILED' && this.#tokenizer?.failure) || error;
    } finally {
      if (this.#counting !== undefined) this.#tell('counting', { now: false });
      this.#counting = undefined;
    }
  }

  #started(): BuilderEngine {
    if (!this.#engine) throw new CodequarryError('INTERNAL', 'the builder was not started');
    return this.#engine;
  }

  /** Marks what is thrown by the engine's fault with the file it happened in. */
  async #guard<T>(file: number | undefined, work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isTrap(error)) throw error;
      const trap = toError(error, 'ENGINE_TRAP');
      const memoryRefused = await builderInstance.memoryRefused();
      // Where builders share an instance, the next one needs a fresh one.
      builderInstance.discard(this.#era);
      throw new CodequarryError('ENGINE_TRAP', trap.message, { details: { file, memoryRefused }, cause: error });
    }
  }
}

/** Adds a file; what the engine refuses with a code is a report, not the end of the batch. */
function addFile(builder: InstanceType<BuilderEngine['Builder']>, path: string, bytes: Uint8Array): FileReport {
  try {
    return builder.addFile(path, bytes);
  } catch (error) {
    if (isTrap(error) || !isErrorRecord(error) || error.code === 'TOKENIZER_FAILED') throw error;
    const { code, message } = error;
    return { path, language: null, status: 'skipped', code, message, bytes: bytes.byteLength, chunks: 0, symbols: 0 };
  }
}

/** A file that fell back to line windows because a grammar could not be had says so. */
function withGrammarProblem(report: FileReport, missing: string | undefined): FileReport {
  if (missing === undefined || report.status !== 'fallback') return report;
  return { ...report, code: 'GRAMMAR_UNAVAILABLE', message: missing };
}

function fileOf(batch: Batch, index: number): { path: string; bytes: Uint8Array } {
  const file = batch.files[index];
  if (!file) throw new CodequarryError('INTERNAL', `the batch has no file ${index}`);
  return { path: file.path, bytes: new Uint8Array(batch.arena, file.start, file.length) };
}

/** The buffer of a segment, made to hold nothing else, so that it can move. */
function wholeBuffer(segment: { bytes: Uint8Array }): ArrayBuffer {
  const { bytes } = segment;
  if (bytes.byteLength !== bytes.buffer.byteLength || !(bytes.buffer instanceof ArrayBuffer)) segment.bytes = bytes.slice();
  return segment.bytes.buffer as ArrayBuffer;
}
