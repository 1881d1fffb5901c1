/** The types of what goes into the engine and comes out, whichever of its modules it is; all are generated from the engine's own. */

export type {
  Change,
  Hit,
  IndexStats,
  LanguageInfo,
  ManifestInfo,
  PartNeed,
  RegexEngine,
  SearchOptions,
  SearchResult,
  SegmentCounts,
  SymbolInfo,
  VectorInfo,
} from './searcher-engine.js';
export type { BuilderSettings, BuiltSegment, ChunkInfo, FileOutline, FileReport } from './builder-engine.js';
