/** A process that swaps the manifest of a folder until it has won as often as it was told. Prints how often it has. */

import { FolderStore } from 'codequarry';
import { manifestOf } from 'codequarry/store-conformance';

const [folder = '', id = '0', times = '0'] = process.argv.slice(2);
const store = await FolderStore.open(folder);
let won = 0;
while (won < Number(times)) {
  const generation = (await store.readManifest())?.generation ?? 0;
  try {
    await store.swapManifest(generation, manifestOf(generation + 1, Number(id)));
    won += 1;
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'STALE_GENERATION') throw error;
  }
}
process.stdout.write(String(won));
