/** How changes become durable: bursts, failures, lost answers, other writers, and what is never done to a store. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { Codequarry, CodequarryError, FolderStore, MemoryStore } from 'codequarry';
import { nodePlatform } from '../dist/platform/node.js';
import { release } from '../dist/bytes.js';
import { Index } from '../dist/searcher-engine.js';
import { LocalSearcher } from '../dist/searcher.js';
import { random, tempFolder, textFiles, withoutPermission } from './helpers.js';

/** A store in memory that counts, and fails when it is told. */
class Watched extends MemoryStore {
  puts = 0;
  swaps = 0;
  /** Called before, and with `true` after each write. @type {(after: boolean, kind: 'put' | 'swap') => void} */
  fault = () => {};

  /** @override @param {string} key @param {Uint8Array} bytes */
  async put(key, bytes) {
    this.puts += 1;
    this.fault(false, 'put');
    await super.put(key, bytes);
    this.fault(true, 'put');
  }

  /** @override @param {number} expected @param {Uint8Array} bytes */
  async swapManifest(expected, bytes) {
    this.swaps += 1;
    this.fault(false, 'swap');
    await super.swapManifest(expected, bytes);
    this.fault(true, 'swap');
  }
}

/**
 * @param {import('node:test').TestContext} t
 * @param {import('codequarry').OpenOptions} options
 */
async function openQuarry(t, options) {
  const quarry = await Codequarry.open({ workers: 1, ...options });
  t.after(() => quarry.close());
  return quarry;
}

/** @param {string} name @param {number} version */
function file(name, version) {
  return textFiles({ [`${name}.ts`]: `export const ${name} = ${version};` });
}

test('a burst of 600 changes is a handful of writes, and all of it is there', { timeout: 120_000 }, async (t) => {
  const store = new Watched();
  // However slow the machine is, no more than two writes begin in one `debounceMs`.
  const quarry = await openQuarry(t, { store, persist: { debounceMs: 500, longestMs: 3000 } });
  const started = performance.now();
  await Promise.all(Array.from({ length: 600 }, (_, index) => quarry.add(file(`f${index % 300}`, index))));
  const ms = performance.now() - started;
  assert.ok(store.swaps <= 4 + ms / 250, `${store.swaps} manifests in ${ms} ms`);
  assert.ok(store.puts < 600, `${store.puts} segments`);
  assert.equal(quarry.unsaved, 0);
  const again = await openQuarry(t, { store });
  assert.equal((await again.paths()).length, 300);
  for (let index = 0; index < 300; index += 37) assert.equal(await again.file(`f${index}.ts`), `export const f${index} = ${index + 300};`);
});

test('a small change writes its segment and a manifest, nothing else', async (t) => {
  const store = new Watched();
  const quarry = await openQuarry(t, { store });
  await quarry.add(Array.from({ length: 200 }, (_, index) => file(`f${index}`, 0)).flat());
  await quarry.idle();
  Object.assign(store, { puts: 0, swaps: 0 });
  const before = (await store.list()).length;
  await quarry.add(file('f7', 1));
  await quarry.idle();
  assert.deepEqual([store.puts, store.swaps, (await store.list()).length], [2, 1, before + 2], 'its segment, the manifest before it, the manifest');
});

test('an edit asks for no path but its own, and what the engine has taken is not kept a second time', async (t) => {
  const quarry = await openQuarry(t, {});
  await quarry.add(Array.from({ length: 300 }, (_, index) => file(`f${index}`, 0)).flat());
  const paths = t.mock.method(LocalSearcher.prototype, 'paths');
  const addSegment = t.mock.method(LocalSearcher.prototype, 'addSegment');
  const report = await quarry.add([...file('f7', 1), ...file('f8', 0), ...file('new', 0), { path: 'f9.ts', bytes: new Uint8Array(100) }]);
  assert.deepEqual([report.indexed, report.unchanged, report.removed, report.skipped], [2, 1, 1, 1]);
  assert.equal(await quarry.remove(['f10.ts', 'f10.ts', 'never.ts', 'f9.ts']), 1);
  assert.deepEqual(
    paths.mock.calls.map((call) => call.arguments[0]),
    [
      ['f7.ts', 'f8.ts', 'new.ts', 'f9.ts'],
      ['f10.ts', 'never.ts', 'f9.ts'],
    ],
  );
  assert.deepEqual(addSegment.mock.calls.map((call) => call.arguments[1].byteLength), [0]);
  paths.mock.restore();
  assert.equal((await quarry.paths()).length, 299);
  const [whole, half] = [new Uint8Array(64), new Uint8Array(64)];
  release(whole);
  release(half.subarray(0, 32));
  release(whole);
  assert.deepEqual([whole.byteLength, half.byteLength], [0, 64]);
});

