/** The query string of `/search`, checked: what it asks for is understood completely or refused with a code. */
import type { SearchOptions } from './engine.js';
import { Problem } from './problem.js';

/** Longest query in UTF-16 units. Nobody types more; a pasted file is a mistake. */
export const MAX_QUERY_LENGTH = 1000;
/** Most hits in one answer: with their text that is some 150 KB. Further ones are reached through `offset`. */
export const MAX_LIMIT = 100;
/** The engine reaches 10,000 hits, this and the largest `limit` together. */
export const MAX_OFFSET = 9_900;
/** Most values of `language` or `path` together in one request. */
export const MAX_FILTERS = 32;
/** Longest single filter value in UTF-16 units. */
export const MAX_FILTER_LENGTH = 256;

/** How to find; see the package. */
export type SearchMode = NonNullable<SearchOptions['mode']>;
export const MODES: readonly SearchMode[] = ['hybrid', 'lexical', 'semantic', 'exact', 'symbol'];

export interface SearchRequest {
  readonly query: string;
  readonly options: SearchOptions;
}

/**
 * Reads the parameters of a search. Unknown parameters are ignored, as on the rest of the web.
 *
 * @throws Problem 400 `QUERY_MISSING`, `QUERY_EMPTY`, `QUERY_TOO_LONG` or `OPTION_INVALID`; the last names the
 * parameter in `details.option`.
 */
export function readSearch(parameters: URLSearchParams): SearchRequest {
  const query = single(parameters, 'q');
  if (query === undefined) {
    throw new Problem(400, 'QUERY_MISSING', 'say what to search for: /search?q=…');
  }
  if (query.trim() === '') throw new Problem(400, 'QUERY_EMPTY', 'the query q is empty');
  if (query.length > MAX_QUERY_LENGTH) {
    throw new Problem(400, 'QUERY_TOO_LONG', `the query q is longer than ${MAX_QUERY_LENGTH} characters`);
  }
  const mode = readMode(single(parameters, 'mode') ?? 'hybrid');
  const cursor = single(parameters, 'cursor');

  const language = filters(parameters, 'language').flatMap((value) => value.split(',')).map((id) => id.trim());
  if (language.some((id) => id === '')) throw invalid('language', 'must not be empty');
  const path = filters(parameters, 'path');
  if (path.some((glob) => glob === '' || glob === '!')) throw invalid('path', 'must not be empty');
  if (language.length + path.length > MAX_FILTERS) {
    throw invalid(language.length > path.length ? 'language' : 'path', `at most ${MAX_FILTERS} filters a request`);
  }
  return {
    query,
    options: {
      mode,
      limit: wholeNumber(parameters, 'limit', 10, 1, MAX_LIMIT),
      offset: wholeNumber(parameters, 'offset', 0, 0, MAX_OFFSET),
      ...(language.length > 0 && { language }),
      ...(path.length > 0 && { path }),
      ...(cursor !== undefined && { cursor }),
      prefix: flag(parameters, 'prefix', false),
      facets: flag(parameters, 'facets', false),
      snippet: wholeNumber(parameters, 'snippet', 0, 0, 100),
      text: flag(parameters, 'text', true),
    },
  };
}

function readMode(text: string): SearchMode {
  const mode = MODES.find((known) => known === text);
  if (mode === undefined) throw invalid('mode', `must be one of ${MODES.join(', ')}`);
  return mode;
}

function invalid(option: string, rule: string): Problem {
  return new Problem(400, 'OPTION_INVALID', `the parameter ${option} ${rule}`, { details: { option } });
}

function single(parameters: URLSearchParams, name: string): string | undefined {
  const values = parameters.getAll(name);
  if (values.length > 1) throw invalid(name, 'is given more than once');
  return values[0];
}

function filters(parameters: URLSearchParams, name: string): string[] {
  const values = parameters.getAll(name);
  if (values.some((value) => value.length > MAX_FILTER_LENGTH)) {
    throw invalid(name, `must not be longer than ${MAX_FILTER_LENGTH} characters`);
  }
  return values;
}

function wholeNumber(
  parameters: URLSearchParams,
  name: string,
  otherwise: number,
  least: number,
  most: number,
): number {
  const text = single(parameters, name);
  if (text === undefined) return otherwise;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) throw invalid(name, `must be a whole number from ${least} to ${most}`);
  return value;
}

function flag(parameters: URLSearchParams, name: string, otherwise: boolean): boolean {
  const text = single(parameters, name);
  if (text === undefined) return otherwise;
  if (text === '1' || text === 'true') return true;
  if (text === '0' || text === 'false') return false;
  throw invalid(name, 'must be 1, true, 0 or false');
}
