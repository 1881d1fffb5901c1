/**
 * The Durable Object that owns one index: the only writer, and the only one who knows what the newest generation is.
 *
 * Requests that come while a change is being written are written together as the next one. What is acknowledged is in the object's storage; KV gets its copy by an alarm,
 * which is set before anything is changed, so that an object that dies in between is woken up to pay what it owes.
 */
import { type AddReport, Codequarry, CodequarryError, EdgeStore, KvStore, Replica, getValue, r2Values } from 'codequarry';

import { grammar } from './grammars.js';
import { segmentsOf } from './module.js';
import { Problem } from './problem.js';
import { json, problemResponse } from './respond.js';
import { readSettings } from './settings.js';
import type { OwnedEnv } from './writes.js';

/** A file as it is put. */
export interface PutFile {
  readonly path: string;
  readonly text: string;
}

/** What a change is answered with. */
export interface Written {
  readonly generation: number;
  readonly files?: number;
  readonly removed?: number;
  readonly problems?: AddReport['problems'];
}

interface Job {
  readonly put?: readonly PutFile[];
  readonly remove?: readonly string[];
  readonly rollback?: true;
  readonly resolve: (written: Written) => void;
  readonly reject: (error: unknown) => void;
}

/** Milliseconds after which the alarm looks again while something is being written. */
const BUSY_MS = 1_000;

/** Milliseconds for which changes are gathered before they are written. */
const GATHER_MS = 50;

export class IndexOwner implements DurableObject {
  readonly #state: DurableObjectState;
  readonly #store: EdgeStore;
  readonly #replica: Replica;
  readonly #published: KvStore;
  readonly #model: () => Promise<Uint8Array | undefined>;
  readonly #maxIndexBytes: number;
  readonly #jobs: Job[] = [];
  #running = false;

