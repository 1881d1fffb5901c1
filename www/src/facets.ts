/** How the hits are spread over languages and folders; each count narrows the search to it. */

import { h } from './dom';
import { count } from './format';
import type { SearchResult } from './quarry';
import type { Route } from './route';

/** Counts of a sort that are shown. */
const SHOWN = 6;

/** The rows of counts of a result; nothing where there is nothing to choose. */
export function facetRows({ facets }: SearchResult, change: (change: Partial<Route>) => void): HTMLElement | false {
  if (facets === undefined) return false;
  const row = (label: string, counts: { value: string; count: number }[], choose: (value: string) => void): HTMLElement | false =>
    counts.length > 1 &&
    h(
      'div',
      { class: 'chips', role: 'group', 'aria-label': label },
      ...counts.slice(0, SHOWN).map(({ value, count: hits }) =>
        h('button', { type: 'button', class: 'chip quiet', onclick: () => choose(value) }, value, h('span', { class: 'chip-count' }, count(hits))),
      ),
    );
  return h(
    'div',
    { class: 'facets' },
    row('Results by language', facets.languages, (language) => change({ languages: [language] })),
    row(
      'Results by folder',
      facets.folders.filter(({ value }) => value !== ''),
      (folder) => change({ path: `${folder}**` }),
    ),
  );
}
