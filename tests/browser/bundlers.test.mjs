/** The package as bundlers make something else of it: as it is published, built or served, opened, and asked. */

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { build as viteBuild, createServer } from 'vite';
import webpack from 'webpack';
import { ROOT, WORK, cannotRun, launch, openPage } from './harness.mjs';
import { serve } from './server.mjs';

const options = { skip: cannotRun, timeout: 180_000 };
const APP = path.join(WORK, 'app');
const FILES = [
  { path: 'src/router.ts', text: 'export class Router {\n  /** Finds the route. */\n  route(path: string) { return path; }\n}\n' },
  { path: 'lib/retry.py', text: 'def retry(times):\n    """Tries again."""\n    return times\n' },
];
/** What a user writes, but for where the grammars are. */
const script = (head, engine) => `
  ${head}
  async function main() {
    const quarry = await Codequarry.open({ engine: ${engine} });
    const report = await quarry.add(${JSON.stringify(FILES)});
    const answer = await quarry.query('find the route');
    const texts = await quarry.search('/ret.y/', { mode: 'exact' });
    await quarry.close();
    return { problems: report.problems, mode: answer.mode, symbol: answer.hits[0].symbol, texts: texts.map((hit) => hit.path) };
  }
  globalThis.answer = main().catch((error) => ({ error: String(error), code: error.code }));
`;
const WHOLE = script("import { Codequarry } from 'codequarry';", '{}');
const SLIM = script(
  `import { Codequarry } from 'codequarry/slim';
  import python from 'codequarry/grammars/python.wasm?url';
  import typescript from 'codequarry/grammars/typescript.wasm?url';
  const grammars = { python, typescript };`,
  '{ grammars: (name) => grammars[name] }',
);
const PAGE = '<!doctype html><title>App</title><link rel="icon" href="data:,"><script type="module" src="./main.js"></script>';

let browser;
before(async () => {
  if (cannotRun) return;
  const installed = path.join(APP, 'node_modules', 'codequarry');
  mkdirSync(installed, { recursive: true });
  const { files } = JSON.parse(readFileSync(path.join(ROOT, 'pkg', 'package.json'), 'utf8'));
  for (const name of ['package.json', ...files]) cpSync(path.join(ROOT, 'pkg', name), path.join(installed, name), { recursive: true });
  writeFileSync(path.join(APP, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module', dependencies: { codequarry: '*' } }));
  writeFileSync(path.join(APP, 'index.html'), PAGE);
  browser = await launch();
});
after(() => browser?.close());

/** Opens the app and checks what it found: files parsed by grammars, not by line windows, with every module that this takes. */
async function check(url) {
  const { page, context, complaints } = await openPage(browser, url);
  const answer = await page.evaluate(() => globalThis.answer);
  assert.deepEqual(answer, { problems: [], mode: 'hybrid', symbol: 'Router', texts: ['lib/retry.py'] });
  assert.deepEqual(complaints, []);
  await context.close();
}

async function served(folder) {
  const server = await serve(folder);
  try {
    await check(server.url);
  } finally {
    await server.close();
  }
}

/** Vite tells its pages the port that it was given, so 0 is not enough. */
function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

const vite = (outDir) => ({ root: APP, configFile: false, logLevel: 'error', base: './', build: { outDir, reportCompressedSize: false } });

test('Vite builds an app of it with nothing configured', options, async () => {
  writeFileSync(path.join(APP, 'main.js'), WHOLE);
  await viteBuild(vite('vite'));
  await served(path.join(APP, 'vite'));
});

test('of the slim package Vite takes only the grammars that the app names', options, async () => {
  writeFileSync(path.join(APP, 'main.js'), SLIM);
  await viteBuild(vite('slim'));
  const modules = readdirSync(path.join(APP, 'slim', 'assets')).filter((name) => name.endsWith('.wasm'));
  assert.deepEqual(modules.map((name) => name.replace(/-[\w-]{8}\.wasm$/, '')).sort(), ['builder-engine', 'python', 'regex', 'searcher-engine', 'typescript']);
  await served(path.join(APP, 'slim'));
});

test('the development server of Vite serves it with nothing configured', options, async () => {
  writeFileSync(path.join(APP, 'main.js'), WHOLE);
  const server = await createServer({ ...vite('none'), server: { host: '127.0.0.1', port: await freePort(), strictPort: true } });
  try {
    await server.listen();
    await check(`http://127.0.0.1:${server.httpServer.address().port}/`);
  } finally {
    await server.close();
  }
});

test('webpack builds an app of it with nothing configured', options, async () => {
  writeFileSync(path.join(APP, 'main.js'), WHOLE);
  const folder = path.join(APP, 'webpack');
  const stats = await new Promise((resolve, reject) => {
    webpack({ mode: 'production', context: APP, entry: './main.js', output: { path: folder } }, (error, stats) => (error ? reject(error) : resolve(stats)));
  });
  assert.deepEqual(stats.toJson({ all: false, errors: true }).errors, []);
  writeFileSync(path.join(folder, 'index.html'), PAGE);
  await served(folder);
});
