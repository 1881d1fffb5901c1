/**
 * Exact search over 50 MB of real code in Node: places of texts and regexes, and every place, beside `Buffer.indexOf` over the same text held in memory (which is memmem, and knows neither files nor
 * lines), JavaScript's own regexes over it, and ripgrep over the files where it is installed (which starts a process and reads them).
 *
 *     node tests/bench/exact.mjs [--json]
 *
 * Each is asked seven times; the figures are the first and the median of the others. `all counted` is the median with `complete: true`: without it a search that has its page stops when it has looked through much, and
 * says that it did, as the + behind the number of places tells.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { corpus, load } from './corpora.mjs';
import { DIST, percentile, report, requirePackage, verdict } from './table.mjs';

const ROUNDS = 7;
/** Names, parts of names, words that are frequent, texts of several words, one that stands nowhere, and what stands nearly everywhere. */
const TEXTS = ['addEventListener', 'useEffect(', 'Listener(', 'return new Promise(', 'handleRequest', 'TypeError: ', 'nothing that stands anywhere', 'async function', 'new Error(', 'import', 'return', 'if (', '=> {'];
const REGEXES = ['function \\w+Handler\\(', 'async \\w+Request\\(', '(addEvent|removeEvent)Listener', 'class \\w+Error extends', 'throw new \\w+Error\\(`'];

requirePackage();
const { Codequarry, FolderStore } = await import(pathToFileURL(join(DIST, 'node.js')).href);
const folder = mkdtempSync(join(tmpdir(), 'codequarry-bench-'));

/** Milliseconds of the first and the median of the further rounds, and what the last one answered. */
async function time(work) {
  const times = [];
  let answer;
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    answer = await work();
    times.push(performance.now() - started);
  }
  return { first: times[0], median: percentile(times.slice(1), 0.5), answer };
}

function countText(text, needle) {
  let count = 0;
  for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + needle.length)) count++;
  return count;
}

function ripgrep(pattern, fixed) {
  const { status, stdout } = spawnSync('rg', ['--count-matches', '--no-filename', '--no-ignore', '--hidden', fixed ? '-F' : '-e', pattern, corpus('code-50mb')], { encoding: 'utf8' });
  if (status !== 0 && status !== 1) throw new Error('rg failed');
  return stdout.split('\n').reduce((sum, line) => sum + Number(line), 0);
}

try {
  const files = load('code-50mb');
  const quarry = await Codequarry.open(folder, { workers: 2, embedder: false });
  await quarry.add(files);
  await quarry.compact();
  await quarry.close();
  const reader = await Codequarry.open({ store: await FolderStore.open(folder, { access: 'read' }) });
  const { sourceBytes, segments } = await reader.stats();
  const buffer = Buffer.concat(files.map(({ bytes }) => bytes));
  const string = buffer.toString('latin1');
  const hasRipgrep = spawnSync('rg', ['--version']).status === 0;
  const rows = [];
  const [texts, regexes, first, counted] = [[], [], [], []];
  // The first question of a process also puts the dictionary together and runs code that is not yet compiled well.
  const cold = await time(async () => (await reader.query('"catch (error)" case:yes', { mode: 'exact' })).total);
  for (const [list, out, fixed] of [
    [TEXTS, texts, true],
    [REGEXES, regexes, false],
  ]) {
    for (const pattern of list) {
      const query = `${fixed ? `"${pattern}"` : `/${pattern}/`} case:yes`;
      const ours = await time(() => reader.query(query, { mode: 'exact' }));
      const all = await time(async () => (await reader.query(query, { mode: 'exact', complete: true })).total);
      const plain = await time(() => (fixed ? countText(buffer, pattern) : [...string.matchAll(new RegExp(pattern, 'g'))].length));
      const peer = hasRipgrep ? await time(() => ripgrep(pattern, fixed)) : undefined;
      out.push(ours.median);
      counted.push(all.median);
      if (fixed) first.push(ours.first);
      const { total, complete } = ours.answer;
      rows.push([fixed ? pattern : `/${pattern}/`, `${total}${complete ? '' : '+'}`, ours.first, ours.median, all.answer, all.median, plain.median, peer ? peer.median : '-']);
    }
  }
  await reader.close();
  report(
    `places in ${(sourceBytes / 1e6).toFixed(1)} MB of code in ${segments} segments; milliseconds; the first question of the process took ${cold.first.toFixed(0)}`,
    ['', 'places', 'first', 'median', 'of', 'all counted', 'in memory', 'ripgrep'],
    rows,
    [verdict('slowest text', Math.max(...texts), 'below', 25, ' ms'), verdict('slowest text, asked for the first time', Math.max(...first), 'below', 25, ' ms'), verdict('slowest regex', Math.max(...regexes), 'below', 120, ' ms')],
    { sourceBytes, segments, slowestCount: Math.max(...counted) },
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
