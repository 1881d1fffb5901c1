/**
 * What the page shows, as the part of its address behind `#`.
 *
 * An address is meant to be read and shared: `#project=left-pad-x1&q=retry&lang=typescript&path=src/**`.
 */

/** What is shown. Every field has a value that means "not set", so that two routes compare field by field. */
export interface Route {
  /** The name of a stored project; empty where the page serves one snapshot, and on the first screen. */
  project: string;
  query: string;
  /** Language ids; empty for all. */
  languages: string[];
  /** A path glob, or several separated by spaces; empty for all paths. */
  path: string;
  /** The file that is open; empty when none is. */
  file: string;
  /** The marked lines of the open file, counted from 1 and inclusive; 0 when none are marked. */
  line: number;
  lineEnd: number;
}

/** A route that shows nothing in particular. */
export const EMPTY: Readonly<Route> = { project: '', query: '', languages: [], path: '', file: '', line: 0, lineEnd: 0 };

/** Reads an address. Anything it does not know is ignored; nothing makes it fail. */
export function parseRoute(hash: string): Route {
  const fields = new URLSearchParams(hash.replace(/^#/, ''));
  const text = (name: string): string => fields.get(name) ?? '';
  const [line, lineEnd] = parseLines(text('lines'));
  return {
    project: text('project'),
    query: text('q'),
    languages: text('lang')
      .split(',')
      .filter((id) => id !== ''),
    path: text('path'),
    file: text('file'),
    line,
    lineEnd,
  };
}

/** Writes an address; the empty route is the empty string. */
export function formatRoute(route: Route): string {
  const fields: [string, string][] = [
    ['project', route.project],
    ['q', route.query],
    ['lang', route.languages.join(',')],
    ['path', route.path],
    ['file', route.file],
    ['lines', route.file === '' || route.line === 0 ? '' : formatLines(route.line, route.lineEnd)],
  ];
  const written = fields.filter(([, value]) => value !== '').map(([name, value]) => `${name}=${encode(value)}`);
  return written.length === 0 ? '' : `#${written.join('&')}`;
}

/** `3-9`, or `3` for a single line. */
export function formatLines(line: number, lineEnd: number): string {
  return lineEnd > line ? `${line}-${lineEnd}` : `${line}`;
}

function parseLines(text: string): [number, number] {
  const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text);
  if (match === null) return [0, 0];
  const line = Number(match[1]);
  return [line, Math.max(line, Number(match[2] ?? line))];
}

/** Percent-encodes what an address needs encoded and leaves paths and globs readable. */
function encode(value: string): string {
  return encodeURIComponent(value).replace(/%(2F|2C|3A|40|20)/g, (_, hex: string) =>
    hex === '20' ? '+' : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
