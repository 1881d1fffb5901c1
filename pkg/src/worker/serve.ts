/**
 * What a worker does: it serves all roles over one port, and takes the one that it is started in.
 */

import { CodequarryError } from '../errors.js';
import { Moved, type Port, Server } from '../rpc.js';
import { LocalSearcher, type SearcherService, wholeBuffer } from '../searcher.js';
import type { ImportModule } from '../tokenizer.js';
import { BuilderRole } from './builder-role.js';
import type { BuilderService } from './protocol.js';
import { type StorageService, serveStorage } from './storage-role.js';

/** The methods of {@link BuilderService}, {@link SearcherService} and {@link StorageService}, as a server implements them. */
type Methods = { [K in keyof (BuilderService & SearcherService & StorageService)]: (argument: never) => unknown };

/** Serves builder, searcher and store over `port` until it is closed. Returns at once; messages are received from then on. */
export function serve(port: Port, importModule?: ImportModule): void {
  let searcher: LocalSearcher | undefined;
  const builder = new BuilderRole((name, payload) => server.tell(name, payload), importModule);
  const index = (): LocalSearcher => {
    if (!searcher) throw new CodequarryError('INTERNAL', 'the searcher was not started');
    return searcher;
  };

  const building: { [K in keyof BuilderService]: (argument: Parameters<BuilderService[K]>[0]) => unknown } = {
    startBuilder: (start) => builder.start(start),
    build: (request) => builder.build(request),
    merge: (request) => builder.merge(request),
    outline: (request) => builder.outline(request),
    scout: (request) => builder.scout(request),
    checkLanguage: (request) => builder.checkLanguage(request),
    verify: (request) => builder.verify(request),
  };
  const searching: { [K in keyof SearcherService]: (argument: Parameters<SearcherService[K]>[0]) => unknown } = {
    startSearcher: async ({ module }) => {
      searcher = await LocalSearcher.start(module);
    },
    missingSegments: (manifest) => index().missingSegments(manifest),
    segmentNames: (manifest) => index().segmentNames(manifest),
    manifestInfo: (manifest) => index().manifestInfo(manifest),
    renumber: ({ manifest, generation }) => index().renumber(manifest, generation),
    checkSegment: async ({ name, bytes }) => {
      const checked = await index().checkSegment(name, bytes);
      return new Moved(checked, wholeBuffer(checked));
    },
    addSegment: ({ name, bytes }) => index().addSegment(name, bytes),
    beginSegment: ({ name, start }) => index().beginSegment(name, start),
    supply: (parts) => index().supply(parts),
    wantVectors: () => index().wantVectors(),
    trim: (budgetBytes) => index().trim(budgetBytes),
    open: (manifest) => index().open(manifest),
    commit: (change) => index().commit(change),
    unchanged: (files) => index().unchanged(files),
    paths: (among) => index().paths(among),
    compactionPlan: (mode) => index().compactionPlan(mode),
    tombstones: (segment) => index().tombstones(segment),
    stats: () => index().stats(),
    search: ({ query, options, vector }) => index().search(query, options, vector),
    similar: ({ at, options }) => index().similar(at, options),
    vectors: () => index().vectors(),
    setModel: (bytes) => index().setModel(bytes),
    setRegex: (module) => index().setRegex(module),
    symbols: (options) => index().symbols(options),
    refer: (question) => index().refer(question),
    file: (path) => index().file(path),
    languages: () => index().languages(),
  };
  const methods: Methods = { ...building, ...searching, storage: serveStorage };
  const server: Server = new Server(port, methods, {
    grammar: (delivery: never) => builder.deliver(delivery),
    vectors: (delivery: never) => builder.deliverVectors(delivery),
  });
}
