/**
 * The one error type that reaches a user of the package, and how foreign errors become one.
 *
 * Every error carries a stable {@link ErrorCode}; messages are for people and may change. Cancelling is not an error of ours: an aborted
 * operation rejects with the reason of its `AbortSignal`, as everywhere on the platform.
 */

/**
 * Codes raised by this package. Codes are only ever added.
 *
 * Those of the engine (`SNAPSHOT_CORRUPT`, `FORMAT_NEWER`, `OPTION_INVALID`, …) pass through unchanged, which is why the type is open.
 */
export type ErrorCode =
  | 'ARCHIVE_DAMAGED'
  | 'ARCHIVE_FORMAT'
  | 'ARCHIVE_LIMIT'
  | 'ARCHIVE_TRUNCATED'
  | 'BUILDER_FAILED'
  | 'CLOSED'
  | 'CURSOR_STALE'
  | 'EMBEDDER_FAILED'
  | 'EMBEDDER_TIMEOUT'
  | 'ENGINE_LOAD'
  | 'ENGINE_TRAP'
  | 'GRAMMAR_UNAVAILABLE'
  | 'HTTP_STATUS'
  | 'INTERNAL'
  | 'LANGUAGE_INVALID'
  | 'MODEL_INVALID'
  | 'MODEL_NEWER'
  | 'MODEL_UNAVAILABLE'
  | 'NOT_FOUND'
  | 'NO_PREVIOUS_GENERATION'
  | 'OPTION_INVALID'
  | 'PARTS_MISSING'
  | 'SNAPSHOT_CHECKSUM'
  | 'QUERY_INVALID'
  | 'REGEX_TOO_LARGE'
  | 'REGEX_UNAVAILABLE'
  | 'SNAPSHOT_CORRUPT'
  | 'SNAPSHOT_FOREIGN'
  | 'SNAPSHOT_MISSING_SEGMENT'
  | 'SNAPSHOT_TRUNCATED'
  | 'STALE_GENERATION'
  | 'STORE_BUSY'
  | 'STORE_DENIED'
  | 'STORE_FAILED'
  | 'STORE_NOT_FOUND'
  | 'STORE_QUOTA'
  | 'STORE_READ_ONLY'
  | 'STORE_UNSUPPORTED'
  | 'TOKENIZER_FAILED'
  | 'TOKENIZER_TIMEOUT'
  | 'USAGE'
  | 'WORKER_DIED'
  | 'WOULD_EMPTY'
  | 'WOULD_SHRINK'
  | (string & {});

/** An error as it crosses a worker boundary, and as the engine throws it. */
export interface ErrorRecord {
  code: ErrorCode;
  message: string;
  details?: unknown;
}

/** Options of {@link CodequarryError}. */
export interface ErrorOptions {
  /** Facts for a program: the key of a blob, a status code, a report. */
  details?: unknown;
  /** What was caught when this error was made. */
  cause?: unknown;
}

/** Every error that this package throws, but for the reason of an `AbortSignal`. */
export class CodequarryError extends Error {
  override readonly name = 'CodequarryError';
  /** What went wrong, for a program. Stable. */
  readonly code: ErrorCode;
  /** Facts that belong to the code, or undefined. */
  readonly details: unknown;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.details = options.details;
  }

  /** The plain form that structured cloning keeps. */
  toRecord(): ErrorRecord {
    return { code: this.code, message: this.message, ...(this.details === undefined ? {} : { details: this.details }) };
  }

  /** The error that {@link toRecord} described. */
  static fromRecord(record: ErrorRecord): CodequarryError {
    return new CodequarryError(record.code, record.message, { details: record.details });
  }
}

/** True for the `{ code, message }` objects that the engine throws, and for our own errors. */
export function isErrorRecord(value: unknown): value is ErrorRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    typeof value.code === 'string' &&
    'message' in value &&
    typeof value.message === 'string'
  );
}

/** True when the engine's instance cannot be trusted any more: it trapped, overflowed its stack, or ran out of memory. */
export function isTrap(value: unknown): boolean {
  return value instanceof WebAssembly.RuntimeError || value instanceof RangeError || !isErrorRecord(value);
}

/**
 * Turns anything that was thrown into a {@link CodequarryError}.
 *
 * @param fallback the code for what carries none of ours
 */
export function toError(value: unknown, fallback: ErrorCode = 'INTERNAL'): CodequarryError {
  if (value instanceof CodequarryError) return value;
  if (value instanceof WebAssembly.RuntimeError || value instanceof RangeError) {
    return new CodequarryError('ENGINE_TRAP', `the engine stopped: ${value.message}`, { cause: value });
  }
  if (!(value instanceof Error) && isErrorRecord(value)) return CodequarryError.fromRecord(value);
  const message = value instanceof Error ? value.message : String(value);
  return new CodequarryError(fallback, message, { cause: value });
}

/** True when `value` is what an aborted operation rejects with. */
export function isAbort(value: unknown, signal?: AbortSignal): boolean {
  if (signal?.aborted && value === signal.reason) return true;
  return value instanceof Error && value.name === 'AbortError';
}
