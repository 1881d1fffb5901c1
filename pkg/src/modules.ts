/** The package's own WebAssembly modules, compiled when they are first needed. */

import { CodequarryError, toError } from './errors.js';
import type { EngineOptions, ModuleName, Platform } from './runtime.js';

const compiled = new WeakMap<Platform, Map<ModuleName, Promise<WebAssembly.Module>>>();

/**
 * Compiles a module: what the options bring, each time, or what lies beside this package's code, once.
 *
 * @throws CodequarryError `ENGINE_LOAD`; `REGEX_UNAVAILABLE` where there is no module for regexes
 */
export async function compileModule(platform: Platform, name: ModuleName, options: EngineOptions = {}): Promise<WebAssembly.Module> {
  const given = options[name];
  const known = compiled.get(platform) ?? new Map<ModuleName, Promise<WebAssembly.Module>>();
  compiled.set(platform, known);
  try {
    if (given !== undefined) return await platform.compile(given);
    const source = platform.defaultModule(name);
    if (source === undefined) throw new CodequarryError('REGEX_UNAVAILABLE', 'a query with a regex needs the module regex.wasm: import it and pass it as engine.regex');
    const module = known.get(name) ?? platform.compile(source);
    known.set(name, module);
    return await module;
  } catch (error) {
    known.delete(name);
    const { code, message } = toError(error);
    if (code !== 'INTERNAL') throw error;
    throw new CodequarryError('ENGINE_LOAD', `the module ${name} does not load: ${message}`, { cause: error });
  }
}
