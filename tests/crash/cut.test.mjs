/** Every write of a session of 200 changes, cut before it, in it and after it, on every store that a crash can meet. */

import assert from 'node:assert/strict';
import { cpSync, existsSync, linkSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { Codequarry, FolderStore, MemoryStore } from '../../pkg/dist/node.js';
import { check, contentsOf, record } from './session.mjs';

const session = record();

/** What a folder may hold when a process dies in the middle of a write. Each returns what takes it away again. */
function tornStates(folder, write) {
  const temporary = path.join(folder, '.tmp-1-1-cut');
  const half = () => {
    writeFileSync(temporary, write.bytes.subarray(0, write.bytes.length >> 1));
    return () => rmSync(temporary);
  };
  if (write.kind === 'delete') return [];
  if (write.kind === 'put') return [half];
  const linked = path.join(folder, `manifest-${write.expected + 1}.cqm`);
  const claimed = () => {
    writeFileSync(temporary, write.bytes);
    linkSync(temporary, linked);
    return () => [temporary, linked].forEach((file) => rmSync(file));
  };
  return [half, claimed];
}

async function apply(store, write) {
  if (write.kind === 'put') await store.put(write.key, write.bytes.slice());
  else if (write.kind === 'delete') await store.delete(write.key);
  else await store.swapManifest(write.expected, write.bytes.slice());
}

async function verify(store, states, acknowledged, where) {
  const quarry = await Codequarry.open({ store, workers: 1 });
  check(await contentsOf(quarry), states, acknowledged, where);
  await quarry.close();
}

test('memory: cut before and after every write', { timeout: 300_000 }, async () => {
  const { log, states } = await session;
  assert.ok(log.length > 500, `${log.length} writes`);
  const store = new MemoryStore();
  for (const [index, write] of log.entries()) {
    await apply(store, write);
    const copy = Object.create(store, { readOnly: { value: true }, close: { value: async () => {} } });
    for (const name of ['get', 'getRange', 'list', 'readManifest']) copy[name] = store[name].bind(store);
    if ((await store.readManifest()) !== undefined) await verify(copy, states, log[index + 1]?.acknowledged ?? states.length - 1, `after write ${index}`);
  }
});

test('folder: cut before, in and after every write; a writer goes on from there', { timeout: 600_000 }, async (t) => {
  const { log, states } = await session;
  const folder = mkdtempSync(path.join(tmpdir(), 'codequarry-cut-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const store = await FolderStore.open(folder);
  let torn = 0;
  for (const [index, write] of log.entries()) {
    for (const tear of tornStates(folder, write)) {
      const mend = tear();
      torn += 1;
      if (index > 3) await verify(await FolderStore.open(folder, { access: 'read' }), states, write.acknowledged, `in write ${index}`);
      if (index > 3 && index % 40 < 2) await goesOn(folder, states, write.acknowledged);
      mend();
    }
    await apply(store, write);
    const manifest = existsSync(path.join(folder, 'manifest.cqm')) && readFileSync(path.join(folder, 'manifest.cqm'));
    const acknowledged = log[index + 1]?.acknowledged ?? states.length - 1;
    if (manifest) await verify(await FolderStore.open(folder, { access: 'read' }), states, acknowledged, `after write ${index}`);
  }
  assert.ok(torn > 500);
});

/** A writer that opens what the crash has left loses nothing of it. */
async function goesOn(folder, states, acknowledged) {
  const copy = mkdtempSync(path.join(tmpdir(), 'codequarry-cut-'));
  try {
    cpSync(folder, copy, { recursive: true });
    const quarry = await Codequarry.open(copy, { workers: 1 });
    await quarry.add([{ path: 'after.ts', text: 'export const after = 1;' }]);
    await quarry.close();
    const again = await Codequarry.open({ store: await FolderStore.open(copy, { access: 'read' }) });
    const found = await contentsOf(again);
    assert.ok(found.delete('after.ts'));
    check(found, states, acknowledged, 'after going on');
    await again.close();
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
