/** Chunks within a number of tokens in Chromium: the builders' workers import a real tokenizer by its address. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT, WORK, cannotRun, launch } from './harness.mjs';
import { packagePage, packageTab } from './package-page.mjs';
import { serve } from './server.mjs';
import { countTokens } from '../../pkg/test/cl100k.mjs';

const FOLDER = path.join(WORK, 'tokens');
const MAX = 100;
const TEXT = readFileSync(path.join(ROOT, 'pkg/src/pool.ts'), 'utf8');

let browser;
let server;
let page;
before(async () => {
  if (cannotRun) return;
  await packagePage(FOLDER, { tokenizer: `export * from './pkg/test/cl100k.mjs';` });
  server = await serve(FOLDER);
  browser = await launch();
  page = await packageTab(browser, server.url);
});
after(async () => {
  await browser?.close();
  await server?.close();
});

/** The texts of a file's chunks, or the code of the error. */
const chunked = (chunks) =>
  page.evaluate(
    async ([text, { tokenizer, ...limits }]) => {
      const { codequarry, engine } = globalThis;
      const chunks = { ...limits, tokenizer: new URL(tokenizer, location.href) };
      const quarry = await codequarry.Codequarry.open({ store: new codequarry.MemoryStore(), embedder: false, workers: 1, engine, chunks });
      try {
        const texts = [];
        for await (const outline of quarry.outline([{ path: 'pool.ts', text }])) texts.push(...outline.chunks.map((chunk) => chunk.text));
        return texts;
      } catch (error) {
        return error.code;
      } finally {
        await quarry.close();
      }
    },
    [TEXT, chunks],
  );

test('no chunk has more tokens than it may have, and every byte is in one', { skip: cannotRun, timeout: 600_000 }, async () => {
  const texts = await chunked({ maxTokens: MAX, tokenizer: 'tokenizer.js', timeoutMs: 300_000 });
  assert.ok(Array.isArray(texts), `${texts}`);
  assert.equal(texts.join(''), TEXT);
  assert.deepEqual(texts.filter((text) => countTokens(text) > MAX), []);
});

test('a tokenizer that is not there, and one that never returns, have their codes', { skip: cannotRun, timeout: 600_000 }, async () => {
  assert.equal(await chunked({ maxTokens: MAX, tokenizer: 'nowhere.js', timeoutMs: 300_000 }), 'TOKENIZER_FAILED');
  const loop = `data:text/javascript,${encodeURIComponent('export const countTokens = () => { for (;;) {} };')}`;
  assert.equal(await chunked({ maxTokens: MAX, tokenizer: loop, timeoutMs: 500 }), 'TOKENIZER_TIMEOUT');
});
