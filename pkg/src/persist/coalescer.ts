/**
 * When to write: many changes, few writes, and nothing forgotten.
 *
 * Changes are counted, not flagged: `want` is how many were marked, `saved` how many are durable, and one runner writes while the two differ. A write takes the count that
 * it covers before it begins, and `saved` moves only when it has succeeded; so a change that is marked during a write, during a failure or between the two
 * is never taken for written. What the write does is its own affair; this module knows no store, and no clock but the one that it is given.
 *
 * A change that comes alone is written at once: everything else is durable, and nothing was marked for `debounceMs`. Any other joins its
 * neighbours: they are written when no more came for `debounceMs`, at the latest `longestMs` after the oldest of them.
 */

import { CodequarryError } from '../errors.js';
import { SAVE_TRIES } from '../limits.js';

/** Time, as the scheduler needs it. */
export interface Clock {
  /** Milliseconds from any fixed point, never going back. */
  now(): number;
  /** Calls `wake` once, after at least `ms`; returns what cancels it. A process need not stay alive for what is `idle`. */
  after(ms: number, wake: () => void, idle: boolean): () => void;
}

/** The clock of the runtime. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after: (ms, wake, idle) => {
    const timer = setTimeout(wake, ms);
    if (idle && typeof timer === 'object') timer.unref();
    return () => clearTimeout(timer);
  },
};

/** How writes are spread over time, in milliseconds. */
export interface Pace {
  /** Silence after which waiting changes are written. Default 25. */
  debounceMs?: number | undefined;
  /** Longest that a change waits for others, unless a write is under way or has failed. Default 150. */
  longestMs?: number | undefined;
  /** From the end of one write to the start of the next, at least; for stores that count writes. Default 0. */
  gapMs?: number | undefined;
  /** Wait after the first failure; doubles with each. Default 100. */
  retryMs?: number | undefined;
  /** Longest wait after a failure. Default 30,000. */
  retryLongestMs?: number | undefined;
}

/** What is told of a write that failed. */
export interface WriteFailure {
  error: unknown;
  /** Writes that have failed since the last one that succeeded. */
  failures: number;
  /** Milliseconds until the next try. */
  retryInMs: number;
}

/** Options of {@link Coalescer}. */
export interface CoalescerOptions extends Pace {
  /** Makes everything durable that was marked before the call. One at a time. */
  write: () => Promise<void>;
  /** Hears of each failure. What failed stays to be written. */
  onFailure?: ((failure: WriteFailure) => void) | undefined;
  /** Default: {@link systemClock}. */
  clock?: Clock | undefined;
}

interface Waiter {
  /** The count that has to be saved. */
  upTo: number;
  /** The number of the first write whose failure is this waiter's; undefined: it waits through failures. */
  fromWrite: number | undefined;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** Turns marks into writes. */
export class Coalescer {
  readonly #write: () => Promise<void>;
  readonly #onFailure: (failure: WriteFailure) => void;
  readonly #clock: Clock;
  readonly #pace: Required<{ [K in keyof Pace]: number }>;
  #want = 0;
  #saved = 0;
  /** Writes that were started. */
  #writes = 0;
  #writing = false;
  /** The count that the write under way covers. */
  #covered = 0;
  #failures = 0;
  /** When the oldest and the newest change came that no write has begun to cover. */
  #oldest = 0;
  #newest = Number.NEGATIVE_INFINITY;
  /** Before this nothing is written: the gap. */
  #notBefore = Number.NEGATIVE_INFINITY;
  /** Before this nothing is tried again, but for `flush`. */
  #retryAt = Number.NEGATIVE_INFINITY;
  /** The next write waits for nothing: its first change came alone. */
  #immediate = false;
  /** Everything up to this count is to be written without waiting for more. */
  #urgent = 0;
  #waiters: Waiter[] = [];
  #cancelTimer: (() => void) | undefined;
  #closed: CodequarryError | undefined;

  constructor(options: CoalescerOptions) {
    this.#write = options.write;
    this.#onFailure = options.onFailure ?? (() => {});
    this.#clock = options.clock ?? systemClock;
    this.#pace = {
      debounceMs: options.debounceMs ?? 25,
      longestMs: options.longestMs ?? 150,
      gapMs: options.gapMs ?? 0,
      retryMs: options.retryMs ?? 100,
      retryLongestMs: options.retryLongestMs ?? 30_000,
    };
  }

  /** Changes that are not durable yet. */
  get debt(): number {
    return this.#want - this.#saved;
  }

  /** Writes that have failed since the last one that succeeded. */
  get failures(): number {
    return this.#failures;
  }

