/** What every browser test needs: a headless Chromium, a page that notes what goes wrong in it, and screenshots. */

import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export const HERE = path.dirname(fileURLToPath(import.meta.url));
export const ROOT = path.join(HERE, '..', '..');
/** The page as it is shipped. */
export const SITE = path.join(ROOT, 'pkg', 'dist', 'site');
/** What one test file makes for itself. Test files run side by side, so each has a folder of its own, which goes when it ends. */
export const WORK = path.join(HERE, '.work', String(process.pid));
process.on('exit', () => rmSync(WORK, { recursive: true, force: true }));
const SCREENSHOTS = path.join(HERE, 'screenshots');

const CANDIDATES = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** The browser's program, or `undefined` where there is none. The environment variable `CHROMIUM` names another one. */
export const executablePath = CANDIDATES.find((candidate) => candidate !== undefined && existsSync(candidate));

/** Why these tests cannot run here; `false` when they can. For the `skip` option of `node:test`. */
export const cannotRun =
  executablePath === undefined
    ? 'no Chromium here: apt-get install chromium, or set CHROMIUM'
    : !existsSync(SITE) && 'no page here: make www';

/** Starts a browser. Close it with `browser.close()`. */
export function launch() {
  const quiet = [
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', ...quiet] });
}

/** Removes the folder of a profile after its browser was closed. */
export function removeProfile(profile) {
  try {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  } catch {
    // A process of the browser that is late writes to it still; it lies among the temporary files.
  }
}

/**
 * Opens a page of its own profile. `complaints` collects every console error and warning, uncaught error and violation of the
 * content security policy; a test that expects some takes them out.
 */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const complaints = watch(page);
  await page.goto(url);
  return { page, context, complaints };
}

/** Collects what a page complains about. */
export function watch(page) {
  const complaints = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return complaints;
}

/** Gives a file to the page's archive field and returns without waiting for the index. */
export async function giveArchive(page, file) {
  await page.waitForSelector('#choose-archive');
  await page.setInputFiles('#archive-input', file);
}

/** Indexes an archive and waits until its search is open. */
export async function indexArchive(page, file) {
  await giveArchive(page, file);
  await page.waitForSelector('#query', { timeout: 120_000 });
}

/** Asks a query, as if it was pasted, and waits for the settled answer. */
export async function search(page, query) {
  await page.fill('#query', query);
  await settled(page, query);
}

/** Waits until the address carries the query, which it does once typing has paused, and the answer to that query is shown. */
export async function settled(page, query) {
  await page.waitForFunction(
    (text) =>
      document.getElementById('query')?.value === text &&
      new URLSearchParams(location.hash.slice(1)).get('q') === text &&
      document.querySelector('.results-body[aria-busy=false]')?.querySelector('.hit, .nothing, .problem') != null,
    query,
  );
}

/** The paths of the listed hits' files, best first. */
export function paths(page) {
  return page.$$eval('.group-path', (elements) => elements.map((element) => element.title));
}

/** Keeps a picture of the page for people to look at. */
export async function screenshot(page, name) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`) });
}

/** How far the page sticks out of the window sideways, in CSS pixels. */
export function overflow(page) {
  return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth));
}
