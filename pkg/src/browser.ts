/**
 * The package in a browser: `import { Codequarry } from 'codequarry'`.
 */

import type { Platform } from './runtime.js';
import * as slim from './slim.js';

export * from './slim.js';

/** A search index over source code, in a browser. */
export class Codequarry extends slim.Codequarry {
  /** @internal */
  protected static override platform: Platform = {
    ...slim.Codequarry.platform,
    defaultGrammars: () => async (name) => (await import('./grammar-table.js')).GRAMMAR_TABLE[name],
  };
}
