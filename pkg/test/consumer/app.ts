/** A project of somebody else, with no types of Node and every declaration checked. It is compiled, not run. */

import { Codequarry, CodequarryError, type Hit, IndexedDbStore, fromFileList } from 'codequarry';
import { Codequarry as Slim } from 'codequarry/slim';

export async function find(files: FileList, query: string, signal: AbortSignal): Promise<Hit[]> {
  const quarry = await Codequarry.open('project');
  try {
    const report = await quarry.add(fromFileList(files), { signal, onProgress: ({ done, total }) => console.log(done, total ?? '?') });
    console.log(report.indexed, report.problems.map((problem) => problem.code));
    return await quarry.search(query, { limit: 5, mode: 'hybrid', language: ['ts'] });
  } catch (error) {
    if (error instanceof CodequarryError && error.code === 'QUERY_INVALID') return [];
    throw error;
  } finally {
    await quarry.close();
  }
}

export async function open(grammars: Record<string, string | undefined>): Promise<Slim> {
  return Slim.open({ store: await IndexedDbStore.open('project'), engine: { grammars: (name) => grammars[name] } });
}
