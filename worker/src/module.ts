/**
 * The engine in this isolate: one instance of one module, which the generated glue keeps in module state.
 *
 * The module is instantiated with the first index rather than at start-up, where a Worker may neither wait nor spend much time.
 */
import { startRegexEngine } from 'codequarry';
import regexes from 'codequarry/regex.wasm';
import { Index, type InitOutput, __wbg_reset_state, contentHash, initSync, manifestInfo, setModel } from 'codequarry/searcher-engine';
import compiled from 'codequarry/searcher-engine.wasm';

import type { Engine } from './engine.js';

/** Text that the index keeps inflated. A quarter of the engine's default: an isolate has 128 MB, and cold text inflates in a fraction of a millisecond. */
const TEXT_CACHE_BYTES = 8 * 1024 * 1024;

let instance: InitOutput | undefined;

function start(): void {
  instance ??= initSync({ module: compiled });
}

export const engine: Engine = {
  create() {
    start();
    return new Index({ textCacheBytes: TEXT_CACHE_BYTES });
  },

  equipRegex(index) {
    index.setRegex(startRegexEngine(regexes));
  },

  setModel(bytes) {
    start();
    setModel(bytes);
  },

  discard() {
    if (instance === undefined) return;
    instance = undefined;
    __wbg_reset_state();
  },

  memoryBytes() {
    return instance?.memory.buffer.byteLength ?? 0;
  },

  contentHash(bytes) {
    start();
    return contentHash(bytes);
  },

  generationOf(manifest) {
    start();
    return manifestInfo(manifest).generation;
  },

  segmentsOf(manifest) {
    start();
    return manifestInfo(manifest).segments.map(({ name }) => name);
  },
};

/** Names of the segments of a manifest. */
export async function segmentsOf(manifest: Uint8Array): Promise<string[]> {
  start();
  return manifestInfo(manifest).segments.map(({ name }) => name);
}
