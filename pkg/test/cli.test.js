/** The command line, as a person and as a program use it. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmod, cp, mkdir, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Codequarry } from 'codequarry';
import { gzipSync } from 'fflate';
import { packTar } from 'modern-tar';
import { CLI, PROJECT, random, run, tempFolder, writeFiles } from './helpers.js';

/** @param {string} text */
const jsonLines = (text) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

/** @param {import('node:test').TestContext} t */
async function project(t) {
  return writeFiles(join(await tempFolder(t), 'project'), PROJECT);
}

/** @param {Record<string, string>} files */
async function tgz(files) {
  const entries = Object.entries(files).map(([name, text]) => ({ header: { name: `package/${name}`, size: Buffer.byteLength(text) }, body: text }));
  return gzipSync(await packTar(entries));
}

test('help is there for all and for each, and worth reading', async () => {
  const all = await run(['--help']);
  assert.equal(all.code, 0);
  for (const name of ['index', 'search', 'chunks', 'symbols', 'languages', 'eval', 'site', 'publish']) {
    assert.match(all.stdout, new RegExp(`^  ${name} +\\w`, 'm'));
    const one = await run([name, '--help']);
    assert.equal(one.code, 0, name);
    assert.ok(one.stdout.length > 150 && one.stdout.includes(`codequarry ${name}`), name);
    assert.equal((await run(['help', name])).stdout, one.stdout);
  }
  assert.match((await run(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
  assert.equal((await run([])).code, 2);
});

test('what was typed wrongly is USAGE with a hint', async () => {
  for (const args of [['nonsense'], ['constructor'], ['index'], ['index', 'a', 'b'], ['search', '.'], ['search', '.', 'x', '--limit', 'many'], ['chunks', '--nope', 'x'], ['search', '.', 'x', '--limit', '0']]) {
    const { code, stderr, stdout } = await run(args);
    assert.equal(code, 2, args.join(' '));
    assert.match(stderr, /^codequarry: USAGE: .+\nhint: /, args.join(' '));
    assert.equal(stdout, '');
  }
});

test('index, search, index again', async (t) => {
  const folder = await project(t);
  const first = await run(['index', folder]);
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /^Indexed 6 files \(.+\) in .+ s/);
  assert.equal(first.stderr, '', 'no progress bar in a pipe');
  assert.equal(await readFile(join(folder, '.codequarry', '.gitignore'), 'utf8'), '*\n');

  const found = await run(['search', join(folder, '.codequarry'), 'where', 'are', 'retries', 'handled', '--json', '--limit', '3']);
  assert.equal(found.code, 0);
  const result = JSON.parse(found.stdout);
  assert.equal(result.query, 'where are retries handled');
  const [hit] = result.hits;
  for (const field of ['path', 'language', 'kind', 'symbol', 'parent', 'startLine', 'endLine', 'startByte', 'endByte', 'score', 'text']) assert.ok(field in hit, field);
  assert.deepEqual([hit.path, hit.symbol, hit.kind, hit.startLine], ['src/retry.ts', 'retryWithBackoff', 'function', 1]);

  await writeFiles(folder, { 'src/new.ts': 'export function brandNew() {}\n', 'src/retry.ts': 'export function changed() {}\n' });
  await rm(join(folder, 'src/lib.rs'));
  const again = JSON.parse((await run(['index', folder, '--json'])).stdout);
  assert.deepEqual([again.indexed, again.unchanged, again.removed], [2, 4, 1]);
  assert.equal(again.stats.files, 6);
  const nothing = await run(['search', join(folder, '.codequarry'), 'acquire', '--language', 'rust']);
  assert.deepEqual([nothing.code, nothing.stdout], [1, 'nothing found\n']);
});

test('searching an indexed folder brings it up to date, unless told not to', async (t) => {
  const folder = await project(t);
  await run(['index', folder]);
  await writeFiles(folder, { 'src/later.ts': 'export function zebraQuagga() {}\n' });
  assert.equal((await run(['search', folder, 'zebraQuagga', '--no-refresh'])).code, 1);
  const fresh = await run(['search', folder, 'zebraQuagga', '--json']);
  assert.equal(JSON.parse(fresh.stdout).hits[0].path, 'src/later.ts');
  assert.equal((await run(['search', folder, 'zebraQuagga', '--no-refresh'])).code, 0);
});

test('searching a folder that was never indexed leaves nothing behind', async (t) => {
  const folder = await project(t);
  const { code, stdout } = await run(['search', folder, 'pool', '--path', 'src/**']);
  assert.equal(code, 0);
  assert.match(stdout, /^src\/lib\.rs:\d+ {2}/);
  assert.match(stdout, /│ /);
  assert.ok(!(await readdir(folder)).includes('.codequarry'));
});

test('an archive is indexed beside itself and searched with or without', async (t) => {
  const folder = await tempFolder(t);
  const archive = join(folder, 'left-pad-1.3.0.tgz');
  await writeFile(archive, await tgz({ 'index.js': 'function leftPad(text, length) { return text }\n', 'README.md': '# Pads\n' }));
  const memory = await run(['search', archive, 'leftPad', '--json']);
  assert.equal(JSON.parse(memory.stdout).hits[0].path, 'index.js');
  const indexed = await run(['index', archive, '--json']);
  assert.equal(indexed.code, 0, indexed.stderr);
  assert.ok((await stat(join(folder, 'left-pad-1.3.0.codequarry', 'manifest.cqm'))).isFile());
  await utimes(archive, 0, 0);
  assert.equal(JSON.parse((await run(['search', archive, 'leftPad', '--json'])).stdout).generation, 1);
});

test('a truncated archive: what came is indexed, the error is told', async (t) => {
  const folder = await tempFolder(t);
  const next = random(11);
  const whole = await tgz(Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`f${index}.js`, `export const value${index} = '${next()}${next()}';\n`.repeat(9)])));
  const archive = join(folder, 'cut.tgz');
  await writeFile(archive, whole.subarray(0, whole.length / 2));
  const { code, stdout, stderr } = await run(['index', archive, '--json']);
  assert.equal(code, 2);
  assert.match(stderr, /^codequarry: ARCHIVE_TRUNCATED: .+\nhint: .*everything before/);
  const report = JSON.parse(stdout);
  assert.ok(report.indexed > 10 && report.indexed < 60);
  assert.equal((await run(['search', join(folder, 'cut.codequarry'), 'value1'])).code, 0);
});

