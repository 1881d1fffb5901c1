/** A static site whose snapshot is opened in parts, in a real browser and over a real server that counts what it sends. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Codequarry, FolderStore } from '../../pkg/dist/node.js';
import { serveRanges } from '../../pkg/test/range-server.js';
import { ROOT, WORK, cannotRun, launch, openPage, overflow, paths, screenshot, search } from './harness.mjs';

const options = { skip: cannotRun, timeout: 240_000 };
const OUT = path.join(WORK, 'large-site');
const SNAPSHOT = path.join(OUT, 'snapshot');
/** Copies of this project's sources, so many that the snapshot is over the size from which it is opened in parts. */
const COPIES = 12;
let browser;
let whole;

before(async () => {
  if (cannotRun) return;
  const sources = path.join(WORK, 'large');
  for (let copy = 0; copy < COPIES; copy++) {
    for (const folder of ['src', 'pkg/src', 'www/src', 'tests/bench', 'pkg/test', 'xtask']) {
      mkdirSync(path.join(sources, `copy${copy}`, folder), { recursive: true });
      cpSync(path.join(ROOT, folder), path.join(sources, `copy${copy}`, folder), { recursive: true, filter: (file) => !/\/(target|node_modules|\.work|screenshots)$/.test(file) });
    }
  }
  execFileSync(process.execPath, [path.join(ROOT, 'pkg/bin/codequarry.js'), 'site', sources, '--out', OUT, '--quiet']);
  whole = await Codequarry.open({ store: await FolderStore.open(SNAPSHOT, { access: 'read' }), embedder: false });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await whole?.close();
});

for (const ranges of ['several', 'one', 'none']) {
  test(`a large site on a server that knows ${ranges} of the ranges answers as the whole snapshot does`, options, async () => {
    const total = readdirSync(SNAPSHOT).reduce((sum, name) => sum + (name.endsWith('.cqs') ? statSync(path.join(SNAPSHOT, name)).size : 0), 0);
    assert.ok(total > 4 * 1024 * 1024, `${total} bytes are not many`);
    const server = await serveRanges(OUT, { ranges });
    const { page, context, complaints } = await openPage(browser, server.url);
    await page.waitForSelector('#query');
    for (const query of ['SegmentWriter', 'where are postings decoded', 'multipart ranges']) {
      await search(page, query);
      const expected = [...new Set((await whole.search(query, { limit: 50, prefix: true })).map((hit) => hit.path))];
      assert.deepEqual((await paths(page)).slice(0, 3), expected.slice(0, 3), query);
    }
    assert.deepEqual(complaints, []);
    const asked = server.sent.log.filter((line) => line.includes('.cqs'));
    const sent = server.sent.parts;
    if (ranges === 'none') assert.equal(asked.length, 1);
    else assert.ok(asked.every((line) => line.includes('bytes=')) && sent < total / 3, `${sent} of ${total} bytes in ${asked.length} requests`);
    await context.close();
    await server.close();
  });
}

test('searching by meaning is offered with what it fetches, watched, given up, survives a lost connection, and then answers as the whole does', options, async () => {
  let fault = () => undefined;
  const server = await serveRanges(OUT, { ranges: 'one', fault: (...asked) => fault(...asked) });
  const { page, context, complaints } = await openPage(browser, server.url, { viewport: { width: 360, height: 740 }, colorScheme: 'dark' });
  await page.waitForSelector('#meaning');
  const note = () => page.textContent('#meaning-note');
  assert.match(await note(), /^Fetches vectors of [\d.]+ [KM]B and a model of 3\.\d MB, once$/);
  assert.equal(await overflow(page), 0);
  const asked = 'how is a list of documents compressed';
  await search(page, asked);
  const model = () => server.sent.log.filter((line) => line.includes('code.cqmodel')).length;
  assert.equal(model(), 0, 'nothing is fetched before somebody says so');
  const byWords = await paths(page);
  await screenshot(page, 'meaning-offered-narrow-dark');
  // What fails is said, and searching by words goes on.
  fault = (name) => (name.includes('code.cqmodel') ? { status: 503 } : undefined);
  await page.focus('#meaning');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('#meaning-note').textContent.includes('MODEL_UNAVAILABLE'));
  assert.equal(await page.getAttribute('#meaning', 'aria-pressed'), 'false');
  // Given up while the server does not answer.
  const waiting = [];
  await page.route('**/code.cqmodel', (route) => void waiting.push(route));
  fault = () => undefined;
  await page.keyboard.press('Space');
  await page.waitForFunction(() => document.querySelector('#meaning').textContent === 'Give up');
  await page.waitForSelector('.meaning .progress');
  assert.equal(await overflow(page), 0);
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('#meaning').textContent === 'By meaning, too');
  assert.match(await note(), /model of 3\.\d MB, once$/);
  await page.unroute('**/code.cqmodel');
  assert.deepEqual(await paths(page), byWords);
  // Through a connection that breaks once.
  let broken = 0;
  fault = (name, range) => (name.endsWith('.cqs') && range && broken++ === 0 ? { drop: true } : undefined);
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('#meaning').getAttribute('aria-pressed') === 'true', undefined, { timeout: 60_000 });
  assert.equal(await note(), '');
  const near = await Codequarry.open({ store: await FolderStore.open(SNAPSHOT, { access: 'read' }) });
  const expected = [...new Set((await near.search(asked, { limit: 40, prefix: true, mode: 'hybrid' })).map((hit) => hit.path))];
  await near.close();
  await page.waitForSelector('.results-body[aria-busy=false]');
  assert.deepEqual((await paths(page)).slice(0, 3), expected.slice(0, 3));
  await screenshot(page, 'meaning-on-narrow-dark');
  // Off again, nothing is fetched twice.
  const before = server.sent.log.length;
  await page.click('#meaning');
  await page.waitForFunction((first) => document.querySelector('.group-path')?.title === first, byWords[0]);
  await page.click('#meaning');
  await page.waitForFunction(() => document.querySelector('#meaning').getAttribute('aria-pressed') === 'true');
  assert.equal(server.sent.log.slice(before).filter((line) => line.includes('model')).length, 0);
  assert.deepEqual(complaints.filter((text) => !/503|ERR_(EMPTY_RESPONSE|CONNECTION|ABORTED|FAILED)/.test(text)), []);
  await context.close();
  await server.close();
});
