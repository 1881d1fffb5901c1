/** How a Worker reaches the owner of its index, and reads what KV does not show yet. */
import type { BytePiece, ByteRange } from 'codequarry';

import { Problem } from './problem.js';
import type { SegmentStart, SnapshotSource } from './source.js';
import type { OwnedEnv } from './writes.js';

/** The Durable Object that owns the index under the variable `INDEX`. */
export function ownerOf(env: OwnedEnv): DurableObjectStub {
  return env.OWNER.get(env.OWNER.idFromName(env.INDEX ?? 'default/'));
}

/**
 * Asks the owner for the newest manifest and for segments that KV does not have (yet). Where the owner knows nothing, because the index was published and never written to, or
 * does not answer, what KV has is served.
 */
export class OwnedSource implements SnapshotSource {
  readonly #owner: DurableObjectStub;
  readonly #published: SnapshotSource;

  constructor(owner: DurableObjectStub, published: SnapshotSource) {
    this.#owner = owner;
    this.#published = published;
  }

  async manifest(): Promise<Uint8Array | undefined> {
    const owned = await this.#ask('manifest').catch((thrown: unknown) => {
      console.error('the owner does not answer', thrown);
      return undefined;
    });
    return owned ?? this.#published.manifest();
  }

  async segment(name: string): Promise<Uint8Array | SegmentStart | undefined> {
    return (await this.#published.segment(name)) ?? this.#ask(`blob?key=${name}.cqs`);
  }

  ranges(name: string, ranges: readonly ByteRange[]): Promise<BytePiece[] | undefined> {
    return this.#published.ranges(name, ranges);
  }

  model(hash: string): Promise<Uint8Array | undefined> {
    return this.#published.model(hash);
  }

  async #ask(what: string): Promise<Uint8Array | undefined> {
    const response = await this.#owner.fetch(`https://owner/${what}`);
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
    await response.body?.cancel();
    if (response.status === 404) return undefined;
    throw new Problem(503, 'STORE_UNAVAILABLE', 'the owner of the index did not answer', { retryAfterSeconds: 5 });
  }
}
