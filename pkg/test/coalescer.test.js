/** The scheduler of writes under a clock that the test turns: single cases, and 10,000 random interleavings with failures. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Coalescer } from '../dist/persist/coalescer.js';
import { random } from './helpers.js';

/** A clock that goes on only when it is told. */
class TestClock {
  time = 0;
  /** @type {{ at: number, wake: () => void }[]} */
  timers = [];

  now() {
    return this.time;
  }

  /** @param {number} ms @param {() => void} wake */
  after(ms, wake) {
    const timer = { at: this.time + ms, wake };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((known) => known !== timer);
    };
  }

  /** Goes to the next timer, if there is one before `limit`. @param {number} [limit] */
  step(limit = Number.POSITIVE_INFINITY) {
    const next = this.timers.reduce((/** @type {TestClock['timers'][0] | undefined} */ first, timer) => (!first || timer.at < first.at ? timer : first), undefined);
    if (!next || next.at > limit) return false;
    this.timers = this.timers.filter((timer) => timer !== next);
    this.time = Math.max(this.time, next.at);
    next.wake();
    return true;
  }

  /** @param {number} time */
  async goTo(time) {
    await settle();
    while (this.step(time)) await settle();
    this.time = time;
    await settle();
  }

  /** Goes on until nothing is waited for any more. @param {number} [steps] */
  async finish(steps = 1000) {
    await settle();
    for (let step = 0; this.step(); step++) {
      if (step === steps) throw new Error('there is always another timer');
      await settle();
    }
  }
}

/** Lets everything run that waits for no timer. */
async function settle() {
  for (let turn = 0; turn < 8; turn++) await undefined;
}

/**
 * A store of a counter: a write takes the count when it begins and makes it durable when it ends.
 *
 * @param {TestClock} clock
 * @param {(write: number) => { ms: number, error?: unknown, late?: boolean }} plan what the nth write, from 1, does; `late`: it succeeds, but says that it has not
 */
function model(clock, plan) {
  /** @type {{ made: number, durable: number, writes: number, running: number, starts: number[], ends: number[] }} */
  const state = { made: 0, durable: 0, writes: 0, running: 0, starts: [], ends: [] };
  const write = async () => {
    state.writes += 1;
    state.running += 1;
    assert.equal(state.running, 1, 'one write at a time');
    state.starts.push(clock.time);
    const covered = state.made;
    const { ms, error, late } = plan(state.writes);
    if (ms > 0) await new Promise((resolve) => clock.after(ms, () => resolve(undefined)));
    state.running -= 1;
    state.ends.push(clock.time);
    if (!error || late) state.durable = Math.max(state.durable, covered);
    if (error) throw error;
  };
  return { state, write };
}

test('a lone change is written at once; a burst in a handful of writes', async () => {
  const clock = new TestClock();
  const { state, write } = model(clock, () => ({ ms: 5 }));
  const coalescer = new Coalescer({ write, clock });
  state.made = 1;
  const first = coalescer.mark();
  assert.equal(state.writes, 1, 'it does not wait for company');
  await clock.goTo(1000);
  await first;
  /** @type {Promise<void>[]} */
  const marks = [];
  for (let change = 0; change < 600; change++) {
    state.made += 1;
    marks.push(coalescer.mark());
    if (change % 2) await clock.goTo(clock.time + 1);
  }
  await clock.finish();
  await Promise.all(marks);
  assert.equal(state.durable, 601);
  assert.ok(state.writes <= 5, `${state.writes} writes for 600 changes in 300 ms`);
  assert.equal(coalescer.debt, 0);
  assert.deepEqual(clock.timers, [], 'nothing runs when nothing is to be done');
});

test('changes that keep coming are written after the longest wait', async () => {
  const clock = new TestClock();
  const { state, write } = model(clock, () => ({ ms: 1 }));
  const coalescer = new Coalescer({ write, clock, debounceMs: 25, longestMs: 150 });
  for (; clock.time < 2000; await clock.goTo(clock.time + 10)) {
    state.made += 1;
    void coalescer.mark();
  }
  await clock.finish();
  const waits = state.starts.slice(1).map((start, index) => start - (state.starts[index] ?? 0));
  assert.ok(Math.max(...waits) <= 150 + 1 + 10, waits.join());
  assert.ok(state.writes <= 15, `${state.writes}`);
});

test('changes that are far apart are written one by one, without waiting', async () => {
  const clock = new TestClock();
  const { state, write } = model(clock, () => ({ ms: 5 }));
  const coalescer = new Coalescer({ write, clock });
  for (; clock.time < 2000; await clock.goTo(clock.time + 100)) {
    state.made += 1;
    void coalescer.mark();
  }
  assert.deepEqual(
    state.starts,
    Array.from({ length: 20 }, (_, index) => index * 100),
  );
});

test('a slow store is left its gap, also by flush', async () => {
  const clock = new TestClock();
  const { state, write } = model(clock, () => ({ ms: 20 }));
  const coalescer = new Coalescer({ write, clock, gapMs: 1000 });
  for (; clock.time < 5000; await clock.goTo(clock.time + 100)) {
    state.made += 1;
    void coalescer.mark();
    if (clock.time % 300 === 0) void coalescer.flush();
  }
  await clock.finish();
  for (const [index, start] of state.starts.slice(1).entries()) assert.ok(start - (state.ends[index] ?? 0) >= 1000);
  assert.equal(state.durable, state.made);
});

