/**
 * Bundles the page into `pkg/dist/site/`, which is complete in itself: any static host serves it, from any path.
 *
 * Everything but `index.html` and `snapshot/site.json` goes into one folder that is named after its content, so that
 * hosts may let browsers keep it for ever and a new version never meets a file of an old one. The package
 * finds its worker, its engine and its grammars beside its own code, so they are put there under their own names.
 */

import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const WWW = path.dirname(fileURLToPath(import.meta.url));
const PACKAGE = path.join(WWW, '..', 'pkg', 'dist');

/** Builds the page from the package in `from` into the folder `out`, replacing it. */
export async function buildSite({ from = PACKAGE, out = path.join(PACKAGE, 'site'), minify = true } = {}) {
  const staging = path.join(out, 'app');
  await rm(out, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  await build({
    absWorkingDir: WWW,
    entryPoints: [
      { in: path.join(WWW, 'src', 'main.ts'), out: 'main' },
      { in: path.join(WWW, 'style', 'main.css'), out: 'main' },
      { in: path.join(from, 'worker.js'), out: 'worker' },
    ],
    outdir: staging,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['browser'],
    alias: { codequarry: path.join(from, 'browser.js') },
    minify,
    legalComments: 'none',
    logLevel: 'warning',
  });
  await cp(path.join(WWW, 'public', 'icon.svg'), path.join(staging, 'icon.svg'));
  for (const name of ['searcher-engine.wasm', 'builder-engine.wasm', 'regex.wasm']) await cp(path.join(from, name), path.join(staging, name));
  await cp(path.join(from, 'code.cqmodel'), path.join(staging, 'code.cqmodel'));
  await cp(path.join(from, 'grammars'), path.join(staging, 'grammars'), { recursive: true });
  const app = `app-${await contentHash(staging)}`;
  await rename(staging, path.join(out, app));
  await cp(path.join(WWW, 'public', 'snapshot'), path.join(out, 'snapshot'), { recursive: true });
  const html = await readFile(path.join(WWW, 'index.html'), 'utf8');
  await writeFile(path.join(out, 'index.html'), html.replaceAll('./@app/', `./${app}/`));
  return out;
}

/** A hash over names and bytes of all files under `folder`. */
async function contentHash(folder) {
  const hash = createHash('sha256');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  for (const file of files.sort())
    hash
      .update(path.relative(folder, file))
      .update('\0')
      .update(await readFile(file));
  return hash.digest('hex').slice(0, 12);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildSite();
