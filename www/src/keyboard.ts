/**
 * The whole search by keyboard: `/` goes to the search box, arrows or `j` and `k` walk through the hits,
 * Enter opens one, Escape goes back a step: from the file to the hit, from the hit to the box.
 */

import type { FilePane } from './file-pane';
import type { Hits } from './hits';

/** The parts that keys act on. */
export interface KeyTargets {
  input: HTMLInputElement;
  hits: Hits;
  pane: FilePane;
  closeFile: () => void;
}

/** Starts listening; returns the function that stops. */
export function bindKeys(targets: KeyTargets): () => void {
  const controller = new AbortController();
  document.addEventListener(
    'keydown',
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
      if (handle(event.key, event.target as HTMLElement, targets)) event.preventDefault();
    },
    { signal: controller.signal },
  );
  return () => controller.abort();
}

function handle(key: string, target: HTMLElement, targets: KeyTargets): boolean {
  if (key === 'Escape') return escape(target, targets);
  const { input, hits, pane } = targets;
  if (target === input) return key === 'ArrowDown' ? hits.step(1) : false;
  if (isTyping(target)) return false;
  if (key === '/') {
    input.focus();
    input.select();
    return true;
  }
  if (pane.element.contains(target)) return false;
  if (key === 'ArrowDown' || key === 'j') return hits.step(1);
  if (key === 'ArrowUp' || key === 'k') {
    if (!hits.step(-1)) input.focus();
    return true;
  }
  return false;
}

function escape(target: HTMLElement, { input, pane, closeFile }: KeyTargets): boolean {
  if (pane.isOpen()) {
    closeFile();
    return true;
  }
  if (target === input) return false;
  input.focus();
  input.select();
  return true;
}

function isTyping(target: HTMLElement): boolean {
  return (
    target instanceof HTMLInputElement ||
    target instanceof HTMLSelectElement ||
    target instanceof HTMLTextAreaElement ||
    target.isContentEditable
  );
}
