/**
 * Writes the licences of everything that is compiled into the engine and the side modules: `pkg/dist/THIRD-PARTY-LICENCES.txt`.
 *
 *     node xtask/licences.mjs [OUT_FILE]
 *
 * The texts are those that the crates carry. A crate that carries none is named with its authors and the licence that its manifest declares.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const OUT = process.argv[2] ?? join(ROOT, 'pkg/dist/THIRD-PARTY-LICENCES.txt');

function metadata(...args) {
  const json = execFileSync('cargo', ['metadata', '--format-version', '1', ...args], { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 28 });
  return JSON.parse(json);
}

/** Ids of the packages that `root` needs at run time or whose C sources it is built from. */
function reachable({ resolve }, root) {
  const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));
  const found = new Set();
  const queue = [root];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    for (const { pkg, dep_kinds } of nodes.get(id).deps) {
      if (dep_kinds.some(({ kind }) => kind === null)) queue.push(pkg);
    }
  }
  return found;
}

/** The licence texts beside a manifest, without repetition. */
function texts(manifest) {
  const folder = dirname(manifest);
  const names = readdirSync(folder).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name)).sort();
  return names.map((name) => {
    try {
      return readFileSync(join(folder, name), 'utf8').trim();
    } catch {
      return ''; // a folder of that name
    }
  }).filter(Boolean);
}

const engine = metadata('--filter-platform', 'wasm32-unknown-unknown');
const grammars = metadata('--features', 'codequarry-grammars/linked');
const packages = new Map([...engine.packages, ...grammars.packages].map((item) => [item.id, item]));
const rootOf = (data, name) => data.packages.find((item) => item.name === name && item.source === null).id;
const ids = new Set([...reachable(engine, rootOf(engine, 'codequarry')), ...reachable(grammars, rootOf(grammars, 'codequarry-grammars'))]);
const items = [...ids].map((id) => packages.get(id)).filter((item) => item.source !== null);
items.sort((a, b) => a.name.localeCompare(b.name) || a.version.localeCompare(b.version));

const parts = items.map((item) => {
  const head = `${item.name} ${item.version} (${item.license ?? 'licence in its own text'})`;
  const by = item.authors.length > 0 ? `Copyright (c) ${item.authors.join(', ')}` : '';
  const body = texts(item.manifest_path);
  return [head, '-'.repeat(head.length), item.repository ?? '', ...(body.length > 0 ? body : [by, `Licensed under ${item.license}.`])].filter(Boolean).join('\n');
});
writeFileSync(OUT, `What is compiled into codequarry, and its licences.\n\n${parts.join('\n\n\n')}\n`);
console.log(`${OUT}: ${items.length} crates`);
