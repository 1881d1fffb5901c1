/** Searching through the package: what is loaded when, pages, counts, giving up, queries that mean harm, and that nothing waits for `similar`. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Codequarry, MemoryStore } from 'codequarry';
import { Index } from '../dist/searcher-engine.js';
import { PROJECT, textFiles, trapOnce } from './helpers.js';

/** @typedef {import('codequarry').OpenOptions} OpenOptions */
/** @typedef {import('codequarry').SearchOptions} SearchOptions */

/**
 * @param {import('node:test').TestContext} t
 * @param {OpenOptions} [options]
 * @param {Iterable<{ path: string, text: string }>} [files]
 */
async function open(t, options = {}, files = textFiles(PROJECT)) {
  const quarry = await Codequarry.open({ workers: 1, embedder: false, ...options });
  t.after(() => quarry.close());
  await quarry.add(files);
  return quarry;
}

/** Many small functions in several languages and folders. */
const many = () =>
  Array.from({ length: 60 }, (_, at) => ({
    path: `${['src/core', 'src/http', 'tests'][at % 3]}/part${at}.${at % 2 ? 'ts' : 'py'}`,
    text: at % 2 ? `export function handlePart${at}(request: Request) {\n  return retry(request, ${at});\n}\n` : `def handle_part_${at}(request):\n    return retry(request, ${at})\n`,
  }));

test('the module for regexes is asked for when the first query with one comes, once, and again after a trap', async (t) => {
  let asked = 0;
  const bytes = await readFile(new URL('../dist/regex.wasm', import.meta.url));
  const engine = {
    get regex() {
      asked += 1;
      return bytes;
    },
  };
  const quarry = await open(t, { engine });
  await quarry.search('retry');
  await quarry.query('"retryWithBackoff"', { mode: 'exact' });
  assert.equal(asked, 0);
  const places = async () => (await quarry.query('/retry\\w+ackoff/', { mode: 'exact' })).hits.map(({ path }) => path);
  const expected = await places();
  assert.ok(expected.includes('src/retry.ts'));
  assert.equal(asked, 1);
  await quarry.search('/pool/ acquire');
  assert.equal(asked, 1);
  trapOnce(t, Index.prototype);
  assert.deepEqual(await places(), expected);
  assert.equal(asked, 2);
  await assert.rejects(quarry.search('/(/'), { code: 'QUERY_INVALID' });
});

test('where the module for regexes cannot be had, everything else is answered', async (t) => {
  /** @type {[OpenOptions['engine'], string][]} */
  const broken = [[{ regex: '/nowhere/regex.wasm' }, 'ENGINE_LOAD'], [{ regex: new Uint8Array(8) }, 'ENGINE_LOAD']];
  for (const [engine, code] of broken) {
    const quarry = await open(t, { engine });
    for (let turn = 0; turn < 2; turn++) {
      await assert.rejects(quarry.query('/a/', { mode: 'exact' }), { code });
      await assert.rejects(quarry.search('retry /a/'), { code });
      assert.equal((await quarry.search('retryWithBackoff'))[0]?.path, 'src/retry.ts');
    }
  }
});

test('pages follow each other without gaps, and stop when the index changes', async (t) => {
  const quarry = await open(t, {}, many());
  /** @type {SearchOptions[]} */
  const kinds = [{ mode: 'lexical' }, { mode: 'exact' }, { mode: 'symbol' }, { mode: 'lexical', path: 'src/**', language: 'ts' }];
  for (const options of kinds) {
    const query = options.mode === 'symbol' ? 'handle' : 'retry';
    const whole = await quarry.query(query, { ...options, limit: 100 });
    assert.ok(whole.hits.length > 15 && whole.cursor === null);
    /** @type {string[]} */
    const ids = [];
    /** @type {string | null | undefined} */
    let cursor;
    do {
      const page = await quarry.query(query, { ...options, limit: 7, ...(cursor ? { cursor } : {}) });
      assert.equal(page.total, whole.total);
      ids.push(...page.hits.map(({ id }) => id));
      cursor = page.cursor;
    } while (cursor);
    assert.deepEqual(ids, whole.hits.map(({ id }) => id));
  }
  const { cursor } = await quarry.query('retry', { limit: 5 });
  assert.ok(cursor);
  await assert.rejects(quarry.query('other', { limit: 5, cursor }), { code: 'OPTION_INVALID' });
  for (const nonsense of ['', '-', '1-2-3', 'x'.repeat(100_000), cursor.slice(1), `${cursor}-1`]) {
    await assert.rejects(quarry.query('retry', { limit: 5, cursor: nonsense }), /** @param {import('codequarry').CodequarryError} error */ (error) => ['OPTION_INVALID', 'CURSOR_STALE'].includes(error.code), nonsense.slice(0, 9));
  }
  await quarry.add(textFiles({ 'later.ts': 'export const retry = 1;\n' }));
  await assert.rejects(quarry.query('retry', { limit: 5, cursor }), { code: 'CURSOR_STALE' });
});

