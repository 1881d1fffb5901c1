/**
 * The search libraries that `search.mjs` compares codequarry with, each given the same chunks in three fields (path, name, text) and set up as its manual says, with nothing but its own defaults:
 * any word of the query finds, the best ten chunks come. Where a library would demand all words (FlexSearch, SQLite), it is asked for any.
 *
 *     node tests/bench/peers.mjs NAME FOLDER      measures one in a process of its own, over what search.mjs wrote into FOLDER
 */

import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ask, openReadMs } from './latency.mjs';

/** Chunks of an answer. */
const LIMIT = 10;

/**
 * Each peer: `build` indexes chunks `{ id, path, name, text }`, `save` writes the index into a folder and returns its bytes, `load` opens it from there, `search` returns ids, the best first.
 */
export const PEERS = {
  MiniSearch: {
    withText: false,
    async build(chunks) {
      const { default: MiniSearch } = await import('minisearch');
      const index = new MiniSearch({ fields: ['path', 'name', 'text'] });
      index.addAll(chunks);
      return index;
    },
    save: (index, folder) => write(folder, JSON.stringify(index)),
    async load(folder) {
      const { default: MiniSearch } = await import('minisearch');
      return MiniSearch.loadJSON(read(folder), { fields: ['path', 'name', 'text'] });
    },
    search: (index, query) => index.search(query).slice(0, LIMIT).map(({ id }) => id),
  },

  FlexSearch: {
    withText: false,
    build: async (chunks) => {
      const index = await flexDocument();
      for (const chunk of chunks) index.add(chunk);
      return index;
    },
    async save(index, folder) {
      const parts = [];
      await index.export((key, data) => void parts.push([key, data]));
      return write(folder, JSON.stringify(parts));
    },
    async load(folder) {
      const index = await flexDocument();
      for (const [key, data] of JSON.parse(read(folder))) index.import(key, data);
      return index;
    },
    search: (index, query) => index.search(query, { limit: LIMIT, suggest: true, merge: true }).map(({ id }) => id).slice(0, LIMIT),
  },

  Orama: {
    withText: true,
    async build(chunks) {
      const { create, insertMultiple } = await import('@orama/orama');
      const index = create({ schema: ORAMA });
      await insertMultiple(index, chunks.map(({ id, ...chunk }) => ({ id: String(id), ...chunk })), 1000);
      return index;
    },
    async save(index, folder) {
      const { save } = await import('@orama/orama');
      return write(folder, JSON.stringify(save(index)));
    },
    async load(folder) {
      const { create, load } = await import('@orama/orama');
      const index = create({ schema: ORAMA });
      load(index, JSON.parse(read(folder)));
      return index;
    },
    async search(index, query) {
      const { search } = await import('@orama/orama');
      return (await search(index, { term: query, limit: LIMIT })).hits.map(({ id }) => Number(id));
    },
  },

  'SQLite FTS5': {
    withText: true,
    async build(chunks, folder) {
      rmSync(join(folder, 'index'), { force: true });
      const database = openDatabase(folder);
      database.exec('create virtual table chunks using fts5(path, name, text); begin');
      const insert = database.prepare('insert into chunks(rowid, path, name, text) values (?, ?, ?, ?)');
      for (const { id, path, name, text } of chunks) insert.run([id + 1, path, name, text]);
      insert.finalize();
      database.exec("commit; insert into chunks(chunks) values ('optimize')");
      return database;
    },
    save(database, folder) {
      database.close();
      return statSync(join(folder, 'index')).size;
    },
    load: async (folder) => openDatabase(folder),
    search(database, query) {
      const words = query.match(/[\p{L}\p{N}]+/gu) ?? [];
      if (words.length === 0) return [];
      const rows = database.all('select rowid from chunks where chunks match ? order by rank limit ?', [words.map((word) => `"${word}"`).join(' OR '), LIMIT]);
      return rows.map(({ rowid }) => rowid - 1);
    },
  },
};

const ORAMA = { path: 'string', name: 'string', text: 'string' };

async function flexDocument() {
  const { Document } = await import('flexsearch');
  return new Document({ document: { id: 'id', index: ['path', 'name', 'text'] } });
}

/** SQLite compiled to WebAssembly, over a file: the one from npm that needs neither a compiler nor a download. */
function openDatabase(folder) {
  const { Database } = createRequire(import.meta.url)('node-sqlite3-wasm');
  return new Database(join(folder, 'index'));
}

function write(folder, text) {
  const bytes = Buffer.from(text);
  writeFileSync(join(folder, 'index'), bytes);
  return bytes.length;
}

const read = (folder) => readFileSync(join(folder, 'index'), 'utf8');
const linesOf = (file) => readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));

/** Index time, bytes, load time and latencies of one peer, and its answers to the judged queries. */
async function measure(name, folder) {
  const peer = PEERS[name];
  const chunks = linesOf(join(folder, 'chunks.jsonl'));
  const queries = JSON.parse(readFileSync(join(folder, 'queries.json'), 'utf8'));
  const started = performance.now();
  let index = await peer.build(chunks, folder);
  const indexMs = performance.now() - started;
  const bytes = await peer.save(index, folder);
  const loadMs = await openReadMs(async () => (index = await peer.load(folder)));
  const answers = await ask(queries, (query) => peer.search(index, query));
  if (name === 'SQLite FTS5') index.close();
  return { indexMs, bytes, loadMs, answers, judged: await judge(peer, folder) };
}

/** Answers to the judged queries: each corpus is an index of its own. */
async function judge(peer, folder) {
  const file = join(folder, 'judged.json');
  const judged = [];
  for (const { chunks, queries } of JSON.parse(readFileSync(file, 'utf8'))) {
    const index = await peer.build(chunks, folder);
    for (const { id, query } of queries) judged.push({ id, hits: (await peer.search(index, query)).map((at) => chunks[at].path) });
    index.close?.();
  }
  return judged;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , name, folder] = process.argv;
  writeFileSync(join(folder, 'measured.json'), JSON.stringify(await measure(name, folder)));
}
