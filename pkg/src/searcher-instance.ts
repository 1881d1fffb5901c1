/** The module that searches, in this realm. */

import { Instance } from './instance.js';
import * as engine from './searcher-engine.js';

/** Its functions and classes. */
export type SearcherEngine = typeof engine;

/** Its one instance. */
export const searcherInstance = new Instance<engine.InitOutput, SearcherEngine>(engine);
