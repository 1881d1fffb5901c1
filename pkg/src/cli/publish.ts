/**
 * `codequarry publish`: a snapshot into Workers KV, for the search endpoint.
 */

import { fileURLToPath } from 'node:url';
import { compileModule } from '../modules.js';
import { nodePlatform } from '../platform/node.js';
import { searcherInstance } from '../searcher-instance.js';
import { type CommandContext, EXIT, type OptionSpec, readArgs, usageError } from './command.js';
import { publish } from './publish/publisher.js';
import { StepLine, describe } from './publish/report.js';
import { withSnapshot } from './publish/source.js';
import { Wrangler } from './publish/wrangler.js';
import { print, printJson } from './terminal.js';

export const name = 'publish';
export const summary = 'put a snapshot into Workers KV, for the search endpoint';
export const help = `
Usage: codequarry publish <snapshot|folder|archive> (--binding NAME | --kv-namespace ID) [options]

Puts a snapshot into a namespace of Cloudflare Workers KV, where the search endpoint finds it. A folder of source code or an archive is
indexed first, into a temporary place. Segments that are there already are not sent again; the manifest is replaced last,
so the endpoint sees the old snapshot or the new one. The embedding model goes there too, where it made the snapshot's
vectors, so that the endpoint finds by meaning. The work is done by your own wrangler: log in with 'npx wrangler login'.

Options:
  --binding NAME        the namespace by its binding in wrangler.toml
  --kv-namespace ID     the namespace by its id
  --config FILE         the wrangler.toml that has the binding (default: wrangler's own search, from the current folder)
  --prefix PREFIX       what all keys begin with; the endpoint's variable INDEX (default: default/)
  --keep N              earlier generations whose segments stay, for Workers that still load them (default: 1)
  --parts-above MB      put segments there in parts when they have more than this together (default: 20), so that
                        an isolate reads and holds what its answers need
  --local               the local namespace of 'wrangler dev' instead of the real one
  --persist-to DIR      where 'wrangler dev' keeps its local data
  --dry-run             say what would be done, write nothing
  --force               replace a published snapshot by an empty one, or one that cannot be read
  --json                print { prefix, generation, files, chunks, segments, inParts, bytes, uploaded, uploadedBytes,
                        skipped, deleted, switched, dryRun, warnings }
  --quiet               no progress

Examples:
  codequarry publish . --binding SNAPSHOT
  codequarry publish index-dir --kv-namespace 0f2ac74b498b48028cb68387c421e279 --prefix docs/
  codequarry publish . --binding SNAPSHOT --local && npx wrangler dev
`;

const OPTIONS: OptionSpec = {
  binding: { type: 'string' },
  'kv-namespace': { type: 'string' },
  config: { type: 'string' },
  prefix: { type: 'string' },
  keep: { type: 'string' },
  'parts-above': { type: 'string' },
  local: { type: 'boolean' },
  'persist-to': { type: 'string' },
  'dry-run': { type: 'boolean' },
  force: { type: 'boolean' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean' },
};

/** Earlier generations at most: each keeps its segments in the namespace. */
const KEEP_MAX = 100;

export async function run({ args, signal }: CommandContext): Promise<number> {
  const given = readArgs(args, OPTIONS, [1, 1]);
  const [source = ''] = given.positionals;
  const id = checkName('kv-namespace', given.text('kv-namespace'));
  const binding = checkName('binding', given.text('binding'));
  if ((id === undefined) === (binding === undefined)) throw usageError('give the namespace, with either --binding or --kv-namespace');
  const partsAbove = given.number('parts-above', 0, 1_000_000);
  const options = {
    prefix: checkPrefix(given.text('prefix') ?? 'default/'),
    keep: given.number('keep', 0, KEEP_MAX) ?? 1,
    partsAbove: partsAbove === undefined ? undefined : partsAbove * 1_000_000,
    force: given.has('force'),
    dryRun: given.has('dry-run'),
  };
  const wrangler = await Wrangler.find({ id, binding, local: given.has('local'), persistTo: given.text('persist-to'), config: given.text('config') });
  const engine = await searcherInstance.start(await compileModule(nodePlatform, 'searcher'));
  const showProgress = !given.has('quiet') && !given.has('json');
  const line = new StepLine(showProgress);
  try {
    const published = await withSnapshot(source, { showProgress, signal }, (folder) =>
      publish(engine, wrangler, {
        ...options,
        folder,
        model: fileURLToPath(new URL('../code.cqmodel', import.meta.url)),
        onStep: (step) => {
          signal.throwIfAborted();
          line.show(step);
        },
      }),
    );
    line.end();
    if (given.has('json')) await printJson(published);
    else await print(describe(published));
    for (const warning of published.warnings) process.stderr.write(`warning: ${warning}\n`);
    return EXIT.found;
  } finally {
    line.end();
  }
}

/** Names and ids become arguments of wrangler, which must not take them for options. */
function checkName(option: string, value: string | undefined): string | undefined {
  if (value !== undefined && !/^\w+$/.test(value)) throw usageError(`--${option} takes letters, digits and _`);
  return value;
}

/** A prefix is part of keys, which have 512 bytes at most, and of wrangler's arguments. */
function checkPrefix(prefix: string): string {
  if (!/^(?!-)[\w./-]{0,400}$/.test(prefix)) {
    throw usageError('--prefix takes up to 400 letters, digits and any of _ . / -, and does not begin with -');
  }
  return prefix;
}
