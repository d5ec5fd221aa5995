#!/usr/bin/env bash
# build-vsix.sh [FILE]: the extension as one file, with the IDE side of LiveBreak in it as pure Python; dist/livebreak-VERSION.vsix
# by default. Needs .venv (`make .venv/.installed`), Node, and what requirements/vsix.txt names from a package index.
set -euo pipefail
cd "$(dirname "$0")/.."
client=editor-clients/vscode
bundled=$client/bundled
version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' $client/package.json)
file=$(realpath -m "${1:-dist/livebreak-$version.vsix}")
export PIP_CACHE_DIR="$PWD/.cache/pip" npm_config_cache="$PWD/.cache/npm"

tools/build-vscode.sh packages
# Where they could not be fetched it has said so, and there is nothing to package with.
[ -x $client/node_modules/.bin/vsce ] || exit 0
pip() { "${PYTHON:-python3}" -m pip --python .venv/bin/python --disable-pip-version-check -qq "$@"; }

rm -rf "$bundled"
# Wheels for any Python on any machine only: what is built here runs everywhere.
pip install --target "$bundled" --no-compile --require-hashes --no-deps --only-binary=:all: \
  --implementation py --abi none --platform any --python-version 3.11 --requirement requirements/vsix.txt
pip install --target "$bundled" --no-compile --no-deps --no-build-isolation --upgrade server/agent .
# The commands of the terminal and the backend are not the editor's: without their libraries they would not run here.
rm -rf "$bundled"/bin "$bundled"/livebreak/backend "$bundled"/livebreak/demo
find "$bundled" \( -name 'direct_url.json' -o -name 'RECORD' -o -name 'INSTALLER' -o -name 'REQUESTED' \) -delete
if native=$(find "$bundled" -name '*.so' -o -name '*.pyd' -o -name '*.dylib' | grep .); then
  echo "not pure Python: $native" >&2
  exit 1
fi

cp LICENSE "$client/LICENSE"
(
  cd "$client"
  echo "out/extension.js holds parts of these packages; those of the bundled Python packages are in their *.dist-info folders."
  for package in vscode-languageclient vscode-jsonrpc vscode-languageserver-protocol vscode-languageserver-types \
    vscode-languageserver-textdocument semver minimatch brace-expansion balanced-match; do
    [ -d node_modules/$package ] || continue
    printf '\n--- %s\n\n' "$package"
    cat node_modules/$package/[Ll][Ii][Cc][Ee][Nn][Ss][Ee]*
  done
) >"$client/ThirdPartyNotices.txt"

mkdir -p "$(dirname "$file")"
# It checks and builds, see `vscode:prepublish`.
(cd "$client" && npx --no-install vsce package --no-dependencies --out "$file")
size=$(stat -c %s "$file" 2>/dev/null || stat -f %z "$file")
# What people wait for when they install; the budget of the extension.
if [ "$size" -gt $((8 << 20)) ]; then
  echo "$file has $size bytes; it may have 8 MiB." >&2
  exit 1
fi
echo "$file: $((size / 1024)) KiB"
