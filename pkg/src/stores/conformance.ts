/**
 * What every store must do, as cases that need no test runner: they run in Node, in a browser, in an isolate, or anywhere else.
 *
 *     import { storeCases } from 'codequarry/store-conformance';
 *     for (const { name, run } of storeCases) test(name, () => run(open));
 *
 * `open()` resolves to the same, at first empty, store each time it is called in one case; the next case gets another one. A store that passes keeps its promises to
 * `Codequarry` as far as one process can tell: that what was acknowledged survives a crash is for the store's own tests.
 */

import type { Store } from './store.js';

/** One thing that a store must do. */
export interface StoreCase {
  /** A sentence. */
  name: string;
  /** Rejects when the store does not do it. */
  run(open: () => Promise<Store>): Promise<void>;
}

/**
 * The smallest bytes that a store takes for a manifest.
 *
 * @param filler bytes of other content
 */
export function manifestOf(generation: number, filler = 0): Uint8Array {
  const body: number[] = [];
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

function bytesOf(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + seed) & 255);
}

function same(found: unknown, wanted: unknown, what: string): void {
  const plain = (value: unknown): unknown => (value instanceof Uint8Array ? Array.from(value) : value);
  const [a, b] = [JSON.stringify(plain(found)), JSON.stringify(plain(wanted))];
  if (a !== b) throw new Error(`${what}: found ${a?.slice(0, 200)}, wanted ${b?.slice(0, 200)}`);
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

async function rejects(promise: Promise<unknown>, code: string): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  same(codeOf(error), code, 'code of the error');
}

/** The cases, each independent of the others. */
export const storeCases: readonly StoreCase[] = [
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
        for (const outcome of outcomes) if (outcome.status === 'rejected') same(codeOf(outcome.reason), 'STALE_GENERATION', 'code');
        const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
        same((await stores[0]?.readManifest())?.bytes, manifestOf(generation + 1, winner), 'manifest');
      }
      for (const store of stores) await store.close();
    },
  },
  {
    name: 'a generation may be skipped, and a writer that knows the one before is stale all the same',
    run: async (open) => {
      const [one, two] = [await open(), await open()];
      await one.swapManifest(0, manifestOf(5));
      await one.swapManifest(5, manifestOf(9));
      await rejects(two.swapManifest(5, manifestOf(6)), 'STALE_GENERATION');
      await rejects(two.swapManifest(5, manifestOf(12)), 'STALE_GENERATION');
      same((await two.readManifest())?.generation, 9, 'generation');
      const outcomes = await Promise.allSettled([one.swapManifest(9, manifestOf(10)), two.swapManifest(9, manifestOf(14))]);
      same(outcomes.filter(({ status }) => status === 'fulfilled').length, 1, 'winners');
      for (const store of [one, two]) await store.close();
    },
  },
  {
    name: 'a blob that is put again is replaced as a whole',
    run: async (open) => {
      const store = await open();
      await store.put('previous.cqm', bytesOf(700_000, 1));
      await store.put('previous.cqm', bytesOf(300, 2));
      same(await store.get('previous.cqm'), bytesOf(300, 2), 'blob');
      same(await store.getRange('previous.cqm', 200, 1000), bytesOf(300, 2).slice(200), 'range');
      await store.close();
    },
  },
  {
    name: 'large blobs are put, ranged and listed side by side',
    run: async (open) => {
      const store = await open();
      const sizes = [1_000_000, 262_144, 262_145, 1, 0];
      await Promise.all(sizes.map((size, index) => store.put(`seg-${index}.cqs`, bytesOf(size, index))));
      for (const [index, size] of sizes.entries()) {
        same((await store.get(`seg-${index}.cqs`))?.byteLength, size, 'length');
        for (const [start, end] of [
          [size - 10, size],
          [262_140, 262_150],
          [524_000, 790_000],
        ] as const) {
          if (start >= 0) same(await store.getRange(`seg-${index}.cqs`, start, end), bytesOf(size, index).slice(start, end), `range ${start} of ${size}`);
        }
      }
      same((await store.list()).map(({ bytes }) => bytes).sort((a, b) => a - b), [...sizes].sort((a, b) => a - b), 'lengths');
      await store.close();
    },
  },
  {
    name: 'several ranges come back at once, where a store can do that',
    run: async (open) => {
      const store = await open();
      if (store.getRanges) {
        const [length, wanted] = [700_000, bytesOf(700_000, 9)];
        await store.put('seg-a.cqs', wanted);
        const ranges = [[0, 10], [65_530, 65_540], [262_140, 262_150], [262_200, 300_000], [699_990, length]].map(([start = 0, end = 0]) => ({ start, end }));
        const pieces = (await store.getRanges('seg-a.cqs', ranges)) ?? [];
        for (const { start, end } of ranges) {
          const piece = pieces.find((found) => found.start <= start && end <= found.start + found.bytes.byteLength);
          same(piece?.bytes.slice(start - piece.start, end - piece.start), wanted.slice(start, end), `bytes from ${start}`);
        }
        same(await store.getRanges('seg-none.cqs', ranges), undefined, 'no blob');
        const cut = (await store.getRanges('seg-a.cqs', [{ start: length - 5, end: length + 100 }])) ?? [];
        same(Math.max(...cut.map(({ start, bytes }) => start + bytes.byteLength)), length, 'cut at the end');
      }
      await store.close();
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
