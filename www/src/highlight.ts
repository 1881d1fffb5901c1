/**
 * Colours for code that is shown: comments, strings, numbers, keywords, types and calls.
 *
 * One regular expression a family of languages, no state across calls and no grammar: a snippet has to be
 * coloured in a fraction of a millisecond, and a wrong colour harms nobody. It is decoration; what is
 * a symbol and where it ends is the engine's knowledge, not this module's.
 */

/** What a stretch of code looks like; each is a CSS class `tok-…`. */
export type TokenKind = 'comment' | 'string' | 'number' | 'keyword' | 'type' | 'call';

/** A coloured stretch, in UTF-16 offsets, half-open. Stretches are ordered and disjoint. */
export interface Token {
  start: number;
  end: number;
  kind: TokenKind;
}

interface Family {
  pattern: RegExp;
  keywords: ReadonlySet<string>;
  /** The end of a block comment, where a snippet may begin in the middle of one. */
  commentEnd?: string;
  commentStart?: string;
}

const WORD = String.raw`(?<word>[\p{L}_$@][\p{L}\p{N}_$]*)`;
const NUMBER = String.raw`(?<number>(?<![\p{L}\p{N}_$])\d[\d_]*(?:\.\d+)?[\p{L}\p{N}_]*)`;
const DOUBLE = String.raw`"(?:[^"\\\n]|\\[\s\S])*"?`;
const SINGLE = String.raw`'(?:[^'\\\n]|\\[\s\S])*'?`;
const BACKTICK = '`(?:[^`\\\\]|\\\\[\\s\\S])*`?';
const SLASHES = String.raw`\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)`;
const HASH = String.raw`(?<![^\s;(])#[^\n]*`;

function family(comment: string, string: string, keywords: string, block?: [string, string]): Family {
  const pattern = new RegExp(`(?<comment>${comment})|(?<string>${string})|${NUMBER}|${WORD}`, 'gu');
  const shared = { pattern, keywords: new Set(keywords.split(' ')) };
  return block === undefined ? shared : { ...shared, commentStart: block[0], commentEnd: block[1] };
}

const C_BLOCK: [string, string] = ['/*', '*/'];

const CURLY = family(
  SLASHES,
  `${DOUBLE}|${SINGLE}|${BACKTICK}`,
  'abstract as async await boolean break byte case catch char class const constexpr continue debugger declare default defer delete do double else enum ' +
    'explicit export extends extern false final finally float for foreach friend from func function get go goto if implements import in infer inline instanceof int ' +
    'interface internal is keyof let long map namespace native new nil null nullptr of operator out override package private protected public range readonly ' +
    'ref require return satisfies sealed select self set short signed sizeof static string struct super switch synchronized template this throw throws transient true ' +
    'try type typedef typename typeof undefined union unsafe unsigned using var virtual void volatile when where while with yield bool echo array fn chan any',
  C_BLOCK,
);
const RUST = family(
  SLASHES,
  `b?r?${DOUBLE}|'(?:[^'\\\\\\n]|\\\\[^\\n]{1,8})'`,
  'as async await bool break char const continue crate dyn else enum extern f32 f64 false fn for i128 i16 i32 i64 i8 if impl in isize let loop match mod move mut pub ref return ' +
    'self Self static str struct super trait true type u128 u16 u32 u64 u8 union unsafe use usize where while macro_rules',
  C_BLOCK,
);
const PYTHON = family(
  HASH,
  `[rbfu]{0,2}(?:"""[\\s\\S]*?(?:"""|$)|'''[\\s\\S]*?(?:'''|$)|${DOUBLE}|${SINGLE})`,
  'and as assert async await break class continue def del elif else except False finally for from global if import in is lambda match None nonlocal not or pass raise return self ' +
    'True try while with yield',
);
const SHELL = family(
  HASH,
  `${DOUBLE}|${SINGLE}`,
  'alias begin BEGIN break case class continue def defined? do done elif else elsif end ensure esac export false fi for function if in local loop module next nil redo require rescue retry ' +
    'return self set shift source super then true unless until when while yield attr_reader attr_accessor private protected include extend raise lambda proc',
);
const MARKUP = family(String.raw`<!--[\s\S]*?(?:-->|$)`, `${DOUBLE}|(?<==)${SINGLE}`, 'html head body', ['<!--', '-->']);
const PROSE = family(String.raw`<!--[\s\S]*?(?:-->|$)`, '`[^`\\n]+`|^#{1,6} [^\\n]*', '');
const DATA = family(HASH, `${DOUBLE}|${SINGLE}`, 'true false null yes no on off');
const STYLE = family(
  SLASHES,
  `${DOUBLE}|${SINGLE}`,
  'import media supports layer container keyframes font-face var calc',
  C_BLOCK,
);

