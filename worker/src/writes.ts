/** The routes that change an index. They exist where the Worker has an owner to write to, and are open to whoever has the token. */
import { ownerOf } from './owner-stub.js';
import { Problem } from './problem.js';
import type { R2Bucket } from 'codequarry';

/** The bindings of a Worker that can be written to. */
export interface OwnedEnv extends Env {
  /** The Durable Objects that own indexes: `IndexOwner`. */
  readonly OWNER: DurableObjectNamespace;
  /** A secret. Whoever sends it may write; without one, nobody may. */
  readonly WRITE_TOKEN?: string;
  /** Keeps segments instead of KV, where it is bound. */
  readonly BUCKET?: R2Bucket;
}

/** Most bytes of one request's body. An isolate has 128 MB. */
export const MAX_BODY_BYTES = 8_000_000;
/** Most files of one request. */
export const MAX_FILES = 2_000;
/** Most paths that one request removes. */
const MAX_PATHS = 500;

/**
 * Answers a request that changes the index.
 *
 * @throws Problem 401 `UNAUTHORIZED`, 403 `WRITES_DISABLED`, 400 `BODY_INVALID`, 413 `BODY_TOO_LARGE`, 404, 405
 */
export async function write(request: Request, url: URL, env: OwnedEnv): Promise<Response> {
  await authorize(request, env.WRITE_TOKEN);
  const owner = ownerOf(env);
  switch (url.pathname) {
    case '/index/files':
      if (request.method === 'PUT') return owner.fetch('https://owner/files', { method: 'PUT', body: JSON.stringify({ files: await readFiles(request) }) });
      if (request.method === 'DELETE') {
        const paths = url.searchParams.getAll('path');
        if (paths.length === 0 || paths.length > MAX_PATHS) throw new Problem(400, 'OPTION_INVALID', `name 1 to ${MAX_PATHS} files with path=…`, { details: { option: 'path' } });
        return owner.fetch(`https://owner/files?${new URLSearchParams(paths.map((path) => ['path', path]))}`, { method: 'DELETE' });
      }
      break;
    case '/index/rollback':
      if (request.method === 'POST') return owner.fetch('https://owner/rollback', { method: 'POST' });
      break;
    case '/index/status':
      if (request.method === 'GET') return owner.fetch('https://owner/status');
      break;
    default:
      throw new Problem(404, 'NOT_FOUND', 'there is nothing here; see /');
  }
  throw new Problem(405, 'METHOD_NOT_ALLOWED', 'PUT or DELETE /index/files, POST /index/rollback, GET /index/status');
}

async function authorize(request: Request, token: string | undefined): Promise<void> {
  if (!token) throw new Problem(403, 'WRITES_DISABLED', 'this index is not open for writing: no WRITE_TOKEN is set');
  const given = /^Bearer (.+)$/.exec(request.headers.get('Authorization') ?? '')?.[1] ?? '';
  // Digests have one length, so that comparing takes the same time whatever was given.
  const [expected, actual] = await Promise.all([token, given].map((text) => crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))));
  if (!expected || !actual || !crypto.subtle.timingSafeEqual(expected, actual)) {
    throw new Problem(401, 'UNAUTHORIZED', 'the token is missing or wrong: Authorization: Bearer …');
  }
}

async function readFiles(request: Request): Promise<{ path: string; text: string }[]> {
  const invalid = (what: string): Problem => new Problem(400, 'BODY_INVALID', `the body must be { "files": [{ "path", "text" }] }: ${what}`);
  let body: unknown;
  try {
    body = JSON.parse(await readBody(request));
  } catch (thrown) {
    if (thrown instanceof Problem) throw thrown;
    throw invalid('it is no JSON');
  }
  const files = typeof body === 'object' && body !== null && 'files' in body ? body.files : undefined;
  if (!Array.isArray(files) || files.length === 0) throw invalid('there are no files');
  if (files.length > MAX_FILES) throw new Problem(413, 'BODY_TOO_LARGE', `at most ${MAX_FILES} files a request`);
  return files.map((file: unknown, at) => {
    if (typeof file !== 'object' || file === null || !('path' in file) || !('text' in file) || typeof file.path !== 'string' || typeof file.text !== 'string') {
      throw invalid(`file ${at} has no path or no text`);
    }
    return { path: file.path, text: file.text };
  });
}

/** The body, as far as it is allowed to go. */
async function readBody(request: Request): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let length = 0;
  for await (const part of request.body ?? []) {
    length += (part as Uint8Array).byteLength;
    if (length > MAX_BODY_BYTES) throw new Problem(413, 'BODY_TOO_LARGE', `at most ${MAX_BODY_BYTES} bytes a request`);
    text += decoder.decode(part as Uint8Array, { stream: true });
  }
  return text + decoder.decode();
}
