/** The first screen: drop or choose something to index, or open what is already there. */

import { count, plural, size, when } from './format';
import { h, icon } from './dom';
import { problemOf, problemPanel, type Problem } from './problem';
import { listProjects, type Project } from './projects';
import { formatRoute, EMPTY } from './route';
import type { Screen } from './screen';
import { sourceFromDrop, sourceFromFile, sourceFromFolder, sourceFromFolderInput, type PickedSource } from './sources';

/** What the first screen asks of the page. */
export interface StartActions {
  index: (source: PickedSource) => void;
  remove: (project: Project) => Promise<void>;
}

/** Shows the first screen; `notice` is what the last attempt came to. */
export function startScreen(main: HTMLElement, actions: StartActions, notice?: HTMLElement): Screen {
  const list = h('section', { class: 'projects', 'aria-label': 'Projects in this browser' });
  const message = h('div', { class: 'notice' }, notice);
  const fail = (thrown: unknown): void => message.replaceChildren(problemPanel('That could not be read', problemOf(thrown), []));
  const take = (picking: Promise<PickedSource | undefined>): void => {
    picking.then((source) => source !== undefined && actions.index(source), fail);
  };
  const zone = dropZone(take);
  main.replaceChildren(h('div', { class: 'start' }, message, zone, list));
  const showList = (): void => {
    listProjects().then(
      (projects) => fillList(list, projects, actions, showList, fail),
      (thrown: unknown) => fail(listProblem(thrown)),
    );
  };
  showList();
  const stop = listenForDrops(zone, take);
  document.title = 'codequarry';
  return { close: stop };
}

/** Without storage the page can do nothing useful, and the platform's own message says little. */
function listProblem(thrown: unknown): Problem {
  const { code, message } = problemOf(thrown);
  return {
    code: code === 'UNEXPECTED' ? 'STORAGE_UNAVAILABLE' : code,
    message: `This browser does not let the page store anything: ${message}`,
  };
}

function dropZone(take: (picking: Promise<PickedSource | undefined>) => void): HTMLElement {
  const archive = h('input', {
    type: 'file',
    id: 'archive-input',
    class: 'visually-hidden',
    tabindex: -1,
    'aria-hidden': 'true',
    accept: '.tgz,.tar,.gz,.zip,.crate,.whl,.jar,application/zip,application/gzip,application/x-tar',
    onchange: () => {
      const file = archive.files?.[0];
      if (file !== undefined) take(Promise.resolve(sourceFromFile(file)));
      archive.value = '';
    },
  });
  const folder = h('input', {
    type: 'file',
    id: 'folder-input',
    class: 'visually-hidden',
    tabindex: -1,
    'aria-hidden': 'true',
    webkitdirectory: true,
    onchange: () => {
      if (folder.files !== null && folder.files.length > 0) take(Promise.resolve(sourceFromFolderInput(folder.files)));
      folder.value = '';
    },
  });
  const chooseFolder = (): void => {
    if ('showDirectoryPicker' in window) take(sourceFromFolder());
    else folder.click();
  };
  return h(
    'section',
    { class: 'drop', 'aria-label': 'Index code' },
    h('h1', {}, 'Drop a folder or an archive of code'),
    h('p', { class: 'lead' }, 'Parsed, indexed and searched inside this page: nothing leaves your machine.'),
    h(
      'div',
      { class: 'actions' },
      h(
        'button',
        { type: 'button', class: 'button primary', id: 'choose-folder', onclick: chooseFolder },
        icon('folder'),
        'Choose a folder',
      ),
      h(
        'button',
        { type: 'button', class: 'button', id: 'choose-archive', onclick: () => archive.click() },
        icon('archive'),
        'Choose an archive',
      ),
    ),
    h('p', { class: 'hint' }, 'Archives: .tgz, .tar.gz, .tar and .zip. A .gitignore is respected.'),
    archive,
    folder,
  );
}

/** The whole window takes drops, so that a near miss does not make the browser leave the page. */
function listenForDrops(zone: HTMLElement, take: (picking: Promise<PickedSource | undefined>) => void): () => void {
  const controller = new AbortController();
  let depth = 0;
  const mark = (over: boolean): void => void zone.classList.toggle('over', over);
  const on = (name: 'dragenter' | 'dragover' | 'dragleave' | 'drop', listener: (event: DragEvent) => void): void =>
    window.addEventListener(name, listener, { signal: controller.signal });
  on('dragenter', (event) => {
    event.preventDefault();
    depth += 1;
    mark(true);
  });
  on('dragover', (event) => {
    event.preventDefault();
    if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'copy';
  });
  on('dragleave', () => {
    depth = Math.max(0, depth - 1);
    if (depth === 0) mark(false);
  });
  on('drop', (event) => {
    event.preventDefault();
    depth = 0;
    mark(false);
    if (event.dataTransfer !== null) take(Promise.resolve(sourceFromDrop(event.dataTransfer)));
  });
  return () => controller.abort();
}

function fillList(
  list: HTMLElement,
  projects: readonly Project[],
  actions: StartActions,
  refresh: () => void,
  fail: (thrown: unknown) => void,
): void {
  if (projects.length === 0) {
    list.replaceChildren();
    return;
  }
  const total = projects.reduce((sum, { indexBytes }) => sum + indexBytes, 0);
  list.replaceChildren(
    h('h2', {}, 'In this browser', h('span', { class: 'aside' }, `${plural(projects.length, 'project')}, ${size(total)}`)),
    h('ul', {}, ...projects.map((project) => listEntry(project, actions, refresh, fail))),
  );
}

function listEntry(project: Project, actions: StartActions, refresh: () => void, fail: (thrown: unknown) => void): HTMLElement {
  const interrupted = project.state === 'indexing';
  const facts = interrupted
    ? 'Indexing was interrupted: only a part can be searched'
    : `${plural(project.files, 'file')}, ${size(project.sourceBytes)} of code, index ${size(project.indexBytes)}`;
  const remove = h(
    'button',
    { type: 'button', class: 'icon-button', 'aria-label': `Delete ${project.title}`, title: 'Delete' },
    icon('trash'),
  );
  remove.addEventListener('click', () => {
    if (remove.dataset['armed'] === undefined) {
      arm(remove);
      return;
    }
    remove.disabled = true;
    actions.remove(project).then(refresh, (thrown: unknown) => {
      fail(thrown);
      refresh();
    });
  });
  return h(
    'li',
    { class: interrupted ? 'project interrupted' : 'project' },
    h(
      'a',
      { href: formatRoute({ ...EMPTY, project: project.name }), class: 'project-link' },
      h('span', { class: 'project-title' }, project.title),
      h('span', { class: 'project-facts' }, facts),
      h('span', { class: 'project-time' }, when(project.createdAt, Date.now())),
    ),
    remove,
  );
}

/** Deleting takes two clicks on the same place; moving on takes the first one back. */
function arm(button: HTMLButtonElement): void {
  button.dataset['armed'] = '';
  button.classList.add('danger');
  button.replaceChildren('Delete?');
  button.addEventListener(
    'blur',
    () => {
      delete button.dataset['armed'];
      button.classList.remove('danger');
      button.replaceChildren(icon('trash'));
    },
    { once: true },
  );
}

/** What to say when indexing was cancelled. */
export function cancelledNotice(title: string, filesSeen: number): HTMLElement {
  return h(
    'p',
    { class: 'note', role: 'status' },
    `Indexing ${title} was cancelled after ${count(filesSeen)} files. Nothing was kept.`,
  );
}
