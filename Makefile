# codequarry. Each target says in its comment what it leaves behind.

.PHONY: wasm grammars

# pkg/wasm: the engine and its JavaScript glue.
wasm: node_modules/.package-lock.json
	node xtask/wasm.mjs

# pkg/grammars: a side module for each grammar.
grammars:
	node grammars/build.mjs

# The packages of the npm workspaces.
node_modules/.package-lock.json: package.json pkg/package.json www/package.json worker/package.json
	npm install --no-audit --no-fund
