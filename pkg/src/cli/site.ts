/**
 * `codequarry site`: the page and a snapshot put together, as a folder for any static web server.
 *
 * A site may be made anew while it is being served. Everything that is named by its content is written first, then the manifest, then
 * `index.html`; what only the former site used goes last. Nothing that is not a site's own is ever removed.
 */

import { cp, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CodequarryError } from '../errors.js';
import { Codequarry } from '../node.js';
import { compileModule } from '../modules.js';
import { nodePlatform } from '../platform/node.js';
import { searcherInstance } from '../searcher-instance.js';
import { FolderStore } from '../stores/folder.js';
import { divideAtBlocks, noteBytes, partKey, placeOf } from '../stores/parts.js';
import { MANIFEST_KEY, segmentKey } from '../stores/store.js';
import type { AddReport, IndexStats } from '../types.js';
import { type Args, type CommandContext, EXIT, type OptionSpec, readArgs, usageError } from './command.js';
import { ProgressBar } from './progress-bar.js';
import { SNAPSHOT_FOLDER, type Target, findTarget, sourceOf } from './target.js';
import { formatBytes, plural, print, printJson } from './terminal.js';

export const name = 'site';
export const summary = 'make a static web site that searches code';
export const help = `
codequarry site <folder|archive|snapshot> --out DIR [options]

Makes a static web site that searches code: one page, the engine, and a snapshot. Every search runs in the visitor's browser, so any web server
that serves files will do, under any path. The code itself is part of the site: publish only what may be read.

Visitors search by words. To search by meaning, too, they press a control that says what it fetches: the model (3.2 MB), and of a large
snapshot the vectors.

A folder or an archive is indexed first. A folder that holds a snapshot (manifest.cqm) is taken as it is. DIR may hold an earlier site, which is
replaced file by file; a folder that holds anything else is refused.

Options:
  --out DIR          where the site goes; required
  --title TEXT       what the page is called; default: the name of the folder or archive
  --description TEXT one line below the title
  --all              index files that .gitignore leaves out, too
  --parts KIB        write the snapshot in files of about this many KiB (4 to 1024), for servers that know no byte
                     ranges and hosts with small files; 8 keeps answers small
  --workers N        builders at most
  --force            write into a folder that holds other things; they stay
  --quiet            no progress bar
  --json             one line of JSON about what was made

Exit codes: 0 done, 1 there was nothing to index, 2 error.

Examples:
  codequarry site . --out public/code --title 'Search our code'
  codequarry site left-pad-1.3.0.tgz --out /tmp/site && npx serve /tmp/site
`;

/** Written into every site; by it a site is recognised. */
const GENERATOR = 'codequarry';
/** Work in progress, in the site's own folder so that it can be renamed into place. Folder sources leave such names out. */
const STAGING = '.staging.codequarry';
const SNAPSHOT = 'snapshot';
const ABOUT = 'site.json';
const APP = /^app-[0-9a-f]+$/;
const SEGMENT = /^seg-[0-9a-f]+\.cqs(\.(\d+\.)?part\d+)?$/;

/** What of the page only indexing needs. */
const BUILDING = new Set(['grammars', 'builder-engine.wasm']);

/** What a site is made of. */
type Source = Exclude<Target, { kind: 'address' }>;

/** What indexing, or taking over, came to. */
interface Filled {
  stats: IndexStats;
  /** Absent where a snapshot was taken as it was. */
  report: AddReport | undefined;
}

/** What was made. */
interface Made extends Filled {
  title: string;
  snapshotBytes: number;
  siteBytes: number;
}

const OPTIONS: OptionSpec = {
  out: { type: 'string' },
  title: { type: 'string' },
  description: { type: 'string' },
  parts: { type: 'string' },
  workers: { type: 'string' },
  all: { type: 'boolean' },
  force: { type: 'boolean' },
  quiet: { type: 'boolean' },
  json: { type: 'boolean' },
};

export async function run({ args, signal }: CommandContext): Promise<number> {
  const options = readArgs(args, OPTIONS, [1, 1]);
  const target = await findTarget(options.positionals[0] ?? '');
  if (target.kind === 'address') throw usageError('a snapshot on a web server is a site already');
  const wanted = options.text('out');
  if (wanted === undefined || wanted === '') throw usageError('--out is missing: where should the site go?');
  const out = resolve(wanted);
  if (out === resolve(target.path)) throw usageError('--out must be another folder than what is searched');
  const started = performance.now();
  const made = await makeSite(target, out, options, signal);
  if (made === undefined) {
    process.stderr.write(`codequarry: there is nothing to index in ${target.path}\n`);
    return EXIT.nothing;
  }
  await report(out, made, performance.now() - started, options);
  return EXIT.found;
}

