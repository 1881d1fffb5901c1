/**
 * The embedding model's bytes, read when vectors are first wanted and then shared by all builders and the searcher.
 */

import { CodequarryError, toError } from './errors.js';
import type { ModelSource, Platform } from './runtime.js';

/** One model. */
export class ModelShelf {
  readonly #platform: Platform;
  readonly #source: ModelSource | undefined;
  #bytes: Promise<Uint8Array> | undefined;

  constructor(platform: Platform, source: ModelSource | undefined = platform.defaultModel()) {
    this.#platform = platform;
    this.#source = source;
  }

  /** Whether there is a place to look for it. */
  get isThere(): boolean {
    return this.#source !== undefined;
  }

  /**
   * The bytes. What failed is tried again the next time.
   *
   * @throws CodequarryError `MODEL_UNAVAILABLE`
   */
  get(): Promise<Uint8Array> {
    this.#bytes ??= this.#load().catch((error: unknown) => {
      this.#bytes = undefined;
      throw new CodequarryError('MODEL_UNAVAILABLE', `the embedding model cannot be had: ${toError(error).message}`, { cause: error });
    });
    return this.#bytes;
  }

  /** Begins to read them, for a search that is expected. */
  readAhead(): void {
    if (this.isThere) this.get().catch(() => undefined);
  }

  async #load(): Promise<Uint8Array> {
    const source = typeof this.#source === 'function' ? await this.#source() : this.#source;
    if (source === undefined) throw new Error('this runtime has none by itself; pass engine.model');
    return this.#platform.readBytes(source);
  }
}
