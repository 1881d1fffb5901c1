/**
 * Files that a person gives to a page: a directory handle from a picker, things dropped on it, or a list from an `<input>`.
 */

import { CodequarryError } from '../errors.js';
import type { FileSource } from '../types.js';
import { type ArchiveOptions, fromArchive, isArchiveName } from './archive.js';
import type { IgnoreOptions } from './ignore-tree.js';
import { corpusPath, rootOf } from './paths.js';
import { type TreeFile, type TreeFolder, type TreeNode, tooLarge, treeSource } from './tree.js';

/** The files below a directory handle (`showDirectoryPicker()`, or the origin's private file system), ordered by path, `.gitignore` respected. */
export function fromDirectoryHandle(handle: FileSystemDirectoryHandle, options: IgnoreOptions = {}): FileSource {
  return treeSource(async () => handleFolder(handle), options);
}

/**
 * The files that were dropped on a page: folders with all that is in them, single files, or one archive.
 *
 * To be called while the `drop` event is handled: its items are gone afterwards. A single folder becomes the root; of several things each keeps its name as
 * the first part of the path. Browsers list a dropped folder only on demand, so this is as lazy as the others.
 */
export function fromDrop(dropped: DataTransfer | DataTransferItemList, options: IgnoreOptions & ArchiveOptions = {}): FileSource {
  const items = 'items' in dropped ? dropped.items : dropped;
  const entries: FileSystemEntry[] = [];
  const loose: File[] = [];
  for (const item of Array.from(items)) {
    if (item.kind !== 'file') continue;
    const entry = item.webkitGetAsEntry();
    const file = item.getAsFile();
    if (entry?.isDirectory) entries.push(entry);
    else if (file) loose.push(file);
  }
  const [archive] = loose;
  if (archive && loose.length === 1 && entries.length === 0 && isArchiveName(archive.name)) {
    return fromArchive(archive, { ...options, name: archive.name });
  }
  const nodes: TreeNode[] = [...entries.map(entryNode), ...loose.map((file) => fileNode(file))];
  return treeSource(async () => soleFolder(nodes), options);
}

/** The files of an `<input type="file" webkitdirectory>` (or `multiple`), ordered by path, `.gitignore` respected. A folder that holds them all becomes the root. */
export function fromFileList(files: Iterable<File>, options: IgnoreOptions = {}): FileSource {
  const root: Folder = new Map();
  for (const file of files) {
    const path = corpusPath(file.webkitRelativePath || file.name);
    if (path !== undefined) place(root, path.split('/'), file);
  }
  return treeSource(async () => soleFolder(listFolder(root)), options);
}

type Folder = Map<string, Folder | File>;

function place(folder: Folder, parts: string[], file: File): void {
  const [name, ...rest] = parts;
  if (name === undefined) return;
  if (rest.length === 0) {
    folder.set(name, file);
    return;
  }
  const known = folder.get(name);
  const below: Folder = known instanceof Map ? known : new Map();
  folder.set(name, below);
  place(below, rest, file);
}

function listFolder(folder: Folder): TreeNode[] {
  return [...folder].map(([name, node]) => (node instanceof Map ? { kind: 'folder', name, list: async () => listFolder(node) } : fileNode(node)));
}

/** A single folder stands for itself; anything else is put into one. */
function soleFolder(nodes: TreeNode[]): TreeFolder {
  const [first] = nodes;
  if (first?.kind === 'folder' && nodes.length === 1) return first;
  return { kind: 'folder', name: '', list: async () => nodes };
}

function fileNode(file: File): TreeFile {
  return { kind: 'file', name: rootOf(file.name) ?? file.name, read: (limitBytes) => readFile(file, limitBytes) };
}

async function readFile(file: File, limitBytes: number): Promise<Uint8Array> {
  if (file.size > limitBytes) throw tooLarge(file.size, limitBytes);
  return new Uint8Array(await file.arrayBuffer());
}

function handleFolder(handle: FileSystemDirectoryHandle): TreeFolder {
  return {
    kind: 'folder',
    name: handle.name,
    list: async () => {
      const nodes: TreeNode[] = [];
      for await (const child of handle.values()) {
        if (child.kind === 'directory') nodes.push(handleFolder(child as FileSystemDirectoryHandle));
        else nodes.push(handleFile(child as FileSystemFileHandle));
      }
      return nodes;
    },
  };
}

function handleFile(handle: FileSystemFileHandle): TreeFile {
  return { kind: 'file', name: handle.name, read: async (limitBytes) => readFile(await handle.getFile(), limitBytes) };
}

function entryNode(entry: FileSystemEntry): TreeNode {
  if (entry.isDirectory) {
    return { kind: 'folder', name: entry.name, list: async () => (await readEntries(entry as FileSystemDirectoryEntry)).map(entryNode) };
  }
  const file = (): Promise<File> => new Promise((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
  return { kind: 'file', name: entry.name, read: async (limitBytes) => readFile(await file(), limitBytes) };
}

/** A reader brings a folder in portions, and says that it is done with an empty one. */
async function readEntries(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const entries: FileSystemEntry[] = [];
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject)).catch((error: unknown) => {
      throw new CodequarryError('UNREADABLE', error instanceof Error ? error.message : String(error), { cause: error });
    });
    if (portion.length === 0) return entries;
    entries.push(...portion);
  }
}
