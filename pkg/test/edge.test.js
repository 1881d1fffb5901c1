/** The store of a Durable Object and its copy in a KV that is late, forgetful, slow and full of refusals, under a clock of the test's own. */

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Codequarry } from 'codequarry';
import { Replica } from '../dist/edge/replica.js';
import { manifestInfo } from '../dist/searcher-engine.js';
import { EDGE_BACKOFF_MS, EDGE_GAP_MS, EDGE_GRACE_MS, KV_STALE_MS } from '../dist/limits.js';
import { EdgeStore } from '../dist/stores/edge.js';
import { KvStore } from '../dist/stores/kv.js';
import { deleteValue, getValue, putValue, r2Values } from '../dist/stores/kv-values.js';
import { random, textFiles } from './helpers.js';
import { manifestOf, storeCases } from '../dist/stores/conformance.js';

/** Starts the engine, which the tests ask what manifests name. */
before(async () => (await Codequarry.open({})).close());

const segmentsOf = async (/** @type {Uint8Array} */ manifest) => manifestInfo(manifest).segments.map(({ name }) => name);

/** The storage of a Durable Object: rows of 2 MB at most, 128 a call, transactions one at a time. */
class MemoryStorage {
  /** @type {Map<string, unknown>} */
  rows = new Map();
  /** @type {Promise<unknown>} */
  #turn = Promise.resolve();

  /** @param {string | string[]} key @returns {Promise<any>} */
  async get(key) {
    if (Array.isArray(key)) return new Map(key.filter((name) => this.rows.has(name)).map((name) => [name, structuredClone(this.rows.get(name))]));
    return structuredClone(this.rows.get(key));
  }

  /** @param {Record<string, unknown>} entries */
  async put(entries) {
    assert.ok(Object.keys(entries).length <= 128);
    for (const [key, value] of Object.entries(entries)) {
      if (value instanceof Uint8Array) assert.ok(value.byteLength <= 2_000_000);
      this.rows.set(key, structuredClone(value));
    }
  }

  /** @param {string[]} keys */
  async delete(keys) {
    assert.ok(keys.length <= 128);
    return keys.filter((key) => this.rows.delete(key)).length;
  }

  /** @param {{ prefix: string }} options @returns {Promise<any>} */
  async list({ prefix }) {
    return new Map([...this.rows].filter(([key]) => key.startsWith(prefix)));
  }

