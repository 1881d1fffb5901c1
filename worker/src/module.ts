/**
 * The engine in this isolate: one instance of one module, which the generated glue keeps in module state.
 *
 * The module is instantiated with the first index rather than at start-up, where a Worker may neither wait nor spend much time.
 */
import { Index, __wbg_reset_state, contentHash, initSync } from 'codequarry/engine';
import compiled from 'codequarry/engine.wasm';

import type { Engine } from './engine.js';

let running = false;

function start(): void {
  if (running) return;
  initSync({ module: compiled });
  running = true;
}

export const engine: Engine = {
  create() {
    start();
    return new Index();
  },

  discard() {
    if (!running) return;
    running = false;
    __wbg_reset_state();
  },

  contentHash(bytes) {
    start();
    return contentHash(bytes);
  },
};
