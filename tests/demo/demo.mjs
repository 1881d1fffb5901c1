/**
 * The main job on a real repository: fetches a published package of more than a thousand files, indexes it with the command line and
 * asks it three questions.
 *
 *     node tests/demo/demo.mjs
 *
 * Leaves the archive and the snapshot in build/demo; a second run updates the snapshot, which takes no time as nothing changed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const FOLDER = join(ROOT, 'build/demo');
const [NAME, VERSION] = ['three', '0.180.0'];
const QUERIES = ['raycast against a bounding sphere', 'where are shadow maps rendered', 'OrbitControls'];

/** Runs a command in the root and ends this one when it fails. */
function run(tool, args, options = {}) {
  const { status, error } = spawnSync(tool, args, { cwd: ROOT, stdio: 'inherit', ...options });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

function codequarry(...args) {
  console.log(`\n$ codequarry ${args.map((arg) => (arg.includes(' ') ? `'${arg}'` : arg)).join(' ')}`);
  run(process.execPath, ['pkg/bin/codequarry.js', ...args]);
}

mkdirSync(FOLDER, { recursive: true });
const archive = join(FOLDER, `${NAME}-${VERSION}.tgz`);
if (!existsSync(archive)) {
  run('npm', ['pack', '--silent', `${NAME}@${VERSION}`, '--pack-destination', FOLDER], { stdio: ['ignore', 'ignore', 'inherit'] });
}
const snapshot = relative(ROOT, join(FOLDER, NAME));
codequarry('index', relative(ROOT, archive), '--out', snapshot);
for (const query of QUERIES) codequarry('search', snapshot, query, '--limit', '3');