test('facets count all hits, whatever page is shown', async (t) => {
  const quarry = await open(t, {}, many());
  assert.equal((await quarry.query('retry')).facets, undefined);
  for (const mode of /** @type {const} */ (['lexical', 'exact', 'symbol'])) {
    const query = mode === 'symbol' ? 'handle' : 'retry';
    const [first, second] = await Promise.all([quarry.query(query, { mode, facets: true, limit: 3 }), quarry.query(query, { mode, facets: true, limit: 3, offset: 20 })]);
    assert.deepEqual(first.facets, second.facets);
    const sum = (/** @type {{ count: number }[]} */ counts) => counts.reduce((all, { count }) => all + count, 0);
    assert.ok(first.facets);
    assert.deepEqual([sum(first.facets.languages), sum(first.facets.folders)], [first.total, first.total]);
    assert.deepEqual(first.facets.languages.map(({ value }) => value).sort(), ['python', 'typescript']);
  }
  const narrow = await quarry.query('retry', { facets: true, path: 'src/**' });
  assert.deepEqual(narrow.facets?.folders.map(({ value, count }) => [value, count]), [['src/core/', 20], ['src/http/', 20]]);
});

test('a search that is given up rejects with the reason at once, also while an embedder stalls', async (t) => {
  const letters = { id: 'letters', dims: 2, embed: (/** @type {string[]} */ texts) => texts.map((text) => [text.length, 1]) };
  const store = new MemoryStore();
  const writer = await Codequarry.open({ store, workers: 1, embedder: letters });
  await writer.add(textFiles(PROJECT));
  await writer.close();
  let stalls = true;
  let called = 0;
  const quarry = await Codequarry.open({ store, embedder: { ...letters, timeoutMs: 60_000, embed: (texts) => (stalls ? new Promise(() => void called++) : letters.embed(texts)) } });
  t.after(() => quarry.close());
  const reason = new Error('somebody typed on');
  await assert.rejects(quarry.search('retry', { signal: AbortSignal.abort(reason) }), reason);
  assert.equal(called, 0);
  const controller = new AbortController();
  const searching = quarry.search('retry', { signal: controller.signal });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(called, 1);
  controller.abort(reason);
  await assert.rejects(searching, reason);
  await assert.rejects(quarry.similar({ path: 'src/retry.ts', line: 1 }, { signal: AbortSignal.abort(reason) }), reason);
  stalls = false;
  assert.equal((await quarry.query('retryWithBackoff')).mode, 'hybrid');
});

test('a model that was cut or changed anywhere is MODEL_INVALID, one of a later version MODEL_NEWER; the answer is lexical', async (t) => {
  const store = new MemoryStore();
  const writer = await Codequarry.open({ store, workers: 1 });
  await writer.add(textFiles(PROJECT));
  await writer.close();
  const model = new Uint8Array(await readFile(new URL('../dist/code.cqmodel', import.meta.url)));
  const change = (/** @type {number} */ at) => {
    const changed = model.slice();
    changed[at] = (changed[at] ?? 0) ^ 0x10;
    return changed;
  };
  const newer = model.slice();
  newer[8] = 99;
  /** @type {[string, Uint8Array, string][]} */
  const cases = [['later version', newer, 'MODEL_NEWER'], ['empty', new Uint8Array(), 'MODEL_INVALID'], ['foreign', new TextEncoder().encode('<!doctype html>'.repeat(100)), 'MODEL_INVALID']];
  for (const length of [1, 12, 100, 5_000, model.length >> 1, model.length - 1]) cases.push([`cut to ${length}`, model.slice(0, length), 'MODEL_INVALID']);
  for (const at of [0, 20, 200, 40_000, model.length >> 1, model.length - 1]) cases.push([`changed at ${at}`, change(at), 'MODEL_INVALID']);
  for (const [name, bytes, code] of cases) {
    const quarry = await Codequarry.open({ store, engine: { model: bytes } });
    const result = await quarry.query('retryWithBackoff');
    assert.deepEqual([result.mode, result.semantic, result.hits[0]?.path], ['lexical', code, 'src/retry.ts'], name);
    await quarry.close();
  }
  let there = false;
  let asked = 0;
  const lazily = await Codequarry.open({
    store,
    engine: {
      model: () => {
        asked += 1;
        return there ? model : undefined;
      },
    },
  });
  t.after(() => lazily.close());
  assert.equal((await lazily.query('retry')).semantic, 'MODEL_UNAVAILABLE');
  there = true;
  assert.equal((await lazily.query('retry')).mode, 'hybrid', 'what failed is tried again');
  const before = asked;
  await lazily.query('retry');
  assert.equal(asked, before);
});

