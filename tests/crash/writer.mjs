/** A process that changes an index until it is killed. Prints the number of each change once it is acknowledged. */

import { writeSync } from 'node:fs';
import { Codequarry } from '../../pkg/dist/node.js';

const [folder, first] = process.argv.slice(2);
const quarry = await Codequarry.open(folder, { workers: 1 });
for (let change = Number(first); ; change += 4) {
  await Promise.all(
    [0, 1, 2, 3].map(async (part) => {
      const number = change + part;
      await quarry.add([{ path: `file${number % 50}.ts`, text: `export const value = ${number};\n` }]);
      writeSync(1, `${number}\n`);
    }),
  );
}
