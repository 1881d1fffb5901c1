/**
 * The engine for regexes: a module of its own, since few queries have one. It is instantiated once a realm, when the first such query comes.
 */

import type { RegexEngine } from './engine.js';
import { isErrorRecord } from './errors.js';
import { Regex, __wbg_reset_state as resetState, initSync } from './regex.js';

let started = false;

/** Starts the module in this realm, and returns what the engine's index takes. */
export function startRegexEngine(module: WebAssembly.Module): RegexEngine {
  if (!started) initSync({ module });
  started = true;
  return new Regexes(module);
}

/** Compiled regexes by number. */
class Regexes implements RegexEngine {
  readonly #module: WebAssembly.Module;
  readonly #compiled = new Map<number, Regex>();
  #next = 1;

  constructor(module: WebAssembly.Module) {
    this.#module = module;
  }

  compile(pattern: string, matchCase: boolean): number {
    const handle = this.#next++;
    this.#compiled.set(handle, this.#guard(() => new Regex(pattern, matchCase)));
    return handle;
  }

  required(handle: number): string {
    return this.#regex(handle).required();
  }

  find(handle: number, text: Uint8Array, limit: number): Uint32Array {
    return this.#guard(() => this.#regex(handle).find(text, limit));
  }

  release(handle: number): void {
    this.#compiled.get(handle)?.free();
    this.#compiled.delete(handle);
  }

  #regex(handle: number): Regex {
    const regex = this.#compiled.get(handle);
    if (!regex) throw { code: 'INTERNAL', message: 'there is no such regex' };
    return regex;
  }

  /** What traps has met a bound that no check foresaw: the instance goes, and the query is told so. */
  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (isErrorRecord(error)) throw error;
      this.#compiled.clear();
      resetState();
      initSync({ module: this.#module });
      throw { code: 'REGEX_TOO_LARGE', message: 'it needs more memory than there is', column: 1 };
    }
  }
}
