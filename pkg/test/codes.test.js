/** Every code that an error can carry is in the package's own list and in its README. */

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

const PACKAGE = join(import.meta.dirname, '..');

test('every code is documented with what to do about it', async () => {
  const codes = new Set();
  const sources = (await readdir(join(PACKAGE, 'src'), { recursive: true })).filter((name) => name.endsWith('.ts'));
  for (const name of sources) {
    const text = await readFile(join(PACKAGE, 'src', name), 'utf8');
    for (const [, code] of text.matchAll(/CodequarryError\(\s*'([A-Z_]+)'/g)) codes.add(code);
    if (name === 'errors.ts') for (const [, code] of text.matchAll(/^ {2}\| '([A-Z_]+)'/gm)) codes.add(code);
  }
  const engine = await readFile(join(PACKAGE, '..', 'src', 'error.rs'), 'utf8');
  for (const [, code] of engine.matchAll(/=> "([A-Z_]+)"/g)) codes.add(code);
  assert.ok(codes.size > 40, `${codes.size} codes`);
  const readme = await readFile(join(PACKAGE, 'README.md'), 'utf8');
  const section = readme.slice(readme.indexOf('## Errors'), readme.indexOf('## Command line'));
  assert.deepEqual([...codes].filter((code) => !section.includes(`\`${code}\``)).sort(), []);
});
