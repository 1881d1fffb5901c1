/**
 * Builds the grammar side modules: one `.wasm` shared library for each entry of `grammars.json`.
 *
 *     node grammars/build.mjs [--only name[,name…]] [--out pkg/grammars] [--sizes] [--prelude file.h --as name]
 *
 * The C sources are those of the grammar crates that the workspace pins, found through `cargo metadata`, so that the side modules and
 * the grammars of a native build are the same code. The crates' own build scripts are not used: they make static libraries, and
 * some refuse wasm32. The headers of `tree-sitter-language` are the C library that the sources see; what they call is an export of
 * the engine (`exports.txt`), which is checked here after linking.
 *
 * With `--prelude` the one grammar named is compiled behind that file, under another name: for tests that need a broken one.
 *
 * A result is kept in `target/grammars` under a hash of everything it depends on, and built again only when that changes.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { brotliCompressSync } from 'node:zlib';
import { findToolchain } from './toolchain.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(HERE);
const CACHE = join(process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target'), 'grammars');

/** Compilers at work at once. The largest grammars take 1 GB each. */
const JOBS = Math.min(2, availableParallelism());

/** Declarations that every file of a grammar sees first. */
const PRELUDE = join(HERE, 'libc.h');

/**
 * -O3 parses 6 % faster than -Os for 1 to 2 % more bytes; wasm-opt after it gains nothing (typescript and rust, 12 MB of source). Hidden
 * symbols spare relocations through the global offset table. Assertions stay: in a scanner that lost its way a trap is the better end.
 */
const CFLAGS = [
  '--target=wasm32-unknown-unknown',
  '-std=c11',
  '-O3',
  '-fPIC',
  '-fvisibility=hidden',
  '-mbulk-memory',
  '-msign-ext',
  '-mnontrapping-fptoint',
  '-include',
  PRELUDE,
  '-Wno-everything',
  '-Werror=implicit-function-declaration',
];

/**
 * What tree-sitter's generator writes into a parser with a large lexer, to spare its users the time of compiling it. Such a lexer keeps every variable in memory: it is
 * twice as large, which the host's compiler pays for again and again, and scans half as fast. So it is compiled without that line, and for size: -O3 is no faster here.
 */
const UNOPTIMIZED = /^#pragma clang optimize off$/m;
const LARGE_LEXER_FLAGS = ['-Os'];

const LDFLAGS = ['-shared', '--experimental-pic', '--no-entry', '--allow-undefined', '--strip-all', '--gc-sections'];

/** What a side module may import besides functions of `exports.txt`. */
const PLACES = new Set(['memory', '__indirect_function_table', '__stack_pointer', '__memory_base', '__table_base']);

/** Runs a tool to its end; rejects with what it printed. */
function run(tool, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (chunk) => (errors += chunk));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${tool} failed (${code})\n${errors.trim()}`))));
  });
}

/** The folder of each crate that the workspace locks, by `name@version`. */
function crateFolders() {
  const args = ['metadata', '--format-version', '1', '--all-features', '--manifest-path', join(ROOT, 'Cargo.toml')];
  const { status, stdout, stderr, error } = spawnSync('cargo', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (error || status !== 0) throw new Error(`cargo metadata failed; cargo comes with rustup (https://rustup.rs)\n${error ?? stderr}`);
  const folders = new Map();
  for (const { name, version, manifest_path: manifest } of JSON.parse(stdout).packages) {
    folders.set(`${name}@${version}`, dirname(manifest));
    if (name === 'tree-sitter-language') folders.set(name, dirname(manifest));
  }
  return folders;
}

