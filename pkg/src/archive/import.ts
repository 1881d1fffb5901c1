/**
 * A `.cq` archive into a store: segments first, each checked, the manifest when the end of the archive has been seen. Until then the snapshot that is there stays the snapshot.
 */

import { CodequarryError, toError } from '../errors.js';
import type { ManifestInfo } from '../engine.js';
import { keepPrevious } from '../rollback.js';
import { type ArchiveInput, chunks } from '../sources/archive-input.js';
import { type Store, type StoredManifest, readOnlyStore, segmentKey } from '../stores/store.js';
import { damaged } from './layout.js';
import { type ArchiveEntry, readArchive } from './read.js';
import type { ArchiveEngine } from './write.js';

/** Options of {@link importArchive}. */
export interface ImportOptions {
  /**
   * Whether a snapshot that is there may be replaced by one that has fewer files or none, and whether one that cannot be read may be replaced at all. Default false:
   * `WOULD_SHRINK`, `WOULD_EMPTY`, or the code of what is wrong with it.
   */
  replace?: boolean | undefined;
  /** Aborting rejects with the signal's reason; the snapshot that was there stays. */
  signal?: AbortSignal | undefined;
}

/** What an import brought. */
export interface ImportReport {
  /** The generation of the store afterwards. */
  generation: number;
  files: number;
  segments: number;
  /** Bytes of manifest and segments. */
  bytes: number;
  /** False when the store held exactly this already. */
  changed: boolean;
}

/**
 * Makes the snapshot in an archive the store's. Whatever goes wrong before that is done, the store's snapshot is what it was.
 *
 * @throws CodequarryError of the archive: `ARCHIVE_FORMAT`, `FORMAT_NEWER`, `ARCHIVE_TRUNCATED`, `ARCHIVE_DAMAGED`, or of the engine for what is in it; `WOULD_EMPTY`,
 * `WOULD_SHRINK`; of the store; `STALE_GENERATION` when another writer was faster
 */
export async function importArchive(input: ArchiveInput, store: Store, engine: ArchiveEngine, options: ImportOptions = {}): Promise<ImportReport> {
  if (store.readOnly) throw readOnlyStore(store.label);
  const entries = readArchive(chunks(input));
  const added: string[] = [];
  try {
    return await receive(entries, store, engine, options, added);
  } catch (error) {
    for (const key of added) await store.delete(key).catch(() => undefined);
    throw error;
  } finally {
    await entries.return(undefined).catch(() => undefined);
  }
}

async function receive(entries: AsyncGenerator<ArchiveEntry>, store: Store, engine: ArchiveEngine, options: ImportOptions, added: string[]): Promise<ImportReport> {
  const { done, value: first } = await entries.next();
  if (done || first.segment !== undefined) throw damaged('it does not begin with a manifest');
  const manifest = first.bytes;
  const info = await engine.manifestInfo(manifest);
  const there = await store.readManifest();
  const known = there && (await describe(store, engine, there, options));
  if (known && !options.replace) refuseLoss(store, known, info);

  const named = new Set(known?.segments.map(({ name }) => name));
  const present = new Set((await store.list()).map(({ key }) => key));
  const expected = info.segments[Symbol.iterator]();
  let bytes = manifest.byteLength;
  for await (const { segment, bytes: content } of entries) {
    options.signal?.throwIfAborted();
    const { value: wanted } = expected.next();
    if (!wanted || segment !== wanted.name) throw damaged('its segments are not those of its manifest');
    if (content.byteLength !== wanted.bytes) throw damaged(`${segment} has another length than its manifest says`);
    bytes += content.byteLength;
    const checked = await engine.checkSegment(segment, content);
    const key = segmentKey(segment);
    if (!present.has(key)) added.push(key);
    // What only older generations name is put again: it may be about to be collected.
    if (!named.has(segment) || !(await holds(store, key, checked))) await store.put(key, checked);
  }
  if (!expected.next().done) throw damaged('a segment of its manifest is missing');

  options.signal?.throwIfAborted();
  const report = { files: info.files, segments: info.segments.length, bytes };
  if (there && (await isSame(engine, manifest, there))) return { ...report, generation: there.generation, changed: false };
  if (there && known) await keepPrevious(store, there.bytes);
  const generation = Math.max(info.generation, (there?.generation ?? 0) + 1);
  await store.swapManifest(there?.generation ?? 0, generation === info.generation ? manifest : await engine.renumber(manifest, generation));
  return { ...report, generation, changed: true };
}

/** Whether two manifests differ in their generation at most. */
async function isSame(engine: ArchiveEngine, manifest: Uint8Array, there: StoredManifest): Promise<boolean> {
  return sameBytes(await engine.renumber(manifest, there.generation), there.bytes);
}

/** Whether a blob is there, undamaged. */
async function holds(store: Store, key: string, bytes: Uint8Array): Promise<boolean> {
  const found = await store.get(key);
  return found !== undefined && sameBytes(found, bytes);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, at) => byte === b[at]);
}

/** The snapshot that is there. What cannot be read counts as much. */
async function describe(store: Store, engine: ArchiveEngine, there: StoredManifest, options: ImportOptions): Promise<ManifestInfo | undefined> {
  try {
    return await engine.manifestInfo(there.bytes);
  } catch (error) {
    if (options.replace) return undefined;
    const { code, message, details } = toError(error);
    throw new CodequarryError(code, `${store.label}: the snapshot that is there cannot be read (${message}); only "replace" gives it up`, { details, cause: error });
  }
}

/** What is there is not given up for less. */
function refuseLoss(store: Store, { files }: ManifestInfo, next: ManifestInfo): void {
  if (next.files >= files) return;
  const details = { there: files, archive: next.files };
  if (next.files === 0) throw new CodequarryError('WOULD_EMPTY', `the archive holds no file, ${store.label} holds ${files}; only "replace" gives them up`, { details });
  throw new CodequarryError('WOULD_SHRINK', `the archive holds ${next.files} files, ${store.label} holds ${files}; only "replace" makes it smaller`, { details });
}
