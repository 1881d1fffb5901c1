/** Responses: JSON bodies, validators, cache and cross-origin headers. */
import { Problem } from './problem.js';
import type { Settings } from './settings.js';

/** Raised when the JSON of any answer changes its shape, so that no cache mixes old and new ones. */
export const BODY_VERSION = 1;

export const ALLOWED_METHODS = 'GET, HEAD, OPTIONS';

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(`${JSON.stringify(body)}\n`, {
    status,
    headers: {
      'Content-Type': 'application/json; charset=utf-8',
      'X-Content-Type-Options': 'nosniff',
      ...headers,
    },
  });
}

/** The answer for a problem: `{ "error": { code, message, details? } }`, never cached. */
export function problemResponse(problem: Problem): Response {
  const { code, message, details, retryAfterSeconds } = problem;
  return json(
    problem.status,
    { error: { code, message, ...(details !== undefined && { details }) } },
    {
      'Cache-Control': 'no-store',
      ...(retryAfterSeconds !== undefined && { 'Retry-After': String(retryAfterSeconds) }),
      ...(problem.status === 405 && { Allow: ALLOWED_METHODS }),
    },
  );
}

/** Whether `If-None-Match` names the tag; compared weakly, since a proxy that compresses weakens tags. */
export function matches(request: Request, etag: string): boolean {
  const header = request.headers.get('If-None-Match');
  if (header === null) return false;
  return header
    .split(',')
    .map((candidate) => candidate.trim().replace(/^W\//, ''))
    .some((candidate) => candidate === '*' || candidate === etag);
}

/** `Cache-Control` and `ETag` of an answer that stays true until the next generation. */
export function cacheHeaders(settings: Settings, etag: string): Record<string, string> {
  return { 'Cache-Control': `public, max-age=${settings.cacheSeconds}`, ETag: etag };
}

/** The answer to a preflight. */
export function preflight(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      Allow: ALLOWED_METHODS,
      'Access-Control-Allow-Methods': ALLOWED_METHODS,
      'Access-Control-Allow-Headers': 'If-None-Match',
      'Access-Control-Max-Age': '86400',
    },
  });
}

/** Adds what lets a page of an allowed origin read the answer. */
export function withCors(response: Response, request: Request, origins: Settings['corsOrigins']): Response {
  if (origins === '*') {
    response.headers.set('Access-Control-Allow-Origin', '*');
  } else {
    response.headers.append('Vary', 'Origin');
    const origin = request.headers.get('Origin');
    if (origin === null || !origins.includes(origin)) return response;
    response.headers.set('Access-Control-Allow-Origin', origin);
  }
  response.headers.set('Access-Control-Expose-Headers', 'ETag, Retry-After, Codequarry-Problem, Codequarry-Reads');
  return response;
}

/** The same answer without its body, for `HEAD`. */
export function withoutBody(response: Response): Response {
  return new Response(null, response);
}
