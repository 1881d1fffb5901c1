/** `.cq` archives between the command line and a real browser, either way. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT, WORK, cannotRun, launch, openPage } from './harness.mjs';
import { packagePage } from './package-page.mjs';
import { serve } from './server.mjs';

const options = { skip: cannotRun, timeout: 120_000 };
const FOLDER = path.join(WORK, 'archive');
let browser;
let server;
let page;

/** Runs the command line in the served folder. */
function codequarry(...args) {
  return execFileSync(process.execPath, [path.join(ROOT, 'pkg', 'bin', 'codequarry.js'), ...args], { cwd: FOLDER, encoding: 'utf8' });
}

before(async () => {
  if (cannotRun) return;
  await packagePage(FOLDER);
  codequarry('index', path.join(ROOT, 'node_modules', 'idb'), '--out', 'snapshot', '--quiet');
  codequarry('export', 'snapshot', 'node.cq', '--quiet');
  writeFileSync(path.join(FOLDER, 'cut.cq'), readFileSync(path.join(FOLDER, 'node.cq')).subarray(0, -20));
  server = await serve(FOLDER);
  browser = await launch();
  ({ page } = await openPage(browser, server.url));
  await page.waitForFunction(() => globalThis.codequarry !== undefined);
});
after(async () => {
  await browser?.close();
  await server?.close();
});

test('what the command line exported a browser imports, keeps and finds in', options, async () => {
  const found = await page.evaluate(async () => {
    const { Codequarry } = globalThis.codequarry;
    const imported = await Codequarry.import('imported', (await fetch('./node.cq')).body, { engine });
    await imported.close();
    const quarry = await Codequarry.open('imported', { engine });
    const hits = await quarry.search('open database');
    const result = { paths: await quarry.paths(), best: hits[0].path, generation: quarry.generation };
    await quarry.close();
    return result;
  });
  const { hits } = JSON.parse(codequarry('search', 'snapshot', 'open database', '--json'));
  assert.equal(found.best, hits[0].path);
  assert.ok(found.paths.length > 5);
  assert.equal(found.generation, 1);
});

test('what a browser exports the command line imports, the same to the byte', options, async () => {
  const base64 = await page.evaluate(async () => {
    const { Codequarry } = globalThis.codequarry;
    const quarry = await Codequarry.open('imported', { engine });
    const bytes = new Uint8Array(await new Response(quarry.export()).arrayBuffer());
    await quarry.close();
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  });
  writeFileSync(path.join(FOLDER, 'browser.cq'), Buffer.from(base64, 'base64'));
  codequarry('import', 'browser.cq', '--out', 'from-browser', '--quiet');
  const names = readdirSync(path.join(FOLDER, 'snapshot')).sort();
  assert.deepEqual(readdirSync(path.join(FOLDER, 'from-browser')).sort(), names);
  for (const name of names) assert.deepEqual(readFileSync(path.join(FOLDER, 'from-browser', name)), readFileSync(path.join(FOLDER, 'snapshot', name)), name);
});

test('an archive that is cut changes nothing in IndexedDB, a smaller one only when it may', options, async () => {
  const codes = await page.evaluate(async () => {
    const { Codequarry, IndexedDbStore } = globalThis.codequarry;
    const refusal = async (archive, more) => {
      try {
        await (await Codequarry.import('imported', archive, { engine, ...more })).close();
        return 'imported';
      } catch (error) {
        return error.code;
      }
    };
    const contents = async () => {
      const store = await IndexedDbStore.open('imported');
      const found = { manifest: [...(await store.readManifest()).bytes], blobs: await store.list() };
      await store.close();
      return JSON.stringify(found);
    };
    const before = await contents();
    const small = await Codequarry.open({ engine });
    await small.add([{ path: 'one.js', text: 'let one;\n' }]);
    const archive = await new Response(small.export()).blob();
    const cut = await refusal((await fetch('./cut.cq')).body);
    const smaller = await refusal(archive);
    const same = before === (await contents());
    const replaced = await refusal(archive, { replace: true });
    return { cut, smaller, same, replaced };
  });
  assert.deepEqual(codes, { cut: 'ARCHIVE_TRUNCATED', smaller: 'WOULD_SHRINK', same: true, replaced: 'imported' });
});
