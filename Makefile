# codequarry. Each target says in its comment what it leaves behind. `make demo` and `make test` are all that a fresh machine needs.

.PHONY: demo test build setup wasm grammars pkg www check unit lint deny packages-test browser-test edge-test hostile-test crash-test eval bench clean

# build/demo: a real published package of 1,000+ files, indexed and searched.
demo: build
	node tests/demo/demo.mjs

# Everything that must hold before a change lands.
test: build lint unit packages-test hostile-test edge-test browser-test crash-test eval

# What the steps below need from the operating system and from rustup.
setup:
	sh xtask/setup.sh

# pkg/dist: the package, complete: engine, grammars, command line, search page.
build: wasm grammars pkg www

# pkg/wasm: the engine and its JavaScript glue.
wasm: setup node_modules/.package-lock.json
	node xtask/wasm.mjs

# pkg/grammars: a side module for each grammar.
grammars: setup
	node grammars/build.mjs

# pkg/dist: the npm package, with the engine and the grammars in it. The search page in pkg/dist/site stays.
pkg: node_modules/.package-lock.json
	npm run --silent build -w pkg
	node xtask/licences.mjs

# pkg/dist/site: the search page.
www: pkg
	npm run --silent build -w www

# The packages of the npm workspaces.
node_modules/.package-lock.json: package.json package-lock.json pkg/package.json www/package.json worker/package.json tests/package.json
	npm ci --no-audit --no-fund

# Format, lints, types.
lint: node_modules/.package-lock.json
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	npm run --silent check -w pkg -w www -w worker

# The engine and the grammars, natively.
unit:
	cargo test -p codequarry -p codequarry-grammars --features codequarry-grammars/linked

# The package's own tests and those of the grammars' side modules, in Node.
packages-test:
	npm test --silent -w pkg
	node --test --test-reporter=spec tests/grammars/*.test.mjs tests/parity/*.test.mjs

# Damaged and hostile input through the command line and the API, in Node.
hostile-test:
	node --test --test-reporter=spec tests/hostile/*.test.mjs

# The Worker and publishing, in real workerd with local KV.
edge-test:
	node --test --test-reporter=spec tests/edge/*.test.mjs

# The page, the IndexedDB store and static sites, in real headless Chromium.
browser-test:
	sh xtask/setup.sh chromium
	node --test --test-reporter=spec tests/browser/*.test.mjs

# Stores cut at every write, and writers killed: ten times each, or as often as KILLS says (100 for what is claimed).
crash-test:
	sh xtask/setup.sh chromium
	node --test --test-concurrency=1 --test-reporter=spec tests/crash/*.test.mjs

# Ranking quality against the committed figures; passes over it where the evaluation's queries are not at hand.
eval:
	test ! -d ../shared/eval || node tests/eval/run.mjs

# Every figure of the README, each beside a named peer.
bench: build
	for bench in size parse builders index search exact partial memory; do node tests/bench/$$bench.mjs || exit 1; done

# Licences and sources of all crates; builds cargo-deny into build/tools on first use (minutes).
deny:
	command -v cargo-deny >/dev/null || test -x build/tools/bin/cargo-deny || cargo install --locked --root build/tools cargo-deny --version 0.20.2
	PATH="build/tools/bin:$$PATH" cargo-deny --all-features check licenses bans sources

clean:
	rm -rf target build pkg/dist pkg/wasm pkg/grammars node_modules
