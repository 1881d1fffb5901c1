/**
 * Chunks and symbols of files without an index, in the order of the files, in the pool. A file that breaks a builder has an empty outline and the code `PARSE_TRAP`.
 */

import { Batcher } from './batch.js';
import type { FileOutline } from './engine.js';
import { CodequarryError } from './errors.js';
import type { BuilderPool } from './pool.js';
import type { Files } from './types.js';
import type { Batch } from './worker/protocol.js';

/** Source bytes in one request: small, so that the first outlines are there soon. */
const REQUEST_BYTES = 512 * 1024;

/** See `Quarry.outline`. */
export async function* outlineFiles(pool: BuilderPool, files: Files, signal: AbortSignal | undefined): AsyncGenerator<FileOutline> {
  const batcher = new Batcher({ firstBytes: REQUEST_BYTES, mostBytes: REQUEST_BYTES, lastBytes: REQUEST_BYTES });
  const running: Promise<FileOutline[]>[] = [];
  const start = (batch: Batch): void => {
    const outlines = outlineBatch(pool, batch, signal);
    outlines.catch(() => undefined);
    running.push(outlines);
  };
  for await (const file of files) {
    if ('problem' in file) continue;
    const bytes = 'text' in file ? new TextEncoder().encode(file.text) : file.bytes;
    for (const batch of batcher.push({ path: file.path, bytes })) start(batch);
    while (running.length > pool.size) yield* (await running.shift()) ?? [];
  }
  for (const batch of batcher.flush()) start(batch);
  for (const outlines of running) yield* await outlines;
}

async function outlineBatch(pool: BuilderPool, batch: Batch, signal: AbortSignal | undefined): Promise<FileOutline[]> {
  try {
    return (await pool.outline(batch, { signal })).outlines;
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof CodequarryError) || (error.code !== 'ENGINE_TRAP' && error.code !== 'WORKER_DIED')) throw error;
    const [only, second] = batch.files;
    if (only && !second) return [brokenOutline(only.path, only.length)];
    const outlines: FileOutline[] = [];
    for (const file of batch.files) outlines.push(...(await outlineBatch(pool, { arena: batch.arena, files: [file] }, signal)));
    return outlines;
  }
}

function brokenOutline(path: string, bytes: number): FileOutline {
  const message = 'this file broke the parser; please report it';
  return {
    path,
    language: null,
    report: { path, language: null, status: 'skipped', code: 'PARSE_TRAP', message, bytes, chunks: 0, symbols: 0 },
    chunks: [],
    symbols: [],
  };
}
