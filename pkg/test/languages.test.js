/** Languages that a user adds: ReScript, by a grammar as it is published for web-tree-sitter. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Codequarry } from 'codequarry';
import { collect, textFiles } from './helpers.js';

const GRAMMARS = new URL('../dist/grammars/', import.meta.url);
const wasm = await readFile(createRequire(import.meta.url).resolve('tree-sitter-wasms/out/tree-sitter-rescript.wasm'));

/** @type {import('codequarry').LanguageDefinition} */
const RESCRIPT = {
  id: 'rescript',
  extensions: ['res'],
  wasm,
  chunks: { comments: ['comment'], wrappers: ['let_declaration', 'module_declaration', 'type_declaration'] },
  symbols: [
    { node: 'module_binding', kind: 'module', body: ['definition'] },
    { node: 'type_binding', kind: 'type' },
    { node: 'variant_declaration', kind: 'enum_member', name: ['firstChild'] },
    { node: 'let_binding', kind: 'function', name: ['field', 'pattern'], body: ['body'], has: ['body'], hasOne: ['function'] },
    { node: 'let_binding', kind: 'variable', name: ['field', 'pattern'], scope: 'static' },
  ],
};

const SOURCE = `module Shapes = {
  type shape = Circle(float) | Square(float)

  // How much a shape covers.
  let area = shape =>
    switch shape {
    | Circle(radius) => 3.14 *. radius *. radius
    | Square(side) => side *. side
    }
}

let unit = 1.0
`;

/** @param {import('codequarry').OpenOptions} [options] */
const open = (options) => Codequarry.open({ workers: 1, embedder: false, builder: { chunkBytes: 200 }, ...options });

test('a published grammar with rules of the user gives symbols, chunks, filters and a place among the languages', async (t) => {
  const quarry = await open();
  t.after(() => quarry.close());
  const files = { 'src/Shapes.res': SOURCE, 'src/plain.js': 'function area() { return 1; }\n' };
  await quarry.add(textFiles({ 'before.res': SOURCE }));
  assert.deepEqual(await quarry.symbols({ path: 'before.res' }), [], 'without its grammar it is cut by line windows');
  await quarry.addLanguage(RESCRIPT);
  const report = await quarry.add(textFiles(files));
  assert.deepEqual(report.problems, []);
  const symbols = await quarry.symbols({ path: 'src/Shapes.res' });
  assert.deepEqual(
    symbols.map(({ kind, qualifiedName, startLine }) => [kind, qualifiedName, startLine]),
    [
      ['module', 'Shapes', 1],
      ['type', 'Shapes.shape', 2],
      ['enum_member', 'Shapes.shape.Circle', 2],
      ['enum_member', 'Shapes.shape.Square', 2],
      ['function', 'Shapes.area', 5],
      ['variable', 'unit', 12],
    ],
  );
  const [hit] = await quarry.search('area', { language: 'rescript', path: 'src/**' });
  assert.equal(hit?.symbol, 'area');
  assert.match(hit.text ?? '', /^ *\/\/ How much a shape covers\./);
  const known = (await quarry.languages()).filter(({ id }) => id === 'rescript');
  assert.deepEqual(known, [{ id: 'rescript', extensions: ['res'], filenames: [], interpreters: [], grammar: 'rescript' }]);
  const { items } = await collect(quarry.outline(textFiles({ 'x.res': SOURCE })));
  assert.equal(items[0]?.language, 'rescript');
  assert.equal(items[0].symbols.length, 6);
});

test('a fence of Markdown and a script are in an added language, too', async (t) => {
  const quarry = await open({ languages: [RESCRIPT] });
  t.after(() => quarry.close());
  await quarry.add(textFiles({ 'guide.md': `# Shapes\n\n\`\`\`res\n${SOURCE}\`\`\`\n`, 'page.html': `<script type="text/rescript">\n${SOURCE}</script>\n` }));
  for (const path of ['guide.md', 'page.html']) {
    const symbols = await quarry.symbols({ path });
    assert.ok(symbols.some(({ kind, name }) => kind === 'function' && name === 'area'), `${path}: ${symbols.map(({ name }) => name)}`);
  }
});

