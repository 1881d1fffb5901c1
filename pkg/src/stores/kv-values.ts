/**
 * Blobs as values of Workers KV, or objects of R2: one value each, or parts where a value would be too large. The parts are written first and then, under the blob's own key, a
 * note of how many there are, so a blob is there when its key is.
 */

import { CodequarryError } from '../errors.js';
import { KV_VALUE_BYTES } from '../limits.js';

/** What keeps values: a KV namespace, or what {@link r2Values} makes of a bucket. */
export interface ValueStore {
  get(key: string, type: 'arrayBuffer'): Promise<ArrayBuffer | null>;
  put(key: string, value: Uint8Array): Promise<unknown>;
  delete(key: string): Promise<unknown>;
}

/** The part of an R2 bucket binding that is used. */
export interface R2Bucket {
  get(key: string): Promise<{ arrayBuffer(): Promise<ArrayBuffer> } | null>;
  put(key: string, value: Uint8Array): Promise<unknown>;
  delete(key: string): Promise<unknown>;
}

/** A bucket as a {@link ValueStore}. */
export function r2Values(bucket: R2Bucket): ValueStore {
  return {
    get: async (key) => (await (await bucket.get(key))?.arrayBuffer()) ?? null,
    put: (key, value) => bucket.put(key, value),
    delete: (key) => bucket.delete(key),
  };
}

/** What a note of parts begins with. No blob of a snapshot begins so. */
const NOTE = 'codequarry parts ';

/**
 * The bytes of a blob; undefined when it, or a part of it, is not shown (yet).
 */
export async function getValue(values: Pick<ValueStore, 'get'>, key: string): Promise<Uint8Array | undefined> {
  const first = await values.get(key, 'arrayBuffer');
  if (!first) return undefined;
  const bytes = new Uint8Array(first);
  const note = noteOf(bytes);
  if (!note) return bytes;
  const whole = new Uint8Array(note.bytes);
  let at = 0;
  for (let part = 0; part < note.parts; part++) {
    const value = await values.get(partKey(key, part), 'arrayBuffer');
    if (!value || at + value.byteLength > whole.byteLength) return undefined;
    whole.set(new Uint8Array(value), at);
    at += value.byteLength;
  }
  return at === whole.byteLength ? whole : undefined;
}

/** Writes a blob. */
export async function putValue(values: ValueStore, key: string, bytes: Uint8Array, valueBytes = KV_VALUE_BYTES): Promise<void> {
  if (bytes.byteLength <= valueBytes) {
    await values.put(key, bytes);
    return;
  }
  const parts = Math.ceil(bytes.byteLength / valueBytes);
  for (let part = 0; part < parts; part++) await values.put(partKey(key, part), bytes.slice(part * valueBytes, (part + 1) * valueBytes));
  await values.put(key, new TextEncoder().encode(`${NOTE}${parts} ${bytes.byteLength}`));
}

/** Removes a blob and its parts. */
export async function deleteValue(values: ValueStore, key: string): Promise<void> {
  const first = await values.get(key, 'arrayBuffer');
  const note = first && noteOf(new Uint8Array(first));
  await values.delete(key);
  for (let part = 0; part < (note?.parts ?? 0); part++) await values.delete(partKey(key, part));
}

function partKey(key: string, part: number): string {
  return `${key}.part${part}`;
}

function noteOf(bytes: Uint8Array): { parts: number; bytes: number } | undefined {
  if (bytes.byteLength < NOTE.length || bytes.byteLength > 64) return undefined;
  const found = /^codequarry parts (\d{1,3}) (\d{1,10})$/.exec(new TextDecoder().decode(bytes));
  if (!found) return undefined;
  const note = { parts: Number(found[1]), bytes: Number(found[2]) };
  if (note.bytes > note.parts * KV_VALUE_BYTES) throw new CodequarryError('SNAPSHOT_CORRUPT', 'the note of a blob in parts is damaged');
  return note;
}