const FAMILIES: Readonly<Record<string, Family>> = {
  rust: RUST,
  python: PYTHON,
  ruby: SHELL,
  bash: SHELL,
  html: MARKUP,
  css: STYLE,
  json: DATA,
  yaml: DATA,
  toml: DATA,
  markdown: PROSE,
  javascript: CURLY,
  jsx: CURLY,
  typescript: CURLY,
  tsx: CURLY,
  go: CURLY,
  java: CURLY,
  c: CURLY,
  cpp: CURLY,
  csharp: CURLY,
  php: CURLY,
};

/** The families of common file names, for a file that is opened without a hit that names its language. */
const BY_EXTENSION: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    'js mjs cjs jsx ts mts cts tsx go java c h cc cpp cxx hpp hh cs php'.split(' ').map((name) => [name, 'typescript']),
  ),
  rs: 'rust',
  py: 'python',
  pyi: 'python',
  rb: 'ruby',
  sh: 'bash',
  bash: 'bash',
  html: 'html',
  htm: 'html',
  css: 'css',
  json: 'json',
  yaml: 'yaml',
  yml: 'yaml',
  toml: 'toml',
  md: 'markdown',
};

/** A language whose colours fit a file of this name; `null` where none is known. */
export function colouringFor(path: string): string | null {
  return BY_EXTENSION[path.slice(path.lastIndexOf('.') + 1).toLowerCase()] ?? null;
}

/** Past this length the colours are left away: nobody reads it, and a page must not wait for it. */
const MAX_LENGTH = 2_000_000;

/** The coloured stretches of `text`; none for a language without a family of its own. */
export function highlight(text: string, language: string | null): Token[] {
  const found = language === null ? undefined : FAMILIES[language];
  if (found === undefined || text.length > MAX_LENGTH) return [];
  const tokens: Token[] = [];
  const pattern = new RegExp(found.pattern);
  pattern.lastIndex = openingComment(text, found, tokens);
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const kind = kindOf(match, text, found);
    if (kind !== undefined) tokens.push({ start: match.index, end: pattern.lastIndex, kind });
    if (match[0] === '') pattern.lastIndex += 1;
  }
  return tokens;
}

/** A chunk may begin inside a block comment: then its first stretch runs to the comment's end. */
function openingComment(text: string, { commentStart, commentEnd }: Family, tokens: Token[]): number {
  if (commentStart === undefined || commentEnd === undefined) return 0;
  const end = text.indexOf(commentEnd);
  if (end < 0) return 0;
  const start = text.indexOf(commentStart);
  if (start >= 0 && start < end) return 0;
  tokens.push({ start: 0, end: end + commentEnd.length, kind: 'comment' });
  return end + commentEnd.length;
}

function kindOf(match: RegExpExecArray, text: string, { keywords }: Family): TokenKind | undefined {
  const groups = match.groups ?? {};
  if (groups['comment'] !== undefined) return 'comment';
  if (groups['string'] !== undefined) return 'string';
  if (groups['number'] !== undefined) return 'number';
  const word = groups['word'];
  if (word === undefined) return undefined;
  if (keywords.has(word)) return 'keyword';
  if (text[match.index + word.length] === '(') return 'call';
  return /^\p{Lu}[\p{L}\p{N}]*\p{Ll}/u.test(word) ? 'type' : undefined;
}
