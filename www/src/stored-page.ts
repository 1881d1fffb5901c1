/** The page over projects of the person's own: the list, indexing a new one, searching a stored one. */

import { byId, h } from './dom';
import { plural } from './format';
import { indexingScreen } from './indexing-screen';
import { overview } from './overview';
import { isAbort, problemOf, problemPanel, type WayOut } from './problem';
import { forgetProject, newName, readProject, writeProject, type Project } from './projects';
import { deleteStored, indexInto, openStored } from './quarry';
import { EMPTY, formatRoute, type Route } from './route';
import type { Screen } from './screen';
import { searchScreen } from './search-screen';
import type { PickedSource } from './sources';
import { cancelledNotice, startScreen } from './start-screen';

/** Routes to the list, or to the search of one project. */
export class StoredPage {
  private screen: Screen | undefined;
  /** The project that is shown or about to be; an opening that was overtaken is dropped. */
  private project = '';

  constructor(private readonly main: HTMLElement) {}

  navigate(route: Route): void {
    if (route.project !== '' && route.project === this.project) {
      this.screen?.apply?.(route);
      return;
    }
    this.project = route.project;
    if (route.project === '') this.list();
    else void this.open(route);
  }

  private show(make: () => Screen): void {
    this.screen?.close();
    this.screen = undefined;
    this.screen = make();
  }

  private list(notice?: HTMLElement): void {
    this.project = '';
    this.show(() => startScreen(this.main, { index: (source) => void this.index(source), remove: removeProject }, notice));
  }

  private async index(source: PickedSource): Promise<void> {
    const abort = new AbortController();
    const project: Project = {
      name: newName(source.title),
      title: source.title,
      state: 'indexing',
      createdAt: Date.now(),
      openedAt: Date.now(),
      files: 0,
      sourceBytes: 0,
      indexBytes: 0,
      elapsed: 0,
      skipped: [],
      fallback: [],
    };
    let seen = 0;
    const screen = indexingScreen(this.main, source.title, () => abort.abort());
    this.show(() => screen);
    const started = performance.now();
    try {
      await writeProject(project);
      const done = await indexInto(project.name, source.files, abort.signal, (progress) => {
        seen = progress.files;
        screen.update(progress);
      });
      if (done.files === 0) throw { code: 'NOTHING_INDEXED', message: nothingIndexed(done.skipped) };
      await writeProject({ ...project, ...done, state: 'ready', elapsed: performance.now() - started });
      location.hash = formatRoute({ ...EMPTY, project: project.name });
    } catch (thrown) {
      await removeProject(project).catch(() => undefined);
      this.list(
        isAbort(thrown)
          ? cancelledNotice(source.title, seen)
          : problemPanel(`${source.title} could not be indexed`, problemOf(thrown), []),
      );
    }
  }

  private async open(route: Route): Promise<void> {
    const { project: name } = route;
    byId('brand-name').textContent = 'codequarry';
    try {
      const project = await readProject(name);
      if (project === undefined)
        throw {
          code: 'PROJECT_UNKNOWN',
          message: `This browser holds no project called ${name}. A shared address works only where the project is stored.`,
        };
      const quarry = await openStored(name);
      const stats = await quarry.stats();
      if (stats.generation === 0 && project.state === 'ready') {
        await quarry.close();
        throw {
          code: 'INDEX_GONE',
          message: 'The browser has removed what was stored, as it may when space is short. It has to be indexed again.',
        };
      }
      if (this.project !== name) {
        await quarry.close();
        return;
      }
      void writeProject({ ...project, openedAt: Date.now() }).catch(() => undefined);
      const origin =
        project.state === 'ready'
          ? 'Stored in this browser. Nothing leaves your machine.'
          : 'Indexing was interrupted, so only a part of it is here.';
      const view = overview(stats, { title: project.title, origin, project });
      this.show(() =>
        searchScreen(
          this.main,
          { quarry, title: project.title, project: name, stats, overview: view, waysOut: this.waysOut(project) },
          route,
        ),
      );
    } catch (thrown) {
      if (this.project !== name) return;
      const project: Project | undefined = await readProject(name).catch(() => undefined);
      const panel = problemPanel(
        `${project?.title ?? name} could not be opened`,
        problemOf(thrown),
        project === undefined ? [this.toList()] : this.waysOut(project),
      );
      this.show(() => {
        this.main.replaceChildren(h('div', { class: 'start' }, panel));
        return { close: () => undefined };
      });
    }
  }

  private toList(): WayOut {
    return { label: 'All projects', act: () => void (location.hash = '') };
  }

  private waysOut(project: Project): WayOut[] {
    const remove = async (): Promise<void> => {
      this.screen?.close();
      this.screen = undefined;
      const notice = await removeProject(project).then(
        () => h('p', { class: 'note', role: 'status' }, `${project.title} was deleted. Drop it again to index it afresh.`),
        (thrown: unknown) => problemPanel(`${project.title} could not be deleted`, problemOf(thrown), []),
      );
      history.replaceState(null, '', location.pathname + location.search);
      this.list(notice);
    };
    return [this.toList(), { label: 'Delete this index', act: () => void remove() }];
  }
}

/** Forgets the project only after its index is gone, so that no index is left without a name. */
async function removeProject(project: Project): Promise<void> {
  await deleteStored(project.name);
  await forgetProject(project.name);
}

function nothingIndexed(skipped: Project['skipped']): string {
  const count = skipped.reduce((sum, group) => sum + group.count, 0);
  if (count === 0) return 'It holds no files.';
  const reasons = skipped.map(({ code, count: files }) => `${code} ${files}`).join(', ');
  return `${plural(count, 'file')} found, and none could be indexed (${reasons}).`;
}
