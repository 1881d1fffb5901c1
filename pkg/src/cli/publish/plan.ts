/**
 * What publishing has to do, decided from what lies here and what lies there, without doing any of it.
 *
 * Segments are named by their content, so one that is there already is not uploaded again. The manifest is written last.
 * A running Worker may still be loading the generation before, and KV shows changes late, so segments outlive the
 * manifest that named them by `keep` generations. Which generation had which segments is written down beside them, in the
 * publication record; a record that is lost or out of date only keeps some segments longer.
 */

/** One generation in the publication record. */
export interface Publication {
  readonly generation: number;
  /** Content hash of the manifest. */
  readonly manifest: string;
  readonly files: number;
  readonly publishedAt: string;
  /** Names of its segments. */
  readonly segments: readonly string[];
  /** Segments that nobody knew when it was published: left by a publication that broke off. They go when it goes. */
  readonly strays: readonly string[];
}

export interface PublicationRecord {
  readonly format: 1;
  /** Newest first; the published one and the ones kept for running Workers. */
  readonly publications: readonly Publication[];
  /**
   * Deleted last time. KV may list them for a while yet, so being listed does not mean that they are there. Those still
   * listed next time are deleted, and noted, again.
   */
  readonly deleted: readonly string[];
}

export const EMPTY_RECORD: PublicationRecord = { format: 1, publications: [], deleted: [] };

export interface PlanInput {
  readonly current: Omit<Publication, 'strays'>;
  /** Names of the segments of which the namespace lists anything. */
  readonly listed: ReadonlySet<string>;
  /** Names of those that are there altogether, as they are to be. */
  readonly whole: ReadonlySet<string>;
  readonly record: PublicationRecord;
  /** How many earlier generations keep their segments. */
  readonly keep: number;
}

export interface Plan {
  readonly upload: readonly string[];
  readonly present: readonly string[];
  readonly remove: readonly string[];
  /** The record to write when all is done. */
  readonly record: PublicationRecord;
}

export function plan({ current, listed, whole, record, keep }: PlanInput): Plan {
  const gone = new Set(record.deleted);
  const present = current.segments.filter((name) => whole.has(name) && !gone.has(name));
  const upload = current.segments.filter((name) => !present.includes(name));

  // Publishing the same generation again neither ages nor forgets the ones before it.
  const again = record.publications[0]?.manifest === current.manifest;
  const earlier = (again ? record.publications.slice(1) : record.publications).slice(0, keep);

  const known = new Set([...current.segments, ...gone, ...record.publications.flatMap(namesOf)]);
  const strays = [...listed].filter((name) => !known.has(name)).sort();
  const inherited = again ? (record.publications[0]?.strays ?? []) : [];
  const publication: Publication = { ...current, strays: [...inherited, ...strays] };

  const publications = [publication, ...earlier];
  const needed = new Set(publications.flatMap(namesOf));
  const remove = [...listed].filter((name) => !needed.has(name)).sort();
  return { upload, present, remove, record: { format: 1, publications, deleted: remove } };
}

function namesOf(publication: Publication): string[] {
  return [...publication.segments, ...publication.strays];
}

/** Reads a record; one that is not ours or is damaged counts as none. */
export function readRecord(text: string): PublicationRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return EMPTY_RECORD;
  }
  return isRecord(value) ? value : EMPTY_RECORD;
}

function isRecord(value: unknown): value is PublicationRecord {
  if (!isObject(value) || value['format'] !== 1) return false;
  const { publications, deleted } = value;
  return isNames(deleted) && Array.isArray(publications) && publications.every(isPublication);
}

function isPublication(value: unknown): value is Publication {
  return (
    isObject(value) &&
    typeof value['generation'] === 'number' &&
    typeof value['manifest'] === 'string' &&
    typeof value['files'] === 'number' &&
    typeof value['publishedAt'] === 'string' &&
    isNames(value['segments']) &&
    isNames(value['strays'])
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}
