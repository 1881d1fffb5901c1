/** The page over a snapshot that lies beside it: nothing to choose, only to search. */

import { byId, h } from './dom';
import { size } from './format';
import type { SiteModel } from './meaning';
import { overview } from './overview';
import { problemOf, problemPanel } from './problem';
import { openSnapshot } from './quarry';
import type { Route } from './route';
import type { Screen } from './screen';
import { searchScreen } from './search-screen';
import type { SnapshotSite } from './snapshot';

/** Opens the snapshot once; every route after that is a search in it. */
export class SnapshotPage {
  private screen: Screen | undefined;
  private opening = false;
  private route: Route | undefined;

  constructor(
    private readonly main: HTMLElement,
    private readonly site: SnapshotSite,
  ) {
    byId('brand-name').textContent = site.title;
    byId('brand').setAttribute('aria-label', site.title);
    document.title = site.title;
  }

  navigate(route: Route): void {
    this.route = route;
    if (this.screen !== undefined) this.screen.apply?.(route);
    else if (!this.opening) void this.open();
  }

  private async open(): Promise<void> {
    this.opening = true;
    const loading = loadingView(this.site);
    this.main.replaceChildren(loading.element);
    try {
      const model: SiteModel = { bytes: this.site.modelBytes, signal: undefined, onBytes: undefined };
      const quarry = await openSnapshot(this.site, model, (bytes) => loading.update(bytes));
      const stats = await quarry.stats();
      const reload = { label: 'Load again', act: () => location.reload() };
      const origin =
        this.site.description === '' ? 'Every search runs in this page, over files from this site.' : this.site.description;
      const view = overview(stats, { title: this.site.title, origin });
      const subject = { quarry, title: this.site.title, project: '', stats, overview: view, model, waysOut: [reload] };
      this.screen = searchScreen(this.main, subject, this.route as Route);
    } catch (thrown) {
      const again = { label: 'Try again', act: () => void this.open() };
      this.main.replaceChildren(problemPanel(`${this.site.title} could not be opened`, problemOf(thrown), [again]));
    } finally {
      loading.stop();
      this.opening = false;
    }
  }
}

/** Loading by bytes; it appears only when loading takes long enough to be noticed. */
function loadingView(site: SnapshotSite): { element: HTMLElement; update: (bytes: number) => void; stop: () => void } {
  const fill = h('span', {});
  const bar = h(
    'div',
    { class: 'progress', role: 'progressbar', 'aria-label': 'Loading the index', 'aria-valuemin': 0, 'aria-valuemax': 100 },
    fill,
  );
  const text = h('p', { class: 'current' }, '\u00a0');
  const element = h(
    'section',
    { class: 'loading late', 'aria-label': 'Loading' },
    h('h1', {}, `Loading ${site.title}`),
    bar,
    text,
  );
  bar.classList.toggle('endless', site.bytes === 0);
  return {
    element,
    update: (bytes) => {
      text.textContent = site.bytes === 0 ? size(bytes) : `${size(bytes)} of ${size(site.bytes)}`;
      if (site.bytes === 0) return;
      const share = Math.min(1, bytes / site.bytes);
      fill.style.transform = `scaleX(${share})`;
      bar.setAttribute('aria-valuenow', String(Math.floor(share * 100)));
    },
    stop: () => element.classList.remove('late'),
  };
}
