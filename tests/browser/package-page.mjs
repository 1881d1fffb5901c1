/** A page that is nothing but the package: `globalThis.codequarry` is its browser entry, `globalThis.engine` where its parts lie. */

import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { ROOT } from './harness.mjs';

const DIST = path.join(ROOT, 'pkg', 'dist');

/**
 * Writes the page, the worker and what they load into `folder`.
 *
 * @param more further entries: names and the text of modules, which may import from `ROOT`
 */
export async function packagePage(folder, more = {}) {
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: { page: path.join(DIST, 'browser.js'), worker: path.join(DIST, 'worker.js') },
    bundle: true,
    format: 'esm',
    outdir: folder,
    logLevel: 'error',
  });
  for (const [name, contents] of Object.entries(more)) {
    await build({ stdin: { contents, resolveDir: ROOT }, bundle: true, format: 'esm', outfile: path.join(folder, `${name}.js`), logLevel: 'error' });
  }
  for (const part of ['searcher-engine.wasm', 'builder-engine.wasm', 'grammars']) cpSync(path.join(DIST, part), path.join(folder, part), { recursive: true });
  const script = `
    import * as codequarry from './page.js';
    ${Object.keys(more).map((name) => `import './${name}.js';`).join('\n')}
    const engine = { searcher: './searcher-engine.wasm', builder: './builder-engine.wasm', grammars: new URL('grammars/', location.href), worker: new URL('worker.js', location.href) };
    Object.assign(globalThis, { codequarry, engine });
  `;
  writeFileSync(path.join(folder, 'index.html'), `<!doctype html><title>Package</title><script type="module">${script}</script>`);
}

/** Opens the page in a tab and waits until the package is loaded. */
export async function packageTab(context, url) {
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForFunction(() => globalThis.codequarry !== undefined);
  return page;
}
