/** Sources: folders on disk, and what pages are given. */

import assert from 'node:assert/strict';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fromFolder } from 'codequarry';
import { fromDirectoryHandle, fromDrop, fromFileList } from '../dist/sources/browser-files.js';
import { IgnoreTree } from '../dist/sources/ignore-tree.js';
import { corpusPath } from '../dist/sources/paths.js';
import { treeSource } from '../dist/sources/tree.js';
import { PROJECT, collect, tempFolder, writeFiles } from './helpers.js';

/** @param {AsyncIterable<import('codequarry').SourceFile>} source */
async function paths(source) {
  const { items, error } = await collect(source);
  assert.equal(error, undefined);
  return items.map(({ path }) => path);
}

test('a folder brings its files in the order of their paths, without what is ignored', async (t) => {
  const folder = await writeFiles(await tempFolder(t), PROJECT);
  const source = fromFolder(folder);
  assert.equal(source.total, undefined);
  const found = await paths(source);
  assert.deepEqual(found, ['.gitignore', 'docs/readme.md', 'keep.log', 'src/lib.rs', 'src/retry.ts', 'src/router.py']);
  assert.equal(source.total, 6);
});

test('the order is that of whole paths, code unit by code unit', async (t) => {
  const files = ['a/b', 'a-b/c', 'a.b', 'a0/x', 'B', 'ä', 'a/a/z'];
  const folder = await writeFiles(await tempFolder(t), Object.fromEntries(files.map((path) => [path, path])));
  const found = await paths(fromFolder(folder));
  assert.deepEqual(found, [...files].sort());
});

test('rules at every level: the nearest decides, and negation works', async (t) => {
  const folder = await writeFiles(await tempFolder(t), {
    '.gitignore': '*.gen.ts\n/build\ndeep/skip\n',
    '.codequarryignore': '!wanted.gen.ts\nfixtures/\n',
    'a.gen.ts': '',
    'wanted.gen.ts': '',
    'build/x.ts': '',
    'pkg/build/y.ts': '',
    'pkg/.gitignore': '!*.gen.ts\nlocal.ts\n',
    'pkg/b.gen.ts': '',
    'pkg/local.ts': '',
    'local.ts': '',
    'deep/skip/z.ts': '',
    'deep/keep/z.ts': '',
    'fixtures/f.ts': '',
    'x.codequarry/seg.cqs': '',
  });
  const found = (await paths(fromFolder(folder))).filter((path) => path.endsWith('.ts') || path.endsWith('.cqs'));
  assert.deepEqual(found, ['deep/keep/z.ts', 'local.ts', 'pkg/b.gen.ts', 'pkg/build/y.ts', 'wanted.gen.ts']);
});

test('"all" leaves out version control and snapshots only', async (t) => {
  const folder = await writeFiles(await tempFolder(t), { ...PROJECT, '.git/config': '', '.codequarry/manifest.cqm': '' });
  const found = await paths(fromFolder(folder, { all: true }));
  assert.ok(found.includes('ignored/secret.ts') && found.includes('node_modules/dep/index.js') && found.includes('debug.log'));
  assert.ok(!found.some((path) => path.startsWith('.git/') || path.startsWith('.codequarry/')));
});

test('folders to be skipped are named as the file system names them', async (t) => {
  const folder = await writeFiles(await tempFolder(t), { 'a/x.ts': '', 'out/y.ts': '', 'a/out/z.ts': '' });
  assert.deepEqual(await paths(fromFolder(folder, { skip: [join(folder, 'out')] })), ['a/out/z.ts', 'a/x.ts']);
});

test('links are not followed, neither out of the root nor in circles', async (t) => {
  const [folder, outside] = [await tempFolder(t), await tempFolder(t)];
  await writeFiles(outside, { 'secret.ts': 'secret' });
  await writeFiles(folder, { 'a.ts': 'a' });
  await symlink(outside, join(folder, 'link'));
  await symlink(join(outside, 'secret.ts'), join(folder, 'file-link.ts'));
  await symlink(folder, join(folder, 'circle'));
  await symlink('nowhere', join(folder, 'broken'));
  assert.deepEqual(await paths(fromFolder(folder)), ['a.ts']);
});

