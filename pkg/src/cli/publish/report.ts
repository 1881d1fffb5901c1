/**
 * What a person sees of a publication: one line that changes while it goes on, a summary at the end.
 */

import { columnsOf, formatBytes, plural, stylesFor } from '../terminal.js';
import type { Published, Step } from './publisher.js';

const CLEAR_LINE = '\r\x1b[2K';

/** The line on standard error; none in a pipe. */
export class StepLine {
  readonly #stream = process.stderr;
  readonly #shown: boolean;

  constructor(wanted: boolean) {
    this.#shown = wanted && this.#stream.isTTY === true && process.env['TERM'] !== 'dumb';
  }

  show(step: Step): void {
    if (this.#shown) this.#stream.write(CLEAR_LINE + describeStep(step).slice(0, columnsOf(this.#stream) - 1));
  }

  /** Removes the line. */
  end(): void {
    if (this.#shown) this.#stream.write(CLEAR_LINE);
  }
}

function describeStep({ action, key, done, total, bytes }: Step): string {
  const place = `${done + 1}/${total}`;
  switch (action) {
    case 'verify':
      return `checking segment ${place}, ${formatBytes(bytes)}`;
    case 'compare':
      return `looking at what is published under ${key}`;
    case 'upload':
      return `uploading segment ${place}, ${formatBytes(bytes)}`;
    case 'switch':
      return 'switching to the new generation';
    case 'delete':
      return `deleting old segment ${place}`;
  }
}

/** The summary, with its line feeds. */
export function describe(published: Published): string {
  const { dryRun, prefix, generation, files, chunks, segments, bytes, uploaded, uploadedBytes, skipped, deleted, switched } = published;
  const styles = stylesFor(process.stdout);
  const sent = uploaded.length === 0 ? 'nothing to upload' : `${plural(uploaded.length, 'segment')} ${dryRun ? 'to upload' : 'uploaded'}, ${formatBytes(uploadedBytes)}`;
  const parts = [
    sent,
    ...(skipped.length > 0 ? [`${plural(skipped.length, 'segment')} already there`] : []),
    ...(deleted.length > 0 ? [`${plural(deleted.length, 'old segment')} ${dryRun ? 'to delete' : 'deleted'}`] : []),
  ];
  let head = 'Published';
  if (dryRun) head = 'Would publish';
  else if (!switched) head = 'Already published';
  return [
    `${styles.good(head)} ${styles.bold(prefix)} generation ${generation}: ${plural(files, 'file')}, ${plural(chunks, 'chunk')}, ${plural(segments, 'segment')}, ${formatBytes(bytes)}\n`,
    `${parts.join('; ')}\n`,
  ].join('');
}

