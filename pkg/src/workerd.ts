/**
 * The package in a Cloudflare Worker: `import { Codequarry } from 'codequarry'`.
 */

import { workerdPlatform } from './platform/workerd.js';
import { type ImportTarget, type OpenOptions, Quarry, importParts, openParts, verifyStore } from './quarry.js';
import type { VerifyOptions, VerifyReport } from './verify.js';
import type { ArchiveInput } from './sources/archive-input.js';

export * from './api.js';
export { Replica, type ReplicaOptions, type ReplicaState } from './edge/replica.js';
export { type EdgeCopies, type EdgeStorage, EdgeStore } from './stores/edge.js';
export { startRegexEngine } from './regex-engine.js';
export { type KvNamespace, KvStore } from './stores/kv.js';
export { PartReader, type PartsNote } from './stores/parts.js';
export { type R2Bucket, type ValueStore, getValue, r2Values } from './stores/kv-values.js';

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

  /**
   * Checks a snapshot, also one that cannot be opened: every checksum and every cross reference. What is wrong is in the report.
   *
   * @throws CodequarryError of the store when it does not answer; `STORE_NOT_FOUND` when it holds nothing; the signal's reason
   */
  static verify(target: OpenOptions, options?: OpenOptions & VerifyOptions): Promise<VerifyReport> {
    return verifyStore(workerdPlatform, target, options);
  }

  /**
   * Makes a `.cq` archive the snapshot of a store, and opens it. Until all of the archive was read and found sound, the store stays what it was.
   *
   * @throws CodequarryError `ARCHIVE_FORMAT`, `FORMAT_NEWER`, `ARCHIVE_TRUNCATED`, `ARCHIVE_DAMAGED`; `WOULD_SHRINK` and `WOULD_EMPTY` without
   * `{ replace: true }`; as `open`
   */
  static async import(target: ImportTarget, archive: ArchiveInput): Promise<Codequarry> {
    return new Codequarry(await importParts(workerdPlatform, target, archive));
  }
}
