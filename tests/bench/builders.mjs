/**
 * Builders by themselves: the batches of 50 MB of real code, which lie in memory, built into segments by a pool of one builder and by one of two. Parse, chunk, symbols, references,
 * words, and the segment's bytes; nothing is read, committed or written. Each pool is new, so the compiling of WebAssembly counts.
 *
 *     node tests/bench/builders.mjs [--json] [--rounds 3]
 *
 * `index.mjs` has the whole of indexing, where one builder leaves the other core less to gain, since reading and writing are there already.
 */

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { load } from './corpora.mjs';
import { DIST, cpuSeconds, report, requirePackage, verdict } from './table.mjs';

const { values } = parseArgs({ options: { json: { type: 'boolean' }, rounds: { type: 'string', default: '3' } } });
requirePackage();
const own = (path) => import(pathToFileURL(join(DIST, path)).href);
const [{ Batcher }, { BuilderPool }, { GrammarShelf }, { compileModule }, { nodePlatform }] = await Promise.all(
  ['batch.js', 'pool.js', 'grammar-shelf.js', 'modules.js', 'platform/node.js'].map(own),
);

const batcher = new Batcher();
const batches = load('code-50mb').flatMap((file) => batcher.push(file));
batches.push(...batcher.flush());
const megabytes = batches.reduce((sum, { arena }) => sum + arena.byteLength, 0) / 1e6;

/** Wall and CPU seconds of a new pool over all batches. */
async function build(size) {
  const pool = new BuilderPool({
    spawn: () => nodePlatform.spawn({}),
    module: () => compileModule(nodePlatform, 'builder', undefined),
    grammars: new GrammarShelf(nodePlatform, undefined),
    size,
  });
  const [started, cpu] = [performance.now(), cpuSeconds()];
  const queue = batches[Symbol.iterator]();
  const work = async () => {
    for (const batch of queue) await pool.build(batch);
  };
  await Promise.all(Array.from({ length: size }, work));
  const taken = { seconds: (performance.now() - started) / 1000, cpu: cpuSeconds() - cpu };
  pool.close();
  return taken;
}

const best = new Map();
for (let round = 0; round < Number(values.rounds); round++) {
  for (const size of [1, 2]) {
    const taken = await build(size);
    if (!(best.get(size)?.seconds <= taken.seconds)) best.set(size, taken);
  }
}
const rows = [...best].map(([size, { seconds, cpu }]) => [size === 1 ? 'one builder' : 'two builders', seconds, cpu, megabytes / seconds]);
report(
  `${megabytes.toFixed(1)} MB in ${batches.length} batches, built into segments; the best of ${values.rounds} rounds`,
  ['', 's', 'CPU s', 'MB/s'],
  rows,
  [verdict('two builders to one', best.get(1).seconds / best.get(2).seconds, 'above', 1.8, 'x')],
);
