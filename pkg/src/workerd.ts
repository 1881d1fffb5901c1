/**
 * The package in a Cloudflare Worker: `import { Codequarry } from 'codequarry'`.
 */

import { workerdPlatform } from './platform/workerd.js';
import { type OpenOptions, Quarry, openParts } from './quarry.js';

export * from './api.js';
export { type KvNamespace, KvStore } from './stores/kv.js';

/** A search index over source code, in an isolate. */
export class Codequarry extends Quarry {
  /**
   * Opens an index.
   *
   * @param target options with the store. To index files, pass `engine.grammars` as a function that returns imported modules
   * @throws CodequarryError of the store, or of the engine when the snapshot cannot be read; `ENGINE_LOAD`
   */
  static async open(target: OpenOptions): Promise<Codequarry> {
    return new Codequarry(await openParts(workerdPlatform, target));
  }
}
