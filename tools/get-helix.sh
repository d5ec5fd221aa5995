#!/usr/bin/env bash
# get-helix.sh SUITE PREFIX: the Helix of a Debian suite as PREFIX/bin/hx, and beside it the tmux in which a test types into it.
set -euo pipefail
. "$(dirname "$0")/debian.sh"
suite=$1 prefix=$(realpath -m "$2")

rm -rf "$prefix"
root=$prefix/root
debian_unpack "$suite" "$root" hx tmux patchelf
for program in hx tmux; do use_own_libraries "$root" "$(realpath "$root/usr/bin/$program")"; done
mkdir "$prefix/bin"
cat >"$prefix/bin/hx" <<EOF
#!/bin/sh
# The run-time files of this private copy. LD_LIBRARY_PATH stays unset, so that children keep the system's libraries.
export HELIX_RUNTIME='$root/usr/lib/hx/runtime'
exec '$root/usr/lib/hx/hx' "\$@"
EOF
chmod +x "$prefix/bin/hx"
ln -s "$root/usr/bin/tmux" "$prefix/bin/tmux"
"$prefix/bin/tmux" -V >/dev/null
"$prefix/bin/hx" --version
