/** What goes wrong is said in words, with a code, and with a way out. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { escapingArchive, librariesArchive, nonsenseArchive, stumpArchive, truncatedArchive } from './fixtures.mjs';
import { SITE, cannotRun, giveArchive, indexArchive, launch, openPage, paths, screenshot, search } from './harness.mjs';
import { serve } from './server.mjs';

const options = { skip: cannotRun, timeout: 180_000 };
let browser;
let server;

before(async () => {
  if (cannotRun) return;
  server = await serve(SITE);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.close();
});

/** Changes one record of the stored index in place, or deletes all of its kind. */
function tamper(page, store, change) {
  return page.evaluate(
    async ([store, change]) => {
      const { name } = (await indexedDB.databases()).find((database) => database.name.startsWith('codequarry:'));
      const database = await new Promise((resolve, reject) => {
        const request = indexedDB.open(name);
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      const transaction = database.transaction(store, 'readwrite');
      const objects = transaction.objectStore(store);
      const keys = await new Promise((resolve) => (objects.getAllKeys().onsuccess = (event) => resolve(event.target.result)));
      const value = await new Promise((resolve) => (objects.get(keys[0]).onsuccess = (event) => resolve(event.target.result)));
      if (change === 'delete') objects.clear();
      else {
        const bytes = value.bytes ?? value;
        for (let at = bytes.length >> 1; at < bytes.length; at += 97) bytes[at] ^= 0x5a;
        objects.put(value, keys[0]);
      }
      await new Promise((resolve) => (transaction.oncomplete = resolve));
      database.close();
    },
    [store, change],
  );
}

for (const [what, store, change, code] of [
  ['a corrupt manifest', 'manifest', 'corrupt', /^(MANIFEST|SNAPSHOT|SEGMENT|FORMAT)_/],
  ['a corrupt segment', 'parts', 'corrupt', /^(SNAPSHOT|SEGMENT|FORMAT)_/],
  ['a missing segment', 'facts', 'delete', /^SNAPSHOT_MISSING_SEGMENT$/],
]) {
  test(`${what} in IndexedDB is an error with a code, and deleting is a way out`, options, async () => {
    const { page, context, complaints } = await openPage(browser, server.url);
    await indexArchive(page, librariesArchive());
    await page.click('#brand');
    await page.waitForSelector('.project');
    await tamper(page, store, change);
    await page.click('.project-link');
    await page.waitForSelector('.problem');
    assert.match(await page.textContent('.problem-code code'), code);
    assert.match(await page.textContent('.problem h2'), /libraries could not be opened/);
    await screenshot(page, `problem-${store}-${change}`);
    await page.click('text=Delete this index');
    await page.waitForSelector('.note');
    assert.equal(await page.locator('.project').count(), 0);
    assert.deepEqual(complaints, []);
    await context.close();
  });
}

for (const [what, make, code] of [
  ['an archive that ends before its first file does', stumpArchive, 'ARCHIVE_TRUNCATED'],
  ['a file that is no archive', nonsenseArchive, 'ARCHIVE_FORMAT'],
]) {
  test(`${what} is refused with a code, and nothing is left behind`, options, async () => {
    const { page, context, complaints } = await openPage(browser, server.url);
    await giveArchive(page, make());
    await page.waitForSelector('.problem');
    assert.equal(await page.textContent('.problem-code code'), code);
    assert.equal(await page.locator('.project').count(), 0);
    assert.ok(await page.isVisible('.drop'), 'the next try is one drop away');
    assert.deepEqual(complaints, []);
    await context.close();
  });
}

test('of an archive that ends too early what came before is indexed, and the loss is said', options, async () => {
  const { page, context, complaints } = await openPage(browser, server.url);
  await indexArchive(page, truncatedArchive());
  assert.match(await page.textContent('.note.warn'), /ARCHIVE_TRUNCATED/);
  await screenshot(page, 'overview-truncated');
  await search(page, 'survivesTheCut');
  assert.deepEqual(await paths(page), ['first.js']);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a path that leaves the archive is skipped with its reason, and its neighbour is indexed', options, async () => {
  const { page, context } = await openPage(browser, server.url);
  await indexArchive(page, escapingArchive());
  assert.match(await page.textContent('.reports'), /PATH_ESCAPES/);
  await search(page, 'honestNeighbour');
  assert.deepEqual(await paths(page), ['inside.js']);
  await search(page, 'escaped');
  assert.deepEqual(await paths(page), []);
  await context.close();
});

test('an address of a project that is not here says so', options, async () => {
  const { page, context } = await openPage(browser, `${server.url}#project=elsewhere&q=x`);
  await page.waitForSelector('.problem');
  assert.equal(await page.textContent('.problem-code code'), 'PROJECT_UNKNOWN');
  await page.click('text=All projects');
  await page.waitForSelector('.drop');
  await context.close();
});
