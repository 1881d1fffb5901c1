/**
 * The search: what is typed, filtered, found and opened.
 *
 * Every keystroke asks at once. While an answer is under way only the newest question waits for its turn, and an
 * answer that a newer question has overtaken is dropped, so the list never lags behind nor goes back.
 */

import { announce, byId, h, icon } from './dom';
import { FilePane } from './file-pane';
import { folderRow } from './facets';
import { Filters } from './filters';
import { duration, plural } from './format';
import { Hits } from './hits';
import { bindKeys } from './keyboard';
import { Meaning, type SiteModel } from './meaning';
import { problemOf, problemPanel, type WayOut } from './problem';
import type { Codequarry, Hit, IndexStats, SearchResult } from './quarry';
import { formatRoute, type Route } from './route';
import type { Screen } from './screen';
import { queryFault, syntaxHelp } from './syntax';

/** What the search is over. */
export interface SearchSubject {
  quarry: Codequarry;
  /** What people call it. */
  title: string;
  /** The name in addresses; empty for a snapshot. */
  project: string;
  stats: IndexStats;
  /** Shown while nothing is searched for. */
  overview: HTMLElement;
  /** On a site: searches are by words until somebody fetches what it takes to search by meaning. */
  model?: SiteModel;
  /** What can be done when a search fails. */
  waysOut: WayOut[];
}

/** Hits that are asked for at once; more come as the list is scrolled. */
const PAGE = 40;
/** Quiet time after which the address and the live region follow the typing, in milliseconds. */
const SETTLE = 350;

/** Shows the search for `subject`, as `route` says. */
export function searchScreen(main: HTMLElement, subject: SearchSubject, route: Route): Screen {
  return new SearchScreen(main, subject, route);
}

class SearchScreen implements Screen {
  private route: Route;
  private readonly input: HTMLInputElement;
  private readonly status = h('p', { class: 'status' });
  private readonly facets = h('div', {});
  private readonly body = h('div', { class: 'results-body' });
  private readonly workspace: HTMLElement;
  private readonly filters: Filters;
  private readonly meaning: Meaning | undefined;
  private readonly hits: Hits;
  private readonly pane: FilePane;
  private readonly unbind: () => void;
  /** Counts questions; an answer to any but the last is stale. */
  private asked = 0;
  private running = false;
  private waiting = false;
  /** Waits for the typing to pause. */
  private settle: ReturnType<typeof setTimeout> | undefined;
  /** A step back in the history that closes the file is on its way. */
  private goingBack = false;
  private closed = false;

