/**
 * Snapshots that were cut, mutated or written by a later version: each is an error with a code, at whatever byte, and never a wrong answer; with `--reset` the folder is of use again.
 */

import assert from 'node:assert/strict';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Codequarry, FolderStore } from '../../pkg/dist/node.js';
import { SOUND, codequarry, errorCode, folder, index, search } from './harness.mjs';

/** What a damaged snapshot may be called. */
const CODES = ['SNAPSHOT_FOREIGN', 'SNAPSHOT_TRUNCATED', 'SNAPSHOT_CHECKSUM', 'SNAPSHOT_CORRUPT', 'SNAPSHOT_MISSING_SEGMENT', 'FORMAT_NEWER', 'FORMAT_OLDER'];

/** Where the version stands in every file of a snapshot: behind the magic number. See FORMAT.md. */
const VERSION_OFFSET = 8;

/** A snapshot of a few files in several languages. */
function snapshot(t) {
  const root = folder(t, {
    'sound.js': SOUND,
    'lib.rs': '/// Adds.\npub fn add_all(values: &[u32]) -> u32 {\n    values.iter().sum()\n}\n'.repeat(40),
    'deep/tool.py': 'class Tool:\n    """Does things."""\n\n    def run(self):\n        return 1\n'.repeat(60),
  });
  const out = join(folder(t), 'snapshot');
  index(root, out);
  const files = readdirSync(out);
  const manifest = files.find((name) => name.endsWith('.cqm'));
  const segment = files.find((name) => name.endsWith('.cqs'));
  return { root, out, manifest: join(out, manifest), segment: join(out, segment) };
}

/** Opens a snapshot and searches it; the code of what was thrown, or the paths that were found. */
async function attempt(out) {
  let quarry;
  try {
    quarry = await Codequarry.open({ store: await FolderStore.open(out, { access: 'read' }) });
    const hits = await quarry.search('soundAndWhole add_all Tool run');
    for (const path of await quarry.paths()) await quarry.file(path);
    await quarry.symbols();
    return hits.map((hit) => hit.path).sort();
  } catch (error) {
    assert.equal(error.name, 'CodequarryError', error.stack);
    return error.code;
  } finally {
    await quarry?.close();
  }
}

/** Bytes of a file at many places: all of the first hundred, then spread evenly, and the last ones. */
function places(length) {
  const spread = Array.from({ length: 150 }, (_, at) => 100 + Math.floor(((length - 120) * at) / 150));
  return [...new Set([...Array(100).keys(), ...spread, length - 3, length - 2, length - 1])].filter((at) => at >= 0 && at < length);
}

for (const part of ['manifest', 'segment']) {
  test(`a ${part} with one byte changed, at many places, is an error with a code`, async (t) => {
    const parts = snapshot(t);
    const whole = readFileSync(parts[part]);
    for (const at of places(whole.length)) {
      for (const mask of [0x01, 0xff]) {
        const bytes = Buffer.from(whole);
        bytes[at] ^= mask;
        writeFileSync(parts[part], bytes);
        const outcome = await attempt(parts.out);
        assert.ok(CODES.includes(outcome), `byte ${at} of ${whole.length}: ${outcome}`);
      }
    }
    writeFileSync(parts[part], whole);
    assert.deepEqual([...new Set(await attempt(parts.out))], ['deep/tool.py', 'lib.rs', 'sound.js']);
  });

  test(`a ${part} that was cut, at many places, is an error with a code`, async (t) => {
    const parts = snapshot(t);
    const whole = readFileSync(parts[part]);
    for (const at of places(whole.length)) {
      writeFileSync(parts[part], whole.subarray(0, at));
      const outcome = await attempt(parts.out);
      assert.ok(CODES.includes(outcome), `cut at ${at} of ${whole.length}: ${outcome}`);
    }
  });

  test(`a ${part} with bytes behind its end, or of something else, is an error with a code`, async (t) => {
    const parts = snapshot(t);
    const whole = readFileSync(parts[part]);
    for (const bytes of [Buffer.concat([whole, Buffer.alloc(8)]), Buffer.alloc(whole.length), Buffer.from('{}'), readFileSync(part === 'manifest' ? parts.segment : parts.manifest)]) {
      writeFileSync(parts[part], bytes);
      const outcome = await attempt(parts.out);
      assert.ok(CODES.includes(outcome), `${bytes.length} bytes: ${outcome}`);
    }
  });

  test(`a ${part} of a later version is FORMAT_NEWER, on the command line too`, async (t) => {
    const parts = snapshot(t);
    const bytes = readFileSync(parts[part]);
    bytes.writeUInt16LE(bytes.readUInt16LE(VERSION_OFFSET) + 1, VERSION_OFFSET);
    writeFileSync(parts[part], bytes);
    assert.equal(await attempt(parts.out), 'FORMAT_NEWER');
    const { status, stderr } = codequarry('search', parts.out, 'anything');
    assert.equal(status, 2);
    assert.equal(errorCode(stderr), 'FORMAT_NEWER');
  });
}

test('a snapshot that lost a segment is SNAPSHOT_MISSING_SEGMENT, and is left as it is until --reset', async (t) => {
  const { root, out, segment } = snapshot(t);
  rmSync(segment);
  const { status, stderr } = codequarry('search', out, 'anything');
  assert.equal(status, 2);
  assert.equal(errorCode(stderr), 'SNAPSHOT_MISSING_SEGMENT');
  assert.equal(errorCode(index(root, out, { status: 2 }).stderr), 'SNAPSHOT_MISSING_SEGMENT');
  index(root, out, { args: ['--reset'] });
  assert.equal(search(out, 'soundAndWhole')[0], 'sound.js');
});
