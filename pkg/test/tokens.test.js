/** Chunks that stay within a number of tokens: a real tokenizer, and those that fail. */

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Codequarry, MemoryStore } from 'codequarry';
import { pack } from '../dist/batch.js';
import { GrammarShelf } from '../dist/grammar-shelf.js';
import { compileModule } from '../dist/modules.js';
import { nodePlatform } from '../dist/platform/node.js';
import { BuilderPool } from '../dist/pool.js';
import { portPair } from '../dist/rpc.js';
import { serve } from '../dist/worker/serve.js';
import { countTokens } from './cl100k.mjs';
import { collect, textFiles } from './helpers.js';

const MODULE = new URL('cl100k.mjs', import.meta.url);
const MAX = 128;
const SOURCES = join(import.meta.dirname, '../src');

/** @returns {Promise<Record<string, string>>} */
async function sources() {
  const names = (await readdir(SOURCES)).filter((name) => name.endsWith('.ts'));
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readFile(join(SOURCES, name), 'utf8')])));
}

/** @param {string} script */
const moduleOf = (script) => `data:text/javascript,${encodeURIComponent(script)}`;

/** @param {import('codequarry').OpenOptions} [options] */
const open = (options) => Codequarry.open({ workers: 1, embedder: false, ...options });

test('with a real tokenizer no chunk has too many tokens, every byte is in one chunk, and nothing else changes', async (t) => {
  const files = await sources();
  const plain = await open();
  const limited = await open({ chunks: { maxTokens: MAX, tokenizer: MODULE } });
  t.after(() => Promise.all([plain.close(), limited.close()]));
  const before = (await collect(plain.outline(textFiles(files)))).items;
  const after = (await collect(limited.outline(textFiles(files)))).items;
  const large = before.flatMap(({ chunks }) => chunks).filter(({ text }) => countTokens(text) > MAX).length;
  assert.ok(large > 100, `${large} chunks have more tokens where bytes alone limit them`);
  for (const [at, { path, chunks, symbols }] of after.entries()) {
    assert.equal(chunks.map(({ text }) => text).join(''), files[path], path);
    assert.deepEqual(chunks.filter(({ text }) => countTokens(text) > MAX), [], path);
    assert.deepEqual(symbols, before[at]?.symbols, path);
    for (const chunk of before[at]?.chunks ?? []) {
      if (countTokens(chunk.text) > MAX) continue;
      assert.ok(chunks.some(({ startByte, endByte, name }) => startByte === chunk.startByte && endByte === chunk.endByte && name === chunk.name), `${path}: what was small enough stays`);
    }
  }
});

test('the same snapshot for any number of builders, and the limit holds for what is found', async (t) => {
  const files = textFiles(await sources());
  const names = [];
  for (const workers of [1, 3]) {
    const store = new MemoryStore();
    const quarry = await open({ store, workers, chunks: { maxTokens: MAX, tokenizer: MODULE.href } });
    t.after(() => quarry.close());
    await quarry.add(files);
    await quarry.flush();
    const hits = await quarry.search('builder', { limit: 100 });
    assert.ok(hits.length > 20 && hits.every(({ text }) => countTokens(text ?? '') <= MAX));
    names.push((await store.list()).map(({ key }) => key).sort());
  }
  assert.deepEqual(names[0], names[1]);
});

test('a limit that nothing reaches changes nothing', async (t) => {
  const files = textFiles(await sources());
  const names = [];
  for (const chunks of [undefined, { maxTokens: 100_000, tokenizer: moduleOf('export const countTokens = (text) => text.length') }]) {
    const store = new MemoryStore();
    const quarry = await open({ store, chunks });
    t.after(() => quarry.close());
    await quarry.add(files);
    await quarry.flush();
    names.push((await store.list()).map(({ key }) => key).sort());
  }
  assert.deepEqual(names[0], names[1]);
});