  constructor(
    main: HTMLElement,
    private readonly subject: SearchSubject,
    route: Route,
  ) {
    this.route = route;
    const { form, input } = searchForm(subject.title);
    this.input = input;
    input.addEventListener('input', () => this.change({ query: input.value }));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.hits.first()?.click();
    });
    this.filters = new Filters(subject.stats, (change) => this.change(change));
    this.meaning = subject.model && new Meaning(subject.quarry, subject.model, () => this.ask());
    this.hits = new Hits(
      (hit) => this.addressOf(hit),
      (hit) => this.open(hit),
      () => this.more(),
    );
    this.pane = new FilePane(
      subject.quarry,
      () => this.closeFile(),
      (line, lineEnd) => this.mark(line, lineEnd),
    );
    const results = h('section', { class: 'results', 'aria-label': 'Results' }, this.filters.element, this.meaning?.element, this.status, this.facets, this.body, syntaxHelp());
    this.workspace = h('div', { class: 'workspace' }, results, this.pane.element);
    main.replaceChildren(this.workspace);
    byId('bar-slot').replaceChildren(form);
    byId('brand-name').textContent = subject.title;
    this.unbind = bindKeys({ input, hits: this.hits, pane: this.pane, closeFile: () => this.closeFile() });
    this.apply(route);
    if (route.file === '') input.focus({ preventScroll: true });
  }

  /** Takes over an address: the back button, a shared link, an edited one. */
  apply(route: Route): void {
    if (this.goingBack) {
      // What was typed meanwhile stays; the address follows it.
      this.goingBack = false;
      const { file, line, lineEnd } = route;
      this.route = { ...this.route, file, line, lineEnd };
      if (!sameQuestion(this.route, route) && this.settle === undefined) this.writeAddress();
      this.showFile();
      return;
    }
    const known = this.asked > 0 && sameQuestion(this.route, route);
    this.route = route;
    if (this.input.value !== route.query) this.input.value = route.query;
    this.filters.show(route);
    this.showFile();
    if (!known) this.ask();
  }

  close(): void {
    this.closed = true;
    this.unbind();
    clearTimeout(this.settle);
    this.meaning?.close();
    this.pane.close();
    byId('bar-slot').replaceChildren();
    byId('brand-name').textContent = 'codequarry';
    this.subject.quarry.close().catch(() => undefined);
  }

  /** Something was typed or filtered. */
  private change(change: Partial<Route>): void {
    this.route = { ...this.route, ...change };
    this.filters.show(this.route);
    this.ask();
    clearTimeout(this.settle);
    this.settle = setTimeout(() => this.writeAddress(), SETTLE);
  }

  private writeAddress(): void {
    clearTimeout(this.settle);
    this.settle = undefined;
    const address = formatRoute(this.route);
    history.replaceState(history.state, '', address === '' ? location.pathname + location.search : address);
    document.title =
      this.route.query === '' ? `${this.subject.title} – codequarry` : `${this.route.query} – ${this.subject.title}`;
    this.say();
  }

  /** Whether nothing was asked since, so that an answer is still wanted. */
  private isNewest(question: number): boolean {
    return question === this.asked && !this.closed;
  }

  /** Says whether the list is still to follow the newest question. */
  private setBusy(busy: boolean): void {
    this.body.setAttribute('aria-busy', String(busy));
  }

  /** Tells those who do not see it what was found, once the typing has paused and the answer is there. */
  private say(): void {
    const said = this.status.textContent;
    const isBusy = this.body.getAttribute('aria-busy') === 'true';
    if (this.settle === undefined && !isBusy && said !== null && said !== '') announce(said);
  }

  private ask(): void {
    this.asked += 1;
    if (this.route.query.trim() === '') {
      this.hits.clear();
      this.status.textContent = '';
      this.tally();
      this.body.replaceChildren(this.subject.overview);
      this.setBusy(false);
      return;
    }
    this.setBusy(true);
    if (this.running) this.waiting = true;
    else void this.run();
  }

  private async run(): Promise<void> {
    this.running = true;
    do {
      this.waiting = false;
      const question = this.asked;
      const started = performance.now();
      try {
        const result = await this.search(0);
        if (this.isNewest(question)) this.show(result, performance.now() - started);
      } catch (thrown) {
        if (this.isNewest(question)) this.fail(thrown);
      }
      if (!this.isNewest(question)) continue;
      this.setBusy(false);
      this.say();
    } while (this.waiting && !this.closed);
    this.running = false;
  }

  private search(offset: number): Promise<SearchResult> {
    const { query, languages, path } = this.route;
    const globs = path.split(/\s+/).filter((glob) => glob !== '');
    return this.subject.quarry.query(query, {
      limit: PAGE,
      offset,
      prefix: true,
      facets: offset === 0,
      ...(this.meaning !== undefined && { mode: this.meaning.mode }),
      ...(languages.length > 0 && { language: languages }),
      ...(globs.length > 0 && { path: globs }),
    });
  }

  private show(result: SearchResult, elapsed: number): void {
    const took = duration(elapsed);
    if (result.total === 0) {
      this.hits.clear();
      this.tally();
      this.status.textContent = 'Nothing found';
      this.body.replaceChildren(this.nothing());
      return;
    }
    this.status.replaceChildren(plural(result.total, 'result'), h('span', { class: 'aside' }, took));
    this.tally(result);
    this.hits.show(result.hits, result.total);
    if (this.body.firstElementChild !== this.hits.element) this.body.replaceChildren(this.hits.element);
    if (this.input === document.activeElement) window.scrollTo({ top: 0 });
  }

  /** Hits by language and by folder. */
  private tally(result?: SearchResult): void {
    this.filters.count(result?.facets);
    const folders = result !== undefined && folderRow(result, (change) => this.change(change));
    this.facets.replaceChildren(...(folders === false ? [] : [folders]));
  }

  private nothing(): HTMLElement {
    const filtered = this.route.languages.length > 0 || this.route.path !== '';
    return h(
      'div',
      { class: 'nothing' },
      h('p', {}, 'Nothing matches ', h('q', {}, this.route.query), filtered ? ' with these filters.' : '.'),
      filtered &&
        h(
          'button',
          { type: 'button', class: 'button', onclick: () => this.change({ languages: [], path: '' }) },
          icon('filter'),
          'Search without filters',
        ),
    );
  }

  /** Asks for the next hits of the answer that is shown; when another question is on its way, its answer replaces them. */
  private more(): void {
    if (this.running) return;
    const question = this.asked;
    this.search(this.hits.count).then(
      (result) => this.isNewest(question) && this.hits.append(result.hits, result.total),
      (thrown: unknown) => this.isNewest(question) && this.fail(thrown),
    );
  }

  private fail(thrown: unknown): void {
    const problem = problemOf(thrown);
    this.hits.clear();
    this.status.textContent = '';
    const again = { label: 'Search again', act: () => this.ask() };
    this.tally();
    if (problem.code === 'QUERY_INVALID' || problem.code === 'REGEX_TOO_LARGE') {
      const panel = problemPanel('The query cannot be understood', problem, []);
      const fault = queryFault(this.route.query, thrown);
      if (fault !== false) panel.prepend(fault);
      this.body.replaceChildren(panel);
      return;
    }
    this.body.replaceChildren(problemPanel('The search failed', problem, [again, ...this.subject.waysOut]));
  }

  private addressOf(hit: Hit): string {
    return formatRoute({
      ...this.route,
      project: this.subject.project,
      file: hit.path,
      line: hit.startLine,
      lineEnd: hit.endLine,
    });
  }

  /** Opens a hit: the first one gets a step in the history, so that the back button closes the file. */
  private open(hit: Hit): void {
    const wasOpen = this.route.file !== '';
    if (!wasOpen || this.settle !== undefined) this.writeAddress();
    this.route = { ...this.route, file: hit.path, line: hit.startLine, lineEnd: hit.endLine };
    if (wasOpen) history.replaceState(history.state, '', formatRoute(this.route));
    else history.pushState({ fromResults: true }, '', formatRoute(this.route));
    this.showFile(hit);
  }

  /** Marks other lines of the open file. */
  private mark(line: number, lineEnd: number): void {
    this.route = { ...this.route, line, lineEnd };
    history.replaceState(history.state, '', formatRoute(this.route));
    this.showFile();
  }

  private closeFile(): void {
    if (this.route.file === '') return;
    const state = history.state as { fromResults?: boolean } | null;
    this.route = { ...this.route, file: '', line: 0, lineEnd: 0 };
    if (state?.fromResults === true) {
      this.goingBack = true;
      history.back();
    } else this.writeAddress();
    this.showFile();
  }

  private showFile(hit?: Hit): void {
    const { file, line, lineEnd } = this.route;
    this.workspace.classList.toggle('file-open', file !== '');
    if (file === '') {
      if (this.pane.close()) this.hits.restoreFocus(this.input);
      return;
    }
    this.pane.show(file, line, lineEnd, hit);
  }
}

/** Whether two routes ask for the same hits, whatever file is open. */
function sameQuestion(a: Route, b: Route): boolean {
  return a.query === b.query && a.path === b.path && a.languages.join() === b.languages.join();
}

function searchForm(title: string): { form: HTMLFormElement; input: HTMLInputElement } {
  const input = h('input', {
    type: 'search',
    id: 'query',
    placeholder: 'Search code and names',
    'aria-label': `Search ${title}`,
    autocomplete: 'off',
    autocapitalize: 'off',
    autocorrect: 'off',
    spellcheck: 'false',
    enterkeyhint: 'search',
    'aria-keyshortcuts': '/',
  });
  const form = h(
    'form',
    { role: 'search', class: 'search' },
    icon('search'),
    input,
    h('kbd', { 'aria-hidden': 'true', title: 'Press / to search' }, '/'),
  );
  return { form, input };
}
