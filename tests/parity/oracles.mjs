/**
 * What the references are compared with: per language, the language server that knows it, and published packages laid out so that it understands them.
 *
 * TypeScript and JavaScript: the server of npm's `typescript`. Python: npm's `pyright`, installed into `build/oracles`. Go: Debian's `gopls` and `golang-go`, over Debian's `golang-*-dev`.
 * C: Debian's `clangd`. Rust: rustup's `rust-analyzer`.
 */

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { ROOT, fetched, walk } from '../bench/corpora.mjs';
import { LanguageServer } from './lsp.mjs';

const npm = (name, version) => ({ from: 'npm', name, version });
const pypi = (name, version) => ({ from: 'pypi', name, version });
const crates = (name, version) => ({ from: 'crates', name, version });

const BUILD = join(ROOT, 'build');
const PYRIGHT = '1.1.414';
const GOPATH = '/usr/share/gocode';

const json = (value) => `${JSON.stringify(value, null, 1)}\n`;

const tsconfig = json({
  compilerOptions: { allowJs: true, checkJs: true, target: 'esnext', module: 'esnext', moduleResolution: 'bundler', noEmit: true, strict: true, types: [] },
  include: ['**/*'],
});
const commonJs = json({ compilerOptions: { allowJs: true, checkJs: true, target: 'esnext', module: 'commonjs', moduleResolution: 'node10', noEmit: true, types: [] }, include: ['**/*'] });

const TYPESCRIPT = {
  command: () => join(ROOT, 'node_modules/.bin/tsc'),
  args: ['--lsp', '--stdio'],
  languageId: (path) => (extname(path) === '.js' ? 'javascript' : 'typescript'),
};

/** Includes of every C file of a package, as its build sets them. */
const compiled = (includes, defines = []) => (folder, paths) => {
  const flags = [...includes.map((path) => `-I${join(folder, path)}`), ...defines.map((name) => `-D${name}`)];
  const commands = paths.filter((path) => path.endsWith('.c')).map((path) => ({ directory: folder, file: join(folder, path), arguments: ['clang', '-std=gnu11', ...flags, '-c', join(folder, path)] }));
  return { 'compile_commands.json': json(commands) };
};

/** What libgit2's build would write. */
const GIT2_FEATURES = '#define GIT_THREADS 1\n#define GIT_THREADS_PTHREADS 1\n#define GIT_ARCH_64 1\n#define GIT_REGEX_BUILTIN 1\n#define GIT_SHA1_COLLISIONDETECT 1\n#define GIT_SHA256_BUILTIN 1\n#define GIT_RAND_GETENTROPY 1\n#define GIT_USE_NSEC 1\n#define GIT_IO_POLL 1\n';

/** The crate as a dependency by path, so that nothing but what it needs has to be there. */
const depending = (name, features) => () => ({ 'Cargo.toml': `[workspace]\nexclude = ["${name}"]\n[package]\nname = "corpus"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\n${name} = { path = "${name}", features = ${JSON.stringify(features)} }\n`, 'src/lib.rs': '' });

/**
 * A language: its server, and projects. A project is a package, the folder and the extensions in it that count (`only`), and what has to be written beside it: `files`, of the project's folder and the paths in it.
 */
export const LANGUAGES = {
  typescript: {
    server: TYPESCRIPT,
    projects: [
      { part: npm('rxjs', '7.8.2'), folder: 'src', only: /(?<!\.d)\.ts$/, files: () => ({ 'tsconfig.json': tsconfig }) },
      { part: npm('viem', '2.57.20'), only: /^(?!_cjs|_esm|_types).*(?<!\.d)\.ts$/, files: () => ({ 'tsconfig.json': tsconfig }) },
      { part: npm('effect', '3.16.0'), folder: 'src', only: /(?<!\.d)\.ts$/, files: () => ({ 'tsconfig.json': tsconfig }) },
    ],
  },
  javascript: {
    server: TYPESCRIPT,
    projects: [
      { part: npm('three', '0.170.0'), folder: 'src', only: /\.js$/, files: () => ({ 'tsconfig.json': tsconfig }) },
      { part: npm('webpack', '5.97.1'), folder: 'lib', only: /\.js$/, files: () => ({ 'tsconfig.json': commonJs }) },
      { part: npm('express', '4.21.2'), folder: 'lib', only: /\.js$/, files: () => ({ 'tsconfig.json': commonJs }) },
    ],
  },
  python: {
    server: { command: () => pyright(), args: ['--stdio'], languageId: 'python' },
    projects: ['rich 13.9.4 rich', 'django 5.1 django', 'sqlalchemy 2.0.36 sqlalchemy'].map((line) => {
      const [name, version, folder] = line.split(' ');
      return { part: pypi(name, version), only: new RegExp(`^${folder}/.*\\.py$`), files: () => ({ 'pyrightconfig.json': json({ include: [folder], typeCheckingMode: 'off' }) }) };
    }),
  },
  go: {
    server: { command: () => 'gopls', languageId: 'go', env: { GO111MODULE: 'off', GOPATH, GOFLAGS: '' } },
    projects: ['github.com/spf13/cobra', 'github.com/gin-gonic/gin', 'google.golang.org/grpc'].map((path) => ({ at: join(GOPATH, 'src', path), name: path.split('/').at(-1), only: /\.go$/ })),
  },
  c: {
    server: { command: () => 'clangd', args: ['--background-index', '-j=2'], languageId: 'c', ready: ({ method, params }) => method === '$/progress' && params.token === 'backgroundIndexProgress' && params.value.kind === 'end' },
    projects: [
      { part: crates('zstd-sys', '2.0.13'), folder: 'zstd', only: /^lib\/.*\.[ch]$/, files: compiled(['lib', 'lib/common'], ['ZSTD_MULTITHREAD', 'ZSTD_LEGACY_SUPPORT=1']) },
      {
        part: crates('libgit2-sys', '0.17.0'),
        folder: 'libgit2',
        only: /^(src\/(libgit2|util)|include)\/(?!.*win32).*\.[ch]$/,
        files: (folder, paths) => ({ ...compiled(['.', 'include', 'src/libgit2', 'src/util'])(folder, paths), 'git2_features.h': GIT2_FEATURES }),
      },
    ],
  },
  rust: {
    server: {
      command: () => 'rust-analyzer',
      languageId: 'rust',
      initializationOptions: { cargo: { buildScripts: { enable: false } }, procMacro: { enable: false }, checkOnSave: false, cachePriming: { enable: false }, files: { watcher: 'server' } },
      ready: ({ method, params }) => method === 'experimental/serverStatus' && params.quiescent,
    },
    projects: [['regex-automata', '0.4.9', ['std']], ['syn', '2.0.90', ['full', 'visit', 'visit-mut', 'fold', 'extra-traits']], ['tokio', '1.43.0', ['full']]].map(([name, version, features]) => ({
      part: crates(name, version),
      below: name,
      only: /^(src\/.*\.rs|Cargo\.toml)$/,
      files: depending(name, features),
    })),
  },
};

