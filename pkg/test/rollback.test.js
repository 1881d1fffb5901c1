/** Going back to the generation before the last change. */

import assert from 'node:assert/strict';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Codequarry, FolderStore, MemoryStore, PREVIOUS_KEY } from 'codequarry';
import { run, tempFolder, textFiles, writeFiles } from './helpers.js';

/** @param {import('codequarry').Quarry} quarry */
const pathsOf = async (quarry) => (await quarry.paths()).sort();

test('the last change is taken back, and that again', async () => {
  const quarry = await Codequarry.open({ workers: 1 });
  await assert.rejects(quarry.rollback(), { code: 'NO_PREVIOUS_GENERATION' });
  assert.deepEqual(await quarry.generations(), []);
  await quarry.add(textFiles({ 'a.ts': 'function alpha() {}', 'b.ts': 'function beta() {}' }));
  await assert.rejects(quarry.rollback(), { code: 'NO_PREVIOUS_GENERATION' }, 'there was nothing before');
  await quarry.remove('a.ts');
  assert.deepEqual((await quarry.generations()).map(({ generation, files }) => [generation, files]), [[2, 1], [1, 2]]);
  assert.equal(await quarry.rollback(), 3);
  assert.deepEqual(await pathsOf(quarry), ['a.ts', 'b.ts']);
  assert.equal((await quarry.search('alpha'))[0].path, 'a.ts');
  assert.deepEqual((await quarry.generations()).map(({ generation, files }) => [generation, files]), [[3, 2], [2, 1]]);
  assert.equal(await quarry.rollback(), 4);
  assert.deepEqual(await pathsOf(quarry), ['b.ts']);
  await quarry.close();
});

test('a change of many batches and its compaction is taken back as a whole, also after the index was closed', async (t) => {
  const folder = await tempFolder(t);
  const quarry = await Codequarry.open(folder, { workers: 1 });
  await quarry.add(textFiles({ 'kept.ts': 'function kept() {}' }));
  const before = quarry.generation;
  // A path that comes twice closes a batch.
  const many = Array.from({ length: 20 }, (_, turn) => ({ path: 'again.ts', text: `function version${turn}() {}` }));
  await quarry.add(many, { others: 'remove' });
  await quarry.compact();
  assert.ok(quarry.generation > before + 15);
  assert.deepEqual(await pathsOf(quarry), ['again.ts']);
  await quarry.close();

  const again = await Codequarry.open(folder, { workers: 1 });
  await again.rollback();
  assert.deepEqual(await pathsOf(again), ['kept.ts']);
  assert.equal((await again.search('kept'))[0].path, 'kept.ts');
  await again.close();
});

test('what cannot be gone back to is not, and nothing is changed', async () => {
  const store = new MemoryStore();
  const quarry = await Codequarry.open({ store, workers: 1 });
  await quarry.add(textFiles({ 'a.ts': 'let a;' }));
  await quarry.add(textFiles({ 'a.ts': 'let b;' }));
  const newest = await store.readManifest();
  const old = await store.get(PREVIOUS_KEY);
  assert.ok(newest && old);
  const names = (await store.list()).map(({ key }) => key).filter((key) => key.endsWith('.cqs'));
  assert.equal(names.length, 2);
  await quarry.compact();
  const [current] = (await quarry.generations()).map(({ generation }) => generation);
  const lost = names[0];
  const bytes = await store.get(lost);
  assert.ok(bytes);
  const damaged = bytes.slice();
  damaged[damaged.length >> 1] ^= 4;
  await store.put(lost, damaged);
  await assert.rejects(quarry.rollback(), { code: 'SNAPSHOT_CHECKSUM' });
  await store.delete(lost);
  await assert.rejects(quarry.rollback(), { code: 'SNAPSHOT_MISSING_SEGMENT' });
  await store.put(lost, bytes);
  await store.put(PREVIOUS_KEY, old.subarray(0, old.length - 1));
  await assert.rejects(quarry.rollback(), { code: /^SNAPSHOT_/ });
  assert.equal((await store.readManifest())?.generation, current);
  await quarry.close();
});

