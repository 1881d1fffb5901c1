/** The endpoint that can be written to, with a way to end its owner on the spot. Only for tests. */
import { engine } from '../../worker/src/module.js';
import { IndexOwner } from '../../worker/src/owner.js';
import { OwnedSource, ownerOf } from '../../worker/src/owner-stub.js';
import { createWorker } from '../../worker/src/worker.js';
import { type OwnedEnv, write } from '../../worker/src/writes.js';

/** An owner that is evicted when it is told to: everything that it has in memory, and whatever it waits for, is gone. */
export class MortalOwner extends IndexOwner {
  readonly #mortal: DurableObjectState;

  constructor(state: DurableObjectState, env: OwnedEnv) {
    super(state, env);
    this.#mortal = state;
  }

  override async fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname === '/evict') this.#mortal.abort('evicted');
    return super.fetch(request);
  }
}

const worker = createWorker<OwnedEnv>(engine, { write, source: (env, published) => new OwnedSource(ownerOf(env), published) });

export default {
  async fetch(request, env, context) {
    if (new URL(request.url).pathname !== '/evict') return worker.fetch!(request, env, context);
    await ownerOf(env).fetch('https://owner/evict').catch(() => undefined);
    return new Response();
  },
} satisfies ExportedHandler<OwnedEnv>;
