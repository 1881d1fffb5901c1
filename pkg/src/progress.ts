/**
 * Adds up what parallel parts have done and tells it, not too often.
 */

import type { FileSource, Files, LongOptions, Progress } from './types.js';

/** Milliseconds between two calls of a progress listener. */
const INTERVAL_MS = 50;

/** The progress of one operation. */
export class ProgressMeter {
  readonly #listener: ((progress: Progress) => void) | undefined;
  readonly #phase: Progress['phase'];
  readonly #total: () => number | undefined;
  #done = 0;
  #bytes = 0;
  #toldAt = 0;

  /** @param total tells how much there is to do, when it is known */
  constructor(phase: Progress['phase'], options: LongOptions, total: () => number | undefined) {
    this.#phase = phase;
    this.#listener = options.onProgress;
    this.#total = total;
  }

  /** Counts things that are done with. */
  add(done: number, bytes: number): void {
    this.#done += done;
    this.#bytes += bytes;
    if (performance.now() - this.#toldAt >= INTERVAL_MS) this.#tell();
  }

  /** Begins a part, whose progress is told as totals of its own; they may start over. */
  part(): (done: number, bytes: number) => void {
    let before = { done: 0, bytes: 0 };
    return (done, bytes) => {
      const delta = { done: done - before.done, bytes: bytes - before.bytes };
      before = { done, bytes };
      this.add(delta.done, delta.bytes);
    };
  }

  /** Tells the final state. */
  end(): void {
    this.#tell();
  }

  #tell(): void {
    this.#toldAt = performance.now();
    this.#listener?.({ phase: this.#phase, done: this.#done, total: this.#total(), bytes: this.#bytes });
  }
}

/** How many files there are, where the source knows. */
export function totalOf(files: Files): () => number | undefined {
  if (Array.isArray(files)) return () => files.length;
  return () => ('total' in files ? (files as FileSource).total : undefined);
}
