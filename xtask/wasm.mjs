/**
 * Builds the modules of `pkg/wasm` and their glue: `builder-engine.wasm` and `searcher-engine.wasm`, the engine in its two roles, and `regex.wasm`.
 *
 *     node xtask/wasm.mjs [--out pkg/wasm] [--no-optimise] [--trees]
 *
 * Rust and tree-sitter's C core to WebAssembly, then wasm-bindgen (`cargo run -p xtask`), then wasm-opt of npm's binaryen. The result
 * replaces the former one only when every step went well. `--trees` builds the builder's module alone, with what `tests/parity/trees.mjs` compares.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { brotliCompressSync } from 'node:zlib';
import { findToolchain } from '../grammars/toolchain.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const TARGET = process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target');
const TRIPLE = 'wasm32-unknown-unknown';

/** Said explicitly, as a stripped module no longer says itself what it uses. */
const FEATURES = ['simd', 'bulk-memory', 'reference-types', 'sign-ext', 'nontrapping-float-to-int', 'mutable-globals', 'multivalue'];

function run(tool, args, env = {}) {
  const { status, error } = spawnSync(tool, args, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...env } });
  if (error?.code === 'ENOENT') throw new Error(`${tool} was not found${tool === 'cargo' ? '; it comes with rustup (https://rustup.rs)' : ''}`);
  if (error) throw error;
  if (status !== 0) throw new Error(`${tool} ${args.slice(0, 3).join(' ')} … failed (${status})`);
}

/** Adds the target to the toolchain when rustup manages it and it is not there yet. */
function ensureTarget() {
  const { status, stdout } = spawnSync('rustup', ['target', 'list', '--installed'], { cwd: ROOT, encoding: 'utf8' });
  if (status === 0 && !stdout.includes(TRIPLE)) run('rustup', ['target', 'add', TRIPLE]);
}

/** Added to the flags of `.cargo/config.toml`: messages of panics name files as everybody sees them, not where they lie on this machine. */
function remapped() {
  const home = process.env.CARGO_HOME ?? join(homedir(), '.cargo');
  const flags = [`--remap-path-prefix=${home}=cargo`, `--remap-path-prefix=${ROOT}=codequarry`];
  return `target.${TRIPLE}.rustflags = ${JSON.stringify(flags)}`;
}

/** The engine in its two roles, which are features of its crate, and the crate for regexes. */
const MODULES = [
  { stem: 'builder-engine', crate: 'codequarry', choice: ['--no-default-features', '--features', 'builder'] },
  { stem: 'searcher-engine', crate: 'codequarry', choice: ['--no-default-features', '--features', 'searcher'] },
  { stem: 'regex', crate: 'codequarry-regex', choice: [] },
];

/** The builder's module with exports that no shipped one has. */
const WITH_TREES = [{ stem: 'builder-engine', crate: 'codequarry', choice: ['--no-default-features', '--features', 'builder,trees'] }];

function optimise(folder, stem) {
  const tool = createRequire(import.meta.url).resolve('binaryen/bin/wasm-opt');
  const module = join(folder, `${stem}.wasm`);
  const features = FEATURES.map((feature) => `--enable-${feature}`);
  // Without a bound, the whole parser is inlined into the one function that calls it, which V8 compiles into slower code (7 % of a build).
  const inlining = ['--one-caller-inline-max-function-size', '200'];
  run(process.execPath, [tool, '-O3', ...inlining, ...features, '--strip-debug', '--strip-producers', module, '-o', `${module}.opt`]);
  renameSync(`${module}.opt`, module);
}

function main() {
  const { values } = parseArgs({
    options: { out: { type: 'string', default: join(ROOT, 'pkg/wasm') }, 'no-optimise': { type: 'boolean', default: false }, trees: { type: 'boolean', default: false } },
  });
  const { clang, ar } = findToolchain();
  ensureTarget();
  const modules = values.trees ? WITH_TREES : MODULES;
  const staging = join(TARGET, values.trees ? 'engine-trees' : 'engine');
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  for (const { stem, crate, choice } of modules) {
    run('cargo', ['build', '--profile', 'wasm', '--lib', '-p', crate, ...choice, '--target', TRIPLE, '--config', remapped()], { CC_wasm32_unknown_unknown: clang, AR_wasm32_unknown_unknown: ar });
    // The next module of the same crate takes this one's place in cargo's folder.
    const built = join(TARGET, TRIPLE, 'wasm', `${crate.replaceAll('-', '_')}.wasm`);
    run('cargo', ['run', '--quiet', '-p', 'xtask', '--', 'bindgen', built, staging, stem]);
    if (!values['no-optimise']) optimise(staging, stem);
  }

  mkdirSync(values.out, { recursive: true });
  for (const name of readdirSync(staging)) renameSync(join(staging, name), join(values.out, name));
  for (const { stem } of modules) {
    const bytes = readFileSync(join(values.out, `${stem}.wasm`));
    console.log(`${stem}.wasm ${bytes.length} B, ${brotliCompressSync(bytes).length} B brotli`);
  }
}

try {
  main();
} catch (error) {
  console.error(`wasm: ${error.message}`);
  process.exitCode = 1;
}
