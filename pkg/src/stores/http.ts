/**
 * A snapshot that lies on a web server, as files. Read-only.
 *
 * Segments are named by their content and may be cached for ever; the manifest is asked for anew every time.
 */

import { CodequarryError } from '../errors.js';
import { manifestGeneration } from './manifest-generation.js';
import { MANIFEST_KEY, ReadOnlyStore, type Store, type StoredBlob, type StoredManifest, checkKey } from './store.js';

/** Options of {@link HttpStore}. */
export interface HttpStoreOptions {
  /** Used instead of the global `fetch`, for headers, credentials or a service binding. */
  fetch?: typeof globalThis.fetch;
}

/** Reads a snapshot over HTTP. */
export class HttpStore extends ReadOnlyStore implements Store {
  readonly label: string;
  readonly #base: string;
  readonly #fetch: typeof globalThis.fetch;

  /** @param base the address of the folder that holds `manifest.cqm`; relative ones are relative to the page */
  constructor(base: string | URL, options: HttpStoreOptions = {}) {
    super();
    const address = new URL(base, globalThis.location?.href);
    if (!address.pathname.endsWith('/')) address.pathname += '/';
    this.#base = address.href;
    this.label = this.#base;
    this.#fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    checkKey(key);
    const response = await this.#request(key, {});
    return response && this.#body(response);
  }

  async getRange(key: string, start: number, end: number): Promise<Uint8Array | undefined> {
    checkKey(key);
    if (end <= start) return new Uint8Array();
    const response = await this.#request(key, { headers: { range: `bytes=${start}-${end - 1}` } });
    if (!response) return undefined;
    if (response.status === 416) return new Uint8Array();
    const bytes = await this.#body(response);
    return response.status === 206 ? bytes : bytes.slice(start, end);
  }

  async readManifest(): Promise<StoredManifest | undefined> {
    const response = await this.#request(MANIFEST_KEY, { cache: 'no-cache' });
    if (!response) return undefined;
    const bytes = await this.#body(response);
    return { generation: manifestGeneration(bytes), bytes };
  }

  async list(): Promise<StoredBlob[]> {
    throw new CodequarryError('STORE_UNSUPPORTED', `${this.label} cannot be listed`);
  }

  async #request(key: string, init: RequestInit): Promise<Response | undefined> {
    let response: Response;
    try {
      response = await this.#fetch(this.#base + key, init);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new CodequarryError('STORE_FAILED', `${this.#base}${key} does not answer: ${message}`, { cause: error });
    }
    if (response.ok || response.status === 416) return response;
    await response.body?.cancel();
    if (response.status === 404 || response.status === 410) return undefined;
    throw new CodequarryError('HTTP_STATUS', `${this.#base}${key} answers ${response.status}`, { details: { status: response.status } });
  }

  async #body(response: Response): Promise<Uint8Array> {
    try {
      return new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new CodequarryError('STORE_FAILED', `${response.url} breaks off: ${message}`, { cause: error });
    }
  }
}
