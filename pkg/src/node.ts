/**
 * The package in Node: `import { Codequarry } from 'codequarry'`.
 */

import { nodePlatform } from './platform/node.js';
import { type OpenOptions, Quarry, openParts } from './quarry.js';

export * from './api.js';
export { type FolderOptions, fromFolder } from './sources/folder.js';
export { FolderStore, type FolderStoreOptions } from './stores/folder.js';

/** A search index over source code, in Node. */
export class Codequarry extends Quarry {
  /**
   * Opens an index, and makes it when it is new.
   *
   * @param target a name, kept in the folder `.codequarry/<name>`; a path (anything with a separator) of the snapshot's folder; or options, without a
   * store in memory
   * @throws CodequarryError of the store, or of the engine when the snapshot cannot be read (`SNAPSHOT_CORRUPT`, `FORMAT_NEWER`, …): it is left as it
   * is then, and `{ reset: true }` discards it; `ENGINE_LOAD`
   */
  static async open(target: string | OpenOptions, options?: OpenOptions): Promise<Codequarry> {
    return new Codequarry(await openParts(nodePlatform, target, options));
  }
}