test('what cannot be: no such path, no archive, an empty folder, a snapshot in place of a folder', async (t) => {
  const folder = await tempFolder(t);
  await writeFile(join(folder, 'file.txt'), 'just text');
  await mkdir(join(folder, 'empty'));
  assert.match((await run(['index', join(folder, 'none')])).stderr, /^codequarry: NOT_FOUND: /);
  assert.match((await run(['search', join(folder, 'none'), 'x'])).stderr, /^codequarry: NOT_FOUND: /);
  assert.match((await run(['index', join(folder, 'file.txt')])).stderr, /^codequarry: ARCHIVE_FORMAT: /);
  const empty = await run(['index', join(folder, 'empty')]);
  assert.deepEqual([empty.code, empty.stdout.startsWith('There is nothing to index')], [1, true]);
  assert.equal((await run(['search', join(folder, 'empty'), 'x'])).code, 1);
  const made = await project(t);
  await run(['index', made]);
  assert.match((await run(['index', join(made, '.codequarry')])).stderr, /^codequarry: USAGE: .*is a snapshot already/);
  await cp(join(made, '.codequarry'), join(folder, 'copy'), { recursive: true });
  for (const name of Object.keys(PROJECT)) await rm(join(made, name), { force: true });
  assert.match((await run(['index', made])).stderr, /^codequarry: WOULD_EMPTY: /);
});

