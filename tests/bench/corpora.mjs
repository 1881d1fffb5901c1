/**
 * The source code that the benchmarks run over: published packages, pinned by version, brought by npm, pip and cargo as they are configured and kept in
 * `build/corpora`. Makes, once:
 *
 *     typescript   the TypeScript sources of three packages, more than 800 files
 *     code-50mb    50 MB of code in eight languages, to within 0.1 %
 *     code-10mb    a fifth of each part of it
 *     code-2mb     a twenty-fifth
 *
 * Run by itself it makes them all and prints what is in them. Takes nothing from the system but `tar`, `python3` and the three package managers.
 */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CORPORA = join(ROOT, 'build/corpora');

const JAVASCRIPT = ['.js', '.mjs', '.ts', '.tsx'];
const NATIVE = ['.c', '.cc', '.cpp', '.h', '.hpp', '.java', '.py', '.sh'];

/**
 * The packages: where each comes from, the folder in it, the extensions that count, and its share of the mixed corpus in thousands of bytes. Declarations
 * (`.d.ts`) and bundles never count.
 */
const PACKAGES = [
  { from: 'npm', name: 'effect', version: '3.16.0', folder: 'src', extensions: ['.ts'], share: 5_500, typescript: true },
  { from: 'npm', name: 'viem', version: '2.57.20', extensions: ['.ts'], share: 4_500, typescript: true },
  { from: 'npm', name: 'rxjs', version: '7.8.2', folder: 'src', extensions: ['.ts'], share: 700, typescript: true },
  { from: 'npm', name: 'react-native', version: '0.76.0', extensions: [...JAVASCRIPT, ...NATIVE], share: 7_000 },
  { from: 'npm', name: 'three', version: '0.170.0', folder: 'src', extensions: ['.js'], share: 1_500 },
  { from: 'pypi', name: 'django', version: '5.1', extensions: ['.py', '.html', '.css'], share: 4_800 },
  { from: 'pypi', name: 'sqlalchemy', version: '2.0.36', extensions: ['.py'], share: 4_000 },
  { from: 'pypi', name: 'sympy', version: '1.13.3', extensions: ['.py'], share: 5_500 },
  { from: 'crates', name: 'tokio', version: '1.43.0', extensions: ['.rs', '.toml', '.md'], share: 3_300 },
  { from: 'crates', name: 'syn', version: '2.0.90', extensions: ['.rs'], share: 1_500 },
  { from: 'crates', name: 'regex-automata', version: '0.4.9', extensions: ['.rs'], share: 1_700 },
  { from: 'crates', name: 'librocksdb-sys', version: '0.17.1', extensions: NATIVE, share: 8_000 },
  { from: 'crates', name: 'zstd-sys', version: '2.0.13', extensions: ['.c', '.h', '.rs'], share: 2_000 },
];

/** The folder of a corpus, made when it is not there yet. */
export function corpus(name) {
  const target = join(CORPORA, name);
  if (existsSync(target)) return target;
  const partial = `${target}.partial`;
  rmSync(partial, { recursive: true, force: true });
  for (const part of PACKAGES) {
    const files = filesFor(name, part);
    for (const { file, path } of files) {
      const to = join(partial, part.name, path);
      mkdirSync(dirname(to), { recursive: true });
      cpSync(file, to);
    }
  }
  renameSync(partial, target);
  return target;
}

function filesFor(name, part) {
  if (name === 'typescript') return part.typescript ? sources(part) : [];
  const thousands = { 'code-50mb': part.share, 'code-10mb': part.share / 5, 'code-2mb': part.share / 25 }[name];
  if (thousands === undefined) throw new Error(`there is no corpus ${name}`);
  return upTo(sources(part), thousands * 1000);
}

