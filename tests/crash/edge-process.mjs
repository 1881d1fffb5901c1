/** workerd in a process group of its own, to be killed: prints its address, then serves until it dies. `node edge-process.mjs FOLDER SCRIPT PERSIST` */
import { ownedBy, startWorkerd } from '../edge/workerd.mjs';

const [folder, script, persist] = process.argv.slice(2);
const variables = { WRITE_TOKEN: 'token', MANIFEST_TTL_SECONDS: '1', CACHE_SECONDS: '0' };
const { origin } = await startWorkerd({ folder, script }, persist, variables, ownedBy(persist, 'MortalOwner'));
process.stdout.write(`${origin}\n`);
setInterval(() => undefined, 1000);
