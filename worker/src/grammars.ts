/**
 * The grammars that a Worker which indexes is deployed with: in workerd every module is an import. Files of other languages are indexed by line windows. Add or remove lines; all
 * of them together are larger than a Worker may be.
 */
import type { GrammarSource } from 'codequarry';
import c from 'codequarry/grammars/c.wasm';
import css from 'codequarry/grammars/css.wasm';
import go from 'codequarry/grammars/go.wasm';
import java from 'codequarry/grammars/java.wasm';
import javascript from 'codequarry/grammars/javascript.wasm';
import json from 'codequarry/grammars/json.wasm';
import python from 'codequarry/grammars/python.wasm';
import rust from 'codequarry/grammars/rust.wasm';
import tsx from 'codequarry/grammars/tsx.wasm';
import typescript from 'codequarry/grammars/typescript.wasm';

const GRAMMARS: Record<string, WebAssembly.Module> = { c, css, go, java, javascript, json, python, rust, tsx, typescript };

export const grammar: GrammarSource = (name) => (Object.hasOwn(GRAMMARS, name) ? GRAMMARS[name] : undefined);
