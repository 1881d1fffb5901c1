/**
 * The generation before the last change, kept so that the change can be taken back.
 *
 * Beside the manifest a store keeps one more, under {@link PREVIOUS_KEY}: that of the generation which the last operation (`add`, `remove`, an import) found. It is written before the
 * operation's first manifest and not with it, which needs nothing of a store: a crash between the two leaves a previous generation that is the newest one, and nothing to take back.
 * Its segments are no garbage.
 */

import type { ManifestInfo } from './engine.js';
import { CodequarryError } from './errors.js';
import type { Searcher } from './searcher.js';
import { manifestGeneration } from './stores/manifest-generation.js';
import { PREVIOUS_KEY, type Store, type StoredManifest, segmentKey } from './stores/store.js';

/** What a generation holds. */
export interface Generation {
  generation: number;
  files: number;
  segments: number;
  /** Bytes of its segments. */
  bytes: number;
}

type ManifestReader = Pick<Searcher, 'manifestInfo'>;

/** Keeps a manifest as the one to go back to. */
export async function keepPrevious(store: Store, manifest: Uint8Array): Promise<void> {
  await store.put(PREVIOUS_KEY, manifest.slice());
}

/** The generation to go back to, if there is one. */
export async function readPrevious(store: Store): Promise<StoredManifest | undefined> {
  const bytes = await store.get(PREVIOUS_KEY);
  return bytes && { generation: manifestGeneration(bytes), bytes };
}

/**
 * The generations that a store keeps, newest first: the one that is searched, and the one before the last change.
 *
 * @throws CodequarryError of the store, or of the engine when a manifest cannot be read
 */
export async function generationsOf(store: Store, engine: ManifestReader): Promise<Generation[]> {
  const newest = await store.readManifest();
  if (!newest) return [];
  const previous = await readPrevious(store);
  const kept = previous && previous.generation < newest.generation ? [newest, previous] : [newest];
  return Promise.all(kept.map(async ({ bytes }) => describe(await engine.manifestInfo(bytes))));
}

/**
 * Makes the generation before the last change the newest one, under a new number. Done twice it is as before. Works when the newest manifest cannot be read, too.
 *
 * @returns the new generation
 * @throws CodequarryError `NO_PREVIOUS_GENERATION`; `SNAPSHOT_MISSING_SEGMENT`, `SNAPSHOT_CHECKSUM`, … when what is to be gone back to is not whole: nothing is changed then;
 * `STALE_GENERATION`; of the store
 */
export async function rollBack(store: Store, engine: Pick<Searcher, 'manifestInfo' | 'renumber' | 'checkSegment'>): Promise<number> {
  const newest = await store.readManifest();
  const previous = await readPrevious(store);
  if (!newest || !previous || previous.generation >= newest.generation) {
    throw new CodequarryError('NO_PREVIOUS_GENERATION', `${store.label} keeps no generation from before the last change`);
  }
  const { segments } = await engine.manifestInfo(previous.bytes);
  for (const { name } of segments) {
    const bytes = await store.get(segmentKey(name));
    if (!bytes) throw new CodequarryError('SNAPSHOT_MISSING_SEGMENT', `${store.label} has no ${segmentKey(name)} any more`, { details: { segment: name } });
    await engine.checkSegment(name, bytes);
  }
  const generation = newest.generation + 1;
  await store.swapManifest(newest.generation, await engine.renumber(previous.bytes, generation));
  const readable = await engine.manifestInfo(newest.bytes).catch(() => undefined);
  if (readable) await keepPrevious(store, newest.bytes);
  return generation;
}

function describe({ generation, files, segments }: ManifestInfo): Generation {
  return { generation, files, segments: segments.length, bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0) };
}