test('a root that is a link is followed', async (t) => {
  const [folder, other] = [await tempFolder(t), await tempFolder(t)];
  await writeFiles(folder, { 'a.ts': 'a' });
  await symlink(folder, join(other, 'link'));
  assert.deepEqual(await paths(fromFolder(join(other, 'link'))), ['a.ts']);
});

test('files and folders that cannot be read are problems, the rest goes on', { skip: process.getuid?.() === 0 }, async (t) => {
  const folder = await writeFiles(await tempFolder(t), { 'a.ts': 'a', 'b.ts': 'b', 'closed/c.ts': 'c' });
  await chmod(join(folder, 'a.ts'), 0);
  await chmod(join(folder, 'closed'), 0);
  t.after(() => chmod(join(folder, 'closed'), 0o700));
  const { items } = await collect(fromFolder(folder));
  const codes = items.map((file) => [file.path, 'problem' in file ? file.problem.code : 'ok']);
  assert.deepEqual(codes, [
    ['a.ts', 'UNREADABLE'],
    ['b.ts', 'ok'],
    ['closed', 'UNREADABLE'],
  ]);
});

test('in any tree, what cannot be listed or read is a problem among the files', async () => {
  const broken = async () => {
    throw new Error('input/output error');
  };
  const root = {
    kind: /** @type {const} */ ('folder'),
    name: '',
    list: async () => [
      { kind: /** @type {const} */ ('file'), name: 'b.ts', read: broken },
      { kind: /** @type {const} */ ('folder'), name: 'c', list: broken },
      { kind: /** @type {const} */ ('file'), name: '.gitignore', read: broken },
      { kind: /** @type {const} */ ('file'), name: 'a.ts', read: async () => new Uint8Array(1) },
    ],
  };
  const { items, error } = await collect(treeSource(async () => root));
  assert.equal(error, undefined);
  assert.deepEqual(
    items.map((file) => [file.path, 'problem' in file ? `${file.problem.code} ${file.problem.message}` : 'ok']),
    [
      ['.gitignore', 'UNREADABLE input/output error'],
      ['a.ts', 'ok'],
      ['b.ts', 'UNREADABLE input/output error'],
      ['c', 'UNREADABLE input/output error'],
    ],
  );
});

test('a file that vanishes, or is larger than any source may be, is a problem', async (t) => {
  const folder = await writeFiles(await tempFolder(t), { 'a.ts': 'a', 'b.ts': 'b' });
  await (await import('node:fs/promises')).truncate(join(folder, 'b.ts'), 65 * 1024 * 1024);
  const { items } = await collect(fromFolder(folder));
  assert.equal('problem' in items[1] ? items[1].problem.code : '', 'LIMIT_EXCEEDED');
});

test('a folder that is not there, or is a file', async (t) => {
  const folder = await tempFolder(t);
  await writeFile(join(folder, 'file'), '');
  for (const path of ['none', 'file']) {
    const { error } = await collect(fromFolder(join(folder, path)));
    assert.equal(/** @type {{ code?: string }} */ (error).code, 'NOT_FOUND');
  }
});

test('an empty folder has no files', async (t) => {
  const folder = await tempFolder(t);
  await mkdir(join(folder, 'empty'));
  assert.deepEqual(await paths(fromFolder(folder)), []);
});

test('reading can be broken off', async (t) => {
  const folder = await writeFiles(await tempFolder(t), Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`${index}.ts`, 'x'])));
  for await (const file of fromFolder(folder)) {
    assert.equal(file.path, '0.ts');
    break;
  }
});

test('paths of archives are made paths of the corpus, or refused', () => {
  assert.equal(corpusPath('a/b'), 'a/b');
  assert.equal(corpusPath('./a//b/'), 'a/b');
  assert.equal(corpusPath('a\\b'), 'a/b');
  assert.equal(corpusPath('a/..b/c..'), 'a/..b/c..');
  for (const bad of ['/etc/passwd', '../x', 'a/../../x', 'C:\\x', 'c:x', 'a\0b', '', '.', '..', '\\\\server\\x', 'a/..']) {
    assert.equal(corpusPath(bad), undefined, JSON.stringify(bad));
  }
});

