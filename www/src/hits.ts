/** The list of hits: grouped by file, each with its place, its kind and the lines that matter. */

import { commonIndent, linesOf, matchesByLine, paintLine, snippetLines, type Line, type Painted } from './code';
import { h, icon } from './dom';
import { plural } from './format';
import { highlight } from './highlight';
import { kindClass } from './kinds';
import type { Hit } from './quarry';
import { formatLines } from './route';

/** Lines of a snippet at most. */
const SNIPPET_LINES = 8;
/** The engine turns no further pages than this many hits. */
const MAX_HITS = 10_000;
/** Hits of one file that are shown at once; the others appear on demand. */
const SHOWN_PER_FILE = 3;

/** The list. Hits are links, so that they can be opened in a new tab, and the keyboard walks from link to link. */
export class Hits {
  readonly element = h('div', { class: 'hits' });
  private readonly list = h('ol', { class: 'groups', 'aria-label': 'Hits, best first' });
  private readonly sentinel = h('div', { class: 'sentinel', 'aria-hidden': 'true' });
  private readonly observer: IntersectionObserver;
  private shown = 0;
  private total = 0;
  private loading = false;
  private current: HTMLAnchorElement | undefined;

  constructor(
    private readonly addressOf: (hit: Hit) => string,
    private readonly open: (hit: Hit) => void,
    more: () => void,
  ) {
    this.element.append(this.list, this.sentinel);
    this.observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting !== true || this.loading || this.shown >= this.total) return;
        this.loading = true;
        more();
      },
      { rootMargin: '800px' },
    );
  }

  /** How many hits are in the list. */
  get count(): number {
    return this.shown;
  }

  /** Replaces the list by the first hits of a new answer. */
  show(hits: readonly Hit[], total: number): void {
    this.list.replaceChildren();
    this.shown = 0;
    this.current = undefined;
    this.append(hits, total);
  }

  /** Adds the next hits of the same answer. Those of the file that the list ends with join its group. */
  append(hits: readonly Hit[], total: number): void {
    for (const [path, ofFile] of byPath(hits)) {
      const last = this.list.lastElementChild;
      const continues = last?.querySelector<HTMLElement>('.group-path')?.title === path;
      const group = continues ? last : this.list.appendChild(emptyGroup(path, ofFile[0]?.language ?? ''));
      extend(group, ofFile.map((hit) => this.hit(hit)));
    }
    this.shown += hits.length;
    this.total = hits.length === 0 ? this.shown : Math.min(total, MAX_HITS);
    this.loading = false;
    this.observer.unobserve(this.sentinel);
    if (this.shown < this.total) this.observer.observe(this.sentinel);
  }

  clear(): void {
    this.observer.unobserve(this.sentinel);
    this.list.replaceChildren();
    this.shown = 0;
    this.total = 0;
    this.current = undefined;
  }

  /** The best hit. */
  first(): HTMLAnchorElement | undefined {
    return this.links()[0];
  }

  /** Moves the focus by one hit; `false` at the ends. */
  step(direction: 1 | -1): boolean {
    const links = this.links();
    const focused = links.indexOf(document.activeElement as HTMLAnchorElement);
    const from = focused >= 0 ? focused : links.indexOf(this.current as HTMLAnchorElement);
    const next = links[from + direction];
    if (from + direction < 0 || next === undefined) return false;
    next.focus({ preventScroll: true });
    next.closest('.hit')?.scrollIntoView({ block: 'nearest' });
    return true;
  }

  /** Puts the focus back on the hit that was opened. */
  restoreFocus(otherwise: HTMLElement): void {
    const target = this.current?.isConnected === true ? this.current : otherwise;
    target.focus({ preventScroll: true });
    if (target === this.current) target.closest('.hit')?.scrollIntoView({ block: 'nearest' });
  }

  private links(): HTMLAnchorElement[] {
    return [...this.list.querySelectorAll<HTMLAnchorElement>('.hit:not([hidden]) .hit-link')];
  }

  private hit(hit: Hit): HTMLLIElement {
    const link = h(
      'a',
      { class: 'hit-link', href: this.addressOf(hit) },
      hit.symbol !== null && h('span', { class: `kind ${kindClass(hit.kind)}` }, hit.kind),
      h('span', { class: 'crumb' }, ...crumb(hit)),
      h(
        'span',
        { class: 'hit-lines' },
        h('span', { class: 'visually-hidden' }, `in ${hit.path}, `),
        `L${formatLines(hit.startLine, hit.endLine).replace('-', '–')}`,
      ),
    );
    const entry = h('li', { class: 'hit' }, link, snippet(hit));
    const follow = (event: MouseEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
      if (getSelection()?.isCollapsed === false) return;
      event.preventDefault();
      this.choose(entry, link);
      this.open(hit);
    };
    entry.addEventListener('click', follow);
    return entry;
  }

  private choose(entry: HTMLElement, link: HTMLAnchorElement): void {
    this.list.querySelector('.hit.chosen')?.classList.remove('chosen');
    entry.classList.add('chosen');
    this.current = link;
  }
}

