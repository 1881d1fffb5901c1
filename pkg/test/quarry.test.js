/** The index from end to end, with real builders. */

import assert from 'node:assert/strict';
import { copyFile, cp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Codequarry, CodequarryError, FolderStore, HttpStore, MemoryStore, fromArchive, fromFolder } from 'codequarry';
import { packTar } from 'modern-tar';
import { Index } from '../dist/searcher-engine.js';
import { PROJECT, collect, random, tempFolder, textFiles, trapOnce, writeFiles } from './helpers.js';

/** @typedef {import('codequarry').OpenOptions} OpenOptions */

/**
 * An index that is closed when the test ends.
 *
 * @param {import('node:test').TestContext} t
 * @param {OpenOptions} [options]
 */
async function openQuarry(t, options = {}) {
  const quarry = await Codequarry.open({ workers: 2, ...options });
  t.after(() => quarry.close());
  return quarry;
}

/** Files of some 20 MB, mostly plain text, which is cheap to index: six batches. */
function largeProject() {
  const next = random(3);
  const words = Array.from({ length: 500 }, () => `w${next().toString(36).slice(2, 8)}`);
  const word = () => words[Math.floor(next() * words.length)];
  const prose = Array.from({ length: 4000 }, () => `${word()} ${word()} ${word()} ${word()} ${word()} ${word()}`).join('\n');
  return Array.from({ length: 120 }, (_, index) =>
    index % 4 === 0
      ? { path: `src/module${index}.ts`, text: Array.from({ length: 60 }, (_, line) => `export function ${word()}${line}(${word()}: number) { return ${word()}(${line}); }`).join('\n') }
      : { path: `docs/text${index}.txt`, text: `${index}\n${prose}` },
  );
}

test('the first lines that a user writes', async (t) => {
  const quarry = await openQuarry(t);
  const report = await quarry.add(textFiles(PROJECT));
  assert.equal(report.files, Object.keys(PROJECT).length);
  assert.ok(report.indexed >= 8 && report.symbols > 5 && report.generation >= 1);
  const hits = await quarry.search('where are retries handled', { limit: 10, language: ['ts'], path: 'src/**' });
  assert.equal(hits[0].path, 'src/retry.ts');
  assert.equal(hits[0].symbol, 'retryWithBackoff');
  assert.match(hits[0].text ?? '', /Calls again after a failure/);
  assert.equal(await quarry.remove('src/retry.ts'), 1);
  assert.equal((await quarry.search('retryWithBackoff')).length, 0);
  assert.equal(await quarry.remove(['src/retry.ts', 'nothing.ts']), 0);
});

test('language and path take one or several; hits carry what is promised', async (t) => {
  const quarry = await openQuarry(t);
  await quarry.add(textFiles(PROJECT));
  const result = await quarry.query('handler', { language: 'python' });
  assert.equal(result.total, result.hits.length);
  for (const hit of result.hits) {
    assert.equal(hit.language, 'python');
    assert.ok(hit.startLine >= 1 && hit.endLine >= hit.startLine && hit.endByte > hit.startByte);
    for (const [start, end] of hit.matches) assert.match(hit.text?.slice(start, end) ?? '', /handler/i);
  }
  assert.equal((await quarry.search('pool', { path: ['src/**', '!**/*.rs'] })).length, 0);
  await assert.rejects(quarry.search('x', { limit: 0 }), { code: 'OPTION_INVALID' });
  await assert.rejects(quarry.search('x', { mode: /** @type {never} */ ('magic') }), CodequarryError);
});

test('symbols, paths, files and stats tell what is indexed', async (t) => {
  const quarry = await openQuarry(t);
  assert.deepEqual([quarry.generation, await quarry.paths(), (await quarry.stats()).files], [0, [], 0]);
  await quarry.add(textFiles(PROJECT));
  assert.equal(await quarry.file('src/lib.rs'), PROJECT['src/lib.rs']);
  assert.equal(await quarry.file('none'), undefined);
  const symbols = await quarry.symbols({ path: 'src/router.py' });
  assert.deepEqual(
    symbols.map(({ qualifiedName, kind, nameLine }) => [qualifiedName, kind, nameLine]),
    [
      ['Router', 'class', 1],
      ['Router.route', 'method', 4],
      ['Router.add_handler', 'method', 7],
    ],
  );
  const stats = await quarry.stats();
  assert.equal(stats.files, (await quarry.paths()).length);
  assert.ok(stats.languages.some(({ id, files }) => id === 'rust' && files === 1));
});

