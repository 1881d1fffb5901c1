/**
 * Compiled grammars, each fetched and compiled once and then shared by all builders of this realm.
 */

import { CodequarryError, toError } from './errors.js';
import type { GrammarSource, Platform, WasmSource } from './runtime.js';
import type { GrammarDelivery } from './worker/protocol.js';

/** Names that a grammar may have; what is not one never becomes part of an address. */
const GRAMMAR_NAME = /^[a-z0-9_]+$/;

/** Grammars by name. */
export class GrammarShelf {
  readonly #platform: Platform;
  readonly #source: GrammarSource;
  readonly #modules = new Map<string, Promise<WebAssembly.Module>>();
  /** Grammars of languages that were added. */
  readonly #added = new Map<string, WasmSource>();

  constructor(platform: Platform, source: GrammarSource = platform.defaultGrammars()) {
    this.#platform = platform;
    this.#source = source;
  }

  /**
   * The compiled module of a grammar. What failed is tried again the next time.
   *
   * @throws CodequarryError `GRAMMAR_UNAVAILABLE`
   */
  get(grammar: string): Promise<WebAssembly.Module> {
    const known = this.#modules.get(grammar);
    if (known) return known;
    const loading = this.#load(grammar).catch((error: unknown) => {
      this.#modules.delete(grammar);
      throw new CodequarryError('GRAMMAR_UNAVAILABLE', toError(error).message, { cause: error });
    });
    this.#modules.set(grammar, loading);
    return loading;
  }

  /** Puts a grammar on the shelf; returns what takes it away. */
  add(grammar: string, source: WasmSource): () => void {
    const put = (found: WasmSource | undefined): void => {
      this.#modules.delete(grammar);
      if (found === undefined) this.#added.delete(grammar);
      else this.#added.set(grammar, found);
    };
    const before = this.#added.get(grammar);
    put(source);
    return () => put(before);
  }

  /** The same as a message to a worker; a grammar that cannot be had is an answer, too. */
  async deliver(grammar: string): Promise<GrammarDelivery> {
    try {
      return { grammar, module: await this.get(grammar) };
    } catch (error) {
      return { grammar, error: toError(error).toRecord() };
    }
  }

  async #load(grammar: string): Promise<WebAssembly.Module> {
    if (!GRAMMAR_NAME.test(grammar)) throw new Error('no such grammar');
    const source = await this.#find(grammar);
    if (source === undefined) throw new Error('there is no such grammar here');
    return this.#platform.compile(source);
  }

  #find(grammar: string): WasmSource | undefined | Promise<WasmSource | undefined> {
    const added = this.#added.get(grammar);
    if (added !== undefined) return added;
    if (typeof this.#source === 'function') return this.#source(grammar);
    const folder = String(this.#source);
    return `${folder}${folder.endsWith('/') ? '' : '/'}${grammar}.wasm`;
  }
}
