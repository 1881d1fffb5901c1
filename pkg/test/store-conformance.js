/**
 * What every store must do, as cases that need no test runner: they run in Node, in a browser, or anywhere else.
 *
 * `for (const { name, run } of storeCases) test(name, () => run(open))`, where `open()` resolves to the same, at first empty, store each time it is called in a case.
 */

/**
 * @typedef {import('../dist/stores/store.js').Store} Store
 * @typedef {{ name: string, run: (open: () => Promise<Store>) => Promise<void> }} StoreCase
 */

/**
 * The smallest bytes that a store takes for a manifest.
 *
 * @param {number} generation
 * @param {number} [filler] bytes of other content
 */
export function manifestOf(generation, filler = 0) {
  const body = [];
  let rest = generation;
  for (; rest >= 128; rest = Math.floor(rest / 128)) body.push((rest % 128) | 0x80);
  body.push(rest);
  const bytes = new Uint8Array(64 + body.length + filler);
  bytes.set([0x89, 0x43, 0x51, 0x4d, 0x41, 0x4e, 0x0d, 0x0a, 1, 0, 0, 0, 1]);
  bytes.set(new TextEncoder().encode('MANI'), 32);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(16, BigInt(bytes.length), true);
  view.setBigUint64(40, 64n, true);
  view.setBigUint64(48, BigInt(body.length + filler), true);
  bytes.set(body, 64);
  return bytes;
}

/** @param {number} length @param {number} seed */
function bytesOf(length, seed) {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + seed) & 255);
}

/** @param {unknown} found @param {unknown} wanted @param {string} what */
function same(found, wanted, what) {
  /** @param {unknown} value @returns {unknown} */
  const plain = (value) => (value instanceof Uint8Array ? Array.from(value) : value);
  const [a, b] = [JSON.stringify(plain(found)), JSON.stringify(plain(wanted))];
  if (a !== b) throw new Error(`${what}: found ${a?.slice(0, 200)}, wanted ${b?.slice(0, 200)}`);
}

/** @param {Promise<unknown>} promise @param {string} code */
async function rejects(promise, code) {
  const error = await promise.then(
    () => undefined,
    (thrown) => thrown,
  );
  same(error?.code, code, 'code of the error');
}

