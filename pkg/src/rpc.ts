/**
 * Typed calls over anything that posts messages: a Web Worker, a worker thread, or a pair of ports in one realm.
 *
 * A call carries an id and is answered by a result or an error record; events go either way without an answer. What the other side does
 * with a call is its own affair: this module knows no method. A caller that loses interest drops the answer; stopping work that is under way is done by
 * ending the worker, which is what builders are made for.
 */

import { CodequarryError, type ErrorRecord, toError } from './errors.js';

/** One end of a two-way channel of structured-clone messages. */
export interface Port {
  /** Sends a message; buffers in `transfer` move instead of being copied. */
  post(message: unknown, transfer?: ArrayBuffer[]): void;
  /** Sets the receiver of messages. Messages that came before are delivered then. */
  onMessage(receive: (message: unknown) => void): void;
  /** Sets the receiver of the news that the other side is gone. */
  onFailure(fail: (error: CodequarryError) => void): void;
  /** Keeps the process alive while `busy`; idle workers do not. Only Node needs it. */
  hold?(busy: boolean): void;
  /** Ends the other side at once. */
  close(): void;
}

/** A result whose buffers move to the caller. */
export class Moved<T> {
  constructor(
    readonly value: T,
    readonly transfer: ArrayBuffer[],
  ) {}
}

/** Methods of a service: one structured-clone argument, one result. */
export type Service = { [method: string]: (argument: never) => unknown };
type Argument<S, K extends keyof S> = S[K] extends (argument: infer A) => unknown ? A : never;
type Result<S, K extends keyof S> = S[K] extends (argument: never) => infer R ? R : never;

type Message =
  | { kind: 'call'; id: number; method: string; argument: unknown }
  | { kind: 'result'; id: number; value: unknown }
  | { kind: 'error'; id: number; error: ErrorRecord }
  | { kind: 'event'; name: string; payload: unknown };

/** The side that asks. `S` is the service at the other end, `E` maps the names of its events to their payloads. */
export class Client<S extends object, E extends object = Record<never, never>> {
  readonly #port: Port;
  readonly #pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: unknown) => void }>();
  readonly #listeners = new Map<PropertyKey, (payload: never) => void>();
  #nextId = 1;
  #failure: CodequarryError | undefined;

  constructor(port: Port) {
    this.#port = port;
    port.onMessage((message) => this.#receive(message as Message));
    port.onFailure((error) => this.fail(error));
  }

  /** Why no call can succeed any more, or undefined. */
  get failure(): CodequarryError | undefined {
    return this.#failure;
  }

  /** Calls a method. Rejects with the other side's error, or with the failure of the port. */
  call<K extends keyof S & string>(method: K, argument: Argument<S, K>, transfer: ArrayBuffer[] = []): Promise<Result<S, K>> {
    if (this.#failure) return Promise.reject(this.#failure);
    const id = this.#nextId++;
    return new Promise<Result<S, K>>((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
      try {
        this.#port.post({ kind: 'call', id, method, argument } satisfies Message, transfer);
      } catch (error) {
        this.#pending.delete(id);
        reject(toError(error));
      }
    });
  }

  /** Sends an event to the other side. */
  tell(name: string, payload: unknown): void {
    if (!this.#failure) this.#port.post({ kind: 'event', name, payload } satisfies Message);
  }

  /** Sets the listener of one event. */
  on<K extends keyof E>(name: K, listener: (payload: E[K]) => void): void {
    this.#listeners.set(name, listener as (payload: never) => void);
  }

  /** Ends the other side; everything under way rejects with `error`. */
  fail(error: CodequarryError): void {
    if (this.#failure) return;
    this.#failure = error;
    this.#port.close();
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }

  #receive(message: Message): void {
    if (message.kind === 'event') {
      this.#listeners.get(message.name)?.(message.payload as never);
      return;
    }
    if (message.kind === 'call') return;
    const waiting = this.#pending.get(message.id);
    if (!waiting) return;
    this.#pending.delete(message.id);
    if (message.kind === 'result') waiting.resolve(message.value);
    else waiting.reject(CodequarryError.fromRecord(message.error));
  }
}

/** The side that answers. Calls run as they come; a service that needs order keeps it itself. */
export class Server {
  readonly #port: Port;

  /**
   * @param service the methods
   * @param events listeners of the events that the client sends
   */
  constructor(port: Port, service: Service, events: { [name: string]: (payload: never) => void } = {}) {
    this.#port = port;
    port.onMessage((message) => {
      const received = message as Message;
      if (received.kind === 'event') events[received.name]?.(received.payload as never);
      else if (received.kind === 'call') void this.#answer(service, received);
    });
  }

  /** Sends an event to the client. */
  tell(name: string, payload: unknown): void {
    this.#port.post({ kind: 'event', name, payload } satisfies Message);
  }

  async #answer(service: Service, call: Extract<Message, { kind: 'call' }>): Promise<void> {
    try {
      const method = service[call.method];
      if (!method) throw new CodequarryError('INTERNAL', `no method ${call.method}`);
      const value = await method(call.argument as never);
      if (value instanceof Moved) this.#post({ kind: 'result', id: call.id, value: value.value }, value.transfer);
      else this.#post({ kind: 'result', id: call.id, value });
    } catch (error) {
      this.#post({ kind: 'error', id: call.id, error: toError(error).toRecord() });
    }
  }

  #post(message: Message, transfer?: ArrayBuffer[]): void {
    this.#port.post(message, transfer);
  }
}

/** Two connected ports in one realm, for a runtime without workers. Delivery is asynchronous, nothing is copied. */
export function portPair(): [Port, Port] {
  const ends = [new LocalPort(), new LocalPort()] as const;
  ends[0].peer = ends[1];
  ends[1].peer = ends[0];
  return [ends[0], ends[1]];
}

class LocalPort implements Port {
  peer: LocalPort | undefined;
  #receive: ((message: unknown) => void) | undefined;
  readonly #early: unknown[] = [];

  post(message: unknown): void {
    const peer = this.peer;
    queueMicrotask(() => peer?.deliver(message));
  }

  onMessage(receive: (message: unknown) => void): void {
    this.#receive = receive;
    for (const message of this.#early.splice(0)) receive(message);
  }

  onFailure(): void {}

  close(): void {
    if (this.peer) this.peer.peer = undefined;
    this.peer = undefined;
  }

  deliver(message: unknown): void {
    if (this.#receive) this.#receive(message);
    else this.#early.push(message);
  }
}