  /**
   * Counts one change that has been made. Resolves when it is durable, however many tries that takes; rejects only when the coalescer is closed before.
   */
  mark(): Promise<void> {
    if (this.#closed) return Promise.reject(this.#closed);
    const now = this.#clock.now();
    if (this.#want === this.#saved && now - this.#newest >= this.#pace.debounceMs) this.#immediate = true;
    if (!this.#waitsForMore()) this.#oldest = now;
    this.#newest = now;
    this.#want += 1;
    const durable = this.#wait(this.#want, undefined);
    this.#arrange();
    return durable;
  }

  /** Resolves when everything that was marked so far is durable, as `mark` does. */
  durable(): Promise<void> {
    if (this.#want === this.#saved) return Promise.resolve();
    return this.#closed ? Promise.reject(this.#closed) : this.#wait(this.#want, undefined);
  }

  /**
   * Writes now what was marked, without waiting for more or for the next try.
   *
   * @throws what the write threw; what was to be written stays so
   */
  flush(): Promise<void> {
    if (this.#closed) return Promise.reject(this.#closed);
    if (this.#want === this.#saved) return Promise.resolve();
    this.#urgent = this.#want;
    const durable = this.#wait(this.#want, this.#writes + 1);
    this.#arrange();
    return durable;
  }

  /** Writes what is left, once; then nothing is written any more, and what was not saved rejects with what the write threw. */
  async close(): Promise<void> {
    let reason: unknown = new CodequarryError('CLOSED', 'this index was closed');
    try {
      if (!this.#closed) await this.flush();
    } catch (error) {
      reason = error;
      throw error;
    } finally {
      this.#closed ??= new CodequarryError('CLOSED', 'this index was closed');
      this.#cancelTimer?.();
      for (const { reject } of this.#waiters.splice(0)) reject(reason);
    }
  }

  #wait(upTo: number, fromWrite: number | undefined): Promise<void> {
    const settled = new Promise<void>((resolve, reject) => this.#waiters.push({ upTo, fromWrite, resolve, reject }));
    // Not to wait for it is no error.
    settled.catch(() => undefined);
    return settled;
  }

  /** Whether there are changes that no write covers, not even the one under way. */
  #waitsForMore(): boolean {
    return this.#want > (this.#writing ? this.#covered : this.#saved);
  }

  /** Starts the next write, or sets the timer for it. Called after everything that may change when that is. */
  #arrange(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#writing || this.#closed || this.#want === this.#saved) return;
    const wait = this.#due() - this.#clock.now();
    if (wait > 0) this.#cancelTimer = this.#clock.after(wait, () => this.#arrange(), this.#failures >= SAVE_TRIES);
    else void this.#run();
  }

  /** When the next write is to start. */
  #due(): number {
    if (this.#urgent > this.#saved) return this.#notBefore;
    const { debounceMs, longestMs } = this.#pace;
    const gathered = this.#immediate ? this.#oldest : Math.min(this.#newest + debounceMs, this.#oldest + longestMs);
    return Math.max(gathered, this.#notBefore, this.#retryAt);
  }

  async #run(): Promise<void> {
    const covers = this.#want;
    const oldest = this.#oldest;
    this.#writing = true;
    this.#covered = covers;
    this.#immediate = false;
    this.#writes += 1;
    const id = this.#writes;
    let failure: { error: unknown } | undefined;
    try {
      await this.#write();
    } catch (error) {
      failure = { error };
    }
    const now = this.#clock.now();
    this.#writing = false;
    this.#notBefore = now + this.#pace.gapMs;
    if (failure) this.#failed(failure.error, id, oldest, now);
    else this.#succeeded(covers);
    this.#arrange();
  }

  #succeeded(covers: number): void {
    this.#saved = covers;
    this.#failures = 0;
    this.#retryAt = Number.NEGATIVE_INFINITY;
    this.#settle(
      (waiter) => waiter.upTo <= covers,
      (waiter) => waiter.resolve(),
    );
  }

  #failed(error: unknown, id: number, oldest: number, now: number): void {
    this.#failures += 1;
    this.#oldest = oldest;
    const retryInMs = Math.min(this.#pace.retryMs * 2 ** (this.#failures - 1), this.#pace.retryLongestMs);
    this.#retryAt = now + retryInMs;
    this.#settle(
      (waiter) => waiter.fromWrite !== undefined && waiter.fromWrite <= id,
      (waiter) => waiter.reject(error),
    );
    // Those who flushed while this write was under way are owed one of their own.
    if (!this.#waiters.some((waiter) => waiter.fromWrite !== undefined)) this.#urgent = 0;
    this.#onFailure({ error, failures: this.#failures, retryInMs });
  }

  #settle(chosen: (waiter: Waiter) => boolean, settle: (waiter: Waiter) => void): void {
    const settled = this.#waiters.filter(chosen);
    this.#waiters = this.#waiters.filter((waiter) => !chosen(waiter));
    for (const waiter of settled) settle(waiter);
  }
}
