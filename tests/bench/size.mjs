/**
 * Download sizes: the modules and each grammar, as they are and compressed with brotli at its best, beside the module of web-tree-sitter, which only parses. The
 * limit of the searcher and of the builder is 250 KB each.
 *
 *     node tests/bench/size.mjs [--json]
 */

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { ROOT } from './corpora.mjs';
import { DIST, report, requirePackage, verdict } from './table.mjs';

requirePackage();
const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22 } };

function sizes(name, file) {
  const bytes = readFileSync(file);
  return [name, bytes.length / 1000, brotliCompressSync(bytes, options).length / 1000];
}

const MODULES = ['searcher-engine', 'builder-engine', 'regex'].flatMap((stem) => [
  sizes(`${stem}.wasm`, join(DIST, `${stem}.wasm`)),
  sizes(`${stem}.js (its glue)`, join(DIST, `${stem}.js`)),
]);
const peer = sizes('web-tree-sitter.wasm (parser only)', join(ROOT, 'node_modules/web-tree-sitter/web-tree-sitter.wasm'));
const grammars = readdirSync(join(DIST, 'grammars'))
  .filter((file) => file.endsWith('.wasm'))
  .sort()
  .map((file) => sizes(`grammar ${file.slice(0, -5)}`, join(DIST, 'grammars', file)));
const rows = [...MODULES, peer, ...grammars].map(([name, raw, brotli]) => [name, raw, brotli, brotli / peer[2]]);
report('Download sizes', ['', 'KB', 'KB brotli', 'x web-tree-sitter'], rows, [verdict('searcher-engine.wasm, brotli', MODULES[0][2], 'below', 250, ' KB'), verdict('builder-engine.wasm, brotli', MODULES[2][2], 'below', 250, ' KB')]);