test('an embedder that returns what is no vector is EMBEDDER_FAILED, one that stalls is told to stop', async (t) => {
  const good = { id: 'letters', dims: 2, embed: (/** @type {string[]} */ texts) => texts.map((text) => [text.length, 1]) };
  const store = new MemoryStore();
  const writer = await Codequarry.open({ store, workers: 1, embedder: good });
  await writer.add(textFiles(PROJECT));
  await writer.close();
  /** @type {AbortSignal | undefined} */
  let signal;
  /** @type {[string, (texts: string[], options: { signal: AbortSignal }) => unknown, string][]} */
  const cases = [
    ['infinite', () => [[1, Infinity]], 'EMBEDDER_FAILED'],
    ['too large a number', () => [[1, 1e300]], 'EMBEDDER_FAILED'],
    ['words', () => [['a', 'b']], 'EMBEDDER_FAILED'],
    ['holes', () => [new Array(2)], 'EMBEDDER_FAILED'],
    ['null', () => [null], 'EMBEDDER_FAILED'],
    ['too many', () => [[1, 2], [1, 2]], 'EMBEDDER_FAILED'],
    ['rejects', () => Promise.reject(new Error('no service')), 'EMBEDDER_FAILED'],
    ['throws nothing', () => Promise.reject(undefined), 'EMBEDDER_FAILED'],
    ['stalls', (_, options) => new Promise(() => void (signal = options.signal)), 'EMBEDDER_TIMEOUT'],
  ];
  for (const [name, embed, code] of cases) {
    const quarry = await Codequarry.open({ store, embedder: { ...good, timeoutMs: 50, embed: /** @type {never} */ (embed) } });
    for (const mode of /** @type {const} */ (['hybrid', 'semantic'])) {
      const result = await quarry.query('retryWithBackoff', { mode });
      assert.deepEqual([result.mode, result.semantic, result.hits[0]?.path], ['lexical', code, 'src/retry.ts'], name);
    }
    await quarry.close();
  }
  assert.equal(signal?.aborted, true);
  const zero = await Codequarry.open({ store, embedder: { ...good, embed: () => [[0, 0]] } });
  t.after(() => zero.close());
  const result = await zero.query('retryWithBackoff');
  assert.equal(result.hits[0]?.path, 'src/retry.ts');
});

