/**
 * What the package needs from the runtime it is in, as one interface: compiled modules, workers, and where a snapshot lives by default.
 * Implementations are in `platform/`; nothing else asks which runtime this is.
 */

import type { Port } from './rpc.js';
import type { Store } from './stores/store.js';

/** Where a WebAssembly module comes from: an address, its bytes, a response that carries them, or the module itself. */
export type WasmSource = string | URL | Uint8Array | ArrayBuffer | Response | WebAssembly.Module;

/** Where the embedding model comes from: an address, or its bytes. */
export type ModelBytes = string | URL | Uint8Array | ArrayBuffer | Response;

/** The same, or a function that is called when the model is first wanted; undefined means there is none. */
export type ModelSource = ModelBytes | (() => ModelBytes | undefined | Promise<ModelBytes | undefined>);

/** Where grammars come from: the folder they lie in (`<grammar>.wasm`), or a function of the grammar's name; undefined means there is none. */
export type GrammarSource = string | URL | ((grammar: string) => WasmSource | undefined | Promise<WasmSource | undefined>);

/** Overrides for what is found beside this package by itself. */
export interface EngineOptions {
  /** The module that searches. Default: `searcher-engine.wasm` beside this package's code. */
  searcher?: WasmSource | undefined;
  /** The module that parses and builds, loaded when the first file is indexed. Default: `builder-engine.wasm` beside this package's code. */
  builder?: WasmSource | undefined;
  /** The module for regexes, loaded when the first query with one comes. Default: `regex.wasm` beside this package's code; none in workerd. */
  regex?: WasmSource | undefined;
  /** The grammars. Default: `grammars/` beside this package's code. */
  grammars?: GrammarSource | undefined;
  /** The embedding model. Default: `code.cqmodel` beside this package's code; in workerd none, since only an import brings it there. */
  model?: ModelSource | undefined;
  /** The worker script, where a bundler or a content security policy needs it elsewhere. Default: `worker.js` beside this package's code. */
  worker?: string | URL | undefined;
}

/** The package's own modules. */
export type ModuleName = 'searcher' | 'builder' | 'regex';

/** Options that every store of a platform understands. */
export interface Platform {
  /** `node`, `browser` or `workerd`, for messages. */
  readonly name: string;
  /** Whether the searcher gets a worker of its own, so that a page never waits for it. */
  readonly searchesInWorker: boolean;
  /** Builders that this machine can run at the same time, at least 1. */
  concurrency(): number;
  /** Where a module lies when no option says so; undefined where there is none. */
  defaultModule(name: ModuleName): WasmSource | undefined;
  /** Where the grammars lie when no option says so. */
  defaultGrammars(): GrammarSource;
  /** Where the embedding model lies when no option says so; undefined when there is no such place. */
  defaultModel(): ModelBytes | undefined;
  /** The bytes of a model. */
  readBytes(source: ModelBytes): Promise<Uint8Array>;
  /**
   * Compiles a module.
   *
   * @throws whatever the runtime throws when it cannot be read or is no WebAssembly
   */
  compile(source: WasmSource): Promise<WebAssembly.Module>;
  /** Starts a worker that serves the roles of `worker/serve.ts`. */
  spawn(options: EngineOptions): Port;
  /** Opens the store that a bare name stands for. */
  openStore(name: string): Promise<Store>;
}
