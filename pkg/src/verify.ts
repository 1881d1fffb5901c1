/**
 * Checking a snapshot: the manifest, every checksum of every segment, and every section against the others. It reads everything and changes nothing.
 */

import type { ManifestInfo, SegmentCounts } from './engine.js';
import { CodequarryError, type ErrorRecord, toError } from './errors.js';
import type { BuilderPool } from './pool.js';
import type { Searcher } from './searcher.js';
import { type Store, segmentKey } from './stores/store.js';

/** What became of one segment. */
export interface SegmentReport {
  name: string;
  /** Its length in bytes, as the manifest has it. */
  bytes: number;
  /** What is in it; undefined when it is not sound. */
  counts: SegmentCounts | undefined;
  /** What is wrong with it. */
  error: ErrorRecord | undefined;
}

/** What a check found. */
export interface VerifyReport {
  /** Whether nothing is wrong. */
  sound: boolean;
  /** The generation; 0 when the manifest cannot be read. */
  generation: number;
  /** What is wrong with the manifest, or with segments that are each sound together. */
  error: ErrorRecord | undefined;
  /** Every segment that the manifest names, oldest first. */
  segments: SegmentReport[];
}

/** What checks a segment by itself. */
export type SegmentVerifier = Pick<BuilderPool, 'verify'>;

/** Options of a check. */
export interface VerifyOptions {
  signal?: AbortSignal | undefined;
  /** Hears of each segment as it was checked. */
  onSegment?: ((report: SegmentReport) => void) | undefined;
}

/**
 * Checks the newest generation in a store.
 *
 * @param engine an engine whose index holds nothing that is needed: it opens the snapshot when all of its segments are sound
 * @param verifier checks each of them
 * @throws CodequarryError of the store when it does not answer; `STORE_NOT_FOUND` when it holds nothing; the signal's reason. What is wrong with the snapshot is in the report
 */
export async function verifySnapshot(store: Store, engine: Searcher, verifier: SegmentVerifier, { signal, onSegment }: VerifyOptions = {}): Promise<VerifyReport> {
  let manifest: Uint8Array;
  let info: ManifestInfo;
  try {
    const stored = await store.readManifest();
    if (!stored) throw new CodequarryError('STORE_NOT_FOUND', `there is no snapshot at ${store.label}`);
    manifest = stored.bytes;
    info = await engine.manifestInfo(manifest);
  } catch (error) {
    const record = aboutSnapshot(error);
    return { sound: false, generation: 0, error: record, segments: [] };
  }
  const segments: SegmentReport[] = [];
  for (const { name, bytes } of info.segments) {
    signal?.throwIfAborted();
    const report: SegmentReport = { name, bytes, counts: undefined, error: undefined };
    try {
      const found = await store.get(segmentKey(name));
      if (!found) throw new CodequarryError('SNAPSHOT_MISSING_SEGMENT', `${store.label} has no ${segmentKey(name)}`);
      if (found.byteLength < bytes) throw new CodequarryError('SNAPSHOT_TRUNCATED', `the snapshot is cut: ${bytes} bytes expected, ${found.byteLength} there`);
      report.counts = await verifier.verify(name, found.slice(), { signal });
      await engine.addSegment(name, found);
    } catch (error) {
      report.error = aboutSnapshot(error);
    }
    segments.push(report);
    onSegment?.(report);
  }
  let error: ErrorRecord | undefined;
  if (segments.every((segment) => segment.error === undefined)) {
    // What only shows when they are put together: counts that the manifest has wrong, a file that is alive twice.
    error = await engine.open(manifest).then(
      () => undefined,
      (thrown: unknown) => aboutSnapshot(thrown),
    );
  }
  return { sound: error === undefined && segments.every((segment) => segment.error === undefined), generation: info.generation, error, segments };
}

/** The record of an error that says something about the snapshot; any other is thrown. */
function aboutSnapshot(thrown: unknown): ErrorRecord {
  const error = toError(thrown);
  if (/^(SNAPSHOT|FORMAT|ANALYZER)_/.test(error.code)) return error.toRecord();
  throw error;
}
