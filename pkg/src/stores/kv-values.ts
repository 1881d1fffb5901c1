/**
 * Blobs as values of Workers KV, or objects of R2: one value each, or parts where a value would be too large (`parts.ts`).
 */

import { KV_VALUE_BYTES } from '../limits.js';
import { PartReader, noteBytes, noteOf, partKey } from './parts.js';

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

/**
 * The bytes of a blob; undefined when it, or a part of it, is not shown (yet).
 */
export async function getValue(values: Pick<ValueStore, 'get'>, key: string): Promise<Uint8Array | undefined> {
  const first = await values.get(key, 'arrayBuffer');
  if (!first) return undefined;
  const bytes = new Uint8Array(first);
  const parts = partsIn(values);
  return parts.knows(key, bytes) ? parts.whole(key) : bytes;
}

/** Reads blobs that are kept in parts. */
export function partsIn(values: Pick<ValueStore, 'get'>): PartReader {
  return new PartReader(async (key) => {
    const value = await values.get(key, 'arrayBuffer');
    return value ? new Uint8Array(value) : undefined;
  });
}

/** Writes a blob. */
export async function putValue(values: ValueStore, key: string, bytes: Uint8Array, valueBytes = KV_VALUE_BYTES): Promise<void> {
  if (bytes.byteLength <= valueBytes) {
    await values.put(key, bytes);
    return;
  }
  const parts = Math.ceil(bytes.byteLength / valueBytes);
  for (let part = 0; part < parts; part++) await values.put(partKey(key, part), bytes.slice(part * valueBytes, (part + 1) * valueBytes));
  await values.put(key, noteBytes({ parts, bytes: bytes.byteLength }));
}

/** Removes a blob and its parts. */
export async function deleteValue(values: ValueStore, key: string): Promise<void> {
  const first = await values.get(key, 'arrayBuffer');
  const note = first && noteOf(new Uint8Array(first));
  await values.delete(key);
  for (let part = 0; part < (note?.parts ?? 0); part++) await values.delete(partKey(key, part));
}