test('any query is answered or refused with a code, in every mode', async (t) => {
  const quarry = await open(t, { embedder: 'default' });
  const queries = [
    '', ' ', '\t\n\r', '\0', '\0\0retry\0', '\uD800', 'a\uDC00b', '\uFEFF', '\u202Eretry\u202C', '\u200B'.repeat(50), '???', '!@#$%^&*()', '((((((((', '))))', '[[[]', '{}{}', '"', '"""', '"unfinished', '"\\"', '\\', '\\\\',
    '/', '//', '///', '/a', '/[/', '/(?<=a)b/', '/\\1(a)/', '/a**/', '/\\p{Greek}/', '/(?i)x/', '/^$/', '/$^/', '/.*/', '/\\b/', '/x{0,1000}/', `/${'('.repeat(500)}${')'.repeat(500)}/`, `/${'a?'.repeat(200)}${'a'.repeat(200)}/`,
    'OR', 'OR OR OR', 'a OR', '-', '--', '-""', '-a -b -c', 'symbol:', 'symbol:.', 'symbol:::', 'kind:', 'kind:,', 'kind:nothing', 'lang:', 'lang:,,', 'path:', 'path:[', 'path:**', `path:${'**/'.repeat(200)}x`, 'case:', 'case:maybe', 'case:yes',
    '検索する関数', 'Größe', 'ΑΒΓ', 'ПРИВЕТ', 'مرحبا', 'שלום', 'हिन्दी', 'ไทย', '한국어', '🦀'.repeat(300), 'e\u0301'.repeat(500), 'İ'.repeat(500), 'ﬃ', 'ß', 'a'.repeat(60_000), 'a '.repeat(20_000), `${'aB_0'.repeat(10_000)}`,
    '__proto__', 'constructor', 'toString', 'hasOwnProperty', '../../../etc/passwd', '<script>', "' OR 1=1 --", 'x'.repeat(1 << 20), '('.repeat(1 << 20), '"'.repeat(1 << 20), ' '.repeat(1 << 20), '/'.repeat(1 << 20), 'é'.repeat(1 << 19),
  ];
  const codes = new Set(['QUERY_INVALID', 'LIMIT_EXCEEDED', 'REGEX_TOO_LARGE', 'OPTION_INVALID']);
  for (const query of queries) {
    for (const mode of /** @type {const} */ (['hybrid', 'semantic', 'exact', 'symbol'])) {
      for (const prefix of [false, true]) {
        try {
          const result = await quarry.query(query, { mode, prefix, facets: true, snippet: 3 });
          assert.ok(result.hits.length <= 10 && result.total >= result.hits.length);
        } catch (error) {
          const { code, message } = /** @type {import('codequarry').CodequarryError} */ (error);
          assert.ok(codes.has(code), `${mode} ${JSON.stringify(query.slice(0, 40))}: ${code} ${message}`);
          assert.ok(message.length < 1_000, `${code} of ${message.length} characters`);
        }
      }
    }
  }
  await assert.rejects(quarry.search('x'.repeat(1 << 20)), { code: 'LIMIT_EXCEEDED' });
  assert.deepEqual(await quarry.search(''), []);
  assert.equal((await quarry.search('retryWithBackoff'))[0]?.path, 'src/retry.ts', 'the index is as it was');
});

test('regexes that explode elsewhere are answered', async (t) => {
  const line = `${'a'.repeat(3_000)}!`;
  const quarry = await open(t, {}, [{ path: 'long.txt', text: `${`${line}\n`.repeat(20)}aaab\n` }, ...textFiles(PROJECT)]);
  for (const [regex, total] of /** @type {[string, number][]} */ ([
    ['(a+)+$', 0],
    ['^(a|aa)+$', 0],
    ['(a*)*b', 1],
    ['(.*a){20}!', 20],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', 0],
    ['(a|a)*c', 0],
    ['(?:a?){50}a{50}b', 0],
  ])) {
    const result = await quarry.query(`/${regex}/ path:long.txt case:yes`, { mode: 'exact' });
    assert.equal(result.total, total, regex);
  }
});

test('no search waits for more than one step of `similar`', async (t) => {
  const quarry = await open(t, { embedder: 'default' });
  for (let at = 0; at < 5; at++) await quarry.add(many().map(({ path, text }) => ({ path: `more${at}/${path}`, text: `${text}// ${at}\n` })));
  assert.ok((await quarry.stats()).segments >= 5);
  await quarry.search('handle');
  /** @type {string[]} */
  const log = [];
  const { similar, search } = Index.prototype;
  t.after(() => Object.assign(Index.prototype, { similar, search }));
  Index.prototype.similar = function (...rest) {
    const found = similar.apply(this, rest);
    log.push(found ? 'found' : 'step');
    return found;
  };
  Index.prototype.search = function (...rest) {
    log.push(`search ${rest[0]}`);
    return search.apply(this, rest);
  };
  const asking = quarry.similar({ path: 'more2/src/core/part6.py', line: 1 });
  /** @type {Promise<unknown>[]} */
  const answers = [];
  for (let turn = 0; log.at(-1) !== 'found' && turn < 100; turn++) {
    log.push(`ask ${turn}`);
    answers.push(quarry.search(`part${turn}`));
    await new Promise((resolve) => setTimeout(resolve));
  }
  const result = await asking;
  await Promise.all(answers);
  assert.equal(result.mode, 'semantic');
  assert.ok(result.hits.length > 0);
  const steps = log.filter((entry) => entry === 'step').length;
  assert.ok(steps >= 5 && answers.length >= 5, log.join());
  for (const [at, entry] of log.entries()) {
    if (!entry.startsWith('ask')) continue;
    const turn = entry.slice(4);
    const answered = log.indexOf(`search part${turn}`);
    const between = log.slice(at, answered).filter((other) => other === 'step' || other === 'found').length;
    assert.ok(answered > at && between <= 1, log.join());
  }
});
