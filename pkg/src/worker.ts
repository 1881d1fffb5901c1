/**
 * The module worker of a browser: `new Worker(new URL('codequarry/worker', …), { type: 'module' })`. It serves a builder or a searcher, as it is told.
 *
 * Nothing is awaited before messages are received: what is posted to a module worker while it awaits is lost.
 */

import type { Port } from './rpc.js';
import { serve } from './worker/serve.js';

/** The part of a dedicated worker's scope that is used here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown, transfer: Transferable[]): void;
  close(): void;
}

const scope = globalThis as unknown as WorkerScope;

const port: Port = {
  post: (message, transfer = []) => scope.postMessage(message, transfer),
  onMessage: (receive) => {
    scope.onmessage = (event) => receive(event.data);
  },
  onFailure: () => {},
  close: () => scope.close(),
};

serve(port, (address) => import(/* @vite-ignore */ /* webpackIgnore: true */ address));