/** The C files and headers below a folder, sorted. */
async function sources(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.[ch]$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** A hash over everything that decides over the bytes of one side module. */
async function fingerprint(grammar, folder, headers, toolchain) {
  const hash = createHash('sha256');
  const flags = CFLAGS.filter((flag) => flag !== PRELUDE);
  hash.update(JSON.stringify([grammar, flags, LARGE_LEXER_FLAGS, LDFLAGS, toolchain.version])).update(await readFile(PRELUDE));
  if (grammar.prelude !== undefined) hash.update(await readFile(join(HERE, grammar.prelude)));
  for (const base of [folder, headers]) {
    for (const file of await sources(base)) hash.update(`${relative(base, file)}\0`).update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 16);
}

/** Compiles and links one grammar to `target`. */
async function compile(grammar, folder, headers, toolchain, target) {
  const source = join(folder, grammar.dir);
  const own = grammar.prelude === undefined ? [] : ['-include', join(HERE, grammar.prelude)];
  const objects = [];
  // Some crates keep the scanner beside the folder of what was generated.
  for (const [unit, ...places] of [['parser', source], ['scanner', source, dirname(source)]]) {
    const files = places.map((place) => join(place, `${unit}.c`));
    const file = files.find((candidate) => existsSync(candidate));
    if (file === undefined) continue;
    const object = `${target}.${unit}.o`;
    const text = await readFile(file, 'utf8');
    const optimized = `${target}.${unit}.c`;
    const large = UNOPTIMIZED.test(text);
    if (large) await writeFile(optimized, text.replace(UNOPTIMIZED, ''));
    const flags = [...CFLAGS, ...(large ? LARGE_LEXER_FLAGS : []), ...own];
    await run(toolchain.clang, [...flags, `-I${headers}`, `-I${join(HERE, 'include')}`, `-I${source}`, '-c', large ? optimized : file, '-o', object]);
    if (large) await rm(optimized);
    objects.push(object);
  }
  await run(toolchain.ld, [...LDFLAGS, `--export=${grammar.symbol}`, ...objects, '-o', `${target}.partial`]);
  await Promise.all(objects.map((object) => rm(object)));
  await rename(`${target}.partial`, target);
}

/** Refuses a module that the engine could not load. */
function verify(name, bytes, symbol, provided) {
  const module = new WebAssembly.Module(bytes);
  const missing = WebAssembly.Module.imports(module).filter(
    (wanted) => wanted.module === 'env' && !PLACES.has(wanted.name) && !provided.has(wanted.name),
  );
  if (missing.length > 0) {
    throw new Error(`${name} imports what exports.txt does not list: ${missing.map((wanted) => wanted.name).join(', ')}`);
  }
  if (!WebAssembly.Module.exports(module).some((item) => item.name === symbol)) throw new Error(`${name} does not export ${symbol}`);
}

async function build(grammar, context) {
  const { folders, headers, toolchain, provided, out } = context;
  const folder = folders.get(`${grammar.crate}@${grammar.version}`);
  if (folder === undefined) throw new Error(`the workspace has no ${grammar.crate} ${grammar.version}: compare grammars.json with grammars/Cargo.toml`);
  const cached = join(CACHE, `${grammar.name}-${await fingerprint(grammar, folder, headers, toolchain)}.wasm`);
  const started = Date.now();
  const fresh = !(await stat(cached).catch(() => undefined));
  if (fresh) {
    for (const old of await readdir(CACHE)) if (old.startsWith(`${grammar.name}-`)) await rm(join(CACHE, old));
    await compile(grammar, folder, headers, toolchain, cached);
  }
  const bytes = await readFile(cached);
  verify(grammar.name, bytes, grammar.symbol, provided);
  await copyFile(cached, join(out, `${grammar.name}.wasm`));
  const seconds = fresh ? `${((Date.now() - started) / 1000).toFixed(1)} s` : 'unchanged';
  const size = context.sizes ? `${String(bytes.length).padStart(9)} B ${String(brotliCompressSync(bytes).length).padStart(8)} B brotli  ` : '';
  console.log(`${grammar.name.padEnd(16)} ${size}${seconds}`);
}

async function main() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      prelude: { type: 'string' },
      as: { type: 'string' },
      out: { type: 'string', default: join(ROOT, 'pkg/grammars') },
      sizes: { type: 'boolean', default: false },
    },
  });
  const all = JSON.parse(await readFile(join(HERE, 'grammars.json'), 'utf8'));
  const wanted = values.only?.split(',');
  const unknown = wanted?.filter((name) => !all.some((grammar) => grammar.name === name)) ?? [];
  if (unknown.length > 0) throw new Error(`no such grammar: ${unknown.join(', ')}`);

  const toolchain = findToolchain();
  const folders = crateFolders();
  const headers = join(folders.get('tree-sitter-language'), 'wasm/include');
  const list = await readFile(join(HERE, 'exports.txt'), 'utf8');
  const provided = new Set(list.split('\n').filter((line) => line !== '' && !line.startsWith('#')));
  await mkdir(values.out, { recursive: true });
  await mkdir(CACHE, { recursive: true });

  const changed = values.prelude === undefined ? {} : { prelude: relative(HERE, resolve(values.prelude)), name: values.as };
  if (values.prelude !== undefined && (values.as === undefined || wanted?.length !== 1)) throw new Error('--prelude needs --as and one name in --only');
  const queue = all.filter((grammar) => wanted?.includes(grammar.name) ?? true).map((grammar) => ({ ...grammar, ...changed }));
  const context = { folders, headers, toolchain, provided, out: values.out, sizes: values.sizes };
  const worker = async () => {
    for (let grammar = queue.shift(); grammar !== undefined; grammar = queue.shift()) await build(grammar, context);
  };
  await Promise.all(Array.from({ length: JOBS }, worker));
}

await main().catch((error) => {
  console.error(`grammars: ${error.message}`);
  process.exitCode = 1;
});