test('what has not changed is not indexed again; what has is; what is gone goes when told', async (t) => {
  const folder = await writeFiles(await tempFolder(t), PROJECT);
  const quarry = await openQuarry(t);
  const first = await quarry.add(fromFolder(folder));
  const again = await quarry.add(fromFolder(folder));
  assert.deepEqual([again.unchanged, again.indexed, again.generation], [first.indexed, 0, first.generation]);
  await writeFiles(folder, { 'src/retry.ts': 'export function tryOnceMore() {}\n' });
  await rm(join(folder, 'src/lib.rs'));
  const kept = await quarry.add(fromFolder(folder));
  assert.deepEqual([kept.indexed, kept.removed], [1, 0]);
  assert.equal((await quarry.search('acquire'))[0]?.path, 'src/lib.rs');
  const mirrored = await quarry.add(fromFolder(folder), { others: 'remove' });
  assert.deepEqual([mirrored.indexed, mirrored.removed], [0, 1]);
  assert.equal((await quarry.search('acquire')).length, 0);
  assert.equal((await quarry.search('backoff')).length, 0);
  assert.equal((await quarry.search('tryOnceMore'))[0]?.path, 'src/retry.ts');
});

test('a source that brings nothing does not empty the index', async (t) => {
  const quarry = await openQuarry(t);
  await quarry.add(textFiles(PROJECT));
  const before = (await quarry.stats()).files;
  await assert.rejects(quarry.add([], { others: 'remove' }), { code: 'WOULD_EMPTY' });
  await assert.rejects(quarry.add([{ path: 'a', bytes: new Uint8Array(1000) }], { others: 'remove' }), { code: 'WOULD_EMPTY' });
  assert.equal((await quarry.stats()).files, before);
});

test('a file that became binary leaves the index; one that became unreadable stays', async (t) => {
  const quarry = await openQuarry(t);
  await quarry.add(textFiles({ 'a.ts': 'export const alpha = 1;', 'b.ts': 'export const beta = 1;' }));
  const report = await quarry.add([
    { path: 'a.ts', bytes: Uint8Array.from({ length: 2000 }, (_, index) => index % 7) },
    { path: 'b.ts', problem: { code: 'UNREADABLE', message: 'permission denied' } },
  ]);
  assert.deepEqual([report.skipped, report.removed], [2, 1]);
  assert.deepEqual(
    report.problems.map(({ path, code }) => [path, code]),
    [
      ['a.ts', 'BINARY'],
      ['b.ts', 'UNREADABLE'],
    ],
  );
  assert.deepEqual(await quarry.paths(), ['b.ts']);
});

test('strange files are reported, and the rest is indexed', async (t) => {
  const quarry = await openQuarry(t);
  const utf16 = Buffer.from(`\ufeffexport function fromUtf16() {}\n`, 'utf16le');
  const report = await quarry.add([
    { path: 'binary.ts', bytes: Uint8Array.from({ length: 5000 }, (_, index) => (index * 7) & 255) },
    { path: 'latin1.py', bytes: Buffer.from('def caf\xe9_latin(): pass\n', 'latin1') },
    { path: 'utf16.ts', bytes: utf16 },
    { path: 'crlf.ts', text: 'export function withCrlf() {\r\n  return 1;\r\n}\r\n' },
    { path: 'line.js', text: `var data = "${'x'.repeat(20_000_000)}";` },
    { path: 'nested.js', text: '['.repeat(100_000) },
    { path: 'empty.ts', text: '' },
    { path: '../evil.ts', text: 'export const evil = 1;' },
    { path: '/abs.ts', text: 'export const absolute = 1;' },
    { path: '', text: 'export const nameless = 1;' },
    { path: 'good.ts', text: 'export function goodAsGold() {}\n' },
  ]);
  const paths = await quarry.paths();
  for (const path of ['latin1.py', 'utf16.ts', 'crlf.ts', 'nested.js', 'good.ts']) assert.ok(paths.includes(path), path);
  for (const path of ['binary.ts', '../evil.ts', '/abs.ts', '']) {
    assert.ok(!paths.includes(path), path);
    assert.ok(report.problems.find((problem) => problem.path === path)?.code, path);
  }
  assert.equal((await quarry.search('fromUtf16'))[0]?.path, 'utf16.ts');
  assert.equal((await quarry.search('withCrlf'))[0]?.path, 'crlf.ts');
  assert.equal((await quarry.search('goodAsGold'))[0]?.path, 'good.ts');
});

