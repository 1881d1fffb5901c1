/**
 * A limit of chunks in tokens of the host's tokenizer, which runs where chunks are made: in each builder.
 */

import { CodequarryError, toError } from './errors.js';
import { TOKENIZER_STALL_MS } from './limits.js';

/** How chunks are limited besides their bytes. */
export interface ChunkLimits {
  /** Most tokens of a chunk: a whole number from 16. A chunk with more is cut again, by the same rules. */
  maxTokens: number;
  /**
   * Counts them: the address of a module that exports `countTokens(text)`, which returns a number at once. Every builder imports it into its worker. In workerd, where builders run in the same
   * thread, the function itself. The same text must always have the same number of tokens.
   */
  tokenizer: URL | string | CountTokens;
  /** Milliseconds that loading the module, or one call, may take. Default 30,000. */
  timeoutMs?: number | undefined;
}

/** Counts the tokens of a text. */
export type CountTokens = (text: string) => number;

/** The limit as a builder is told. */
export interface TokenLimit {
  maxTokens: number;
  /** The address of a module, or the function where nothing is copied on the way. */
  tokenizer: string | CountTokens;
  timeoutMs: number;
}

/** Least limit: the engine's `CHUNK_MIN_TOKENS`. */
const MIN_TOKENS = 16;

/**
 * Checks what a host gave as the limits of chunks; `shared` tells whether builders run in this thread.
 *
 * @throws CodequarryError `OPTION_INVALID`
 */
export function checkChunks(chunks: ChunkLimits, shared: boolean): TokenLimit {
  const { maxTokens, tokenizer, timeoutMs = TOKENIZER_STALL_MS } = chunks;
  const invalid = (reason: string): CodequarryError => new CodequarryError('OPTION_INVALID', `chunks: ${reason}`);
  if (!Number.isInteger(maxTokens) || maxTokens < MIN_TOKENS || maxTokens >= 2 ** 32) throw invalid(`maxTokens is ${maxTokens}; it must be a whole number from ${MIN_TOKENS}`);
  if (!(timeoutMs > 0)) throw invalid('timeoutMs must be positive');
  if (typeof tokenizer === 'function') {
    if (!shared) throw invalid('builders run in workers, where a function cannot go: give the address of a module that exports countTokens');
    return { maxTokens, tokenizer, timeoutMs };
  }
  if (shared) throw invalid('nothing can be imported by its address here: give the function that counts');
  if (!URL.canParse(String(tokenizer))) throw invalid(`tokenizer is no address: ${String(tokenizer)}; for a package, import.meta.resolve tells it`);
  return { maxTokens, tokenizer: String(tokenizer), timeoutMs };
}

/** The error of a tokenizer that does not answer in time. */
export function tokenizerTimeout({ timeoutMs }: TokenLimit): CodequarryError {
  return new CodequarryError('TOKENIZER_TIMEOUT', `the tokenizer did not answer within ${timeoutMs} ms`);
}

/** Imports a module by its address. In an entry of each runtime that can, since bundlers for one that cannot refuse code that might. */
export type ImportModule = (address: string) => Promise<unknown>;

/** The tokenizer in a builder. */
export class Tokenizer {
  readonly maxTokens: number;
  readonly #count: CountTokens;
  readonly #onCall: () => void;
  /** Why it failed last. */
  failure: CodequarryError | undefined;

  private constructor(maxTokens: number, count: CountTokens, onCall: () => void) {
    this.maxTokens = maxTokens;
    this.#count = count;
    this.#onCall = onCall;
  }

  /**
   * Loads it; `onCall` is called before each call.
   *
   * @throws CodequarryError `TOKENIZER_FAILED`
   */
  static async load({ maxTokens, tokenizer }: TokenLimit, onCall: () => void, importModule: ImportModule | undefined): Promise<Tokenizer> {
    if (typeof tokenizer === 'function') return new Tokenizer(maxTokens, tokenizer, onCall);
    let module: { countTokens?: unknown; default?: { countTokens?: unknown } };
    try {
      if (!importModule) throw new Error('nothing can be imported here');
      module = (await importModule(tokenizer)) as typeof module;
    } catch (error) {
      throw failed(`${tokenizer} cannot be imported: ${toError(error).message}`, error);
    }
    const count = module.countTokens ?? module.default?.countTokens;
    if (typeof count !== 'function') throw failed(`${tokenizer} exports no function countTokens`);
    return new Tokenizer(maxTokens, count as CountTokens, onCall);
  }

  /** Counts tokens for the engine; not a number where the tokenizer fails. Never throws. */
  readonly count = (text: string): number => {
    this.#onCall();
    try {
      const counted: unknown = this.#count(text);
      if (Number.isSafeInteger(counted) && (counted as number) >= 0) return Math.min(counted as number, 2 ** 32 - 1);
      const what = counted instanceof Promise ? 'a promise; it has to answer at once' : String(counted);
      this.failure = failed(`it returned ${what} for a text of ${text.length} characters`);
    } catch (error) {
      this.failure = failed(toError(error).message, error);
    }
    return Number.NaN;
  };
}

function failed(reason: string, cause?: unknown): CodequarryError {
  return new CodequarryError('TOKENIZER_FAILED', `tokenizer: ${reason}`, cause === undefined ? {} : { cause });
}
