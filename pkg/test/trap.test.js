/** Real traps in real builders: a grammar whose code is `unreachable`. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import binaryen from 'binaryen';
import { Codequarry } from 'codequarry';
import { PROJECT, collect, textFiles } from './helpers.js';

const GRAMMARS = new URL('../dist/grammars/', import.meta.url);

/** The functions that linking a grammar calls; the others run while it parses. */
const LINKING = /^(tree_sitter_\w+|__wasm_\w+|_initialize)$/;

/** A grammar that links and is taken for one, and traps as soon as it parses. */
async function trappingGrammar(/** @type {string} */ name) {
  const module = binaryen.readBinary(await readFile(new URL(`${name}.wasm`, GRAMMARS)));
  /** @type {Set<string>} */
  const exported = new Set();
  for (let index = 0; index < module.getNumExports(); index++) {
    const { name: label, value } = binaryen.getExportInfo(module.getExportByIndex(index));
    if (LINKING.test(label)) exported.add(value);
  }
  for (let index = 0; index < module.getNumFunctions(); index++) {
    const { name: label, module: imported, params, results, vars } = binaryen.getFunctionInfo(module.getFunctionByIndex(index));
    if (imported || exported.has(label)) continue;
    module.removeFunction(label);
    module.addFunction(label, params, results, vars, module.unreachable());
  }
  return module.emitBinary();
}

const trapping = await trappingGrammar('python');

/** @param {string} grammar */
const grammars = (grammar) => (grammar === 'python' ? trapping : new URL(`${grammar}.wasm`, GRAMMARS));

test('files that make a builder trap fall back to line windows; all others are parsed', async (t) => {
  const quarry = await Codequarry.open({ workers: 2, engine: { grammars } });
  t.after(() => quarry.close());
  const report = await quarry.add(textFiles({ ...PROJECT, 'more/second.py': 'def second():\n    pass\n' }));
  const trapped = report.problems.filter(({ code }) => code === 'PARSE_TRAP');
  assert.deepEqual(
    trapped.map(({ path, status }) => [path, status]),
    [
      ['more/second.py', 'fallback'],
      ['src/router.py', 'fallback'],
    ],
  );
  assert.equal((await quarry.search('add_handler'))[0]?.path, 'src/router.py', 'its text is searched all the same');
  assert.equal((await quarry.search('retryWithBackoff'))[0]?.symbol, 'retryWithBackoff');
  assert.equal((await quarry.add(textFiles(PROJECT))).unchanged, report.files - 1);
});

test('outlining passes over files that trap', async (t) => {
  const quarry = await Codequarry.open({ workers: 1, engine: { grammars } });
  t.after(() => quarry.close());
  const { items } = await collect(quarry.outline(textFiles(PROJECT)));
  const byPath = new Map(items.map((outline) => [outline.path, outline]));
  assert.equal(byPath.get('src/router.py')?.report.code, 'PARSE_TRAP');
  assert.equal(byPath.get('src/retry.ts')?.symbols.length, 1);
});
