/** The filters beside the search: languages as toggles, paths as globs. */

import { h } from './dom';
import { count } from './format';
import type { IndexStats, SearchResult } from './quarry';
import type { Route } from './route';

/** Languages with a toggle of their own; the others appear on demand. */
const SHOWN = 8;

/** The row of filters. It holds no state: it shows a route and reports what should change. */
export class Filters {
  readonly element: HTMLElement;
  private readonly chips = new Map<string, HTMLButtonElement>();
  /** Files of each language. */
  private readonly files: ReadonlyMap<string, number>;
  private readonly path: HTMLInputElement;
  private selected: readonly string[] = [];

  constructor(stats: IndexStats, change: (change: Partial<Route>) => void) {
    const languages = [...stats.languages].sort((a, b) => b.chunks - a.chunks);
    const toggle = (id: string): void => {
      const on = this.selected.includes(id);
      change({ languages: on ? this.selected.filter((other) => other !== id) : [...this.selected, id] });
    };
    this.files = new Map(languages.map(({ id, files }) => [id, files]));
    for (const { id, files } of languages) {
      const chip = h(
        'button',
        { type: 'button', class: 'chip', 'aria-pressed': 'false' },
        id,
        h('span', { class: 'chip-count' }, count(files)),
      );
      chip.addEventListener('click', () => toggle(id));
      this.chips.set(id, chip);
    }
    const chips = [...this.chips.values()];
    const group = h('div', { class: 'chips', role: 'group', 'aria-label': 'Languages' }, ...chips.slice(0, SHOWN));
    if (chips.length > SHOWN) group.append(restButton(group, chips.slice(SHOWN)));
    this.path = h('input', {
      type: 'text',
      class: 'path-filter',
      placeholder: 'Paths: src/** !**/test/**',
      'aria-label': 'Paths, as globs; a leading ! excludes',
      autocomplete: 'off',
      autocapitalize: 'off',
      spellcheck: 'false',
    });
    this.path.addEventListener('input', () => change({ path: this.path.value.trim() }));
    this.element = h('div', { class: 'filters' }, languages.length > 1 && group, this.path);
  }

  /** The numbers on the languages: hits of an answer, or files while there is none. Languages that were filtered out were not counted. */
  count(facets: SearchResult['facets']): void {
    const hits = facets && new Map(facets.languages.map(({ value, count: found }) => [value, found]));
    for (const [id, chip] of this.chips) {
      const counted = this.selected.length === 0 || this.selected.includes(id);
      const number = hits === undefined ? this.files.get(id) : counted ? (hits.get(id) ?? 0) : undefined;
      chip.lastElementChild?.replaceChildren(number === undefined ? '' : count(number));
      chip.title = number === undefined ? '' : hits === undefined ? `${count(number)} files` : `${count(number)} results`;
    }
  }

  show({ languages, path }: Route): void {
    this.selected = languages;
    for (const [id, chip] of this.chips) chip.setAttribute('aria-pressed', String(languages.includes(id)));
    if (this.path.value.trim() !== path) this.path.value = path;
  }
}

function restButton(group: HTMLElement, rest: readonly HTMLElement[]): HTMLElement {
  const button = h(
    'button',
    { type: 'button', class: 'chip quiet', 'aria-label': `${rest.length} more languages` },
    `+${rest.length}`,
  );
  button.addEventListener('click', () => {
    button.replaceWith(...rest);
    rest[0]?.focus();
    group.classList.add('all');
  });
  return button;
}
