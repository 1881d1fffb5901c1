/** The module that parses and builds, in this realm, and the grammars that it has. */

import * as engine from './builder-engine.js';
import { CodequarryError, toError } from './errors.js';
import { loadGrammar } from './grammar-loader.js';
import { Instance } from './instance.js';

/** Its functions and classes. */
export type BuilderEngine = typeof engine;

/** Brings the compiled module of a grammar. Rejects when there is none. */
export type GrammarFetcher = (grammar: string) => Promise<WebAssembly.Module>;

/** Its one instance. */
export const builderInstance = new Instance<engine.InitOutput, BuilderEngine>(engine);

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
      const missing = await this.require(grammar);
      problem ??= missing;
    }
    return problem;
  }

  /** Makes one grammar ready; returns why it is missing. */
  async require(grammar: string): Promise<string | undefined> {
    if (!engine.hasGrammar(grammar) && !this.#unavailable.has(grammar)) await this.#load(grammar);
    return this.#unavailable.get(grammar);
  }

  async #load(grammar: string): Promise<void> {
    try {
      const module = await this.#fetch(grammar);
      const exports = await builderInstance.exports();
      if (!exports) throw new CodequarryError('ENGINE_LOAD', 'the engine was not started');
      engine.registerGrammar(grammar, await loadGrammar({ exports, table: engine.functionTable() }, grammar, module));
    } catch (error) {
      this.#unavailable.set(grammar, `grammar ${grammar}: ${toError(error).message}`);
    }
  }
}
