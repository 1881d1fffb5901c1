/**
 * A generated module's one instance in this realm (page, process, worker).
 *
 * The generated glue keeps its instance in module state, so a realm has at most one of each module. A realm whose instance must be disposable is a worker.
 */

import { CodequarryError, toError } from './errors.js';

/** What the glue of every module of the engine has. */
interface Glue<Output> {
  default(init: { module_or_path: WebAssembly.Module }): Promise<Output>;
  initSync(init: { module: WebAssembly.Module }): Output;
  __wbg_reset_state(): void;
}

/** Starts a module, and throws its instance away after a trap. */
export class Instance<Output extends { readonly memory: WebAssembly.Memory }, Engine extends Glue<Output>> {
  readonly #engine: Engine;
  #core: Promise<Output> | undefined;
  /** How often the instance was thrown away. */
  #era = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * Instantiates the module in this realm, once.
   *
   * @throws CodequarryError `ENGINE_LOAD`
   */
  async start(module: WebAssembly.Module): Promise<Engine> {
    this.#core ??= this.#instantiate(module);
    try {
      await this.#core;
    } catch (error) {
      this.#core = undefined;
      throw new CodequarryError('ENGINE_LOAD', `the engine does not start: ${toError(error).message}`, { cause: error });
    }
    return this.#engine;
  }

  /** A compiled module is instantiated in a millisecond; asked for asynchronously it waits for the background compiler. Pages may refuse to do it so. */
  async #instantiate(module: WebAssembly.Module): Promise<Output> {
    try {
      return this.#engine.initSync({ module });
    } catch {
      return this.#engine.default({ module_or_path: module });
    }
  }

  /** Which of this realm's instances is the current one. Objects of an earlier one throw when they are used. */
  get era(): number {
    return this.#era;
  }

  /** Throws the instance of an era away, once, after a trap; `start` brings a fresh one. */
  discard(brokenEra: number): void {
    if (brokenEra !== this.#era) return;
    this.#era += 1;
    this.#core = undefined;
    this.#engine.__wbg_reset_state();
  }

  /** The raw exports; undefined before it was started. */
  async exports(): Promise<Output | undefined> {
    return this.#core;
  }

  /** Whether memory was refused to this instance: why it trapped. */
  async memoryRefused(): Promise<boolean> {
    const refused = (await this.#core)?.['codequarry_memory_refused' as keyof Output] as (() => number) | undefined;
    return refused?.() === 1;
  }

  /** Linear memory in bytes; 0 before it was started. */
  async memoryBytes(): Promise<number> {
    return (await this.#core)?.memory.buffer.byteLength ?? 0;
  }
}
