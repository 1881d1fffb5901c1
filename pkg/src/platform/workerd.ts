/**
 * Cloudflare's workerd: no workers, no compiling from bytes. Every module is an import, and a builder shares the isolate with the searcher.
 */

import builderModule from '../builder-engine.wasm';
import { CodequarryError } from '../errors.js';
import { portPair } from '../rpc.js';
import type { Platform } from '../runtime.js';
import searcherModule from '../searcher-engine.wasm';
import { MemoryStore } from '../stores/memory.js';
import { serve } from '../worker/serve.js';

/** The runtime of an edge worker. Grammars come from the caller, since only an import brings a module here. */
export const workerdPlatform: Platform = {
  name: 'workerd',
  searchesInWorker: false,
  concurrency: () => 1,
  defaultModule: (name) => ({ searcher: searcherModule, builder: builderModule, regex: undefined })[name],
  defaultGrammars: () => () => undefined,
  defaultModel: () => undefined,
  readBytes: async (source) => {
    if (source instanceof Uint8Array) return source;
    if (source instanceof ArrayBuffer) return new Uint8Array(source);
    if (source instanceof Response) return new Uint8Array(await source.arrayBuffer());
    throw new CodequarryError('MODEL_UNAVAILABLE', 'an address cannot be read here: import code.cqmodel as data, or pass the response of an assets binding');
  },
  compile: async (source) => {
    if (source instanceof WebAssembly.Module) return source;
    throw new CodequarryError('ENGINE_LOAD', 'workerd compiles no WebAssembly: import the .wasm file and pass the module');
  },
  spawn: () => {
    const [near, far] = portPair();
    serve(far);
    return near;
  },
  openStore: async () => new MemoryStore(),
};
