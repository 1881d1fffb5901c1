/**
 * Vectors through the package: the model beside it, a host's own embedder, and what is answered when either cannot be had.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Codequarry, MemoryStore } from '../dist/node.js';

const FILES = [
  { path: 'src/retry.ts', text: 'export function retryWithBackoff(task: Task, attempts: number) {\n  // wait longer after each failure\n  return attempt(task, attempts);\n}\n' },
  { path: 'src/render.ts', text: 'export function drawTriangle(canvas: Canvas, color: string) {\n  canvas.fill(color);\n}\n' },
  { path: 'lib/parser.py', text: 'def parse_json(text):\n    """Decodes a JSON document."""\n    return json.loads(text)\n' },
];

/** @typedef {import('../dist/node.js').HostEmbedder} HostEmbedder */

/**
 * Letters counted: a poor embedder, and a real one.
 *
 * @param {object} more
 * @returns {HostEmbedder}
 */
const letters = (more = {}) => ({
  id: 'letters-1',
  dims: 26,
  embed: (/** @type {string[]} */ texts) =>
    texts.map((text) => {
      const counts = new Float32Array(26);
      for (const char of text.toLowerCase()) if (char >= 'a' && char <= 'z') counts[char.charCodeAt(0) - 97] += 1;
      return counts;
    }),
  ...more,
});

/** @param {import('../dist/node.js').OpenOptions} options */
async function open(options = {}, files = FILES) {
  /** @type {string[]} */
  const warnings = [];
  const quarry = await Codequarry.open({ workers: 1, ...options, onEvent: (event) => void (event.type === 'warning' && warnings.push(event.code)) });
  if (files.length > 0) await quarry.add(files);
  return { quarry, warnings };
}

const paths = (/** @type {import('../dist/node.js').SearchResult} */ result) => result.hits.map((hit) => hit.path);

test('code is found by what it does, with the model of the package, in every mode', async () => {
  const { quarry, warnings } = await open();
  const semantic = await quarry.query('parse a json document', { mode: 'semantic' });
  assert.equal(semantic.mode, 'semantic');
  assert.equal(paths(semantic)[0], 'lib/parser.py');
  const hybrid = await quarry.query('json');
  assert.deepEqual([hybrid.mode, hybrid.semantic, paths(hybrid)[0]], ['hybrid', undefined, 'lib/parser.py']);
  const lexical = await quarry.query('json', { mode: 'lexical' });
  assert.deepEqual([lexical.mode, lexical.semantic], ['lexical', undefined]);
  const filtered = await quarry.query('json', { mode: 'semantic', path: 'src/**' });
  assert.ok(filtered.hits.every((hit) => hit.path.startsWith('src/')));
  assert.deepEqual(warnings, []);
  await quarry.close();
});

test('a snapshot tells the next reader that it has vectors, and compaction keeps them', async () => {
  const store = new MemoryStore();
  const { quarry } = await open({ store });
  await quarry.add([{ path: 'more.go', text: 'package more\n\nfunc Sum(numbers []int) int { return 0 }\n' }]);
  await quarry.compact();
  await quarry.close();
  const { quarry: reader } = await open({ store }, []);
  assert.equal((await reader.query('add up numbers')).mode, 'hybrid');
  await reader.close();
  const { quarry: plain } = await open({ store, embedder: false }, []);
  assert.deepEqual([(await plain.query('sum')).mode, (await plain.query('sum')).semantic], ['lexical', undefined]);
  assert.equal((await plain.query('sum', { mode: 'hybrid' })).semantic, 'MODEL_UNAVAILABLE');
  await plain.close();
});

test('without vectors the answer is lexical and says why', async () => {
  const { quarry } = await open({ embedder: false });
  const result = await quarry.query('json', { mode: 'semantic' });
  assert.deepEqual([result.mode, result.semantic, paths(result)[0]], ['lexical', 'VECTORS_MISSING', 'lib/parser.py']);
  await quarry.close();
});

test('a model that cannot be had or used leaves everything else as it is', async () => {
  const store = new MemoryStore();
  const { quarry } = await open({ store });
  await quarry.close();
  const cut = new Uint8Array(1000);
  cut.set([0x89, 0x43, 0x51, 0x4d, 0x4f, 0x44, 0x0d, 0x0a, 1]);
  /** @type {[URL | Uint8Array, string][]} */
  const models = [[new URL('file:///nowhere/code.cqmodel'), 'MODEL_UNAVAILABLE'], [cut, 'MODEL_INVALID']];
  for (const [model, code] of models) {
    const { quarry: reader } = await open({ store, engine: { model } }, []);
    const result = await reader.query('json');
    assert.deepEqual([result.mode, result.semantic, paths(result)[0]], ['lexical', code, 'lib/parser.py']);
    await reader.close();
    const { quarry: writer, warnings } = await open({ engine: { model } });
    assert.ok(warnings.length > 0 && warnings.every((warning) => warning === code));
    assert.equal((await writer.query('json')).semantic, 'VECTORS_MISSING');
    await writer.close();
  }
});

