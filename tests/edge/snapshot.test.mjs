/** The loading protocol of an isolate, with a store that can be slowed down, lied to and cut off. */
import assert from 'node:assert/strict';
import { before, beforeEach, describe, it, mock } from 'node:test';

import { importFromWorker } from './bundle.mjs';

let Snapshot;
let LEASE_IDLE_MS;
let ENGINE_MEMORY_BYTES;

before(async () => {
  ({ Snapshot, LEASE_IDLE_MS, ENGINE_MEMORY_BYTES } = await importFromWorker('snapshot.ts'));
});

const LIMITS = { manifestTtlMs: 60_000, maxIndexBytes: 1_000, partCacheBytes: 1_000 };

/** A manifest of this engine is text: `generation:segment,segment:model`. */
function manifest(generation, names, model = '') {
  return new TextEncoder().encode(`${generation}:${names.join(',')}:${model}`);
}

function parse(bytes) {
  const text = new TextDecoder().decode(bytes);
  if (text === 'corrupt') throw { code: 'SNAPSHOT_CORRUPT', message: 'not a manifest' };
  const [generation, names, model] = text.split(':');
  return { generation: Number(generation), names: names === '' ? [] : names.split(','), model };
}

/** Keeps the rules of the real index: segments park until a manifest names them, opening drops the others. */
class FakeEngine {
  created = 0;
  discarded = 0;
  epoch = 0;
  memory = 1_000_000;
  model;

  create() {
    this.created += 1;
    const engine = this;
    const born = this.epoch;
    const alive = () => assert.equal(born, engine.epoch, 'an index was used after its engine was discarded');
    let segments = new Map();
    let open;
    let regex = false;
    return {
      generation: () => open.generation,
      missingSegments(bytes) {
        alive();
        return parse(bytes).names.filter((name) => !segments.has(name));
      },
      addSegment(name, bytes) {
        alive();
        if (bytes[0] === 0xff) throw { code: 'SEGMENT_CORRUPT', message: `${name} is damaged` };
        if (bytes[0] === 0xfe) throw new WebAssembly.RuntimeError('unreachable');
        segments.set(name, bytes);
      },
      open(bytes) {
        alive();
        open = parse(bytes);
        assert.deepEqual(open.names.filter((name) => !segments.has(name)), []);
        segments = new Map(open.names.map((name) => [name, segments.get(name)]));
      },
      stats() {
        alive();
        return { generation: open.generation, indexBytes: [...segments.values()].reduce((sum, { length }) => sum + length, 0) };
      },
      vectors() {
        alive();
        return open.model ? { name: 'model', own: true, hash: open.model, dims: 2 } : undefined;
      },
      setRegex() {
        regex = true;
      },
      search(query) {
        alive();
        if (query === '/regex/' && !regex) throw { code: 'REGEX_UNAVAILABLE', message: 'no module' };
        if (query === 'trap') throw new WebAssembly.RuntimeError('unreachable');
        if (query === 'refused') throw { code: 'QUERY_SYNTAX', message: 'no' };
        return { query, generation: open.generation };
      },
    };
  }

  equipRegex(index) {
    index.setRegex();
  }

  setModel(bytes) {
    if (bytes[0] === 0xff) throw { code: 'MODEL_INVALID', message: 'damaged' };
    this.model = bytes.length;
  }

  discard() {
    this.discarded += 1;
    this.model = undefined;
    this.memory = 1_000_000;
    this.epoch += 1;
  }

  memoryBytes() {
    return this.memory;
  }

  contentHash(bytes) {
    return Buffer.from(bytes).toString('hex');
  }

  generationOf(bytes) {
    return parse(bytes).generation;
  }

  segmentsOf(bytes) {
    return parse(bytes).names;
  }
}

/** A store whose reads take some milliseconds, or for ever. */
class FakeStore {
  values = new Map();
  reads = [];
  delayMs = 2;
  /** Names whose reads never end, as when their request was cancelled. */
  hanging = new Set();

