/** The types of what goes into the engine and comes out, whichever of its modules it is; all are generated from the engine's own. */

export type {
  Change,
  Hit,
  IndexStats,
  LanguageInfo,
  ManifestInfo,
  PartNeed,
  ReferAnswer,
  ReferQuestion,
  ReferenceInfo,
  RegexEngine,
  SearchOptions,
  SearchResult,
  SymbolInfo,
  VectorInfo,
} from './searcher-engine.js';
export type { AddedLanguage, BuilderSettings, BuiltSegment, ChunkInfo, ChunkRules, FileOutline, FileReport, SegmentCounts, SymbolRule } from './builder-engine.js';
