#!/usr/bin/env bash
# get-editors.sh [vscode]: what the tests can use and a machine may lack, into .editors/: Neovim in two versions, Helix, a newer
# CPython, and what checks Lua.
# What is there already is left alone. What cannot be fetched is said; with CI=true it is a failure.
set -uo pipefail
cd "$(dirname "$0")/.."
failed=0

# get NAME COMMAND-THAT-SUCCEEDS-IF-IT-IS-THERE COMMAND-THAT-FETCHES-IT...
get() {
  local name=$1 there=$2 output
  shift 2
  if eval "$there" >/dev/null 2>&1; then
    echo "$name: already there"
  elif echo "$name: fetching ..." && output=$("$@" 2>&1); then
    echo "$name: ${output##*$'\n'}"
  else
    echo "!!! $name could not be fetched, tests that need it are skipped: ${output##*$'\n'}" >&2
    failed=1
  fi
}

get "Neovim 0.12 or newer" '.editors/nvim-forky/bin/nvim --version' tools/get-nvim.sh forky .editors/nvim-forky
get "Neovim 0.10" '.editors/nvim-trixie/bin/nvim --version' tools/get-nvim.sh trixie .editors/nvim-trixie
get "Helix" '.editors/helix/bin/hx --version && .editors/helix/bin/tmux -V' tools/get-helix.sh forky .editors/helix
get "luacheck and stylua" '.editors/lua-tools/bin/luacheck --version && .editors/lua-tools/bin/stylua --version' \
  tools/get-lua-tools.sh .editors/lua-tools
get "CPython 3.14" '.editors/python-3.14/bin/python3.14 -c "import ssl"' tools/get-python.sh forky 3.14 .editors/python-3.14
for wanted in "$@"; do
  case $wanted in
    vscode) get "VS Code" '[ -f .editors/vscode/.complete ] && [ -d .editors/vscode/python/playwright ]' tools/get-vscode.sh .editors/vscode ;;
    *) echo "there is no editor $wanted here; say vscode or nothing" >&2; exit 2 ;;
  esac
done
[ "${CI:-}" != true ] || exit $failed
