/** Real workerd with local KV, as wrangler bundles and stores things, and the command line that publishes into it. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { ROOT, WORKER, requireFromWorker } from './bundle.mjs';

const CLI = path.join(ROOT, 'pkg', 'bin', 'codequarry.js');
const WRANGLER = path.join(path.dirname(requireFromWorker.resolve('wrangler/package.json')), 'bin', 'wrangler.js');
const CONFIG = path.join(WORKER, 'wrangler.toml');
/** The id of the namespace in `wrangler.toml`, under which wrangler stores it locally. */
const NAMESPACE = 'snapshot';
const QUIET = { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: '1', FORCE_COLOR: '0', NO_COLOR: '1' };

/** A test that dies must not leave its workerd behind; whatever is still a child of this process then is one. */
process.once('exit', () => {
  const { stdout } = spawnSync('pgrep', ['-P', String(process.pid)], { encoding: 'utf8' });
  for (const pid of (stdout ?? '').split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended, as pgrep itself has.
    }
  }
});

/** A folder for one test file, removed by `remove`. */
export async function scratchFolder() {
  const folder = await mkdtemp(path.join(tmpdir(), 'codequarry-edge-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }) };
}

/** Runs the command line; never rejects. */
export function codequarry(args, options = {}) {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [CLI, ...args],
      { cwd: WORKER, env: QUIET, timeout: 300_000, maxBuffer: 1 << 26, ...options },
      (error, stdout, stderr) => resolve({ code: error ? (error.code ?? 1) : 0, stdout, stderr }),
    );
  });
}

/** Publishes into the local KV under `persist` and returns what `--json` printed. */
export async function publish(source, persist, ...more) {
  const done = await codequarry(publishArguments(source, persist, ...more));
  if (done.code !== 0) throw new Error(`publish failed with ${done.code}: ${done.stderr}`);
  return JSON.parse(done.stdout);
}

export function publishArguments(source, persist, ...more) {
  return ['publish', source, '--binding', 'SNAPSHOT', '--config', CONFIG, '--local', '--persist-to', persist, '--json', ...more];
}

/** Lets wrangler bundle the Worker (or another entry) as a deployment would; returns the folder with the modules. */
export async function bundleWorker(outdir, entry = path.join(WORKER, 'src', 'index.ts')) {
  await promisify(execFile)(
    process.execPath,
    [WRANGLER, 'deploy', entry, '--config', CONFIG, '--dry-run', '--outdir', outdir],
    { cwd: WORKER, env: QUIET, timeout: 300_000 },
  );
  return { folder: outdir, script: path.join(outdir, `${path.basename(entry, path.extname(entry))}.js`) };
}

/** What Miniflare is told of a Worker that owns its index. */
export function ownedBy(persist, className = 'IndexOwner') {
  return { durableObjects: { OWNER: { className, useSQLite: true } }, durableObjectsPersist: path.join(persist, 'v3', 'do') };
}

/** Starts workerd on a loopback port over the KV that lies under `persist`. */
export async function startWorkerd({ folder, script }, persist, variables = {}, more = {}) {
  const { Log, LogLevel, Miniflare } = requireFromWorker('miniflare');
  const runtime = new Miniflare({
    host: '127.0.0.1',
    port: 0,
    log: new Log(LogLevel.NONE),
    handleRuntimeStdio(stdout, stderr) {
      stdout.resume();
      stderr.resume();
    },
    modules: true,
    modulesRoot: folder,
    scriptPath: script,
    modulesRules: [
      { type: 'ESModule', include: ['**/*.js'] },
      { type: 'CompiledWasm', include: ['**/*.wasm'] },
    ],
    compatibilityDate: '2026-04-01',
    kvNamespaces: { SNAPSHOT: NAMESPACE },
    kvPersist: path.join(persist, 'v3', 'kv'),
    bindings: { INDEX: 'default/', MANIFEST_TTL_SECONDS: '60', CACHE_SECONDS: '60', CORS_ORIGIN: '*', MAX_INDEX_MB: '40', ...variables },
    ...more,
  });
  const origin = (await runtime.ready).href;
  return {
    origin,
    kv: await runtime.getKVNamespace('SNAPSHOT'),
    fetch: (target, init) => fetch(new URL(target, origin), init),
    /** Fetches and reads JSON. */
    async get(target, init) {
      const response = await fetch(new URL(target, origin), init);
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, body: text === '' ? undefined : JSON.parse(text) };
    },
    stop: () => runtime.dispose(),
  };
}

/** Starts `wrangler dev` as a user would; resolves when it answers. */
export async function startWranglerDev(persist, port) {
  const child = spawn(
    process.execPath,
    [WRANGLER, 'dev', '--config', CONFIG, '--ip', '127.0.0.1', '--port', String(port), '--inspector-port', '0', '--persist-to', persist, '--show-interactive-dev-session=false'],
    { cwd: WORKER, env: QUIET, stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  );
  const output = [];
  child.stdout.on('data', (part) => output.push(part));
  child.stderr.on('data', (part) => output.push(part));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  // The whole group: wrangler starts workerd and esbuild.
  const kill = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // It has ended.
    }
  };
  const killAtExit = () => kill('SIGKILL');
  process.once('exit', killAtExit);
  const stop = async () => {
    kill('SIGTERM');
    const killer = setTimeout(kill, 5_000, 'SIGKILL');
    await ended;
    clearTimeout(killer);
    kill('SIGKILL');
    process.off('exit', killAtExit);
  };
  const origin = `http://127.0.0.1:${port}`;
  for (const deadline = Date.now() + 180_000; Date.now() < deadline && child.exitCode === null; ) {
    try {
      await (await fetch(origin)).arrayBuffer();
      return { origin, stop };
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  await stop();
  throw new Error(`wrangler dev did not start:\n${Buffer.concat(output)}`);
}