  /** @template T @param {(transaction: any) => Promise<T>} work @returns {Promise<T>} */
  transaction(work) {
    const turn = this.#turn.then(() => work(this));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

/** Workers KV as it is documented: one write a second and key, shown elsewhere up to a minute later, misses remembered as long as hits. */
class EventualKv {
  now = 0;
  refused = 0;
  writes = 0;
  /** @type {Map<string, { value: Uint8Array | undefined, at: number, shownAt: number[] }[]>} */
  #history = new Map();
  /** @type {Map<string, { value: Uint8Array | undefined, until: number }>[]} */
  #caches;
  #random;

  /** @param {number} locations @param {number} seed */
  constructor(locations, seed) {
    this.#random = random(seed);
    this.#caches = Array.from({ length: locations }, () => new Map());
  }

  /** @param {string} key @param {Uint8Array | undefined} value */
  #write(key, value) {
    const history = this.#history.get(key) ?? [];
    const last = history.at(-1);
    if (last && this.now - last.at < 1000) {
      this.refused += 1;
      throw new Error('KV PUT failed: 429 Too Many Requests');
    }
    if (this.#random() < 0.1) throw new Error('KV PUT failed: 500');
    this.writes += 1;
    // Where it is written it is seen at once, elsewhere later.
    history.push({ value: value?.slice(), at: this.now, shownAt: this.#caches.map((_, location) => (location === 0 ? this.now : this.now + this.#random() * 60_000)) });
    this.#history.set(key, history);
    this.#caches[0].delete(key);
  }

  /** What a Worker at a location has. @param {number} location */
  at(location) {
    return {
      get: async (/** @type {string} */ key) => {
        const cache = this.#caches[location];
        const known = cache.get(key);
        if (known && this.now < known.until) return known.value ? known.value.slice().buffer : null;
        const value = (this.#history.get(key) ?? []).findLast(({ shownAt }) => shownAt[location] <= this.now)?.value;
        cache.set(key, { value, until: this.now + (location === 0 ? 0 : 60_000 * this.#random()) });
        return value ? value.slice().buffer : null;
      },
      put: async (/** @type {string} */ key, /** @type {Uint8Array} */ value) => this.#write(key, value),
      delete: async (/** @type {string} */ key) => this.#write(key, undefined),
      list: async () => ({ keys: [], list_complete: true }),
    };
  }
}

/** An owner with its copy, under a clock. @param {EventualKv} kv */
function ownerOf(kv) {
  const storage = new MemoryStorage();
  const values = kv.at(0);
  const store = new EdgeStore(storage, { get: (key) => getValue(values, `x/${key}`) }, { sleep: async () => {} });
  const replica = () => new Replica({ store, storage, values, prefix: 'x/', segmentsOf, now: () => kv.now });
  return { storage, store, replica };
}

for (const { name, run } of storeCases) {
  test(`Durable Object: ${name}`, () => {
    const storage = new MemoryStorage();
    return run(async () => new EdgeStore(storage));
  });
}

test('a blob larger than a row is kept in rows, and gives its bytes up to the copy', async () => {
  const storage = new MemoryStorage();
  const bytes = Uint8Array.from({ length: 3_500_000 }, (_, at) => at % 251);
  /** @type {Map<string, Uint8Array>} */
  const copies = new Map();
  const store = new EdgeStore(storage, { get: async (key) => copies.get(key)?.slice() }, { sleep: async () => {} });
  await store.put('seg-a.cqs', bytes);
  assert.ok(storage.rows.size > 3);
  assert.deepEqual(await store.get('seg-a.cqs'), bytes);
  await store.release('seg-a.cqs');
  assert.equal(storage.rows.size, 1);
  await assert.rejects(store.get('seg-a.cqs'), { code: 'STORE_FAILED' }, 'what exists and is not shown is not "none"');
  copies.set('seg-a.cqs', bytes);
  assert.deepEqual(await store.get('seg-a.cqs'), bytes);
  assert.deepEqual((await store.list()).map(({ key, bytes: length }) => [key, length]), [['seg-a.cqs', 3_500_000]]);
  await assert.rejects(store.put('seg-b.cqs', new Uint8Array(200 * 1024 * 1024)), { code: 'LIMIT_EXCEEDED' });
});

test('a copy that is shown late is asked for again', async () => {
  const storage = new MemoryStorage();
  let asked = 0;
  /** @type {number[]} */
  const slept = [];
  const copies = { get: async () => (++asked < 3 ? undefined : Uint8Array.of(7)) };
  const store = new EdgeStore(storage, copies, { sleep: async (ms) => void slept.push(ms) });
  await store.put('seg-a.cqs', Uint8Array.of(7));
  await store.release('seg-a.cqs');
  assert.deepEqual(await store.get('seg-a.cqs'), Uint8Array.of(7));
  assert.equal(asked, 3);
  assert.ok(slept.length === 2 && slept[1] > slept[0], String(slept));
});

test('a value that is too large for KV is parts and a note; half of it is nothing', async () => {
  /** @type {Map<string, Uint8Array>} */
  const kept = new Map();
  const values = r2Values({
    get: async (key) => (kept.has(key) ? { arrayBuffer: async () => /** @type {ArrayBuffer} */ (kept.get(key)?.slice().buffer) } : null),
    put: async (key, value) => kept.set(key, value.slice()),
    delete: async (key) => kept.delete(key),
  });
  const bytes = Uint8Array.from({ length: 1000 }, (_, at) => at & 255);
  await putValue(values, 'k', bytes, 300);
  assert.equal(kept.size, 5);
  assert.deepEqual(await getValue(values, 'k'), bytes);
  const third = kept.get('k.part2');
  kept.delete('k.part2');
  assert.equal(await getValue(values, 'k'), undefined);
  kept.set('k.part2', /** @type {Uint8Array} */ (third));
  await deleteValue(values, 'k');
  assert.equal(kept.size, 0);
  await putValue(values, 'small', bytes.subarray(0, 300), 300);
  assert.equal(kept.size, 1);
});

test('a burst of generations becomes a few writes of the manifest, none within a second', async () => {
  const kv = new EventualKv(1, 3);
  const { store, replica } = ownerOf(kv);
  const quarry = await Codequarry.open({ store, workers: 1 });
  /** @type {number | undefined} */
  let wait = 0;
  for (let change = 0; change < 60; change++) {
    await quarry.add(textFiles({ 'a.js': `let a${change};\n` }));
    kv.now += 20;
    if (wait !== undefined && wait <= 20) wait = await replica().step();
    else if (wait !== undefined) wait -= 20;
  }
  for (let turn = 0; turn < 100 && (await replica().state()).saved !== quarry.generation; turn++) {
    wait = (await replica().step()) ?? EDGE_GAP_MS;
    kv.now += wait;
  }
  assert.equal((await replica().state()).saved, quarry.generation);
  assert.equal(kv.refused, 0, 'no key was written twice in a second');
  assert.ok(kv.writes < 25, `${kv.writes} writes`);
  await quarry.close();
});

test('refusals are waited out, longer each time, and what was copied before is not copied again', async () => {
  const kv = new EventualKv(1, 1);
  const { store, storage } = ownerOf(kv);
  const quarry = await Codequarry.open({ store, workers: 1 });
  for (const at of [1, 2, 3]) await quarry.add(textFiles({ [`f${at}.js`]: `let f${at};\n` }));
  await quarry.close();
  /** @type {string[]} */
  const put = [];
  let broken = true;
  const values = {
    get: async () => null,
    put: async (/** @type {string} */ key) => {
      if (broken && put.length === 2) throw new Error('KV PUT failed: 429 Too Many Requests');
      put.push(key);
    },
    delete: async () => undefined,
  };
  const replica = () => new Replica({ store, storage, values, prefix: '', segmentsOf, now: () => kv.now });
  /** @type {number[]} */
  const waits = [];
  for (let turn = 0; turn < 12; turn++) {
    const wait = (await replica().step()) ?? 0;
    waits.push(wait);
    kv.now += wait;
  }
  assert.ok(waits.every((wait, at) => at === 0 || wait >= waits[at - 1]), String(waits));
  assert.equal(waits.at(-1), EDGE_BACKOFF_MS);
  assert.match((await replica().state()).problem ?? '', /429/);
  broken = false;
  await replica().step();
  const { saved, failures, problem } = await replica().state();
  assert.deepEqual({ saved, failures, problem }, { saved: 3, failures: 0, problem: undefined });
  assert.deepEqual(put.length, new Set(put).size, 'nothing was copied twice');
  assert.equal(put.at(-1), 'manifest.cqm', 'the manifest comes last');
});

test('an owner that dies at any point of copying goes on where it was', async () => {
  for (let cut = 1; cut < 40; cut++) {
    const kv = new EventualKv(1, 2);
    const { store, storage } = ownerOf(kv);
    const quarry = await Codequarry.open({ store, workers: 1 });
    await quarry.add(textFiles({ 'a.js': 'let a;\n' }));
    await quarry.add(textFiles({ 'b.js': 'let b;\n' }));
    await quarry.close();
    /** @type {Map<string, Uint8Array>} */
    const kept = new Map();
    let left = cut;
    const dies = () => {
      if (--left === 0) throw new Error('evicted');
    };
    const values = {
      get: async (/** @type {string} */ key) => /** @type {ArrayBuffer | null} */ (kept.get(key)?.slice().buffer ?? null),
      put: async (/** @type {string} */ key, /** @type {Uint8Array} */ value) => {
        dies();
        kept.set(key, value.slice());
        dies();
      },
      delete: async (/** @type {string} */ key) => kept.delete(key),
    };
    const dying = Object.assign(Object.create(storage), {
      put: async (/** @type {Record<string, unknown>} */ rows) => {
        dies();
        await storage.put(rows);
        dies();
      },
    });
    const options = { store, values, prefix: '', segmentsOf, now: () => kv.now };
    await new Replica({ ...options, storage: dying }).step().catch(() => undefined);
    const manifest = kept.get('manifest.cqm');
    if (manifest) for (const name of await segmentsOf(manifest)) assert.ok(kept.has(`${name}.cqs`), `cut ${cut}: the manifest came before a segment`);
    left = Number.POSITIVE_INFINITY;
    for (let turn = 0; turn < 5; turn++) kv.now += (await new Replica({ ...options, storage }).step()) ?? 0;
    const reader = await Codequarry.open({ store: new KvStore({ ...values, list: async () => ({ keys: [], list_complete: true }) }) });
    assert.deepEqual((await reader.paths()).sort(), ['a.js', 'b.js'], `cut ${cut}`);
    await reader.close();
  }
});

test('readers of a KV that is late, goes back in time and remembers misses see whole generations, never older ones, and in the end the newest', async () => {
  for (const seed of [1, 2, 3, 4]) {
    const next = random(seed);
    const kv = new EventualKv(4, seed);
    const { store, replica } = ownerOf(kv);
    const writer = await Codequarry.open({ store, workers: 1 });
    /** What each generation held. @type {Map<number, string>} */
    const truth = new Map();
    const readers = [1, 2, 3].map((location) => ({ location, store: new KvStore(kv.at(location), 'x/', () => kv.now), quarry: /** @type {Codequarry | undefined} */ (undefined), generation: 0 }));
    const look = async (/** @type {(typeof readers)[0]} */ reader) => {
      try {
        if (reader.quarry) await reader.quarry.refresh();
        else reader.quarry = await Codequarry.open({ store: reader.store });
      } catch (error) {
        assert.match(/** @type {{ code: string }} */ (error).code, /^(SNAPSHOT_MISSING_SEGMENT|STORE_NOT_FOUND)$/);
      }
      if (!reader.quarry) return;
      const { generation } = reader.quarry;
      assert.ok(generation >= reader.generation, `location ${reader.location} went back from ${reader.generation} to ${generation}`);
      reader.generation = generation;
      assert.equal((await reader.quarry.paths()).sort().join(), truth.get(generation), `generation ${generation} at location ${reader.location}`);
    };
    let due = 0;
    for (let turn = 0; turn < 60; turn++) {
      if (turn < 40) {
        const name = `f${Math.floor(next() * 12)}.js`;
        if (next() < 0.7) await writer.add(textFiles({ [name]: `let v${turn};\n` }));
        else await writer.remove(name);
        truth.set(writer.generation, (await writer.paths()).sort().join());
      }
      kv.now += next() * (turn < 40 ? 20_000 : 120_000);
      if (kv.now >= due) due = kv.now + ((await replica().step()) ?? 0);
      for (const reader of readers) if (next() < 0.5) await look(reader);
    }
    for (let turn = 0; turn < 20; turn++) {
      kv.now += 30_000;
      await replica().step();
      for (const reader of readers) await look(reader);
    }
    for (const reader of readers) {
      assert.equal(reader.generation, writer.generation, `location ${reader.location}`);
      await reader.quarry?.close();
    }
    kv.now += 2 * EDGE_GRACE_MS;
    await replica().step();
    const local = (await store.local()).map(({ key }) => key);
    const named = await segmentsOf((await store.readManifest())?.bytes ?? new Uint8Array());
    assert.deepEqual(named.filter((name) => local.includes(`${name}.cqs`)), [], 'the bytes are in KV now, and only there');
    await writer.close();
  }
});

test('an older manifest counts when it stays', async () => {
  let now = 0;
  let shown = manifestOf(7);
  const store = new KvStore({ get: async () => /** @type {ArrayBuffer} */ (shown.slice().buffer), list: async () => ({ keys: [], list_complete: true }) }, '', () => now);
  const generation = async () => (await store.readManifest())?.generation;
  assert.equal(await generation(), 7);
  shown = manifestOf(6);
  assert.equal(await generation(), 7);
  shown = manifestOf(8);
  assert.equal(await generation(), 8);
  shown = manifestOf(1);
  assert.equal(await generation(), 8);
  now += KV_STALE_MS - 1;
  assert.equal(await generation(), 8);
  now += 1;
  assert.equal(await generation(), 1, 'published on purpose');
});
