/** The Worker's variables, checked once a request: a typing error in `wrangler.toml` is named, not guessed around. */
import { Problem } from './problem.js';

export interface Settings {
  /** Key prefix of the snapshot in KV. */
  readonly prefix: string;
  /** A loaded snapshot younger than this, in milliseconds, is not checked for a newer generation. */
  readonly manifestTtlMs: number;
  /** `max-age` of good answers, in seconds. */
  readonly cacheSeconds: number;
  /** Origins that may read answers, or `*`. */
  readonly corsOrigins: readonly string[] | '*';
  /** Most bytes of segments that the engine may hold at once. */
  readonly maxIndexBytes: number;
  /** Most bytes that are kept of segments that are read in parts, besides what each of them needs to be open. */
  readonly partCacheBytes: number;
}

/** The variables as they arrive: all optional, all text. */
export interface Variables {
  readonly INDEX?: string;
  readonly MANIFEST_TTL_SECONDS?: string;
  readonly CACHE_SECONDS?: string;
  readonly CORS_ORIGIN?: string;
  readonly MAX_INDEX_MB?: string;
  readonly PART_CACHE_MB?: string;
}

const MB = 1_000_000;

export function readSettings(variables: Variables): Settings {
  const origins = (variables.CORS_ORIGIN ?? '*')
    .split(',')
    .map((origin) => origin.trim())
    .filter((origin) => origin !== '');
  return {
    prefix: variables.INDEX ?? 'default/',
    manifestTtlMs: wholeNumber(variables, 'MANIFEST_TTL_SECONDS', 60, 1, 86_400) * 1000,
    cacheSeconds: wholeNumber(variables, 'CACHE_SECONDS', 60, 0, 86_400),
    corsOrigins: origins.includes('*') ? '*' : origins,
    maxIndexBytes: wholeNumber(variables, 'MAX_INDEX_MB', 40, 1, 90) * MB,
    partCacheBytes: wholeNumber(variables, 'PART_CACHE_MB', 32, 1, 64) * MB,
  };
}

function wholeNumber(
  variables: Variables,
  name: 'MANIFEST_TTL_SECONDS' | 'CACHE_SECONDS' | 'MAX_INDEX_MB' | 'PART_CACHE_MB',
  otherwise: number,
  least: number,
  most: number,
): number {
  const text = variables[name];
  if (text === undefined || text === '') return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new Problem(500, 'CONFIG_INVALID', `the variable ${name} must be a whole number from ${least} to ${most}`, {
      details: { variable: name },
    });
  }
  return value;
}
