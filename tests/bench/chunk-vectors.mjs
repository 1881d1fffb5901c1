/**
 * Vectors of real chunks for `vectors.mjs`: the benchmarks' packages as they were published, indexed by the package with its own model, and the rows taken out of the
 * segments. Kept in `build/vectors`.
 */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, everything } from './corpora.mjs';
import { DIST, requirePackage } from './table.mjs';

const FOLDER = join(ROOT, 'build/vectors');

/** The sections of a segment (FORMAT.md, Container). */
function sections(bytes) {
  const found = {};
  for (let at = 32; at < 32 + 32 * bytes.readUInt32LE(12); at += 32) {
    const start = Number(bytes.readBigUInt64LE(at + 8));
    found[bytes.toString('latin1', at, at + 4)] = bytes.subarray(start, start + Number(bytes.readBigUInt64LE(at + 16)));
  }
  return found;
}

/** `count` different rows of 2 bits a dimension, in the order of their files, with the number of files and bytes that they were made of. */
export async function chunkRows(count) {
  const file = join(FOLDER, `${count}.rows`);
  if (!existsSync(file)) {
    requirePackage();
    mkdirSync(FOLDER, { recursive: true });
    const folder = mkdtempSync(join(tmpdir(), 'codequarry-vectors-'));
    try {
      const { Codequarry } = await import(pathToFileURL(join(DIST, 'node.js')).href);
      const quarry = await Codequarry.open(folder, { workers: 2 });
      await quarry.add(everything());
      await quarry.close();
      const [seen, rows] = [new Set(), []];
      for (const name of readdirSync(folder).filter((name) => name.endsWith('.cqs')).sort()) {
        const { VECS } = sections(readFileSync(join(folder, name)));
        for (let at = 0; at < VECS.length && rows.length < count; at += 64) {
          const row = VECS.subarray(at, at + 64);
          const key = row.toString('latin1');
          if (row.every((byte) => byte === 0) || seen.has(key)) continue;
          seen.add(key);
          rows.push(row);
        }
      }
      if (rows.length < count) throw new Error(`the packages have only ${rows.length} different chunks`);
      writeFileSync(file, Buffer.concat(rows));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return readFileSync(file);
}
