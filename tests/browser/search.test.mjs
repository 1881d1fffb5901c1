/** Searching through the package in a real browser, where the searcher is in a worker: what is fetched when, giving up, and that no search waits for `similar`. */

import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT, WORK, cannotRun, launch } from './harness.mjs';
import { packagePage, packageTab } from './package-page.mjs';
import { serve } from './server.mjs';

const options = { skip: cannotRun, timeout: 120_000 };
const FOLDER = path.join(WORK, 'search');
const PARTS = ['regex.wasm', 'code.cqmodel'];
let browser;
let server;
let context;
/** Answers that the server gives in place of files. */
const faults = new Map();

before(async () => {
  if (cannotRun) return;
  await packagePage(FOLDER);
  for (const part of PARTS) cpSync(path.join(ROOT, 'pkg/dist', part), path.join(FOLDER, part));
  server = await serve(FOLDER, { fault: (pathname) => faults.get(path.basename(pathname)) });
  browser = await launch();
  context = await browser.newContext();
});
after(async () => {
  await browser?.close();
  await server?.close();
});

/** How often each part was fetched so far. */
const fetched = () => PARTS.map((part) => server.requests.filter((pathname) => pathname.endsWith(part)).length);

/** A tab with an index in memory of many small files in several segments. */
async function tab(settings = {}) {
  server.requests.length = 0;
  const page = await packageTab(context, server.url);
  page.setDefaultTimeout(60_000);
  await page.evaluate(async (more) => {
    const { Codequarry, MemoryStore } = globalThis.codequarry;
    const engine = { ...globalThis.engine, regex: './regex.wasm', model: './code.cqmodel' };
    globalThis.store ??= new MemoryStore();
    globalThis.quarry = await Codequarry.open({ engine, workers: 1, store: globalThis.store, ...more });
    for (let batch = 0; batch < 4; batch++) {
      await globalThis.quarry.add(
        Array.from({ length: 12 }, (_, at) => ({ path: `src/part${batch}_${at}.ts`, text: `/** Waits longer after failure ${at}. */\nexport function retryPart${batch}_${at}(times: number) {\n  return times * ${at};\n}\n` })),
      );
    }
  }, settings);
  return page;
}

test('the module for regexes and the model are fetched when they are first needed, once', options, async () => {
  const page = await tab({ embedder: false });
  const query = (text, more) => page.evaluate(([text, more]) => globalThis.quarry.query(text, more), [text, more]);
  assert.equal((await query('retryPart1_3', {})).hits[0].path, 'src/part1_3.ts');
  assert.equal((await query('"times: number"', { mode: 'exact' })).total, 48);
  assert.deepEqual(fetched(), [0, 0]);
  const found = await page.evaluate(() => Promise.all([1, 2, 3].map(() => globalThis.quarry.query('/retryPart2_\\d\\(/', { mode: 'exact' }))));
  assert.deepEqual(found.map(({ total }) => total), [10, 10, 10]);
  assert.ok(fetched()[0] >= 1);
  const [before] = fetched();
  assert.equal((await query('/(t|ti)+mes/ lang:ts', { facets: true })).facets.languages[0].count, 48);
  assert.deepEqual(fetched(), [before, 0]);
  await page.close();
  const other = await tab();
  assert.equal(fetched()[1], 1, 'for the vectors of what was added');
  const result = await other.evaluate(() => globalThis.quarry.query('wait after a failure', { limit: 5 }));
  assert.deepEqual([result.mode, result.semantic, result.hits.length], ['hybrid', undefined, 5]);
  const next = await other.evaluate((cursor) => globalThis.quarry.query('wait after a failure', { limit: 5, cursor }), result.cursor);
  assert.equal(new Set([...result.hits, ...next.hits].map(({ id }) => id)).size, 10);
  assert.deepEqual(fetched(), [0, 1]);
  await other.close();
});

test('what cannot be fetched costs regexes or vectors only', options, async () => {
  for (const part of PARTS) faults.set(part, 404);
  const page = await tab();
  const told = await page.evaluate(async () => {
    const { mode, semantic, hits } = await globalThis.quarry.query('retryPart1_3', { mode: 'hybrid' });
    const code = await globalThis.quarry.query('/a/', { mode: 'exact' }).catch((error) => error.code);
    return [mode, semantic, hits[0].path, code];
  });
  faults.clear();
  assert.deepEqual(told, ['lexical', 'VECTORS_MISSING', 'src/part1_3.ts', 'HTTP_STATUS']);
  assert.equal(await page.evaluate(async () => (await globalThis.quarry.query('/retryPart2_\\d\\(/', { mode: 'exact' })).total), 10, 'and is asked for again');
  await page.close();
});

test('a search that is given up rejects with the reason, and the worker goes on answering', options, async () => {
  const page = await tab({ embedder: false });
  const told = await page.evaluate(async () => {
    const controller = new AbortController();
    const searching = globalThis.quarry.search('retry', { signal: controller.signal });
    controller.abort(new Error('typed on'));
    const reason = await searching.catch((error) => error.message);
    const before = await globalThis.quarry.search('retry', { signal: AbortSignal.abort() }).catch((error) => error.name);
    return [reason, before, (await globalThis.quarry.search('retryPart3_1'))[0].path];
  });
  assert.deepEqual(told, ['typed on', 'AbortError', 'src/part3_1.ts']);
  await page.close();
});

test('a search that comes after `similar` is answered before it', options, async () => {
  const page = await tab();
  const orders = await page.evaluate(async () => {
    await globalThis.quarry.search('retry');
    const orders = [];
    // A tab that the machine stops between the three messages lets `similar` end before the searches are sent. One that is answered last shows that it does not hold the worker.
    for (let attempt = 0; attempt < 100 && !orders.at(-1)?.[2]?.startsWith('similar'); attempt++) {
      const order = [];
      const similar = globalThis.quarry.similar({ path: 'src/part0_1.ts', line: 2 }).then(({ mode, hits }) => order.push(`similar ${mode} ${hits.length > 0}`));
      const searches = ['retryPart1_3', 'retryPart2_3'].map((query) => globalThis.quarry.search(query, { mode: 'lexical' }).then((hits) => order.push(hits[0].path)));
      await Promise.all([similar, ...searches]);
      orders.push(order);
    }
    return orders;
  });
  assert.deepEqual(orders.at(-1), ['src/part1_3.ts', 'src/part2_3.ts', 'similar semantic true']);
  for (const order of orders) assert.deepEqual(order.toSorted(), ['similar semantic true', 'src/part1_3.ts', 'src/part2_3.ts']);
  await page.close();
});
