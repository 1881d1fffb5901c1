/** Finds out whether a snapshot lies beside the page, and what it is called. */

/** A snapshot beside the page. */
export interface SnapshotSite {
  /** Where its files are; ends in a slash. */
  base: URL;
  title: string;
  /** Where the code comes from, in a line of text; empty when nothing is said. */
  description: string;
  /** The size of all the snapshot's files in bytes; 0 when unknown. */
  bytes: number;
  /** The size of the embedding model, for a control that says what it will fetch; 0 when unknown. */
  modelBytes: number;
}

/**
 * Looks for `./snapshot/site.json`. The page as it is built carries one that says there is no snapshot, so that
 * the usual start asks for nothing that is missing; without the file the manifest itself is asked for.
 */
export async function findSnapshot(): Promise<SnapshotSite | undefined> {
  const base = new URL('./snapshot/', document.baseURI);
  const site = { base, title: 'Code search', description: '', bytes: 0, modelBytes: 0 };
  const response = await fetch(new URL('site.json', base), { cache: 'no-cache' });
  if (!response.ok) {
    const manifest = await fetch(new URL('manifest.cqm', base), { method: 'HEAD' });
    return manifest.ok ? site : undefined;
  }
  const said: unknown = await response.json().catch(() => ({}));
  if (typeof said !== 'object' || said === null) return site;
  const { snapshot, title, description, bytes, modelBytes } = said as Record<string, unknown>;
  if (snapshot === false) return undefined;
  return {
    base,
    title: typeof title === 'string' && title !== '' ? title : site.title,
    description: typeof description === 'string' ? description : '',
    bytes: typeof bytes === 'number' && bytes > 0 ? bytes : 0,
    modelBytes: typeof modelBytes === 'number' && modelBytes > 0 ? modelBytes : 0,
  };
}
