/**
 * A grammar that traps, and one that allocates without end, in workerd, where builders share the isolate with the searcher: the broken instance is thrown away, and the next file finds a fresh one.
 *
 * A loop is not among them: workerd has no threads, so that only the platform's limit on CPU time ends it, and the request with it. FAULTS says how many of each come in a row.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT, requireFromWorker } from './bundle.mjs';
import { startWorkerd } from './workerd.mjs';

const TIMES = Number(process.env.FAULTS ?? 10);

const SCRIPT = `
  import { Codequarry } from './pkg/dist/workerd.js';
  import faults from 'faults.wasm';
  import python from './pkg/dist/grammars/python.wasm';

  const language = { id: 'faults', extensions: ['fault'], wasm: faults, symbols: [{ node: 'pair', kind: 'key', name: ['unquoted', 'key'] }] };
  export default {
    async fetch(request) {
      const { text, times } = await request.json();
      const quarry = await Codequarry.open({ embedder: false, languages: [language], engine: { grammars: (name) => (name === 'python' ? python : undefined) } });
      const codes = {};
      for (let time = 0; time < times; time++) {
        const files = [{ path: time + '.py', text: 'def first():\\n    pass\\n' }, { path: time + '.fault', text }, { path: time + 'b.fault', text: '{ "alpha": 1 }\\n' }];
        const { problems, symbols } = await quarry.add(files);
        const outcome = problems.map(({ path, status, code }) => path.replace(String(time), '') + ' ' + status + ' ' + code).join() + ' ' + symbols;
        codes[outcome] = (codes[outcome] ?? 0) + 1;
      }
      const hits = await quarry.search('first', { limit: 1 });
      await quarry.close();
      return Response.json({ codes, symbol: hits[0].symbol });
    },
  };
`;

let folder;
let edge;
before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'codequarry-faults-'));
  execFileSync(process.execPath, ['grammars/build.mjs', '--only', 'json', '--prelude', 'tests/faults/faults.h', '--as', 'faults', '--out', folder], { cwd: ROOT });
  const out = path.join(folder, 'out');
  mkdirSync(out);
  const beside = {
    name: 'modules beside the script',
    setup: (build) =>
      build.onResolve({ filter: /\.wasm$/ }, ({ path: wanted, resolveDir }) => {
        const name = path.basename(wanted);
        copyFileSync(name === 'faults.wasm' ? path.join(folder, name) : path.resolve(resolveDir, wanted), path.join(out, name));
        return { path: `./${name}`, external: true };
      }),
  };
  const { build } = requireFromWorker('esbuild');
  const script = path.join(out, 'faults.js');
  await build({ stdin: { contents: SCRIPT, resolveDir: ROOT }, bundle: true, format: 'esm', conditions: ['workerd'], outfile: script, plugins: [beside], logLevel: 'error' });
  edge = await startWorkerd({ folder: out, script }, path.join(folder, 'kv'));
});
after(async () => {
  await edge?.stop();
  rmSync(folder, { recursive: true, force: true });
});

for (const [name, text, code] of [
  ['trap', '[1, !]\n', 'PARSE_TRAP'],
  ['memory', '[1, ^]\n', 'MEMORY_LIMIT'],
]) {
  test(`${name}: ${TIMES} in a row, each line windows and ${code}, and the others as ever`, async () => {
    const { body, text: answer } = await edge.get('/', { method: 'POST', body: JSON.stringify({ text, times: TIMES }) });
    assert.deepEqual(body, { codes: { [`.fault fallback ${code} 2`]: TIMES }, symbol: 'first' }, answer);
  });
}
