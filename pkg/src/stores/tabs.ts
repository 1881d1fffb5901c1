/**
 * What the tabs and workers of one origin share beside storage: a lock, so that one of them writes at a time, and a channel for the news that one has. Where the browser
 * has neither, or refuses them, writers still cannot mix: the swap of the manifest decides.
 */

/** The lock and the channel of one snapshot. */
export class Tabs {
  readonly #name: string;
  readonly #listeners = new Set<() => void>();
  #channel: BroadcastChannel | undefined;

  /** @param name names the snapshot and the kind of its store */
  constructor(name: string) {
    this.#name = `codequarry:${name}`;
  }

  /** Runs `work` while no other tab does. The lock is freed when this tab dies. */
  async exclusive<T>(work: () => Promise<T>): Promise<T> {
    const locks = globalThis.navigator?.locks;
    if (!locks) return work();
    let begun = false;
    const begin = (): Promise<T> => {
      begun = true;
      return work();
    };
    try {
      return (await locks.request(this.#name, begin)) as T;
    } catch (error) {
      if (begun) throw error;
      return work();
    }
  }

  /** Tells the other tabs that the manifest was replaced. */
  tell(): void {
    try {
      this.#open()?.postMessage('changed');
    } catch {
      // A channel that was closed with its page has nobody to tell.
    }
  }

  /** Calls `changed` when another tab tells; returns what ends that. */
  watch(changed: () => void): () => void {
    this.#open();
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  }

  close(): void {
    this.#listeners.clear();
    this.#channel?.close();
    this.#channel = undefined;
  }

  #open(): BroadcastChannel | undefined {
    if (this.#channel || typeof BroadcastChannel !== 'function') return this.#channel;
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = () => {
      for (const changed of this.#listeners) changed();
    };
    return this.#channel;
  }
}
