/** The pool of builders: broken, hung, dead and fat ones, and cancelling. The builders are played; the real ones are in the other tests. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodequarryError } from 'codequarry';
import { Batcher, pack } from '../dist/batch.js';
import { GrammarShelf } from '../dist/grammar-shelf.js';
import { BuilderPool } from '../dist/pool.js';
import { Server, portPair } from '../dist/rpc.js';

/**
 * @typedef {import('../dist/worker/protocol.js').BuildRequest} BuildRequest
 * @typedef {import('../dist/worker/protocol.js').BuildReply} BuildReply
 * @typedef {{ build: (request: BuildRequest, tell: (name: string, payload: unknown) => void, die: () => void) => Promise<BuildReply> | BuildReply }} Played
 */

/**
 * A pool of played builders.
 *
 * @param {Played['build']} build
 * @param {Partial<import('../dist/pool.js').PoolOptions>} [options]
 */
function playedPool(build, options = {}) {
  const counts = { started: 0, ended: 0, running: 0, most: 0 };
  const spawn = () => {
    counts.started += 1;
    const [near, far] = portPair();
    /** @type {((error: CodequarryError) => void) | undefined} */
    let fail;
    near.onFailure = (listener) => {
      fail = listener;
    };
    const { close } = near;
    near.close = () => {
      counts.ended += 1;
      close.call(near);
    };
    const die = () => fail?.(new CodequarryError('WORKER_DIED', 'the worker ended'));
    /** @type {Server} */
    const server = new Server(far, {
      startBuilder: () => undefined,
      scout: async (/** @type {import('../dist/worker/protocol.js').ScoutRequest} */ { batch, from, announce }) => {
        // Files before `from` break nothing any more.
        const { memoryBytes } = await build({ batch, announce, plain: [...Array(from).keys()], omit: [] }, (name, payload) => server.tell(name, payload), die);
        return { memoryBytes };
      },
      build: async (/** @type {BuildRequest} */ request) => {
        counts.running += 1;
        counts.most = Math.max(counts.most, counts.running);
        try {
          return await build(request, (name, payload) => server.tell(name, payload), die);
        } finally {
          counts.running -= 1;
        }
      },
    });
    return near;
  };
  const module = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  const grammars = new GrammarShelf(/** @type {never} */ ({ defaultGrammars: () => 'none' }));
  return { pool: new BuilderPool({ spawn, module: async () => module, grammars, size: 2, ...options }), counts };
}

/** @param {number} count */
function batchOf(count) {
  return pack(Array.from({ length: count }, (_, index) => ({ path: `f${index}.ts`, bytes: new Uint8Array(10) })));
}

/** @param {BuildRequest} request @returns {BuildReply} */
function answer({ batch, plain, omit }) {
  const reports = batch.files.map((file, index) => {
    if (omit.includes(index)) return undefined;
    const status = plain.includes(index) ? /** @type {const} */ ('fallback') : /** @type {const} */ ('indexed');
    return { path: file.path, language: 'typescript', status, bytes: file.length, chunks: 1, symbols: 1 };
  });
  return { segment: undefined, reports, memoryBytes: 1000 };
}

/** @param {number} file */
const trap = (file) => new CodequarryError('ENGINE_TRAP', 'unreachable', { details: { file } });

/** @param {{ reports: import('codequarry').FileReport[] }} built */
const outcomes = ({ reports }) => reports.map(({ status, code }) => (code ? `${status} ${code}` : status));

test('a file that traps falls back to line windows, and only it', async () => {
  const { pool, counts } = playedPool((request) => {
    if (!request.plain.includes(2)) throw trap(2);
    return answer(request);
  });
  assert.deepEqual(outcomes(await pool.build(batchOf(4))), ['indexed', 'indexed', 'fallback PARSE_TRAP', 'indexed']);
  assert.deepEqual([counts.started, counts.ended], [2, 1], 'the broken builder was replaced');
  pool.close();
});

test('a file that traps even so is left out', async () => {
  const { pool } = playedPool((request) => {
    if (!request.omit.includes(1)) throw trap(1);
    return answer(request);
  });
  assert.deepEqual(outcomes(await pool.build(batchOf(3))), ['indexed', 'skipped PARSE_TRAP', 'indexed']);
  pool.close();
});

