/**
 * Walks a tree of folders, whatever it is made of (a file system, directory handles, dropped entries), into files in the order of their paths.
 *
 * The tree is listed completely before the first file is read, so that the number of files is known; files are read ahead of their consumer, in order.
 */

import { CodequarryError, toError } from '../errors.js';
import { READ_AHEAD_FILES, SOURCE_FILE_BYTES } from '../limits.js';
import type { FileSource, SourceFile } from '../types.js';
import { type IgnoreOptions, IgnoreTree, isRuleFile } from './ignore-tree.js';
import { comparePaths } from './paths.js';

/** A file of a tree. */
export interface TreeFile {
  kind: 'file';
  name: string;
  /**
   * Its content.
   *
   * @throws CodequarryError `LIMIT_EXCEEDED` when it is longer than `limitBytes`; anything else when it cannot be read
   */
  read(limitBytes: number): Promise<Uint8Array>;
}

/** A folder of a tree. */
export interface TreeFolder {
  kind: 'folder';
  name: string;
  /** What is directly in it, in any order. Links and devices are not listed. */
  list(): Promise<TreeNode[]>;
}

/** A file or a folder. */
export type TreeNode = TreeFile | TreeFolder;

type Listed = { path: string; file: TreeFile } | { path: string; problem: { code: string; message: string } };

/** Options of {@link treeSource}. */
export interface TreeOptions extends IgnoreOptions {
  /** Paths of folders, relative to the root, that are left out. */
  skip?: readonly string[] | undefined;
}

/** The error of a file that is too large to be read. */
export function tooLarge(bytes: number | undefined, limitBytes: number): CodequarryError {
  const size = bytes === undefined ? 'the file' : `${bytes} bytes`;
  return new CodequarryError('LIMIT_EXCEEDED', `${size} is over the limit of ${limitBytes} bytes for one file`);
}

/** The files below a folder. The folder's own name is not part of their paths. */
export function treeSource(root: () => Promise<TreeFolder>, options: TreeOptions = {}): FileSource {
  let total: number | undefined;
  async function* files(): AsyncGenerator<SourceFile> {
    const listed: Listed[] = [];
    for await (const item of walk(await root(), '', new IgnoreTree(options), new Set(options.skip))) listed.push(item);
    total = listed.length;
    yield* readAhead(listed);
  }
  return {
    get total() {
      return total;
    },
    [Symbol.asyncIterator]: files,
  };
}

async function* walk(folder: TreeFolder, path: string, rules: IgnoreTree, skip: Set<string>): AsyncGenerator<Listed> {
  let nodes: TreeNode[];
  try {
    nodes = await folder.list();
  } catch (error) {
    // A root that cannot be listed is the caller's affair; any other folder is one problem among the files.
    if (path === '') throw error;
    yield { path, problem: { code: 'UNREADABLE', message: toError(error).message } };
    return;
  }
  await readRules(nodes, path, rules);
  // A folder sorts as its files do, that is with the slash that follows its name.
  nodes.sort((a, b) => comparePaths(sortName(a), sortName(b)));
  for (const node of nodes) {
    const below = path === '' ? node.name : `${path}/${node.name}`;
    if (node.kind === 'file') {
      if (!rules.leavesOutFile(below)) yield { path: below, file: node };
    } else if (!skip.has(below) && !rules.leavesOutFolder(below)) {
      yield* walk(node, below, rules, skip);
    }
  }
}

function sortName(node: TreeNode): string {
  return node.kind === 'folder' ? `${node.name}/` : node.name;
}

async function readRules(nodes: TreeNode[], path: string, rules: IgnoreTree): Promise<void> {
  if (!rules.readsRules) return;
  const files = nodes.filter((node) => node.kind === 'file' && isRuleFile(node.name)) as TreeFile[];
  // `.gitignore` last in the alphabet but first in force: the more specific file may overrule it.
  for (const file of files.sort((a, b) => comparePaths(b.name, a.name))) {
    const bytes = await file.read(SOURCE_FILE_BYTES).catch(() => undefined);
    if (bytes) rules.add(path, new TextDecoder().decode(bytes));
  }
}

async function* readAhead(listed: Listed[]): AsyncGenerator<SourceFile> {
  const reading: Promise<SourceFile>[] = [];
  let next = 0;
  while (next < listed.length || reading.length > 0) {
    while (reading.length < READ_AHEAD_FILES) {
      const item = listed[next++];
      if (!item) break;
      reading.push(read(item));
    }
    const file = await reading.shift();
    if (file) yield file;
  }
}

async function read(item: Listed): Promise<SourceFile> {
  if ('problem' in item) return item;
  try {
    return { path: item.path, bytes: await item.file.read(SOURCE_FILE_BYTES) };
  } catch (error) {
    const { code, message } = toError(error, 'UNREADABLE');
    return { path: item.path, problem: { code, message } };
  }
}