function pyright() {
  const folder = join(BUILD, 'oracles');
  const command = join(folder, 'node_modules/.bin/pyright-langserver');
  if (!existsSync(command)) {
    mkdirSync(folder, { recursive: true });
    execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', '--prefix', folder, `pyright@${PYRIGHT}`], { stdio: ['ignore', 'ignore', 'inherit'] });
  }
  return command;
}

/** Lays a project out, once: its folder, and the paths in it that count. */
export function project({ part, at, name = part.name, folder = '', below = '', only, files }) {
  if (at !== undefined) {
    if (!existsSync(at)) throw new Error(`${at} is not there: install what tests/parity/README.md names`);
    return { name, folder: at, paths: walk(at).filter((path) => only.test(path)) };
  }
  const target = join(BUILD, 'parity/projects', name);
  const from = join(fetched(part), folder);
  const paths = walk(from).filter((path) => only.test(path));
  const there = (path) => join(below, path);
  if (!existsSync(target)) {
    const partial = `${target}.partial`;
    rmSync(partial, { recursive: true, force: true });
    for (const path of paths) {
      mkdirSync(dirname(join(partial, there(path))), { recursive: true });
      cpSync(join(from, path), join(partial, there(path)));
    }
    for (const [path, text] of Object.entries(files(target, paths.map(there)))) {
      mkdirSync(dirname(join(partial, path)), { recursive: true });
      writeFileSync(join(partial, path), text);
    }
    renameSync(partial, target);
  }
  return { name, folder: target, paths: paths.map(there).filter((path) => extname(path) !== '.toml') };
}

/**
 * A language server with a memory: what it has answered about a project stands in `build/parity/answers`, and is not asked again. It is started with the first question that is new. Paths are relative to the project.
 */
export class Oracle {
  #answers;
  #file;
  #server;
  #options;
  #folder;
  #fresh = 0;

  constructor(language, { name, folder }) {
    this.#options = LANGUAGES[language].server;
    this.#folder = folder;
    this.#file = join(BUILD, 'parity/answers', `${language}-${name}.json`);
    this.#answers = existsSync(this.#file) ? JSON.parse(readFileSync(this.#file, 'utf8')) : {};
  }

  /** What refers to what stands at `place`, without its declarations: places `path:line:column`. */
  references(place) {
    return this.#ask('references', place);
  }

  /** Where what stands at `place` is declared. */
  definition(place) {
    return this.#ask('definition', place);
  }

  async #ask(question, place) {
    const key = `${question} ${place}`;
    if (this.#answers[key] === undefined) {
      this.#server ??= LanguageServer.start({ ...this.#options, command: this.#options.command(), folder: this.#folder });
      const server = await this.#server;
      const [path, line, column] = parts(place);
      server.open(join(this.#folder, path));
      await server.isReady;
      const inside = ({ path }) => (path.startsWith(`${this.#folder}/`) ? path.slice(this.#folder.length + 1) : path);
      const found = await server[question](join(this.#folder, path), line, column).catch(() => []);
      this.#answers[key] = [...new Set(found.map((found) => `${inside(found)}:${found.line}:${found.column}`))];
      this.#fresh += 1;
      if (this.#fresh % 200 === 0) this.#keep();
    }
    return this.#answers[key];
  }

  #keep() {
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(this.#file, JSON.stringify(this.#answers));
  }

  /** Ends the server, and keeps what it said. */
  async close() {
    if (this.#fresh > 0) this.#keep();
    (await this.#server)?.close();
  }
}

/** The path, line and column of a place. */
export function parts(place) {
  const [, path, line, column] = /^(.*):(\d+):(\d+)$/.exec(place);
  return [path, Number(line), Number(column)];
}
