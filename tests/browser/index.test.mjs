/** The main job in a real browser: an archive in, ranked hits out, still there after a reload. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { ignoringFolder, largeArchive, librariesArchive } from './fixtures.mjs';
import { SITE, cannotRun, giveArchive, indexArchive, launch, openPage, paths, screenshot, search, settled } from './harness.mjs';
import { serve } from './server.mjs';

const options = { skip: cannotRun, timeout: 180_000 };
/** For what takes as long as indexing does. */
const PATIENT = { timeout: 120_000 };
let browser;
let server;
let archive;

before(async () => {
  if (cannotRun) return;
  archive = librariesArchive();
  server = await serve(SITE);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.close();
});

test('the first screen says what to do, and loads neither engine nor grammars', options, async () => {
  const seen = server.requests.length;
  const { page, context, complaints } = await openPage(browser, server.url);
  await page.waitForSelector('.drop h1');
  assert.match(await page.textContent('.drop .lead'), /nothing leaves your machine/i);
  const policy = await page.getAttribute('meta[http-equiv="Content-Security-Policy"]', 'content');
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|https?:|\*/);
  await page.waitForLoadState('networkidle');
  const loaded = server.requests.slice(seen);
  assert.deepEqual(
    loaded.filter((path) => path.endsWith('.wasm')),
    [],
  );
  assert.deepEqual(complaints, []);
  await context.close();
});

test('an archive is indexed with progress, searched as one types, and opened from storage after a reload', options, async () => {
  const { page, context, complaints } = await openPage(browser, server.url);
  await watchProgress(page);
  await indexArchive(page, archive);
  const progress = await page.evaluate(() => globalThis.progressSeen);
  assert.ok(progress.length >= 2, `progress moved: ${JSON.stringify(progress)}`);

  await search(page, 'backoff delay');
  assert.equal((await paths(page))[0], 'tools/retry.py');
  assert.match(await page.textContent('.hit .crumb'), /RetryPolicy/);
  assert.match(await page.textContent('.hit .kind'), /class|method/);
  assert.ok((await page.$$('.hit mark')).length > 0, 'matches are highlighted');
  await screenshot(page, 'search-light');

  const before = server.requests.length;
  await page.reload();
  await settled(page, 'backoff delay');
  assert.equal((await paths(page))[0], 'tools/retry.py');
  const reloaded = server.requests.slice(before);
  assert.deepEqual(
    reloaded.filter((path) => path.includes('/grammars/')),
    [],
    'a reload parses nothing, so it wants no grammar',
  );
  assert.deepEqual(complaints, []);
  await context.close();
});

/** Notes every figure that the files counter shows. */
async function watchProgress(page) {
  await page.evaluate(() => {
    globalThis.progressSeen = [];
    new MutationObserver(() => {
      const text = document.querySelector('.indexing .figures dd')?.textContent;
      if (text && text !== globalThis.progressSeen.at(-1)) globalThis.progressSeen.push(text);
    }).observe(document.getElementById('main'), { subtree: true, childList: true, characterData: true });
  });
}

test('only the grammars of the languages that occur are loaded', options, async () => {
  const seen = server.requests.length;
  const { page, context } = await openPage(browser, server.url);
  await indexArchive(page, archive);
  const grammars = server.requests.slice(seen).filter((path) => path.includes('/grammars/'));
  const names = grammars.map((path) => path.split('/').pop());
  assert.ok(names.includes('python.wasm') && names.includes('javascript.wasm'), names.join());
  assert.ok(!names.includes('rust.wasm') && !names.includes('cpp.wasm'), names.join());
  assert.equal(new Set(names).size, names.length, 'each is fetched once');
  await context.close();
});

