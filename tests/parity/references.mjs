/**
 * Our references against those of language servers, over real packages: how many of the places that we give are right, by the confidence stated, and how many of theirs we give.
 *
 *     node tests/parity/references.mjs [LANGUAGE …] [--each N] [--wrong N] [--missed N] [--json]
 *
 * Of each kind of definition (functions, methods, types, values) `--each` are drawn per language, default 75; always the same ones. `oracles.mjs` says what they are compared with, and what has to be installed. The
 * servers' answers are kept in `build/parity`, so later runs ask nothing again. `tests/parity/README.md` has the figures, and what the differences are.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Codequarry } from 'codequarry';
import { LANGUAGES, Oracle, parts, project } from './oracles.mjs';

/** Kinds of definitions that are drawn, in groups of the same number. */
const GROUPS = {
  function: ['function'],
  method: ['method'],
  type: ['class', 'interface', 'struct', 'enum', 'trait', 'type', 'union'],
  value: ['constant', 'variable', 'field', 'property', 'enum_member', 'macro'],
};

/** Places of one definition that count, at most, each way: nothing is to be measured by one popular name. */
const PLACES = 40;
/** Calls in one function that are resolved, at most. */
const CALLS = 10;
/** The lower ends of the classes of confidence. */
export const BANDS = [0.9, 0.7, 0.4, 0.1, 0];
/** The confidence from which places are given by default. */
const DEFAULT = 0.1;

/** The same things in an order that has nothing to do with what they are. */
function drawn(things, key, count) {
  const draw = (thing) => createHash('sha1').update(key(thing)).digest('hex');
  return things.map((thing) => [draw(thing), thing]).sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, count).map(([, thing]) => thing);
}

/** The files of a project as lines. */
class Files {
  #lines = new Map();

  constructor(folder) {
    this.folder = folder;
  }

  line(path, line) {
    if (!this.#lines.has(path)) this.#lines.set(path, readFileSync(join(this.folder, path), 'utf8').replace(/^\uFEFF/, '').split('\n'));
    return this.#lines.get(path)[line - 1] ?? '';
  }

  /** The word at a place. */
  word(place) {
    const [path, line, column] = parts(place);
    return /^[#@]?[\p{L}_$][\p{L}\p{N}_$]*/u.exec(this.line(path, line).slice(column - 1))?.[0] ?? '';
  }
}

/** Where a symbol's name stands, or nothing where it stands in no way that can be told. */
function placeOf({ path, name, nameLine }, files) {
  if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name)) return undefined;
  const column = new RegExp(`(?<![\\p{L}\\p{N}_$])${name.replaceAll('$', '\\$')}(?![\\p{L}\\p{N}_$])`, 'u').exec(files.line(path, nameLine))?.index;
  return column === undefined ? undefined : `${path}:${nameLine}:${column + 1}`;
}

/** Whether a place is in a comment, which only some servers read. */
function isComment(place, files) {
  const [path, line, column] = parts(place);
  const before = files.line(path, line).slice(0, column - 1);
  return path.endsWith('.py') ? /^\s*#|\s#/.test(before) : /^\s*(\*|\/\*|\/\/)|\s\/\/|\/\*(?!.*\*\/)/.test(before);
}