/** Files in the order of their best hit. */
function byPath(hits: readonly Hit[]): Map<string, Hit[]> {
  const groups = new Map<string, Hit[]>();
  for (const hit of hits) {
    const group = groups.get(hit.path);
    if (group === undefined) groups.set(hit.path, [hit]);
    else group.push(hit);
  }
  return groups;
}

/** A path with its file name set apart. */
export function pathParts(path: string): HTMLElement[] {
  const slash = path.lastIndexOf('/') + 1;
  return [h('span', { class: 'path-folder' }, path.slice(0, slash)), h('span', { class: 'path-name' }, path.slice(slash))];
}

/** The declarations around a hit, outermost first. */
function crumb({ parent, symbol }: Hit): (HTMLElement | string)[] {
  if (symbol === null) return [h('span', { class: 'crumb-none' }, 'text')];
  const name = h('span', { class: 'crumb-name' }, symbol);
  return parent === null || parent === ''
    ? [name]
    : [h('span', { class: 'crumb-parent' }, parent, h('span', { 'aria-hidden': 'true' }, '.')), name];
}

/** The group of a file, without hits so far. */
function emptyGroup(path: string, language: string): HTMLElement {
  return h(
    'li',
    { class: 'group' },
    h('h2', { class: 'group-path', title: path }, ...pathParts(path), h('span', { class: 'group-language' }, language)),
    h('ol', { class: 'group-hits' }),
  );
}

/** Adds hits to a group: a few are shown, and all once somebody has asked for the others. */
function extend(group: Element, entries: readonly HTMLElement[]): void {
  const list = group.querySelector('.group-hits');
  if (list === null) return;
  const button = group.querySelector('.group-more');
  const all = button === null && list.children.length > SHOWN_PER_FILE;
  list.append(...entries);
  if (all) return;
  const rest = [...list.children].slice(SHOWN_PER_FILE);
  for (const entry of rest) (entry as HTMLElement).hidden = true;
  if (rest.length === 0) return;
  (button ?? group.appendChild(moreButton(list))).replaceChildren(icon('chevron'), `${plural(rest.length, 'more place')} in this file`);
}

function moreButton(list: Element): HTMLElement {
  const button = h('button', { type: 'button', class: 'group-more' });
  button.addEventListener('click', () => {
    const rest = [...list.querySelectorAll<HTMLElement>('.hit[hidden]')];
    for (const entry of rest) entry.hidden = false;
    rest[0]?.querySelector<HTMLElement>('.hit-link')?.focus({ preventScroll: true });
    button.remove();
  });
  return button;
}

/** The white space that a line has beyond the first `skip` units; an element of its own, so that a narrow screen does not wrap behind it. */
function indentOf(text: string, line: Line | undefined, skip: number): string {
  if (line === undefined) return '';
  return /^[ \t]*/.exec(text.slice(line.start + skip, Math.min(line.end, line.start + skip + 200)))?.[0] ?? '';
}

/** The lines of a hit that say why it was found. */
function snippet(hit: Hit): HTMLElement | undefined {
  const text = hit.text ?? '';
  const lines = linesOf(text);
  const chosen = snippetLines(text, lines, hit.matches, SNIPPET_LINES, hit.symbol);
  if (chosen.length === 0) return undefined;
  const painted: Painted = { text, lines, tokens: highlight(text, hit.language), matches: matchesByLine(lines, hit.matches) };
  const indent = commonIndent(
    text,
    chosen.map((index) => lines[index] ?? { start: 0, end: 0 }),
  );
  const code = h('code', { class: 'snippet', translate: 'no' });
  chosen.forEach((index, position) => {
    const before = chosen[position - 1];
    if (before !== undefined && index > before + 1) code.append(h('span', { class: 'gap', 'aria-hidden': 'true' }));
    const deeper = indentOf(text, lines[index], indent);
    const inner = deeper === '' ? undefined : h('span', { class: 'indent' }, deeper);
    code.append(
      h('span', { class: 'line', 'data-line': hit.startLine + index }, inner, paintLine(painted, index, indent + deeper.length)),
    );
  });
  return code;
}
