/**
 * What Universal Ctags names in real packages, and how much of it we find at the same line; and how our functions stand in chunks.
 *
 *     node tests/parity/ctags.mjs [LANGUAGE …] [--misses N] [--cuts N] [--json]
 *
 * Takes Debian's `universal-ctags`, and packages from the registries as `tests/bench/corpora.mjs` brings them. `tests/parity/README.md` says what differs and why.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ROOT, fetched } from '../bench/corpora.mjs';

const npm = (name, version, folder) => ({ from: 'npm', name, version, folder });
const pypi = (name, version, folder) => ({ from: 'pypi', name, version, folder });
const crates = (name, version, folder) => ({ from: 'crates', name, version, folder });
const debian = (name, folder) => ({ from: 'debian', name, folder });

const REACT_NATIVE = npm('react-native', '0.76.0');

/** A language: its name to Ctags, the letters of its kinds that are functions, methods, classes and types, the share that must be found, that of functions that must be whole with their docs (else 0.95), packages. */
export const LANGUAGES = {
  python: { ctags: 'Python', kinds: 'cfm', least: 0.97, packages: [pypi('django', '5.1'), pypi('sqlalchemy', '2.0.36')] },
  javascript: { ctags: 'JavaScript', kinds: 'cfgmGS', least: 0.97, packages: [npm('three', '0.170.0', 'src'), npm('express', '4.21.2'), npm('lodash', '4.17.21'), npm('redux', '5.0.1', 'src'), npm('webpack', '5.97.1', 'lib')] },
  typescript: { ctags: 'TypeScript', kinds: 'cfgimaG', least: 0.97, packages: [npm('rxjs', '7.8.2', 'src'), npm('viem', '2.57.20'), npm('effect', '3.16.0', 'src')] },
  rust: { ctags: 'Rust', kinds: 'fPsgit', least: 0.97, packages: [crates('tokio', '1.43.0'), crates('syn', '2.0.90'), crates('regex-automata', '0.4.9')] },
  go: { ctags: 'Go', kinds: 'fsitan', least: 0.97, packages: [debian('golang-github-spf13-cobra-dev'), debian('golang-github-gin-gonic-gin-dev'), debian('golang-google-grpc-dev')] },
  java: { ctags: 'Java', kinds: 'cgima', least: 0.97, packages: [REACT_NATIVE, crates('librocksdb-sys', '0.17.1')] },
  c: { ctags: 'C', kinds: 'fgstu', least: 0.92, packages: [crates('zstd-sys', '2.0.13'), crates('libz-sys', '1.1.20'), crates('libgit2-sys', '0.17.0')] },
  cpp: { ctags: 'C++', kinds: 'cfgstu', least: 0.92, packages: [crates('librocksdb-sys', '0.17.1'), REACT_NATIVE] },
  csharp: { ctags: 'C#', kinds: 'cgimst', least: 0.97, packages: [npm('com.cysharp.unitask', '2.2.5'), npm('com.neuecc.unirx', '7.1.0'), npm('react-native-windows', '0.76.0')] },
  ruby: { ctags: 'Ruby', kinds: 'cfmS', least: 0.97, packages: [debian('ruby-rack'), debian('ruby-sinatra'), debian('ruby-activerecord'), debian('ruby-mail')] },
  php: { ctags: 'PHP', kinds: 'cfit', least: 0.97, packages: [debian('php-symfony-console'), debian('php-monolog'), debian('php-twig')] },
  kotlin: { ctags: 'Kotlin', kinds: 'cimoT', least: 0.97, packages: [REACT_NATIVE] },
  lua: { ctags: 'Lua', kinds: 'f', least: 0.97, packages: [debian('lua-penlight'), debian('luarocks'), debian('lua-socket')] },
  fortran: { ctags: 'Fortran', kinds: 'fimMpsSt', least: 0.97, whole: 0.7, packages: [pypi('psyclone', '3.3.1'), crates('netlib-src', '0.8.0'), debian('libpetsc3.18-dev-examples'), debian('gftl-dev')] },
  bash: { ctags: 'Sh', kinds: 'f', least: 0.97, packages: [debian('bash-completion'), debian('testssl.sh'), debian('bats'), debian('initramfs-tools-core'), debian('debootstrap'), debian('git'), debian('dkms'), debian('devscripts')] },
};

