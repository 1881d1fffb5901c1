/**
 * Everything that a request can be answered with other than what it asked for: a status, a stable code and a
 * sentence. Never carries a stack trace, so it can be sent as it is.
 */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: unknown;
  /** After how many seconds asking again makes sense; sent as `Retry-After`. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { details?: unknown; retryAfterSeconds?: number } = {},
  ) {
    super(message);
    this.name = 'Problem';
    this.status = status;
    this.code = code;
    this.details = more.details;
    this.retryAfterSeconds = more.retryAfterSeconds;
  }
}

/** What the engine throws on purpose: plain data with a stable code. */
export interface EngineError {
  readonly code: string;
  readonly message: string;
  readonly details?: unknown;
}

/**
 * Tells an error that the engine raised on purpose, after which it is as good as before, from a trap or a panic,
 * after which it must be discarded.
 */
export function isEngineError(thrown: unknown): thrown is EngineError {
  if (typeof thrown !== 'object' || thrown === null) return false;
  const { code, message } = thrown as { code?: unknown; message?: unknown };
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]*$/.test(code) && typeof message === 'string';
}

/** The answer for an error of the engine while it opened what was published. */
export function fromLoadError(error: EngineError): Problem {
  return new Problem(500, error.code, error.message, { details: error.details });
}

/** The answer for an error of the engine while it searched: what the client sent is 400, what was published is 500. */
export function fromSearchError(error: EngineError): Problem {
  const blamesTheRequest = /^(QUERY|OPTION|LIMIT|PATH|CURSOR|REGEX)_/.test(error.code);
  return new Problem(blamesTheRequest ? 400 : 500, error.code, error.message, { details: error.details });
}
