/**
 * Browsers (and Deno, Bun, or anything else with module workers and `fetch`).
 */

import { CodequarryError } from '../errors.js';
import { POOL_MAX } from '../limits.js';
import type { Port } from '../rpc.js';
import type { EngineOptions, ModelBytes, Platform, WasmSource } from '../runtime.js';
import { IndexedDbStore } from '../stores/indexeddb.js';

/** Each address in full, as bundlers look for. */
const MODULES = {
  searcher: new URL('../searcher-engine.wasm', import.meta.url),
  builder: new URL('../builder-engine.wasm', import.meta.url),
  regex: new URL('../regex.wasm', import.meta.url),
};

/** The runtime of a page, or of a worker of one. It knows of no grammars, which are too many to be in a bundle unasked: see `browser.ts`. */
export const browserPlatform: Platform = {
  name: 'browser',
  searchesInWorker: true,
  concurrency: () => Math.max(1, Math.min(POOL_MAX, (navigator.hardwareConcurrency || 2) - 1)),
  defaultModule: (name) => MODULES[name],
  defaultGrammars: () => () => undefined,
  defaultModel: () => new URL('../code.cqmodel', import.meta.url),
  readBytes,
  compile,
  spawn: (options) => workerPort(startWorker(options)),
  openStore: (name) => IndexedDbStore.open(name),
};

async function compile(source: WasmSource): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof Uint8Array || source instanceof ArrayBuffer) return WebAssembly.compile(source as BufferSource);
  const response = source instanceof Response ? source : await fetch(source);
  if (!response.ok) throw new CodequarryError('HTTP_STATUS', `${response.url} answers ${response.status}`, { details: { status: response.status } });
  if (response.headers.get('content-type')?.startsWith('application/wasm')) return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

async function readBytes(source: ModelBytes): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  const response = source instanceof Response ? source : await fetch(source);
  if (!response.ok) throw new CodequarryError('HTTP_STATUS', `${response.url} answers ${response.status}`, { details: { status: response.status } });
  return new Uint8Array(await response.arrayBuffer());
}

function startWorker(options: EngineOptions): Worker {
  // Bundlers find the worker by this very expression.
  if (options.worker === undefined) return new Worker(new URL('../worker.js', import.meta.url), { type: 'module', name: 'codequarry' });
  return new Worker(options.worker, { type: 'module', name: 'codequarry' });
}

function workerPort(worker: Worker): Port {
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    onMessage: (receive) => {
      worker.onmessage = (event) => receive(event.data);
    },
    onFailure: (fail) => {
      worker.onerror = (event) => {
        event.preventDefault();
        fail(new CodequarryError('WORKER_DIED', event.message || 'the worker script does not load'));
      };
      worker.onmessageerror = () => fail(new CodequarryError('WORKER_DIED', 'a message could not be read'));
    },
    close: () => worker.terminate(),
  };
}
