/** How the hits are spread over folders; each count narrows the search to it. */

import { h } from './dom';
import { count } from './format';
import type { SearchResult } from './quarry';
import type { Route } from './route';

/** Folders that are shown. */
const SHOWN = 6;

/** The row of folders of a result; nothing where there is nothing to choose. */
export function folderRow({ facets }: SearchResult, change: (change: Partial<Route>) => void): HTMLElement | false {
  const folders = (facets?.folders ?? []).filter(({ value }) => value !== '');
  return (
    folders.length > 1 &&
    h(
      'div',
      { class: 'facets chips', role: 'group', 'aria-label': 'Results by folder' },
      ...folders
        .slice(0, SHOWN)
        .map(({ value, count: hits }) =>
          h('button', { type: 'button', class: 'chip quiet', onclick: () => change({ path: `${value}**` }) }, value, h('span', { class: 'chip-count' }, count(hits))),
        ),
    )
  );
}
