#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/cli/main.js', import.meta.url);
if (existsSync(main)) {
  await (await import(main.href)).main(process.argv.slice(2));
} else {
  process.stderr.write('codequarry: NOT_BUILT: this checkout has not been built\nhint: run "make build" in its root\n');
  process.exitCode = 2;
}