/** Files in an order that has nothing to do with what they are, as many as fit. */
function upTo(files, bytes) {
  const drawn = files.map((entry) => ({ ...entry, draw: createHash('sha1').update(entry.path).digest('hex') }));
  drawn.sort((a, b) => (a.draw < b.draw ? -1 : 1));
  let left = bytes;
  const taken = drawn.filter((entry) => {
    const size = statSync(entry.file).size;
    if (size === 0 || size > left) return false;
    left -= size;
    return true;
  });
  return taken;
}

/** The files of a package that count, with paths from its own folder. */
function sources(part) {
  const root = join(fetched(part), part.folder ?? '');
  return walk(root)
    .filter((path) => part.extensions.includes(extname(path)) && !/\.d\.ts$|\.min\.|(^|\/)(vendor|sdks|build)\//.test(path))
    .map((path) => ({ path, file: join(root, path) }));
}

/** Paths of all files below a folder, sorted. */
export function walk(folder, prefix = '') {
  return readdirSync(join(folder, prefix), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
      return entry.isDirectory() ? walk(folder, path) : entry.isFile() ? [path] : [];
    });
}

/** The folder of a package as it was published: `{ from: 'npm' | 'pypi' | 'crates' | 'debian', name, version }`; Debian's is what the system's release has. */
export function fetched(part) {
  const target = join(CORPORA, 'packages', `${part.name}-${part.version ?? part.from}`);
  if (existsSync(target)) return target;
  mkdirSync(join(CORPORA, 'packages'), { recursive: true });
  const work = mkdtempSync(join(CORPORA, 'fetch-'));
  try {
    ({ npm: fromNpm, pypi: fromPypi, crates: fromCrates, debian: fromDebian })[part.from](part, work);
    renameSync(join(work, 'source'), target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return target;
}

function quietly(command, args, cwd) {
  execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
}

function fromNpm({ name, version }, work) {
  quietly('npm', ['pack', '--silent', '--loglevel=error', `${name}@${version}`], work);
  const archive = readdirSync(work).find((file) => file.endsWith('.tgz'));
  mkdirSync(join(work, 'source'));
  quietly('tar', ['-xzf', archive, '-C', 'source', '--strip-components=1'], work);
}

function fromPypi({ name, version }, work) {
  quietly('python3', ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary', ':all:', '--disable-pip-version-check', `${name}==${version}`], work);
  const wheel = readdirSync(work).find((file) => file.endsWith('.whl'));
  quietly('python3', ['-m', 'zipfile', '-e', wheel, 'source'], work);
}

function fromCrates({ name, version }, work) {
  writeFileSync(join(work, 'lib.rs'), '');
  const manifest = `[package]\nname = "corpus"\nversion = "0.0.0"\nedition = "2021"\n[lib]\npath = "lib.rs"\n[workspace]\n[dependencies]\n`;
  writeFileSync(join(work, 'Cargo.toml'), `${manifest}${name} = { version = "=${version}", default-features = false }\n`);
  quietly('cargo', ['vendor', '--quiet', 'vendor'], work);
  renameSync(join(work, 'vendor', name), join(work, 'source'));
}

function fromDebian({ name }, work) {
  quietly('apt-get', ['download', '-qq', '-o', 'APT::Sandbox::User=root', name], work);
  quietly('dpkg-deb', ['-x', readdirSync(work).find((file) => file.endsWith('.deb')), 'source'], work);
}

/** All files of the packages that count, not only the shares of the corpora. */
export function* everything() {
  for (const part of PACKAGES) {
    for (const { path, file } of sources(part)) {
      if (statSync(file).size > 0) yield { path: `${part.name}/${path}`, bytes: readFileSync(file) };
    }
  }
}

/** All files of a corpus in memory, in the order of their paths. */
export function load(name) {
  const folder = corpus(name);
  return walk(folder).map((path) => ({ path, bytes: readFileSync(join(folder, path)) }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of ['typescript', 'code-2mb', 'code-10mb', 'code-50mb']) {
    const files = load(name);
    const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
    console.log(`${name.padEnd(12)} ${files.length} files, ${(bytes / 1e6).toFixed(2)} MB`);
  }
}
