/** One of the page's screens; the page shows one at a time. */

import type { Route } from './route';

/** A screen that is shown. */
export interface Screen {
  /** Takes over a route of the same project; a screen without it is left for any new route. */
  apply?: (route: Route) => void;
  /** Lets go of listeners and workers. Its elements are replaced by the next screen. */
  close: () => void;
}
