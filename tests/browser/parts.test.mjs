/** The page's parts that need no browser: addresses, snippets, colours, figures. */

import assert from 'node:assert/strict';
import path from 'node:path';
import { before, test } from 'node:test';
import { build } from 'esbuild';
import { ROOT } from './harness.mjs';

const SOURCE = path.join(ROOT, 'www', 'src');
let parts;

before(async () => {
  const names = ['route', 'code', 'highlight', 'format', 'problem'];
  const contents = names.map((name) => `export * as ${name} from './${name}'`).join('\n');
  const { outputFiles } = await build({ stdin: { contents, resolveDir: SOURCE }, bundle: true, format: 'esm', write: false });
  parts = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString('base64')}`);
});

test('an address is read back as it was written', () => {
  const { formatRoute, parseRoute, EMPTY } = parts.route;
  const routes = [
    EMPTY,
    { ...EMPTY, project: 'left-pad-x1', query: 'a&b=c #d +e %41 ü "q"' },
    { ...EMPTY, query: 'x', languages: ['typescript', 'c'], path: 'src/** !**/test/**' },
    { ...EMPTY, file: 'dir/ä b/c#.ts', line: 3, lineEnd: 9 },
    { ...EMPTY, file: 'a.ts', line: 7, lineEnd: 7 },
  ];
  for (const route of routes) assert.deepEqual(parseRoute(formatRoute(route)), route);
  assert.equal(formatRoute(routes[2]), '#q=x&lang=typescript,c&path=src/**+!**/test/**');
  assert.equal(formatRoute(EMPTY), '');
});

test('nothing in an address makes reading it fail', () => {
  for (const hash of ['#', '#=', '#lines=9-3&file=a', '#lines=-1', '#lines=99999999999', '#%', '#q=%ff%', '#&&&', '#lang=,,']) {
    const route = parts.route.parseRoute(hash);
    assert.ok(route.line >= 0 && route.lineEnd >= route.line, hash);
  }
});

test('lines end at line breaks of either kind, and a last break opens no line', () => {
  const slices = (text) => parts.code.linesOf(text).map(({ start, end }) => text.slice(start, end));
  assert.deepEqual(slices('a\nb\r\nc'), ['a', 'b', 'c']);
  assert.deepEqual(slices('a\n'), ['a']);
  assert.deepEqual(slices('\n\n'), ['', '']);
  assert.deepEqual(slices(''), []);
});

test('a snippet shows the declaration and the lines that match, within its budget', () => {
  const { linesOf, snippetLines } = parts.code;
  const text = Array.from(
    { length: 40 },
    (_, index) => `line ${index} ${index === 20 || index === 31 ? 'needle' : 'straw'}`,
  ).join('\n');
  const matches = [...text.matchAll(/needle/g)].map((match) => [match.index, match.index + 6]);
  assert.deepEqual(snippetLines(text, linesOf(text), matches, 8), [0, 19, 20, 21, 30, 31, 32]);
  assert.deepEqual(snippetLines(text, linesOf(text), [], 8), [0, 1, 2, 3, 4]);
  assert.deepEqual(snippetLines('a\nb', linesOf('a\nb'), [], 8), [0, 1]);
  assert.deepEqual(snippetLines('', [], [], 8), []);
  const documented = `/**\n * needle sharpens\n */\nfunction sharpen() {\n${'  // needle\n  work();\n'.repeat(9)}}\n`;
  assert.ok(snippetLines(documented, linesOf(documented), [], 5, 'sharpen').includes(3), 'the declaration, not its comment');
  const every = [...text.matchAll(/line/g)].map((match) => [match.index, match.index + 4]);
  assert.ok(snippetLines(text, linesOf(text), every, 8).length <= 8);
});

test('a match over several lines belongs to each of them', () => {
  const { linesOf, matchesByLine } = parts.code;
  const found = matchesByLine(linesOf('ab\ncd\nef'), [[1, 7]]);
  assert.deepEqual([...found.keys()], [0, 1, 2]);
});

test('shared indentation is what all lines begin with', () => {
  const { linesOf, commonIndent } = parts.code;
  const indent = (text) => commonIndent(text, linesOf(text));
  assert.equal(indent('    a\n      b\n\n    c'), 4);
  assert.equal(indent('\ta\n\t\tb'), 1);
  assert.equal(indent('\ta\n    b'), 0);
  assert.equal(indent('\n\n'), 0);
});

test('colours are ordered, disjoint, and inside the text', () => {
  const { highlight } = parts.highlight;
  const samples = {
    typescript: 'const a = "x\\"y" // c\n/* d\n */ class Foo extends Bar { run(): 12 }',
    rust: "fn f<'a>(x: &'a str) -> char { 'x' } // c",
    python: 'def f():\n    """doc\n    string"""\n    return 1 # c',
    markdown: '# Title\nsome `code` here',
    json: '{"a": [1, true]}',
    css: 'a { color: red; } /* c */',
    html: '<a href="x">y</a><!-- c -->',
    unknown: 'nothing',
  };
  for (const [language, text] of Object.entries(samples)) {
    let at = 0;
    for (const { start, end } of highlight(text, language)) {
      assert.ok(start >= at && end > start && end <= text.length, `${language}: ${start}–${end}`);
      at = end;
    }
  }
  const kinds = (text, language) => highlight(text, language).map(({ start, end, kind }) => [text.slice(start, end), kind]);
  assert.deepEqual(kinds('let n = f(1) // x', 'typescript'), [
    ['let', 'keyword'],
    ['f', 'call'],
    ['1', 'number'],
    ['// x', 'comment'],
  ]);
  assert.deepEqual(kinds("&'a str", 'rust'), [['str', 'keyword']]);
  assert.deepEqual(kinds('the end */ let x', 'typescript')[0], ['the end */', 'comment'], 'a chunk may begin inside a comment');
});

test('colouring takes time in proportion to the text, whatever stands in it', () => {
  // In proportion it is tens of milliseconds, by the square of the length minutes: nothing in between has to be told apart.
  const { highlight } = parts.highlight;
  for (const unit of ['"', "'", '`', '/*', '#', '\\', '<!--', 'a.', '((', '@@']) {
    const text = unit.repeat(100_000);
    const started = performance.now();
    for (const language of ['typescript', 'rust', 'python', 'bash', 'html', 'markdown', 'css', 'json']) highlight(text, language);
    assert.ok(performance.now() - started < 30_000, `${unit}: ${performance.now() - started} ms`);
  }
});

test('sizes and times are short', () => {
  const { size, duration, plural } = parts.format;
  assert.deepEqual([0, 999, 1_000, 9_949, 12_345, 999_499, 3_400_000].map(size), [
    '0 B',
    '999 B',
    '1.0 KB',
    '9.9 KB',
    '12 KB',
    '999 KB',
    '3.4 MB',
  ]);
  assert.deepEqual([0.42, 12.4, 3_200, 125_000].map(duration), ['0.4 ms', '12 ms', '3.2 s', '2 min 5 s']);
  assert.deepEqual([plural(1, 'file'), plural(1_234, 'file')], ['1 file', '1,234 files']);
});

test('any thrown value becomes a code and a message', () => {
  const { problemOf } = parts.problem;
  assert.deepEqual(problemOf({ code: 'SEGMENT_CORRUPT', message: 'm' }), { code: 'SEGMENT_CORRUPT', message: 'm' });
  assert.equal(problemOf(new TypeError('t')).code, 'UNEXPECTED');
  assert.equal(problemOf(new DOMException('q', 'QuotaExceededError')).code, 'STORAGE_FULL');
  for (const odd of [undefined, null, 7, 'text', {}]) assert.equal(problemOf(odd).code, 'UNEXPECTED');
});
