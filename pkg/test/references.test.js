/** Definitions, references, callers, callees and outlines: by the API and the command line, of a whole snapshot and of one that is fetched in parts. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Codequarry, MemoryStore, fromFolder } from '../dist/node.js';
import { run, tempFolder, writeFiles } from './helpers.js';
import { serveRanges } from './range-server.js';

const SOURCES = join(import.meta.dirname, '..', '..', 'src');
const PROJECT = {
  'src/format.ts': 'export function format(value: number): string {\n  return pad(value);\n}\nfunction pad(n: number) { return String(n) }\n',
  'src/table.ts': "import { format as show } from './format';\n\nexport class Table {\n  draw(rows: number[]) {\n    return rows.map((row) => show(row));\n  }\n}\n",
  'src/page.ts': "import { format } from './format';\n\nexport function page(format: () => string) { return format() }\n",
};

/** @param {import('../dist/node.js').References} found */
const places = ({ references }) => references.map(({ path, line, role, within, confidence }) => `${path}:${line} ${role} ${within?.qualifiedName ?? '-'} ${confidence.toFixed(2)}`);

test('references follow imports, know what is local, and name what they stand in', async () => {
  const quarry = await Codequarry.open({ store: new MemoryStore(), embedder: false });
  await quarry.add(Object.entries(PROJECT).map(([path, text]) => ({ path, text })));
  assert.deepEqual((await quarry.definitions('format')).map(({ path, nameLine }) => [path, nameLine]), [['src/format.ts', 1]]);
  const expected = ['src/page.ts:1 import - 0.99', 'src/table.ts:1 import - 0.99', 'src/table.ts:5 call Table.draw 0.99'];
  assert.deepEqual(places(await quarry.references('format')), expected);
  assert.deepEqual(places(await quarry.references({ path: 'src/format.ts', line: 2 })), expected);
  const first = await quarry.references('format', { limit: 1 });
  assert.deepEqual([first.references.length, first.complete], [1, true]);
  const rest = await quarry.references('format', { cursor: first.next ?? '' });
  assert.deepEqual([...places(first), ...places(rest), rest.next], [...expected, null]);
  await assert.rejects(quarry.references('format', { cursor: 'nowhere' }), { code: 'OPTION_INVALID' });
  await assert.rejects(quarry.references('format', { signal: AbortSignal.abort() }), { name: 'AbortError' });
  assert.deepEqual(places(await quarry.callers({ name: 'pad', path: 'src/format.ts' })), ['src/format.ts:2 call format 0.99']);
  const { references: called } = await quarry.callees('Table.draw');
  assert.deepEqual(called.map(({ name, target }) => [name, target?.qualifiedName ?? null]), [['map', null], ['show', 'format']]);
  const [table] = await quarry.outline('src/table.ts');
  assert.deepEqual([table?.name, table?.children.map(({ name }) => name)], ['Table', ['draw']]);
  assert.deepEqual(await quarry.definitions('nothing'), []);
  assert.deepEqual((await quarry.references({ path: 'missing.ts', line: 1 })).references, []);
  await quarry.close();
});

test('a snapshot in parts answers as the whole does', async (t) => {
  const folder = await tempFolder(t);
  const whole = await Codequarry.open(folder, { workers: 1, embedder: false });
  t.after(() => whole.close());
  await whole.add(fromFolder(join(SOURCES, 'segment')));
  const server = await serveRanges(folder);
  t.after(() => server.close());
  const parts = await Codequarry.open(server.url, { partial: true, embedder: false });
  t.after(() => parts.close());
  const [{ nameLine: line } = { nameLine: 0 }] = await whole.definitions('put_str');
  for (const symbol of ['put_varint', 'Segment.chunk', { path: 'codec.rs', line }]) {
    const found = await whole.references(symbol);
    assert.ok(found.references.length > 0, JSON.stringify(symbol));
    assert.deepEqual(await parts.references(symbol), found);
    assert.deepEqual(await parts.callees(symbol), await whole.callees(symbol));
  }
});

test('the commands answer from a folder', async (t) => {
  const folder = await writeFiles(join(await tempFolder(t), 'project'), PROJECT);
  const json = async (/** @type {string[]} */ ...args) => {
    const { code, stdout } = await run([...args, '--json']);
    return { code, value: JSON.parse(stdout) };
  };
  assert.equal((await json('definitions', folder, 'draw')).value.definitions[0].qualifiedName, 'Table.draw');
  assert.equal((await json('references', folder, 'format')).value.references.length, 3);
  assert.equal((await json('callers', folder, 'src/format.ts:4')).value.references[0].within.name, 'format');
  assert.equal((await json('callees', folder, 'format', '--path', 'src/format.ts')).value.references[0].target.name, 'pad');
  assert.equal((await json('outline', folder, 'src/table.ts')).value[0].children[0].name, 'draw');
  assert.equal((await json('references', folder, 'nothing')).code, 1);
  assert.match((await run(['references', folder, 'format'])).stdout, /src\/table\.ts:5 {2}call in Table\.draw {2}0\.99 imported/);
  assert.match((await run(['callers'])).stderr, /^codequarry: USAGE: /);
});
