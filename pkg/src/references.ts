/**
 * Symbols and who refers to them, as a user sees it.
 */

import type { ReferQuestion, ReferenceInfo, SymbolInfo } from './engine.js';
import type { Searcher } from './searcher.js';

/** Which symbol: its name, maybe a qualified one (`Router.route`); the name within a file; or the innermost symbol around a line, from 1. */
export type SymbolPlace = string | { name: string; path?: string } | { path: string; line: number };

/** The places that refer to a symbol. */
export interface References {
  /** The symbols that were meant. */
  definitions: SymbolInfo[];
  /** The places, ordered by path and place. */
  references: ReferenceInfo[];
  /** Where to go on, as the option `cursor`; null when these were all. */
  next: string | null;
  /** Whether all files that were looked through know their references: of what an older release indexed nothing is found. */
  complete: boolean;
}

/** Options of `references`, `callers` and `callees`. */
export interface ReferenceOptions {
  /** Places at most. Default 1,000. */
  limit?: number;
  /** The least confidence, 0 to 1. Default 0.1: below are names that many things share, of which nothing is known. */
  minConfidence?: number;
  /** `next` of an answer before: goes on behind it. */
  cursor?: string;
  signal?: AbortSignal;
}

/** What an index answers about symbols. */
export abstract class SymbolReader {
  /** @internal Asks the searcher that is open. */
  protected abstract read<T>(work: (searcher: Searcher) => Promise<T>): Promise<T>;

  /** Symbols of one file, or of all, ordered by path and place. */
  async symbols(options: { path?: string; limit?: number } = {}): Promise<SymbolInfo[]> {
    return this.read((searcher) => searcher.symbols(options));
  }

  /** The symbols of a name, maybe a qualified one (`Router.route`), ordered by path and place. */
  async definitions(name: string): Promise<SymbolInfo[]> {
    const { definitions } = await this.read((searcher) => searcher.refer({ ask: 'definitions', name }));
    return definitions;
  }

  /** The places that refer to a symbol, each with its role, what it stands in, and how sure it is that it means this symbol. */
  references(symbol: SymbolPlace, options: ReferenceOptions = {}): Promise<References> {
    return this.#refer('references', symbol, options);
  }

  /** The places that call a symbol. */
  callers(symbol: SymbolPlace, options: ReferenceOptions = {}): Promise<References> {
    return this.#refer('callers', symbol, options);
  }

  /** What a symbol calls, in the order of the text; `target` is null where the index does not have it. */
  callees(symbol: SymbolPlace, options: ReferenceOptions = {}): Promise<References> {
    return this.#refer('callees', symbol, options);
  }

  #refer(ask: ReferQuestion['ask'], symbol: SymbolPlace, options: ReferenceOptions): Promise<References> {
    const which = typeof symbol === 'string' ? { name: symbol } : symbol;
    const least = options.minConfidence === undefined ? {} : { minConfidence: options.minConfidence };
    return allPages((page) => this.read((searcher) => searcher.refer({ ...which, ...least, ask, ...page })), options);
  }
}

/** Asks page by page until there are enough places, or no more. Between two pages others are answered, and the signal is looked at. */
async function allPages(ask: (page: { limit: number; from?: string }) => Promise<References>, { limit = 1000, cursor, signal }: ReferenceOptions): Promise<References> {
  signal?.throwIfAborted();
  const found = await ask({ limit, ...(cursor === undefined ? {} : { from: cursor }) });
  while (found.next !== null && found.references.length < limit) {
    await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
    const page = await ask({ limit: limit - found.references.length, from: found.next });
    for (const place of page.references) found.references.push(place);
    found.next = page.next;
    found.complete &&= page.complete;
  }
  return found;
}

/** A symbol with those inside it. */
export interface OutlineSymbol extends SymbolInfo {
  children: OutlineSymbol[];
}

/** Symbols of one file, outer before inner, as a tree. */
export function nested(symbols: SymbolInfo[]): OutlineSymbol[] {
  const top: OutlineSymbol[] = [];
  const open: OutlineSymbol[] = [];
  for (const symbol of symbols) {
    const node = { ...symbol, children: [] };
    while (open.length > 0 && (open.at(-1)?.endByte ?? 0) < symbol.endByte) open.pop();
    while (open.length > 0 && (open.at(-1)?.endByte ?? 0) <= symbol.startByte) open.pop();
    (open.at(-1)?.children ?? top).push(node);
    open.push(node);
  }
  return top;
}
