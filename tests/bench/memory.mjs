/**
 * Linear memory of builders over 10,000 real files, with vectors, and what a file of 9 MB leaves behind.
 *
 *     node tests/bench/memory.mjs [--json] [--files 10000]
 *
 * A builder's memory never shrinks, so what it has after a batch is the most that it had. One that has passed the mark is replaced.
 */

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { load } from './corpora.mjs';
import { DIST, report, requirePackage, verdict } from './table.mjs';

const { values } = parseArgs({ options: { json: { type: 'boolean' }, files: { type: 'string', default: '10000' } } });
requirePackage();
const dist = (path) => import(pathToFileURL(join(DIST, path)).href);
const { nodePlatform } = await dist('platform/node.js');
const { compileModule } = await dist('modules.js');
const { BuilderPool } = await dist('pool.js');
const { GrammarShelf } = await dist('grammar-shelf.js');
const { ModelShelf } = await dist('model-shelf.js');
const { Batcher, pack } = await dist('batch.js');

/** A pool of one builder, and what its builders say of their memory. */
function watchedPool(builder) {
  const seen = { builders: 0, peak: 0, last: 0 };
  const spawn = () => {
    seen.builders += 1;
    const port = nodePlatform.spawn({});
    const { onMessage } = port;
    port.onMessage = (receive) =>
      onMessage.call(port, (message) => {
        const bytes = message.value?.memoryBytes;
        if (bytes !== undefined) [seen.last, seen.peak] = [bytes, Math.max(seen.peak, bytes)];
        receive(message);
      });
    return port;
  };
  const pool = new BuilderPool({
    spawn,
    module: () => compileModule(nodePlatform, 'builder'),
    grammars: new GrammarShelf(nodePlatform),
    size: 1,
    builder,
    embedder: new ModelShelf(nodePlatform, undefined),
  });
  return { pool, seen };
}

const megabytes = (bytes) => Math.round(bytes / 1e5) / 10;
const files = load('code-50mb');
const wide = watchedPool();
const batcher = new Batcher();
const batches = [...files.flatMap((file) => [...batcher.push(file)]), ...batcher.flush()];
// Round by round until there were so many files: the corpus has fewer.
let built = 0;
for (let at = 0; built < Number(values.files); at = (at + 1) % batches.length) {
  await wide.pool.build(batches[at]);
  built += batches[at].files.length;
}
wide.pool.close();

const { pool, seen } = watchedPool({ maxFileBytes: 1 << 24, maxParseBytes: 1 << 24 });
const one = pack([{ path: 'a.js', bytes: new TextEncoder().encode('export const a = 1;\n') }]);
const unit = new TextEncoder().encode('export function area(shape) {\n  return shape.width * shape.height;\n}\n');
const large = pack([{ path: 'large.js', bytes: new Uint8Array(9e6).map((_, at) => unit[at % unit.length]) }]);
const after = async (batch) => {
  await pool.build(batch);
  return megabytes(seen.last);
};
const before = await after(one);
const during = await after(large);
const afterwards = await after(one);
pool.close();

report(
  'Linear memory of builders, in MB',
  ['', 'MB', 'builders'],
  [
    [`${built} files in batches of at most 8 MB, most`, megabytes(wide.seen.peak), wide.seen.builders],
    ['one small file', before, 1],
    ['a file of 9 MB', during, 1],
    ['one small file afterwards', afterwards, seen.builders],
  ],
  [verdict('memory of a builder', megabytes(wide.seen.peak), 'below', 134.2, ' MB'), verdict('after a file of 9 MB', afterwards, 'below', before, ' MB')],
);
