/**
 * Segments as values of a namespace: one value each, or parts of it under a note (`stores/parts.ts`), of which a Worker reads what its answers need.
 *
 * The keys of parts say nothing of how long parts are. So a segment that is there in parts stays divided as it is, and is only completed; where nobody knows how it was divided, because
 * the note is missing, all its parts are written again. The note comes last.
 */

import { KV_BULK_BYTES } from '../../limits.js';
import { type PartsNote, divide, noteBytes, noteOf, partKey, placeOf } from '../../stores/parts.js';
import { segmentKey } from '../../stores/store.js';

/** A value that is to be written. */
export interface Value {
  readonly key: string;
  readonly bytes: Uint8Array;
}

/** What a namespace lists of segments and models. */
export class Listing {
  /** The keys of each, by name. */
  readonly #keys = new Map<string, Set<string>>();

  /** @param keys without the prefix */
  constructor(keys: readonly string[]) {
    for (const key of keys) {
      const name = BLOB_KEY.exec(key)?.slice(1).find(Boolean);
      if (name !== undefined) this.#keys.set(name, (this.#keys.get(name) ?? new Set()).add(key));
    }
  }

  /** Names of which anything is there. */
  get names(): ReadonlySet<string> {
    return new Set(this.#keys.keys());
  }

  /** Whether the value under the name's own key is there: of what is in parts that is the note. */
  hasOwn(name: string): boolean {
    return this.#keys.get(name)?.has(blobKey(name)) ?? false;
  }

  /** Whether any part is there. */
  hasParts(name: string): boolean {
    return (this.#keys.get(name)?.size ?? 0) > (this.hasOwn(name) ? 1 : 0);
  }

  /** The parts of a division that are not there. */
  missing(name: string, note: PartsNote): number[] {
    return Array.from({ length: note.parts }, (_, part) => part).filter((part) => !this.#keys.get(name)?.has(partKey(blobKey(name), part)));
  }

  /** All keys of a name, its own first: without it no reader begins to read the others. */
  keysOf(name: string): string[] {
    const own = blobKey(name);
    return [...(this.#keys.get(name) ?? [])].sort((a, b) => Number(b === own) - Number(a === own) || (a < b ? -1 : 1));
  }
}

const BLOB_KEY = /^(seg-[0-9a-f]{32})\.cqs(?:\.part\d+)?$|^(model-[0-9a-f]{32})\.cqmodel$/;

/** The key of a segment, or of a model. */
export function blobKey(name: string): string {
  return name.startsWith('model-') ? `${name}.cqmodel` : segmentKey(name);
}

/** How the segments of a snapshot go into a namespace. */
export class Divisions {
  /** Of segments that are there in parts already: their notes. */
  readonly #notes = new Map<string, PartsNote>();
  readonly #wanted: ReadonlySet<string>;
  readonly #partBytes: number;

  /** @param wanted names of the segments that are to be in parts */
  constructor(wanted: ReadonlySet<string>, partBytes: number) {
    this.#wanted = wanted;
    this.#partBytes = partBytes;
  }

  /** Whether a segment is to be in parts. */
  has(name: string): boolean {
    return this.#wanted.has(name);
  }

  /** How many are. */
  get size(): number {
    return this.#wanted.size;
  }

  /**
   * The names of which nothing is missing.
   *
   * @param read the value under a key that is listed
   */
  async whole(listing: Listing, read: (key: string) => Promise<Uint8Array>): Promise<Set<string>> {
    const whole = new Set<string>();
    for (const name of listing.names) {
      if (!listing.hasOwn(name)) continue;
      const note = listing.hasParts(name) ? readNote(await read(blobKey(name))) : undefined;
      if (note) this.#notes.set(name, note);
      if (note ? listing.missing(name, note).length === 0 : !this.#wanted.has(name)) whole.add(name);
    }
    return whole;
  }

  /** What has to be written of a segment that is to be in parts, in this order and in goes that are not too large. */
  *values(name: string, bytes: Uint8Array, listing: Listing): Generator<Value[]> {
    const key = blobKey(name);
    const known = this.#notes.get(name);
    const note = known ?? divide(bytes, this.#partBytes);
    let go: Value[] = [];
    let held = 0;
    for (const part of known ? listing.missing(name, note) : Array.from({ length: note.parts }, (_, at) => at)) {
      const { start, end } = placeOf(note, part);
      if (held + end - start > KV_BULK_BYTES && go.length > 0) {
        yield go;
        [go, held] = [[], 0];
      }
      go.push({ key: partKey(key, part), bytes: bytes.subarray(start, end) });
      held += end - start;
    }
    if (go.length > 0) yield go;
    yield [{ key, bytes: noteBytes(note) }];
  }
}

/** A note that cannot be made sense of is none: the segment is written again. */
function readNote(bytes: Uint8Array): PartsNote | undefined {
  try {
    const note = noteOf(bytes);
    return note?.lengths && note;
  } catch {
    return undefined;
  }
}
