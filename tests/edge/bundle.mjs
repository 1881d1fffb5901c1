/** Bundles TypeScript for a test, with the esbuild that the Worker's own tools use. */
import { createRequire } from 'node:module';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const WORKER = path.join(ROOT, 'worker');

/** Loads a package as the Worker's folder sees it. */
export const requireFromWorker = createRequire(path.join(WORKER, 'package.json'));

/** Bundles one module of `worker/src` for Node and imports it. */
export function importFromWorker(module) {
  return importBundled(path.join(WORKER, 'src', module));
}

/** The same for a module of `pkg/src` that is not part of the package's interface. */
export function importFromPackage(module) {
  return importBundled(path.join(ROOT, 'pkg', 'src', module));
}

async function importBundled(file) {
  const { build } = requireFromWorker('esbuild');
  const folder = await mkdtemp(path.join(tmpdir(), 'codequarry-edge-'));
  const outfile = path.join(folder, 'module.mjs');
  try {
    await build({ entryPoints: [file], bundle: true, format: 'esm', platform: 'node', target: 'node20', outfile, logLevel: 'error' });
    return await import(pathToFileURL(outfile).href);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
