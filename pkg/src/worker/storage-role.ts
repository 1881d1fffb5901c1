/**
 * The worker's side of the OPFS store: synchronous access to files exists in workers only. Each call opens the file, does one thing, and closes it, under a lock, so any
 * number of tabs may use one file and none keeps it from the others.
 */

import { CodequarryError } from '../errors.js';
import { deletedSnapshot } from '../stores/store.js';
import { type SyncFile, TwoSlotFile } from '../stores/two-slot-file.js';

/** What can be asked of the file. */
export type StorageMethod = 'get' | 'getRange' | 'getRanges' | 'put' | 'list' | 'delete' | 'readManifest' | 'swapManifest' | 'clear';

/** The methods of a worker in the role of a store. */
export interface StorageService {
  /** @param argument create: whether the file is made when there is none; otherwise a snapshot without a file was deleted, and reads as empty */
  storage(argument: { name: string; method: StorageMethod | 'probe'; args: unknown[]; create: boolean }): unknown;
}

/** The folder of the origin's private file system that holds all snapshots. */
export const OPFS_FOLDER = 'codequarry';

interface AccessHandle extends SyncFile {
  close(): void;
}

/** Serves one call. */
export function serveStorage({ name, method, args, create }: Parameters<StorageService['storage']>[0]): Promise<unknown> {
  const work = async (): Promise<unknown> => {
    const root = await navigator.storage.getDirectory();
    const handle = await fileOf(root, name, create);
    if (!handle) {
      if (method === 'put' || method === 'swapManifest') throw deletedSnapshot(`OPFS "${name}"`);
      return method === 'list' ? [] : undefined;
    }
    if (!('createSyncAccessHandle' in handle)) throw new CodequarryError('STORE_DENIED', 'this browser gives workers no access to files');
    const file = await (handle as unknown as { createSyncAccessHandle(): Promise<AccessHandle> }).createSyncAccessHandle();
    try {
      if (method === 'probe') return undefined;
      const store = new TwoSlotFile(file, `OPFS "${name}"`);
      return (store[method] as (...args: unknown[]) => unknown).apply(store, args);
    } finally {
      file.close();
    }
  };
  // Where storage is blocked the lock is refused already.
  return navigator.locks.request(`codequarry:opfs-file:${name}`, work).catch((error: unknown) => Promise.reject(storeError(error, name)));
}

async function fileOf(root: FileSystemDirectoryHandle, name: string, create: boolean): Promise<FileSystemFileHandle | undefined> {
  try {
    const folder = await root.getDirectoryHandle(OPFS_FOLDER, { create });
    return await folder.getFileHandle(`${encodeURIComponent(name)}.cqf`, { create });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotFoundError' && !create) return undefined;
    throw error;
  }
}

function storeError(error: unknown, name: string): CodequarryError {
  if (error instanceof CodequarryError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const kind = error instanceof Error ? error.name : '';
  if (kind === 'QuotaExceededError') return new CodequarryError('STORE_QUOTA', `OPFS "${name}" is full: ${message}`, { cause: error });
  if (kind === 'SecurityError' || kind === 'NotAllowedError' || kind === 'TypeError') {
    return new CodequarryError('STORE_DENIED', `OPFS "${name}" cannot be used here: ${message}`, { cause: error });
  }
  return new CodequarryError('STORE_FAILED', `OPFS "${name}": ${message}`, { cause: error });
}
