/** The deployed module of an endpoint that can be written to: `wrangler deploy --config wrangler.writable.toml`. */
import { engine } from './module.js';
import { OwnedSource, ownerOf } from './owner-stub.js';
import { createWorker } from './worker.js';
import { type OwnedEnv, write } from './writes.js';

export { IndexOwner } from './owner.js';

export default createWorker<OwnedEnv>(engine, {
  write,
  source: (env, published) => new OwnedSource(ownerOf(env), published),
});
