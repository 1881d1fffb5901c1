/** What stands in place of results while nothing is searched for: what the index holds, and how to use it. */

import { h, icon } from './dom';
import { count, duration, plural, size } from './format';
import type { Problem } from './problem';
import type { Project, SkippedGroup } from './projects';
import type { IndexStats } from './quarry';

/** Languages named beside the bar; smaller ones are counted together. */
const NAMED_LANGUAGES = 7;

/** What the overview knows beyond the index itself. */
export interface OverviewFacts {
  title: string;
  /** One line on where it comes from. */
  origin: string;
  project?: Project;
}

/** Describes an index. */
export function overview(stats: IndexStats, { title, origin, project }: OverviewFacts): HTMLElement {
  return h(
    'section',
    { class: 'overview', 'aria-label': 'About this index' },
    h('h1', {}, title),
    h('p', { class: 'lead' }, origin),
    h(
      'dl',
      { class: 'figures' },
      figure('Files', count(stats.files)),
      figure('Code', size(stats.sourceBytes)),
      figure('Symbols', count(stats.symbols)),
      figure('Index', size(stats.indexBytes)),
    ),
    languageBar(stats),
    project?.broken !== undefined && broken(project.broken),
    project !== undefined && reports(project),
    keys(),
  );
}

function figure(label: string, value: string): HTMLElement {
  return h('div', {}, h('dt', {}, label), h('dd', {}, value));
}

function languageBar({ languages }: IndexStats): HTMLElement | undefined {
  const total = languages.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total === 0) return undefined;
  const sorted = [...languages].sort((a, b) => b.bytes - a.bytes);
  const named = sorted.slice(0, NAMED_LANGUAGES);
  const rest = sorted.slice(NAMED_LANGUAGES).reduce((sum, { bytes }) => sum + bytes, 0);
  const shares = [...named.map(({ id, bytes }) => ({ id, bytes })), ...(rest > 0 ? [{ id: 'other', bytes: rest }] : [])];
  const bar = h('div', { class: 'share-bar', 'aria-hidden': 'true' });
  const legend = h('ul', { class: 'share-legend' });
  shares.forEach(({ id, bytes }, index) => {
    const part = h('span', { class: `share share-${index}` });
    part.style.flexGrow = String(bytes / total);
    bar.append(part);
    legend.append(
      h('li', {}, h('span', { class: `swatch share-${index}` }), id, h('span', { class: 'aside' }, percent(bytes / total))),
    );
  });
  return h('div', { class: 'shares' }, bar, legend);
}

function percent(share: number): string {
  return share < 0.01 ? '< 1 %' : `${Math.round(share * 100)} %`;
}

/** The source ended before its end: what is here is not all there was. */
function broken({ code, message }: Problem): HTMLElement {
  return h(
    'p',
    { class: 'note warn', role: 'status' },
    icon('warning'),
    h('span', {}, `Not everything is here: ${message} `, h('code', {}, code)),
  );
}

/** What indexing left out, and what it could only cut into windows of lines. */
function reports(project: Project): HTMLElement {
  const skipped = project.skipped.reduce((sum, group) => sum + group.count, 0);
  const fallback = project.fallback.reduce((sum, group) => sum + group.count, 0);
  return h(
    'div',
    { class: 'reports' },
    project.elapsed > 0 && h('p', {}, `Indexed in ${duration(project.elapsed)}.`),
    skipped > 0 && report(`${plural(skipped, 'file')} skipped`, project.skipped, skipped),
    fallback > 0 && report(`${plural(fallback, 'file')} indexed by lines, without symbols`, project.fallback, fallback),
  );
}

function report(summary: string, groups: readonly SkippedGroup[], total: number): HTMLElement {
  return h(
    'details',
    { class: 'report' },
    h('summary', {}, summary),
    ...[...groups].sort((a, b) => b.count - a.count).map((group) => reason(group, groups.length === 1 ? total : group.count)),
  );
}

function reason(group: SkippedGroup, total: number): HTMLElement {
  const unnamed = total - group.examples.length;
  return h(
    'div',
    { class: 'reason' },
    h('p', {}, h('code', {}, group.code), ` ${plural(group.count, 'file')}`),
    h(
      'ul',
      {},
      ...group.examples.map(({ path, message }) =>
        h('li', {}, h('span', { class: 'reason-path' }, path), message !== '' && h('span', { class: 'aside' }, message)),
      ),
      unnamed > 0 && h('li', { class: 'aside' }, `and ${count(unnamed)} more`),
    ),
  );
}

function keys(): HTMLElement {
  const key = (...names: string[]): HTMLElement => h('dt', {}, ...names.map((name) => h('kbd', {}, name)));
  return h(
    'dl',
    { class: 'keys', 'aria-label': 'Keys' },
    h('div', {}, key('/'), h('dd', {}, 'search')),
    h('div', {}, key('↓', '↑'), h('dd', {}, 'walk through the hits')),
    h('div', {}, key('Enter'), h('dd', {}, 'open the file there')),
    h('div', {}, key('Esc'), h('dd', {}, 'back')),
  );
}
