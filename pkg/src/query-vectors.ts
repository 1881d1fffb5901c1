/**
 * What a query needs so that vectors can be used: the model at the searcher, or the query's vector by the host's own embedder. When that cannot be had,
 * the answer is lexical and says why.
 */

import { type HostEmbedder, embedTexts } from './embedder.js';
import type { PartNeed, SearchOptions, SearchResult } from './engine.js';
import { toError } from './errors.js';
import type { ModelShelf } from './model-shelf.js';
import type { FetchOptions, Searcher } from './searcher.js';

/** Searches with vectors where they are asked for. */
export class QueryVectors {
  readonly #embedder: ModelShelf | HostEmbedder | undefined;
  /** Searchers that have the model. */
  readonly #equipped = new WeakMap<Searcher, Promise<void>>();
  /** Whether somebody has said that vectors are worth fetching. */
  #wanted = false;

  /** @param embedder the model on a shelf, or the host's own; undefined: vectors are used only when they are asked for by name */
  constructor(embedder: ModelShelf | HostEmbedder | undefined) {
    this.#embedder = embedder;
  }

  /** The answer to a query. */
  async search(searcher: Searcher, query: string, options: SearchOptions): Promise<SearchResult> {
    const { mode = this.#embedder ? 'hybrid' : 'lexical' } = options;
    if (mode !== 'hybrid' && mode !== 'semantic') return searcher.search(query, { ...options, mode });
    const found = await this.#vector(searcher, query, options.mode !== undefined);
    if (typeof found !== 'string') return searcher.search(query, { ...options, mode }, found);
    return { ...(await searcher.search(query, { ...options, mode: 'lexical' })), semantic: found };
  }

  /** Bytes of vectors that a search would fetch before it can use them; undefined where there are none that it could use. */
  async missingBytes(searcher: Searcher): Promise<number | undefined> {
    const info = await searcher.vectors();
    if (!info || !this.#embedder || ('embed' in this.#embedder) === info.own) return undefined;
    return searcher.inParts ? bytesOf(await searcher.wantVectors()) : 0;
  }

  /** Fetches vectors and model; from then on searches use them without being asked. */
  async fetch(searcher: Searcher, options: FetchOptions): Promise<void> {
    const info = await searcher.vectors();
    if (!info) return;
    if (this.#embedder && !('embed' in this.#embedder) && info.own) {
      await Promise.all([searcher.parts?.fetchVectors(options), this.#equip(searcher, this.#embedder)]);
    } else {
      await searcher.parts?.fetchVectors(options);
    }
    this.#wanted = true;
  }

  /** The query's vector; undefined when the searcher finds it, or finds out why not; or a reason. */
  async #vector(searcher: Searcher, query: string, asked: boolean): Promise<Float32Array | string | undefined> {
    const info = await searcher.vectors();
    if (!info) return undefined;
    if (!this.#embedder) return 'MODEL_UNAVAILABLE';
    // Vectors are read as a whole: a sixth of a snapshot that is fetched in parts, and worth it only when somebody says so. What the cache cannot keep would be fetched each time.
    if (searcher.parts && (!(asked || this.#wanted) || bytesOf(await searcher.wantVectors()) > searcher.parts.budgetBytes)) return 'VECTORS_REMOTE';
    if ('embed' in this.#embedder) {
      if (info.own || info.name !== this.#embedder.id || info.dims !== this.#embedder.dims) return 'MODEL_MISMATCH';
      return embedTexts(this.#embedder, [query], true).catch((error: unknown) => toError(error).code);
    }
    if (!info.own) return 'MODEL_MISMATCH';
    return this.#equip(searcher, this.#embedder).then(
      () => undefined,
      (error: unknown) => toError(error).code,
    );
  }

  /** Gives a searcher the model, once. What failed is tried again the next time. */
  #equip(searcher: Searcher, shelf: ModelShelf): Promise<void> {
    const known = this.#equipped.get(searcher);
    if (known) return known;
    const equipping = shelf
      .get()
      .then((bytes) => searcher.setModel(bytes))
      .catch((error: unknown) => {
        this.#equipped.delete(searcher);
        throw error;
      });
    this.#equipped.set(searcher, equipping);
    return equipping;
  }
}

function bytesOf(needs: readonly PartNeed[]): number {
  let bytes = 0;
  for (const { ranges } of needs) for (let at = 0; at + 1 < ranges.length; at += 2) bytes += (ranges[at + 1] as number) - (ranges[at] as number);
  return bytes;
}
