/** A process that adds files of its own to the index in a folder, one after the other, and each time one that others add too. */

import { Codequarry } from 'codequarry';

const [folder = '', id = '', times = '0'] = process.argv.slice(2);
const quarry = await Codequarry.open(folder, { workers: 1 });
for (let turn = 0; turn < Number(times); turn++) {
  const shared = { path: 'shared.ts', text: `export const ${id} = ${turn};\n` };
  await quarry.add([{ path: `${id}/f${turn}.ts`, text: `export const value = ${turn};\n` }, shared]);
}
await quarry.close();