test('a write whose answer is lost is recognised, not repeated over what came after', async (t) => {
  const store = new Watched();
  const quarry = await openQuarry(t, { store, persist: { retryMs: 1 } });
  await quarry.add(file('a', 1));
  const { generation } = quarry;
  /** @type {Set<string>} */
  const lost = new Set();
  store.fault = (after, kind) => {
    if (!after || lost.has(kind)) return;
    lost.add(kind);
    throw new CodequarryError('STORE_FAILED', 'the connection was lost');
  };
  await quarry.add(file('b', 1));
  assert.deepEqual([...lost], ['put', 'swap']);
  assert.deepEqual([quarry.unsaved, quarry.generation], [0, generation + 1]);
  const again = await openQuarry(t, { store });
  assert.deepEqual(await again.paths(), ['a.ts', 'b.ts']);
});

test('an index that was deleted under a writer is not written again by itself, and is searched all the same', async (t) => {
  const store = new Watched();
  const quarry = await openQuarry(t, { store });
  await quarry.add(file('alpha', 1));
  await store.clear();
  await assert.rejects(quarry.add(file('beta', 1)), { code: 'STALE_GENERATION', details: { found: 0 } });
  assert.equal(await store.readManifest(), undefined);
  assert.equal((await quarry.search('alpha'))[0]?.path, 'alpha.ts');
  assert.equal((await quarry.search('beta'))[0]?.path, 'beta.ts');
});

for (const code of ['STORE_QUOTA', 'STORE_DENIED', 'STORE_READ_ONLY', 'STORE_NOT_FOUND', 'STORE_FAILED', 'WORKER_DIED']) {
  for (const kind of ['put', 'swap']) {
    test(`a store that answers ${code} to each ${kind}: a code, an event, the index in memory, and all of it written when that has passed`, async (t) => {
      const store = new Watched();
      /** @type {Set<string>} */
      const told = new Set();
      const quarry = await openQuarry(t, { store, persist: { retryMs: 1, retryLongestMs: 5 }, onEvent: (event) => event.type === 'unsaved' && told.add(event.code) });
      await quarry.add([...file('alpha', 1), ...file('beta', 1)]);
      const before = (await store.readManifest())?.bytes;
      store.fault = (after, write) => {
        if (!after && write === kind) throw new CodequarryError(code, 'not now');
      };
      await assert.rejects(quarry.add(file('gamma', 1)), { code });
      await assert.rejects(quarry.remove('alpha.ts'), { code });
      await assert.rejects(quarry.flush(), { code });
      assert.deepEqual([...told], [code]);
      assert.ok(quarry.unsaved > 0);
      assert.deepEqual(await quarry.paths(), ['beta.ts', 'gamma.ts'], 'the live index goes on');
      assert.equal((await quarry.search('gamma'))[0]?.path, 'gamma.ts');
      assert.deepEqual((await store.readManifest())?.bytes, before, 'and the store is what it was');
      store.fault = () => {};
      await quarry.flush();
      assert.equal(quarry.unsaved, 0);
      assert.deepEqual(await (await openQuarry(t, { store })).paths(), ['beta.ts', 'gamma.ts']);
    });
  }
}

test('a snapshot is not replaced by one that lost files', async (t) => {
  const store = new Watched();
  const quarry = await openQuarry(t, { store });
  await quarry.add(['a', 'b', 'c'].flatMap((name) => file(name, 1)));
  const before = (await store.readManifest())?.bytes;
  const { commit } = Index.prototype;
  t.after(() => {
    Index.prototype.commit = commit;
  });
  Index.prototype.commit = function (change) {
    return commit.call(this, { ...change, remove: ['a.ts', 'b.ts'] });
  };
  await assert.rejects(quarry.add(file('d', 1)), { code: 'WOULD_SHRINK', details: { files: 3, removed: 0, next: 2 } });
  assert.deepEqual((await store.readManifest())?.bytes, before);
  Index.prototype.commit = commit;
  const again = await openQuarry(t, { store });
  assert.equal(await again.remove(['a.ts', 'b.ts', 'c.ts']), 3);
  assert.equal((await (await openQuarry(t, { store })).paths()).length, 0, 'what was removed on purpose may go');
});

