/** Storage that is really full and really denied, in a real browser: a code, the live index goes on, nothing that was acknowledged is lost. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { WORK, cannotRun, executablePath, launch, removeProfile } from './harness.mjs';
import { packagePage, packageTab } from './package-page.mjs';
import { serve } from './server.mjs';

const options = { skip: cannotRun, timeout: 120_000 };
const FOLDER = path.join(WORK, 'storage');
let server;

before(async () => {
  if (cannotRun) return;
  await packagePage(FOLDER);
  server = await serve(FOLDER);
});
after(() => server?.close());

for (const kind of ['IndexedDbStore', 'OpfsStore']) {
  test(`${kind}: a quota that is used up is told, what does not fit is searched, and written once there is room`, options, async (t) => {
    const browser = await launch();
    t.after(() => browser.close());
    const context = await browser.newContext();
    const page = await packageTab(context, server.url);
    const session = await context.newCDPSession(page);
    const origin = new URL(server.url).origin;
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 2_500_000 });
    const before = await page.evaluate(async (name) => {
      const { Codequarry, [name]: Kind } = globalThis.codequarry;
      const store = await Kind.open('full', { worker: globalThis.engine.worker });
      const told = new Set();
      const onEvent = (event) => event.type === 'unsaved' && told.add(event.code);
      const quarry = await Codequarry.open({ store, engine: globalThis.engine, workers: 1, embedder: false, persist: { retryMs: 5, retryLongestMs: 50, graceMs: 0 }, onEvent });
      // Text that does not get smaller.
      const text = (number) => {
        const bytes = crypto.getRandomValues(new Uint8Array(60_000));
        const lines = Array.from({ length: 1000 }, (_, line) => btoa(String.fromCharCode(...bytes.subarray(line * 60, line * 60 + 60))));
        return `export const marker${number} = 1;\n${lines.join('\n')}`;
      };
      const kept = [];
      let refused;
      for (let number = 0; refused === undefined && number < 60; number++) {
        const files = Array.from({ length: 4 }, (_, part) => ({ path: `f${number}-${part}.txt`, text: text(number * 4 + part) }));
        await quarry.add(files).then(
          () => kept.push(...files.map(({ path }) => path)),
          (error) => (refused = { code: error.code, path: files[0].path, found: number * 4 }),
        );
      }
      const found = (await quarry.search(`marker${refused?.found}`))[0]?.path;
      globalThis.open = { quarry, kept };
      return { refused, found, told: [...told], kept, waits: quarry.unsaved > 0 };
    }, kind);
    assert.equal(before.refused?.code, 'STORE_QUOTA');
    assert.deepEqual(before.told, ['STORE_QUOTA']);
    assert.ok(before.waits && before.kept.length > 0);
    assert.equal(before.found, before.refused.path, 'what does not fit is searched');
    const inAnother = () => async ([name]) => {
      const { Codequarry, [name]: Kind } = globalThis.codequarry;
      const store = await Kind.open('full', { worker: globalThis.engine.worker });
      const quarry = await Codequarry.open({ store, engine: globalThis.engine, workers: 1, embedder: false });
      const found = { paths: await quarry.paths(), sound: (await quarry.verify()).sound };
      await quarry.close();
      return found;
    };
    const other = await packageTab(context, server.url);
    const full = await other.evaluate(inAnother(), [kind]);
    assert.ok(full.sound);
    for (const file of before.kept) assert.ok(full.paths.includes(file), `${file} was acknowledged`);
    await session.send('Storage.overrideQuotaForOrigin', { origin });
    const unsaved = await page.evaluate(async () => {
      await globalThis.open.quarry.flush();
      return globalThis.open.quarry.unsaved;
    });
    assert.equal(unsaved, 0);
    const later = await other.evaluate(inAnother(), [kind]);
    assert.ok(later.sound && later.paths.includes(before.refused.path));
  });
}

test('storage that the user has blocked is STORE_DENIED, and the index can be kept in memory, with a warning', options, async (t) => {
  const profile = mkdtempSync(path.join(tmpdir(), 'codequarry-blocked-'));
  mkdirSync(path.join(profile, 'Default'));
  writeFileSync(path.join(profile, 'Default', 'Preferences'), JSON.stringify({ profile: { default_content_setting_values: { cookies: 2 } } }));
  const context = await chromium.launchPersistentContext(profile, { executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  t.after(async () => {
    await context.close();
    removeProfile(profile);
  });
  const page = await packageTab(context, server.url);
  const outcome = await page.evaluate(async () => {
    const { Codequarry, OpfsStore, openLocalStore } = globalThis.codequarry;
    const { engine } = globalThis;
    const code = (work) => work.then(() => 'opened', (error) => error.code);
    const refused = [await code(Codequarry.open('blocked', { engine })), await code(OpfsStore.open('blocked', { worker: engine.worker })), await code(openLocalStore('blocked', { worker: engine.worker }))];
    const events = [];
    const quarry = await Codequarry.open('blocked', { engine, workers: 1, embedder: false, whenDenied: 'memory', onEvent: (event) => events.push(event) });
    await quarry.add([{ path: 'a.ts', text: 'export function inMemory() {}' }]);
    return { refused, warned: events[0]?.code, found: (await quarry.search('inMemory'))[0]?.path };
  });
  assert.deepEqual(outcome, { refused: ['STORE_DENIED', 'STORE_DENIED', 'STORE_DENIED'], warned: 'STORE_DENIED', found: 'a.ts' });
});
