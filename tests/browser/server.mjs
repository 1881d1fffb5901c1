/** A static web server for the tests: files of a folder under a path, and faults on demand. */

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/**
 * Serves `folder` at `prefix` on a free port of this machine. `fault(pathname)` may answer a status to fail with, or a
 * `{ bytes }` to send in place of the file; `requests` lists every path that was asked for.
 */
export async function serve(folder, { prefix = '/', fault = () => undefined } = {}) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const pathname = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    requests.push(pathname);
    const wrong = fault(pathname);
    if (typeof wrong === 'number') return void response.writeHead(wrong).end();
    const type = TYPES[path.extname(pathname.endsWith('/') ? 'index.html' : pathname)] ?? 'application/octet-stream';
    if (wrong?.bytes !== undefined) return void response.writeHead(200, { 'content-type': type }).end(wrong.bytes);
    const file = fileFor(folder, prefix, pathname);
    const found = file === undefined ? undefined : await stat(file).catch(() => undefined);
    if (found === undefined || !found.isFile()) return void response.writeHead(404).end();
    const headers = { 'content-type': type, 'cache-control': 'no-store', 'accept-ranges': 'bytes' };
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    const start = range === null ? 0 : Number(range[1]);
    const end = range === null || range[2] === '' ? found.size - 1 : Math.min(Number(range[2]), found.size - 1);
    if (range !== null) headers['content-range'] = `bytes ${start}-${end}/${found.size}`;
    response.writeHead(range === null ? 200 : 206, { ...headers, 'content-length': Math.max(0, end - start + 1) });
    if (request.method === 'HEAD' || found.size === 0) return void response.end();
    createReadStream(file, { start, end }).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    url: `${origin}${prefix}`,
    requests,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

function fileFor(folder, prefix, pathname) {
  if (!pathname.startsWith(prefix)) return undefined;
  const inside = path.normalize(`/${pathname.slice(prefix.length)}`);
  const file = path.join(folder, inside.endsWith('/') ? `${inside}index.html` : inside);
  return file.startsWith(folder) ? file : undefined;
}
