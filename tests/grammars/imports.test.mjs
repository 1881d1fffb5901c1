/** What side modules import is what the engine exports: `grammars/exports.txt` against our own builds and published modules. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const resolve = createRequire(import.meta.url).resolve;
const FOLDERS = [
  join(ROOT, 'pkg/grammars'),
  join(dirname(resolve('tree-sitter-wasms/package.json')), 'out'),
  join(dirname(resolve('@vscode/tree-sitter-wasm/package.json')), 'wasm'),
];
const listed = new Set(
  readFileSync(join(ROOT, 'grammars/exports.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#')),
);

for (const folder of FOLDERS) {
  test(`every import of the modules in ${folder.slice(ROOT.length + 1)} is listed`, () => {
    assert.ok(existsSync(folder), 'run `make build` first');
    const files = readdirSync(folder).filter((file) => file.endsWith('.wasm') && file !== 'tree-sitter.wasm');
    assert.ok(files.length > 0);
    for (const file of files) {
      const wanted = WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(join(folder, file))));
      const functions = wanted.filter(({ module, kind }) => module === 'env' && kind === 'function').map(({ name }) => name);
      assert.deepEqual(functions.filter((name) => !listed.has(name)), [], file);
    }
  });
}

test('the engine exports every listed symbol', () => {
  const module = new WebAssembly.Module(readFileSync(join(ROOT, 'pkg/wasm/builder-engine.wasm')));
  const exported = new Set(WebAssembly.Module.exports(module).map(({ name }) => name));
  assert.deepEqual([...listed].filter((name) => !exported.has(name)), []);
});
