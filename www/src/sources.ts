/** What a person picked or dropped, as something that can be indexed. */

import { fromArchive, fromDirectoryHandle, fromDrop, fromFileList, type FileSource } from 'codequarry';

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
  return { title: file.name.replace(ARCHIVE, ''), files: fromArchive(file, { name: file.name }) };
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
  return { title: title === '' ? 'folder' : title, files: fromFileList(list) };
}

/**
 * What was dropped: a folder, several things, or one archive; `undefined` where it was no file. To be called while the event is handled,
 * since the transfer is empty afterwards.
 */
export function sourceFromDrop(transfer: DataTransfer): PickedSource | undefined {
  const items = [...transfer.items].filter(({ kind }) => kind === 'file');
  if (items.length === 0) return undefined;
  const name = items[0]?.webkitGetAsEntry()?.name ?? transfer.files[0]?.name ?? 'dropped';
  return {
    title: items.length === 1 ? name.replace(ARCHIVE, '') : `${name} and ${items.length - 1} more`,
    files: fromDrop(transfer),
  };
}
