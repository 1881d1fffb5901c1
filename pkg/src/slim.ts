/**
 * The package in a browser, for bundles that say where their grammars are: `import { Codequarry } from 'codequarry/slim'`. Without
 * `engine.grammars` files are indexed by line windows, and say so in the report.
 */

import { browserPlatform } from './platform/browser.js';
import { type ImportTarget, type OpenOptions, Quarry, importParts, openParts, verifyStore } from './quarry.js';
import type { Platform } from './runtime.js';
import type { VerifyOptions, VerifyReport } from './verify.js';
import type { ArchiveInput } from './sources/archive-input.js';

export * from './api.js';
export { fromDirectoryHandle, fromDrop, fromFileList } from './sources/browser-files.js';
export { IndexedDbStore } from './stores/indexeddb.js';
export { OpfsStore, type OpfsStoreOptions, openLocalStore } from './stores/opfs.js';

/** A search index over source code, in a browser. */
export class Codequarry extends Quarry {
  /** @internal */
  protected static platform: Platform = browserPlatform;

  /**
   * Opens an index, and makes it when it is new.
   *
   * @param target a name, kept in IndexedDB; or options, without a store in memory
   * @throws CodequarryError of the store (`STORE_DENIED` where the browser forbids storage), or of the engine when the snapshot cannot be read
   * (`SNAPSHOT_CORRUPT`, `FORMAT_NEWER`, …): it is left as it is then, and `{ reset: true }` discards it; `ENGINE_LOAD`
   */
  static async open(target: string | OpenOptions, options?: OpenOptions): Promise<Codequarry> {
    return new this(await openParts(this.platform, target, options));
  }

  /**
   * Checks a snapshot, also one that cannot be opened: every checksum and every cross reference. What is wrong is in the report.
   *
   * @throws CodequarryError of the store when it does not answer; `STORE_NOT_FOUND` when it holds nothing; the signal's reason
   */
  static verify(target: string | OpenOptions, options?: OpenOptions & VerifyOptions): Promise<VerifyReport> {
    return verifyStore(this.platform, target, options);
  }

  /**
   * Makes a `.cq` archive the snapshot of an index, and opens it. Until all of the archive was read and found sound, the index stays what it was.
   *
   * @param target a name, as `open` takes it; or options
   * @param archive bytes, a `Blob`, a stream, or a function that opens one
   * @throws CodequarryError `ARCHIVE_FORMAT`, `FORMAT_NEWER`, `ARCHIVE_TRUNCATED`, `ARCHIVE_DAMAGED`; `WOULD_SHRINK` and `WOULD_EMPTY` without
   * `{ replace: true }`; as `open`
   */
  static async import(target: string | ImportTarget, archive: ArchiveInput, options?: ImportTarget): Promise<Codequarry> {
    return new this(await importParts(this.platform, target, archive, options));
  }
}
