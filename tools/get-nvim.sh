#!/usr/bin/env bash
# get-nvim.sh SUITE PREFIX: the Neovim of a Debian suite (trixie 0.10, forky 0.12 or newer) as PREFIX/bin/nvim.
set -euo pipefail
. "$(dirname "$0")/debian.sh"
suite=$1 prefix=$(realpath -m "$2")

rm -rf "$prefix"
root=$prefix/root
debian_unpack "$suite" "$root" neovim patchelf
use_own_libraries "$root" "$root/usr/bin/nvim"
mkdir "$prefix/bin"
cat >"$prefix/bin/nvim" <<EOF
#!/bin/sh
# The run-time files of this private copy. LD_LIBRARY_PATH stays unset, so that children keep the system's libraries.
export VIM='$root/usr/share/nvim' VIMRUNTIME='$root/usr/share/nvim/runtime'
export XDG_DATA_DIRS='$root/usr/share':"\${XDG_DATA_DIRS:-/usr/local/share:/usr/share}"
exec '$root/usr/bin/nvim' "\$@"
EOF
chmod +x "$prefix/bin/nvim"
"$prefix/bin/nvim" --version | head -1