  async manifest() {
    return this.#read('manifest');
  }

  async segment(name) {
    return this.#read(name);
  }

  async model(hash) {
    return this.#read(`model ${hash}`);
  }

  async #read(name) {
    this.reads.push(name);
    if (this.hanging.has(name)) return new Promise(() => {});
    await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    return this.values.get(name);
  }

  publish(generation, segments, model) {
    for (const [name, bytes] of Object.entries(segments)) this.values.set(name, bytes);
    this.values.set('manifest', manifest(generation, Object.keys(segments), model));
  }
}

/** Resolves when it holds. */
async function until(holds) {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}

const bytes = (length, first = 1) => new Uint8Array(length).fill(first);

/** The scope of one request; `settled()` waits for what it left behind. */
function request(source) {
  const left = [];
  return {
    source,
    waitUntil: (work) => left.push(work),
    settled: () => Promise.all(left),
    get leftBehind() {
      return left.length;
    },
  };
}

describe('a snapshot in an isolate', () => {
  let engine;
  let store;
  let snapshot;

  beforeEach(() => {
    mock.restoreAll();
    mock.method(console, 'error', () => {});
    engine = new FakeEngine();
    store = new FakeStore();
    snapshot = new Snapshot(engine, LIMITS);
  });

  const ask = async (query = 'q') => {
    const scope = request(store);
    await snapshot.ready(scope);
    return { result: (await snapshot.search(scope, query, {})).result, scope };
  };

  /** Lets the clock that the snapshot reads jump ahead; timers go on in real time. */
  const later = (ms) => {
    const now = Date.now() + ms;
    const real = performance.now();
    mock.method(Date, 'now', () => now + (performance.now() - real));
  };

  it('is loaded once for thirty concurrent first requests', async () => {
    store.publish(1, { a: bytes(10), b: bytes(20) });
    store.delayMs = 30;
    const answers = await Promise.all(Array.from({ length: 30 }, () => ask()));
    assert.ok(answers.every(({ result }) => result.generation === 1));
    assert.deepEqual(store.reads, ['manifest', 'a', 'b']);
    assert.equal(engine.created, 1);
  });

  it('is not read again while it is fresh', async () => {
    store.publish(1, { a: bytes(10) });
    await ask();
    const { scope } = await ask();
    assert.equal(scope.leftBehind, 0);
    assert.deepEqual(store.reads, ['manifest', 'a']);
  });

  it('answers from the old generation while the new one is loaded, reading only what is new', async () => {
    store.publish(1, { a: bytes(10), b: bytes(10) });
    await ask();
    store.publish(2, { b: bytes(10), c: bytes(10) });
    later(61_000);
    const first = await ask();
    assert.equal(first.result.generation, 1);
    const meanwhile = await ask();
    assert.equal(meanwhile.result.generation, 1);
    assert.equal(meanwhile.scope.leftBehind, 0, 'two requests refreshed at the same time');
    await first.scope.settled();
    assert.equal((await ask()).result.generation, 2);
    assert.deepEqual(store.reads, ['manifest', 'a', 'b', 'manifest', 'c']);
  });

  it('tells two different first generations apart', async () => {
    store.publish(1, { a: bytes(10) });
    await ask();
    const tag = snapshot.tag;
    store.publish(1, { b: bytes(10) });
    later(61_000);
    await (await ask()).scope.settled();
    assert.notEqual(snapshot.tag, tag);
  });

  it('takes over from a request that went away, and goes on where it stopped', async () => {
    store.publish(1, { a: bytes(10), b: bytes(10) });
    store.hanging.add('b');
    void snapshot.ready(request(store));
    await until(() => store.reads.includes('b'));
    store.hanging.clear();
    const waiting = ask();
    later(LEASE_IDLE_MS + 1);
    assert.equal((await waiting).result.generation, 1);
    assert.deepEqual(store.reads, ['manifest', 'a', 'b', 'manifest', 'b']);
  });

  it('lets a late loader change nothing once another one took over', async () => {
    store.publish(1, { a: bytes(10) });
    let release;
    const slow = {
      manifest: () => store.manifest(),
      segment: () => new Promise((resolve) => (release = resolve)),
    };
    const late = snapshot.ready(request(slow));
    await until(() => release);
    later(LEASE_IDLE_MS + 1);
    await ask();
    release(bytes(10, 0xff));
    await late;
    assert.equal((await ask()).result.generation, 1);
    assert.equal(snapshot.problem, undefined);
  });

  it('says that nothing is published, and finds what is published later', async () => {
    await assert.rejects(ask(), { status: 503, code: 'SNAPSHOT_MISSING' });
    await assert.rejects(ask(), { code: 'SNAPSHOT_MISSING' });
    assert.deepEqual(store.reads, ['manifest'], 'a known problem is not read again for each request');
    store.publish(1, { a: bytes(10) });
    later(6_000);
    assert.equal((await ask()).result.generation, 1);
  });

  it('answers all waiting requests with the problem of the one that loads', async () => {
    store.delayMs = 20;
    const answers = await Promise.allSettled(Array.from({ length: 10 }, () => ask()));
    assert.ok(answers.every(({ reason }) => reason.code === 'SNAPSHOT_MISSING'));
    assert.deepEqual(store.reads, ['manifest']);
  });

  it('keeps the old generation while a segment of the new one is missing', async () => {
    store.publish(1, { a: bytes(10) });
    await ask();
    store.publish(2, { a: bytes(10), b: bytes(10) });
    store.values.delete('b');
    later(61_000);
    await (await ask()).scope.settled();
    assert.equal((await ask()).result.generation, 1);
    assert.equal(snapshot.problem.code, 'SNAPSHOT_MISSING_SEGMENT');
    store.values.set('b', bytes(10));
    later(61_000 + 6_000);
    await (await ask()).scope.settled();
    assert.equal((await ask()).result.generation, 2);
    assert.equal(snapshot.problem, undefined);
  });

  it('keeps the old generation when the new manifest or a new segment is damaged, or gone', async () => {
    store.publish(1, { a: bytes(10) });
    await ask();
    const spoil = [
      [() => store.values.set('manifest', new TextEncoder().encode('corrupt')), 'SNAPSHOT_CORRUPT'],
      [() => store.publish(2, { b: bytes(10, 0xff) }), 'SEGMENT_CORRUPT'],
      [() => store.values.delete('manifest'), 'SNAPSHOT_MISSING'],
    ];
    for (const [turn, [change, code]] of spoil.entries()) {
      change();
      later(61_000 * (turn + 1));
      await (await ask()).scope.settled();
      assert.equal(snapshot.problem.code, code);
      assert.equal((await ask()).result.generation, 1);
    }
  });

  it('reports a damaged first snapshot with the code of the engine', async () => {
    store.publish(1, { a: bytes(10, 0xff) });
    await assert.rejects(ask(), { status: 500, code: 'SEGMENT_CORRUPT' });
  });

  it('starts the engine again after a trap in a search, and loads again', async () => {
    store.publish(1, { a: bytes(10) });
    await ask();
    await assert.rejects(ask('trap'), { status: 500, code: 'ENGINE_FAILED' });
    assert.equal(engine.discarded, 1);
    assert.equal((await ask()).result.generation, 1);
    assert.deepEqual(store.reads, ['manifest', 'a', 'manifest', 'a']);
  });

  it('abandons a refresh whose engine was thrown away meanwhile, and loads the new generation afresh', async () => {
    store.publish(1, { a: bytes(10) });
    await ask();
    store.publish(2, { a: bytes(10), b: bytes(10) });
    store.delayMs = 30;
    later(61_000);
    const { scope } = await ask();
    await until(() => store.reads.at(-1) === 'b');
    await assert.rejects(ask('trap'), { code: 'ENGINE_FAILED' });
    const next = ask();
    await scope.settled();
    assert.equal((await next).result.generation, 2);
    assert.equal(snapshot.problem, undefined);
    assert.equal(engine.discarded, 1);
  });

  it('keeps the engine after an error that was raised on purpose', async () => {
    store.publish(1, { a: bytes(10) });
    await assert.rejects(ask('refused'), { status: 400, code: 'QUERY_SYNTAX' });
    assert.equal(engine.discarded, 0);
  });

  it('starts the engine again after a trap while loading, and does not try the same at once again', async () => {
    store.publish(1, { a: bytes(10, 0xfe) });
    await assert.rejects(ask(), { status: 500, code: 'ENGINE_FAILED' });
    await assert.rejects(ask(), { code: 'ENGINE_FAILED' });
    assert.deepEqual(store.reads, ['manifest', 'a']);
    store.publish(2, { b: bytes(10) });
    later(31_000);
    assert.equal((await ask()).result.generation, 2);
  });

  it('starts the engine again when queries made it grow, after the answer', async () => {
    mock.method(console, 'warn', () => {});
    store.publish(1, { a: bytes(10) });
    await ask();
    engine.memory = ENGINE_MEMORY_BYTES + 1;
    assert.equal((await ask()).result.generation, 1);
    assert.equal(engine.discarded, 1);
    assert.equal((await ask()).result.generation, 1);
    assert.equal(engine.discarded, 1);
    assert.deepEqual(store.reads, ['manifest', 'a', 'manifest', 'a']);
  });

  it('refuses a snapshot that does not fit', async () => {
    store.publish(1, { a: bytes(600), b: bytes(600) });
    await assert.rejects(ask(), { status: 500, code: 'SNAPSHOT_TOO_LARGE' });
    assert.equal(engine.discarded, 1);
  });

  it('brings the module for regexes to the index that asks for it', async () => {
    store.publish(1, { a: bytes(10) });
    assert.equal((await ask('/regex/')).result.query, '/regex/');
    engine.memory = ENGINE_MEMORY_BYTES + 1;
    await ask();
    assert.equal((await ask('/regex/')).result.query, '/regex/', 'a new index gets it, too');
  });

  it('has the model before a first generation answers, reads it once, and again after a restart', async () => {
    store.publish(1, { a: bytes(10) }, 'm');
    store.values.set('model m', bytes(5));
    store.delayMs = 20;
    const seen = await Promise.all(Array.from({ length: 10 }, () => ask().then(() => snapshot.hasModel)));
    assert.ok(seen.every(Boolean));
    assert.deepEqual(store.reads, ['manifest', 'a', 'model m']);
    store.publish(2, { b: bytes(10) }, 'm');
    later(61_000);
    await (await ask()).scope.settled();
    assert.deepEqual(store.reads.slice(3), ['manifest', 'b']);
    assert.equal(engine.model, 5);
    engine.memory = ENGINE_MEMORY_BYTES + 1;
    await ask();
    await ask();
    assert.deepEqual(store.reads.slice(5), ['manifest', 'b', 'model m']);
    assert.equal(engine.model, 5);
  });

  it('answers without a model that is missing, damaged or cannot be read, and looks for it again', async () => {
    for (const [value, broken] of [[undefined, false], [bytes(5, 0xff), false], [undefined, true]]) {
      mock.restoreAll();
      for (const level of ['warn', 'error']) mock.method(console, level, () => {});
      [engine, store] = [new FakeEngine(), new FakeStore()];
      snapshot = new Snapshot(engine, LIMITS);
      store.publish(1, { a: bytes(10) }, 'm');
      if (value) store.values.set('model m', value);
      if (broken) store.model = () => Promise.reject({ code: 'STORE_UNAVAILABLE', message: 'no answer' });
      assert.equal((await ask()).result.generation, 1);
      assert.deepEqual([snapshot.hasModel, snapshot.problem], [false, undefined]);
      if (broken) delete store.model;
      store.values.set('model m', bytes(5));
      later(61_000);
      await (await ask()).scope.settled();
      assert.deepEqual([snapshot.hasModel, engine.model], [true, 5]);
    }
  });

  it('has no model for a generation whose vectors another one made', async () => {
    store.publish(1, { a: bytes(10) }, 'm');
    store.values.set('model m', bytes(5));
    await ask();
    store.publish(2, { b: bytes(10) }, 'n');
    later(61_000);
    mock.method(console, 'warn', () => {});
    await (await ask()).scope.settled();
    assert.equal((await ask()).result.generation, 2);
    assert.equal(snapshot.hasModel, false);
    store.publish(3, { b: bytes(10) });
    later(122_000);
    await (await ask()).scope.settled();
    assert.deepEqual([snapshot.hasModel, (await ask()).result.generation], [false, 3]);
  });

  it('gives the old generation up when both do not fit beside each other', async () => {
    store.publish(1, { a: bytes(600) });
    await ask();
    store.publish(2, { b: bytes(700) });
    later(61_000);
    const { result, scope } = await ask();
    assert.equal(result.generation, 1);
    await scope.settled();
    assert.equal((await ask()).result.generation, 2);
  });

  it('answers by words when the vectors of a snapshot in parts do not fit, and reads what fits', async () => {
    store.publish(1, { a: bytes(10) });
    await ask();
    const asked = [];
    let needs = [];
    let lengths = [];
    const { create } = engine;
    engine.create = function () {
      return {
        ...create.call(engine),
        trim: () => 0,
        takeNeeds: () => needs.splice(0),
        supply: (_, start, piece) => lengths.push([start, piece.length]),
        search(query, { mode }) {
          asked.push(mode);
          // Vectors are wanted until they were supplied; words are there.
          if (mode === 'lexical' || lengths.length > 0) return { query, mode, generation: 1 };
          needs = [{ segment: 'a', ranges: [100, 100 + this.wanted] }];
          throw { code: 'PARTS_MISSING', message: 'parts' };
        },
        wanted: Number(this.wanted),
      };
    };
    for (const [wanted, mode, answer] of [[5_000, 'hybrid', ['lexical', 'VECTORS_REMOTE']], [5_000, 'semantic', ['lexical', 'VECTORS_REMOTE']], [900, 'hybrid', ['hybrid', undefined]]]) {
      [asked.length, lengths] = [0, []];
      engine.wanted = wanted;
      snapshot = new Snapshot(engine, LIMITS);
      const scope = request(store);
      store.ranges = async (_, ranges) => ranges.map(({ start, end }) => ({ start, bytes: bytes(end - start) }));
      await snapshot.ready(scope);
      const { result } = await snapshot.search(scope, 'q', { mode });
      assert.deepEqual([result.mode, result.semantic], answer);
      assert.deepEqual(lengths, wanted > 1_000 ? [] : [[100, wanted]]);
    }
  });

  it('answers from a newer generation though another request opened it while this one still read parts of the old', async () => {
    const { create } = engine;
    engine.create = function () {
      const index = create.call(engine);
      return {
        ...index,
        takeNeeds: () => [{ segment: 'a', ranges: [100, 200] }],
        trim: () => 0,
        search(query) {
          const found = index.search(query);
          if (found.generation === 1) throw { code: 'PARTS_MISSING', message: 'parts' };
          return found;
        },
      };
    };
    store.publish(1, { a: bytes(10) });
    await snapshot.ready(request(store));
    store.publish(2, { b: bytes(10) });
    const { tag } = snapshot;
    const source = (ranges) => ({ manifest: () => store.manifest(), segment: (name) => store.segment(name), model: () => store.model(), ranges });
    let reads = 0;
    const slow = source(async () => {
      if (++reads === 2) await until(() => snapshot.tag !== tag);
    });
    const asked = [source(async () => undefined), slow].map(request).map((scope) => snapshot.search(scope, 'q', {}));
    assert.deepEqual((await Promise.all(asked)).map(({ result }) => result.generation), [2, 2]);
    assert.equal(reads, 2);
  });
});