test('a newest manifest that cannot be read is gone back from', async (t) => {
  const folder = await tempFolder(t);
  const quarry = await Codequarry.open(folder, { workers: 1 });
  await quarry.add(textFiles({ 'a.ts': 'function alpha() {}' }));
  await quarry.add(textFiles({ 'b.ts': 'function beta() {}' }));
  await quarry.close();
  // Both names of the manifest are one file.
  const bytes = await readFile(join(folder, 'manifest.cqm'));
  bytes[bytes.length - 10] ^= 1;
  for (const name of ['manifest.cqm', 'manifest-2.cqm']) await writeFile(join(folder, name), bytes);
  const store = () => FolderStore.open(folder);
  await assert.rejects(Codequarry.open({ store: await store() }), (/** @type {{ code: string }} */ { code }) => /^SNAPSHOT_(CHECKSUM|CORRUPT)$/.test(code));
  const back = await Codequarry.open({ store: await store(), rollback: true });
  assert.deepEqual(await pathsOf(back), ['a.ts']);
  assert.equal(back.generation, 3);
  await assert.doesNotReject(back.add(textFiles({ 'c.ts': 'let c;' })));
  await back.close();
});

test('an import is taken back too', async () => {
  const other = await Codequarry.open({ workers: 1 });
  await other.add(textFiles({ 'x.ts': 'let x;', 'y.ts': 'let y;' }));
  const store = new MemoryStore();
  const quarry = await Codequarry.open({ store, workers: 1 });
  await quarry.add(textFiles({ 'a.ts': 'let a;' }));
  const imported = await Codequarry.import({ store, workers: 1 }, other.export());
  assert.deepEqual(await pathsOf(imported), ['x.ts', 'y.ts']);
  await imported.rollback();
  assert.deepEqual(await pathsOf(imported), ['a.ts']);
  await quarry.refresh();
  assert.deepEqual(await pathsOf(quarry), ['a.ts']);
  await imported.close();
  await other.close();
});

test('a snapshot that was discarded has nothing to go back to', async (t) => {
  const folder = await tempFolder(t);
  const quarry = await Codequarry.open(folder, { workers: 1 });
  await quarry.add(textFiles({ 'a.ts': 'let a;' }));
  await quarry.add(textFiles({ 'b.ts': 'let b;' }));
  await quarry.close();
  const fresh = await Codequarry.open(folder, { workers: 1, reset: true });
  assert.deepEqual(await readdir(folder), []);
  await fresh.add(textFiles({ 'c.ts': 'let c;' }));
  await assert.rejects(fresh.rollback(), { code: 'NO_PREVIOUS_GENERATION' });
  await fresh.close();
});

test('the command line lists generations and rolls back', async (t) => {
  const folder = await writeFiles(await tempFolder(t), { 'a.js': 'function alpha() {}\n' });
  const out = join(await tempFolder(t), 'snapshot');
  await run(['index', folder, '--out', out]);
  const nothing = await run(['rollback', out]);
  assert.equal(nothing.code, 2);
  assert.match(nothing.stderr, /^codequarry: NO_PREVIOUS_GENERATION: .+\nhint: /);
  await writeFiles(folder, { 'b.js': 'function beta() {}\n' });
  await run(['index', folder, '--out', out]);
  const list = JSON.parse((await run(['rollback', out, '--list', '--json'])).stdout);
  assert.deepEqual(list.generations.map((/** @type {{ files: number }} */ { files }) => files), [2, 1]);
  const back = await run(['rollback', out, '--json']);
  assert.equal(back.code, 0, back.stderr);
  assert.equal(JSON.parse(back.stdout).generation, list.generation + 1);
  assert.equal((await run(['search', out, 'beta'])).code, 1);
  assert.equal((await run(['search', out, 'alpha'])).code, 0);
});
