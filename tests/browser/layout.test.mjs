/** How the page looks: no sideways scrolling on a small screen, enough contrast in both colour schemes, nothing that jumps. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { librariesArchive } from './fixtures.mjs';
import { SITE, cannotRun, indexArchive, launch, openPage, overflow, screenshot, search, settled } from './harness.mjs';
import { serve } from './server.mjs';

const options = { skip: cannotRun, timeout: 180_000 };
const NARROW = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };
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

test('360 pixels are enough for every screen', options, async () => {
  const { page, context, complaints } = await openPage(browser, server.url, NARROW);
  await page.waitForSelector('.drop');
  assert.equal(await overflow(page), 0, 'the first screen');
  await screenshot(page, 'start-narrow');
  await indexArchive(page, archive);
  assert.equal(await overflow(page), 0, 'the overview');
  await screenshot(page, 'overview-narrow');
  await search(page, 'decompress stream chunk');
  assert.equal(await overflow(page), 0, 'the results');
  await screenshot(page, 'search-narrow');
  await page.tap('.hit .snippet');
  await page.waitForSelector('.source .line.marked');
  assert.equal(await overflow(page), 0, 'the file');
  assert.equal(
    await page.evaluate(() => document.querySelector('.file').getBoundingClientRect().width),
    360,
    'the file has the whole width',
  );
  await screenshot(page, 'file-narrow');
  await page.click('.file [aria-label="Close file"]');
  await page.goto(`${server.url}#project=a-very-long-name-that-nobody-would-choose-for-a-project-but-somebody-will`);
  await page.waitForSelector('.problem');
  assert.equal(await overflow(page), 0, 'an error');
  assert.deepEqual(complaints, []);
  await context.close();
});

for (const colorScheme of ['light', 'dark']) {
  test(`text holds 4.5 : 1 against its background, ${colorScheme}`, options, async () => {
    const { page, context } = await openPage(browser, server.url, { colorScheme, viewport: { width: 1440, height: 900 } });
    await page.waitForSelector('.drop');
    assert.deepEqual(await lowContrast(page), [], 'the first screen');
    await indexArchive(page, archive);
    await page.click('.report summary');
    assert.deepEqual(await lowContrast(page), [], 'the overview');
    await search(page, 'decompress stream chunk');
    await page.click('.chip');
    await page.waitForTimeout(200);
    assert.deepEqual(await lowContrast(page), [], 'the results');
    await screenshot(page, `search-${colorScheme}-wide`);
    await page.click('.hit .snippet');
    await page.waitForSelector('.source .line.marked');
    assert.deepEqual(await lowContrast(page), [], 'the file');
    await screenshot(page, `file-${colorScheme}-wide`);
    await context.close();
  });
}

/** Every visible piece of text whose contrast with what it stands on is below WCAG AA. */
function lowContrast(page) {
  return page.evaluate(() => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    const rgba = (color) => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data].map((value, index) => (index === 3 ? value / 255 : value));
    };
    const over = ([r, g, b, a], below) => [r, g, b].map((value, index) => value * a + below[index] * (1 - a));
    const luminance = (color) =>
      color.reduce((sum, value, index) => {
        const share = value / 255;
        return sum + [0.2126, 0.7152, 0.0722][index] * (share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4);
      }, 0);
    const backgroundOf = (element) => {
      const chain = [];
      for (let at = element; at; at = at.parentElement) chain.unshift(rgba(getComputedStyle(at).backgroundColor));
      return chain.reduce((below, color) => over(color, below), [255, 255, 255]);
    };
    const found = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (!node.data.trim() || !element.checkVisibility() || element.closest('.visually-hidden, noscript')) continue;
      const background = backgroundOf(element);
      const [light, dark] = [luminance(over(rgba(getComputedStyle(element).color), background)), luminance(background)].sort(
        (a, b) => b - a,
      );
      const ratio = (light + 0.05) / (dark + 0.05);
      if (ratio < 4.5) found.add(`${element.className || element.tagName}: ${ratio.toFixed(2)}`);
    }
    return [...found];
  });
}

test('typing does not shift what is already there', options, async () => {
  const { page, context } = await openPage(browser, server.url);
  await indexArchive(page, archive);
  await page.evaluate(() => {
    globalThis.shift = 0;
    // A new answer moves things, as soon as it comes and however late that is; after half a second nothing moves any more.
    const answers = [];
    new MutationObserver(() => answers.push(performance.now())).observe(document.querySelector('.results'), { childList: true, subtree: true, characterData: true });
    const isExpected = ({ startTime }) => answers.some((time) => time <= startTime + 1 && startTime < time + 500);
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput && !isExpected(entry)) globalThis.shift += entry.value;
    }).observe({ type: 'layout-shift', buffered: false });
  });
  for (const query of ['stream', 'decompress', 'backoff delay']) {
    await page.focus('#query');
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type(query);
    await settled(page, query);
    await page.waitForTimeout(700);
  }
  assert.ok((await page.evaluate(() => globalThis.shift)) < 0.02, `shift ${await page.evaluate(() => globalThis.shift)}`);
  await context.close();
});

test('a long list grows as it is scrolled, and a long file is painted where one looks', options, async () => {
  const { page, context, complaints } = await openPage(browser, server.url);
  await indexArchive(page, archive);
  await search(page, 'function');
  const first = await page.locator('.hit').count();
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
  await page.waitForFunction((count) => document.querySelectorAll('.hit').length > count, first);
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.fill('.path-filter', '**/fflate/esm/index.mjs');
  // All hits of the file come into one group, page after page.
  await page.waitForFunction(() => {
    const [group, ...others] = document.querySelectorAll('.group');
    return others.length === 0 && group.querySelectorAll('.hit').length === Number.parseInt(document.querySelector('.status').textContent.replaceAll(',', ''), 10);
  });
  const [hits, shown] = await page.evaluate(() => ['.hit', '.hit:not([hidden])'].map((which) => document.querySelectorAll(which).length));
  assert.ok(hits > 40, `${hits} hits are more than a page`);
  assert.equal(shown, 3);
  assert.match(await page.textContent('.group-more'), new RegExp(`^${hits - 3} more places`));
  await page.click('.hit .snippet');
  await page.waitForSelector('.source .line');
  const painted = await page.locator('.source .line').count();
  assert.ok(painted < 800, `${painted} lines painted`);
  await page.evaluate(() => (document.querySelector('.file-body').scrollTop = 1e9));
  await page.waitForFunction(() => document.querySelector('.source .block:last-child .line') !== null);
  assert.deepEqual(complaints, []);
  await context.close();
});
