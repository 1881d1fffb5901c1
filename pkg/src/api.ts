/**
 * What all runtimes export.
 */

export type { ImportOptions, ImportReport } from './archive/import.js';
export type { ChunkPlace } from './searcher.js';
export type { HostEmbedder } from './embedder.js';
export { CodequarryError, type ErrorCode, type ErrorRecord } from './errors.js';
export { Coalescer, type CoalescerOptions, type Clock, type Pace, type WriteFailure } from './persist/coalescer.js';
export { EventHub } from './events.js';
export { type ImportTarget, Quarry, type OpenOptions } from './quarry.js';
export type { LanguageDefinition } from './languages.js';
export type { OutlineSymbol, ReferenceOptions, References, SymbolPlace } from './references.js';
export type { Generation } from './rollback.js';
export type { EngineOptions, GrammarSource, ModelBytes, ModelSource, WasmSource } from './runtime.js';
export { type ArchiveInput, type ArchiveOptions, fromArchive, isArchiveName } from './sources/archive.js';
export type { IgnoreOptions } from './sources/ignore-tree.js';
export type { ChunkLimits, CountTokens } from './tokenizer.js';
export { HttpStore, type HttpStoreOptions } from './stores/http.js';
export { manifestGeneration } from './stores/manifest-generation.js';
export { MemoryStore } from './stores/memory.js';
export {
  type BytePiece,
  type ByteRange,
  checkKey,
  MANIFEST_KEY,
  PREVIOUS_KEY,
  readOnlyStore,
  ReadOnlyStore,
  SEGMENT_SUFFIX,
  segmentKey,
  staleGeneration,
  type Store,
  type StoredBlob,
  type StoredManifest,
} from './stores/store.js';
export type * from './types.js';
export type { FetchOptions, FetchProgress } from './searcher.js';
export type { SegmentReport, VerifyOptions, VerifyReport } from './verify.js';
