/**
 * A host's own embedder, called with care: in batches, with a time limit, and nothing believed that it returns.
 */

import { deadline } from './deadline.js';
import { CodequarryError, toError } from './errors.js';
import { EMBED_STALL_MS } from './limits.js';

/** Turns texts into vectors: a model of the host's, a service, a binding of the platform. */
export interface HostEmbedder {
  /** Names the model. Vectors of different ids never mix: a new model needs a new id. */
  id: string;
  /** Dimensions of every vector: even, 2 to 4096. */
  dims: number;
  /** Texts at most in one call of `embed`. Default 64. */
  batch?: number | undefined;
  /** Milliseconds that one call may take. Default 60,000. */
  timeoutMs?: number | undefined;
  /** One vector a text, in their order. `query` tells a query from code, for models that treat them differently. */
  embed(texts: string[], options: { signal: AbortSignal; query: boolean }): Promise<readonly ArrayLike<number>[]> | readonly ArrayLike<number>[];
}

/**
 * Checks what a host gave as its embedder.
 *
 * @throws CodequarryError `OPTION_INVALID`
 */
export function checkEmbedder(embedder: HostEmbedder): void {
  const { id, dims, batch = 1, timeoutMs = 1 } = embedder;
  const sound =
    typeof id === 'string' && id !== '' && Number.isInteger(dims) && dims >= 2 && dims <= 4096 && dims % 2 === 0 && typeof embedder.embed === 'function';
  if (!sound || !Number.isInteger(batch) || batch < 1 || !(timeoutMs > 0)) {
    throw new CodequarryError('OPTION_INVALID', 'embedder needs an id, an even number of dimensions from 2 to 4096, and a function embed; batch and timeoutMs are positive');
  }
}

/**
 * The vectors of texts, one after the other.
 *
 * @throws CodequarryError `EMBEDDER_FAILED` when it throws, or returns what is no vector of its dimensions for each text; `EMBEDDER_TIMEOUT`
 */
export async function embedTexts(embedder: HostEmbedder, texts: string[], query: boolean): Promise<Float32Array<ArrayBuffer>> {
  const { id, dims, timeoutMs = EMBED_STALL_MS } = embedder;
  const stop = new AbortController();
  let cancel: (() => void) | undefined;
  const late = new Promise<never>((_, reject) => {
    cancel = deadline(timeoutMs, () => reject(new CodequarryError('EMBEDDER_TIMEOUT', `embedder ${id} did not answer within ${timeoutMs} ms`)));
  });
  try {
    const called = Promise.resolve().then(() => embedder.embed(texts, { signal: stop.signal, query }));
    return flatten(await Promise.race([called, late]), texts.length, dims);
  } catch (error) {
    if (error instanceof CodequarryError && error.code === 'EMBEDDER_TIMEOUT') throw error;
    throw new CodequarryError('EMBEDDER_FAILED', `embedder ${id}: ${toError(error).message}`, { cause: error });
  } finally {
    cancel?.();
    stop.abort();
  }
}

function flatten(vectors: unknown, count: number, dims: number): Float32Array<ArrayBuffer> {
  if (!Array.isArray(vectors) || vectors.length !== count) throw new Error(`it returned ${Array.isArray(vectors) ? vectors.length : 'no'} vectors for ${count} texts`);
  const flat = new Float32Array(count * dims);
  for (const [at, vector] of (vectors as ArrayLike<number>[]).entries()) {
    if (vector?.length !== dims) throw new Error(`it returned a vector of ${vector?.length ?? 'no'} dimensions, not ${dims}`);
    flat.set(vector, at * dims);
  }
  if (!flat.every(Number.isFinite)) throw new Error('it returned a vector with what is no finite number in it');
  return flat;
}
