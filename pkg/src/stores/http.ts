/**
 * A snapshot that lies on a web server, as files. Read-only.
 *
 * Segments are named by their content and may be cached for ever; the manifest is asked for anew every time. A segment may lie there in parts, each a file of its own, for
 * servers that know no ranges (`parts.ts`).
 */

import { concat } from '../bytes.js';
import { CodequarryError } from '../errors.js';
import { MANIFEST_PROBE_BYTES, RANGES_PER_REQUEST, RANGE_GAP_BYTES, STORE_PARALLEL } from '../limits.js';
import { manifestGeneration } from './manifest-generation.js';
import { NOTE_BYTES, PartReader, isNote } from './parts.js';
import { contentStart, joinNear, joinRanges, multipartPieces } from './ranges.js';
import { type BytePiece, type ByteRange, MANIFEST_KEY, type RangeOptions, ReadOnlyStore, type Store, type StoredBlob, type StoredManifest, checkKey } from './store.js';

/** The type of a reply with several ranges. */
const MULTIPART = /^multipart\/byteranges/i;

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
  readonly #parts = new PartReader((key, fresh) => this.#whole(key, fresh ? { cache: 'reload' } : {}));
  /** Whether one request may ask for several ranges. */
  #several: Promise<boolean> | undefined;

  /** @param base the address of the folder that holds `manifest.cqm`; relative ones are relative to the page */
  constructor(base: string | URL, options: HttpStoreOptions = {}) {
    super();
    const address = new URL(base, globalThis.location?.href);
    if (!address.pathname.endsWith('/')) address.pathname += '/';
    this.#base = address.href;
    this.label = this.#base;
    // A page that asks another origin for several ranges has to ask for leave first, which few servers give.
    const page = globalThis.location?.origin;
    if (page !== undefined && page !== address.origin) this.#several = Promise.resolve(false);
    this.#fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    checkKey(key);
    const bytes = await this.#whole(key, {});
    return this.#parts.knows(key, bytes) ? this.#parts.whole(key) : bytes;
  }

  async getRange(key: string, start: number, end: number): Promise<Uint8Array | undefined> {
    checkKey(key);
    if (end <= start) return new Uint8Array();
    let pieces = await this.getRanges(key, [{ start, end }]);
    // Behind the end of what may be a note of parts, which stands at the start.
    if (pieces?.length === 0 && !this.#parts.knows(key)) {
      await this.getRanges(key, [{ start: 0, end: NOTE_BYTES }]);
      if (this.#parts.knows(key)) pieces = await this.getRanges(key, [{ start, end }]);
    }
    const piece = pieces?.find((found) => found.start <= start);
    return pieces && (piece?.bytes.slice(start - piece.start, end - piece.start) ?? new Uint8Array());
  }

  async getRanges(key: string, ranges: readonly ByteRange[], { fresh = false, fillBytes }: RangeOptions = {}): Promise<BytePiece[] | undefined> {
    checkKey(key);
    if (this.#parts.knows(key)) {
      const pieces = await this.#parts.ranges(key, ranges, fresh);
      if (pieces) return pieces;
      // Parts that are gone may be those of a note that a cache has kept: the site was made anew in other parts, or in none.
      const bytes = await this.#whole(key, { cache: 'reload' });
      if (!bytes) return undefined;
      return this.#parts.knows(key, bytes) ? this.#parts.ranges(key, ranges, true) : [{ start: 0, bytes }];
    }
    // A browser answers requests for one file one after the other where its cache is asked too.
    const cache: RequestInit = fresh ? { cache: 'reload' } : ranges.length > 1 ? { cache: 'no-store' } : {};
    this.#several ??= this.#probe().then(({ several }) => several);
    const joined = joinRanges(ranges, RANGE_GAP_BYTES);
    if (joined.length > 1 && (await this.#several)) {
      const pieces = await this.#each(batches(joined), (batch) => this.#severalRanges(key, batch, cache));
      if (await this.#several) return pieces;
    }
    const pieces = await this.#each(joinNear(ranges, fillBytes), (range) => this.#oneRange(key, range, cache));
    const head = pieces?.find(({ start, bytes }) => start === 0 && isNote(bytes));
    if (!head) return pieces;
    await this.#learn(key, head.bytes);
    return this.#parts.ranges(key, ranges, fresh);
  }

  async readManifest(): Promise<StoredManifest | undefined> {
    let bytes: Uint8Array | undefined;
    if (this.#several === undefined) {
      const probe = this.#probe();
      this.#several = probe.then(({ several }) => several);
      bytes = (await probe).manifest;
    }
    bytes ??= await this.#whole(MANIFEST_KEY, { cache: 'no-cache' });
    return bytes && { generation: manifestGeneration(bytes), bytes };
  }

  async list(): Promise<StoredBlob[]> {
    throw new CodequarryError('STORE_UNSUPPORTED', `${this.label} cannot be listed`);
  }

  /** Takes a note of parts, of which the ranges that were asked for may have cut the end off. */
  async #learn(key: string, bytes: Uint8Array): Promise<void> {
    try {
      this.#parts.knows(key, bytes);
    } catch {
      this.#parts.knows(key, await this.#whole(key, {}));
    }
  }

  /** Several requests at the same time; undefined when one of them finds nothing. */
  async #each<T>(items: T[], read: (item: T) => Promise<BytePiece[] | undefined>): Promise<BytePiece[] | undefined> {
    const queue = items[Symbol.iterator]();
    const found: (BytePiece[] | undefined)[] = [];
    const readAll = async (): Promise<void> => {
      for (const item of queue) found.push(await read(item));
    };
    await Promise.all(Array.from({ length: Math.min(items.length, STORE_PARALLEL) }, readAll));
    return found.every((pieces) => pieces !== undefined) ? found.flat() : undefined;
  }

  async #oneRange(key: string, { start, end }: ByteRange, init: RequestInit): Promise<BytePiece[] | undefined> {
    const response = await this.#request(key, { ...init, headers: { range: `bytes=${start}-${end - 1}` } });
    if (!response) return undefined;
    if (response.status === 416) return [];
    const at = response.status === 206 ? (contentStart(response.headers.get('content-range')) ?? start) : 0;
    return [{ start: at, bytes: await this.#body(response) }];
  }

  /** Asks for the manifest in pieces that are all of it, so that the way it comes tells whether the server sends several ranges in one reply. Without the manifest where it did not come whole. */
  async #probe(): Promise<{ several: boolean; manifest?: Uint8Array }> {
    try {
      const response = await this.#request(MANIFEST_KEY, { cache: 'no-store', headers: { range: `bytes=0-0,2-${MANIFEST_PROBE_BYTES - 1},1-1` } });
      if (!response) return { several: false };
      const type = response.headers.get('content-type') ?? '';
      const several = response.status === 206 && MULTIPART.test(type);
      const body = await this.#body(response);
      const pieces = several ? multipartPieces(body, type) : [{ start: 0, bytes: body }];
      const manifest = concat(pieces.sort((a, b) => a.start - b.start).map(({ bytes }) => bytes));
      // Its header says how long it is.
      const length = manifest.byteLength < 24 ? undefined : new DataView(manifest.buffer).getUint32(16, true);
      return { several, ...(length === manifest.byteLength && { manifest }) };
    } catch {
      return { several: false };
    }
  }

  /** Asks for several ranges at once; a server that does not answer so is never asked again. */
  async #severalRanges(key: string, ranges: ByteRange[], init: RequestInit): Promise<BytePiece[] | undefined> {
    const list = ranges.map(({ start, end }) => `${start}-${end - 1}`).join(',');
    const response = await this.#request(key, { ...init, headers: { range: `bytes=${list}` } });
    if (!response) return undefined;
    const type = response.headers.get('content-type') ?? '';
    if (response.status === 206 && MULTIPART.test(type)) return multipartPieces(await this.#body(response), type);
    const at = contentStart(response.headers.get('content-range'));
    if (response.status === 206 && at !== undefined) {
      // One range, of all that were asked for: only a server that joined them is of use.
      const bytes = await this.#body(response);
      if (ranges.every(({ start, end }) => start >= at && end <= at + bytes.byteLength)) return [{ start: at, bytes }];
    } else {
      await response.body?.cancel();
    }
    this.#several = Promise.resolve(false);
    return [];
  }

  /** A file as it is; undefined when there is none. */
  async #whole(key: string, init: RequestInit): Promise<Uint8Array | undefined> {
    const response = await this.#request(key, init);
    return response && this.#body(response);
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

function batches(ranges: ByteRange[]): ByteRange[][] {
  return Array.from({ length: Math.ceil(ranges.length / RANGES_PER_REQUEST) }, (_, at) => ranges.slice(at * RANGES_PER_REQUEST, (at + 1) * RANGES_PER_REQUEST));
}
