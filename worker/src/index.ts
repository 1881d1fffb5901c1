/** The deployed module: the routes over the real engine. */
import { engine } from './module.js';
import { createWorker } from './worker.js';

export default createWorker(engine);
