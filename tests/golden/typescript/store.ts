import { EventEmitter } from 'node:events'
import type { Codec } from './codec.js'

/** How long an entry lives, in milliseconds. */
export const TTL_MS = 60_000

export type Key = string | number

/** What can be observed. */
export interface StoreEvents<T> {
  readonly size: number
  changed(key: Key, value: T): void
  removed(key: Key): void
}

export enum Level {
  Low,
  High = 10,
}

export declare function load(path: string): Promise<Uint8Array>

declare module 'virtual:config' {
  export const root: string
}

export namespace Codecs {
  export const json: Codec = { encode: JSON.stringify, decode: JSON.parse }
  export function byName(name: string): Codec | undefined {
    return name === 'json' ? json : undefined
  }
}

/**
 * A store with expiry.
 *
 * Entries are dropped lazily, when they are next looked at.
 */
@sealed
export class Store<T> extends EventEmitter implements Iterable<[Key, T]> {
  static readonly instances = new Set<WeakRef<Store<unknown>>>()
  private readonly entries = new Map<Key, { value: T; expires: number }>()

  constructor(private readonly ttl = TTL_MS) {
    super()
    Store.instances.add(new WeakRef(this))
  }

  /** The value of a key that has not expired. */
  get(key: Key): T | undefined
  get(key: Key, fallback: T): T
  get(key: Key, fallback?: T): T | undefined {
    const entry = this.entries.get(key)
    if (entry === undefined || entry.expires < Date.now()) {
      this.entries.delete(key)
      return fallback
    }
    return entry.value
  }

  /** Sets a value, and tells whoever listens. */
  @logged({ level: Level.Low })
  set(key: Key, value: T): this {
    this.entries.set(key, { value, expires: Date.now() + this.ttl })
    this.emit('changed', key, value)
    return this
  }

  *[Symbol.iterator](): Iterator<[Key, T]> {
    for (const [key, entry] of this.entries) yield [key, entry.value]
  }

  remove = (key: Key): boolean => {
    const had = this.entries.delete(key)
    if (had) this.emit('removed', key)
    return had
  }

  /**
   * Writes the store to a stream of lines, one entry a line, so that it can be read again without holding all of it in
   * memory. Expired entries are left out.
   */
  async persist(write: (line: string) => Promise<void>, codec: Codec = Codecs.json): Promise<number> {
    let count = 0
    for (const [key, entry] of this.entries) {
      if (entry.expires < Date.now()) continue
      await write(codec.encode([key, entry.value, entry.expires]))
      count += 1
    }
    return count
  }
}

export abstract class Backend {
  protected abstract open(path: string): Promise<void>
  abstract readonly name: string
}

export default class extends Store<string> {}