test('several poisoned files in one batch fall out one by one', async () => {
  const { pool } = playedPool((request) => {
    for (const index of request.batch.files.keys()) if (index % 3 === 0 && !request.plain.includes(index)) throw trap(index);
    return answer(request);
  });
  assert.deepEqual(
    outcomes(await pool.build(batchOf(7))).map((outcome) => outcome === 'indexed'),
    [false, true, true, false, true, true, false],
  );
  pool.close();
});

test('a worker that dies without a word: the file is found by announcing', async () => {
  const { pool, counts } = playedPool((request, tell, die) => {
    for (const index of request.batch.files.keys()) {
      if (request.announce) tell('at', { index });
      if (index === 3 && !request.plain.includes(3)) {
        setTimeout(die, 5);
        return new Promise(() => {});
      }
    }
    return answer(request);
  });
  assert.deepEqual(outcomes(await pool.build(batchOf(5))), ['indexed', 'indexed', 'indexed', 'fallback PARSE_TRAP', 'indexed']);
  assert.equal(counts.started, 3);
  pool.close();
});

test('a builder that hangs is ended; one that reports progress is not', async () => {
  const { pool } = playedPool(
    async (request, tell) => {
      if (request.announce) tell('at', { index: 1 });
      if (!request.plain.includes(1)) return new Promise(() => {});
      for (let step = 0; step < 5; step++) {
        await new Promise((resolve) => setTimeout(resolve, 30));
        tell('progress', { files: step, bytes: step });
      }
      return answer(request);
    },
    { stallMs: 80 },
  );
  assert.deepEqual(outcomes(await pool.build(batchOf(3))), ['indexed', 'fallback PARSE_DEADLINE', 'indexed']);
  pool.close();
});

test('a builder is not given up for the time in which this thread was stopped', async () => {
  const { pool, counts } = playedPool(
    async (request) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      for (const end = performance.now() + 300; performance.now() < end; );
      // As a message does, the answer comes after the timers that are due.
      await new Promise((resolve) => setImmediate(resolve));
      return answer(request);
    },
    { stallMs: 80 },
  );
  assert.deepEqual(outcomes(await pool.build(batchOf(1))), ['indexed']);
  assert.equal(counts.started, 1);
  pool.close();
});

test('a builder that breaks on nothing in particular is an error, not a loop', async () => {
  const { pool, counts } = playedPool((_request, _tell, die) => {
    setTimeout(die, 1);
    return new Promise(() => {});
  });
  await assert.rejects(pool.build(batchOf(2)), { code: 'WORKER_DIED' });
  assert.equal(counts.started, 2);
  pool.close();
});

test('an error with a code of its own is passed on', async () => {
  const { pool } = playedPool(() => {
    throw new CodequarryError('OPTION_INVALID', 'no');
  });
  await assert.rejects(pool.build(batchOf(2)), { code: 'OPTION_INVALID' });
  pool.close();
});

test('workers that do not start are BUILDER_FAILED', async () => {
  const { pool } = playedPool(answer, {
    spawn: () => {
      throw new Error('no workers here');
    },
  });
  await assert.rejects(pool.build(batchOf(1)), { code: 'BUILDER_FAILED', message: /no workers here/ });
  pool.close();
});

test('a builder past its memory is replaced after its batch', async () => {
  const { pool, counts } = playedPool((request) => ({ ...answer(request), memoryBytes: 5000 }), { memoryBytes: 4000, size: 1 });
  for (let round = 0; round < 3; round++) await pool.build(batchOf(1));
  assert.deepEqual([counts.started, counts.ended], [3, 3]);
  pool.close();
});

test('the module is asked for once by all builders, and again only when it failed', async () => {
  let asked = 0;
  const module = async () => {
    asked += 1;
    if (asked === 1) throw new CodequarryError('ENGINE_LOAD', 'not yet');
    return new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  };
  const { pool, counts } = playedPool((request) => ({ ...answer(request), memoryBytes: 5000 }), { module, memoryBytes: 4000, size: 1 });
  await assert.rejects(pool.build(batchOf(1)), { code: 'ENGINE_LOAD' });
  for (let build = 0; build < 3; build++) await pool.build(batchOf(1));
  assert.equal(counts.started, 3);
  assert.equal(asked, 2);
  pool.close();
});

test('no more builders run than there may, and they are used again', async () => {
  const { pool, counts } = playedPool(
    async (request) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return answer(request);
    },
    { size: 3 },
  );
  await Promise.all(Array.from({ length: 12 }, () => pool.build(batchOf(1))));
  assert.deepEqual([counts.started, counts.most], [3, 3]);
  pool.close();
  assert.equal(counts.ended, 3);
});

