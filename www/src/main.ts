/** Where the page starts: a snapshot beside it is opened; otherwise the page works on what the person gives it. */

import { byId } from './dom';
import { problemOf, problemPanel } from './problem';
import { findSnapshot } from './snapshot';
import { SnapshotPage } from './snapshot-page';
import { StoredPage } from './stored-page';
import { parseRoute } from './route';

async function start(): Promise<void> {
  const main = byId('main');
  try {
    const snapshot = await findSnapshot();
    const page = snapshot === undefined ? new StoredPage(main) : new SnapshotPage(main, snapshot);
    const navigate = (): void => page.navigate(parseRoute(location.hash));
    window.addEventListener('popstate', navigate);
    navigate();
  } catch (thrown) {
    main.replaceChildren(
      problemPanel('The page could not start', problemOf(thrown), [{ label: 'Try again', act: () => location.reload() }]),
    );
  }
}

void start();
