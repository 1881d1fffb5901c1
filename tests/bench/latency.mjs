/** How the latency of answers is measured, the same for all. */

import { percentile } from './table.mjs';

/** Each query is asked so often; the first time warms up and is reported on its own. */
const ROUNDS = 3;

/** Latencies in milliseconds of all queries: of the first round, of the others together, and of those by kind of query. */
export async function ask(queries, answer) {
  const [first, later, byKind] = [[], [], {}];
  for (let round = 0; round < ROUNDS; round++) {
    for (const { kind, query } of queries) {
      const started = performance.now();
      await answer(query);
      const ms = performance.now() - started;
      (round === 0 ? first : later).push(ms);
      if (round > 0) (byKind[kind] ??= []).push(ms);
    }
  }
  return { first, later, byKind };
}

/** Milliseconds that opening takes: the median of three times. */
export async function openReadMs(open) {
  const times = [];
  for (let round = 0; round < 3; round++) {
    const started = performance.now();
    await open();
    times.push(performance.now() - started);
  }
  return percentile(times, 0.5);
}
