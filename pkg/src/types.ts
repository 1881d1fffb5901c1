/**
 * What goes in and what comes out, apart from the engine's own types: files, progress, reports, options, events.
 */

import type { SearchOptions as EngineSearchOptions, FileReport } from './engine.js';

export type {
  AddedLanguage,
  BuilderSettings,
  ChunkRules,
  ChunkInfo,
  FileOutline,
  FileReport,
  Hit,
  IndexStats,
  LanguageInfo,
  ReferenceInfo,
  SearchResult,
  SymbolInfo,
  SymbolRule,
} from './engine.js';

/** A file to be indexed, or one that its source could not bring. */
export type SourceFile = SourceText | SourceBytes | SourceProblem;

/** A file whose text is at hand. */
export interface SourceText {
  /** Path with forward slashes, relative to the corpus; no `..`, no leading slash. */
  path: string;
  text: string;
}

/** A file as it lies on disk, in any encoding. The bytes must not be changed until `add` has returned. */
export interface SourceBytes {
  /** Path with forward slashes, relative to the corpus; no `..`, no leading slash. */
  path: string;
  bytes: Uint8Array;
}

/** A file that could not be had. It is reported as skipped; nothing else happens to it. */
export interface SourceProblem {
  path: string;
  problem: {
    /** `UNREADABLE`, `PATH_ESCAPES`, `LIMIT_EXCEEDED`, … */
    code: string;
    message: string;
  };
}

/** Anything that `add` takes: files at hand, or files that come one by one. */
export type Files = Iterable<SourceFile> | AsyncIterable<SourceFile>;

/** A stream of files that may know how many there will be. */
export interface FileSource extends AsyncIterable<SourceFile> {
  /** Number of files, once it is known. */
  readonly total: number | undefined;
}

/** What a long operation is doing. */
export interface Progress {
  /** `index`: files are read and indexed; `compact`: segments are merged. */
  phase: 'index' | 'compact';
  /** Files (or, when compacting, segments) done with: indexed, skipped or unchanged. */
  done: number;
  /** Files (or segments) altogether, when the source knows. */
  total: number | undefined;
  /** Source bytes done with. */
  bytes: number;
}

/** Options of every operation that may take long. */
export interface LongOptions {
  /** Called at most some 20 times a second, and once at the end. */
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Aborting rejects with the signal's reason; what was committed before stays. */
  signal?: AbortSignal | undefined;
}

/** Options of `add`. */
export interface AddOptions extends LongOptions {
  /**
   * What happens to indexed files that `files` does not name: `keep` them, or `remove` them so that the index mirrors the source. Nothing is
   * removed when the source fails or the operation is cancelled; a source that brings nothing at all is `WOULD_EMPTY`. Default `keep`.
   */
  others?: 'keep' | 'remove' | undefined;
}

/** What became of one `add`. */
export interface AddReport {
  /** Files that the source named. */
  files: number;
  /** Files indexed now, those with `fallback` included. */
  indexed: number;
  /** Files indexed by line windows though their language is known, or for a reason given in `problems`. */
  fallback: number;
  /** Files not indexed; each is in `problems`. */
  skipped: number;
  /** Files whose content was indexed already. */
  unchanged: number;
  /** Files taken out of the index. */
  removed: number;
  /** Bytes of the files that were indexed now. */
  bytes: number;
  /** Chunks made of them. */
  chunks: number;
  /** Symbols found in them. */
  symbols: number;
  /** Generation of the index afterwards. */
  generation: number;
  /** Milliseconds that it took. */
  ms: number;
  /** Every file that was skipped, or indexed with a reservation, in source order. */
  problems: FileReport[];
}

/** Options of a search. Strings stand for lists of one. */
export interface SearchOptions extends Omit<EngineSearchOptions, 'language' | 'path'> {
  /** Language ids (`typescript`) or file extensions (`ts`); a hit is in one of them. */
  language?: string | readonly string[] | undefined;
  /** Globs (`src/**`); a leading `!` excludes. A hit fits one of those without `!`, if any, and none of those with it. */
  path?: string | readonly string[] | undefined;
  /** Aborting rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** What an index tells about itself. */
export type QuarryEvent =
  /** A new generation is durable in the store: everything that was changed before it. */
  | { type: 'saved'; generation: number; segments: number }
  /** A new generation is being searched, written by this index or another one. */
  | { type: 'opened'; generation: number }
  /** Writing has failed. What is not durable is searched all the same, stays to be written, and is tried again in `retryInMs`. */
  | { type: 'unsaved'; code: string; message: string; changes: number; failures: number; retryInMs: number }
  /** Something went wrong that the operation survived. */
  | { type: 'warning'; code: string; message: string };
