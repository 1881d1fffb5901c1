/**
 * Publishing one snapshot folder to one key prefix of a namespace: verify, compare, upload, switch, tidy up.
 *
 * KV has no compare-and-swap. The manifest is read again right before it is replaced, which catches another publication
 * that overlaps; of two that end within the same second the later one wins, whole.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { SearcherEngine } from '../../searcher-instance.js';
import { CodequarryError, toError } from '../../errors.js';
import { KV_PARTS_ABOVE_BYTES, KV_PART_BYTES, KV_VALUE_BYTES } from '../../limits.js';
import { FolderStore } from '../../stores/folder.js';
import { MANIFEST_KEY, segmentKey } from '../../stores/store.js';
import { EMPTY_RECORD, type Plan, type PublicationRecord, plan, readRecord } from './plan.js';
import { Divisions, Listing, type Value, blobKey } from './values.js';

/** The part of a key-value namespace that publishing uses; `Wrangler` is the real one. */
export interface Namespace {
  keys(prefix: string): Promise<string[]>;
  get(key: string): Promise<Uint8Array>;
  put(key: string, file: string): Promise<void>;
  /** Many values at once, in any order. */
  putAll(values: readonly Value[]): Promise<void>;
  /** Many keys at once, in any order. */
  deleteAll(keys: readonly string[]): Promise<void>;
  delete(key: string): Promise<void>;
}

export interface PublishOptions {
  /** Folder with `manifest.cqm` and its segments. */
  readonly folder: string;
  readonly prefix: string;
  /** The file of the embedding model, which goes beside a snapshot whose vectors it made. */
  readonly model?: string | undefined;
  /** Earlier generations whose segments stay. */
  readonly keep: number;
  /** Bytes of all segments above which they go there in parts. Default 20 MB. */
  readonly partsAbove?: number | undefined;
  /** Bytes of a part. */
  readonly partBytes?: number | undefined;
  /** Replace a snapshot by an empty one, or one that cannot be read. */
  readonly force: boolean;
  /** Look and compare, but write nothing. */
  readonly dryRun: boolean;
  readonly onStep: (step: Step) => void;
}

/** What is being done right now; `bytes` is the size of the value. */
export interface Step {
  readonly action: 'verify' | 'compare' | 'upload' | 'switch' | 'delete';
  readonly key: string;
  readonly done: number;
  readonly total: number;
  readonly bytes: number;
}

export interface Published {
  readonly prefix: string;
  readonly generation: number;
  readonly files: number;
  readonly chunks: number;
  readonly segments: number;
  /** How many of the segments are there in parts. */
  readonly inParts: number;
  /** Bytes of the segments, the model and the manifest together. */
  readonly bytes: number;
  readonly uploaded: readonly string[];
  readonly uploadedBytes: number;
  readonly skipped: readonly string[];
  readonly deleted: readonly string[];
  /** False when the very same manifest was published already, or on a dry run. */
  readonly switched: boolean;
  readonly dryRun: boolean;
  /** What failed after the switch, when the new generation was already being served. */
  readonly warnings: readonly string[];
}

interface LocalSnapshot {
  readonly manifest: Uint8Array;
  readonly hash: string;
  readonly generation: number;
  readonly files: number;
  readonly chunks: number;
  /** Names of segments, and of the model, with their sizes in bytes. */
  readonly sizes: ReadonlyMap<string, number>;
  readonly segments: number;
  /** The vectors were made by a model that is not at hand. */
  readonly lacksModel: boolean;
}

interface RemoteState {
  readonly listing: Listing;
  /** Names of segments of which nothing is missing. */
  readonly whole: ReadonlySet<string>;
  readonly manifest: Uint8Array | undefined;
  readonly record: PublicationRecord;
}

/** Where the publication record lies, beside the manifest. It also names the model, for the owner of an index that can be written to. */
const RECORD_KEY = 'published.json';

/**
 * @throws CodequarryError `STORE_NOT_FOUND`, `VALUE_TOO_LARGE`, `SNAPSHOT_EMPTY`, `STALE_GENERATION`, `WRANGLER_FAILED`,
 * or the engine's code for a snapshot that is damaged here or there
 */
