/**
 * Which files are left out: `.gitignore` and `.codequarryignore` at every level, as git reads them, and a few folders that nobody searches.
 */

import ignore, { type Ignore } from 'ignore';
import { folderOf } from './paths.js';

/** Options that every source understands. */
export interface IgnoreOptions {
  /** Brings everything but version control folders and snapshots: no ignore file is read and `node_modules` is a folder like any other. Default false. */
  all?: boolean | undefined;
}

/** Names of the files that hold rules, the later ones stronger. */
const RULE_FILES = ['.gitignore', '.codequarryignore'];
const NEVER = new Set(['.git', '.hg', '.svn', '.jj']);
const SELDOM = new Set(['node_modules']);

/** True for a file that {@link IgnoreTree.add} wants to see. */
export function isRuleFile(name: string): boolean {
  return RULE_FILES.includes(name);
}

/** The rules of a tree of folders, which come to be known folder by folder. */
export class IgnoreTree {
  readonly #all: boolean;
  readonly #rules = new Map<string, Ignore>();

  constructor(options: IgnoreOptions = {}) {
    this.#all = options.all ?? false;
  }

  /** Whether rule files are read at all. */
  get readsRules(): boolean {
    return !this.#all;
  }

  /** Adds the rules of one file, which hold below its folder. */
  add(folder: string, text: string): void {
    if (this.#all) return;
    const rules = this.#rules.get(folder) ?? ignore({ allowRelativePaths: true });
    rules.add(text);
    this.#rules.set(folder, rules);
  }

  /** Whether a folder is left out, with all that is below it. Its parents are taken as not left out. */
  leavesOutFolder(path: string): boolean {
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (NEVER.has(name) || name.endsWith('.codequarry')) return true;
    if (this.#all) return false;
    return SELDOM.has(name) || this.#ruledOut(path, `${path}/`);
  }

  /** Whether a file is left out. Its folders are taken as not left out. */
  leavesOutFile(path: string): boolean {
    return !this.#all && this.#ruledOut(path, path);
  }

  /** Whether a file is left out, for itself or with one of its folders. */
  leavesOut(path: string): boolean {
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      if (this.leavesOutFolder(path.slice(0, slash))) return true;
    }
    return this.leavesOutFile(path);
  }

  /** The rules nearest to the path decide; those further up are asked only when they say nothing. */
  #ruledOut(path: string, tested: string): boolean {
    if (this.#rules.size === 0) return false;
    let folder = folderOf(path);
    for (;;) {
      const rules = this.#rules.get(folder);
      if (rules) {
        const verdict = rules.test(folder === '' ? tested : tested.slice(folder.length + 1));
        if (verdict.ignored) return true;
        if (verdict.unignored) return false;
      }
      if (folder === '') return false;
      folder = folderOf(folder);
    }
  }
}
