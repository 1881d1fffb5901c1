/**
 * A whole indexed file beside or over the results, with the hit's lines marked.
 *
 * Lines have one fixed height, so a file of any length is a column of empty blocks of known height, and a block is
 * painted when it comes near the view.
 */

import { linesOf, matchesByLine, paintLine, type Match, type Painted } from './code';
import { announce, copyText, h, icon } from './dom';
import { plural } from './format';
import { colouringFor, highlight } from './highlight';
import { pathParts } from './hits';
import { OutlineMenu } from './outline-menu';
import { problemOf, problemPanel } from './problem';
import type { Codequarry, Hit } from './quarry';

/** Lines in a block; a block is painted as a whole. */
const BLOCK = 100;
/** Symbols of one file in its menu; a file with more is generated, and nobody reads the menu. */
const MAX_SYMBOLS = 1_000;

/** The pane; it shows one file at a time. */
export class FilePane {
  readonly element: HTMLElement;
  private readonly heading = h('h2', { class: 'file-path', tabindex: -1 });
  private readonly facts = h('span', { class: 'file-facts' });
  private readonly body = h('div', { class: 'file-body', tabindex: 0, role: 'region' });
  private readonly observer: IntersectionObserver;
  private readonly outline: OutlineMenu;
  private painted: Painted | undefined;
  private path = '';
  private marked: [number, number] = [0, 0];
  /** Counts the files asked for; an answer for any but the last is stale. */
  private asked = 0;

  constructor(
    private readonly quarry: Codequarry,
    close: () => void,
    goTo: (line: number, lineEnd: number) => void,
  ) {
    this.outline = new OutlineMenu(goTo);
    const copy = h(
      'button',
      { type: 'button', class: 'icon-button', 'aria-label': 'Copy path', title: 'Copy path' },
      icon('copy'),
    );
    copy.addEventListener('click', () => void this.copyPath(copy));
    const shut = h(
      'button',
      { type: 'button', class: 'icon-button', 'aria-label': 'Close file', title: 'Close (Esc)', onclick: close },
      icon('close'),
    );
    this.element = h(
      'section',
      { class: 'file', 'aria-label': 'File', hidden: true },
      h('header', { class: 'file-head' }, this.heading, this.facts, this.outline.element, copy, shut),
      this.body,
    );
    this.observer = new IntersectionObserver((entries) => this.paintNear(entries), { root: this.body, rootMargin: '1200px 0px' });
  }

  isOpen(): boolean {
    return !this.element.hidden;
  }

  /** Shows a file with the lines `line` to `lineEnd` marked; `hit` brings the matches to highlight. */
  show(path: string, line: number, lineEnd: number, hit?: Hit): void {
    const [from, to] = this.marked;
    const shown = path === this.path && this.painted !== undefined;
    if (shown && hit === undefined && line === from && lineEnd === to) return;
    this.element.hidden = false;
    this.marked = [line, lineEnd];
    this.asked += 1;
    const question = this.asked;
    if (shown && this.painted !== undefined) {
      if (hit !== undefined) this.painted = paintedFile(path, this.painted.text, hit);
      this.fill();
      return;
    }
    this.path = path;
    this.painted = undefined;
    this.heading.replaceChildren(...pathParts(path));
    this.heading.title = path;
    this.body.setAttribute('aria-label', path);
    this.facts.textContent = '';
    this.outline.show([]);
    this.quarry.symbols({ path, limit: MAX_SYMBOLS }).then(
      (symbols) => question === this.asked && this.outline.show(symbols),
      () => undefined,
    );
    this.quarry.file(path).then(
      (text) => question === this.asked && this.showText(text, hit ?? null),
      (thrown: unknown) =>
        question === this.asked && this.body.replaceChildren(problemPanel('The file could not be read', problemOf(thrown), [])),
    );
  }

  /** Hides the pane; `false` if it was not open. */
  close(): boolean {
    if (this.element.hidden) return false;
    this.asked += 1;
    this.element.hidden = true;
    this.path = '';
    this.painted = undefined;
    this.observer.disconnect();
    this.body.replaceChildren();
    return true;
  }

  private showText(text: string | undefined, hit: Hit | null): void {
    if (text === undefined) {
      const problem = { code: 'FILE_NOT_INDEXED', message: `${this.path} is not in this index.` };
      this.body.replaceChildren(problemPanel('No such file', problem, []));
      return;
    }
    this.painted = paintedFile(this.path, text, hit);
    this.fill();
  }

  private fill(): void {
    const { lines } = this.painted ?? { lines: [] };
    this.observer.disconnect();
    const blocks: HTMLElement[] = [];
    for (let first = 0; first < lines.length; first += BLOCK) {
      const block = h('div', { class: 'block', 'data-first': first });
      block.style.setProperty('--lines', String(Math.min(BLOCK, lines.length - first)));
      blocks.push(block);
    }
    const gutter = String(lines.length).length;
    const code = h('code', { class: 'source', translate: 'no' }, ...blocks);
    code.style.setProperty('--gutter', `${gutter}ch`);
    this.body.replaceChildren(code);
    this.facts.textContent = plural(lines.length, 'line');
    this.scrollToMarked(lines.length);
    for (const block of blocks) this.observer.observe(block);
    this.body.focus({ preventScroll: true });
    announce(`${this.path}, ${plural(lines.length, 'line')}`);
  }

  /** Puts the marked lines a third below the top, or the first of them at the top when they are many. */
  private scrollToMarked(lines: number): void {
    const [line, lineEnd] = this.marked;
    const code = this.body.firstElementChild as HTMLElement;
    const height = lines === 0 ? 0 : code.offsetHeight / lines;
    const room = Math.max(0, this.body.clientHeight - (lineEnd - line + 1) * height);
    this.body.scrollTop = line === 0 ? 0 : (line - 1) * height - Math.min(room / 2, this.body.clientHeight / 3);
    this.body.scrollLeft = 0;
  }

  private paintNear(entries: IntersectionObserverEntry[]): void {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting || target.childElementCount > 0) continue;
      this.paintBlock(target as HTMLElement);
      this.observer.unobserve(target);
    }
  }

  private paintBlock(block: HTMLElement): void {
    const painted = this.painted;
    if (painted === undefined) return;
    const first = Number(block.dataset['first']);
    const last = Math.min(first + BLOCK, painted.lines.length);
    const [from, to] = this.marked;
    for (let index = first; index < last; index += 1) {
      const number = index + 1;
      const marked = number >= from && number <= to;
      block.append(h('span', { class: marked ? 'line marked' : 'line', 'data-line': number }, paintLine(painted, index, 0)));
    }
  }

  private async copyPath(button: HTMLButtonElement): Promise<void> {
    if (!(await copyText(this.path))) return;
    announce('Path copied');
    button.replaceChildren(icon('check'));
    setTimeout(() => button.replaceChildren(icon('copy')), 1_200);
  }
}

function paintedFile(path: string, text: string, hit: Hit | null): Painted {
  const lines = linesOf(text);
  return {
    text,
    lines,
    tokens: highlight(text, hit?.language ?? colouringFor(path)),
    matches: matchesByLine(lines, hitMatches(text, lines, hit)),
  };
}

/** A hit's matches count from its chunk's start; the chunk is found by its first line. */
function hitMatches(text: string, lines: readonly { start: number }[], hit: Hit | null): Match[] {
  if (hit === null || hit.text === null) return [];
  const from = text.indexOf(hit.text.slice(0, 2_000), lines[hit.startLine - 1]?.start ?? 0);
  if (from < 0) return [];
  return hit.matches.map(([start, end]) => [from + start, from + end]);
}
