/**
 * A snapshot in a folder of Node's file system.
 *
 * Every file is written to a temporary name, synced, and then linked or renamed, so none is ever seen half-written. The commit point of a manifest that
 * replaces generation N is the exclusive creation of the hard link `manifest-<N + 1>.cqm`, whatever its own generation is: of any number of processes one
 * succeeds, no lock can be left behind by a killed one. `manifest.cqm`, the name that other programs read, is renamed into place afterwards and is the
 * same file. A reader takes the newer of the two, so a crash in between loses nothing. The last few links are kept.
 */

import { constants } from 'node:fs';
import { type FileHandle, link, mkdir, open, readFile, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CodequarryError } from '../errors.js';
import { manifestGeneration } from './manifest-generation.js';
import { MANIFEST_KEY, PREVIOUS_KEY, SEGMENT_SUFFIX, type Store, type StoredBlob, type StoredManifest, checkKey, readOnlyStore, staleGeneration } from './store.js';

const NUMBERED = /^manifest-(\d{1,15})\.cqm$/;
/** Numbered manifests that are kept. A number that is missing below the newest is older than as many. */
const KEPT_GENERATIONS = 4;
let temporaries = 0;

/** Options of {@link FolderStore.open}. */
export interface FolderStoreOptions {
  /** `write` makes the folder when it is missing; `read` never changes anything and fails with `STORE_NOT_FOUND`. Default `write`. */
  access?: 'read' | 'write';
}

/** Keeps a snapshot in a folder. */
export class FolderStore implements Store {
  readonly label: string;
  readonly readOnly: boolean;
  readonly #folder: string;

  private constructor(folder: string, readOnly: boolean) {
    this.#folder = folder;
    this.label = folder;
    this.readOnly = readOnly;
  }

  /**
   * Opens a folder.
   *
   * @throws CodequarryError `STORE_NOT_FOUND`, `STORE_DENIED`
   */
  static async open(folder: string, options: FolderStoreOptions = {}): Promise<FolderStore> {
    const path = resolve(folder);
    const readOnly = options.access === 'read';
    try {
      if (!readOnly) await mkdir(path, { recursive: true });
      else if (!(await stat(path)).isDirectory()) throw new CodequarryError('STORE_NOT_FOUND', `${path} is not a folder`);
    } catch (error) {
      throw storeError(error, path);
    }
    return new FolderStore(path, readOnly);
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    checkKey(key);
    return this.#read(key);
  }

  async getRange(key: string, start: number, end: number): Promise<Uint8Array | undefined> {
    checkKey(key);
    return this.#read(key, start, end);
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    checkKey(key);
    this.#checkWritable();
    await this.#guard(async () => {
      const temporary = await this.#writeTemporary(bytes);
      await rename(temporary, join(this.#folder, key));
      await this.#syncFolder();
    });
  }

