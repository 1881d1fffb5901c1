/** What a person picked or dropped, as something that can be indexed. */

import { fromArchive, fromDirectoryHandle, fromDrop, type FileSource, type SourceFile } from 'codequarry';

/** Something picked, not yet read. */
export interface PickedSource {
  /** The folder's or the archive's name. */
  title: string;
  /** The files, read as they are asked for. */
  files: FileSource;
}

const ARCHIVE = /\.(tgz|tar|tar\.gz|gz|zip|crate|whl|jar)$/i;

/** A single archive. */
export function sourceFromFile(file: File): PickedSource {
  return { title: file.name.replace(ARCHIVE, ''), files: fromArchive(file, file.name) };
}

/** A folder of the person's choice; `undefined` where they changed their mind. */
export async function sourceFromFolder(): Promise<PickedSource | undefined> {
  const pick = (window as unknown as { showDirectoryPicker: () => Promise<FileSystemDirectoryHandle> }).showDirectoryPicker;
  try {
    const handle = await pick.call(window);
    return { title: handle.name, files: fromDirectoryHandle(handle) };
  } catch (thrown) {
    if ((thrown as { name?: unknown }).name === 'AbortError') return undefined;
    throw thrown;
  }
}

/** A folder chosen through a form field, where the browser has no folder picker. */
export function sourceFromFolderInput(list: FileList): PickedSource {
  const first = list[0]?.webkitRelativePath ?? '';
  const title = first.slice(0, Math.max(0, first.indexOf('/')));
  return { title: title === '' ? 'folder' : title, files: new ListSource([...list]) };
}

/**
 * What was dropped: a folder, several things, or one archive. The transfer's items are gone once the event is
 * over, so they are taken before anything is awaited.
 */
export async function sourceFromDrop(transfer: DataTransfer): Promise<PickedSource | undefined> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const only = entries.length === 1 ? entries[0] : undefined;
  const file = transfer.files[0];
  if (only?.isFile === true && file !== undefined && ARCHIVE.test(file.name)) return sourceFromFile(file);
  if (entries.length === 0) return undefined;
  return { title: only?.name ?? `${entries.length} items`, files: fromDrop(transfer) };
}

/** The files of a form field, as a source. */
class ListSource implements FileSource {
  readonly total: number;

  constructor(private readonly list: readonly File[]) {
    this.total = list.length;
  }

  async *[Symbol.asyncIterator](): AsyncIterator<SourceFile> {
    for (const file of this.list) {
      const path = file.webkitRelativePath;
      yield { path: path.slice(path.indexOf('/') + 1), bytes: new Uint8Array(await file.arrayBuffer()) };
    }
  }
}
