/**
 * Ranking quality as users get it: `codequarry eval` over the judged queries, scored as NDCG@10 by the scorer that comes with them, against the committed
 * figures in `quality.json`. A change of ranking moves that file openly; a drop of the overall figure by more than 0.003 fails.
 *
 *     node tests/eval/run.mjs [--set ../shared/eval] [--corpora build/eval] [--update] [--json]
 *
 * The folder of the set holds `queries.json`, `score.py` and `corpus.py`, which brings the corpora when they are not there. Exit codes: 0 as good as
 * before, 1 worse, 2 it could not be measured.
 */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const COMMITTED = fileURLToPath(new URL('quality.json', import.meta.url));
const TOLERANCE = 0.003;

const { values } = parseArgs({
  options: {
    set: { type: 'string', default: join(ROOT, '../shared/eval') },
    corpora: { type: 'string', default: join(ROOT, 'build/eval') },
    update: { type: 'boolean' },
    json: { type: 'boolean' },
  },
});

function run(command, args) {
  return execFileSync(command, args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

/** The scorer's lines, `category symbol   0.9000  (20 queries)`, as nested figures. */
function parseScores(text) {
  const scores = { all: 0, queries: 0, category: {}, corpus: {} };
  for (const [, group, score, queries] of text.matchAll(/^(\S+(?: \S+)?) +(\d\.\d{4}) +\((\d+) queries\)$/gm)) {
    const [kind, name] = group.split(' ');
    if (name === undefined) Object.assign(scores, { all: Number(score), queries: Number(queries) });
    else scores[kind][name] = Number(score);
  }
  return scores;
}

/** Downloads corpora; one that is there is whole. A connection that breaks is tried again. */
function fetchCorpora(missing) {
  if (missing.length === 0) return;
  mkdirSync(values.corpora, { recursive: true });
  const partial = `${values.corpora}.partial`;
  for (let attempt = 1; ; attempt++) {
    rmSync(partial, { recursive: true, force: true });
    try {
      run('python3', [join(values.set, 'corpus.py'), partial, ...missing]);
      break;
    } catch (thrown) {
      if (attempt === 3) throw thrown;
    }
  }
  for (const corpus of missing) renameSync(join(partial, corpus), join(values.corpora, corpus));
  rmSync(partial, { recursive: true, force: true });
}

function measure() {
  const queries = join(values.set, 'queries.json');
  const wanted = Object.keys(JSON.parse(readFileSync(queries, 'utf8')).corpora);
  fetchCorpora(wanted.filter((corpus) => !existsSync(join(values.corpora, corpus))));
  const work = mkdtempSync(join(tmpdir(), 'codequarry-eval-'));
  try {
    const results = join(work, 'results.jsonl');
    run(process.execPath, [join(ROOT, 'pkg/bin/codequarry.js'), 'eval', '--queries', queries, '--corpora', values.corpora, '--out', results]);
    const text = run('python3', [join(values.set, 'score.py'), results, queries]);
    const scores = parseScores(text);
    if (scores.queries === 0) throw new Error(`the scorer's output was not understood:\n${text}`);
    return { scores, latency: /^query ms: .*$/m.exec(text)?.[0] ?? '' };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The figures as lines, each beside the committed one. */
function table(scores, before) {
  const line = (name, now, then) => `  ${name.padEnd(24)} ${now.toFixed(4)}${then === undefined || then === now ? '' : `  (${now > then ? '+' : ''}${(now - then).toFixed(4)})`}`;
  const group = (kind) => Object.entries(scores[kind]).map(([name, now]) => line(`${kind} ${name}`, now, before?.[kind][name]));
  return [line('all', scores.all, before?.all), ...group('category'), ...group('corpus')].join('\n');
}

try {
  const before = existsSync(COMMITTED) ? JSON.parse(readFileSync(COMMITTED, 'utf8')) : undefined;
  const { scores, latency } = measure();
  if (values.update) writeFileSync(COMMITTED, `${JSON.stringify(scores, null, 2)}\n`);
  console.log(values.json ? JSON.stringify(scores) : `NDCG@10, ${scores.queries} queries\n\n${table(scores, before)}\n\n${latency}`);
  if (!values.update && !before) throw new Error('there are no committed figures; run with --update');
  if (!values.update && scores.all < before.all - TOLERANCE) {
    console.error(`the overall figure fell from ${before.all.toFixed(4)} to ${scores.all.toFixed(4)}`);
    process.exitCode = 1;
  }
} catch (error) {
  console.error(`eval: ${error.message}`);
  process.exitCode = 2;
}
