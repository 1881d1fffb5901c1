/** A snapshot beside the page: the static site that `codequarry site` makes, on any path of any host. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { serveRanges } from '../../pkg/test/range-server.js';
import { ignoringFolder, librariesArchive } from './fixtures.mjs';
import { ROOT, SITE, WORK, cannotRun, launch, openPage, overflow, paths, screenshot, search } from './harness.mjs';
import { serve } from './server.mjs';

const options = { skip: cannotRun, timeout: 180_000 };
const OUT = path.join(WORK, 'site');
const PREFIX = '/docs/v1/code/';
let browser;

/** Runs the command line; resolves with what it printed and its exit code. */
function codequarry(...args) {
  return new Promise((resolve) => {
    execFile(process.execPath, [path.join(ROOT, 'pkg', 'bin', 'codequarry.js'), ...args], (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

before(async () => {
  if (cannotRun) return;
  rmSync(OUT, { recursive: true, force: true });
  const made = await codequarry('site', librariesArchive(), '--out', OUT, '--title', 'Four libraries');
  assert.equal(made.code, 0, made.stderr);
  browser = await launch();
});
after(() => browser?.close());

test('the site is complete, small, and says how to serve it', options, async () => {
  const again = await codequarry('site', librariesArchive(), '--out', OUT, '--title', 'Four libraries');
  assert.equal(again.code, 0, 'its own folder may be made anew');
  assert.match(again.stdout, /serve/);
  assert.deepEqual(
    readdirSync(OUT)
      .map((name) => name.replace(/-.*/, '-…'))
      .sort(),
    ['app-…', 'index.html', 'snapshot'],
  );
  const files = readdirSync(OUT, { recursive: true });
  assert.ok(!files.some((name) => name.includes('grammars')), 'a searcher needs no grammar');
  assert.equal(JSON.parse(readFileSync(path.join(OUT, 'snapshot', 'site.json'), 'utf8')).title, 'Four libraries');
});

test('in part files it answers from a server without ranges, and made anew as whole files nothing of them stays', { timeout: 180_000 }, async () => {
  const out = path.join(WORK, 'parted');
  rmSync(out, { recursive: true, force: true });
  const whole = await codequarry('site', librariesArchive(), '--out', out, '--parts', '4');
  assert.equal(whole.code, 0, whole.stderr);
  const snapshot = path.join(out, 'snapshot');
  assert.ok(readdirSync(snapshot).filter((name) => /\.cqs\.4096\.part\d+$/.test(name)).length > 10, readdirSync(snapshot).join(' '));
  const { Codequarry } = await import(pathToFileURL(path.join(ROOT, 'pkg', 'dist', 'node.js')).href);
  const ask = async (ranges) => {
    const server = await serveRanges(snapshot, { ranges });
    const quarry = await Codequarry.open(server.url, { partial: true, embedder: false });
    const hits = await quarry.search('request');
    await quarry.close();
    await server.close();
    return hits;
  };
  const hits = await ask('none');
  assert.ok(hits.length > 0);
  assert.equal((await codequarry('site', librariesArchive(), '--out', out)).code, 0);
  assert.deepEqual(readdirSync(snapshot).filter((name) => name.includes('.part')), []);
  assert.deepEqual(await ask('several'), hits);
});

test('its document carries title and description, as text', options, async () => {
  const out = path.join(WORK, 'titled');
  rmSync(out, { recursive: true, force: true });
  const snapshot = path.join(WORK, 'snapshot');
  rmSync(snapshot, { recursive: true, force: true });
  assert.equal((await codequarry('index', librariesArchive(), '--out', snapshot)).code, 0);
  const made = await codequarry('site', snapshot, '--out', out, '--title', 'A & <b>', '--description', '"quoted" & $1', '--json');
  assert.equal(made.code, 0, made.stderr);
  const { files, snapshotBytes, siteBytes } = JSON.parse(made.stdout);
  assert.ok(files > 10 && snapshotBytes > 0 && siteBytes > snapshotBytes);
  const server = await serve(out);
  const { page, context } = await openPage(browser, server.url);
  await page.waitForSelector('#query');
  assert.equal(await page.textContent('.overview h1'), 'A & <b>');
  assert.equal(await page.getAttribute('meta[name=description]', 'content'), '"quoted" & $1');
  assert.equal(await page.textContent('.overview .lead'), '"quoted" & $1');
  await context.close();
  await server.close();
});

test('made anew of something else, it keeps nothing of the former', options, async () => {
  const out = path.join(WORK, 'anew');
  rmSync(out, { recursive: true, force: true });
  const segments = () => readdirSync(path.join(out, 'snapshot')).filter((name) => name.endsWith('.cqs'));
  await codequarry('site', librariesArchive(), '--out', out);
  const former = segments();
  mkdirSync(path.join(out, 'app-0123abcd'));
  const made = await codequarry('site', ignoringFolder(), '--out', out);
  assert.equal(made.code, 0, made.stderr);
  assert.equal(segments().length, 1);
  assert.ok(!former.includes(segments()[0]));
  assert.equal(readdirSync(out).filter((name) => name.startsWith('app-')).length, 1);
  assert.ok(!readdirSync(out).some((name) => name.startsWith('.')), 'no work in progress is left');
});

test('without anything to index there is no site', options, async () => {
  const empty = path.join(WORK, 'empty');
  rmSync(empty, { recursive: true, force: true });
  mkdirSync(empty, { recursive: true });
  const out = path.join(WORK, 'of-nothing');
  rmSync(out, { recursive: true, force: true });
  assert.equal((await codequarry('site', empty, '--out', out)).code, 1);
  assert.equal(existsSync(path.join(out, 'index.html')), false);
  assert.equal((await codequarry('site', path.join(WORK, 'missing'), '--out', out)).code, 2);
  assert.equal((await codequarry('site', empty)).code, 2);
});

test('a folder of somebody else is not overwritten', options, async () => {
  const foreign = path.join(WORK, 'foreign');
  rmSync(foreign, { recursive: true, force: true });
  mkdirSync(foreign, { recursive: true });
  writeFileSync(path.join(foreign, 'thesis.txt'), 'ten years of work');
  const refused = await codequarry('site', librariesArchive(), '--out', foreign);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /SITE_FOREIGN/);
  assert.deepEqual(readdirSync(foreign), ['thesis.txt']);
  const forced = await codequarry('site', librariesArchive(), '--out', foreign, '--force');
  assert.equal(forced.code, 0, forced.stderr);
  assert.ok(existsSync(path.join(foreign, 'thesis.txt')), 'not even then is a foreign file removed');
});

test('it opens from a sub-path over HTTP, with its title, and finds', options, async () => {
  const server = await serve(OUT, { prefix: PREFIX });
  const { page, context, complaints } = await openPage(browser, server.url);
  await page.waitForSelector('#query');
  assert.equal(await page.textContent('#brand-name'), 'Four libraries');
  assert.equal(await page.locator('.drop').count(), 0);
  await search(page, 'backoff delay');
  assert.equal((await paths(page))[0], 'tools/retry.py');
  await page.click('.hit .snippet');
  await page.waitForSelector('.source .line.marked');
  const address = page.url();
  await page.goto('about:blank');
  await page.goto(address);
  await page.waitForSelector('.source .line.marked');
  await screenshot(page, 'site-light');
  assert.ok(
    server.requests.every((asked) => asked.startsWith(PREFIX)),
    server.requests.join(' '),
  );
  assert.deepEqual(complaints, []);
  await context.close();
  await server.close();
});

test('on a narrow screen, too', options, async () => {
  const server = await serve(OUT, { prefix: PREFIX });
  const { page, context } = await openPage(browser, server.url, {
    viewport: { width: 360, height: 740 },
    colorScheme: 'dark',
    isMobile: true,
  });
  await page.waitForSelector('#query');
  await search(page, 'inflate');
  assert.equal(await overflow(page), 0);
  await screenshot(page, 'site-narrow-dark');
  await context.close();
  await server.close();
});

for (const [what, fault, code] of [
  ['a segment that is missing', (asked) => (asked.endsWith('.cqs') ? 404 : undefined), /^SNAPSHOT_MISSING_SEGMENT$/],
  ['a server that fails', (asked) => (asked.endsWith('.cqs') ? 500 : undefined), /^HTTP_STATUS$/],
  ['a manifest that is missing', (asked) => (asked.endsWith('.cqm') ? 404 : undefined), /^(STORE|SNAPSHOT)_NOT_FOUND$/],
  [
    'a manifest that is no manifest',
    (asked) => (asked.endsWith('.cqm') ? { bytes: Buffer.from('<!doctype html><title>Not found</title>') } : undefined),
    /^(MANIFEST|SNAPSHOT|FORMAT)_/,
  ],
  [
    'a segment that was cut',
    (asked) => (asked.endsWith('.cqs') ? { bytes: Buffer.alloc(5_000, 7) } : undefined),
    /^(SNAPSHOT|SEGMENT|FORMAT)_/,
  ],
]) {
  test(`${what} is an error with a code, and the next try works`, options, async () => {
    let broken = true;
    const server = await serve(OUT, { prefix: PREFIX, fault: (asked) => (broken ? fault(asked) : undefined) });
    const { page, context } = await openPage(browser, server.url);
    await page.waitForSelector('.problem');
    assert.match(await page.textContent('.problem-code code'), code);
    assert.match(await page.textContent('.problem h2'), /Four libraries could not be opened/);
    broken = false;
    await page.click('text=Try again');
    await page.waitForSelector('#query');
    await context.close();
    await server.close();
  });
}

test('without a network it says so', options, async () => {
  const server = await serve(OUT, { prefix: PREFIX });
  const { page, context } = await openPage(browser, `${server.url}`);
  await page.waitForSelector('#query');
  await page.route('**/*.cq*', (route) => route.abort('internetdisconnected'));
  await page.reload();
  await page.waitForSelector('.problem');
  assert.equal(await page.textContent('.problem-code code'), 'STORE_FAILED');
  await screenshot(page, 'site-offline');
  await context.close();
  await server.close();
});

test('a snapshot put beside the page by hand is opened, too', options, async () => {
  const plain = path.join(WORK, 'by-hand');
  rmSync(plain, { recursive: true, force: true });
  cpSync(SITE, plain, { recursive: true });
  rmSync(path.join(plain, 'snapshot'), { recursive: true });
  cpSync(path.join(OUT, 'snapshot'), path.join(plain, 'snapshot'), { recursive: true });
  rmSync(path.join(plain, 'snapshot', 'site.json'));
  const server = await serve(plain);
  const { page, context } = await openPage(browser, server.url);
  await page.waitForSelector('#query');
  assert.equal(await page.textContent('#brand-name'), 'Code search');
  await context.close();
  await server.close();
});
