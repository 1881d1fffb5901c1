/**
 * Files of an archive: `.tar`, `.tar.gz`/`.tgz`, `.zip`, told apart by their first bytes.
 */

import { CodequarryError, toError } from '../errors.js';
import type { FileSource, SourceFile } from '../types.js';
import { type ArchiveHealth, archiveEntries } from './archive-entries.js';
import { type ArchiveInput, type Reopenable, chunks, reopenable } from './archive-input.js';
import { type IgnoreOptions, IgnoreTree, isRuleFile } from './ignore-tree.js';
import { corpusPath, folderOf, rootOf } from './paths.js';

export type { ArchiveInput } from './archive-input.js';

/** Options of {@link fromArchive}. */
export interface ArchiveOptions extends IgnoreOptions {
  /** The archive's name, for messages. */
  name?: string | undefined;
  /**
   * A folder that holds all files of the archive (`package/` in those of npm) is part of their paths (`keep`) or not (`strip`). To find out, the archive is
   * read twice; a stream is kept in memory, compressed, meanwhile. Default `strip`.
   */
  root?: 'strip' | 'keep' | undefined;
}

/** True for file names that {@link fromArchive} reads. */
export function isArchiveName(name: string): boolean {
  return /\.(tar|tgz|tar\.gz|zip|whl|crate|jar|gem)$/i.test(name);
}

/**
 * The files of an archive in the order in which they are stored.
 *
 * An entry that leads out of the archive's root is reported as `PATH_ESCAPES`, one that is too large as `LIMIT_EXCEEDED`; links and devices are left out. A `.gitignore` holds
 * for what comes after it. Iterating throws CodequarryError `ARCHIVE_FORMAT` for anything else than an archive; and after all files that
 * are complete `ARCHIVE_TRUNCATED`, `ARCHIVE_DAMAGED` or `ARCHIVE_LIMIT`. Checksums are verified: an entry of a zip that does not fit its own is `UNREADABLE`; of a gzip that does not fit,
 * nothing is brought (with `root: 'keep'`, where it is read once, the error comes last).
 */
export function fromArchive(input: ArchiveInput, options: ArchiveOptions = {}): FileSource {
  async function* files(): AsyncGenerator<SourceFile> {
    const strip = (options.root ?? 'strip') === 'strip';
    const open: Reopenable = strip ? reopenable(input) : () => chunks(input);
    const root = strip ? await commonRoot(open) : undefined;
    const rules = new IgnoreTree(options);
    const health: ArchiveHealth = { error: undefined };
    for await (const entry of archiveEntries(open(), 'contents', health)) {
      const whole = corpusPath(entry.name);
      if (whole === undefined) {
        yield { path: entry.name, problem: { code: 'PATH_ESCAPES', message: 'the entry leads out of the archive' } };
        continue;
      }
      const path = root === undefined ? whole : whole.slice(root.length + 1);
      if (rules.leavesOut(path)) continue;
      if (entry.bytes && isRuleFile(path.slice(path.lastIndexOf('/') + 1))) rules.add(folderOf(path), new TextDecoder().decode(entry.bytes));
      if (entry.problem) yield { path, problem: entry.problem };
      else if (entry.bytes) yield { path, bytes: entry.bytes };
    }
    if (health.error) throw health.error;
  }
  return { total: undefined, [Symbol.asyncIterator]: files };
}

/** The folder that all files are in, if there is one. Entries that lead out of the root do not count. */
async function commonRoot(open: Reopenable): Promise<string | undefined> {
  let root: string | undefined;
  let common = true;
  const health: ArchiveHealth = { error: undefined };
  try {
    // To its end in any case: the checksum of a gzip comes last.
    for await (const { name } of archiveEntries(open(), 'names', health)) {
      const path = corpusPath(name);
      if (path === undefined || !common) continue;
      const first = rootOf(path);
      common = first !== undefined && (root === undefined || root === first);
      root = first;
    }
  } catch (error) {
    // A bomb is dealt with when its contents are read, after what comes before its limit.
    if (toError(error).code !== 'ARCHIVE_LIMIT') throw error;
  }
  // Which files are wrong nobody can tell.
  if (health.error && health.doubtful) throw new CodequarryError(health.error.code, 'the archive is damaged: its checksum does not fit; nothing of it was read');
  return common ? root : undefined;
}
