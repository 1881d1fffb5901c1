/**
 * The trees of the engine's WebAssembly module, grammars as side modules, against those of native tree-sitter with the same grammars linked: node by node, over real files.
 *
 *     node tests/parity/trees.mjs [LANGUAGE …] [--files N] [--json]
 *
 * Compared are kind, field, depth, first and last byte, rows and columns of every node, and whether it is named, missing, an error, an extra or has an error inside; of files with parts in other
 * languages the trees of those, too. The engine's module is built with one feature more than the shipped one: the exports that walk over whole trees. Native is `trees.rs`, which calls nothing of
 * ours but the walk. Of each language as many files are drawn from the packages as `--files` says, by a hash of their paths.
 */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { loadGrammar } from '../../pkg/dist/grammar-loader.js';
import { ROOT, fetched, walk } from '../bench/corpora.mjs';
import { LANGUAGES as CTAGS } from './ctags.mjs';

const ENGINE = join(ROOT, 'build/parity/engine');
const GRAMMARS = join(ROOT, 'pkg/dist/grammars');

/** Packages besides those that Ctags is compared over, for the languages that those lack. */
const PACKAGES = [
  ...Object.values(CTAGS).flatMap(({ packages }) => packages),
  { from: 'npm', name: 'bootstrap', version: '5.3.3' },
  { from: 'npm', name: 'carbon-components-svelte', version: '0.85.0' },
  { from: 'npm', name: 'expo-modules-core', version: '2.0.0' },
  { from: 'npm', name: 'openzeppelin-solidity', version: '4.8.1' },
  { from: 'npm', name: 'primevue', version: '3.53.1' },
  { from: 'pypi', name: 'ziglang', version: '0.13.0' },
  { from: 'debian', name: 'erlang-src' },
  { from: 'debian', name: 'ocaml' },
  { from: 'debian', name: 'perl-modules-5.36' },
  { from: 'debian', name: 'postgresql-15' },
];

/** Memory of the engine in bytes from which it is thrown away, as builders are. */
const MEMORY_BYTES = 256 * 1024 * 1024;