test('where builders run in the same thread a function counts', async (t) => {
  const options = {
    spawn: () => {
      const [near, far] = portPair();
      serve(far);
      return near;
    },
    module: () => compileModule(nodePlatform, 'builder'),
    grammars: new GrammarShelf(nodePlatform),
    size: 1,
    tokens: { maxTokens: 20, tokenizer: (/** @type {string} */ text) => text.split(' ').length, timeoutMs: 60_000 },
  };
  const pool = new BuilderPool(options);
  t.after(() => pool.close());
  const text = 'one two three four five six seven eight nine ten\n'.repeat(20);
  const { outlines } = await pool.outline(pack([{ path: 'a.txt', bytes: new TextEncoder().encode(text) }]));
  const chunks = outlines[0]?.chunks ?? [];
  assert.ok(chunks.length >= 9 && chunks.every((chunk) => chunk.text.split(' ').length <= 20));
  assert.equal(chunks.map((chunk) => chunk.text).join(''), text);
});

const TEXT = { 'a.js': 'export function first() {\n  return 1;\n}\n' };

for (const [what, script, message] of /** @type {const} */ ([
  ['throws', 'export const countTokens = () => { throw new Error("out of order"); }', /out of order/],
  ['throws what is no error', 'export const countTokens = () => { throw null; }', /null/],
  ['overflows the stack', 'export const countTokens = (text) => countTokens(text) + 1;', /stack/],
  ['returns NaN', 'export const countTokens = () => NaN', /NaN/],
  ['returns a fraction', 'export const countTokens = () => 1.5', /1\.5/],
  ['returns less than nothing', 'export const countTokens = () => -1', /-1/],
  ['returns a promise', 'export const countTokens = async () => 1', /promise/],
  ['counts too many in a single character', 'export const countTokens = () => 1000', /tokenizer/],
  ['has another name', 'export const count = () => 1', /exports no function countTokens/],
  ['is no module', 'not at all', /cannot be imported/],
])) {
  test(`a tokenizer that ${what} is TOKENIZER_FAILED, and what was indexed before stays`, async (t) => {
    const store = new MemoryStore();
    const before = await open({ store });
    await before.add(textFiles({ 'b.js': 'function second() {}\n' }));
    await before.close();
    const quarry = await open({ store, chunks: { maxTokens: 16, tokenizer: moduleOf(script) } });
    t.after(() => quarry.close());
    await assert.rejects(quarry.add(textFiles(TEXT)), { code: 'TOKENIZER_FAILED', message });
    assert.deepEqual((await quarry.search('second')).map(({ path }) => path), ['b.js']);
    await assert.rejects(collect(quarry.outline(textFiles(TEXT))).then(({ error }) => Promise.reject(error)), { code: 'TOKENIZER_FAILED' });
  });
}

for (const [what, script] of /** @type {const} */ ([
  ['never returns', 'export const countTokens = () => { for (;;) {} }'],
  ['returns for small texts only', 'export const countTokens = (text) => { for (; text.length > 10;) {} return 1; }'],
  ['is never loaded', 'await new Promise(() => {}); export const countTokens = () => 1;'],
  ['loops when it is loaded', 'for (;;) {}; export const countTokens = () => 1;'],
])) {
  test(`a tokenizer that ${what} is TOKENIZER_TIMEOUT`, async (t) => {
    const quarry = await open({ chunks: { maxTokens: 16, tokenizer: moduleOf(script), timeoutMs: 500 } });
    t.after(() => quarry.close());
    await assert.rejects(quarry.add(textFiles(TEXT)), { code: 'TOKENIZER_TIMEOUT' });
  });
}

test('options that make no sense are refused', async () => {
  const fine = { maxTokens: 100, tokenizer: MODULE };
  for (const chunks of [{ ...fine, maxTokens: 15 }, { ...fine, maxTokens: 99.5 }, { ...fine, timeoutMs: 0 }, { ...fine, tokenizer: 'js-tiktoken' }, { ...fine, tokenizer: () => 1 }]) {
    await assert.rejects(open({ chunks }), { code: 'OPTION_INVALID' });
  }
});
