/**
 * A snapshot as a stream: the manifest, then its segments one at a time, in pieces that are compressed where that gains. At no time is more than one segment in memory.
 */

import { crc32 } from '../crc32.js';
import type { ManifestInfo } from '../engine.js';
import { CodequarryError } from '../errors.js';
import { ARCHIVE_FRAME_BYTES } from '../limits.js';
import type { Searcher } from '../searcher.js';
import { streamOf } from '../sources/archive-input.js';
import { type Store, segmentKey } from '../stores/store.js';
import { deflate } from './deflate.js';
import { writeEntry, writeFrame, writeHeader, writeTrailer } from './layout.js';

/** What writing and reading archives needs of an engine. */
export type ArchiveEngine = Pick<Searcher, 'manifestInfo' | 'renumber' | 'checkSegment'>;

/** Compressed pieces have to be smaller than this share of the piece: inflating costs the reader more than a few bytes saved. */
const GAIN = 0.97;

/**
 * The newest generation of a store as a `.cq` archive. Nothing is read before the stream is. Every segment is checked as it goes by, so what was exported can be imported.
 *
 * The stream fails with CodequarryError `STORE_NOT_FOUND` when there is no snapshot; `SNAPSHOT_MISSING_SEGMENT`; of the store; of the engine (`SNAPSHOT_CHECKSUM`, …).
 *
 * @param onManifest hears what is being exported
 */
export function exportArchive(store: Store, engine: ArchiveEngine, onManifest: (info: ManifestInfo) => void = () => {}): ReadableStream<Uint8Array> {
  return streamOf(archiveParts(store, engine, onManifest));
}

async function* archiveParts(store: Store, engine: ArchiveEngine, onManifest: (info: ManifestInfo) => void): AsyncGenerator<Uint8Array> {
  const stored = await store.readManifest();
  if (!stored) throw new CodequarryError('STORE_NOT_FOUND', `there is no snapshot at ${store.label}`);
  const info = await engine.manifestInfo(stored.bytes);
  const { segments } = info;
  onManifest(info);
  const bytes = segments.reduce((sum, segment) => sum + segment.bytes, stored.bytes.byteLength);
  const header = { entries: segments.length + 1, bytes };
  yield writeHeader(header);
  yield* entryParts(undefined, stored.bytes);
  for (const { name } of segments) yield* entryParts(name, await readSegment(store, engine, name));
  yield writeTrailer(header);
}

async function readSegment(store: Store, engine: ArchiveEngine, name: string): Promise<Uint8Array> {
  const bytes = await store.get(segmentKey(name));
  if (!bytes) throw new CodequarryError('SNAPSHOT_MISSING_SEGMENT', `${store.label} has no ${segmentKey(name)}`, { details: { segment: name } });
  return engine.checkSegment(name, bytes);
}

async function* entryParts(segment: string | undefined, bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield writeEntry({ segment, bytes: bytes.byteLength });
  for (let at = 0; at < bytes.byteLength; at += ARCHIVE_FRAME_BYTES) {
    const piece = bytes.subarray(at, at + ARCHIVE_FRAME_BYTES);
    const packed = await deflate(piece);
    const body = packed.byteLength < piece.byteLength * GAIN ? packed : piece;
    yield writeFrame({ bytes: piece.byteLength, stored: body.byteLength, crc: crc32(body) });
    // What is yielded may be moved away; a piece is a view of the segment.
    yield body === piece ? piece.slice() : body;
  }
}