/** @type {StoreCase[]} */
export const storeCases = [
  {
    name: 'a new store is empty',
    run: async (open) => {
      const store = await open();
      same(await store.readManifest(), undefined, 'manifest');
      same(await store.get('seg-1.cqs'), undefined, 'blob');
      same(await store.getRange('seg-1.cqs', 0, 10), undefined, 'range');
      same(await store.list(), [], 'list');
      await store.delete('seg-1.cqs');
      await store.close();
    },
  },
  {
    name: 'a blob comes back as it was put, also after the store was opened again',
    run: async (open) => {
      const store = await open();
      const bytes = bytesOf(100_000, 1);
      await store.put('seg-a.cqs', bytes);
      same(await store.get('seg-a.cqs'), bytesOf(100_000, 1), 'blob');
      const again = await open();
      same(await again.get('seg-a.cqs'), bytesOf(100_000, 1), 'blob');
      await store.close();
    },
  },
  {
    name: 'bytes that were put or got are the caller’s to change',
    run: async (open) => {
      const store = await open();
      const bytes = bytesOf(10, 1);
      await store.put('seg-a.cqs', bytes);
      bytes.fill(0);
      const got = await store.get('seg-a.cqs');
      got?.fill(7);
      same(await store.get('seg-a.cqs'), bytesOf(10, 1), 'blob');
      await store.close();
    },
  },
  {
    name: 'a view of a larger buffer is put as the view alone',
    run: async (open) => {
      const store = await open();
      await store.put('seg-a.cqs', bytesOf(1000, 3).subarray(100, 110));
      same(await store.get('seg-a.cqs'), bytesOf(1000, 3).slice(100, 110), 'blob');
      await store.close();
    },
  },
  {
    name: 'ranges are half-open and cut at the end',
    run: async (open) => {
      const store = await open();
      await store.put('seg-a.cqs', bytesOf(100, 5));
      same(await store.getRange('seg-a.cqs', 10, 20), bytesOf(100, 5).slice(10, 20), 'inside');
      same(await store.getRange('seg-a.cqs', 90, 200), bytesOf(100, 5).slice(90), 'over the end');
      same(await store.getRange('seg-a.cqs', 100, 200), new Uint8Array(), 'behind the end');
      same(await store.getRange('seg-a.cqs', 300, 400), new Uint8Array(), 'far behind the end');
      same(await store.getRange('seg-a.cqs', 5, 5), new Uint8Array(), 'empty');
      await store.close();
    },
  },
  {
    name: 'blobs are listed with length and time, the manifest is not',
    run: async (open) => {
      const store = await open();
      const before = Date.now() - 5000;
      await store.put('seg-b.cqs', bytesOf(20, 1));
      await store.put('seg-a.cqs', bytesOf(10, 1));
      await store.swapManifest(0, manifestOf(1));
      const list = (await store.list()).sort((a, b) => (a.key < b.key ? -1 : 1));
      same(
        list.map(({ key, bytes }) => [key, bytes]),
        [
          ['seg-a.cqs', 10],
          ['seg-b.cqs', 20],
        ],
        'list',
      );
      same(
        list.every(({ modifiedMs }) => modifiedMs > before && modifiedMs < Date.now() + 5000),
        true,
        'times',
      );
      await store.close();
    },
  },
  {
    name: 'a deleted blob is gone',
    run: async (open) => {
      const store = await open();
      await store.put('seg-a.cqs', bytesOf(10, 1));
      await store.delete('seg-a.cqs');
      same(await store.get('seg-a.cqs'), undefined, 'blob');
      same(await store.list(), [], 'list');
      await store.close();
    },
  },
  {
    name: 'the manifest is swapped when the generation is the expected one',
    run: async (open) => {
      const store = await open();
      await store.swapManifest(0, manifestOf(1));
      await store.swapManifest(1, manifestOf(2, 50));
      const again = await open();
      const found = await again.readManifest();
      same(found?.generation, 2, 'generation');
      same(found?.bytes, manifestOf(2, 50), 'bytes');
      await again.swapManifest(2, manifestOf(300));
      same((await store.readManifest())?.generation, 300, 'generation');
      await store.close();
    },
  },
  {
    name: 'a stale writer is refused and changes nothing',
    run: async (open) => {
      const store = await open();
      await store.swapManifest(0, manifestOf(1));
      await rejects(store.swapManifest(0, manifestOf(1, 9)), 'STALE_GENERATION');
      await rejects(store.swapManifest(2, manifestOf(3)), 'STALE_GENERATION');
      same((await store.readManifest())?.bytes, manifestOf(1), 'manifest');
      await store.close();
    },
  },
  {
    name: 'of many writers at once exactly one wins each generation',
    run: async (open) => {
      const stores = await Promise.all(Array.from({ length: 6 }, open));
      for (let generation = 0; generation < 8; generation++) {
        const swaps = stores.map((store, index) => store.swapManifest(generation, manifestOf(generation + 1, index)));
        const outcomes = await Promise.allSettled(swaps);
        same(outcomes.filter(({ status }) => status === 'fulfilled').length, 1, `winners of generation ${generation + 1}`);
        for (const outcome of outcomes) if (outcome.status === 'rejected') same(outcome.reason.code, 'STALE_GENERATION', 'code');
        const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
        same((await stores[0].readManifest())?.bytes, manifestOf(generation + 1, winner), 'manifest');
      }
      for (const store of stores) await store.close();
    },
  },
  {
    name: 'what is no manifest is not taken for one',
    run: async (open) => {
      const store = await open();
      await store.swapManifest(0, manifestOf(1));
      await rejects(store.swapManifest(1, bytesOf(100, 1)), 'SNAPSHOT_FOREIGN');
      await rejects(store.swapManifest(1, manifestOf(2).slice(0, 40)), 'SNAPSHOT_CORRUPT');
      await rejects(store.swapManifest(1, new Uint8Array()), 'SNAPSHOT_CORRUPT');
      same((await store.readManifest())?.generation, 1, 'generation');
      await store.close();
    },
  },
  {
    name: 'keys that could lead elsewhere are refused',
    run: async (open) => {
      const store = await open();
      for (const key of ['../x', 'a/b', '', '.hidden', 'a\\b', 'x'.repeat(200)]) await rejects(store.put(key, bytesOf(1, 1)), 'STORE_FAILED');
      await store.close();
    },
  },
  {
    name: 'a cleared store is empty and starts over',
    run: async (open) => {
      const store = await open();
      await store.put('seg-a.cqs', bytesOf(10, 1));
      await store.swapManifest(0, manifestOf(1));
      await store.swapManifest(1, manifestOf(2));
      await store.clear();
      same(await store.readManifest(), undefined, 'manifest');
      same(await store.list(), [], 'list');
      await store.swapManifest(0, manifestOf(1));
      same((await store.readManifest())?.generation, 1, 'generation');
      await store.close();
    },
  },
];
