/** A grammar that traps, never comes back, or allocates without end, in Chromium's workers. FAULTS says how many of each come in a row; the default keeps the suite short. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT, WORK, cannotRun, launch, openPage } from './harness.mjs';
import { packagePage } from './package-page.mjs';
import { serve } from './server.mjs';

const FOLDER = path.join(WORK, 'faults');
const TIMES = Number(process.env.FAULTS ?? 3);
/** A sound builder is never silent for so long, even on a busy machine. */
const STALL_MS = Number(process.env.FAULTS_STALL_MS ?? 5_000);

/** In the page: a pool of one builder that knows the language, and what becomes of a batch with a faulty file in it. */
const FAULTS = `
  import { pack } from './pkg/dist/batch.js';
  import { GrammarShelf } from './pkg/dist/grammar-shelf.js';
  import { compileModule } from './pkg/dist/modules.js';
  import { browserPlatform } from './pkg/dist/platform/browser.js';
  import { BuilderPool } from './pkg/dist/pool.js';

  const at = (name) => new URL(name, location.href);
  globalThis.faults = async (text, times, stallMs) => {
    const pool = new BuilderPool({
      spawn: () => browserPlatform.spawn({ worker: at('worker.js') }),
      module: () => compileModule(browserPlatform, 'builder', { builder: at('builder-engine.wasm') }),
      grammars: new GrammarShelf(browserPlatform, at('grammars/')),
      size: 1,
      stallMs,
    });
    await pool.addLanguage({ id: 'faults', extensions: ['fault'], wasm: at('faults.wasm'), symbols: [{ node: 'pair', kind: 'key', name: ['unquoted', 'key'] }] });
    const outcomes = new Set();
    const files = { 'a.py': 'def first():\\n    pass\\n', 'b.fault': '{ "alpha": 1 }\\n', 'm.fault': text };
    for (let time = 0; time < times; time++) {
      const { segment, reports } = await pool.build(pack(Object.entries(files).map(([path, content]) => ({ path, bytes: new TextEncoder().encode(content) }))));
      outcomes.add(JSON.stringify([segment.name, reports.map(({ status, code, symbols }) => [status, code ?? null, symbols])]));
    }
    pool.close();
    return [...outcomes].map((outcome) => JSON.parse(outcome));
  };
`;

let browser;
let server;
let page;
before(async () => {
  if (cannotRun) return;
  await packagePage(FOLDER, { faults: FAULTS });
  execFileSync(process.execPath, ['grammars/build.mjs', '--only', 'json', '--prelude', 'tests/faults/faults.h', '--as', 'faults', '--out', FOLDER], { cwd: ROOT });
  server = await serve(FOLDER);
  browser = await launch();
  ({ page } = await openPage(browser, server.url));
  await page.waitForFunction(() => globalThis.faults !== undefined);
});
after(async () => {
  await browser?.close();
  await server?.close();
});

for (const [name, text, code] of [
  ['trap', '[1, !]\n', 'PARSE_TRAP'],
  ['loop', '[1, ~]\n', 'PARSE_DEADLINE'],
  ['memory', '[1, ^]\n', 'MEMORY_LIMIT'],
]) {
  test(`${name}: ${TIMES} in a row, each line windows and ${code}, and the others as ever`, { skip: cannotRun, timeout: 3_600_000 }, async () => {
    // A builder is given up soon only where that is what is waited for: a busy machine may be slow with the others.
    const stallMs = name === 'loop' ? STALL_MS : 60_000;
    const outcomes = await page.evaluate(([content, times, stallMs]) => globalThis.faults(content, times, stallMs), [text, TIMES, stallMs]);
    assert.deepEqual(
      outcomes.map(([, reports]) => reports),
      [[['indexed', null, 1], ['indexed', null, 1], ['fallback', code, 0]]],
    );
  });
}