test('what fails stays to be written: later and later, told each time, and at once when flushed', async () => {
  const clock = new TestClock();
  let broken = true;
  const { state, write } = model(clock, () => ({ ms: 1, ...(broken ? { error: new Error('full') } : {}) }));
  /** @type {number[]} */
  const told = [];
  const coalescer = new Coalescer({ write, clock, retryMs: 100, retryLongestMs: 1000, onFailure: ({ retryInMs }) => told.push(retryInMs) });
  state.made = 1;
  let durable = false;
  const marked = coalescer.mark().then(() => {
    durable = true;
  });
  await clock.goTo(5000);
  assert.deepEqual(told, [100, 200, 400, 800, 1000, 1000, 1000, 1000]);
  assert.deepEqual([durable, coalescer.debt, coalescer.failures], [false, 1, 8]);
  await Promise.all([assert.rejects(coalescer.flush(), /full/), clock.goTo(5002)]);
  assert.equal(told.length, 9, 'flushing tries at once');
  broken = false;
  await clock.finish();
  await marked;
  assert.deepEqual([state.durable, coalescer.debt, coalescer.failures], [1, 0, 0]);
});

test('a flush during a write that fails gets a try of its own', async () => {
  const clock = new TestClock();
  const { state, write } = model(clock, (nth) => ({ ms: 10, ...(nth === 1 ? { error: new Error('once') } : {}) }));
  const coalescer = new Coalescer({ write, clock });
  state.made = 1;
  void coalescer.mark();
  await clock.goTo(5);
  const flushed = coalescer.flush();
  await clock.goTo(30);
  await flushed;
  assert.deepEqual([state.durable, state.writes], [1, 2]);
});

test('closing writes what is left; what cannot be written is told', async () => {
  const clock = new TestClock();
  const { state, write } = model(clock, (nth) => ({ ms: 10, ...(nth > 2 ? { error: new Error('gone') } : {}) }));
  const coalescer = new Coalescer({ write, clock });
  state.made = 1;
  void coalescer.mark();
  state.made = 2;
  const second = coalescer.mark();
  await Promise.all([coalescer.close(), clock.goTo(100)]);
  await second;
  assert.equal(state.durable, 2);
  await assert.rejects(coalescer.mark(), { code: 'CLOSED' });

  const other = new Coalescer({ write, clock });
  const lost = other.mark();
  await Promise.all([assert.rejects(other.close(), /gone/), assert.rejects(lost, /gone/), clock.goTo(200)]);
  const { writes } = state;
  await clock.goTo(100_000);
  assert.equal(state.writes, writes, 'nothing is written after closing');
});

test('10,000 random interleavings: nothing is lost, nothing is acknowledged early, nothing waits too long', async () => {
  let writes = 0;
  let failures = 0;
  for (let seed = 1; seed <= 10_000; seed++) {
    const next = random(seed * 7919);
    const below = (/** @type {number} */ bound) => Math.floor(next() * bound);
    const clock = new TestClock();
    const pace = { debounceMs: below(40), longestMs: 40 + below(160), gapMs: below(3) ? 0 : below(300), retryMs: 1 + below(100), retryLongestMs: 500 };
    let healthy = false;
    const failing = below(3) / 3;
    const slowest = 1 + below(80);
    const { state, write } = model(clock, () => {
      const fails = !healthy && next() < failing;
      return { ms: below(slowest), ...(fails ? { error: new Error('failed'), late: below(4) === 0 } : {}) };
    });
    let told = 0;
    const coalescer = new Coalescer({ write, clock, ...pace, onFailure: () => (told += 1) });
    let resolved = 0;
    let flushes = 0;
    const change = () => {
      state.made += 1;
      const mine = state.made;
      void coalescer.mark().then(() => {
        assert.ok(state.durable >= mine, `seed ${seed}: change ${mine} was acknowledged at ${state.durable}`);
        resolved += 1;
      });
    };
    const events = 5 + below(40);
    for (let event = 0; event < events; event++) {
      const kind = below(10);
      if (kind < 6) for (let times = below(4); times >= 0; times--) change();
      else if (kind < 7) {
        const mine = state.made;
        flushes += 1;
        void coalescer.flush().then(
          () => {
            flushes -= 1;
            assert.ok(state.durable >= mine, `seed ${seed}: flushed early`);
          },
          () => (flushes -= 1),
        );
      } else if (kind < 9) await clock.goTo(clock.time + below(120));
      else await settle();
    }
    healthy = true;
    await clock.finish();
    assert.deepEqual([state.durable, resolved, flushes, coalescer.debt], [state.made, state.made, 0, 0], `seed ${seed}`);
    assert.equal(clock.timers.length, 0);
    for (const [index, start] of state.starts.slice(1).entries()) assert.ok(start - (state.ends[index] ?? 0) >= pace.gapMs, `seed ${seed}: gap`);
    writes += state.writes;
    failures += told;
    const quiet = state.writes;
    await clock.finish();
    assert.equal(state.writes, quiet);
  }
  assert.ok(writes > 50_000 && failures > 10_000, `${writes} writes, ${failures} failures`);
});
