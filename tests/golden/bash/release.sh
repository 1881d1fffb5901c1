#!/usr/bin/env bash
# Cuts a release.
set -euo pipefail

readonly ROOT="$(cd "$(dirname "$0")" && pwd)"
export CI=true
version=

# Says something, and stops.
die() {
  echo "release: $*" >&2
  exit 1
}

function usage {
  cat <<EOF
usage: release.sh VERSION
EOF
}

# Bumps the version in every manifest and checks that nothing else changed in the working tree meanwhile.
bump() {
  local file
  for file in package.json Cargo.toml; do
    [ -f "$ROOT/$file" ] || continue
    sed -i "s/^\(version = \)\".*\"/\1\"$1\"/" "$ROOT/$file"
    if ! git diff --quiet -- "$file"; then
      git add "$file"
    fi
  done
}

while getopts hv: option; do
  case $option in
    h) usage; exit 0 ;;
    v) version=$OPTARG ;;
    *) die "unknown option" ;;
  esac
done

[ -n "$version" ] || die "no version"
bump "$version"
git commit -m "Release $version"