async function makeSite(target: Source, out: string, options: Args, signal: AbortSignal): Promise<Made | undefined> {
  const page = await pageFolder();
  await claim(out, options.has('force'));
  const staging = join(out, STAGING);
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  try {
    const { stats, report } = await fillStore(staging, target, out, options, signal);
    if (stats.files === 0) return undefined;
    signal.throwIfAborted();
    const title = options.text('title') ?? titleOf(target);
    const segments = await segmentsOf(staging);
    const snapshotBytes = await totalBytes(staging, [MANIFEST_KEY, ...segments]);
    const about = { generator: GENERATOR, title, description: options.text('description') ?? '', bytes: snapshotBytes, files: stats.files, modelBytes: await modelBytes(page) };
    const partBytes = (options.number('parts', 4, 1024) ?? 0) * 1024;
    await publish({ page, staging, out, segments, about, partBytes });
    return { title, stats, report, snapshotBytes, siteBytes: await folderBytes(out) };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** The page as `make www` leaves it beside the compiled package. */
async function pageFolder(): Promise<string> {
  const folder = fileURLToPath(new URL('../site/', import.meta.url));
  if (!(await exists(join(folder, 'index.html')))) {
    throw new CodequarryError('SITE_PAGE_MISSING', `the page is not part of this installation: there is no ${folder}`);
  }
  return folder;
}

/** Makes sure that `out` is new, empty, or an earlier site. */
async function claim(out: string, force: boolean): Promise<void> {
  await mkdir(out, { recursive: true }).catch((error: unknown) => {
    throw new CodequarryError('STORE_DENIED', `${out} cannot be made: ${(error as Error).message}`, { cause: error });
  });
  const names = (await readdir(out)).filter((name) => name !== STAGING);
  if (names.length === 0 || force || (await isSite(out))) return;
  throw new CodequarryError('SITE_FOREIGN', `${out} is neither empty nor a site of ours; --force writes there and leaves other files alone`);
}

async function isSite(out: string): Promise<boolean> {
  try {
    const about: unknown = JSON.parse(await readFile(join(out, SNAPSHOT, ABOUT), 'utf8'));
    return typeof about === 'object' && about !== null && 'generator' in about && about.generator === GENERATOR;
  } catch {
    return false;
  }
}

/** Brings a compact snapshot of `target` into the folder `staging`. */
async function fillStore(staging: string, target: Source, out: string, options: Args, signal: AbortSignal): Promise<Filled> {
  if (target.kind === 'snapshot') await copySnapshot(target.path, staging);
  const quarry = await Codequarry.open(staging, { workers: options.number('workers', 1, 64) });
  const bar = new ProgressBar(!options.has('quiet') && !options.has('json'));
  try {
    const long = { signal, onProgress: bar.listener };
    const files = target.kind === 'snapshot' ? undefined : sourceOf(target, { all: options.has('all'), skip: [out, target.snapshot] });
    const report = files && (await quarry.add(files, long));
    await quarry.compact(long);
    return { stats: await quarry.stats(), report };
  } finally {
    bar.end();
    await quarry.close();
  }
}

async function copySnapshot(from: string, to: string): Promise<void> {
  const [source, target] = [await FolderStore.open(from, { access: 'read' }), await FolderStore.open(to)];
  for (const { key } of await source.list()) {
    const bytes = await source.get(key);
    if (bytes !== undefined) await target.put(key, bytes);
  }
  const manifest = await source.readManifest();
  if (manifest !== undefined) await target.swapManifest(0, manifest.bytes);
}

/** File names of the segments that the manifest in `folder` names. */
async function segmentsOf(folder: string): Promise<string[]> {
  const { Index } = await searcherInstance.start(await compileModule(nodePlatform, 'searcher'));
  const index = new Index();
  try {
    return index.missingSegments(await readFile(join(folder, MANIFEST_KEY))).map(segmentKey);
  } finally {
    index.free();
  }
}

interface Publication {
  page: string;
  staging: string;
  out: string;
  segments: readonly string[];
  about: { title: string; description: string };
  /** 0: segments are files as they are. */
  partBytes: number;
}

async function publish({ page, staging, out, segments, about, partBytes }: Publication): Promise<void> {
  const app = (await readdir(page)).find((name) => APP.test(name));
  if (app === undefined) throw new CodequarryError('SITE_PAGE_MISSING', `${page} has no folder app-…`);
  const snapshot = join(out, SNAPSHOT);
  await mkdir(snapshot, { recursive: true });
  // A searcher parses nothing, so the builder and the grammars, which are most of the page, stay behind.
  await cp(join(page, app), join(out, app), { recursive: true, filter: (path) => !BUILDING.has(basename(path)) });
  const files = (await Promise.all(segments.map((name) => (partBytes > 0 ? inParts(staging, name, partBytes) : [name])))).flat();
  for (const name of files) await rename(join(staging, name), join(snapshot, name));
  await writeFile(join(staging, ABOUT), `${JSON.stringify(about)}\n`);
  await rename(join(staging, ABOUT), join(snapshot, ABOUT));
  await rename(join(staging, MANIFEST_KEY), join(snapshot, MANIFEST_KEY));
  await writeFile(join(staging, 'index.html'), titled(await readFile(join(page, 'index.html'), 'utf8'), about));
  await rename(join(staging, 'index.html'), join(out, 'index.html'));
  await removeFormer(out, app, files);
}

/** Divides a segment. Its parts come first and the note of them, under its own name, last. */
async function inParts(folder: string, name: string, partBytes: number): Promise<string[]> {
  const bytes = await readFile(join(folder, name));
  const { blockEdges } = await searcherInstance.start(await compileModule(nodePlatform, 'searcher'));
  const note = divideAtBlocks(bytes, blockEdges(bytes), partBytes);
  const parts = Array.from({ length: note.parts }, (_, part) => partKey(name, part, note));
  for (const [part, file] of parts.entries()) {
    const { start, end } = placeOf(note, part);
    await writeFile(join(folder, file), bytes.subarray(start, end));
  }
  await writeFile(join(folder, name), noteBytes(note));
  return [...parts, name];
}

/** The page with its title and description in the document itself, for those who see it without running it. */
function titled(html: string, { title, description }: Publication['about']): string {
  const text = (value: string): string => value.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const named = html.replace(/<title>[^<]*<\/title>/, () => `<title>${text(title)}</title>`);
  if (description === '') return named;
  return named.replace(/(<meta name="description" content=")[^"]*"/, (_, start: string) => `${start}${text(description)}"`);
}

/** Removes what an earlier site used and this one does not. */
async function removeFormer(out: string, app: string, files: readonly string[]): Promise<void> {
  for (const name of await readdir(out)) if (APP.test(name) && name !== app) await rm(join(out, name), { recursive: true });
  const snapshot = join(out, SNAPSHOT);
  const used = new Set(files);
  for (const name of await readdir(snapshot)) if (SEGMENT.test(name) && !used.has(name)) await rm(join(snapshot, name));
}

/** Length of the embedding model of a page, which visitors fetch when they search by meaning. */
async function modelBytes(page: string): Promise<number> {
  const app = (await readdir(page)).find((name) => APP.test(name)) ?? '';
  return (await stat(join(page, app, 'code.cqmodel')).catch(() => undefined))?.size ?? 0;
}

async function totalBytes(folder: string, names: readonly string[]): Promise<number> {
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Size of the site's own files. */
async function folderBytes(out: string): Promise<number> {
  const entries = await readdir(out, { recursive: true, withFileTypes: true });
  const own = /^(index\.html$|app-|snapshot(\/|\\))/;
  const files = entries.filter((entry) => entry.isFile()).map((entry) => relative(out, join(entry.parentPath, entry.name)));
  return totalBytes(
    out,
    files.filter((file) => own.test(file)),
  );
}

/** A snapshot that lies in the folder it was made of is called after that folder. */
function titleOf({ kind, path }: Source): string {
  const folder = resolve(path);
  const named = kind === 'snapshot' && basename(folder) === SNAPSHOT_FOLDER ? dirname(folder) : folder;
  return basename(named).replace(/\.(codequarry|tgz|zip|tar|tar\.gz)$/i, '');
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

async function report(out: string, { title, stats, report: added, snapshotBytes, siteBytes }: Made, ms: number, options: Args): Promise<void> {
  if (options.has('json')) {
    const { files, chunks, symbols, sourceBytes, segments } = stats;
    const problems = added?.problems ?? [];
    await printJson({ out, title, files, chunks, symbols, sourceBytes, segments, snapshotBytes, siteBytes, ms: Math.round(ms), problems });
    return;
  }
  const skipped = added !== undefined && added.skipped > 0 ? `; ${plural(added.skipped, 'file')} skipped` : '';
  await print(
    `${title}: ${plural(stats.files, 'file')}, ${formatBytes(stats.sourceBytes)} of code, ${plural(stats.symbols, 'symbol')}${skipped}\n` +
      `${out}: ${formatBytes(siteBytes)}, of which the snapshot is ${formatBytes(snapshotBytes)}, in ${(ms / 1000).toFixed(1)} s\n\n` +
      `Any static web server can serve it, under any path:\n` +
      `  npx serve ${quoted(out)}\n` +
      `  python3 -m http.server --directory ${quoted(out)}\n`,
  );
}

/** A path as a shell takes it. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
