/**
 * Routes: what is answered at which path. A search answers with what `codequarry search --json` prints, which is the engine's own
 * result. Everything that can go wrong leaves as a code, never as a stack trace.
 */
import type { PartsNote } from 'codequarry';

import type { Engine } from './engine.js';
import { MAX_LIMIT, MAX_OFFSET, MAX_QUERY_LENGTH, MODES, readSearch } from './parameters.js';
import { Problem } from './problem.js';
import { ALLOWED_METHODS, BODY_VERSION, cacheHeaders, json, matches, preflight, problemResponse, withCors, withoutBody } from './respond.js';
import { type Settings, readSettings } from './settings.js';
import { type RequestScope, Snapshot } from './snapshot.js';
import { KvSource, type SnapshotSource } from './source.js';

/** A request with everything that was found out about it. */
interface Visit<E extends Env> {
  readonly request: Request;
  readonly url: URL;
  readonly settings: Settings;
  readonly env: E;
  readonly context: ExecutionContext;
}

/** What an endpoint has that can be written to. */
export interface Ownership<E extends Env> {
  /** Answers what is asked below `/index/`. */
  readonly write: (request: Request, url: URL, env: E) => Promise<Response>;
  /** Where the snapshot is read from, given where it is published. */
  readonly source: (env: E, published: SnapshotSource) => SnapshotSource;
}

/** The Worker over one engine. The snapshot it loads is shared by all requests of the isolate. */
export function createWorker<E extends Env>(engine: Engine, ownership?: Ownership<E>): ExportedHandler<E> {
  let shared: Snapshot | undefined;
  const notes = new Map<string, PartsNote>();

  async function snapshot({ env, settings, context }: Visit<E>): Promise<{ open: Snapshot; scope: RequestScope; published: KvSource }> {
    shared ??= new Snapshot(engine, settings);
    const published = new KvSource(env.SNAPSHOT, settings.prefix, notes);
    const scope = { source: ownership?.source(env, published) ?? published, waitUntil: (work: Promise<unknown>) => context.waitUntil(work) };
    await shared.ready(scope);
    return { open: shared, scope, published };
  }

  async function search(visit: Visit<E>): Promise<Response> {
    const { query, options } = readSearch(visit.url.searchParams);
    const { open, scope, published } = await snapshot(visit);
    const etagOf = (tag: string, hasModel: boolean): string => `"${tag}-${open.hash(JSON.stringify([BODY_VERSION, hasModel, query, options]))}"`;
    const current = etagOf(open.tag, open.hasModel);
    if (matches(visit.request, current)) return unchanged(visit, open, current);
    const { result, tag, hasModel } = await open.search(scope, query, options);
    // While parts were read, a newer generation may have answered.
    return json(200, result, { ...headersOf(visit, open, etagOf(tag, hasModel)), 'Codequarry-Reads': String(published.reads) });
  }

  async function stats(visit: Visit<E>): Promise<Response> {
    const { open } = await snapshot(visit);
    const etag = `"${open.tag}-stats-${BODY_VERSION}"`;
    return matches(visit.request, etag) ? unchanged(visit, open, etag) : json(200, open.stats(), headersOf(visit, open, etag));
  }

  function route(visit: Visit<E>): Promise<Response> | Response {
    switch (visit.url.pathname) {
      case '/':
        return json(200, HELP, { 'Cache-Control': `public, max-age=${visit.settings.cacheSeconds}` });
      case '/search':
        return search(visit);
      case '/stats':
        return stats(visit);
      default:
        throw new Problem(404, 'NOT_FOUND', 'there is nothing here; see /');
    }
  }

  return {
    async fetch(request, env, context): Promise<Response> {
      let origins: Settings['corsOrigins'] = [];
      let response: Response;
      try {
        const settings = readSettings(env);
        origins = settings.corsOrigins;
        if (request.method === 'OPTIONS') {
          response = preflight();
        } else if (ownership && new URL(request.url).pathname.startsWith('/index/')) {
          const answer = await ownership.write(request, new URL(request.url), env);
          response = new Response(answer.body, answer);
          response.headers.set('Cache-Control', 'no-store');
        } else if (request.method === 'GET' || request.method === 'HEAD') {
          response = await route({ request, url: new URL(request.url), settings, env, context });
        } else {
          throw new Problem(405, 'METHOD_NOT_ALLOWED', `only ${ALLOWED_METHODS}`);
        }
      } catch (thrown) {
        response = problemResponse(asProblem(thrown));
      }
      response = withCors(response, request, origins);
      return request.method === 'HEAD' ? withoutBody(response) : response;
    },
  };
}

function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  console.error('unexpected', thrown);
  return new Problem(500, 'INTERNAL', 'the request could not be answered');
}

/** The client has this very answer. */
function unchanged<E extends Env>(visit: Visit<E>, open: Snapshot, etag: string): Response {
  return new Response(null, { status: 304, headers: headersOf(visit, open, etag) });
}

function headersOf<E extends Env>(visit: Visit<E>, open: Snapshot, etag: string): Record<string, string> {
  return {
    ...cacheHeaders(visit.settings, etag),
    ...(open.problem !== undefined && { 'Codequarry-Problem': open.problem.code }),
  };
}

const HELP = {
  name: 'codequarry',
  description: 'Code search over one published snapshot.',
  endpoints: {
    '/search': {
      q: `what to search for, 1 to ${MAX_QUERY_LENGTH} characters (required)`,
      limit: `hits in this answer, 1 to ${MAX_LIMIT}, default 10`,
      offset: `hits to leave out first, 0 to ${MAX_OFFSET}, default 0`,
      language: 'language ids or file extensions, repeated or separated by commas',
      path: "glob, repeated; '!' in front excludes",
      mode: `${MODES.join(', ')}; default hybrid`,
      cursor: 'the cursor of the page before, instead of offset',
      facets: '1 to count hits by language and folder, default 0',
      snippet: 'lines of the snippet of each hit, 0 to 100, default 0',
      prefix: '1 to take the last word as still being typed, default 0',
      text: '0 to leave the text of the hits out, default 1',
    },
    '/stats': 'figures of the snapshot',
  },
  errors: '{ "error": { "code", "message", "details"? } }',
};
