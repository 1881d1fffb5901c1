/** Errors as a person meets them: what happened, its code, and a way out. */

import { h, icon } from './dom';

/** An error reduced to what is shown. `code` is the package's stable code, or `UNEXPECTED`. */
export interface Problem {
  code: string;
  message: string;
}

/** Something the person can do about it. */
export interface WayOut {
  label: string;
  act: () => void;
}

/** Reads any thrown value. The package throws errors with a `code`; the platform's have only a name. */
export function problemOf(thrown: unknown): Problem {
  if (typeof thrown !== 'object' || thrown === null) return { code: 'UNEXPECTED', message: String(thrown) };
  const { code, name, message } = thrown as { code?: unknown; name?: unknown; message?: unknown };
  const text = typeof message === 'string' && message !== '' ? message : 'No further detail is known.';
  if (typeof code === 'string') return { code, message: text };
  if (name === 'QuotaExceededError') {
    return { code: 'STORAGE_FULL', message: 'The browser gives this page no more storage. Deleting a project makes room.' };
  }
  return { code: 'UNEXPECTED', message: text };
}

/** Whether a thrown value only says that somebody pressed Cancel. */
export function isAbort(thrown: unknown): boolean {
  if (typeof thrown !== 'object' || thrown === null) return false;
  const { code, name } = thrown as { code?: unknown; name?: unknown };
  return name === 'AbortError' || code === 'ABORTED' || code === 'CANCELLED';
}

/** The panel for a problem. It is announced as it appears; the first way out is the recommended one. */
export function problemPanel(title: string, problem: Problem, waysOut: WayOut[]): HTMLElement {
  return h(
    'section',
    { class: 'problem', role: 'alert' },
    h('h2', {}, icon('warning'), title),
    h('p', { class: 'problem-message' }, problem.message),
    h('p', { class: 'problem-code' }, 'Code ', h('code', {}, problem.code)),
    waysOut.length > 0 &&
      h(
        'div',
        { class: 'actions' },
        ...waysOut.map(({ label, act }, index) =>
          h('button', { type: 'button', class: index === 0 ? 'button primary' : 'button', onclick: act }, label),
        ),
      ),
  );
}
