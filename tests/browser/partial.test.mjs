/** A static site whose snapshot is opened in parts, in a real browser and over a real server that counts what it sends. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Codequarry, FolderStore } from '../../pkg/dist/node.js';
import { serveRanges } from '../../pkg/test/range-server.js';
import { ROOT, WORK, cannotRun, launch, openPage, paths, search } from './harness.mjs';

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