/** What the text around a place says of its role: `call`, `import`, or nothing that is sure. */
function roleOf(place, files) {
  const [path, line, column] = parts(place);
  const text = files.line(path, line);
  const behind = text.slice(column - 1 + files.word(place).length);
  if (/^\s*(import|from|use|pub use|pub\(crate\) use)\b/.test(text)) return 'import';
  return /^(\?\.)?!?\(/.test(behind) ? 'call' : undefined;
}

/** A line that only hands a name on: an import, a name in a list of imports, `typedef struct name name;`. */
const PASSES_ON = /^\s*(import|from|export|use|pub use)\b|^\s+\w+,?$|require\(|^\s*typedef (struct|union|enum) (\w+) \3;/;

/** Where what stands at a place is declared, through imports and the like: `[]` where the server does not know. */
async function declared(oracle, place, files, paths) {
  let at = await oracle.definition(place);
  for (let hops = 0; hops < 3 && at.length === 1 && at[0] !== place && paths.has(parts(at[0])[0]); hops += 1) {
    const [path, line] = parts(at[0]);
    const text = files.line(path, line);
    if (!PASSES_ON.test(text)) break;
    const tag = /typedef (?:struct|union|enum) (?=\w)/.exec(text);
    const next = await oracle.definition(tag ? `${path}:${line}:${tag.index + tag[0].length + 1}` : at[0]);
    if (next.length === 0 || next[0] === at[0]) break;
    at = next;
  }
  return at;
}

/** Compares one project. */
async function compare(language, description, each) {
  const { name, folder, paths } = project(description);
  const files = new Files(folder);
  const quarry = await Codequarry.open({ embedder: false });
  const oracle = new Oracle(language, { name, folder });
  const result = { definitions: [], places: [], theirs: [], calls: [], roles: [] };
  try {
    await quarry.add(paths.map((path) => ({ path, bytes: readFileSync(join(folder, path)) })));
    const known = new Set(paths);
    const byName = new Map();
    const declarations = new Set();
    const bare = new Map();
    for (const symbol of await quarry.symbols({ limit: 10_000_000 })) {
      const place = placeOf(symbol, files);
      if (place === undefined) continue;
      declarations.add(place);
      const key = `${symbol.path}\n${symbol.qualifiedName}`;
      const names = `${symbol.path}\n${symbol.name}`;
      bare.set(names, [...(bare.get(names) ?? []), symbol.qualifiedName]);
      if (!byName.has(key)) byName.set(key, { key, symbol, names, places: [] });
      byName.get(key).places.push(place);
    }
    // A name that means another symbol of the file, too, is not asked about.
    const isPlain = ({ symbol: { qualifiedName: own }, names }) => bare.get(names).every((other) => other === own || !other.endsWith(`.${own}`));
    for (const [group, kinds] of Object.entries(GROUPS)) {
      const candidates = [...byName.values()].filter((candidate) => kinds.includes(candidate.symbol.kind) && isPlain(candidate));
      const chosen = drawn(candidates, ({ key }) => key, each);
      for (const { symbol, places: own } of chosen) {
        const { path, qualifiedName, kind } = symbol;
        const is = (at) => own.some((place) => parts(place)[0] === parts(at)[0] && parts(place)[1] === parts(at)[1]);
        const counts = (place) => known.has(parts(place)[0]) && !declarations.has(place);
        const theirs = new Set();
        for (const place of own.slice(0, 4)) (await oracle.references(place)).filter(counts).forEach((found) => theirs.add(found));
        const found = await quarry.references({ name: qualifiedName, path }, { minConfidence: 0, limit: 1_000_000 });
        const ours = new Map(found.references.map((reference) => [`${reference.path}:${reference.line}:${reference.column}`, reference]).filter(([place]) => counts(place)));
        const what = { project: name, group, kind, of: `${path}#${qualifiedName}` };
        result.definitions.push(what);
        for (const place of drawn([...ours.keys()], String, PLACES)) {
          const { confidence, because, role } = ours.get(place);
          let right = theirs.has(place);
          let to = [];
          if (!right) {
            to = await declared(oracle, place, files, known);
            right = to.length === 0 ? undefined : to.some(is);
          }
          result.places.push({ ...what, place, confidence, because, role, right, to: to[0] });
          if (right) result.roles.push({ role, said: roleOf(place, files) });
        }
        for (const place of drawn([...theirs], String, PLACES)) {
          const ourOwn = ours.get(place);
          const word = files.word(place);
          const to = isComment(place, files) ? [] : await declared(oracle, place, files, known);
          // Servers count a call of an interface's method for each method that implements it.
          const apart = isComment(place, files) ? 'comment' : to.length > 0 && !to.some(is) ? 'related' : undefined;
          result.theirs.push({ ...what, place, word, apart, confidence: ourOwn?.confidence });
        }
        if (group === 'function' || group === 'method') {
          const { references } = await quarry.callees({ name: qualifiedName, path }, { minConfidence: 0 });
          for (const call of drawn(references, ({ startByte }) => `${path}:${startByte}`, CALLS)) {
            const place = `${call.path}:${call.line}:${call.column}`;
            const to = await declared(oracle, place, files, known);
            const inside = to.filter((at) => known.has(parts(at)[0]));
            const target = call.target && placeOf(call.target, files);
            const right = to.length === 0 ? undefined : target ? to.some((at) => parts(at)[0] === call.target.path && parts(at)[1] === call.target.nameLine) : undefined;
            result.calls.push({ ...what, place, confidence: call.confidence, because: call.because, given: Boolean(target), inside: inside.some((at) => declarations.has(at)), known: to.length > 0, right, to: to[0], target });
          }
        }
      }
    }
    if (result.theirs.length === 0) throw new Error(`${name}: the language server of ${language} knows no references`);
  } finally {
    await oracle.close();
    await quarry.close();
  }
  return result;
}

const share = (part, whole) => (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`);
const count = (list, test) => list.reduce((sum, entry) => sum + (test(entry) ? 1 : 0), 0);

/** Right, wrong and undecided places of a list. */
function judged(places) {
  const right = count(places, (place) => place.right === true);
  const wrong = count(places, (place) => place.right === false);
  return { right, wrong, open: places.length - right - wrong, precision: right / (right + wrong) };
}

/** The figures of a language. */
export function figures({ definitions, places, theirs, calls, roles }) {
  const shown = places.filter((place) => place.confidence >= DEFAULT);
  const counted = theirs.filter((place) => place.apart === undefined);
  const bands = BANDS.map((least, at) => ({ least, ...judged(places.filter((place) => place.confidence >= least && (at === 0 || place.confidence < BANDS[at - 1]))) }));
  const grounds = Object.fromEntries([...new Set(places.map((place) => place.because))].map((because) => {
    const of = places.filter((place) => place.because === because);
    return [because, { stated: of.reduce((sum, place) => sum + place.confidence, 0) / of.length, ...judged(of) }];
  }));
  const given = calls.filter((call) => call.given && call.confidence >= DEFAULT);
  const resolvable = calls.filter((call) => call.inside);
  return {
    definitions: definitions.length,
    ...judged(shown),
    bands,
    grounds,
    recall: Object.fromEntries(BANDS.map((least) => [least, count(counted, (place) => place.confidence >= least) / counted.length])),
    theirs: counted.length,
    apart: theirs.length - counted.length,
    calls: { ...judged(given), resolved: count(resolvable, (call) => call.right && call.confidence >= DEFAULT) / resolvable.length, resolvable: resolvable.length },
    roles: Object.fromEntries(['call', 'import'].map((role) => [role, { said: count(roles, (place) => place.said === role), agreed: count(roles, (place) => place.said === role && (place.role === role || (role === 'import' && place.role === 'alias'))) }])),
  };
}

async function main() {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { each: { type: 'string', default: '75' }, wrong: { type: 'string', default: '0' }, missed: { type: 'string', default: '0' }, json: { type: 'boolean' } } });
  for (const language of positionals.length > 0 ? positionals : Object.keys(LANGUAGES)) {
    const { projects } = LANGUAGES[language];
    const all = { definitions: [], places: [], theirs: [], calls: [], roles: [] };
    for (const description of projects) {
      const one = await compare(language, description, Math.ceil(Number(values.each) / projects.length));
      for (const [key, list] of Object.entries(one)) for (const entry of list) all[key].push(entry);
    }
    if (values.json) console.log(JSON.stringify({ language, ...all }));
    else print(language, figures(all));
    const some = (list, number) => drawn(list, (entry) => `${entry.of} ${entry.place}`, number);
    for (const at of some(all.places.filter((place) => place.right === false && place.confidence >= DEFAULT), Number(values.wrong))) console.log(`    wrong   ${at.confidence.toFixed(2)} ${at.because}: ${at.kind} ${at.project}/${at.of} at ${at.place}, which means ${at.to}`);
    for (const at of some(all.theirs.filter((place) => place.apart === undefined && !(place.confidence >= DEFAULT)), Number(values.missed))) console.log(`    missed  ${at.kind} ${at.project}/${at.of} at ${at.place} (${at.word})${at.confidence === undefined ? '' : ` ${at.confidence.toFixed(2)}`}`);
  }
}

function print(language, { definitions, right, wrong, open, precision, bands, grounds, recall, theirs, apart, calls, roles }) {
  console.log(`${language}: ${definitions} definitions; of ${right + wrong + open} places ${share(right, right + wrong)} right, ${open} undecided; of ${theirs} places of the server's ${(100 * recall[DEFAULT]).toFixed(1)} % given (${apart} apart)`);
  for (const band of bands) console.log(`    confidence from ${band.least}: ${share(band.right, band.right + band.wrong)} of ${band.right + band.wrong} right, ${band.open} undecided; recall so far ${(100 * recall[band.least]).toFixed(1)} %`);
  for (const [because, ground] of Object.entries(grounds).sort(([, a], [, b]) => b.stated - a.stated)) console.log(`        ${because}: stated ${ground.stated.toFixed(2)}, right ${ground.precision.toFixed(3)} of ${ground.right + ground.wrong}, ${ground.open} undecided`);
  console.log(`    calls: ${share(calls.right, calls.right + calls.wrong)} of ${calls.right + calls.wrong} targets right, ${calls.open} undecided; ${(100 * calls.resolved).toFixed(1)} % of ${calls.resolvable} that are declared here resolved`);
  console.log(`    roles: ${Object.entries(roles).map(([role, { said, agreed }]) => `${role} ${share(agreed, said)} of ${said}`).join(', ')}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
