/**
 * Languages that a host adds: a grammar, and rules of the same shape as those that are built in.
 */

import type { AddedLanguage, ChunkRules, LanguageInfo, SymbolRule } from './engine.js';
import { CodequarryError } from './errors.js';
import type { WasmSource } from './runtime.js';

export type { AddedLanguage, ChunkRules, SymbolRule } from './engine.js';

/** A language besides those that are built in. What it claims by extension or name is no other language's. */
export interface LanguageDefinition extends AddedLanguage {
  /** Its grammar: any `.wasm` that was published for web-tree-sitter. In workerd a module, since only an import brings one there. */
  wasm: WasmSource;
}

/** Languages that were added to one index, by id. */
export class AddedLanguages {
  readonly #languages = new Map<string, AddedLanguage>();

  /** As builders are told. */
  get all(): AddedLanguage[] {
    return [...this.#languages.values()];
  }

  /** Adds a language; returns what takes it back. */
  add(language: AddedLanguage): () => void {
    const before = this.#languages.get(language.id);
    this.#languages.set(language.id, language);
    return () => {
      if (before) this.#languages.set(language.id, before);
      else this.#languages.delete(language.id);
    };
  }

  /** The languages of the engine together with these. */
  list(known: LanguageInfo[]): LanguageInfo[] {
    const added = this.all.map(({ id, extensions = [], filenames = [], interpreters = [] }) => ({ id, extensions, filenames, interpreters, grammar: id }));
    return [...added, ...known.filter(({ id }) => !this.#languages.has(id))];
  }
}

/** The names that tables may have: one that is misspelt would otherwise just have no effect. */
const NAMES: Record<keyof LanguageDefinition, true> = { id: true, extensions: true, filenames: true, interpreters: true, wasm: true, chunks: true, symbols: true };
const CHUNK_NAMES: Record<keyof ChunkRules, true> = {
  comments: true,
  innerDocs: true,
  attributes: true,
  wrappers: true,
  groups: true,
  functions: true,
  opaque: true,
  constructors: true,
  docstrings: true,
  lineSignatures: true,
  indents: true,
};
const SYMBOL_NAMES: Record<keyof SymbolRule, true> = {
  node: true,
  kind: true,
  name: true,
  body: true,
  scope: true,
  parents: true,
  has: true,
  hasOne: true,
  says: true,
  receiver: true,
  needsBody: true,
  leaf: true,
  openEnded: true,
  each: true,
  merges: true,
};

/** Names whose values are no lists of strings. */
const TEXTS = new Set(['id', 'node', 'kind', 'scope', 'receiver']);
const SWITCHES = new Set(['docstrings', 'lineSignatures', 'indents', 'needsBody', 'leaf', 'openEnded', 'each', 'merges']);
const OTHERS = new Set(['wasm', 'chunks']);

/** What is a matter of the definition and not of the engine; throws `LANGUAGE_INVALID`. */
export function splitDefinition(definition: LanguageDefinition): { language: AddedLanguage; wasm: WasmSource } {
  const { wasm, ...language } = definition;
  if (typeof language.id !== 'string') throw invalidLanguage('a language has no id');
  if (wasm === undefined || wasm === null) throw invalidLanguage(`${language.id} has no wasm`);
  const check = (table: object | undefined, known: object, what: string): void => {
    for (const [name, value] of Object.entries(table ?? {})) {
      if (!(name in known)) throw invalidLanguage(`${language.id}: ${what} has an unknown field ${name}`);
      const single = TEXTS.has(name) ? 'string' : SWITCHES.has(name) ? 'boolean' : undefined;
      const fits = value === undefined || (single ? typeof value === single : Array.isArray(value) && (name === 'symbols' || value.every((item) => typeof item === 'string')));
      if (!fits && !OTHERS.has(name)) throw invalidLanguage(`${language.id}: ${name} must be a ${single ?? 'list of strings'}`);
    }
  };
  check(definition, NAMES, 'the definition');
  check(language.chunks, CHUNK_NAMES, 'chunks');
  for (const rule of language.symbols ?? []) check(rule, SYMBOL_NAMES, 'a symbol rule');
  return { language, wasm };
}

/** The error of a language that cannot be added. */
export function invalidLanguage(message: string, details?: unknown, cause?: unknown): CodequarryError {
  return new CodequarryError('LANGUAGE_INVALID', message, { details, cause });
}
