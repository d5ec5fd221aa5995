#!/usr/bin/env bash
# get-lua-tools.sh PREFIX: luacheck (from Debian) and stylua (from npm) as PREFIX/bin/luacheck and PREFIX/bin/stylua.
set -euo pipefail
. "$(dirname "$0")/debian.sh"
prefix=$(realpath -m "$1")

rm -rf "$prefix"
root=$prefix/root
debian_unpack trixie "$root" lua-check lua5.1 patchelf
lua=$root/usr/bin/lua5.1
use_own_libraries "$root" "$lua"
mkdir "$prefix/bin"
script=$(find "$root/usr/bin" -name 'luacheck*' | head -1)
cat >"$prefix/bin/luacheck" <<END
#!/bin/sh
export LUA_PATH='$root/usr/share/lua/5.1/?.lua;$root/usr/share/lua/5.1/?/init.lua' LUA_CPATH='$root/usr/lib/$triplet/lua/5.1/?.so'
exec '$lua' '$script' "\$@"
END
chmod +x "$prefix/bin/luacheck"

command -v npm >/dev/null || { echo "stylua needs npm" >&2; exit 1; }
npm install --prefix "$prefix/npm" --ignore-scripts --no-audit --no-fund --no-save --loglevel=error '@johnnymorganz/stylua-bin@2.5.2'
stylua=$(find "$prefix/npm/node_modules/@johnnymorganz" -type f \( -name stylua -o -name 'stylua-*' \) -path '*bin-*' | head -1)
[ -n "$stylua" ] || { echo "npm has no stylua for this machine" >&2; exit 1; }
chmod +x "$stylua"
ln -s "$stylua" "$prefix/bin/stylua"
"$prefix/bin/luacheck" --version | head -1
"$prefix/bin/stylua" --version