export async function publish(engine: SearcherEngine, namespace: Namespace, options: PublishOptions): Promise<Published> {
  const local = await verifySnapshot(engine, options);
  options.onStep({ action: 'compare', key: options.prefix, done: 0, total: 1, bytes: 0 });
  const divisions = divide(local, options);
  const remote = await readRemote(namespace, options.prefix, divisions);
  if (!options.force) refuseLoss(engine, local, remote);

  const todo = plan({
    current: {
      generation: local.generation,
      manifest: local.hash,
      files: local.files,
      publishedAt: new Date().toISOString(),
      segments: [...local.sizes.keys()],
    },
    listed: remote.listing.names,
    whole: remote.whole,
    record: remote.record,
    keep: options.keep,
  });
  const same = remote.manifest !== undefined && engine.contentHash(remote.manifest) === local.hash;
  const warnings = options.dryRun ? [] : await carryOut(namespace, options, local, remote, divisions, todo, same);
  if (local.lacksModel) warnings.push('the vectors of this snapshot were made by another model than this release has: the endpoint finds by words; index again');
  return summary(options, local, divisions, todo, !same && !options.dryRun, warnings);
}

/** Large snapshots go there in parts, but for segments so small that all of one is soon wanted. */
function divide({ sizes }: LocalSnapshot, { partsAbove = KV_PARTS_ABOVE_BYTES, partBytes = KV_PART_BYTES }: PublishOptions): Divisions {
  const segments = [...sizes].filter(([name]) => !name.startsWith('model-'));
  const total = segments.reduce((sum, [, bytes]) => sum + bytes, 0);
  return new Divisions(new Set(total > partsAbove ? segments.flatMap(([name, bytes]) => (bytes > 2 * partBytes ? [name] : [])) : []), partBytes);
}

/** Opens the snapshot as a reader would, so that nothing damaged is ever published. */
async function verifySnapshot(engine: SearcherEngine, options: PublishOptions): Promise<LocalSnapshot> {
  const store = await FolderStore.open(options.folder, { access: 'read' });
  const manifest = (await store.readManifest())?.bytes;
  if (manifest === undefined) throw new CodequarryError('STORE_NOT_FOUND', `there is no snapshot in ${options.folder}`);
  const index = new engine.Index();
  try {
    const names = index.missingSegments(manifest);
    await checkSizes(store, names, manifest);
    const sizes = new Map<string, number>();
    for (const [done, name] of names.entries()) {
      const bytes = await readSegment(store, name);
      options.onStep({ action: 'verify', key: name, done, total: names.length, bytes: bytes.byteLength });
      index.addSegment(name, bytes);
      sizes.set(name, bytes.byteLength);
    }
    index.open(manifest);
    const { generation, files, chunks } = index.stats();
    const vectors = index.vectors();
    const model = vectors?.own && options.model !== undefined ? await readFile(options.model) : undefined;
    const fits = model && engine.contentHash(model) === vectors?.hash;
    if (fits) sizes.set(`model-${vectors.hash}`, model.byteLength);
    const lacksModel = model !== undefined && !fits;
    return { manifest, hash: engine.contentHash(manifest), generation, files, chunks, sizes, segments: names.length, lacksModel };
  } catch (error) {
    throw toError(error);
  } finally {
    index.free();
  }
}

/** Looks at all sizes before anything is read or written. */
async function checkSizes(store: FolderStore, names: readonly string[], manifest: Uint8Array): Promise<void> {
  const needed = new Set(names.map((name) => segmentKey(name)));
  const values = [{ key: MANIFEST_KEY, bytes: manifest.byteLength }, ...(await store.list()).filter(({ key }) => needed.has(key))];
  for (const { key, bytes } of values) {
    if (bytes > KV_VALUE_BYTES) {
      throw new CodequarryError('VALUE_TOO_LARGE', `${key} has ${bytes} bytes; a value in Workers KV has ${KV_VALUE_BYTES} at most`, {
        details: { key, bytes, limit: KV_VALUE_BYTES },
      });
    }
  }
}

async function readSegment(store: FolderStore, name: string): Promise<Uint8Array> {
  const bytes = await store.get(segmentKey(name));
  if (bytes === undefined) {
    throw new CodequarryError('SNAPSHOT_MISSING_SEGMENT', `${name} is missing in ${store.label}`, { details: { segment: name } });
  }
  return bytes;
}

async function readRemote(namespace: Namespace, prefix: string, divisions: Divisions): Promise<RemoteState> {
  const keys = (await namespace.keys(prefix)).map((key) => key.slice(prefix.length));
  const listing = new Listing(keys);
  return {
    listing,
    whole: await divisions.whole(listing, (key) => namespace.get(prefix + key)),
    manifest: keys.includes(MANIFEST_KEY) ? await namespace.get(prefix + MANIFEST_KEY) : undefined,
    record: keys.includes(RECORD_KEY)
      ? readRecord(Buffer.from(await namespace.get(prefix + RECORD_KEY)).toString('utf8'))
      : EMPTY_RECORD,
  };
}