  async list(): Promise<StoredBlob[]> {
    return this.#guard(async () => {
      const blobs: StoredBlob[] = [];
      for (const key of await readdir(this.#folder)) {
        if (!key.endsWith(SEGMENT_SUFFIX)) continue;
        const { size, mtimeMs } = await stat(join(this.#folder, key));
        blobs.push({ key, bytes: size, modifiedMs: mtimeMs });
      }
      return blobs;
    });
  }

  async delete(key: string): Promise<void> {
    checkKey(key);
    this.#checkWritable();
    await this.#guard(() => rm(join(this.#folder, key), { force: true }));
  }

  async readManifest(): Promise<StoredManifest | undefined> {
    const published = await this.#manifest(MANIFEST_KEY);
    const newest = (await this.#numbered())[0] ?? 0;
    // What replaced the published one has a number above its generation.
    return newest > (published?.generation ?? 0) ? ((await this.#manifest(numberedName(newest))) ?? published) : published;
  }

  async swapManifest(expectedGeneration: number, bytes: Uint8Array): Promise<void> {
    this.#checkWritable();
    const found = (await this.readManifest())?.generation ?? 0;
    if (found !== expectedGeneration) throw staleGeneration(this.label, expectedGeneration, found);
    if (manifestGeneration(bytes) <= expectedGeneration) throw new CodequarryError('STORE_FAILED', 'a manifest is replaced by one of a later generation');
    await this.#guard(async () => {
      const temporary = await this.#writeTemporary(bytes);
      try {
        await this.#claim(temporary, expectedGeneration);
        await rename(temporary, join(this.#folder, MANIFEST_KEY));
      } finally {
        await rm(temporary, { force: true });
      }
      await this.#syncFolder();
      for (const old of (await this.#numbered()).slice(KEPT_GENERATIONS)) await rm(join(this.#folder, numberedName(old)), { force: true });
    });
  }

  async clear(): Promise<void> {
    this.#checkWritable();
    await this.#guard(async () => {
      await rm(join(this.#folder, MANIFEST_KEY), { force: true });
      for (const name of await readdir(this.#folder)) {
        if (NUMBERED.test(name) || name === PREVIOUS_KEY || name.endsWith(SEGMENT_SUFFIX)) await rm(join(this.#folder, name), { force: true });
      }
      await this.#syncFolder();
    });
  }

  async close(): Promise<void> {}

  /** Numbers of the numbered manifests, highest first. */
  async #numbered(): Promise<number[]> {
    const names = await this.#guard(() => readdir(this.#folder));
    return names
      .flatMap((name) => NUMBERED.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => b - a);
  }

  async #manifest(name: string): Promise<StoredManifest | undefined> {
    const bytes = await this.#read(name);
    if (!bytes) return undefined;
    const modifiedMs = await stat(join(this.#folder, name)).then(
      (facts) => facts.mtimeMs,
      () => undefined,
    );
    return { generation: manifestGeneration(bytes), bytes, modifiedMs };
  }

  /** Becomes the one that replaces a generation, or fails. */
  async #claim(temporary: string, expected: number): Promise<void> {
    const claimed = join(this.#folder, numberedName(expected + 1));
    try {
      await link(temporary, claimed);
    } catch (error) {
      if (hasCode(error, 'EEXIST')) throw staleGeneration(this.label, expected, expected + 1);
      if (!hasCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK')) throw error;
      await this.#claimByCopy(temporary, claimed, expected);
    }
    // A writer that slept since it compared generations may have claimed a number that was tidied away long ago.
    const newer = (await this.#numbered()).filter((number) => number > expected + 1);
    if (newer.length >= KEPT_GENERATIONS) {
      await unlink(claimed);
      throw staleGeneration(this.label, expected, newer[0] ?? 0);
    }
  }

  /** The same on file systems without hard links. */
  async #claimByCopy(temporary: string, claimed: string, expected: number): Promise<void> {
    const bytes = await readFile(temporary);
    try {
      await writeSynced(claimed, bytes);
    } catch (error) {
      throw hasCode(error, 'EEXIST') ? staleGeneration(this.label, expected, expected + 1) : error;
    }
  }

  async #writeTemporary(bytes: Uint8Array): Promise<string> {
    const path = join(this.#folder, `.tmp-${process.pid}-${++temporaries}-${Date.now().toString(36)}`);
    try {
      await writeSynced(path, bytes);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
    return path;
  }

  /** Makes the folder's entries durable, where the platform can. */
  async #syncFolder(): Promise<void> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(this.#folder, constants.O_RDONLY);
      await handle.sync();
    } catch (error) {
      if (!hasCode(error, 'EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP')) throw error;
    } finally {
      await handle?.close();
    }
  }

  async #read(name: string, start?: number, end?: number): Promise<Uint8Array | undefined> {
    try {
      return await readPiece(join(this.#folder, name), start, end);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw storeError(error, this.label);
    }
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw storeError(error, this.label);
    }
  }

  #checkWritable(): void {
    if (this.readOnly) throw readOnlyStore(this.label);
  }
}

/** Bytes `start..end` of a file. In one piece: `readFile` comes back after each half megabyte, and would wait each time for a searcher that is at work. */
export async function readPiece(path: string, start = 0, end = Number.POSITIVE_INFINITY): Promise<Uint8Array<ArrayBuffer>> {
  const file = await open(path, constants.O_RDONLY);
  try {
    const { size } = await file.stat();
    const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
    let filled = 0;
    while (filled < bytes.byteLength) {
      const { bytesRead } = await file.read(bytes, filled, bytes.byteLength - filled, start + filled);
      if (bytesRead === 0) return bytes.slice(0, filled);
      filled += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

function numberedName(generation: number): string {
  return `manifest-${generation}.cqm`;
}

/** Creates a file that must not exist, and syncs it. */
async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

function storeError(error: unknown, label: string): CodequarryError {
  if (error instanceof CodequarryError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (hasCode(error, 'EACCES', 'EPERM')) return new CodequarryError('STORE_DENIED', `${label}: permission denied`, { cause: error });
  if (hasCode(error, 'EROFS')) return new CodequarryError('STORE_READ_ONLY', `${label} is on a read-only file system`, { cause: error });
  if (hasCode(error, 'ENOSPC', 'EDQUOT')) return new CodequarryError('STORE_QUOTA', `${label}: no space left`, { cause: error });
  if (hasCode(error, 'ENOENT', 'ENOTDIR')) return new CodequarryError('STORE_NOT_FOUND', `${label} does not exist`, { cause: error });
  return new CodequarryError('STORE_FAILED', `${label}: ${message}`, { cause: error });
}
