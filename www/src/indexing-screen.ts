/** The screen while a project is indexed: what has been done, how fast, on what, and a way to stop. */

import { announce, h } from './dom';
import { count, duration, plural, size } from './format';
import type { IndexProgress } from './quarry';
import type { Screen } from './screen';

/** The screen, with the function that feeds it. */
export interface IndexingScreen extends Screen {
  update: (progress: IndexProgress) => void;
}

/** How often the live region speaks, in milliseconds: a screen reader cannot follow a counter. */
const SPEAK_EVERY = 5_000;

/** Shows the progress of indexing `title`. */
export function indexingScreen(main: HTMLElement, title: string, cancel: () => void): IndexingScreen {
  const started = performance.now();
  const bar = h(
    'div',
    { class: 'progress', role: 'progressbar', 'aria-label': `Indexing ${title}`, 'aria-valuemin': 0, 'aria-valuemax': 100 },
    h('span', {}),
  );
  const figures = { files: figure('Files'), bytes: figure('Code'), rate: figure('Files a second'), time: figure('Time') };
  const heading = h('h1', { tabindex: -1 }, 'Indexing ', h('span', { class: 'name' }, title));
  const path = h('p', { class: 'current', 'aria-hidden': 'true' }, '\u00a0');
  const stop = h('button', { type: 'button', class: 'button', id: 'cancel' }, 'Cancel');
  stop.addEventListener('click', () => {
    stop.disabled = true;
    stop.textContent = 'Cancelling…';
    cancel();
  });
  main.replaceChildren(
    h(
      'section',
      { class: 'indexing', 'aria-label': 'Indexing' },
      heading,
      bar,
      h('dl', { class: 'figures' }, ...Object.values(figures).map(({ element }) => element)),
      path,
      h('div', { class: 'actions' }, stop),
    ),
  );
  document.title = `Indexing ${title} – codequarry`;
  heading.focus({ preventScroll: true });

  let latest: IndexProgress = { files: 0, bytes: 0, path: '', totalFiles: undefined };
  let spoken = started;
  const draw = (): void => {
    const elapsed = performance.now() - started;
    figures.files.set(
      latest.totalFiles === undefined ? count(latest.files) : `${count(latest.files)} of ${count(latest.totalFiles)}`,
    );
    figures.bytes.set(size(latest.bytes));
    figures.rate.set(latest.files === 0 || elapsed < 250 ? '–' : count(Math.round((latest.files * 1000) / elapsed)));
    figures.time.set(duration(Math.floor(elapsed / 100) * 100));
    path.textContent = latest.path === '' ? '\u00a0' : latest.path;
    setBar(bar, latest);
    if (performance.now() - spoken > SPEAK_EVERY) {
      spoken = performance.now();
      announce(`${plural(latest.files, 'file')} indexed`);
    }
  };
  draw();
  const timer = setInterval(draw, 100);
  return { update: (progress) => void (latest = progress), close: () => clearInterval(timer) };
}

/** A bar without a known end shows that something happens; with one, how far it has come. */
function setBar(bar: HTMLElement, { files, totalFiles }: IndexProgress): void {
  const fraction = totalFiles === undefined || totalFiles === 0 ? undefined : files / totalFiles;
  const fill = bar.firstElementChild as HTMLElement;
  bar.classList.toggle('endless', fraction === undefined);
  if (fraction === undefined) {
    bar.removeAttribute('aria-valuenow');
    return;
  }
  const percent = Math.min(100, Math.floor(fraction * 100));
  bar.setAttribute('aria-valuenow', String(percent));
  fill.style.transform = `scaleX(${Math.min(1, fraction)})`;
}

function figure(label: string): { element: HTMLElement; set: (text: string) => void } {
  const value = h('dd', {}, '–');
  return {
    element: h('div', {}, h('dt', {}, label), value),
    set: (text) => {
      if (value.textContent !== text) value.textContent = text;
    },
  };
}
