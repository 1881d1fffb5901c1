/** What publishing decides to upload, keep and delete. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { importFromPackage } from './bundle.mjs';

let EMPTY_RECORD;
let plan;
let readRecord;

before(async () => {
  ({ EMPTY_RECORD, plan, readRecord } = await importFromPackage('cli/publish/plan.ts'));
});

const generation = (number, ...segments) => ({
  generation: number,
  manifest: `m${number}`,
  files: segments.length,
  publishedAt: '2026-01-01T00:00:00.000Z',
  segments,
});

/** Publishes one after the other into a namespace that is a set of names. */
function publishAll(generations, { keep = 1, listed = new Set(), record = EMPTY_RECORD } = {}) {
  const done = [];
  for (const current of generations) {
    const todo = plan({ current, listed: new Set(listed), whole: new Set(listed), record, keep });
    for (const name of todo.upload) listed.add(name);
    for (const name of todo.remove) listed.delete(name);
    record = readRecord(JSON.stringify(todo.record));
    done.push(todo);
  }
  return { done, listed: [...listed].sort(), record };
}

describe('the plan of a publication', () => {
  it('uploads everything the first time', () => {
    const { done, listed } = publishAll([generation(1, 'a', 'b')]);
    assert.deepEqual(done[0].upload, ['a', 'b']);
    assert.deepEqual(listed, ['a', 'b']);
  });

  it('uploads only what is not there yet', () => {
    const { done } = publishAll([generation(1, 'a', 'b'), generation(2, 'b', 'c')]);
    assert.deepEqual(done[1].upload, ['c']);
    assert.deepEqual(done[1].present, ['b']);
  });

  it('keeps the segments of the generation before, and deletes them one later', () => {
    const { done, listed } = publishAll([generation(1, 'a'), generation(2, 'b'), generation(3, 'c')]);
    assert.deepEqual(done[1].remove, []);
    assert.deepEqual(done[2].remove, ['a']);
    assert.deepEqual(listed, ['b', 'c']);
  });

  it('keeps as many generations as asked for', () => {
    assert.deepEqual(publishAll([generation(1, 'a'), generation(2, 'b')], { keep: 0 }).listed, ['b']);
    const four = [generation(1, 'a'), generation(2, 'b'), generation(3, 'c'), generation(4, 'd')];
    assert.deepEqual(publishAll(four, { keep: 2 }).listed, ['b', 'c', 'd']);
  });

  it('neither ages nor forgets earlier generations when the same one is published again', () => {
    const { done, listed, record } = publishAll([generation(1, 'a'), generation(2, 'b'), generation(2, 'b')]);
    assert.deepEqual(done[2].upload, []);
    assert.deepEqual(done[2].remove, []);
    assert.deepEqual(listed, ['a', 'b']);
    assert.equal(record.publications.length, 2);
  });

  it('never deletes what the new generation needs, whatever the record says', () => {
    const record = { format: 1, publications: [{ ...generation(7, 'x'), strays: [] }], deleted: ['a'] };
    const { done, listed } = publishAll([generation(8, 'a')], { keep: 0, record, listed: new Set(['a', 'x']) });
    assert.deepEqual(done[0].upload, ['a'], 'a deleted segment that is still listed was taken for present');
    assert.deepEqual(done[0].remove, ['x']);
    assert.deepEqual(listed, ['a']);
  });

  it('keeps what a broken-off publication left for one generation, then deletes it', () => {
    const { done, listed } = publishAll([generation(1, 'a'), generation(2, 'b'), generation(3, 'c')], { listed: new Set(['stray']) });
    assert.deepEqual(done[0].remove, []);
    assert.deepEqual(done[1].remove, []);
    assert.deepEqual(done[2].remove, ['a', 'stray']);
    assert.deepEqual(listed, ['b', 'c']);
  });

  it('deletes again what is still listed after it was deleted', () => {
    const record = { format: 1, publications: [], deleted: ['old'] };
    const { done } = publishAll([generation(1, 'a')], { record, listed: new Set(['old']) });
    assert.deepEqual(done[0].remove, ['old']);
    assert.deepEqual(done[0].record.deleted, ['old']);
  });

  it('takes a damaged record for none', () => {
    const damaged = ['', '{', 'null', '[]', '{"format":2}', '{"format":1}', '{"format":1,"publications":[{}],"deleted":[]}', '{"format":1,"publications":[],"deleted":[1]}'];
    for (const text of damaged) assert.deepEqual(readRecord(text), EMPTY_RECORD, text);
  });
});
