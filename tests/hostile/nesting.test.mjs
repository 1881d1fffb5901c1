/**
 * Nesting 100,000 deep, in every language that has a grammar, in Node's WebAssembly: no stack overflows, no builder hangs, no trap reaches the user. Each file is indexed or falls
 * back with a code, and the sound file of its language beside it is found.
 *
 * On one line brackets are taken for minified code and never parsed, so each kind also comes with a line for every bracket.
 */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { codequarry, folder, index, search } from './harness.mjs';

const DEPTH = 100_000;

/** A sound file of each language, with one word of its own, and what nests in it besides brackets: an opening, a closing, and how deep if not {@link DEPTH}. */
// OCaml's scanner calls itself for each comment in a comment: far deeper ones trap, and end in line windows by PARSE_TRAP.
const LANGUAGES = {
  bash: { extension: 'sh', sound: 'WORD() {\n  echo 1\n}\n', nests: [['$(', ')'], ['if true; then\n', '\nfi'], ['"${a:-', '}"']] },
  c: { extension: 'c', sound: 'int WORD(void) { return 1; }\n', nests: [['#if 1\n', '#endif\n'], ['*', ''], ['struct { ', '} a;']] },
  cpp: { extension: 'cpp', sound: 'int WORD() { return 1; }\n', nests: [['namespace a {\n', '}\n'], ['a<', '>'], ['template <', '>']] },
  csharp: { extension: 'cs', sound: 'class WORD { int One() { return 1; } }\n', nests: [['class A {\n', '}\n'], ['a<', '>']] },
  css: { extension: 'css', sound: '.WORD { color: red; }\n', nests: [['a {\n', '}\n'], ['@media x {\n', '}\n']] },
  go: { extension: 'go', sound: 'package p\n\nfunc WORD() int { return 1 }\n', nests: [['func() { ', '}()'], ['*', 'a']] },
  html: { extension: 'html', sound: '<p id="one">WORD</p>\n', nests: [['<div>\n', '</div>\n'], ['<script>\n', '</script>\n']] },
  java: { extension: 'java', sound: 'class WORD { int one() { return 1; } }\n', nests: [['class A {\n', '}\n'], ['a<', '>']] },
  javascript: { extension: 'js', sound: 'function WORD() { return 1; }\n', nests: [['`${', '}`'], ['function f() {\n', '}\n'], ['!', 'a'], ['a => ', '1']] },
  json: { extension: 'json', sound: '{ "WORD": 1 }\n', nests: [['{"a":\n', '}'], ['[1,\n', ']']] },
  jsx: { extension: 'jsx', sound: 'function WORD() { return <a/>; }\n', nests: [['<a>\n', '</a>\n'], ['<a b={\n', '}/>\n']] },
  markdown: { extension: 'md', sound: '# WORD\n\nText.\n', nests: [['> ', ''], ['- ', ''], ['*a **b ', '** *'], ['[', '](a)']] },
  php: { extension: 'php', sound: '<?php\nfunction WORD() { return 1; }\n', before: '<?php\n', nests: [['function f() {\n', '}\n'], ['!', '$a']] },
  python: { extension: 'py', sound: 'def WORD():\n    return 1\n', nests: [['lambda: ', '1'], ['not ', 'a'], ['f"{', '}"']] },
  ruby: { extension: 'rb', sound: 'def WORD\n  1\nend\n', nests: [['def f\n', 'end\n'], ['"#{', '}"'], ['!', 'a']] },
  rust: { extension: 'rs', sound: 'fn WORD() -> u8 { 1 }\n', nests: [['mod a {\n', '}\n'], ['Vec<', '>'], ['/*\n', '*/\n'], ['&', 'a']] },
  toml: { extension: 'toml', sound: '[WORD]\none = 1\n', nests: [['a = [\n', ']\n'], ['a.', 'b = 1']] },
  tsx: { extension: 'tsx', sound: 'function WORD(): number { return 1; }\n', nests: [['<a>\n', '</a>\n'], ['a<', '>']] },
  typescript: { extension: 'ts', sound: 'function WORD(): number { return 1; }\n', nests: [['namespace a {\n', '}\n'], ['a<', '>'], ['a extends b ? ', ' : c']] },
  yaml: { extension: 'yaml', sound: 'WORD: 1\n', nests: [['[\n', ']\n'], ['{a: \n', '}\n'], ['- ', 'a'], ['? ', 'a']] },
  clojure: { extension: 'clj', sound: '(defn WORD [] 1)\n', nests: [['(a ', ')'], ["'", 'a']] },
  dart: { extension: 'dart', sound: 'int WORD() { return 1; }\n', nests: [['class A {\n', '}\n'], ['a<', '>'], ['"${', '}"']] },
  dockerfile: { extension: 'dockerfile', sound: 'FROM scratch AS WORD\n', nests: [['RUN \\\n', 'a'], ['${a:-', '}']] },
  elixir: { extension: 'ex', sound: 'defmodule A do\n  def WORD, do: 1\nend\n', nests: [['defmodule A do\n', 'end\n'], ['"#{', '}"'], ['!', 'a']] },
  erlang: { extension: 'erl', sound: '-module(a).\nWORD() -> 1.\n', nests: [['fun() -> ', ' end'], ['begin\n', ' end\n']] },
  fortran: { extension: 'f90', sound: 'integer function WORD()\n  WORD = 1\nend function WORD\n', nests: [['if (a) then\n', 'end if\n'], ['module a\ncontains\n', 'end module\n'], ['.not. ', 'a'], ['do 10 i = 1, 2\n', '10 continue\n']] },
  graphql: { extension: 'graphql', sound: 'type WORD { one: Int }\n', nests: [['a {\n', '}\n'], ['[', ']']] },
  haskell: { extension: 'hs', sound: 'module A where\n\nWORD :: Int\nWORD = 1\n', nests: [['let a = ', ' in b'], ['if a then ', ' else b'], ['{-\n', '-}\n'], ['do\n ', '']] },
  hcl: { extension: 'tf', sound: 'resource "a" "WORD" {\n  one = 1\n}\n', nests: [['a {\n', '}\n'], ['"${', '}"'], ['!', 'a']] },
  julia: { extension: 'jl', sound: 'function WORD()\n  1\nend\n', nests: [['module A\n', 'end\n'], ['"$(', ')"'], ['!', 'a']] },
  kotlin: { extension: 'kt', sound: 'fun WORD(): Int = 1\n', nests: [['class A {\n', '}\n'], ['a<', '>'], ['"${', '}"'], ['/*\n', '*/\n']] },
  lua: { extension: 'lua', sound: 'function WORD() return 1 end\n', nests: [['do\n', 'end\n'], ['not ', 'a'], ['function() ', ' end']] },
  makefile: { extension: 'mk', sound: 'WORD:\n\techo 1\n', nests: [['$(a ', ')'], ['ifdef A\n', 'endif\n']] },
  objc: { extension: 'm', sound: '@implementation A\n- (int)WORD { return 1; }\n@end\n', nests: [['[a ', ']'], ['^{ ', '}'], ['@[', ']']] },
  ocaml: { extension: 'ml', sound: 'let WORD () = 1\n', nests: [['module A = struct\n', 'end\n'], ['(*\n', '*)\n', DEPTH / 100], ['let a = ', ' in b']] },
  ocaml_interface: { extension: 'mli', sound: 'val WORD : unit -> int\n', nests: [['module A : sig\n', 'end\n'], ['(*\n', '*)\n', DEPTH / 100]] },
  perl: { extension: 'pl', sound: 'sub WORD { return 1; }\n', nests: [['sub {\n', '}\n'], ['!', '$a'], ['"@{[', ']}"']] },
  powershell: { extension: 'ps1', sound: 'function WORD { return 1 }\n', nests: [['$(', ')'], ['if (1) {\n', '}\n'], ['!', '$a']] },
  proto: { extension: 'proto', sound: 'syntax = "proto3";\nmessage WORD { int32 one = 1; }\n', nests: [['message A {\n', '}\n']] },
  r: { extension: 'r', sound: 'WORD <- function() 1\n', nests: [['function() ', '1'], ['!', 'a'], ['if (1) {\n', '}\n']] },
  scala: { extension: 'scala', sound: 'def WORD(): Int = 1\n', nests: [['object A {\n', '}\n'], ['s"${', '}"'], ['/*\n', '*/\n'], ['if a then\n  ', 'b']] },
  scss: { extension: 'scss', sound: '.WORD { color: red; }\n', nests: [['a {\n', '}\n'], ['#{', '}']] },
  solidity: { extension: 'sol', sound: 'contract A { function WORD() public { return; } }\n', nests: [['contract A {\n', '}\n'], ['!', 'a']] },
  sql: { extension: 'sql', sound: 'CREATE TABLE WORD (one INT);\n', nests: [['SELECT (', ')'], ['CASE WHEN a THEN ', ' END'], ['NOT ', 'a']] },
  svelte: { extension: 'svelte', sound: '<p id="one">WORD</p>\n', nests: [['<div>\n', '</div>\n'], ['{#if a}\n', '{/if}\n'], ['<script>\n', '</script>\n']] },
  swift: { extension: 'swift', sound: 'func WORD() -> Int { return 1 }\n', nests: [['class A {\n', '}\n'], ['a<', '>'], ['"\\(', ')"'], ['/*\n', '*/\n']] },
  vue: { extension: 'vue', sound: '<template><p id="one">WORD</p></template>\n', nests: [['<div>\n', '</div>\n'], ['<script>\n', '</script>\n']] },
  zig: { extension: 'zig', sound: 'fn WORD() u8 { return 1; }\n', nests: [['struct {\n', '}\n'], ['*', 'u8'], ['!', 'a']] },
};

