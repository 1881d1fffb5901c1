/**
 * The user's own wrangler, run as a program: it holds their login and knows their account, so this package needs
 * neither an API client nor a token.
 */
import { spawn } from 'node:child_process';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { CodequarryError } from '../../errors.js';
import type { Value } from './values.js';

/** Which namespace, and whether the real one or the local one of `wrangler dev`. */
export interface Namespace {
  readonly id?: string | undefined;
  readonly binding?: string | undefined;
  readonly local: boolean;
  readonly persistTo?: string | undefined;
  readonly config?: string | undefined;
}

interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

interface Finished {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** A wrangler call that takes longer than this hangs: 25 MiB over a slow line take a few minutes. */
const CALL_TIMEOUT_MS = 10 * 60_000;
/** Saying its version takes wrangler a second or two. */
const PROBE_TIMEOUT_MS = 15_000;

export class Wrangler {
  readonly #program: Program;
  readonly #flags: readonly string[];
  readonly #local: boolean;

  private constructor(program: Program, namespace: Namespace) {
    this.#program = program;
    this.#local = namespace.local;
    this.#flags = [
      ...(namespace.id !== undefined ? ['--namespace-id', namespace.id] : []),
      ...(namespace.binding !== undefined ? ['--binding', namespace.binding] : []),
      namespace.local ? '--local' : '--remote',
      ...(namespace.persistTo !== undefined ? ['--persist-to', path.resolve(namespace.persistTo)] : []),
      ...(namespace.config !== undefined ? ['--config', path.resolve(namespace.config)] : []),
    ];
  }

  /**
   * Finds wrangler in a `node_modules` of this folder or one above, on the PATH, or in the cache of `npx`.
   *
   * @throws CodequarryError `WRANGLER_MISSING`
   */
  static async find(namespace: Namespace, folder = process.cwd()): Promise<Wrangler> {
    const installed = await installedProgram(folder);
    if (installed !== undefined) return new Wrangler(installed, namespace);
    for (const program of [
      { command: 'wrangler', args: [] },
      { command: 'npx', args: ['--offline', '--no-install', 'wrangler'] },
    ]) {
      const probe = await run(program, ['--version'], PROBE_TIMEOUT_MS).catch(() => undefined);
      if (probe?.code === 0) return new Wrangler(program, namespace);
    }
    throw new CodequarryError('WRANGLER_MISSING', 'publishing needs wrangler 4; install it with: npm install --save-dev wrangler@4');
  }

  /** All keys that start with the prefix. */
  async keys(prefix: string): Promise<string[]> {
    const { stdout } = await this.#kv(['list', ...(prefix === '' ? [] : ['--prefix', prefix])]);
    try {
      return (JSON.parse(stdout.toString('utf8')) as { name: string }[]).map((entry) => entry.name);
    } catch (cause) {
      const details = { output: tail(stdout.toString('utf8')) };
      throw new CodequarryError('WRANGLER_FAILED', 'wrangler did not print a list of keys', { details, cause });
    }
  }

  /** The value of a key that is known to be there: wrangler reports an absent one as text, with success. */
  async get(key: string): Promise<Buffer> {
    return (await this.#kv(['get', key])).stdout;
  }

  async put(key: string, file: string): Promise<void> {
    await this.#kv(['put', key, '--path', path.resolve(file)]);
  }

  async delete(key: string): Promise<void> {
    await this.#kv(['delete', key]);
  }

  putAll(values: readonly Value[]): Promise<void> {
    return withFolder(async (folder) => {
      const file = path.join(folder, 'values');
      if (this.#local) {
        // Wrangler's local namespace takes base64 for text.
        for (const { key, bytes } of values) {
          await writeFile(file, bytes);
          await this.put(key, file);
        }
        return;
      }
      const entries = values.map(({ key, bytes }) => ({ key, value: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'), base64: true }));
      await writeFile(file, JSON.stringify(entries));
      await this.#kv(['put', file], 'bulk');
    });
  }

  deleteAll(keys: readonly string[]): Promise<void> {
    return withFolder(async (folder) => {
      const file = path.join(folder, 'keys');
      await writeFile(file, JSON.stringify(keys));
      await this.#kv(['delete', file, '--force'], 'bulk');
    });
  }

  async #kv(args: readonly string[], command: 'key' | 'bulk' = 'key'): Promise<Finished> {
    const finished = await run(this.#program, ['kv', command, ...args, ...this.#flags], CALL_TIMEOUT_MS);
    if (finished.code !== 0) {
      throw new CodequarryError(
        'WRANGLER_FAILED',
        `wrangler kv ${command} ${args[0] ?? ''} failed: ${firstError(finished.stderr)}`,
        { details: { exitCode: finished.code, output: tail(finished.stderr) } },
      );
    }
    return finished;
  }
}

/** Runs `use` with a folder of its own, which goes afterwards. */
async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'codequarry-values-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** wrangler's own script, run by this Node, which needs no shell anywhere. */
async function installedProgram(folder: string): Promise<Program | undefined> {
  try {
    const manifest = createRequire(path.join(path.resolve(folder), 'package.json')).resolve('wrangler/package.json');
    const script = path.join(path.dirname(manifest), 'bin', 'wrangler.js');
    await access(script);
    return { command: process.execPath, args: [script] };
  } catch {
    return undefined;
  }
}

function run(program: Program, args: readonly string[], timeoutMs: number): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program.command, [...program.args, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: AbortSignal.timeout(timeoutMs),
      env: { ...process.env, WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true', FORCE_COLOR: '0' },
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => stdout.push(part));
    child.stderr.on('data', (part: Buffer) => stderr.push(part));
    child.on('error', (cause) => {
      const reason = cause.name === 'AbortError' ? `did not end within ${timeoutMs / 1000} s` : `does not start: ${cause.message}`;
      reject(new CodequarryError('WRANGLER_FAILED', `wrangler ${reason}`, { cause }));
    });
    child.on('close', (code) => {
      resolve({ code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString('utf8') });
    });
  });
}

/** The sentence after wrangler's `[ERROR]`, without colours and log hints. */
function firstError(stderr: string): string {
  const plain = stderr.replace(/\u001b\[[0-9;]*m/g, '');
  const line = plain.split('\n').find((candidate) => candidate.includes('[ERROR]'));
  return (line?.replace(/^.*\[ERROR\]\s*/, '') ?? tail(plain)).trim() || 'no reason given';
}

function tail(text: string): string {
  return text.slice(-2000);
}