  constructor(state: DurableObjectState, env: OwnedEnv) {
    const { prefix, maxIndexBytes } = readSettings(env);
    this.#state = state;
    this.#maxIndexBytes = maxIndexBytes;
    const values = env.BUCKET ? r2Values(env.BUCKET) : env.SNAPSHOT;
    this.#published = new KvStore({ get: (key, type) => values.get(key, type), list: (options) => env.SNAPSHOT.list(options) }, prefix);
    this.#model = () => publishedModel(env.SNAPSHOT, prefix);
    this.#store = new EdgeStore(state.storage, { get: (key) => getValue(values, prefix + key) }, { label: `index "${prefix}"` });
    this.#replica = new Replica({
      store: this.#store,
      storage: state.storage,
      values,
      prefix,
      segmentsOf,
    });
  }

  async fetch(request: Request): Promise<Response> {
    try {
      const url = new URL(request.url);
      switch (`${request.method} ${url.pathname}`) {
        case 'PUT /files': {
          const { files } = (await request.json()) as { files: PutFile[] };
          return json(200, await this.#submit({ put: files }));
        }
        case 'DELETE /files':
          return json(200, await this.#submit({ remove: url.searchParams.getAll('path') }));
        case 'POST /rollback':
          return json(200, await this.#submit({ rollback: true }));
        case 'GET /status':
          return json(200, await this.#status());
        case 'GET /manifest':
          return bytes((await this.#store.readManifest())?.bytes);
        case 'GET /blob':
          return bytes(await this.#store.get(url.searchParams.get('key') ?? ''));
        default:
          return problemResponse(new Problem(404, 'NOT_FOUND', 'the owner of an index knows no such request'));
      }
    } catch (thrown) {
      return problemResponse(problemOf(thrown));
    }
  }

  /** Pays what is owed to KV. An alarm that throws is tried six times and then forgotten, so it does not throw. */
  async alarm(): Promise<void> {
    let wait: number | undefined = BUSY_MS;
    try {
      wait = await this.#replica.step();
      if (this.#running) wait = Math.min(wait ?? BUSY_MS, BUSY_MS);
    } catch (thrown) {
      console.error('the copy in KV was not brought up to date', thrown);
    }
    if (wait !== undefined) await this.#state.storage.setAlarm(Date.now() + Math.max(wait, 1));
  }

  async #status(): Promise<unknown> {
    const { saved, failures, problem } = await this.#replica.state();
    return { generation: (await this.#store.readManifest())?.generation ?? 0, copied: saved, failures, ...(problem !== undefined && { problem }) };
  }

  #submit(job: Omit<Job, 'resolve' | 'reject'>): Promise<Written> {
    return new Promise((resolve, reject) => {
      this.#jobs.push({ ...job, resolve, reject });
      if (!this.#running) this.#state.waitUntil(this.#run());
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    let quarry: Codequarry | undefined;
    try {
      while (this.#jobs.length > 0) {
        await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
        const jobs = this.#next();
        try {
          await this.#state.storage.setAlarm(Date.now() + BUSY_MS);
          quarry ??= await this.#open();
          await this.#perform(quarry, jobs);
        } catch (error) {
          for (const job of jobs) job.reject(error);
          await quarry?.close().catch(() => undefined);
          quarry = undefined;
        }
      }
    } finally {
      this.#running = false;
      await quarry?.close().catch(() => undefined);
    }
  }

  /** The next change: one, or all puts up to the next change of another kind. */
  #next(): Job[] {
    const others = this.#jobs.findIndex((job) => job.put === undefined);
    return this.#jobs.splice(0, others === -1 ? this.#jobs.length : Math.max(others, 1));
  }

  async #perform(quarry: Codequarry, jobs: readonly Job[]): Promise<void> {
    const [{ remove, rollback } = {}] = jobs as Partial<Job>[];
    if (remove || rollback) {
      const removed = remove ? await quarry.remove(remove) : undefined;
      if (rollback) await quarry.rollback();
      for (const job of jobs) job.resolve({ generation: quarry.generation, ...(removed !== undefined && { removed }) });
      return;
    }
    if ((await quarry.stats()).indexBytes > this.#maxIndexBytes) {
      throw new Problem(413, 'SNAPSHOT_TOO_LARGE', 'the index is larger than MAX_INDEX_MB; remove files first');
    }
    const report = await quarry.add(jobs.flatMap(({ put = [] }) => put));
    for (const { put = [], resolve } of jobs) {
      const paths = new Set(put.map(({ path }) => path));
      resolve({ generation: report.generation, files: paths.size, problems: report.problems.filter(({ path }) => paths.has(path)) });
    }
  }

  /** The index. What was published to KV before the object owned it is taken over. */
  async #open(): Promise<Codequarry> {
    // Changes are gathered before they come here.
    const options = { store: this.#store, engine: { grammars: grammar, model: this.#model }, persist: { debounceMs: 0 } };
    if (!(await this.#store.readManifest()) && (await this.#published.readManifest())) {
      const published = await Codequarry.open({ store: this.#published });
      try {
        return await Codequarry.import(options, published.export());
      } finally {
        await published.close();
      }
    }
    return Codequarry.open(options);
  }
}

/** The model that `codequarry publish` has put beside a snapshot; without one, what is written has no vectors. */
async function publishedModel(namespace: KVNamespace, prefix: string): Promise<Uint8Array | undefined> {
  const name = await publishedModelName(namespace, prefix);
  return name === undefined ? undefined : getValue(namespace, `${prefix}${name}.cqmodel`);
}

async function publishedModelName(namespace: KVNamespace, prefix: string): Promise<string | undefined> {
  const record = await namespace.get<{ publications?: { segments?: string[] }[] }>(`${prefix}published.json`, 'json').catch(() => null);
  return record?.publications?.[0]?.segments?.find((segment) => segment.startsWith('model-'));
}

function bytes(found: Uint8Array | undefined): Response {
  return found ? new Response(found) : problemResponse(new Problem(404, 'NOT_FOUND', 'the owner of this index has no such blob'));
}

function problemOf(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  if (!(thrown instanceof CodequarryError)) {
    console.error('unexpected', thrown);
    return new Problem(500, 'INTERNAL', 'the change could not be written');
  }
  const { code, message, details } = thrown;
  const again = ['STALE_GENERATION', 'STORE_FAILED', 'SNAPSHOT_MISSING_SEGMENT', 'ENGINE_TRAP', 'WORKER_DIED'].includes(code);
  const status = again ? 503 : code === 'NO_PREVIOUS_GENERATION' ? 409 : /^(OPTION|PATH|LIMIT)_/.test(code) ? 400 : 500;
  return new Problem(status, code, message, { details, ...(again && { retryAfterSeconds: 2 }) });
}
