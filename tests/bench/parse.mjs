/**
 * CPU time of parsing, walking and chunking 2,100 TypeScript files, one thread, best of several rounds: the engine in WebAssembly against the same code built
 * natively, and against web-tree-sitter, which parses and walks the tree with its cursor and does nothing else.
 *
 *     node tests/bench/parse.mjs [--json] [--rounds 5] [--profile]
 *
 * The package exports no function that parses and chunks and returns nothing. `Builder.outline` also copies every chunk and symbol into JavaScript, which
 * the native build has no need of; a builder's `addFile` also collects the words for the index, as it does natively: that pair is the ratio which has the limit. What a
 * native build needs for the words alone is the difference of its two rows. `--profile` leaves web-tree-sitter and the native build out, for `node --cpu-prof`.
 */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ROOT, corpus, load } from './corpora.mjs';
import { DIST, bestCpu, report, requirePackage, verdict } from './table.mjs';

const { values } = parseArgs({ options: { json: { type: 'boolean' }, rounds: { type: 'string', default: '5' }, profile: { type: 'boolean' } } });
const rounds = Number(values.rounds);
requirePackage();
const files = load('typescript');
const megabytes = files.reduce((sum, file) => sum + file.bytes.length, 0) / 1e6;

/** The engine in this process, with the TypeScript grammars. */
async function startEngine() {
  const load = (path) => import(pathToFileURL(join(DIST, path)).href);
  const { builderInstance, GrammarSet } = await load('builder-instance.js');
  const engine = await builderInstance.start(new WebAssembly.Module(readFileSync(join(DIST, 'builder-engine.wasm'))));
  const grammars = new GrammarSet(async (name) => new WebAssembly.Module(readFileSync(join(DIST, 'grammars', `${name}.wasm`))));
  for (const { path, bytes } of files) await grammars.prepare(path, bytes);
  return engine;
}

/** CPU seconds of web-tree-sitter, its own way of walking: one cursor, every node. */
async function measurePeer() {
  const { Parser, Language } = await import('web-tree-sitter');
  await Parser.init();
  const language = await Language.load(join(DIST, 'grammars/typescript.wasm'));
  const parser = new Parser();
  parser.setLanguage(language);
  const texts = files.map(({ bytes }) => new TextDecoder().decode(bytes));
  let nodes = 0;
  let parsing = Infinity;
  const both = bestCpu(rounds, () => {
    nodes = 0;
    for (const text of texts) {
      const tree = parser.parse(text);
      nodes += countNodes(tree.walk());
      tree.delete();
    }
  });
  parsing = bestCpu(Math.min(rounds, 2), () => {
    for (const text of texts) parser.parse(text).delete();
  });
  return { both, parsing, nodes };
}

/** Visits every node and reads what a chunker needs of it: kind and place. */
function countNodes(cursor) {
  let nodes = 0;
  let sum = 0;
  for (;;) {
    nodes += 1;
    sum += cursor.nodeTypeId + cursor.startIndex + cursor.endIndex;
    if (cursor.gotoFirstChild()) continue;
    while (!cursor.gotoNextSibling()) {
      if (!cursor.gotoParent()) {
        cursor.delete();
        return sum > 0 ? nodes : 0;
      }
    }
  }
}

function measureNative() {
  const build = ['build', '--release', '--quiet', '--example', 'bench-parse'];
  execFileSync('cargo', build, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  return JSON.parse(execFileSync(join(ROOT, 'target/release/examples/bench-parse'), [corpus('typescript'), String(rounds)], { encoding: 'utf8' }));
}

const engine = await startEngine();
const build = bestCpu(rounds, () => {
  const builder = new engine.Builder({});
  for (const { path, bytes } of files) builder.addFile(path, bytes);
  builder.free();
});
if (values.profile) process.exit(0);
const outline = bestCpu(rounds, () => {
  const builder = new engine.Builder({});
  for (const { path, bytes } of files) builder.outline(path, bytes);
  builder.free();
});
const peer = await measurePeer();
const native = measureNative();
const row = (name, seconds) => [name, seconds, megabytes / seconds, seconds / native.analyze, seconds / peer.both];
report(
  `Parse, walk, chunk: ${files.length} TypeScript files, ${megabytes.toFixed(1)} MB, ${native.chunks} chunks, ${peer.nodes} nodes; CPU time, best of ${rounds}`,
  ['', 'CPU s', 'MB/s', 'x native', 'x web-tree-sitter'],
  [
    row('native: tree-sitter alone, parse, walk', native.walk),
    row('native: parse, walk, chunk, symbols, references', native.analyze),
    row('native: the same and words (Builder::add_file)', native.build),
    row('wasm: the same and words (Builder.addFile)', build),
    row('wasm: parse, walk, chunk, into JavaScript (Builder.outline)', outline),
    row('web-tree-sitter: parse', peer.parsing),
    row('web-tree-sitter: parse, walk', peer.both),
  ],
  [verdict('wasm to native, Builder.addFile', build / native.build, 'below', 1.4, 'x'), verdict('wasm to web-tree-sitter', build / peer.both, 'below', 1, 'x'), verdict('native to tree-sitter alone', native.analyze / native.walk, 'below', 1.5, 'x')],
  { megabytes, native, build, outline, peer },
);