test('damaged snapshots have their codes, and --reset is the way out', async (t) => {
  const folder = await project(t);
  await run(['index', folder]);
  const manifest = join(folder, '.codequarry', 'manifest.cqm');
  const bytes = await readFile(manifest);
  await writeFile(manifest, bytes.subarray(0, 60));
  for (const args of [
    ['search', join(folder, '.codequarry'), 'x'],
    ['index', folder],
  ]) {
    const { code, stderr } = await run(args);
    assert.equal(code, 2);
    assert.match(stderr, /^codequarry: SNAPSHOT_\w+: .+\nhint: /);
  }
  assert.equal((await run(['index', folder, '--reset'])).code, 0);
  assert.equal((await run(['search', join(folder, '.codequarry'), 'pool'])).code, 0);
});

test('chunks of a file are the file; symbols have every field', async (t) => {
  const folder = await project(t);
  const file = join(folder, 'src/router.py');
  const chunks = jsonLines((await run(['chunks', file, '--json'])).stdout);
  assert.equal(chunks.map(({ text }) => text).join(''), PROJECT['src/router.py']);
  const symbols = jsonLines((await run(['symbols', file, '--json'])).stdout);
  assert.deepEqual(
    symbols.map(({ qualifiedName }) => qualifiedName),
    ['Router', 'Router.route', 'Router.add_handler'],
  );
  for (const object of [...chunks, ...symbols]) {
    for (const field of ['path', 'name', 'qualifiedName', 'kind', 'parent', 'startLine', 'endLine', 'nameLine', 'signature']) assert.ok(field in object, field);
    assert.equal(object.path, file);
  }
  const all = jsonLines((await run(['symbols', folder, '--json'])).stdout);
  assert.ok(all.some(({ path, name }) => path === 'src/lib.rs' && name === 'acquire'));
  assert.ok(!all.some(({ path }) => path.startsWith('ignored/')));
  assert.match((await run(['symbols', folder])).stdout, /^src\/retry\.ts:2 {2}function retryWithBackoff/m);
  assert.match((await run(['chunks', file])).stdout, /^\d+-\d+ .*Router/m);
  assert.equal((await run(['chunks', folder])).code, 2);
  await writeFile(join(folder, 'blob.bin'), Buffer.from([0, 1, 2, 0, 255, 0, 9, 0]));
  assert.match((await run(['chunks', join(folder, 'blob.bin')])).stderr, /^codequarry: BINARY: /);
});

test('languages are listed with their grammars', async () => {
  const languages = JSON.parse((await run(['languages', '--json'])).stdout);
  for (const id of ['javascript', 'jsx', 'typescript', 'tsx', 'python', 'rust', 'go', 'java', 'c', 'cpp', 'csharp', 'ruby', 'php', 'bash', 'html', 'css', 'json', 'yaml', 'toml', 'markdown']) {
    const language = languages.find((/** @type {{ id: string }} */ known) => known.id === id);
    assert.ok(language?.grammar && language.extensions.length > 0, id);
  }
  assert.match((await run(['languages'])).stdout, /^python +python +\.py/m);
});

test('eval answers every query of every corpus with paths of the corpus folder', async (t) => {
  const folder = await tempFolder(t);
  await writeFiles(join(folder, 'corpora', 'one', 'lib'), PROJECT);
  await writeFiles(join(folder, 'corpora', 'one'), { 'outside.ts': 'export function retryOutside() {}' });
  await writeFiles(join(folder, 'corpora', 'two'), { 'a.ts': 'export function alpha() {}' });
  const queries = {
    corpora: { one: { index_root: 'lib' }, two: { index_root: '.' } },
    queries: [
      { id: 'one-0', corpus: 'one', query: 'retry', relevant: [] },
      { id: 'two-0', corpus: 'two', query: 'alpha', relevant: [] },
      { id: 'two-1', corpus: 'two', query: 'zzzzz', relevant: [] },
    ],
  };
  await writeFile(join(folder, 'queries.json'), JSON.stringify(queries));
  const out = join(folder, 'results.jsonl');
  const { code, stderr } = await run(['eval', '--queries', join(folder, 'queries.json'), '--corpora', join(folder, 'corpora'), '--out', out]);
  assert.equal(code, 0, stderr);
  const results = jsonLines(await readFile(out, 'utf8'));
  assert.deepEqual(
    results.map(({ id, hits }) => [id, hits[0]]),
    [
      ['one-0', 'lib/src/retry.ts'],
      ['two-0', 'a.ts'],
      ['two-1', undefined],
    ],
  );
  assert.ok(results.every(({ ms }) => typeof ms === 'number'));
  assert.ok(!results[0].hits.includes('outside.ts'));
});

