/**
 * The list of the projects that this browser holds: what each is called, how large it is, what was skipped.
 *
 * It lives in a small IndexedDB database of the page's own, so that it shares the fate of the indexes: clearing the
 * site's data clears both. The indexes themselves are the package's, one database each, and are opened by name.
 */

import type { Problem } from './problem';
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';

/** The files that were left out for one reason. */
export interface SkippedGroup {
  code: string;
  count: number;
  /** The first of them, at most `MAX_EXAMPLES`. */
  examples: { path: string; message: string }[];
}

/** How many files of a group are kept by name. */
export const MAX_EXAMPLES = 200;

/** One project of the list. */
export interface Project {
  /** The name that the index is stored under, and that addresses name it by. */
  name: string;
  /** What the person called it: the folder's or the archive's name. */
  title: string;
  /** `indexing` until the last segment is durable; one that stays so was interrupted. */
  state: 'indexing' | 'ready';
  /** Unix times in milliseconds. */
  createdAt: number;
  openedAt: number;
  files: number;
  sourceBytes: number;
  indexBytes: number;
  /** How long indexing took, in milliseconds. */
  elapsed: number;
  skipped: SkippedGroup[];
  /** Files indexed by line windows since they could not be parsed, by reason. */
  fallback: SkippedGroup[];
  /** Why the source broke off before its end; unset where it did not. */
  broken?: Problem;
}

interface Schema extends DBSchema {
  projects: { key: string; value: Project };
}

let opened: Promise<IDBPDatabase<Schema>> | undefined;

function database(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>('codequarry-page', 1, {
    upgrade: (db) => void db.createObjectStore('projects', { keyPath: 'name' }),
    terminated: () => (opened = undefined),
  }).catch((error: unknown) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

/** All projects, the one used last first. */
export async function listProjects(): Promise<Project[]> {
  const projects = await (await database()).getAll('projects');
  return projects.sort((a, b) => b.openedAt - a.openedAt);
}

/** One project, or `undefined` where the list has no such name. */
export async function readProject(name: string): Promise<Project | undefined> {
  return (await database()).get('projects', name);
}

/** Adds a project or replaces what is known about it. */
export async function writeProject(project: Project): Promise<void> {
  await (await database()).put('projects', project);
}

/** Forgets a project; its index is deleted by `quarry.ts`. */
export async function forgetProject(name: string): Promise<void> {
  await (await database()).delete('projects', name);
}

/** A new name for a project: readable in an address, and never that of another one. */
export function newName(title: string): string {
  const slug = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  const random = Array.from(crypto.getRandomValues(new Uint8Array(4)), (byte) => (byte % 36).toString(36)).join('');
  return `${slug === '' ? 'project' : slug}-${random}`;
}
