/**
 * The worker thread of Node. It serves a builder or a searcher, as it is told.
 */

import { parentPort } from 'node:worker_threads';
import type { Port } from './rpc.js';
import { serve } from './worker/serve.js';

const parent = parentPort;
if (!parent) throw new Error('node-worker.js is started as a worker thread, by codequarry');

const port: Port = {
  post: (message, transfer = []) => parent.postMessage(message, transfer),
  onMessage: (receive) => {
    parent.on('message', receive);
  },
  onFailure: () => {},
  close: () => parent.close(),
};

serve(port, (address) => import(/* @vite-ignore */ /* webpackIgnore: true */ address));
