/**
 * Builds `dist/`: compiles the TypeScript and puts the engine and the grammars beside it, so that `dist/` needs nothing else. `dist/site/`
 * is the page's, built by `www/`, and stays.
 */

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const STEMS = ['searcher-engine', 'builder-engine', 'regex'];
const generated = STEMS.flatMap((stem) => [`${stem}.js`, `${stem}.d.ts`, `${stem}.wasm`, `${stem}_bg.wasm.d.ts`]);

for (const file of STEMS.flatMap((stem) => [`${stem}.js`, `${stem}.d.ts`, `${stem}.wasm`])) {
  if (!existsSync(join(root, 'wasm', file))) {
    console.error(`wasm/${file} is missing: run "make wasm" first`);
    process.exit(1);
  }
}

mkdirSync(dist, { recursive: true });
for (const name of readdirSync(dist)) if (name !== 'site') rmSync(join(dist, name), { recursive: true });

const tsc = spawnSync('tsc', ['-p', join(root, 'tsconfig.json')], { stdio: 'inherit', shell: process.platform === 'win32' });
if (tsc.status !== 0) process.exit(tsc.status ?? 1);

for (const file of generated) if (existsSync(join(root, 'wasm', file))) cpSync(join(root, 'wasm', file), join(dist, file));
cpSync(join(root, '../model/code.cqmodel'), join(dist, 'code.cqmodel'));
mkdirSync(join(dist, 'grammars'));
for (const file of existsSync(join(root, 'grammars')) ? readdirSync(join(root, 'grammars')) : []) {
  if (file.endsWith('.wasm')) cpSync(join(root, 'grammars', file), join(dist, 'grammars', file));
}
