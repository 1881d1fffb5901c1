# codequarry. Each target says in its comment what it leaves behind.

.PHONY: wasm grammars pkg www

# pkg/wasm: the engine and its JavaScript glue.
wasm: node_modules/.package-lock.json
	node xtask/wasm.mjs

# pkg/grammars: a side module for each grammar.
grammars:
	node grammars/build.mjs

# pkg/dist: the npm package, with the engine and the grammars in it. The search page in pkg/dist/site stays.
pkg: node_modules/.package-lock.json
	npm run --silent build -w pkg

# pkg/dist/site: the search page, complete in itself.
www: pkg
	npm run --silent build -w www

# The packages of the npm workspaces.
node_modules/.package-lock.json: package.json pkg/package.json www/package.json worker/package.json
	npm install --no-audit --no-fund
