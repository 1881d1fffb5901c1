/**
 * What goes to the terminal: colours where they are wanted, nothing after the reader has gone.
 */

/** Whether a stream gets colours: it is a terminal and the environment does not object (`NO_COLOR`, `TERM=dumb`), or insists (`FORCE_COLOR`). */
function wantsColour(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '0') return true;
  return stream.isTTY === true && TERM !== 'dumb';
}

type Style = (text: string) => string;

/** The styles that the commands use. */
export interface Styles {
  path: Style;
  line: Style;
  kind: Style;
  name: Style;
  match: Style;
  dim: Style;
  bold: Style;
  error: Style;
  good: Style;
}

/** Styles for a stream; they change nothing where there are no colours. */
export function stylesFor(stream: NodeJS.WriteStream = process.stdout): Styles {
  const on = wantsColour(stream);
  const style = (open: number, close: number): Style => (on ? (text) => `\x1b[${open}m${text}\x1b[${close}m` : (text) => text);
  return {
    path: style(35, 39),
    line: style(32, 39),
    kind: style(36, 39),
    name: style(33, 39),
    match: style(1, 22),
    dim: style(2, 22),
    bold: style(1, 22),
    error: style(31, 39),
    good: style(32, 39),
  };
}

/** Writes to standard output, and waits when the reader is slow. */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await new Promise<void>((resolve) => process.stdout.once('drain', resolve));
}

/** Writes one JSON value a line. */
export function printJson(value: unknown): Promise<void> {
  return print(`${JSON.stringify(value)}\n`);
}

/** Columns of a stream; 80 when it is none of a terminal. */
export function columnsOf(stream: NodeJS.WriteStream): number {
  return Math.max(20, stream.columns ?? 80);
}

/** What a terminal would obey rather than show is taken out of text that comes from files. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '·');
}

/** `1.2 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 999.5) return `${Math.round(bytes)} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value >= 99.5 ? value.toFixed(0) : value.toFixed(1)} ${units[unit]}`;
}

/** `12,345`. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 file`, `12,345 files`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A text in one line, cut where it is long. */
export function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}
