/**
 * A native build and the WebAssembly module make the same segment of the same files, byte for byte: all languages, all rules, the whole writer, and the vectors.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Codequarry, MemoryStore, fromFolder } from '../../pkg/dist/node.js';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const FOLDERS = ['src', 'tests/golden', 'pkg/src', 'grammars/src'];

async function* sources() {
  for (const folder of FOLDERS) {
    for await (const file of fromFolder(join(ROOT, folder), { all: true })) yield { ...file, path: `${folder}/${file.path}` };
  }
}

test('native and WebAssembly builds give the same bytes, for one builder and for three', async () => {
  for (const [workers, embedder] of [[1, 'default'], [3, 'default'], [2, false]]) {
    const model = embedder === false ? [] : ['--model', 'model/code.cqmodel'];
    const native = execFileSync('cargo', ['run', '--quiet', '--example', 'segment', '--', ...FOLDERS, ...model], { cwd: ROOT, encoding: 'utf8' }).trim();
    const store = new MemoryStore();
    const quarry = await Codequarry.open({ store, workers, embedder });
    const report = await quarry.add(sources());
    assert.ok(report.indexed > 100, `${report.indexed} files`);
    // They are more than one batch; merging gives what building would have given.
    await quarry.compact();
    assert.equal((await quarry.stats()).segments, 1);
    const blobs = await store.list();
    await quarry.close();
    assert.ok(blobs.some((blob) => blob.key === `${native}.cqs`), native);
  }
});
