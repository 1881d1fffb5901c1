/**
 * Searching in languages that nothing was chosen on: the first sentence of a function's comment has to find that function, and its file, in the code without all comments of
 * that kind. The weights of ranking were chosen on Python, JavaScript, TypeScript and Rust (README.md); the embedding model never saw these libraries
 * (`EXCLUDED` in `model/fetch.py`). Each is searched as users search it, by words alone, and by MiniSearch over the same chunks.
 *
 *     node tests/eval/kept-aside.mjs [LANGUAGE …] [--queries 60] [--json]
 *
 * Prints MRR@10 by language, for the function and for the file. Ours shows few chunks of one file, which costs the function where its neighbours are like it. The libraries come from the registries as in `tests/bench/corpora.mjs`.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { Codequarry } from 'codequarry';
import { fetched, walk } from '../bench/corpora.mjs';
import { PEERS } from '../bench/peers.mjs';

const debian = (name) => ({ from: 'debian', name });
const crates = (name, version, folder) => ({ from: 'crates', name, version, folder });

/** Libraries by language, and what begins a line of a comment. */
const LANGUAGES = {
  go: { extensions: ['.go'], comment: /^\/\//, libraries: [debian('golang-github-gin-gonic-gin-dev'), debian('golang-github-spf13-cobra-dev')] },
  ruby: { extensions: ['.rb'], comment: /^#/, libraries: [debian('ruby-rack'), debian('ruby-sinatra'), debian('ruby-activerecord')] },
  php: { extensions: ['.php'], comment: /^(\/\*\*|\*\/?|\/\/)/, libraries: [debian('php-monolog'), debian('php-symfony-console')] },
  c: { extensions: ['.c', '.h'], comment: /^(\/\*|\*\/?|\/\/)/, libraries: [crates('curl-sys', '0.4.78', 'curl'), crates('libuv-sys2', '1.48.0', 'libuv')] },
  cpp: { extensions: ['.h', '.hpp'], comment: /^(\/\*|\*\/?|\/\/)/, libraries: [debian('libfmt-dev'), debian('nlohmann-json3-dev'), debian('libabsl-dev')] },
};

const KINDS = new Set(['function', 'method', 'constructor']);
const LIMIT = 10;

const { values, positionals } = parseArgs({ options: { queries: { type: 'string', default: '60' }, json: { type: 'boolean' } }, allowPositionals: true });

/** An order that has nothing to do with what the texts say. */
const draw = (text) => createHash('sha1').update(text).digest('hex');

/** The files of a library. */
function sources(library, { extensions }) {
  const root = join(fetched(library), library.folder ?? '');
  return walk(root)
    .filter((path) => extensions.includes(extname(path)) && !/(^|\/)(tests?|spec|testdata|docs|examples?)\/|_test\.go$/i.test(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

/**
 * What a comment asks: its first sentence without marks of documentation and, where it begins so, the name; `undefined` where that is no question: too short, too long, or
 * with the name in it.
 */
function question(lines, name) {
  const text = lines.map((line) => line.replace(/^\s*(\/\*+|\*+\/|\*|\/\/+[/!]?|#+)\s?/, '').replace(/\*\/\s*$/, '').trim());
  const end = text.findIndex((line, at) => at > 0 && (line === '' || line.startsWith('@')));
  const words = text.slice(0, end < 0 ? undefined : end).join(' ').trim();
  const first = /^.*?[.!?](?=\s|$)/.exec(words)?.[0] ?? words;
  const asked = first.startsWith(`${name} `) ? first.slice(name.length + 1) : first;
  const count = asked.split(/\s+/).length;
  return count < 5 || count > 30 || asked.toLowerCase().includes(name.toLowerCase()) || /[@{}<>]|:nodoc:|copyright|deprecated/i.test(asked) ? undefined : asked;
}

/** Declarations of a file with a comment right above them: `{ name, line, first, query }`, lines from 0, `first` of the comment. */
function documented(symbols, text, comment) {
  const lines = text.split('\n');
  const found = [];
  for (const { name, kind, startLine } of symbols) {
    if (!KINDS.has(kind)) continue;
    // The range of a symbol may begin with its comment: the declaration is the first line that is none.
    let line = startLine - 1;
    while (line < lines.length && comment.test(lines[line].trim())) line += 1;
    let first = line;
    while (first > 0 && comment.test(lines[first - 1].trim())) first -= 1;
    if (first === line) continue;
    const query = question(lines.slice(first, line), name);
    if (query !== undefined) found.push({ name, line, first, query });
  }
  return found;
}

/** A library without the comments that are asked for, and the questions: where in it each answer begins. */
async function prepare(library, language, most) {
  const files = sources(library, language);
  const quarry = await Codequarry.open({});
  const candidates = [];
  for await (const { path, symbols } of quarry.outline(files)) {
    const { text } = files.find((file) => file.path === path);
    for (const place of documented(symbols, text, language.comment)) candidates.push({ path, ...place });
  }
  await quarry.close();
  const places = [...new Map(candidates.map((place) => [`${place.path}:${place.line}`, place])).values()];
  const without = files.map(({ path, text }) => {
    const gone = new Set(places.filter((place) => place.path === path).flatMap(({ first, line }) => Array.from({ length: line - first }, (_, at) => first + at)));
    for (const place of places) if (place.path === path) place.at = place.line - [...gone].filter((line) => line < place.line).length + 1;
    return { path, text: text.split('\n').filter((_, line) => !gone.has(line)).join('\n') };
  });
  places.sort((a, b) => (draw(a.path + a.line) < draw(b.path + b.line) ? -1 : 1));
  return { files: without, places: places.slice(0, most) };
}

/** The reciprocals of the ranks at which a hit has the declaration's line, and is of its file. */
function reciprocals(hits, { path, at }) {
  const of = (rank) => (rank < 0 ? 0 : 1 / (rank + 1));
  const declaration = hits.findIndex((hit) => hit.path === path && hit.startLine <= at && at <= hit.endLine);
  return { declaration: of(declaration), file: of(hits.findIndex((hit) => hit.path === path)) };
}

async function measure(library, language, most) {
  const { files, places } = await prepare(library, language, most);
  const quarry = await Codequarry.open({});
  const chunks = [];
  for await (const { path, chunks: found } of quarry.outline(files)) for (const chunk of found) chunks.push({ id: chunks.length, path, name: chunk.symbol ?? '', ...chunk });
  await quarry.add(files);
  const mini = await PEERS.MiniSearch.build(chunks);
  const scores = { hybrid: [], lexical: [], MiniSearch: [] };
  for (const place of places) {
    for (const mode of ['hybrid', 'lexical']) scores[mode].push(reciprocals(await quarry.search(place.query, { mode, limit: LIMIT }), place));
    scores.MiniSearch.push(reciprocals(PEERS.MiniSearch.search(mini, place.query).map((id) => chunks[id]), place));
  }
  await quarry.close();
  return scores;
}

const mean = (numbers) => Number((numbers.reduce((sum, number) => sum + number, 0) / numbers.length).toFixed(3));
const rows = [];
for (const language of positionals.length > 0 ? positionals : Object.keys(LANGUAGES)) {
  const all = { hybrid: [], lexical: [], MiniSearch: [] };
  for (const library of LANGUAGES[language].libraries) {
    const scores = await measure(library, LANGUAGES[language], Number(values.queries));
    for (const lane of Object.keys(all)) all[lane].push(...scores[lane]);
  }
  const row = { language, queries: all.hybrid.length };
  for (const [lane, ranks] of Object.entries(all)) row[lane] = { declaration: mean(ranks.map((rank) => rank.declaration)), file: mean(ranks.map((rank) => rank.file)) };
  rows.push(row);
  if (!values.json) console.log(`${language.padEnd(5)} ${row.queries} queries  ${Object.keys(all).map((lane) => `${lane} ${row[lane].declaration} ${row[lane].file}`).join('   ')}`);
}
if (values.json) console.log(JSON.stringify(rows, null, 1));