test('writers that fail, lose answers and overtake each other lose nothing that was acknowledged', { timeout: 240_000 }, async (t) => {
  for (let seed = 1; seed <= 12; seed++) {
    const next = random(seed * 104_729);
    const below = (/** @type {number} */ bound) => Math.floor(next() * bound);
    const store = new Watched();
    let failing = true;
    store.fault = (after) => {
      if (failing && below(after ? 12 : 6) === 0) throw new CodequarryError('STORE_FAILED', after ? 'lost answer' : 'failed');
    };
    const persist = { retryMs: 1, retryLongestMs: 4, debounceMs: below(6), longestMs: 12 };
    const writers = [await openQuarry(t, { store, persist }), await openQuarry(t, { store, persist })];
    /** What became of each writer's files, in the order of its changes. @type {Map<string, { version: number | undefined, acknowledged: boolean }[]>[]} */
    const wanted = [new Map(), new Map()];
    /** @type {Promise<void>[]} */
    const pending = [];
    for (let operation = 0; operation < 40; operation++) {
      const at = below(2);
      const [quarry, model] = [writers[at], wanted[at]];
      const name = `w${at}f${below(5)}`;
      const version = below(4) === 0 ? undefined : operation;
      const change = version === undefined ? quarry.remove(`${name}.ts`) : quarry.add(file(name, version));
      const outcome = { version, acknowledged: false };
      model.set(name, [...(model.get(name) ?? [{ version: undefined, acknowledged: true }]), outcome]);
      pending.push(
        Promise.resolve(change).then(
          () => {
            outcome.acknowledged = true;
          },
          (error) => assert.equal(error.code, 'STORE_FAILED'),
        ),
      );
      if (below(3) === 0) await Promise.all(pending.splice(0));
      if (below(8) === 0) await quarry.refresh().catch(() => undefined);
    }
    await Promise.all(pending);
    failing = false;
    for (const quarry of writers) await quarry.idle();
    for (const quarry of writers) await quarry.flush();
    const again = await openQuarry(t, { store });
    for (const [at, model] of wanted.entries()) {
      for (const [name, outcomes] of model) {
        // The last one that was acknowledged, or any after it.
        const versions = new Set(outcomes.slice(outcomes.findLastIndex(({ acknowledged }) => acknowledged)).map(({ version }) => version));
        const text = await again.file(`${name}.ts`);
        const found = text === undefined ? undefined : Number(/= (\d+);/.exec(text)?.[1]);
        assert.ok(versions.has(found), `seed ${seed}, writer ${at}: ${name} is ${found}, not one of ${[...versions]}`);
      }
    }
    for (const quarry of writers) await quarry.refresh();
    assert.deepEqual(await writers[0].paths(), await again.paths());
    assert.deepEqual(await writers[1].paths(), await again.paths());
  }
});

test('two processes add to one folder at the same time, and nothing of either is lost', { timeout: 600_000 }, async (t) => {
  const folder = await tempFolder(t);
  const script = join(import.meta.dirname, 'adder.js');
  const run = (/** @type {string} */ id) =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [script, folder, id, '12'], { stdio: 'inherit' });
      child.on('error', reject);
      child.on('close', (code) => (code === 0 ? resolve(undefined) : reject(new Error(`adder ${id} ended with ${code}`))));
    });
  await Promise.all([run('one'), run('two')]);
  const quarry = await openQuarry(t, { store: await FolderStore.open(folder) });
  const wanted = ['one', 'two'].flatMap((id) => Array.from({ length: 12 }, (_, turn) => `${id}/f${turn}.ts`));
  assert.deepEqual(await quarry.paths(), [...wanted, 'shared.ts'].sort());
  assert.ok((await quarry.verify()).sound);
});

test('a folder that may not be written any more: a code, an event, the live index goes on, and it is written when it may', { skip: !process.getuid }, async (t) => {
  const folder = join(await tempFolder(t), 'index');
  /** @type {Set<string>} */
  const told = new Set();
  const store = await FolderStore.open(folder);
  const quarry = await openQuarry(t, { store, persist: { retryMs: 1, retryLongestMs: 20 }, onEvent: (event) => event.type === 'unsaved' && told.add(event.code) });
  await quarry.add(file('alpha', 1));
  await withoutPermission(folder, async () => {
    await assert.rejects(quarry.add(file('beta', 1)), { code: 'STORE_DENIED' });
    assert.equal((await quarry.search('beta'))[0]?.path, 'beta.ts');
    const reader = await Codequarry.open({ store: await FolderStore.open(folder, { access: 'read' }), workers: 1 });
    assert.deepEqual(await reader.paths(), ['alpha.ts'], 'what is there can be read');
    await assert.rejects(reader.add(file('gamma', 1)), { code: 'STORE_READ_ONLY' });
    await reader.close();
  });
  assert.deepEqual([...told], ['STORE_DENIED']);
  await quarry.flush();
  assert.equal(quarry.unsaved, 0);
  assert.deepEqual(await (await openQuarry(t, { store })).paths(), ['alpha.ts', 'beta.ts']);
});

test('where a store cannot be made the index can be kept in memory, with a warning', async (t) => {
  const { openStore } = nodePlatform;
  t.after(() => {
    nodePlatform.openStore = openStore;
  });
  for (const code of ['STORE_DENIED', 'STORE_READ_ONLY', 'STORE_QUOTA']) {
    nodePlatform.openStore = async () => {
      throw new CodequarryError(code, 'not here');
    };
    /** @type {string[]} */
    const warned = [];
    await assert.rejects(Codequarry.open('refused'), { code });
    const quarry = await Codequarry.open('refused', { workers: 1, whenDenied: 'memory', onEvent: (event) => event.type === 'warning' && warned.push(event.code) });
    await quarry.add(file('alpha', 1));
    assert.equal((await quarry.search('alpha'))[0]?.path, 'alpha.ts');
    assert.deepEqual(warned, [code]);
    await quarry.close();
  }
});