test('a snapshot in a folder is there again, and is the same for any number of builders', async (t) => {
  const files = largeProject();
  /** @type {string[][]} */
  const outcomes = [];
  for (const workers of [1, 2, 3, 4]) {
    const folder = await tempFolder(t);
    const quarry = await Codequarry.open(folder, { workers });
    const report = await quarry.add(files);
    assert.equal(report.indexed, files.length);
    await quarry.close();
    const names = (await readdir(folder)).filter((name) => !/^manifest-/.test(name)).sort();
    const manifest = (await readFile(join(folder, 'manifest.cqm'))).toString('hex');
    outcomes.push([...names, manifest]);
    const again = await Codequarry.open(folder);
    assert.equal((await again.stats()).files, files.length);
    assert.ok((await again.search('function', { limit: 3 })).length === 3);
    await again.close();
  }
  for (const outcome of outcomes) assert.deepEqual(outcome, outcomes[0]);
});

test('progress rises to the total; cancelling stops at once and keeps what was committed', async (t) => {
  const quarry = await openQuarry(t);
  const files = largeProject();
  /** @type {import('codequarry').Progress[]} */
  const told = [];
  await quarry.add(files, { onProgress: (progress) => told.push(progress) });
  const last = told.filter(({ phase }) => phase === 'index').at(-1);
  assert.deepEqual([last?.done, last?.total], [files.length, files.length]);
  assert.ok(told.length > 3);

  const other = await openQuarry(t);
  const controller = new AbortController();
  let closed = false;
  async function* slowly() {
    try {
      for (const file of files) {
        yield file;
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      closed = true;
    }
  }
  const adding = other.add(slowly(), { signal: controller.signal, onProgress: ({ done }) => done > 20 && controller.abort() });
  await assert.rejects(adding, { name: 'AbortError' });
  assert.ok(closed, 'the source was told');
  const paths = await other.paths();
  assert.ok(paths.length < files.length);
  const rest = await other.add(files);
  assert.equal(rest.indexed + rest.unchanged, files.length);
  assert.equal(rest.unchanged, paths.length);
  await assert.rejects(other.add(files, { signal: AbortSignal.abort() }), { name: 'AbortError' });
});

test('searches go on while files are added, on the committed generation', async (t) => {
  const quarry = await openQuarry(t);
  await quarry.add(textFiles({ 'a.ts': 'export function needleInside() {}' }));
  const adding = quarry.add(largeProject());
  let searches = 0;
  let done = false;
  void adding.finally(() => {
    done = true;
  });
  while (!done) {
    assert.equal((await quarry.search('needleInside'))[0]?.path, 'a.ts');
    searches += 1;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await adding;
  assert.ok(searches > 3, `${searches} searches`);
});

test('writes take turns', async (t) => {
  const quarry = await openQuarry(t);
  const adds = Array.from({ length: 5 }, (_, index) => quarry.add(textFiles({ [`f${index}.ts`]: `export const value${index} = ${index};` })));
  const removed = quarry.remove('f1.ts');
  await Promise.all(adds);
  assert.equal(await removed, 1);
  assert.deepEqual(await quarry.paths(), ['f0.ts', 'f2.ts', 'f3.ts', 'f4.ts']);
});

test('compacting leaves one segment and the same answers', async (t) => {
  const folder = await tempFolder(t);
  const quarry = await Codequarry.open(folder, { workers: 2, persist: { graceMs: 0 } });
  for (let index = 0; index < 6; index++) await quarry.add(textFiles({ [`f${index}.ts`]: `export function shared${index}() { common(); }` }));
  await quarry.remove('f2.ts');
  const kept = (await quarry.generations())[1].segments;
  const before = await quarry.search('common', { limit: 20 });
  await quarry.compact();
  assert.equal((await quarry.stats()).segments, 1);
  assert.deepEqual(await quarry.search('common', { limit: 20 }), before);
  await quarry.close();
  assert.equal((await readdir(folder)).filter((name) => name.endsWith('.cqs')).length, 1 + kept, 'only the generation before the last change is kept');
  const again = await Codequarry.open(folder, { workers: 1, persist: { graceMs: 0 } });
  await again.add(textFiles({ 'one.ts': 'let one = 1;' }));
  await again.remove('one.ts');
  await again.close();
  const left = (await readdir(folder)).filter((name) => name.endsWith('.cqs')).length;
  assert.equal(left, 2, 'and what only older ones named is gone');
});

test('events tell of generations and warnings', async (t) => {
  /** @type {string[]} */
  const told = [];
  const quarry = await openQuarry(t, { onEvent: (event) => told.push(event.type) });
  const stop = quarry.on((event) => told.push(`second ${event.type}`));
  await quarry.add(textFiles({ 'a.ts': 'let a = 1;' }));
  assert.deepEqual(told, ['opened', 'second opened', 'saved', 'second saved']);
  stop();
  await quarry.remove('a.ts');
  assert.equal(told.length, 6);
});

test('a closed index does nothing more', async () => {
  const quarry = await Codequarry.open({});
  const adding = quarry.add(textFiles({ 'a.ts': 'let a = 1;' }));
  await quarry.close();
  assert.equal((await adding).indexed, 1, 'closing waits for writing');
  await assert.rejects(quarry.search('a'), { code: 'CLOSED' });
  await assert.rejects(quarry.add([]), { code: 'CLOSED' });
  await quarry.close();
});

test('two writers of one folder: each follows the other, nothing is lost, of one file the later version stays', async (t) => {
  const folder = await tempFolder(t);
  const [one, two] = [await Codequarry.open(folder), await Codequarry.open(folder)];
  await one.add(textFiles({ 'one.ts': 'export const one = 1;', 'both.ts': 'export const both = 1;' }));
  await two.add(textFiles({ 'two.ts': 'export const two = 2;', 'both.ts': 'export const both = 2;' }));
  assert.deepEqual(await two.paths(), ['both.ts', 'one.ts', 'two.ts']);
  assert.equal(await two.file('both.ts'), 'export const both = 2;');
  assert.equal(await two.refresh(), false);
  assert.deepEqual(await one.paths(), ['both.ts', 'one.ts']);
  assert.equal(await one.refresh(), true);
  assert.deepEqual(await one.paths(), ['both.ts', 'one.ts', 'two.ts']);
  await Promise.all([one.remove('two.ts'), two.add(textFiles({ 'three.ts': 'export const three = 3;' }))]);
  await Promise.all([one.refresh(), two.refresh()]);
  for (const quarry of [one, two]) {
    assert.deepEqual(await quarry.paths(), ['both.ts', 'one.ts', 'three.ts']);
    assert.equal(await quarry.file('both.ts'), 'export const both = 2;');
  }
  await one.close();
  await two.close();
});

test('a snapshot that is damaged, cut, incomplete, foreign or newer is an error and stays as it is', async (t) => {
  const folder = await tempFolder(t);
  const quarry = await Codequarry.open(folder);
  await quarry.add(textFiles(PROJECT));
  await quarry.close();
  const segment = (await readdir(folder)).find((name) => name.endsWith('.cqs')) ?? '';
  /** @type {[string, (file: (name: string) => string) => Promise<unknown>, RegExp][]} */
  const cases = [
    ['cut manifest', async (file) => writeFile(file('manifest.cqm'), (await readFile(file('manifest.cqm'))).subarray(0, 50)), /^SNAPSHOT_/],
    ['changed manifest', async (file) => flip(file('manifest.cqm'), 70), /^SNAPSHOT_/],
    ['empty manifest', async (file) => writeFile(file('manifest.cqm'), ''), /^SNAPSHOT_CORRUPT$/],
    ['foreign manifest', async (file) => writeFile(file('manifest.cqm'), 'PK\x03\x04 something else'.repeat(9)), /^SNAPSHOT_FOREIGN$/],
    ['newer manifest', async (file) => flip(file('manifest.cqm'), 8, 9), /^(FORMAT_NEWER|SNAPSHOT_CHECKSUM)$/],
    ['cut segment', async (file) => writeFile(file(segment), (await readFile(file(segment))).subarray(0, 900)), /^SNAPSHOT_/],
    ['changed segment', async (file) => flip(file(segment), 700), /^SNAPSHOT_/],
    ['missing segment', async (file) => rm(file(segment)), /^SNAPSHOT_MISSING_SEGMENT$/],
  ];
  for (const [name, damage, code] of cases) {
    const copy = join(await tempFolder(t), 'snapshot');
    await cp(folder, copy, { recursive: true });
    await damage((file) => join(copy, file));
    const before = await readdir(copy);
    await assert.rejects(Codequarry.open(copy), (/** @type {CodequarryError} */ error) => {
      assert.match(error.code, code, name);
      return true;
    });
    assert.deepEqual(await readdir(copy), before, name);
    const fresh = await Codequarry.open(copy, { reset: true });
    assert.equal(fresh.generation, 0);
    await fresh.close();
  }
});

/** @param {string} path @param {number} at @param {number} [value] */
async function flip(path, at, value) {
  const bytes = await readFile(path);
  bytes[at] = value ?? bytes[at] ^ 0x55;
  await writeFile(path, bytes);
}

test('an index over HTTP is searched, and cannot be written', async (t) => {
  const folder = await tempFolder(t);
  const quarry = await Codequarry.open(folder);
  await quarry.add(textFiles(PROJECT));
  await quarry.close();
  /** @type {typeof fetch} */
  const fetchFile = async (input) => {
    const bytes = await readFile(join(folder, new URL(String(input)).pathname)).catch(() => undefined);
    return bytes ? new Response(new Uint8Array(bytes)) : new Response(null, { status: 404 });
  };
  const remote = await Codequarry.open({ store: new HttpStore('http://example.test/', { fetch: fetchFile }) });
  assert.equal((await remote.search('retryWithBackoff'))[0]?.path, 'src/retry.ts');
  await assert.rejects(remote.add(textFiles({ 'a.ts': 'x' })), { code: 'STORE_READ_ONLY' });
  await remote.close();
  const nothing = new HttpStore('http://example.test/none/', { fetch: fetchFile });
  await assert.rejects(Codequarry.open({ store: nothing }), { code: 'STORE_NOT_FOUND' });
});

test('a store that fails in the middle: the error is told, everything is searched, and is written when that is possible again', async (t) => {
  const store = new MemoryStore();
  /** @type {string[]} */
  const told = [];
  const onEvent = (/** @type {import('codequarry').QuarryEvent} */ event) => event.type === 'unsaved' && told.push(event.code);
  const quarry = await openQuarry(t, { store, onEvent, persist: { retryMs: 5 } });
  await quarry.add(textFiles({ 'a.ts': 'export const alpha = 1;' }));
  const { put, swapManifest } = store;
  const files = largeProject();
  store.put = async () => {
    throw new CodequarryError('STORE_QUOTA', 'full');
  };
  await assert.rejects(quarry.add(files), { code: 'STORE_QUOTA' });
  assert.ok(told.length > 0 && told.every((code) => code === 'STORE_QUOTA'), told.join());
  assert.ok(quarry.unsaved > 0);
  assert.equal((await quarry.paths()).length, files.length + 1);
  assert.equal((await quarry.search('function'))[0]?.language, 'typescript');
  store.put = put;
  store.swapManifest = async () => {
    throw new CodequarryError('STORE_FAILED', 'lost');
  };
  await assert.rejects(quarry.add(textFiles({ 'b.ts': 'export const beta = 1;' })), { code: 'STORE_FAILED' });
  await assert.rejects(quarry.flush(), { code: 'STORE_FAILED' });
  store.swapManifest = swapManifest;
  await quarry.flush();
  assert.equal(quarry.unsaved, 0);
  const again = await openQuarry(t, { store });
  assert.equal((await again.paths()).length, files.length + 2);
  assert.deepEqual(await again.search('beta'), await quarry.search('beta'));
});

test('a source that throws: what came before is indexed, the error carries the report', async (t) => {
  const quarry = await openQuarry(t);
  const entries = Array.from({ length: 50 }, (_, index) => ({ header: { name: `p/f${index}.ts`, size: 2000 }, body: new Uint8Array(2000).fill(97) }));
  const archive = (await packTar(entries)).subarray(0, 60_000);
  const error = await quarry.add(fromArchive(archive)).then(
    () => undefined,
    (/** @type {CodequarryError} */ thrown) => thrown,
  );
  assert.equal(error?.code, 'ARCHIVE_TRUNCATED');
  const { report } = /** @type {{ report: import('codequarry').AddReport }} */ (error?.details);
  assert.ok(report.indexed > 10 && report.indexed < 50);
  assert.equal((await quarry.paths()).length, report.indexed);
  async function* failing() {
    yield { path: 'x.ts', text: 'export const before = 1;' };
    throw new TypeError('broken source');
  }
  await assert.rejects(quarry.add(failing(), { others: 'remove' }), TypeError);
  assert.ok((await quarry.paths()).includes('x.ts') && (await quarry.paths()).length > 10, 'nothing was removed');
});

test('a grammar that cannot be had costs its syntax only', async (t) => {
  /** @type {string[]} */
  const asked = [];
  const grammars = (/** @type {string} */ grammar) => {
    asked.push(grammar);
    if (grammar === 'python') throw new Error('offline');
    if (grammar === 'rust') return new TextEncoder().encode('not wasm');
    return undefined;
  };
  const quarry = await openQuarry(t, { engine: { grammars } });
  const report = await quarry.add(textFiles(PROJECT));
  const missing = report.problems.filter(({ code }) => code === 'GRAMMAR_UNAVAILABLE').map(({ path }) => path);
  for (const path of ['src/lib.rs', 'src/router.py', 'src/retry.ts']) assert.ok(missing.includes(path), path);
  assert.equal((await quarry.search('retryWithBackoff'))[0]?.path, 'src/retry.ts');
  assert.equal(asked.filter((grammar) => grammar === 'typescript').length, 1, 'asked for once a builder');
});

test('outlines come in order, without an index', async (t) => {
  const quarry = await openQuarry(t);
  const { items } = await collect(quarry.outline(textFiles(PROJECT)));
  assert.deepEqual(
    items.map(({ path }) => path),
    Object.keys(PROJECT),
  );
  for (const { path, chunks } of items) {
    const text = chunks.map((chunk) => chunk.text).join('');
    assert.equal(text, PROJECT[/** @type {keyof typeof PROJECT} */ (path)], path);
  }
  assert.equal(quarry.generation, 0);
});

test('the same content under the same path twice in one run: the later wins', async (t) => {
  const quarry = await openQuarry(t);
  await quarry.add([
    { path: 'a.ts', text: 'export const first = 1;' },
    { path: 'a.ts', text: 'export const second = 2;' },
  ]);
  assert.equal(await quarry.file('a.ts'), 'export const second = 2;');
  assert.equal((await quarry.search('first')).length, 0);
});

test('a copy of the manifest alone opens nothing', async (t) => {
  const [folder, copy] = [await tempFolder(t), await tempFolder(t)];
  const quarry = await Codequarry.open(folder);
  await quarry.add(textFiles(PROJECT));
  await quarry.close();
  await copyFile(join(folder, 'manifest.cqm'), join(copy, 'manifest.cqm'));
  await assert.rejects(Codequarry.open({ store: await FolderStore.open(copy, { access: 'read' }) }), { code: 'SNAPSHOT_MISSING_SEGMENT' });
});

test('options are checked', async () => {
  await assert.rejects(Codequarry.open({ workers: 0 }), { code: 'OPTION_INVALID' });
  await assert.rejects(Codequarry.open({ workers: 1.5 }), { code: 'OPTION_INVALID' });
  await assert.rejects(Codequarry.open({ engine: { searcher: new Uint8Array(4) } }), { code: 'ENGINE_LOAD' });
  await assert.rejects(Codequarry.open({ engine: { searcher: '/nowhere/searcher-engine.wasm' } }), { code: 'ENGINE_LOAD' });
});

test('a builder that does not load is no matter before there is something to build', async (t) => {
  const quarry = await openQuarry(t, { engine: { builder: new Uint8Array(4) } });
  assert.equal((await quarry.search('anything')).length, 0);
  await assert.rejects(quarry.add([{ path: 'a.ts', text: 'const a = 1;' }]), { code: 'ENGINE_LOAD' });
  assert.deepEqual(await quarry.paths(), []);
});

test('a searcher that traps is started again, with everything that was committed, and so are its neighbours', async (t) => {
  /** @type {string[]} */
  const warnings = [];
  const quarry = await openQuarry(t, { onEvent: (event) => event.type === 'warning' && warnings.push(event.code) });
  const neighbour = await openQuarry(t);
  await quarry.add(textFiles(PROJECT));
  await neighbour.add(textFiles({ 'n.ts': 'export function neighbour() {}' }));
  trapOnce(t, Index.prototype);
  assert.equal((await quarry.search('retryWithBackoff'))[0]?.path, 'src/retry.ts');
  assert.deepEqual(warnings, ['ENGINE_TRAP']);
  const answers = await Promise.all([neighbour.search('neighbour'), neighbour.stats(), neighbour.paths()]);
  assert.equal(answers[0][0]?.path, 'n.ts');
  await quarry.add(textFiles({ 'later.ts': 'export function afterTheTrap() {}' }));
  assert.equal((await quarry.search('afterTheTrap'))[0]?.path, 'later.ts');
});
