#!/usr/bin/env bash
# build-vscode.sh [test|packages]: checks and builds the VS Code extension, and with `test` runs its tests first; with `packages` it
# only fetches what that needs.
# Without Node, or where its packages cannot be fetched, it says so; with CI=true that is a failure.
set -euo pipefail
cd "$(dirname "$0")/../editor-clients/vscode"

skip() {
  echo "!!! VS Code extension: skipped, $1" >&2
  [ "${CI:-}" != true ] && exit 0 || exit 1
}

command -v npm >/dev/null || skip "there is no npm; install Node 20 or newer."
if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error || skip "its packages could not be fetched."
fi
[ "${1:-}" != packages ] || exit 0
npm run --silent check
[ "${1:-}" != test ] || npm test --silent
npm run --silent build -- --log-level=warning
echo "VS Code extension: checked, built into editor-clients/vscode/out"