/** A populated snapshot is not replaced by an empty one, and one that cannot be read counts as populated. */
function refuseLoss(engine: SearcherEngine, local: LocalSnapshot, remote: RemoteState): void {
  if (remote.manifest === undefined) return;
  const index = new engine.Index();
  let populated: boolean;
  try {
    populated = index.missingSegments(remote.manifest).length > 0;
  } catch (error) {
    const { code, message, details } = toError(error);
    throw new CodequarryError(code, `the published manifest cannot be read (${message}); --force replaces it`, { details });
  } finally {
    index.free();
  }
  if (populated && local.files === 0) {
    throw new CodequarryError('SNAPSHOT_EMPTY', 'this snapshot holds no file, the published one does; --force replaces it');
  }
}

/** Uploads, switches, tidies up. Returns what failed after the switch. */
async function carryOut(
  namespace: Namespace,
  options: PublishOptions,
  local: LocalSnapshot,
  remote: RemoteState,
  divisions: Divisions,
  todo: Plan,
  same: boolean,
): Promise<string[]> {
  const { folder, prefix, onStep } = options;
  for (const [done, name] of todo.upload.entries()) {
    onStep({ action: 'upload', key: name, done, total: todo.upload.length, bytes: local.sizes.get(name) ?? 0 });
    if (divisions.has(name)) await uploadParts(namespace, options, name, remote, divisions);
    else await namespace.put(prefix + blobKey(name), name.startsWith('model-') && options.model ? options.model : path.join(folder, segmentKey(name)));
  }
  const scratch = await mkdtemp(path.join(tmpdir(), 'codequarry-publish-'));
  try {
    if (!same) {
      onStep({ action: 'switch', key: MANIFEST_KEY, done: 0, total: 1, bytes: local.manifest.byteLength });
      await refuseOverlap(namespace, prefix, remote);
      // The verified bytes, not the file: someone may be indexing into the folder meanwhile.
      const manifest = path.join(scratch, MANIFEST_KEY);
      await writeFile(manifest, local.manifest);
      await namespace.put(prefix + MANIFEST_KEY, manifest);
    }
    return await tidyUp(namespace, options, remote, todo, scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function uploadParts(namespace: Namespace, { folder, prefix }: PublishOptions, name: string, remote: RemoteState, divisions: Divisions): Promise<void> {
  const bytes = await readSegment(await FolderStore.open(folder, { access: 'read' }), name);
  for (const values of divisions.values(name, bytes, remote.listing)) await namespace.putAll(values.map(({ key, bytes }) => ({ key: prefix + key, bytes })));
}

async function refuseOverlap(namespace: Namespace, prefix: string, remote: RemoteState): Promise<void> {
  if (remote.manifest === undefined) return;
  const now = await namespace.get(prefix + MANIFEST_KEY);
  if (Buffer.compare(now, remote.manifest) !== 0) {
    throw new CodequarryError('STALE_GENERATION', 'another publication changed the manifest meanwhile; publish again');
  }
}

/** The record goes first: what is deleted must not be taken for present by the next publication. */
async function tidyUp(namespace: Namespace, options: PublishOptions, remote: RemoteState, todo: Plan, scratch: string): Promise<string[]> {
  const { prefix, onStep } = options;
  try {
    const record = path.join(scratch, RECORD_KEY);
    await writeFile(record, JSON.stringify(todo.record));
    await namespace.put(prefix + RECORD_KEY, record);
    for (const [done, name] of todo.remove.entries()) {
      onStep({ action: 'delete', key: name, done, total: todo.remove.length, bytes: 0 });
      const [own = blobKey(name), ...parts] = remote.listing.keysOf(name);
      await namespace.delete(prefix + own);
      if (parts.length > 0) await namespace.deleteAll(parts.map((key) => prefix + key));
    }
    return [];
  } catch (error) {
    return [`the snapshot is published, but old segments were not deleted: ${toError(error).message}`];
  }
}

function summary(
  options: PublishOptions,
  local: LocalSnapshot,
  divisions: Divisions,
  todo: Plan,
  switched: boolean,
  warnings: readonly string[],
): Published {
  const bytesOf = (names: Iterable<string>): number => [...names].reduce((sum, name) => sum + (local.sizes.get(name) ?? 0), 0);
  return {
    prefix: options.prefix,
    generation: local.generation,
    files: local.files,
    chunks: local.chunks,
    segments: local.segments,
    inParts: divisions.size,
    bytes: bytesOf(local.sizes.keys()) + local.manifest.byteLength,
    uploaded: todo.upload,
    uploadedBytes: bytesOf(todo.upload),
    skipped: todo.present,
    deleted: todo.remove,
    switched,
    dryRun: options.dryRun,
    warnings,
  };
}
