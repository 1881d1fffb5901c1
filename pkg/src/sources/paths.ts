/**
 * Paths as they come from archives and file systems, made into paths of a corpus: forward slashes, relative, inside the root.
 */

/**
 * The path inside the corpus that a foreign path means, or undefined when it leads out of it: absolute, with a drive letter, with `..`, or with a NUL.
 */
export function corpusPath(raw: string): string | undefined {
  const slashed = raw.replaceAll('\\', '/');
  if (slashed.startsWith('/') || /^[A-Za-z]:/.test(slashed) || slashed.includes('\0')) return undefined;
  const parts = slashed.split('/').filter((part) => part !== '' && part !== '.');
  return parts.length === 0 || parts.includes('..') ? undefined : parts.join('/');
}

/** The first folder of a path, or undefined for a file at the root. */
export function rootOf(path: string): string | undefined {
  const slash = path.indexOf('/');
  return slash < 0 ? undefined : path.slice(0, slash);
}

/** Everything above the last slash; empty at the root. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** Order of code units, the same everywhere whatever the locale. */
export function comparePaths(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
