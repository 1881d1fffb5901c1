/**
 * The real engine loads every side module of our own and published ones, and outlines files with them.
 *
 * Needs `make build`: pkg/wasm, pkg/grammars and pkg/dist/grammar-loader.js.
 */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SNIPPETS } from './snippets.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const BUILT = join(ROOT, 'pkg/grammars');
const resolve = createRequire(import.meta.url).resolve;
const WASMS = join(dirname(resolve('tree-sitter-wasms/package.json')), 'out');
const VSCODE = join(dirname(resolve('@vscode/tree-sitter-wasm/package.json')), 'wasm');

const engine = await import('../../pkg/wasm/builder-engine.js');
const { loadGrammar, loadGrammarSync } = await import('../../pkg/dist/grammar-loader.js');
const engineModule = new WebAssembly.Module(readFileSync(join(ROOT, 'pkg/wasm/builder-engine.wasm')));
const grammars = JSON.parse(readFileSync(join(ROOT, 'grammars/grammars.json'), 'utf8')).map((grammar) => grammar.name);
const encode = (text) => new TextEncoder().encode(text);

/** The engine under test: a fresh instance each time. */
let core;
beforeEach(() => {
  if (core !== undefined) engine.__wbg_reset_state();
  core = { exports: engine.initSync({ module: engineModule }), table: engine.functionTable() };
});

/** Files of published modules, by the grammar's name with us. */
function published(folder) {
  return readdirSync(folder)
    .filter((file) => file.startsWith('tree-sitter-') && file.endsWith('.wasm'))
    .map((file) => ({ name: file.slice(12, -5).replace(/c[-_]sharp/, 'csharp'), file: join(folder, file) }));
}

async function register(name, file) {
  engine.registerGrammar(name, await loadGrammar(core, name, readFileSync(file)));
}

/** Registers what a file needs, `replaced` in place of our own builds, and outlines it. */
async function outline(snippet, replaced = new Map()) {
  const bytes = encode(snippet.text);
  for (const name of engine.grammarsFor(snippet.path, bytes)) {
    if (!engine.hasGrammar(name)) await register(name, replaced.get(name) ?? join(BUILT, `${name}.wasm`));
  }
  return new engine.Builder().outline(snippet.path, bytes);
}

function checkOutline(snippet, { report, symbols }) {
  assert.equal(report.status, 'indexed', JSON.stringify(report));
  const names = symbols.map((symbol) => symbol.name);
  for (const name of snippet.symbols) assert.ok(names.includes(name), `no ${name} in ${names.join(', ')}`);
}

describe('side modules of our own', () => {
  test('there is one for every grammar', () => {
    const files = readdirSync(BUILT).filter((file) => file.endsWith('.wasm'));
    assert.deepEqual(files.map((file) => file.slice(0, -5)).sort(), [...grammars].sort());
  });

  test('every one loads, and all of them fit into one engine', async () => {
    for (const name of grammars) {
      await register(name, join(BUILT, `${name}.wasm`));
      assert.ok(engine.hasGrammar(name));
    }
  });

  for (const snippet of SNIPPETS) {
    test(`${snippet.path} is outlined`, async () => checkOutline(snippet, await outline(snippet)));
  }

  test('a compiled module is linked without waiting', () => {
    const module = new WebAssembly.Module(readFileSync(join(BUILT, 'python.wasm')));
    engine.registerGrammar('python', loadGrammarSync(core, 'python', module));
    const snippet = SNIPPETS.find(({ path }) => path === 'a.py');
    checkOutline(snippet, new engine.Builder().outline(snippet.path, encode(snippet.text)));
  });
});

describe('published side modules', () => {
  for (const [title, folder] of [['tree-sitter-wasms', WASMS], ['@vscode/tree-sitter-wasm', VSCODE]]) {
    const files = published(folder);
    for (const snippet of SNIPPETS) {
      const own = files.find(({ name }) => name === snippet.grammar);
      if (own === undefined || snippet.alone) continue;
      test(`${title}: ${snippet.grammar}`, async () => {
        checkOutline(snippet, await outline(snippet, new Map([[own.name, own.file]])));
      });
    }
  }

  test('grammars older than ABI 13 are refused by their version', async () => {
    for (const name of ['elm', 'ql']) {
      await assert.rejects(register(name, join(WASMS, `tree-sitter-${name}.wasm`)), { code: 'GRAMMAR_ABI' });
    }
  });

  test('every other one is linked', async () => {
    for (const { name, file } of [...published(WASMS), ...published(VSCODE)]) {
      assert.ok((await loadGrammar(core, name, readFileSync(file))) > 0, name);
    }
  });
});

describe('what is not a grammar', () => {
  const json = readFileSync(join(BUILT, 'json.wasm'));
  const cases = {
    'no bytes': new Uint8Array(),
    'a web page': encode('<!doctype html><title>404</title>'),
    'half a module': json.subarray(0, json.length / 2),
    'an empty module': Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0),
    'a module that is no shared library': readFileSync(join(ROOT, 'pkg/wasm/builder-engine.wasm')),
  };
  for (const [title, bytes] of Object.entries(cases)) {
    test(`${title} is refused and takes no memory`, async () => {
      const before = [core.exports.memory.buffer.byteLength, core.table.length];
      await assert.rejects(loadGrammar(core, 'json', bytes), { name: 'CodequarryError', code: 'GRAMMAR_INVALID' });
      assert.deepEqual([core.exports.memory.buffer.byteLength, core.table.length], before);
    });
  }

  test('an address without a grammar is refused, and the engine works on', async () => {
    for (const address of [0, 2, 4, 1 << 16, 0x7ffffffc, 0xfffffffc]) {
      assert.throws(() => engine.registerGrammar('json', address), (error) => /^GRAMMAR_(INVALID|ABI)$/.test(error.code));
    }
    const snippet = SNIPPETS.find(({ path }) => path === 'a.py');
    checkOutline(snippet, await outline(snippet));
  });
});
