/**
 * What the coordinator and its workers say to each other, in types. The transport is `rpc.ts`.
 */

import type { AddedLanguage, BuilderSettings, BuiltSegment, FileOutline, FileReport, SegmentCounts } from '../engine.js';
import type { ErrorRecord } from '../errors.js';
import type { TokenLimit } from '../tokenizer.js';

/** Files that become one segment, in one piece of memory so that a message costs one copy (none when it is shared). */
export interface Batch {
  arena: ArrayBuffer | SharedArrayBuffer;
  files: BatchFile[];
}

/** A file of a {@link Batch}: its path, and where it lies in the arena, in bytes. */
export interface BatchFile {
  path: string;
  start: number;
  length: number;
}

/** Asks a builder for the segment of one batch. */
export interface BuildRequest {
  batch: Batch;
  /** Indices of files that broke a builder before: they are indexed by line windows, before any grammar is loaded. Only for a builder that has loaded none. */
  plain: number[];
  /** Indices of files that broke a builder even so: they are left out. */
  omit: number[];
  /** Whether to say `at` before each file, so that the file that kills the worker is known. */
  announce: boolean;
}

/** Asks a builder which file of a batch breaks it: files are parsed and nothing is made of them. */
export interface ScoutRequest {
  batch: Batch;
  /** Index of the first file. */
  from: number;
  /** Whether to say `at` before each file. */
  announce: boolean;
}

/** The segment of one batch. */
export interface BuildReply {
  /** Undefined when no file of the batch could be indexed. */
  segment: BuiltSegment | undefined;
  /** One report a file, in the order of the batch; omitted files have none. */
  reports: (FileReport | undefined)[];
  /** Why the segment has no vectors though it should have. */
  unembedded?: ErrorRecord | undefined;
  /** Linear memory of the builder afterwards, in bytes. */
  memoryBytes: number;
}

/** Segments to be merged, with the ordinals of their dead files. */
export interface MergeRequest {
  inputs: { bytes: Uint8Array; tombstones: Uint32Array }[];
}

/** The merged segment. */
export interface MergeReply {
  /** Undefined when every file of the inputs is dead. */
  segment: BuiltSegment | undefined;
  /** Why the segment has no vectors though it should have. */
  unembedded?: ErrorRecord | undefined;
  memoryBytes: number;
}

/** Asks for the chunks and symbols of files, without an index. */
export interface OutlineRequest {
  batch: Batch;
}

/** The outlines of a batch, in its order. */
export interface OutlineReply {
  outlines: FileOutline[];
  memoryBytes: number;
}

/** Asks whether a segment is sound. */
export interface VerifyRequest {
  name: string;
  bytes: Uint8Array;
}

/** What is in a segment that is sound. */
export interface VerifyReply {
  counts: SegmentCounts;
  memoryBytes: number;
}

/** What a builder begins with. */
export interface BuilderStart {
  module: WebAssembly.Module;
  options: BuilderSettings;
  /** Languages besides those that are built in. */
  languages?: AddedLanguage[] | undefined;
  /** The embedding model, when vectors are made with it. */
  model?: Uint8Array | undefined;
  /** The limit of chunks in tokens, if there is one. */
  tokens?: TokenLimit | undefined;
  /** The host's own embedder, when vectors are asked of it. */
  embedder?: { id: string; dims: number; batch: number } | undefined;
}

/** The methods of a worker in the role of a builder. */
export interface BuilderService {
  /** Resolves to why the model cannot be used; vectors are not made then. */
  startBuilder(argument: BuilderStart): ErrorRecord | undefined;
  build(request: BuildRequest): BuildReply;
  merge(request: MergeRequest): MergeReply;
  outline(request: OutlineRequest): OutlineReply;
  /** Rejects as `build` does when a file breaks the builder. */
  scout(request: ScoutRequest): { memoryBytes: number };
  /** Checks the whole of a segment, each section against the others. */
  verify(request: VerifyRequest): VerifyReply;
  /** Loads the grammar of an added language and holds its rules against it; throws `LANGUAGE_INVALID`. */
  checkLanguage(request: { id: string }): { memoryBytes: number };
}

/** What a builder says on its own. */
export interface BuilderEvents {
  /** Files and source bytes of the batch that are done. */
  progress: { files: number; bytes: number };
  /** The index of the file that comes next, in announcing mode. */
  at: { index: number };
  /** The host's tokenizer is called, or was for the last time for the file at hand. Said again while it is called often. */
  counting: { now: boolean };
  /** A grammar is wanted; `grammar` is to be told in return. */
  wantGrammar: { grammar: string };
  /** Vectors are wanted of the host's own embedder; `vectors` is to be told in return. */
  wantVectors: { texts: string[] };
}

/** The answer to `wantVectors`: the vectors one after the other, or why there are none. */
export interface VectorDelivery {
  vectors?: Float32Array<ArrayBuffer>;
  error?: ErrorRecord;
}

/** The answer to `wantGrammar`. */
export interface GrammarDelivery {
  grammar: string;
  module?: WebAssembly.Module;
  error?: ErrorRecord;
}
