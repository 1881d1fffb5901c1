/** What several tests need. */

import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export const CLI = join(import.meta.dirname, '..', 'bin', 'codequarry.js');

/**
 * A folder that goes when the test ends.
 *
 * @param {import('node:test').TestContext} t
 * @returns {Promise<string>}
 */
export async function tempFolder(t) {
  const folder = await mkdtemp(join(tmpdir(), 'codequarry-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Does something while a folder may be read and not written. Root may do anything, so it is somebody else meanwhile.
 *
 * @param {string} folder
 * @param {() => Promise<void>} work
 */
export async function withoutPermission(folder, work) {
  const root = process.getuid?.() === 0;
  await chmod(dirname(folder), 0o755);
  await chmod(folder, 0o555);
  if (root) process.seteuid?.(65_534);
  try {
    await work();
  } finally {
    if (root) process.seteuid?.(0);
    await chmod(folder, 0o755);
  }
}

/**
 * Writes files into a folder.
 *
 * @param {string} folder
 * @param {Record<string, string | Uint8Array>} files
 */
export async function writeFiles(folder, files) {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

/** A small project in several languages. */
export const PROJECT = {
  '.gitignore': 'ignored/\n*.log\n!keep.log\n',
  'src/retry.ts':
    '/** Calls again after a failure, each time later. */\nexport async function retryWithBackoff(call: () => Promise<void>, times = 3): Promise<void> {\n  for (let attempt = 0; attempt < times; attempt++) {\n    try {\n      return await call();\n    } catch {\n      await sleep(2 ** attempt);\n    }\n  }\n}\n',
  'src/router.py': 'class Router:\n    """Finds the handler of a path."""\n\n    def route(self, path):\n        return self.handlers[path]\n\n    def add_handler(self, path, handler):\n        self.handlers[path] = handler\n',
  'src/lib.rs': '/// A connection pool.\npub struct Pool { size: usize }\n\nimpl Pool {\n    pub fn acquire(&self) -> usize {\n        self.size\n    }\n}\n',
  'docs/readme.md': '# Guide\n\nHow to configure the timeout.\n',
  'debug.log': 'not to be found\n',
  'keep.log': 'kept after all\n',
  'ignored/secret.ts': 'export const secret = 1;\n',
  'node_modules/dep/index.js': 'module.exports = 1;\n',
};

/**
 * Files for an index in memory.
 *
 * @param {Record<string, string>} files
 */
export function textFiles(files) {
  return Object.entries(files).map(([path, text]) => ({ path, text }));
}

/**
 * Collects what an asynchronous iterable brings.
 *
 * @template T
 * @param {AsyncIterable<T>} source
 * @returns {Promise<{ items: T[], error: unknown }>}
 */
export async function collect(source) {
  /** @type {T[]} */
  const items = [];
  try {
    for await (const item of source) items.push(item);
    return { items, error: undefined };
  } catch (error) {
    return { items, error };
  }
}

/**
 * Runs the command line.
 *
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, onStart?: (child: import('node:child_process').ChildProcess) => void }} [options]
 * @returns {Promise<{ code: number | null, stdout: string, stderr: string }>}
 */
export function run(args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, ...args], { cwd: options.cwd, env: { ...process.env, NO_COLOR: '1', ...options.env } });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => (stdout += data));
    child.stderr.on('data', (data) => (stderr += data));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    options.onStart?.(child);
  });
}

/**
 * Makes the next search of any searcher in this thread trap.
 *
 * @param {import('node:test').TestContext} t
 * @param {import('../dist/searcher-engine.js').Index} index the prototype
 */
export function trapOnce(t, index) {
  const { search } = index;
  const mend = () => void (index.search = search);
  t.after(mend);
  index.search = () => {
    mend();
    throw new WebAssembly.RuntimeError('unreachable');
  };
}

/**
 * A small deterministic source of numbers in 0..1.
 *
 * @param {number} seed
 */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
