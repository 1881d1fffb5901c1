/** The page's only door to the package: opening, indexing, deleting, and the snapshot beside the page. */

import {
  Codequarry,
  CodequarryError,
  HttpStore,
  IndexedDbStore,
  type AddReport,
  type EngineOptions,
  type FileReport,
  type FileSource,
  type SourceFile,
} from 'codequarry';
import { MAX_EXAMPLES, type SkippedGroup } from './projects';
import type { SiteModel } from './meaning';
import { problemOf, type Problem } from './problem';
import type { SnapshotSite } from './snapshot';

export type { Codequarry, Hit, IndexStats, SearchResult, SymbolInfo } from 'codequarry';

/** How far indexing has come. */
export interface IndexProgress {
  files: number;
  /** Bytes of source indexed so far. */
  bytes: number;
  /** The file that was read last. */
  path: string;
  totalFiles: number | undefined;
}

/** What indexing came to. */
export interface Indexed {
  files: number;
  sourceBytes: number;
  indexBytes: number;
  skipped: SkippedGroup[];
  fallback: SkippedGroup[];
  /** Why the source broke off, if it did. */
  broken?: Problem;
}

/** Everything that the package loads lies beside this script; `build.mjs` puts it there. */
const ENGINE: EngineOptions = {
  searcher: new URL('./searcher-engine.wasm', import.meta.url),
  builder: new URL('./builder-engine.wasm', import.meta.url),
  regex: new URL('./regex.wasm', import.meta.url),
  grammars: new URL('./grammars/', import.meta.url),
  model: new URL('./code.cqmodel', import.meta.url),
  worker: new URL('./worker.js', import.meta.url),
};

/** Opens the index of a stored project; one that the browser has removed opens empty, at generation 0. */
export function openStored(name: string): Promise<Codequarry> {
  return Codequarry.open(name, { engine: ENGINE });
}

/** Deletes the index of a stored project. */
export async function deleteStored(name: string): Promise<void> {
  const store = await IndexedDbStore.open(name);
  await store.clear();
  await store.close();
}

/**
 * Indexes `files` into a new project. Aborting rejects; what was written until then is the caller's to delete. A source that breaks off after
 * some files, as an archive does that was cut, is not an error: what came before is indexed, and `broken` says why there is no more.
 */
export async function indexInto(
  name: string,
  files: FileSource,
  signal: AbortSignal,
  onProgress: (progress: IndexProgress) => void,
): Promise<Indexed> {
  const watched = new WatchedSource(files);
  const quarry = await Codequarry.open(name, { engine: ENGINE });
  try {
    let broken: Problem | undefined;
    const adding = quarry.add(watched, {
      signal,
      onProgress: ({ phase, done, total, bytes }) => {
        if (phase === 'index') onProgress({ files: done, bytes, path: watched.path, totalFiles: total });
      },
    });
    const report = await adding.catch((thrown: unknown) => {
      broken = problemOf(thrown);
      return reportOf(thrown);
    });
    const stats = await quarry.stats();
    return {
      files: stats.files,
      sourceBytes: stats.sourceBytes,
      indexBytes: stats.indexBytes,
      skipped: grouped(report.problems.filter(({ status }) => status === 'skipped')),
      fallback: grouped(report.problems.filter(({ status }) => status === 'fallback')),
      ...(broken !== undefined && { broken }),
    };
  } finally {
    await quarry.close();
  }
}

/** The report that an interrupted `add` leaves; an error without one, or with nothing indexed, stays an error. */
function reportOf(thrown: unknown): AddReport {
  if (thrown instanceof CodequarryError) {
    const { report } = (thrown.details ?? {}) as { report?: AddReport };
    if (report !== undefined && report.indexed > 0) return report;
  }
  throw thrown;
}

/** Opens the snapshot beside the page; `onBytes` hears how much of it has arrived. The model is fetched when somebody wants it. */
export function openSnapshot(site: SnapshotSite, model: SiteModel, onBytes: (bytes: number) => void): Promise<Codequarry> {
  const fetchModel = async (): Promise<Response> => {
    const { onBytes: hear, signal } = model;
    const response = await countingFetch((bytes) => hear?.(bytes))(ENGINE.model as URL, signal ? { signal } : {});
    if (!response.ok) throw new Error(`${response.url} answers ${response.status}`);
    return response;
  };
  return Codequarry.open({ store: new HttpStore(site.base, { fetch: countingFetch(onBytes) }), engine: { ...ENGINE, model: fetchModel } });
}

/** A `fetch` that reports the bytes of all bodies together as they arrive. */
function countingFetch(onBytes: (bytes: number) => void): typeof fetch {
  let total = 0;
  return async (input, init) => {
    const response = await fetch(input, init);
    if (response.body === null) return response;
    const counter = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform: (chunk, controller) => {
        total += chunk.byteLength;
        onBytes(total);
        controller.enqueue(chunk);
      },
    });
    const { status, statusText, headers } = response;
    return new Response(response.body.pipeThrough(counter), { status, statusText, headers });
  };
}

/** Passes files through and remembers the last one's path, for people to look at. */
class WatchedSource implements FileSource {
  path = '';

  constructor(private readonly files: FileSource) {}

  get total(): number | undefined {
    return this.files.total;
  }

  async *[Symbol.asyncIterator](): AsyncIterator<SourceFile> {
    for await (const file of this.files) {
      this.path = file.path;
      yield file;
    }
  }
}

/** Reports by reason, the most frequent first. */
function grouped(reports: readonly FileReport[]): SkippedGroup[] {
  const groups = new Map<string, SkippedGroup>();
  for (const { code = 'UNKNOWN', path, message = '' } of reports) {
    const group = groups.get(code) ?? { code, count: 0, examples: [] };
    group.count += 1;
    if (group.examples.length < MAX_EXAMPLES) group.examples.push({ path, message });
    groups.set(code, group);
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
}