test("a host's own embedder makes the vectors of code and queries, in batches", async () => {
  /** @type {[number, boolean][]} */
  const calls = [];
  const embedder = letters({ batch: 2 });
  const { embed } = embedder;
  embedder.embed = (texts, options) => {
    calls.push([texts.length, options.query]);
    return embed(texts, options);
  };
  const store = new MemoryStore();
  const { quarry, warnings } = await open({ store, embedder });
  assert.deepEqual(calls, [[2, false], [1, false]]);
  const result = await quarry.query('drawTriangle canvas', { mode: 'semantic' });
  assert.deepEqual([result.mode, result.semantic, paths(result)[0]], ['semantic', undefined, 'src/render.ts']);
  assert.deepEqual(calls.at(-1), [1, true]);
  await quarry.add([{ path: 'one.ts', text: 'export const one = 1;\n' }]);
  const before = calls.length;
  await quarry.compact();
  assert.equal(calls.length, before);
  assert.equal((await quarry.query('one', { mode: 'semantic' })).mode, 'semantic');
  assert.deepEqual(warnings, []);
  await quarry.close();
  for (const other of [letters({ id: 'letters-2' }), /** @type {const} */ ('default')]) {
    const { quarry: reader } = await open({ store, embedder: other }, []);
    assert.equal((await reader.query('one')).semantic, 'MODEL_MISMATCH');
    await reader.close();
  }
});

test('an embedder that fails leaves the index lexical, and says so', async () => {
  /** @type {Record<string, (texts: string[]) => unknown>} */
  const failing = {
    throws: () => {
      throw new Error('no service');
    },
    nan: (texts) => texts.map(() => new Float32Array(26).fill(Number.NaN)),
    short: (texts) => texts.map(() => new Float32Array(25)),
    few: () => [],
    nothing: () => undefined,
    stalls: () => new Promise(() => {}),
  };
  const good = new MemoryStore();
  const { quarry } = await open({ store: good, embedder: letters() });
  await quarry.close();
  for (const [name, embed] of Object.entries(failing)) {
    const code = name === 'stalls' ? 'EMBEDDER_TIMEOUT' : 'EMBEDDER_FAILED';
    const embedder = letters({ embed, timeoutMs: 50 });
    const { quarry: writer, warnings } = await open({ embedder });
    assert.deepEqual(warnings, [code], name);
    assert.deepEqual([(await writer.query('json')).semantic, paths(await writer.query('json'))[0]], ['VECTORS_MISSING', 'lib/parser.py'], name);
    await writer.close();
    const { quarry: reader } = await open({ store: good, embedder }, []);
    const result = await reader.query('json');
    assert.deepEqual([result.mode, result.semantic, paths(result)[0]], ['lexical', code, 'lib/parser.py'], name);
    await reader.close();
  }
});

test('what is no embedder is refused', async () => {
  for (const embedder of /** @type {HostEmbedder[]} */ ([letters({ id: '' }), letters({ dims: 27 }), letters({ dims: 5000 }), letters({ embed: undefined }), letters({ batch: 0 }), /** @type {never} */ ({})])) {
    await assert.rejects(Codequarry.open({ embedder }), { code: 'OPTION_INVALID' });
  }
});

test('more like a chunk, by vectors and by words, while searches go on', async () => {
  const files = [...FILES, { path: 'copy/retry.js', text: 'export function retryWithBackoff(task, attempts) {\n  // wait longer after each failure\n  return attempt(task, attempts);\n}\n' }];
  /** @type {('default' | false)[]} */
  const embedders = ['default', false];
  for (const embedder of embedders) {
    const { quarry } = await open({ embedder }, files);
    const [found, hits] = await Promise.all([quarry.similar({ path: 'src/retry.ts', line: 2 }), quarry.search('parse_json')]);
    assert.equal(paths(found)[0], 'copy/retry.js');
    assert.ok(!paths(found).includes('src/retry.ts') && hits[0]);
    assert.deepEqual(paths(await quarry.similar(hits[0], { path: 'nowhere/**' })), []);
    for (const place of [{ path: 'none.ts', line: 1 }, { path: 'src/retry.ts', line: 99 }, { path: 'src/retry.ts', line: 0 }, { path: 'src/retry.ts', line: 1.5 }]) {
      await assert.rejects(quarry.similar(place), { code: 'OPTION_INVALID' });
    }
    await quarry.close();
  }
});
