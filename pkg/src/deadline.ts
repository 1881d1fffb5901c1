/** Waiting for others, by their signs of life. */

/** What a thread that was not stopped itself gives the others besides, in ms: what they sent before the deadline is received in it. */
const GRACE_MS = 50;

/**
 * Calls `passed` after `ms`, unless it is cancelled before. A timer may be due before messages are received that came long ago, after this thread was busy or
 * the machine slept; so they are let in first, and who was stopped as well is given as long again as this thread was, up to `ms`.
 *
 * @returns cancels it
 */
export function deadline(ms: number, passed: () => void): () => void {
  const due = performance.now() + ms;
  let timer = setTimeout(() => {
    timer = setTimeout(passed, Math.max(GRACE_MS, Math.min(performance.now() - due, ms)));
  }, ms);
  return () => clearTimeout(timer);
}
