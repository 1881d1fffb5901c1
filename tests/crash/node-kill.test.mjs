/**
 * A writing Node process killed with SIGKILL, again and again, on one folder: nothing that was acknowledged is lost, nothing is torn. `KILLS` says how often (10).
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { Codequarry, FolderStore } from '../../pkg/dist/node.js';
import { random } from './session.mjs';

const KILLS = Number(process.env.KILLS ?? 10);

/** Runs a writer, kills it some time after its first answer, and returns what it has acknowledged. */
async function killedWriter(folder, first, afterMs) {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'writer.mjs'), folder, String(first)]);
  let output = '';
  let complaints = '';
  child.stderr.on('data', (data) => (complaints += data));
  const answered = new Promise((resolve) => {
    child.stdout.on('data', (data) => {
      output += data;
      resolve();
    });
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  await Promise.race([answered, ended]);
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  child.kill('SIGKILL');
  await ended;
  assert.equal(complaints, '');
  return output.split('\n').slice(0, -1).map(Number);
}

test(`a Node process killed ${KILLS} times`, { timeout: 60_000 + KILLS * 20_000 }, async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'codequarry-kill-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const below = random(11);
  /** The last acknowledged change of each file. */
  const wanted = new Map();
  let first = 0;
  let acknowledged = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const changes = await killedWriter(folder, first, below(300));
    acknowledged += changes.length;
    for (const number of changes) wanted.set(`file${number % 50}.ts`, Math.max(number, wanted.get(`file${number % 50}.ts`) ?? 0));
    const quarry = await Codequarry.open({ store: await FolderStore.open(folder, { access: 'read' }) });
    let newest = first;
    for (const path of await quarry.paths()) {
      const number = Number(/value = (\d+);\n$/.exec(await quarry.file(path))?.[1]);
      assert.ok(number >= (wanted.get(path) ?? 0), `kill ${kill}: ${path} is ${number}, but ${wanted.get(path)} was acknowledged`);
      newest = Math.max(newest, number);
      wanted.delete(path);
      wanted.set(path, number);
    }
    const found = new Set(await quarry.paths());
    for (const path of wanted.keys()) assert.ok(found.has(path), `kill ${kill}: ${path} was acknowledged and is gone`);
    await quarry.close();
    first = newest + 50 - (newest % 50);
  }
  t.diagnostic(`${acknowledged} changes were acknowledged, 0 lost`);
  assert.ok(acknowledged > KILLS);
});
