/** A static web server that counts what it sends, with as much knowledge of ranges as a test asks for. */

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

/** @type {Record<string, string>} */
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css', '.json': 'application/json', '.svg': 'image/svg+xml', '.wasm': 'application/wasm' };

/**
 * @typedef {object} Reply what is answered instead of the file
 * @property {number} [status] answered without a body
 * @property {(bytes: Uint8Array) => Uint8Array} [change] applied to each range before it is sent
 * @property {boolean} [drop] the connection breaks
 */

/**
 * Serves a folder on a free port of this machine.
 *
 * @param {string} folder
 * @param {{ ranges?: 'several' | 'one' | 'none', fault?: (path: string, range: string | undefined) => Reply | undefined }} [options] `several`: as nginx, Apache and Caddy do; `one`: as
 * object stores do, which send the whole when they are asked for several; `none`: as the simplest servers
 */
export async function serveRanges(folder, { ranges = 'several', fault = () => undefined } = {}) {
  const sent = { requests: 0, bytes: 0, parts: 0, log: /** @type {string[]} */ ([]) };
  const server = createServer(async (request, response) => {
    const pathname = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
    const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
    const type = TYPES[extname(path)] ?? 'application/octet-stream';
    const asked = request.headers.range;
    sent.requests++;
    sent.log.push(`${path} ${asked ?? ''}`.trim());
    const reply = fault(path, asked);
    if (reply?.drop) return void response.destroy();
    if (reply?.status) return void response.writeHead(reply.status).end();
    const change = reply?.change ?? ((/** @type {Uint8Array} */ bytes) => bytes);
    const file = await readFile(join(folder, path)).catch(() => undefined);
    if (!file) return void response.writeHead(404).end();
    /** @param {number} status @param {Record<string, string>} headers @param {Uint8Array} body */
    const send = (status, headers, body) => {
      sent.bytes += body.byteLength;
      if (path.endsWith('.cqs')) sent.parts += body.byteLength;
      response.writeHead(status, { 'content-type': type, ...headers, 'content-length': body.byteLength }).end(body);
    };
    const wanted = [...(asked ?? '').matchAll(/(\d+)-(\d+)/g)].map(([, start, end]) => ({ start: Number(start), end: Math.min(Number(end) + 1, file.length) }));
    const [first] = wanted;
    if (!first || ranges === 'none' || (ranges === 'one' && wanted.length > 1)) return send(200, {}, change(file));
    if (first.start >= file.length) return send(416, {}, new Uint8Array());
    /** @param {{ start: number, end: number }} range */
    const place = ({ start, end }) => `bytes ${start}-${end - 1}/${file.length}`;
    if (wanted.length === 1) return send(206, { 'content-range': place(first) }, change(file.subarray(first.start, first.end)));
    const boundary = 'b0undary';
    const parts = wanted.flatMap((range) => [
      Buffer.from(`\r\n--${boundary}\r\ncontent-type: application/octet-stream\r\ncontent-range: ${place(range)}\r\n\r\n`),
      change(file.subarray(range.start, range.end)),
    ]);
    send(206, { 'content-type': `multipart/byteranges; boundary=${boundary}` }, Buffer.concat([...parts, Buffer.from(`\r\n--${boundary}--\r\n`)]));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${address.port}/`,
    sent,
    /** Starts counting again; returns what was counted. */
    take() {
      const { requests, bytes } = sent;
      Object.assign(sent, { requests: 0, bytes: 0, log: [] });
      return { requests, bytes };
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve(undefined)));
    },
  };
}
