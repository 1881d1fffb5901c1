/** The chunks of the evaluation's corpora, a line of JSON each: `node model/outline.mjs QUERIES.json CORPORA_DIR OUT.jsonl`. */

import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Codequarry, fromFolder } from '../pkg/dist/node.js';

const [queries, corpora, out] = process.argv.slice(2);
const quarry = await Codequarry.open({ workers: 1 });
const sink = createWriteStream(out);
for (const [corpus, { index_root: root }] of Object.entries(JSON.parse(readFileSync(queries, 'utf8')).corpora)) {
  for await (const { path, chunks } of quarry.outline(fromFolder(join(corpora, corpus, root)))) {
    for (const chunk of chunks) sink.write(`${JSON.stringify({ corpus, path: root === '.' ? path : `${root}/${path}`, name: chunk.qualifiedName ?? '', signature: chunk.signature ?? '', kind: chunk.kind, piece: chunk.piece, text: chunk.text })}\n`);
  }
}
sink.end();
await quarry.close();
