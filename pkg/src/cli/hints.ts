/**
 * What a person can do about an error, by its code.
 */

import type { CodequarryError } from '../errors.js';

const HINTS: Record<string, string> = {
  ARCHIVE_DAMAGED: 'get the archive again; of source code, everything before the damage is indexed',
  ARCHIVE_FORMAT: 'to index, give a folder or a .tar, .tar.gz, .tgz or .zip; to import, what "codequarry export" wrote',
  ARCHIVE_LIMIT: 'everything before the limit is indexed; unpack the archive and index the folder for the rest',
  ARCHIVE_TRUNCATED: 'get the archive again; of source code, everything before the cut is indexed',
  ENGINE_LOAD: 'the installation is incomplete: install codequarry again, or run "make build" in a checkout',
  ANALYZER_MISMATCH: 'the snapshot was made by another release: run "codequarry index" again into another folder, or with --reset',
  FORMAT_OLDER: 'run "codequarry index" again with --reset',
  FORMAT_NEWER: 'update codequarry, or index again into another folder with --out',
  NOT_FOUND: 'check the path',
  NO_PREVIOUS_GENERATION: 'only the last change can be taken back, once; index again instead',
  OPTION_INVALID: 'see --help',
  SNAPSHOT_CHECKSUM: 'the snapshot is damaged: try "codequarry rollback", or delete its folder and run "codequarry index" again',
  SNAPSHOT_CORRUPT: 'the snapshot is damaged: try "codequarry rollback", or delete its folder and run "codequarry index" again',
  SNAPSHOT_FOREIGN: 'this is not a codequarry snapshot; give --out another folder',
  SNAPSHOT_MISSING_SEGMENT: 'the snapshot is incomplete: copy it again, or delete its folder and run "codequarry index" again',
  SNAPSHOT_TRUNCATED: 'the snapshot is cut: copy it again, or delete its folder and run "codequarry index" again',
  STALE_GENERATION: 'another codequarry is writing there; wait for it and run this again',
  STORE_DENIED: 'choose a folder that you may write with --out',
  STORE_NOT_FOUND: 'run "codequarry index" first',
  CURSOR_STALE: 'ask for the first page again',
  QUERY_INVALID: 'codequarry search --help shows the query language',
  REGEX_TOO_LARGE: 'make the repetitions of the regex smaller',
  STORE_QUOTA: 'make room, or choose another disk with --out',
  STORE_READ_ONLY: 'choose a folder that can be written with --out',
  WOULD_EMPTY: 'check the path; to discard the snapshot, use --reset (when importing: --replace)',
  WOULD_SHRINK: 'import into another folder with --out, or give up the larger snapshot with --replace',
  USAGE: 'codequarry --help lists the commands, codequarry <command> --help their options',
};

/** The hint for an error, if there is one. */
export function hintFor(error: CodequarryError): string | undefined {
  return Object.hasOwn(HINTS, error.code) ? HINTS[error.code] : undefined;
}
