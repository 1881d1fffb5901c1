#!/bin/sh
# Installs what the build needs from the operating system: a C compiler and a linker for WebAssembly. With the argument
# "chromium" what the browser tests need instead. Says the one line that does it where it may not do it itself.
set -eu

have() { command -v "$1" >/dev/null 2>&1; }

# install DEBIAN_PACKAGES BREW_PACKAGES
install() {
    if have apt-get; then
        sudo=''
        if [ "$(id -u)" -ne 0 ]; then
            have sudo && sudo -n true 2>/dev/null && sudo='sudo -n' || { echo "codequarry: run: sudo apt-get install -y $1" >&2; exit 1; }
        fi
        # Another one that is at work is waited for, and a connection that breaks is tried again.
        options='-qq -o DPkg::Lock::Timeout=600 -o Acquire::Retries=5'
        # shellcheck disable=SC2086
        $sudo apt-get update $options
        # shellcheck disable=SC2086
        DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y $options --no-install-recommends $1 >/dev/null
    elif have brew; then
        # shellcheck disable=SC2086
        brew install --quiet $2
    else
        echo "codequarry: install these with the package manager of this system: $1" >&2
        exit 1
    fi
}

for tool in cargo node npm; do
    have "$tool" || { echo "codequarry: $tool was not found; install Rust (https://rustup.rs) and Node.js 20 or later (https://nodejs.org)" >&2; exit 1; }
done

if [ "${1:-}" = chromium ]; then
    have chromium || have google-chrome || [ -n "${CHROMIUM:-}" ] || [ -d '/Applications/Google Chrome.app' ] || install chromium chromium
    exit 0
fi

have cc || install build-essential llvm
node grammars/toolchain.mjs --quiet 2>/dev/null || install 'clang-19 lld-19 llvm-19' 'llvm lld'
node grammars/toolchain.mjs --quiet
if have rustup; then
    rustup target list --installed | grep -q '^wasm32-unknown-unknown$' || rustup target add wasm32-unknown-unknown
    have rustfmt && have cargo-clippy || rustup component add rustfmt clippy
fi
