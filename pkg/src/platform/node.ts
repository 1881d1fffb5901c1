/**
 * Node: worker threads, files, and a folder as the default store.
 */

import { availableParallelism } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { CodequarryError } from '../errors.js';
import { POOL_MAX } from '../limits.js';
import type { Port } from '../rpc.js';
import type { EngineOptions, ModelBytes, Platform, WasmSource } from '../runtime.js';
import { FolderStore, readPiece } from '../stores/folder.js';

/** Each address in full, as bundlers look for. */
const MODULES = {
  searcher: new URL('../searcher-engine.wasm', import.meta.url),
  builder: new URL('../builder-engine.wasm', import.meta.url),
  regex: new URL('../regex.wasm', import.meta.url),
};

/** The runtime of Node. */
export const nodePlatform: Platform = {
  name: 'node',
  searchesInWorker: false,
  concurrency: () => Math.max(1, Math.min(POOL_MAX, availableParallelism())),
  defaultModule: (name) => MODULES[name],
  defaultGrammars: () => new URL('../grammars/', import.meta.url),
  defaultModel: () => new URL('../code.cqmodel', import.meta.url),
  readBytes,
  compile,
  spawn: (options) => threadPort(startThread(options)),
  openStore: (name) => FolderStore.open(snapshotFolder(name)),
};

/** The folder that a name stands for: a path (with a separator) as it is, a bare name below `.codequarry` in the current folder. */
function snapshotFolder(name: string): string {
  if (name.startsWith('file:')) return fileURLToPath(name);
  return isAbsolute(name) || /[/\\]/.test(name) || name.startsWith('.') ? name : join('.codequarry', name);
}

async function compile(source: WasmSource): Promise<WebAssembly.Module> {
  if (isAddress(source)) return WebAssembly.compile(await readAddress(String(source)));
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof Response) return WebAssembly.compile(await source.arrayBuffer());
  return WebAssembly.compile(source as BufferSource);
}

async function readBytes(source: ModelBytes): Promise<Uint8Array> {
  if (isAddress(source)) return readAddress(String(source));
  if (source instanceof Uint8Array) return source;
  return new Uint8Array(source instanceof ArrayBuffer ? source : await source.arrayBuffer());
}

/** Asked first: to look whether something is a `Response` makes Node load its HTTP client, which takes longer than to compile the engine. */
function isAddress(source: WasmSource): source is string | URL {
  return typeof source === 'string' || source instanceof URL;
}

async function readAddress(address: string): Promise<Uint8Array<ArrayBuffer>> {
  if (/^(https?|data|blob):/.test(address)) {
    const response = await fetch(address);
    if (!response.ok) throw new CodequarryError('HTTP_STATUS', `${address} answers ${response.status}`, { details: { status: response.status } });
    return new Uint8Array(await response.arrayBuffer());
  }
  return readPiece(address.startsWith('file:') ? fileURLToPath(address) : address);
}

function startThread(options: EngineOptions): Worker {
  return new Worker(options.worker ? new URL(options.worker) : new URL('../node-worker.js', import.meta.url), { name: 'codequarry', execArgv: [] });
}

function threadPort(worker: Worker): Port {
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    onMessage: (receive) => {
      worker.on('message', receive);
    },
    onFailure: (fail) => {
      worker.on('error', (error) => fail(new CodequarryError('WORKER_DIED', error.message, { cause: error })));
      worker.on('messageerror', (error) => fail(new CodequarryError('WORKER_DIED', error.message, { cause: error })));
      worker.on('exit', (code) => fail(new CodequarryError('WORKER_DIED', `the worker ended with exit code ${code}`)));
    },
    hold: (busy) => {
      if (busy) worker.ref();
      else worker.unref();
    },
    close: () => {
      void worker.terminate();
    },
  };
}