test('ignore rules hold for folders above', () => {
  const rules = new IgnoreTree();
  rules.add('', 'dist/\n');
  assert.ok(rules.leavesOut('packages/x/dist/index.js'));
  assert.ok(rules.leavesOut('node_modules/x/index.js'));
  assert.ok(!rules.leavesOut('dist'));
});

/**
 * A directory handle as browsers have it.
 *
 * @param {string} name
 * @param {Record<string, string | object>} tree
 * @returns {FileSystemDirectoryHandle}
 */
function handle(name, tree) {
  async function* values() {
    for (const [child, node] of Object.entries(tree)) {
      if (typeof node === 'string') yield { kind: 'file', name: child, getFile: async () => new File([node], child) };
      else yield handle(child, /** @type {Record<string, string>} */ (node));
    }
  }
  return /** @type {FileSystemDirectoryHandle} */ (/** @type {unknown} */ ({ kind: 'directory', name, values }));
}

/** File is a global from Node 22 on. */
const File = globalThis.File ?? (await import('node:buffer')).File;

test('a directory handle is walked like a folder', async () => {
  const root = handle('project', { 'z.ts': 'z', '.gitignore': 'out\n', out: { 'x.js': '' }, src: { 'a.ts': 'a' }, '.git': { config: '' } });
  assert.deepEqual(await paths(fromDirectoryHandle(root)), ['.gitignore', 'src/a.ts', 'z.ts']);
});

test('a list of files is a tree, its one folder the root', async () => {
  const list = ['p/b.ts', 'p/.gitignore', 'p/out/x.js', 'p/a/c.ts'].map((path) => {
    const file = new File([path.endsWith('ignore') ? 'out\n' : path], path.split('/').at(-1) ?? '');
    Object.defineProperty(file, 'webkitRelativePath', { value: path });
    return file;
  });
  assert.deepEqual(await paths(fromFileList(/** @type {never} */ (list))), ['.gitignore', 'a/c.ts', 'b.ts']);
  const loose = [new File(['x'], 'b.ts'), new File(['x'], 'a.ts')];
  assert.deepEqual(await paths(fromFileList(/** @type {never} */ (loose))), ['a.ts', 'b.ts']);
});

/**
 * A dropped entry as browsers have it.
 *
 * @param {string} name
 * @param {string | Record<string, unknown>} node
 */
function dropped(name, node) {
  if (typeof node === 'string') {
    return { isDirectory: false, isFile: true, name, file: (/** @type {(file: unknown) => void} */ done) => done(new File([node], name)) };
  }
  const children = Object.entries(node).map(([child, below]) => dropped(child, /** @type {string} */ (below)));
  return {
    isDirectory: true,
    name,
    createReader: () => {
      let at = 0;
      // Browsers bring a folder in portions.
      return { readEntries: (/** @type {(entries: unknown[]) => void} */ done) => done(children.slice(at, (at += 2))) };
    },
  };
}

/** @param {ReturnType<typeof dropped>[]} entries */
function transfer(entries) {
  const items = entries.map((entry) => ({
    kind: 'file',
    webkitGetAsEntry: () => entry,
    getAsFile: () => (entry.isDirectory ? null : new File([entry.name], entry.name)),
  }));
  return /** @type {DataTransfer} */ (/** @type {unknown} */ ({ items }));
}

test('one dropped folder is the root; of several things each keeps its name', async () => {
  const folder = dropped('project', { 'c.ts': '', 'b.ts': '', a: { 'x.ts': '' }, 'd.ts': '', 'e.ts': '' });
  assert.deepEqual(await paths(fromDrop(transfer([folder]))), ['a/x.ts', 'b.ts', 'c.ts', 'd.ts', 'e.ts']);
  const two = [dropped('one', { 'a.ts': '' }), dropped('two', { 'a.ts': '' }), dropped('three.ts', '')];
  assert.deepEqual(await paths(fromDrop(transfer(two))), ['one/a.ts', 'three.ts', 'two/a.ts']);
});