/** Builds the engine with trees. */
export function buildEngine() {
  execFileSync(process.execPath, ['xtask/wasm.mjs', '--trees', '--out', ENGINE], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** The engine with trees; what is there already is taken as it is. */
async function startEngine() {
  if (!existsSync(join(ENGINE, 'builder-engine.wasm'))) buildEngine();
  const engine = await import(pathToFileURL(join(ENGINE, 'builder-engine.js')).href);
  const module = new WebAssembly.Module(readFileSync(join(ENGINE, 'builder-engine.wasm')));
  const compiled = new Map();
  let exports = engine.initSync({ module });
  return {
    language: (path, bytes) => engine.detectLanguage(path, bytes.subarray(0, engine.detectHeadBytes())),
    /** Loads what a file needs; `work` is called with the exports then. A refusal is thrown as `{ code }`. */
    async on(path, bytes, work) {
      if (exports.memory.buffer.byteLength > MEMORY_BYTES) {
        engine.__wbg_reset_state();
        exports = engine.initSync({ module });
      }
      for (const name of engine.grammarsFor(path, bytes)) {
        if (engine.hasGrammar(name)) continue;
        if (!compiled.has(name)) compiled.set(name, new WebAssembly.Module(readFileSync(join(GRAMMARS, `${name}.wasm`))));
        engine.registerGrammar(name, await loadGrammar({ exports, table: engine.functionTable() }, name, compiled.get(name)));
      }
      return work(engine);
    },
  };
}

/** What plain native tree-sitter makes of the same texts. */
export function native(jobs, profile, ...options) {
  const input = jobs.map(({ grammar, start, end, file }) => `${[grammar, start, end, file].join('\t')}\n`).join('');
  const args = ['run', '--quiet', ...profile, '--features', 'trees', '--example', 'trees', '--', ...options];
  return execFileSync('cargo', args, { cwd: ROOT, input, encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['pipe', 'pipe', 'inherit'] });
}

/** Every node of a tree of a file, by both. */
export async function rowsOf(file, { profile = ['--release'], at = 0, by = native } = {}) {
  const engine = await startEngine();
  const [path, bytes] = [file.replace(/^\//, ''), readFileSync(file)];
  const [grammar, start, end] = (await engine.on(path, bytes, (exports) => exports.treeDigests(path, bytes))).split('\n')[at].split(' ');
  const ours = await engine.on(path, bytes, (exports) => exports.treeRows(path, bytes, at));
  return { ours: ours.trim().split('\n'), theirs: by([{ file, grammar, start, end }], profile, '--rows').trim().split('\n') };
}

/**
 * Compares the trees of files; `profile` is cargo's.
 *
 * @returns by language: files, trees, nodes, files that were refused by their code, and of each tree that differs its file and the first difference
 */
export async function compare(files, { profile = ['--release'], by = native } = {}) {
  const engine = await startEngine();
  const jobs = [];
  const results = new Map();
  const of = (language) => {
    if (!results.has(language)) results.set(language, { language, files: 0, trees: 0, nodes: 0, refused: {}, differ: [] });
    return results.get(language);
  };
  for (const file of files) {
    const [path, bytes] = [file.replace(/^\//, ''), readFileSync(file)];
    const result = of(engine.language(path, bytes));
    try {
      const digests = await engine.on(path, bytes, (exports) => exports.treeDigests(path, bytes));
      result.files += 1;
      for (const [at, line] of digests.trim().split('\n').entries()) {
        const [grammar, start, end, nodes, hash] = line.split(' ');
        jobs.push({ file, at, result, grammar, start, end, nodes, hash });
      }
    } catch (error) {
      if (error?.code === undefined) throw error;
      result.refused[error.code] = (result.refused[error.code] ?? 0) + 1;
    }
  }
  const theirs = by(jobs, profile).trim().split('\n');
  if (theirs.length !== jobs.length) throw new Error(`${theirs.length} native trees for ${jobs.length}`);
  for (const [index, job] of jobs.entries()) {
    const { result, file, at, nodes, hash } = job;
    result.trees += 1;
    result.nodes += Number(nodes);
    if (theirs[index] === `${nodes} ${hash}`) continue;
    const { ours, theirs: rows } = await rowsOf(file, { profile, at, by });
    const first = [...ours, undefined].findIndex((row, line) => row !== rows[line]);
    result.differ.push(`${file}, tree ${at} (${job.grammar}), node ${first}: wasm ${ours[first]}, native ${rows[first]}`);
  }
  return [...results.values()].sort((a, b) => (a.language < b.language ? -1 : 1));
}

/** The files that are compared: by language, in an order that has nothing to do with what they are, at most `most` each. */
async function drawn(languages, most) {
  const engine = await startEngine();
  const seen = new Set();
  const byLanguage = new Map();
  const folders = [...PACKAGES.map(fetched), join(ROOT, 'tests/golden'), ...['aiohttp', 'axum', 'pydantic', 'trpc', 'zod'].map((name) => join(ROOT, 'build/eval', name)).filter(existsSync)];
  for (const folder of new Set(folders)) {
    for (const path of walk(folder)) {
      const file = join(folder, path);
      const size = statSync(file).size;
      if (size === 0 || size > 2 * 1024 * 1024 || file.endsWith('.expect')) continue;
      const bytes = readFileSync(file);
      const language = engine.language(path, bytes);
      if (language === undefined || (languages.length > 0 && !languages.includes(language))) continue;
      const digest = createHash('sha1').update(bytes).digest('hex');
      if (seen.has(digest)) continue;
      seen.add(digest);
      const draw = createHash('sha1').update(relative(ROOT, file)).digest('hex');
      if (!byLanguage.has(language)) byLanguage.set(language, []);
      byLanguage.get(language).push({ file, draw });
    }
  }
  return [...byLanguage.values()].flatMap((found) => found.sort((a, b) => (a.draw < b.draw ? -1 : 1)).slice(0, most).map(({ file }) => file));
}

async function main() {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { files: { type: 'string', default: '400' }, json: { type: 'boolean' } } });
  const results = (await compare(await drawn(positionals, Number(values.files)))).filter(({ trees }) => trees > 0);
  const sum = (count) => results.reduce((all, result) => all + count(result), 0);
  if (sum(({ differ }) => differ.length) > 0) process.exitCode = 1;
  if (values.json) {
    console.log(JSON.stringify(results));
    return;
  }
  const print = ({ language, files, trees, nodes, refused, differ }) => {
    const codes = Object.entries(refused).map(([code, count]) => `${count} ${code}`);
    console.log([language.padEnd(16), `${files}`.padStart(5), 'files', `${trees}`.padStart(6), 'trees', `${nodes}`.padStart(10), 'nodes', `${differ.length}`.padStart(4), 'differ', codes.join(', ')].join(' '));
    for (const difference of differ.slice(0, 5)) console.log(`    ${difference}`);
  };
  results.forEach(print);
  print({ language: `${results.length} languages`, files: sum(({ files }) => files), trees: sum(({ trees }) => trees), nodes: sum(({ nodes }) => nodes), refused: {}, differ: results.flatMap(({ differ }) => differ) });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
