/**
 * What the Worker needs of the engine, and how it is thrown away. `module.ts` is the real one; tests of the loading
 * protocol bring their own.
 */
import type { Index, IndexStats, PartNeed, SearchOptions, SearchResult } from 'codequarry/searcher-engine';

export type { IndexStats, PartNeed, SearchOptions, SearchResult };

/** The searching half of the engine's `Index`. Every call is synchronous, so none can be interrupted by another request. */
export type SearchIndex = Pick<
  Index,
  'generation' | 'missingSegments' | 'addSegment' | 'beginSegment' | 'supply' | 'takeNeeds' | 'trim' | 'open' | 'search' | 'stats' | 'vectors' | 'setRegex'
>;

export interface Engine {
  /** An empty index. */
  create(): SearchIndex;
  /** Gives an index the module for regexes, which a search without it asks for by `REGEX_UNAVAILABLE`. */
  equipRegex(index: SearchIndex): void;
  /** Takes the embedding model, until the instance is thrown away. Throws `MODEL_INVALID`, `MODEL_NEWER`. */
  setModel(bytes: Uint8Array): void;
  /** Throws the whole instance and its memory away, after a trap. Every index made before is dead from then on. */
  discard(): void;
  /** Linear memory of the instance. It never shrinks: only `discard` gives it back. */
  memoryBytes(): number;
  /** 32 hex digits that identify the bytes. */
  contentHash(bytes: Uint8Array): string;
  /** The generation that a manifest is. Throws what `missingSegments` throws. */
  generationOf(manifest: Uint8Array): number;
  /** Names of the segments of a manifest. Throws the same. */
  segmentsOf(manifest: Uint8Array): string[];
}