const BRACKETS = [['(', ')'], ['[', ']'], ['{', '}'], ['(\n', ')\n'], ['[\n', ']\n'], ['{\n', '}\n'], ['a(b[{\n', '}])\n', DEPTH / 4]];

/** Codes with which a file may fall back to line windows. A trap (`PARSE_TRAP`) is none of them: it would be a fault of the engine. */
const FALLBACKS = ['MINIFIED', 'PARSE_DEADLINE', 'PARSE_DEPTH', 'FILE_TOO_LARGE'];

function nestedFiles(id) {
  const { extension, before = '', nests } = LANGUAGES[id];
  const files = {};
  for (const [at, [open, close, depth = DEPTH]] of [...BRACKETS, ...nests].entries()) {
    files[`closed-${at}.${extension}`] = `${before}${open.repeat(depth)}${close.repeat(depth)}\n`;
    files[`open-${at}.${extension}`] = `${before}${open.repeat(depth)}\n`;
  }
  return files;
}

for (const [id, { extension, sound }] of Object.entries(LANGUAGES)) {
  test(`${id}: ${DEPTH.toLocaleString('en-US')} levels break nothing`, (t) => {
    const word = `soundOf${id}`;
    const files = nestedFiles(id);
    const root = folder(t, { ...files, [`sound.${extension}`]: sound.replace('WORD', word) });
    const out = join(folder(t), 'snapshot');
    const { report } = index(root, out);
    assert.equal(report.indexed, Object.keys(files).length + 1, JSON.stringify(report.problems));
    for (const { path, status, code } of report.problems) {
      assert.equal(status, 'fallback', path);
      assert.ok(FALLBACKS.includes(code), `${path}: ${code}`);
    }
    assert.equal(search(out, word)[0], `sound.${extension}`);
  });
}

test('every language with a grammar is among them', () => {
  const { stdout } = codequarry('languages', '--json');
  const ids = JSON.parse(stdout).filter(({ grammar }) => grammar !== null).map(({ id }) => id);
  assert.deepEqual(ids.filter((id) => !(id in LANGUAGES)), []);
});