test('languages of the options are there from the beginning, with any number of builders', async (t) => {
  const quarry = await open({ workers: 2, languages: [RESCRIPT] });
  t.after(() => quarry.close());
  await quarry.add(textFiles({ 'a.res': SOURCE, 'b.js': 'function area() {}\n' }));
  assert.equal((await quarry.search('area', { language: ['rescript'] }))[0]?.symbol, 'area');
});

test('a definition that makes no sense is refused with the reason, and changes nothing', async (t) => {
  const quarry = await open();
  t.after(() => quarry.close());
  /** @type {[object, RegExp][]} */
  const cases = [
    [{ id: undefined }, /no id/],
    [{ wasm: undefined }, /rescript has no wasm/],
    [{ id: 'Re Script' }, /must consist of/],
    [{ id: 'python' }, /built in/],
    [{ extensions: [] }, /no extensions/],
    [{ extensions: ['.res'] }, /without the dot/],
    [{ symbols: [{ node: 'a', kind: 'thing' }] }, /no kind "thing"/],
    [{ symbols: [{ node: 'a', kind: 'function', name: ['somewhere'] }] }, /no name rule "somewhere"/],
    [{ symbols: [{ node: 'a', kind: 'function', scope: 'here' }] }, /no scope "here"/],
    [{ symbols: [{ node: 'a', kind: 'function', extra: 1 }] }, /unknown field extra/],
    [{ symbols: [{ node: 'no_such_node', kind: 'function', name: ['field', 'no_such_field'] }] }, /no node no_such_node, no field no_such_field/],
    [{ chunks: { comments: 'comment' } }, /comments must be a list of strings/],
    [{ chunks: { comment: [] } }, /unknown field comment/],
    [{ symbol: [] }, /unknown field symbol/],
    [{ wasm: new TextEncoder().encode('not wasm') }, /grammar rescript/],
    [{ wasm: await readFile(new URL('../dist/regex.wasm', import.meta.url)) }, /not a shared library/],
  ];
  for (const [changed, message] of cases) {
    await assert.rejects(quarry.addLanguage(/** @type {never} */ ({ ...RESCRIPT, ...changed })), { code: 'LANGUAGE_INVALID', message }, JSON.stringify(changed));
  }
  await quarry.add(textFiles({ 'a.res': SOURCE, 'b.py': 'def f():\n    pass\n' }));
  assert.deepEqual(await quarry.symbols({ path: 'a.res' }), []);
  assert.equal((await quarry.symbols({ path: 'b.py' })).length, 1);
  await assert.rejects(open({ languages: [{ ...RESCRIPT, id: 'rust' }] }), { code: 'LANGUAGE_INVALID' });
});

test('a language may be replaced, and one of the table that has a grammar may lose an extension to it', async (t) => {
  const quarry = await open({ languages: [RESCRIPT] });
  t.after(() => quarry.close());
  await quarry.addLanguage({ id: 'rescript', extensions: ['res'], wasm, symbols: [{ node: 'module_binding', kind: 'struct', body: ['definition'] }] });
  await quarry.addLanguage({ id: 'mine', extensions: ['py'], wasm: new URL('json.wasm', GRAMMARS), symbols: [{ node: 'pair', kind: 'key', name: ['unquoted', 'key'] }] });
  await quarry.add(textFiles({ 'a.res': SOURCE, 'b.py': '{ "alpha": 1 }\n' }));
  assert.deepEqual((await quarry.symbols({ path: 'a.res' })).map(({ kind }) => kind), ['struct']);
  assert.deepEqual((await quarry.symbols({ path: 'b.py' })).map(({ name }) => name), ['alpha']);
});

test('each grammar that is built has an address that bundlers find', async () => {
  const built = JSON.parse(await readFile(new URL('../../grammars/grammars.json', import.meta.url), 'utf8'));
  const { GRAMMAR_TABLE } = await import('../dist/grammar-table.js');
  assert.deepEqual(Object.keys(GRAMMAR_TABLE).sort(), built.map((/** @type {{ name: string }} */ grammar) => grammar.name).sort());
  for (const [name, address] of Object.entries(GRAMMAR_TABLE)) assert.equal(String(address), new URL(`${name}.wasm`, GRAMMARS).href);
});