test('colours come when they are wanted, control characters never', async (t) => {
  const folder = await writeFiles(await tempFolder(t), { 'a.ts': 'export function colourful() { return "\x1b[31mred\x07" }\n' });
  const plain = await run(['search', folder, 'colourful']);
  assert.ok(!plain.stdout.includes('\x1b') && !plain.stdout.includes('\x07'));
  const { NO_COLOR: _, ...env } = process.env;
  const coloured = await run(['search', folder, 'colourful'], { env: /** @type {Record<string, string>} */ ({ ...env, NO_COLOR: '', FORCE_COLOR: '1' }) });
  assert.ok(coloured.stdout.includes('\x1b[35ma.ts\x1b[39m') && !coloured.stdout.includes('\x1b[31mred\x07'));
});

test('the reader of a pipe may go', async (t) => {
  const folder = await writeFiles(await tempFolder(t), Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`f${index}.ts`, `export const value${index} = 1;\n`.repeat(50)])));
  const { code, stderr } = await new Promise((resolve) => {
    const child = spawn('bash', ['-c', `"${process.execPath}" "${CLI}" symbols "${folder}" --json | head -1 >/dev/null; echo "\${PIPESTATUS[0]}" >&2`]);
    let text = '';
    child.stderr.on('data', (data) => (text += data));
    child.on('close', (status) => resolve({ code: status, stderr: text }));
  });
  assert.deepEqual([code, stderr], [0, '0\n']);
});

test('Ctrl-C ends indexing cleanly, and what was committed is there', async (t) => {
  const folder = await tempFolder(t);
  const text = 'lorem ipsum dolor sit amet consetetur\n'.repeat(20_000);
  await writeFiles(join(folder, 'big'), Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`f${index}.txt`, `${index}\n${text}`])));
  const out = join(folder, 'snapshot');
  let sent = false;
  const { code, stderr } = await run(['index', join(folder, 'big'), '--out', out], {
    onStart: (child) => {
      const watch = setInterval(async () => {
        const names = await readdir(out).catch(() => /** @type {string[]} */ ([]));
        // A second one would end it at once.
        if (sent || !names.includes('manifest.cqm')) return;
        sent = true;
        clearInterval(watch);
        child.kill('SIGINT');
      }, 10);
      child.on('close', () => clearInterval(watch));
    },
  });
  assert.deepEqual([code, stderr], [130, 'codequarry: interrupted\n']);
  const quarry = await Codequarry.open(out);
  const { files } = await quarry.stats();
  await quarry.close();
  assert.ok(files > 0 && files < 60, `${files} files`);
  const rest = JSON.parse((await run(['index', join(folder, 'big'), '--out', out, '--json'])).stdout);
  assert.deepEqual([rest.unchanged, rest.stats.files], [files, 60]);
});

test('two processes on one folder: nothing is mixed, the one that is overtaken says so', async (t) => {
  const folder = await project(t);
  const out = join(folder, 'out.codequarry');
  const runs = await Promise.all(Array.from({ length: 4 }, () => run(['index', folder, '--out', out, '--json'])));
  for (const { code, stderr } of runs) {
    if (code !== 0) assert.match(stderr, /^codequarry: STALE_GENERATION: .+\nhint: /);
  }
  assert.ok(runs.some(({ code }) => code === 0));
  const again = JSON.parse((await run(['index', folder, '--out', out, '--json'])).stdout);
  assert.deepEqual([again.unchanged, again.indexed], [6, 0]);
});

test('a folder that cannot be written', { skip: process.getuid?.() === 0 }, async (t) => {
  const folder = await project(t);
  await chmod(folder, 0o500);
  t.after(() => chmod(folder, 0o700));
  const { code, stderr } = await run(['index', folder]);
  assert.equal(code, 2);
  assert.match(stderr, /^codequarry: STORE_DENIED: .+\nhint: /);
});
