/**
 * The engine's one instance in this realm (page, process, worker), and the grammars it has.
 *
 * The generated glue keeps its instance in module state, so a realm has at most one. A realm whose instance must be disposable is a worker.
 */

import init, * as engine from './engine.js';
import { CodequarryError, toError } from './errors.js';
import { loadGrammar } from './grammar-loader.js';

/** The engine's functions and classes. */
export type Engine = typeof engine;

/** Brings the compiled module of a grammar. Rejects when there is none. */
export type GrammarFetcher = (grammar: string) => Promise<WebAssembly.Module>;

let core: Promise<engine.InitOutput> | undefined;
/** How often the instance was thrown away. */
let era = 0;

/**
 * Instantiates the engine in this realm, once.
 *
 * @throws CodequarryError `ENGINE_LOAD`
 */
export async function startEngine(module: WebAssembly.Module): Promise<Engine> {
  core ??= init({ module_or_path: module });
  try {
    await core;
  } catch (error) {
    core = undefined;
    throw new CodequarryError('ENGINE_LOAD', `the engine does not start: ${toError(error).message}`, { cause: error });
  }
  return engine;
}

/** Which of this realm's instances is the current one. Objects of an earlier one throw when they are used. */
export function engineEra(): number {
  return era;
}

/** Throws the instance of an era away, once, after a trap; `startEngine` brings a fresh one. */
export function discardEngine(brokenEra: number): void {
  if (brokenEra !== era) return;
  era += 1;
  core = undefined;
  engine.__wbg_reset_state();
}

/** Linear memory of this realm's instance in bytes; 0 before it was started. */
export async function engineMemoryBytes(): Promise<number> {
  return core ? (await core).memory.buffer.byteLength : 0;
}

/** Loads grammars into this realm's instance when the first file that wants them comes. */
export class GrammarSet {
  readonly #fetch: GrammarFetcher;
  readonly #unavailable = new Map<string, string>();

  constructor(fetch: GrammarFetcher) {
    this.#fetch = fetch;
  }

  /**
   * Makes the grammars for one file ready.
   *
   * @returns why a grammar is missing, for the file's report; undefined when all are there
   */
  async prepare(path: string, bytes: Uint8Array): Promise<string | undefined> {
    let problem: string | undefined;
    const head = bytes.subarray(0, engine.detectHeadBytes());
    const seen = engine.hasParts(path, head) ? bytes : head;
    for (const grammar of engine.grammarsFor(path, seen)) {
      if (!engine.hasGrammar(grammar) && !this.#unavailable.has(grammar)) await this.#load(grammar);
      problem ??= this.#unavailable.get(grammar);
    }
    return problem;
  }

  async #load(grammar: string): Promise<void> {
    try {
      const module = await this.#fetch(grammar);
      if (!core) throw new CodequarryError('ENGINE_LOAD', 'the engine was not started');
      engine.registerGrammar(grammar, await loadGrammar({ exports: await core, table: engine.functionTable() }, grammar, module));
    } catch (error) {
      this.#unavailable.set(grammar, `grammar ${grammar}: ${toError(error).message}`);
    }
  }
}
