/**
 * A client of language servers, as small as asking for references and definitions takes: the protocol over the standard streams of a process.
 */

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Milliseconds that a server may take for one answer. */
const PATIENCE_MS = 600_000;

/** A language server over a folder. Paths are absolute; lines and columns count from 1, columns in UTF-16 units. */
export class LanguageServer {
  #process;
  #waiting = new Map();
  #listeners = new Set();
  #next = 1;
  #rest = Buffer.alloc(0);
  #open = new Set();
  #languageId;

  /**
   * Starts a server and waits until it has read the folder.
   *
   * @param options command and arguments, the folder, the server's own options, and `ready`, which tells by a message of the server that it has read everything; without it the
   * first question waits
   */
  static async start({ command, args = [], env = {}, folder, languageId, initializationOptions, settings = {}, ready }) {
    const server = new LanguageServer(spawn(command, args, { cwd: folder, env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'ignore'] }), languageId, settings);
    const rootUri = pathToFileURL(folder).href;
    const isReady = ready && new Promise((resolve) => server.#listeners.add((message) => ready(message) && resolve()));
    await server.#request('initialize', {
      processId: process.pid,
      rootUri,
      workspaceFolders: [{ uri: rootUri, name: 'project' }],
      initializationOptions,
      capabilities: { workspace: { configuration: true, workspaceFolders: true }, window: { workDoneProgress: true }, experimental: { serverStatusNotification: true } },
    });
    server.#notify('initialized', {});
    server.#notify('workspace/didChangeConfiguration', { settings });
    server.isReady = isReady;
    return server;
  }

  constructor(child, languageId, settings) {
    this.#process = child;
    this.#languageId = languageId;
    this.settings = settings;
    child.stdout.on('data', (data) => this.#read(data));
    child.on('exit', (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`the language server ended with ${code}`));
      this.#waiting.clear();
    });
  }

  /** Shows the server a file, once. */
  open(path) {
    if (this.#open.has(path)) return;
    this.#open.add(path);
    const languageId = typeof this.#languageId === 'function' ? this.#languageId(path) : this.#languageId;
    this.#notify('textDocument/didOpen', { textDocument: { uri: pathToFileURL(path).href, languageId, version: 1, text: readFileSync(path, 'utf8') } });
  }

  /** The places that refer to what stands at a place, without its declarations. */
  async references(path, line, column) {
    this.open(path);
    return places(await this.#request('textDocument/references', { ...at(path, line, column), context: { includeDeclaration: false } }));
  }

  /** Where what stands at a place is declared. */
  async definition(path, line, column) {
    this.open(path);
    return places(await this.#request('textDocument/definition', at(path, line, column)));
  }

  /** Ends the server. */
  close() {
    this.#process.kill();
  }

  #request(method, params) {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Error(`${method} took too long`));
      }, PATIENCE_MS);
      this.#waiting.set(id, {
        resolve: (result) => {
          clearTimeout(timer);
          resolve(result);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      this.#send({ id, method, params });
    });
  }

  #notify(method, params) {
    this.#send({ method, params });
  }

  #send(message) {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
    this.#process.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
    this.#process.stdin.write(body);
  }

  #read(data) {
    this.#rest = Buffer.concat([this.#rest, data]);
    for (;;) {
      const end = this.#rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.#rest.subarray(0, end).toString())[1]);
      if (this.#rest.length < end + 4 + length) return;
      const message = JSON.parse(this.#rest.subarray(end + 4, end + 4 + length).toString());
      this.#rest = this.#rest.subarray(end + 4 + length);
      this.#take(message);
    }
  }

  #take(message) {
    if (message.method === undefined) {
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.error) waiting?.reject(new Error(message.error.message));
      else waiting?.resolve(message.result);
      return;
    }
    for (const listener of this.#listeners) listener(message);
    if (message.id === undefined) return;
    // What it asks its client is answered with what it was told already, or with nothing.
    const section = (name) => (name ?? '').split('.').reduce((found, part) => found?.[part], this.settings) ?? null;
    this.#send({ id: message.id, result: message.method === 'workspace/configuration' ? message.params.items.map((item) => section(item.section)) : null });
  }
}

const at = (path, line, column) => ({ textDocument: { uri: pathToFileURL(path).href }, position: { line: line - 1, character: column - 1 } });

function places(result) {
  const list = result === null || result === undefined ? [] : Array.isArray(result) ? result : [result];
  return list.flatMap((place) => {
    const uri = place.uri ?? place.targetUri;
    const { start } = place.range ?? place.targetSelectionRange;
    return uri.startsWith('file:') ? [{ path: fileURLToPath(uri), line: start.line + 1, column: start.character + 1 }] : [];
  });
}
