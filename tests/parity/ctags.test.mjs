/**
 * The golden files against Universal Ctags, where it is installed; `ctags.mjs` does the same over whole packages.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../bench/corpora.mjs';
import { LANGUAGES, compare } from './ctags.mjs';

const missing = !/Universal Ctags/.test(spawnSync('ctags', ['--version'], { encoding: 'utf8' }).stdout ?? '') && 'universal-ctags is not installed';

/** What `README.md` explains. */
const KNOWN = { fortran: ['method forget'], javascript: ['class Router', 'method tiny'], cpp: ['function swap'], kotlin: ['method <lambda>'] };

test('what Ctags names in the golden files is found at the same line', { skip: missing }, () => {
  for (const language of Object.keys(LANGUAGES)) {
    const result = compare(language, [join(ROOT, 'tests/golden', language)], []);
    assert.ok(result.tags > 0, `${language}: no tags`);
    const known = KNOWN[language] ?? [];
    assert.deepEqual(result.misses.filter((miss) => !known.some((start) => miss.startsWith(`${start} `))), [], language);
  }
});