test('aborting ends the builder and rejects with the reason', async () => {
  const { pool, counts } = playedPool(() => new Promise(() => {}), { size: 1 });
  const controller = new AbortController();
  const building = pool.build(batchOf(1), { signal: controller.signal });
  const waiting = pool.build(batchOf(1), { signal: controller.signal });
  const reason = new Error('enough');
  setTimeout(() => controller.abort(reason), 10);
  await assert.rejects(building, reason);
  await assert.rejects(waiting, reason);
  assert.deepEqual([counts.started, counts.ended], [1, 1]);
  await assert.rejects(pool.build(batchOf(1), { signal: controller.signal }), reason);
  pool.close();
});

test('a closed pool does nothing more', async () => {
  const { pool } = playedPool(answer);
  pool.close();
  await assert.rejects(pool.build(batchOf(1)), { code: 'CLOSED' });
});

/** Sizes of batches in the tests: 10, 20, 40, 40, … bytes, and what is left at the end in parts of at least 8. */
const SMALL = { firstBytes: 10, mostBytes: 40, lastBytes: 8 };

/** Files of the batches that files of these sizes become. @param {number[]} sizes */
function batchesOf(sizes) {
  const batcher = new Batcher(SMALL);
  const batches = sizes.flatMap((length, index) => batcher.push({ path: `${index}`, bytes: new Uint8Array(length) }));
  return [...batches, ...batcher.flush(), ...batcher.flush()].map(({ files }) => files.map(({ path }) => path).join(' '));
}

/** @type {[name: string, sizes: number[], expect: string[]][]} */
const BATCHES = [
  ['nothing is no batch', [], []],
  ['little is one', [3, 5, 2], ['0 1 2']],
  ['empty files are as well', [0, 0, 0], ['0 1 2']],
  ['what is left is cut in two, and not in three', [8, 8], ['0', '1']],
  ['each is twice as large as the one before, up to a limit, and what is left is cut in four', Array(35).fill(5), ['0 1', '2 3 4 5', '6 7 8 9 10 11 12 13', '14 15 16 17 18 19 20 21', '22 23 24 25 26', '27 28 29 30 31', '32 33', '34']],
  ['a large file fills one, and the next are what they would have been', [300, 5, 5, 5, 5, 5, 5, 5], ['0', '1 2 3', '4 5 6', '7']],
  ['what is left with a large file in it is cut behind that', [1, 90, 1, 1], ['0 1', '2 3']],
  ['empty files at the end are no batch of their own', [8, 8, 0, 0], ['0', '1 2 3']],
];

for (const [name, sizes, expect] of BATCHES) test(`batches: ${name}`, () => assert.deepEqual(batchesOf(sizes), expect));

test('a batch has its files one after the other', () => {
  const [batch] = [new Uint8Array([1, 2]), new Uint8Array(0), new Uint8Array([3])].reduce((batcher, bytes, at) => (batcher.push({ path: `${at}`, bytes }), batcher), new Batcher()).flush();
  assert.deepEqual(new Uint8Array(batch?.arena ?? new ArrayBuffer(0)), Uint8Array.of(1, 2, 3));
  assert.deepEqual(batch?.files, [{ path: '0', start: 0, length: 2 }, { path: '1', start: 2, length: 0 }, { path: '2', start: 2, length: 1 }]);
});

test('a path that comes twice begins a new batch, so that the later content wins', () => {
  const batcher = new Batcher();
  const batches = ['a', 'b', 'a'].flatMap((path) => batcher.push({ path, bytes: new Uint8Array(1) }));
  assert.deepEqual(batches.map(({ files }) => files.length), [2]);
  assert.deepEqual(batcher.flush().map(({ files }) => files.length), [1]);
});

test('no run makes as many segments of one tier as are merged', () => {
  const tier = (/** @type {number} */ bytes) => Math.floor(Math.log(bytes / 2 ** 17) / Math.log(8)) + 1;
  for (let megabytes = 1; megabytes < 64; megabytes++) {
    const batcher = new Batcher();
    const batches = Array.from({ length: megabytes * 8 }, (_, at) => batcher.push({ path: `${at}`, bytes: new Uint8Array(2 ** 17) })).flat();
    batches.push(...batcher.flush());
    const tiers = batches.map(({ arena }) => tier(arena.byteLength));
    for (const found of new Set(tiers)) assert.ok(tiers.filter((other) => other === found).length < 8, `${megabytes} MiB`);
  }
});
