/**
 * A session of 200 changes, recorded write by write, and what must hold of a store that was cut anywhere in it: it opens, it is one generation and not a mix of two, and
 * everything that was acknowledged before the cut is there.
 */

import assert from 'node:assert/strict';
import { Codequarry, MemoryStore } from '../../pkg/dist/node.js';

/** A store in memory that writes down what is done to it. */
class Recorder extends MemoryStore {
  log = [];
  acknowledged = 0;

  async put(key, bytes) {
    this.log.push({ kind: 'put', key, bytes: bytes.slice(), acknowledged: this.acknowledged });
    await super.put(key, bytes);
  }

  async delete(key) {
    this.log.push({ kind: 'delete', key, acknowledged: this.acknowledged });
    await super.delete(key);
  }

  async swapManifest(expected, bytes) {
    this.log.push({ kind: 'swap', expected, bytes: bytes.slice(), acknowledged: this.acknowledged });
    await super.swapManifest(expected, bytes);
  }
}

/** A small source of numbers, the same every time. */
export function random(seed) {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

/** Records the session: `log` is its writes, `states[n]` what the index holds once n changes were acknowledged. */
export async function record(changes = 200) {
  const store = new Recorder();
  const quarry = await Codequarry.open({ store, workers: 1, persist: { debounceMs: 0, longestMs: 0, graceMs: 0 } });
  const below = random(7);
  const files = new Map();
  const states = [new Map()];
  for (let change = 1; change <= changes; change++) {
    const name = `src/file${below(30)}.ts`;
    const kind = below(20);
    if (kind < 4 && files.has(name)) {
      await quarry.remove(name);
      files.delete(name);
    } else if (kind === 4) await quarry.compact();
    else if (kind === 5) {
      const several = Array.from({ length: 5 }, (_, index) => ({ path: `lib/part${index}.ts`, text: `export const part${index} = ${change};\n` }));
      await quarry.add(several);
      for (const { path, text } of several) files.set(path, text);
    } else {
      const text = `export function value${below(100)}() {\n  return ${change};\n}\n`;
      await quarry.add([{ path: name, text }]);
      files.set(name, text);
    }
    states.push(new Map(files));
    store.acknowledged = change;
  }
  await quarry.close();
  return { log: store.log, states };
}

/** What is in an index. */
export async function contentsOf(quarry) {
  const found = new Map();
  for (const path of await quarry.paths()) found.set(path, await quarry.file(path));
  return found;
}

/** The contents have to be those of the last acknowledged change, or of the one that was under way. */
export function check(found, states, acknowledged, where) {
  const fits = [states[acknowledged], states[acknowledged + 1]].some((state) => state !== undefined && sameFiles(found, state));
  assert.ok(fits, `${where}: neither the state after change ${acknowledged} nor the one after it`);
}

function sameFiles(a, b) {
  return a.size === b.size && [...a].every(([path, text]) => b.get(path) === text);
}
