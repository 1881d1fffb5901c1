/** The search without a mouse, and how it speaks to assistive technology. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { librariesArchive } from './fixtures.mjs';
import { SITE, cannotRun, indexArchive, launch, openPage, paths, search, settled } from './harness.mjs';
import { serve } from './server.mjs';

const options = { skip: cannotRun, timeout: 180_000 };
let browser;
let server;
let opened;

before(async () => {
  if (cannotRun) return;
  server = await serve(SITE);
  browser = await launch();
  opened = await openPage(browser, server.url);
  await indexArchive(opened.page, librariesArchive());
});
after(async () => {
  await browser?.close();
  await server?.close();
});

const focused = (page) => page.evaluate(() => document.activeElement?.className || document.activeElement?.id);

test('slash, arrows, j and k, Enter and Escape are enough', options, async () => {
  const { page, complaints } = opened;
  assert.equal(await focused(page), 'query', 'the search box has the focus from the start');
  await search(page, 'stream');
  await page.keyboard.press('ArrowDown');
  assert.equal(await focused(page), 'hit-link');
  const first = await page.evaluate(() => document.activeElement.href);
  await page.keyboard.press('j');
  assert.notEqual(await page.evaluate(() => document.activeElement.href), first);
  await page.keyboard.press('k');
  assert.equal(await page.evaluate(() => document.activeElement.href), first);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.source .line.marked');
  assert.equal(await focused(page), 'file-body', 'the keyboard scrolls the file');
  assert.equal(await page.getAttribute('.file-path', 'title'), (await paths(page))[0]);
  await page.keyboard.press('Escape');
  await page.waitForSelector('.file', { state: 'hidden' });
  assert.equal(await focused(page), 'hit-link');
  assert.equal(await page.evaluate(() => document.activeElement.href), first, 'back on the hit that was opened');
  await page.keyboard.press('/');
  assert.equal(await focused(page), 'query');
  // At once: the step back in the history that closed the file may still be on its way.
  await page.keyboard.type('inflate');
  await settled(page, 'inflate');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.source .line.marked');
  await page.goBack();
  await page.waitForSelector('.file', { state: 'hidden' });
  assert.equal(await page.inputValue('#query'), 'inflate', 'the back button closes the file and keeps the search');
  await page.keyboard.press('/');
  assert.deepEqual(complaints, []);
});

test('slash in a text field is a slash', options, async () => {
  const { page } = opened;
  await page.focus('.path-filter');
  await page.keyboard.type('a/b');
  assert.equal(await page.inputValue('.path-filter'), 'a/b');
  await page.fill('.path-filter', '');
});

test('roles, names and the live region', options, async () => {
  const { page } = opened;
  await search(page, 'backoff delay');
  const [said, shown] = await page.evaluate(() => ['#announce', '.status'].map((which) => document.querySelector(which).textContent));
  assert.match(said, /^\d+ results?/);
  assert.equal(said, shown, 'the answer to this query, not to one before');
  assert.equal(await page.getByRole('searchbox').count(), 1);
  assert.ok((await page.getByRole('link', { name: /(RetryPolicy|backoff_delay) in tools\/retry\.py/ }).count()) > 0);
  assert.equal(await page.getByRole('group', { name: 'Languages' }).count(), 1);
  assert.equal(await page.getByRole('main').count(), 1);
  const unnamed = await page.$$eval('button, a, input:not([type=file])', (elements) =>
    elements
      .filter((element) => !element.textContent?.trim() && !element.getAttribute('aria-label'))
      .map((element) => element.outerHTML),
  );
  assert.deepEqual(unnamed, []);
});

test('an answer that comes after the typing has paused is announced when it comes', options, async () => {
  const { page } = opened;
  let release;
  const released = new Promise((resolve) => (release = resolve));
  await page.route('**/code.cqmodel', async (route) => {
    await released;
    await route.continue();
  });
  // A page that is new has no model yet, and its first search waits for it.
  await page.reload();
  await page.waitForSelector('#query');
  await page.fill('#query', 'decompress');
  await page.waitForFunction(() => new URLSearchParams(location.hash.slice(1)).get('q') === 'decompress');
  assert.equal(await page.getAttribute('.results-body', 'aria-busy'), 'true');
  assert.doesNotMatch(await page.textContent('#announce'), /results?/);
  release();
  await settled(page, 'decompress');
  assert.equal(await page.textContent('#announce'), await page.textContent('.status'));
  await page.unroute('**/code.cqmodel');
});

test('the path of an open file is copied', options, async () => {
  const { page, context } = opened;
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await search(page, 'backoff delay');
  await page.click('.hit .snippet');
  await page.waitForSelector('.source .line');
  await page.click('.file [aria-label="Copy path"]');
  await page.waitForFunction(() => document.getElementById('announce').textContent === 'Path copied');
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'tools/retry.py');
  await page.keyboard.press('Escape');
});
