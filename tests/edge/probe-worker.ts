/**
 * The deployed Worker with a window into it: counts what it reads from KV, and a query that makes the engine fail for
 * real. Only for tests.
 */
import type { SearchIndex } from '../../worker/src/engine.js';
import { engine } from '../../worker/src/module.js';
import { createWorker } from '../../worker/src/worker.js';

const reads: string[] = [];

/** A search for this frees the index first, so that the engine's own code fails on it. */
const FATAL_QUERY = 'fatal query';

function fragile(index: SearchIndex): SearchIndex {
  return new Proxy(index, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== 'function') return value;
      return (...parameters: unknown[]) => {
        if (property === 'search' && parameters[0] === FATAL_QUERY) (target as unknown as { free(): void }).free();
        return value.apply(target, parameters) as unknown;
      };
    },
  });
}

function counting(namespace: KVNamespace): KVNamespace {
  return {
    get(key: string, type: 'arrayBuffer') {
      reads.push(key);
      return namespace.get(key, type);
    },
  } as unknown as KVNamespace;
}

const worker = createWorker({ ...engine, create: () => fragile(engine.create()) });

export default {
  fetch(request, env, context) {
    if (new URL(request.url).pathname === '/probe/reads') return Response.json(reads);
    return worker.fetch!(request, { ...env, SNAPSHOT: counting(env.SNAPSHOT) }, context);
  },
} satisfies ExportedHandler<Env>;