/**
 * What Ctags names although the text declares no such thing, by language: told by the tag and its line alone, counted apart, explained in `README.md`.
 */
const APART = {
  javascript: [['the value of a property', ({ kind }, line) => kind === 'class' && !/\b(class|function)\b/.test(line)]],
  typescript: [['a name in a list of imports or exports, or a type parameter called `type`', ({ kind, name }, line) => kind === 'alias' && !new RegExp(`\\btype\\s+${name}\\s*(=|<|$)`).test(line)]],
  kotlin: [['a lambda, its parameters, or what is taken apart', ({ kind }, line) => kind === 'method' && !/\bfun\b/.test(line)]],
  lua: [['a call whose function has a name that begins like the keyword', (tag, line) => !/\bfunction\b/.test(line)]],
  bash: [['the start of a list', ({ name }) => name.endsWith('=')]],
};

/** What a line says that belongs to the function below it: a comment, an attribute. */
const BELONGS = {
  python: /^(#|@)/,
  ruby: /^#/,
  bash: /^#(?!!)/,
  lua: /^--/,
  php: /^(\/\/|\/\*|\*|#)/,
  rust: /^(\/\/|\/\*|\*\/|#\[)/,
  csharp: /^(\/\/|\/\*|\*|\[\w)/,
  fortran: /^(!|\*|[cC](\s|$))/,
  default: /^(\/\/|\/\*|\*\/|\*\s|@\w)/,
};

/** Variants that are one language to Ctags. */
const VARIANTS = { jsx: 'javascript', tsx: 'typescript' };

/** The last part of a name as Ctags writes it: `Class.method`, `M:f`, `Foo::bar`. */
function bare(name) {
  return name.replace(/^(operator|assignment)\((.+)\)$/i, '$2').replace(/^.*(::|[.:\\#])(?=[^.:\\#])/, '').replace(/^operator\b\s*/, '');
}

/** Our outline of every file below folders; `profile` is cargo's. */
function outlines(folders, profile) {
  const run = ['run', '--quiet', ...profile, '--example', 'outline', '--', ...folders];
  const text = execFileSync('cargo', run, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'inherit'] });
  return text.trim().split('\n').map((line) => JSON.parse(line));
}

/** What Ctags names in files of one language: path to tags. */
function tags(language, paths) {
  const { ctags, kinds } = LANGUAGES[language];
  const work = mkdtempSync(join(tmpdir(), 'ctags-'));
  try {
    writeFileSync(join(work, 'files'), paths.join('\n'));
    const args = ['--options=NONE', '--output-format=json', '--fields=NFnK', '--extras=', '--sort=no', '--tag-relative=never', '--pseudo-tags=-*', `--language-force=${ctags}`, `--kinds-${ctags}=${kinds}`, '-L', join(work, 'files'), '-f', '-'];
    const { stdout, status, stderr } = spawnSync('ctags', args, { encoding: 'utf8', maxBuffer: 1 << 30 });
    if (status !== 0) throw new Error(stderr);
    const found = new Map(paths.map((path) => [path, []]));
    for (const line of stdout.split('\n')) {
      if (line === '') continue;
      const tag = JSON.parse(line);
      if (tag._type === 'tag') found.get(tag.path).push(tag);
    }
    return found;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The comparison over the files of a language below folders. */
export function compare(language, folders, profile = ['--release']) {
  const files = outlines(folders, profile).filter((file) => (VARIANTS[file.language] ?? file.language) === language && file.code === null);
  const theirs = tags(language, files.map((file) => file.path));
  const result = { language, files: files.length, tags: 0, found: 0, apart: 0, functions: 0, whole: 0, begin: 0, starts: { docs: 0, around: 0, neighbours: 0, piece: 0 }, misses: [], cut: [], chunks: [] };
  for (const file of files) {
    const ours = new Set(file.symbols.map(([name, line]) => `${bare(name)}\n${line}`));
    const seen = new Set();
    const lines = readFileSync(file.path, 'utf8').split('\n');
    for (const tag of theirs.get(file.path)) {
      const { name, line, kind } = tag;
      const key = `${bare(name)}\n${line}`;
      if (/^(__anon|[Aa]nonymousFunction)/.test(name) || seen.has(key)) continue;
      seen.add(key);
      if (APART[language]?.some(([, is]) => is(tag, lines[line - 1])) && !ours.has(key)) {
        result.apart += 1;
        continue;
      }
      result.tags += 1;
      if (ours.has(key)) result.found += 1;
      else result.misses.push(`${kind} ${name} ${file.path}:${line}`);
    }
    result.chunks.push(...file.chunks);
    for (const [name, line, bytes, pieces, start, above] of file.functions) {
      result.functions += 1;
      if (pieces === 1) result.whole += 1;
      // The docs are told by the text alone here, so that docs which the rules do not know are missed, too.
      const bereft = above !== '' && (BELONGS[language] ?? BELONGS.default).test(above);
      if (pieces === 1 && start !== 'piece' && !bereft) {
        result.begin += 1;
        result.starts[start] += 1;
      } else result.cut.push(`${name} ${file.path}:${line} ${bytes} bytes${pieces > 1 ? ` in ${pieces} chunks` : bereft ? `, without ${above}` : ', behind a piece'}`);
    }
  }
  result.chunks.sort((a, b) => a - b);
  return result;
}

/** Bytes of the chunk in the middle, and of the largest. */
const sizes = ({ chunks }) => ({ median: chunks[chunks.length >> 1], largest: chunks.at(-1) });

const percent = (part, whole) => (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(2)} %`);

function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { misses: { type: 'string', default: '0' }, cuts: { type: 'string', default: '0' }, json: { type: 'boolean' } },
  });
  for (const language of positionals.length > 0 ? positionals : Object.keys(LANGUAGES)) {
    const { packages, least, whole = 0.95 } = LANGUAGES[language];
    const result = compare(language, packages.map((part) => join(fetched(part), part.folder ?? '')));
    const { median, largest } = sizes(result);
    const enough = result.found >= least * result.tags && result.begin >= whole * result.functions && median >= 300 && median <= 1500 && largest <= 2000;
    if (!enough) process.exitCode = 1;
    const { docs, around, neighbours } = result.starts;
    if (values.json) console.log(JSON.stringify({ ...result, chunks: result.chunks.length, median, largest }));
    else console.log(`${language.padEnd(11)} ${String(result.files).padStart(5)} files ${String(result.tags).padStart(6)} tags ${String(result.apart).padStart(5)} apart  found ${percent(result.found, result.tags)}${enough ? '' : '  TOO FEW'}  whole ${percent(result.whole, result.functions)} of ${result.functions}, with their docs ${percent(result.begin, result.functions)} (first ${percent(docs, result.functions)}, in what is around ${percent(around, result.functions)}, behind neighbours ${percent(neighbours, result.functions)})  chunks ${result.chunks.length}, median ${median}, largest ${largest}`);
    const spread = Math.max(1, Math.floor(result.cut.length / Number(values.cuts)));
    if (values.cuts !== '0') result.cut.filter((_, at) => at % spread === 0).forEach((cut) => console.log(`    ${cut}`));
    const every = Math.max(1, Math.floor(result.misses.length / Number(values.misses)));
    if (values.misses !== '0') result.misses.filter((_, at) => at % every === 0).forEach((miss) => console.log(`    ${miss}`));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
