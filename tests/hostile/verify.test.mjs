/** `verify`, by the command line and by the API: every kind of fault is found, said of the right segment, and has its own code. */

import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Codequarry, MemoryStore } from '../../pkg/dist/node.js';
import { SOUND, codequarry, folder, index } from './harness.mjs';

/** A snapshot of two segments. */
async function snapshot(t) {
  const out = join(folder(t), 'snapshot');
  const quarry = await Codequarry.open(out, { workers: 1 });
  await quarry.add([{ path: 'sound.js', text: SOUND }]);
  await quarry.add([{ path: 'lib.rs', text: '/// Adds.\npub fn add_all(values: &[u32]) -> u32 {\n    values.iter().sum()\n}\n'.repeat(40) }]);
  await quarry.close();
  const segments = readdirSync(out).filter((name) => name.endsWith('.cqs'));
  assert.equal(segments.length, 2);
  return { out, segments };
}

/** The report of the command line, whose exit code has to fit it. */
function verify(out) {
  const { status, stdout, stderr } = codequarry('verify', out, '--json');
  const report = JSON.parse(stdout || '{}');
  assert.equal(status, report.sound ? 0 : 1, stderr);
  return report;
}

test('a sound snapshot is sound, by API and command line', async (t) => {
  const { out } = await snapshot(t);
  const report = verify(out);
  assert.deepEqual([report.sound, report.segments.length, report.error], [true, 2, undefined]);
  assert.deepEqual(report.segments.map(({ counts }) => counts.files), [1, 1]);
  assert.match(codequarry('verify', out).stdout, /^Sound .*snapshot, generation \d+\n {2}seg-.*1 file, /);
  const quarry = await Codequarry.open(out);
  const heard = [];
  assert.deepEqual(await quarry.verify({ onSegment: (segment) => heard.push(segment) }), { ...report, error: undefined, segments: heard });
  assert.ok((await quarry.search('add_all')).length > 0, 'the index goes on');
  await assert.rejects(quarry.verify({ signal: AbortSignal.abort(new Error('enough')) }), { message: 'enough' });
  await quarry.close();
});

const FAULTS = {
  SNAPSHOT_CHECKSUM: (bytes) => {
    // Between sections there are zeros, which are another fault.
    bytes[bytes.findIndex((byte, at) => at > bytes.length >> 1 && byte !== 0)] ^= 1;
    return bytes;
  },
  SNAPSHOT_TRUNCATED: (bytes) => bytes.subarray(0, bytes.length - 100),
  SNAPSHOT_FOREIGN: () => Buffer.from('<!doctype html>'.repeat(500)),
  FORMAT_NEWER: (bytes) => {
    bytes[8] += 1;
    return bytes;
  },
  FORMAT_OLDER: (bytes) => {
    bytes[8] = 0;
    return bytes;
  },
};

for (const [code, damage] of Object.entries(FAULTS)) {
  test(`${code} is said of the segment that has it, with what to do`, async (t) => {
    const { out, segments } = await snapshot(t);
    const [bad] = segments;
    writeFileSync(join(out, bad), damage(readFileSync(join(out, bad))));
    const report = verify(out);
    const faults = Object.fromEntries(report.segments.map(({ name, error }) => [`${name}.cqs`, error?.code]));
    assert.deepEqual(faults, { [bad]: code, [segments[1]]: undefined });
    assert.match(codequarry('verify', out).stdout, new RegExp(`${code}: .*\\(.*\\)`));
  });
}

test('a segment that is not there, and one in the place of another, are found', async (t) => {
  const { out, segments } = await snapshot(t);
  copyFileSync(join(out, segments[1]), join(out, segments[0]));
  const codes = () => verify(out).segments.map(({ error }) => error?.code).sort();
  assert.ok(codes().some((code) => code === 'SNAPSHOT_CHECKSUM' || code === 'SNAPSHOT_TRUNCATED'));
  rmSync(join(out, segments[0]));
  assert.deepEqual(codes(), ['SNAPSHOT_MISSING_SEGMENT', undefined]);
});

test('a manifest that cannot be read is a report, a snapshot that is not there an error', async (t) => {
  const { out } = await snapshot(t);
  for (const name of readdirSync(out)) if (name.endsWith('.cqm')) writeFileSync(join(out, name), 'no manifest at all, whatever it is called');
  const report = verify(out);
  assert.deepEqual([report.sound, report.generation, report.segments], [false, 0, []]);
  assert.equal(report.error.code, 'SNAPSHOT_FOREIGN');
  await assert.rejects(Codequarry.verify({ store: new MemoryStore() }), { code: 'STORE_NOT_FOUND' });
});

test('an indexed folder is verified where its snapshot is', async (t) => {
  const root = folder(t, { 'sound.js': SOUND });
  index(root, join(root, '.codequarry'));
  assert.equal(verify(root).sound, true);
});
