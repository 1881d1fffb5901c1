/**
 * The bar that a person sees on standard error while something takes long. In a pipe, or with `--quiet`, there is none.
 */

import type { Progress } from '../types.js';
import { columnsOf, formatBytes, formatCount } from './terminal.js';

const INTERVAL_MS = 80;
const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const CLEAR_LINE = '\r\x1b[2K';

/** A progress bar. */
export class ProgressBar {
  readonly #stream = process.stderr;
  readonly #shown: boolean;
  readonly #started = performance.now();
  #drawnAt = 0;
  #dirty = false;

  constructor(wanted: boolean) {
    this.#shown = wanted && this.#stream.isTTY === true && process.env['TERM'] !== 'dumb';
  }

  /** A listener for `onProgress`, or undefined when nothing is shown. */
  get listener(): ((progress: Progress) => void) | undefined {
    return this.#shown ? (progress) => this.#update(progress) : undefined;
  }

  /** Removes the bar. */
  end(): void {
    if (this.#dirty) this.#stream.write(CLEAR_LINE + SHOW_CURSOR);
    this.#dirty = false;
  }

  #update(progress: Progress): void {
    const now = performance.now();
    if (now - this.#drawnAt < INTERVAL_MS) return;
    this.#drawnAt = now;
    if (!this.#dirty) this.#stream.write(HIDE_CURSOR);
    this.#dirty = true;
    this.#stream.write(CLEAR_LINE + this.#line(progress, (now - this.#started) / 1000));
  }

  #line({ phase, done, total, bytes }: Progress, seconds: number): string {
    const columns = columnsOf(this.#stream) - 1;
    if (phase === 'compact') return `merging segments: ${formatCount(done)}`.slice(0, columns);
    const rate = seconds > 0.5 ? `, ${formatBytes(bytes / seconds)}/s` : '';
    if (total === undefined) return `${formatCount(done)} files, ${formatBytes(bytes)}${rate}`.slice(0, columns);
    const share = total === 0 ? 1 : Math.min(1, done / total);
    const text = ` ${Math.floor(share * 100)}% ${formatCount(done)}/${formatCount(total)} files, ${formatBytes(bytes)}${rate}`;
    const width = Math.min(32, columns - text.length);
    if (width < 5) return text.trim().slice(0, columns);
    const full = Math.round(share * width);
    return '█'.repeat(full) + '░'.repeat(width - full) + text;
  }
}
