#!/usr/bin/env bash
# check-neovim.sh [format]: luacheck and stylua over the Neovim plugin; with `format` it is formatted instead.
# Where the tools are missing it says so (`make editors` fetches them); with CI=true that is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$PWD/.editors/lua-tools/bin

find_tool() {
  if [ -x "$bin/$1" ]; then echo "$bin/$1"; else command -v "$1"; fi
}

skip() {
  echo "!!! Neovim plugin: not checked, $1; \`make editors\` fetches it." >&2
  [ "${CI:-}" != true ] && exit 0 || exit 1
}

stylua=$(find_tool stylua) || skip "there is no stylua"
luacheck=$(find_tool luacheck) || skip "there is no luacheck"
cd editor-clients/neovim
if [ "${1:-}" = format ]; then
  "$stylua" .
else
  "$stylua" --check .
  "$luacheck" --quiet --no-color .
fi
