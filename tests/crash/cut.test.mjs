/** Every write of a session of 200 changes, cut before it, in it and after it, on every store that a crash can meet. */

import assert from 'node:assert/strict';
import { cpSync, existsSync, linkSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { Codequarry, FolderStore, MemoryStore } from '../../pkg/dist/node.js';
import { TwoSlotFile } from '../../pkg/dist/stores/two-slot-file.js';
import { check, contentsOf, random, record } from './session.mjs';

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

/** A file on a disk that forgets: what was not flushed may be there, or not, or in part, whatever came after it. */
class Disk {
  durable = new Uint8Array();
  pending = [];
  /** Operations until the power goes. */
  left = Number.POSITIVE_INFINITY;

  copy() {
    const disk = new Disk();
    disk.durable = this.durable.slice();
    return disk;
  }

  #count() {
    if (this.left-- <= 0) throw new Error('power');
  }

  get bytes() {
    return this.pending.reduce(written, this.durable);
  }

  getSize() {
    return this.bytes.length;
  }

  read(bytes, { at }) {
    const part = this.bytes.subarray(at, at + bytes.length);
    bytes.set(part);
    return part.length;
  }

  write(bytes, { at }) {
    this.pending.push({ bytes: bytes.slice(), at });
    this.#count();
    return bytes.length;
  }

  truncate(size) {
    this.durable = this.bytes.slice(0, size);
    this.pending = [];
  }

  flush() {
    this.#count();
    this.durable = this.bytes;
    this.pending = [];
  }

  /** What is left on the disk after the power went. */
  remains(below) {
    const disk = new Disk();
    const kept = this.pending.filter(() => below(2) === 0).map(({ bytes, at }) => ({ bytes: below(3) === 0 ? bytes.subarray(0, below(bytes.length)) : bytes, at }));
    disk.durable = kept.reduce(written, this.durable);
    return disk;
  }
}

function written(content, { bytes, at }) {
  const grown = new Uint8Array(Math.max(content.length, at + bytes.length));
  grown.set(content);
  grown.set(bytes, at);
  return grown;
}

/** All that a file holds, to be compared. */
function holdings(file) {
  const blobs = file.list().map(({ key }) => [key, Buffer.from(file.get(key)).toString('hex')]);
  return JSON.stringify([blobs.sort(), file.readManifest()?.generation, Buffer.from(file.readManifest()?.bytes ?? []).toString('hex')]);
}

function applyToFile(file, write) {
  if (write.kind === 'put') file.put(write.key, write.bytes);
  else if (write.kind === 'delete') file.delete(write.key);
  else file.swapManifest(write.expected, write.bytes);
}

test('one file with two slots: the power goes before, in and after every write to the disk', { timeout: 300_000 }, async () => {
  const { log } = await session;
  const below = random(17);
  let disk = new Disk();
  let cuts = 0;
  for (const [index, write] of log.slice(0, 400).entries()) {
    const before = holdings(new TwoSlotFile(disk.copy(), 'file'));
    const whole = disk.copy();
    applyToFile(new TwoSlotFile(whole, 'file'), write);
    const after = holdings(new TwoSlotFile(whole.copy(), 'file'));
    for (let operations = 0; ; operations++) {
      const cut = disk.copy();
      cut.left = operations;
      try {
        applyToFile(new TwoSlotFile(cut, 'file'), write);
        break;
      } catch (error) {
        assert.equal(error.message, 'power');
      }
      for (let turn = 0; turn < 3; turn++) {
        const found = holdings(new TwoSlotFile(cut.remains(below), 'file'));
        assert.ok(found === before || found === after, `write ${index}, operation ${operations}`);
        cuts += 1;
      }
    }
    disk = whole;
  }
  assert.ok(cuts > 3000, `${cuts} cuts`);
  assert.ok(disk.getSize() < 400_000, `${disk.getSize()} bytes: room is used again`);
});