test('every keystroke is answered, and the last answer stays', options, async () => {
  const { page, context, complaints } = await openPage(browser, server.url);
  await indexArchive(page, archive);
  await page.locator('#query').pressSequentially('RetryPol', { delay: 15 });
  await settled(page, 'RetryPol');
  assert.equal((await paths(page))[0], 'tools/retry.py', 'an unfinished word is completed');
  await page.fill('#query', 'inflate');
  await page.fill('#query', 'backoff');
  await settled(page, 'backoff');
  assert.equal((await paths(page))[0], 'tools/retry.py');
  await page.fill('#query', '');
  await page.waitForSelector('.overview');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('filters by language and by path narrow the list, and an empty answer offers to drop them', options, async () => {
  const { page, context } = await openPage(browser, server.url);
  await indexArchive(page, archive);
  assert.match(await page.getAttribute('.chip:has-text("typescript")', 'title') ?? '', /^$| files$/);
  await search(page, 'stream');
  assert.match(await page.getAttribute('.chip:has-text("typescript")', 'title'), /^[\d,]+ results$/);
  await page.click('.chip:has-text("typescript")');
  await page.waitForFunction(() =>
    [...document.querySelectorAll('.group-language')].every((element) => element.textContent === 'typescript'),
  );
  assert.equal(await page.getAttribute('.chip:has-text("typescript")', 'aria-pressed'), 'true');
  await page.click('.chip:has-text("typescript")');
  await page.fill('.path-filter', '**/modern-tar/**');
  await page.waitForFunction(() =>
    [...document.querySelectorAll('.group-path')].every((element) => element.title.includes('modern-tar')),
  );
  await page.fill('.path-filter', 'nowhere/**');
  await page.click('.nothing button');
  await page.waitForSelector('.hit');
  assert.equal(await page.inputValue('.path-filter'), '');
  await context.close();
});

test('a shared address brings query, filters, file and lines', options, async () => {
  const { page, context } = await openPage(browser, server.url);
  await indexArchive(page, archive);
  await search(page, 'backoff delay');
  await page.click('.chip:has-text("python")');
  await page.click('.hit .snippet');
  await page.waitForSelector('.source .line.marked');
  const address = page.url();
  const second = await context.newPage();
  await second.goto(address);
  await second.waitForSelector('.source .line.marked');
  assert.equal(await second.inputValue('#query'), 'backoff delay');
  assert.equal(await second.getAttribute('.chip:has-text("python")', 'aria-pressed'), 'true');
  assert.equal(await second.getAttribute('.file-path', 'title'), 'tools/retry.py');
  assert.match(await second.textContent('.source'), /Retrying calls that fail/, 'the whole file is shown');
  await context.close();
});

test('skipped files are counted with their reason', options, async () => {
  const { page, context } = await openPage(browser, server.url);
  await indexArchive(page, archive);
  const summary = page.locator('.report summary', { hasText: 'skipped' });
  await summary.click();
  const report = await page.locator('.report').first().textContent();
  assert.match(report, /BINARY/);
  assert.match(report, /logo\.png/);
  await screenshot(page, 'overview-light');
  await context.close();
});

test('cancelling stops, keeps nothing, and says so', options, async () => {
  const { page, context, complaints } = await openPage(browser, server.url);
  await giveArchive(page, largeArchive());
  await page.waitForFunction(() => /[1-9]/.test(document.querySelector('.indexing .figures dd')?.textContent ?? ''), undefined, PATIENT);
  await screenshot(page, 'indexing-light');
  await page.click('#cancel');
  await page.waitForSelector('.note');
  assert.match(await page.textContent('.note'), /cancelled/);
  assert.equal(await page.locator('.project').count(), 0);
  assert.deepEqual(await page.evaluate(rowsLeft), []);
  assert.deepEqual(complaints, []);
  await context.close();
});

/** In the page: the databases and stores of indexes in which anything is left. */
async function rowsLeft() {
  const done = (request) => new Promise((resolve, reject) => ((request.onsuccess = () => resolve(request.result)), (request.onerror = () => reject(request.error))));
  const left = [];
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith('codequarry:')) continue;
    const database = await done(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const rows = await done(database.transaction(store).objectStore(store).count());
      if (rows > 0) left.push(`${name} ${store} ${rows}`);
    }
    database.close();
  }
  return left;
}

test('a project whose indexing was interrupted is listed as such, and can be deleted', options, async () => {
  const { page, context } = await openPage(browser, server.url);
  await giveArchive(page, largeArchive());
  await page.waitForFunction(() => /[1-9]/.test(document.querySelector('.indexing .figures dd')?.textContent ?? ''), undefined, PATIENT);
  await page.reload();
  await page.waitForSelector('.project.interrupted');
  assert.match(await page.textContent('.project-facts'), /interrupted/);
  await page.click('.project .icon-button');
  await page.click('.project .icon-button');
  await page.waitForFunction(() => document.querySelectorAll('.project').length === 0);
  await context.close();
});

test('a chosen folder is indexed without what its .gitignore names', options, async () => {
  const { page, context, complaints } = await openPage(browser, server.url);
  await page.waitForSelector('#choose-folder');
  await page.setInputFiles('#folder-input', ignoringFolder());
  await page.waitForSelector('#query', PATIENT);
  assert.equal(await page.textContent('#brand-name'), 'ignoring');
  await search(page, 'widget');
  assert.deepEqual(await paths(page), ['src/widget.ts']);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a dropped archive is indexed, and anything else dropped does not make the browser leave', options, async () => {
  const { page, context, complaints } = await openPage(browser, server.url);
  await page.waitForSelector('.drop');
  await drop(page, 'text/plain', 'only words');
  assert.ok(await page.isVisible('.drop'));
  await drop(page, 'small.tgz', readFileSync(archive).toString('base64'));
  await page.waitForSelector('#query', PATIENT);
  await search(page, 'backoff delay');
  assert.equal((await paths(page))[0], 'tools/retry.py');
  assert.deepEqual(complaints, []);
  await context.close();
});

/** Drops a file of this name, or words where the name is a type of text, on the page. */
function drop(page, name, content) {
  return page.evaluate(
    async ([name, content]) => {
      const transfer = new DataTransfer();
      if (name.includes('/')) transfer.items.add(content, name);
      else {
        const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
        transfer.items.add(new File([bytes], name));
      }
      for (const type of ['dragenter', 'dragover', 'drop']) {
        document.body.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
      }
    },
    [name, content],
  );
}

test('the list shows what is stored, opens it, and deletes it after a second click', options, async () => {
  const { page, context, complaints } = await openPage(browser, server.url);
  await indexArchive(page, archive);
  await page.click('#brand');
  await page.waitForSelector('.project');
  assert.match(await page.textContent('.project-facts'), /\d+ files, .* of code, index .*B/);
  await screenshot(page, 'start-light');
  await page.click('.project-link');
  await page.waitForSelector('#query', PATIENT);
  await page.click('#brand');
  await page.click('.project .icon-button');
  assert.equal(await page.locator('.project').count(), 1, 'one click only asks');
  await page.click('.project .icon-button');
  await page.waitForFunction(() => document.querySelectorAll('.project').length === 0);
  await page.reload();
  await page.waitForSelector('.drop');
  assert.equal(await page.locator('.project').count(), 0);
  assert.deepEqual(complaints, []);
  await context.close();
});
