/**
 * Who listens to an index, and what they hear.
 */

import type { QuarryEvent } from './types.js';

/** Passes events on to whoever listens. A listener that throws harms nobody else. */
export class EventHub {
  readonly #listeners = new Set<(event: QuarryEvent) => void>();

  /** Adds a listener; returns what removes it. */
  on(listener: (event: QuarryEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  readonly emit = (event: QuarryEvent): void => {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  };
}
