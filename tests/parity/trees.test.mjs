/** The trees of the WebAssembly engine equal those of native tree-sitter, node by node, over the golden sources of every language. `trees.mjs` does the same over thousands of real files. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT, walk } from '../bench/corpora.mjs';
import { buildEngine, compare, native, rowsOf } from './trees.mjs';

const GOLDEN = join(ROOT, 'tests/golden');
const DEBUG = [];

let folder;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'codequarry-trees-'));
  buildEngine();
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('the golden sources of all languages have the same trees, embedded ones included', { timeout: 1_800_000 }, async () => {
  const files = walk(GOLDEN).filter((path) => !path.endsWith('.expect'));
  const results = await compare(files.map((path) => join(GOLDEN, path)), { profile: DEBUG });
  assert.deepEqual(results.flatMap(({ differ }) => differ), []);
  assert.deepEqual(results.filter(({ refused }) => Object.keys(refused).length > 0), []);
  assert.ok(results.length >= 45, `${results.length} languages`);
  const { files: documents, trees } = results.find(({ language }) => language === 'svelte');
  assert.ok(trees > documents, 'scripts and styles have trees of their own');
});

test('damaged sources, too', { timeout: 1_800_000 }, async () => {
  const damaged = [];
  for (const [name, text] of Object.entries({
    'missing.js': 'function f( {\n  return [1, 2\n}\nclass {',
    'error.py': 'def f(:\n    )\n  x = = 3\n',
    'extra.rs': 'fn f() { /* a */ let x: = 1; // é 🦀\n',
    'wide.ts': 'const s = "🦀é";\r\nlet t = `a${"b"}\n`;\n',
  })) {
    damaged.push(join(folder, name));
    writeFileSync(damaged.at(-1), text);
  }
  const results = await compare(damaged, { profile: DEBUG });
  assert.deepEqual(results.flatMap(({ differ }) => differ), []);
  assert.equal(results.length, 4);
});

test('what is compared is every node with all that is to know of it', async () => {
  const file = join(folder, 'a.json');
  writeFileSync(file, '{"é": [1,\n 2]}\n');
  const { ours, theirs } = await rowsOf(file, { profile: DEBUG });
  assert.deepEqual(ours, theirs);
  const expected = [
    '0 - "document" 0..16 0:0-2:0 n',
    '1 - "object" 0..15 0:0-1:4 n',
    '2 - "{" 0..1 0:0-0:1',
    '2 - "pair" 1..14 0:1-1:3 n',
    '3 key "string" 1..5 0:1-0:5 n',
    '4 - "\\"" 1..2 0:1-0:2',
    '4 - "string_content" 2..4 0:2-0:4 n',
    '4 - "\\"" 4..5 0:4-0:5',
    '3 - ":" 5..6 0:5-0:6',
    '3 value "array" 7..14 0:7-1:3 n',
    '4 - "[" 7..8 0:7-0:8',
    '4 - "number" 8..9 0:8-0:9 n',
    '4 - "," 9..10 0:9-0:10',
    '4 - "number" 12..13 1:1-1:2 n',
    '4 - "]" 13..14 1:2-1:3',
    '2 - "}" 14..15 1:3-1:4',
  ];
  assert.deepEqual(ours.map((row) => row.trimEnd()), expected);
});

test('a difference is found and shown', async () => {
  const [file, other] = [join(folder, 'b.json'), join(folder, 'c.json')];
  writeFileSync(file, '[1, 2]\n');
  writeFileSync(other, '[ 1,2]\n');
  const elsewhere = (jobs, ...rest) => native(jobs.map((job) => ({ ...job, file: other })), ...rest);
  const [{ differ }] = await compare([file], { profile: DEBUG, by: elsewhere });
  assert.equal(differ.length, 1);
  assert.match(differ[0], /b\.json, tree 0 \(json\), node 3: wasm 2 - "number" 1\.\.2 .*, native 2 - "number" 2\.\.3 /);
});
