/**
 * The engine in this isolate: one instance of one module, which the generated glue keeps in module state.
 *
 * The module is instantiated with the first index rather than at start-up, where a Worker may neither wait nor spend much time.
 */
import { Index, type InitOutput, __wbg_reset_state, contentHash, initSync } from 'codequarry/engine';
import compiled from 'codequarry/engine.wasm';

import type { Engine } from './engine.js';

let instance: InitOutput | undefined;

function start(): void {
  instance ??= initSync({ module: compiled });
}

export const engine: Engine = {
  create() {
    start();
    return new Index();
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
};
