/**
 * Finds the C tools for WebAssembly: clang, wasm-ld and llvm-ar of one LLVM, wherever the system keeps them.
 *
 * Debian names them with their version and installs no plain `clang`; Homebrew keeps them off the PATH; Apple's own clang cannot
 * compile for wasm32. So candidates are tried in order and each must say itself that it knows the target.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** LLVM versions to look for by name, the one that the figures were measured with first. */
const VERSIONS = [19, 20, 21, 22, 18, 17];

/** Where Homebrew keeps what it does not link. */
const KEGS = ['/opt/homebrew/opt', '/usr/local/opt'];

const INSTALL =
  process.platform === 'darwin'
    ? 'brew install llvm lld'
    : 'apt-get install -y clang-19 lld-19 llvm-19';

/** The output of a tool, or undefined when it is not there or fails. */
function output(tool, args) {
  if (tool.includes('/') && !existsSync(tool)) return undefined;
  const { status, stdout } = spawnSync(tool, args, { encoding: 'utf8' });
  return status === 0 ? stdout : undefined;
}

/** The first candidate that `accepts` what it prints. */
function first(name, candidates, args, accepts) {
  for (const tool of candidates) {
    const text = output(tool, args);
    if (text !== undefined && accepts(text)) return { tool, text };
  }
  throw new Error(`${name} for WebAssembly was not found. Install it with: ${INSTALL}`);
}

function candidates(variable, name, kegs) {
  return [
    ...(process.env[variable] ? [process.env[variable]] : []),
    ...VERSIONS.map((version) => `${name}-${version}`),
    ...KEGS.flatMap((folder) => kegs.map((keg) => `${folder}/${keg}/bin/${name}`)),
    name,
  ];
}

/**
 * The tools, and the version of the compiler, which decides over the bytes it emits.
 *
 * `CC_wasm32_unknown_unknown`, `AR_wasm32_unknown_unknown` and `WASM_LD` name other ones.
 *
 * @throws when one is missing, with the line that installs it
 */
export function findToolchain() {
  const clang = first(
    'clang',
    candidates('CC_wasm32_unknown_unknown', 'clang', ['llvm']),
    ['--print-targets'],
    (text) => /\bwasm32\b/.test(text),
  ).tool;
  const ar = first('llvm-ar', candidates('AR_wasm32_unknown_unknown', 'llvm-ar', ['llvm']), ['--version'], () => true).tool;
  const ld = first('wasm-ld', candidates('WASM_LD', 'wasm-ld', ['lld', 'llvm']), ['--version'], () => true);
  const version = (output(clang, ['--version']) ?? '').split('\n', 1)[0];
  return { clang, ar, ld: ld.tool, version: `${version} / ${ld.text.trim()}` };
}

// Run by itself it says what it found, or what is missing, for the set-up script.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { version } = findToolchain();
    if (!process.argv.includes('--quiet')) console.log(version);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
