#!/usr/bin/env bash
# get-python.sh SUITE X.Y PREFIX: the CPython X.Y of a Debian suite (trixie 3.13, forky 3.14) as PREFIX/bin/pythonX.Y, fit to make
# virtual environments.
set -euo pipefail
. "$(dirname "$0")/debian.sh"
suite=$1 version=$2 prefix=$(realpath -m "$3")

rm -rf "$prefix"
debian_unpack "$suite" "$prefix/root" "python$version" "python$version-venv" patchelf "libpython$version-dev/alone" "python$version-dev/alone"
# A virtual environment looks for lib/pythonX.Y beside the bin/ that it was made from, so there is no usr/ in between.
mv "$prefix"/root/usr/* "$prefix/"
rm -rf "$prefix/root"
ln -s . "$prefix/usr"
cd "$prefix"
use_own_libraries "$prefix" "bin/python$version"
# Debian's build-time paths, as they are here; and its compiler, by plain name. Its pyconfig.h only points to another.
sed -i "s#/usr/share/python-wheels#$prefix/share/python-wheels#g; s#'/usr/include#'$prefix/include#g; s#$triplet-g#g#g" \
  "lib/python$version"/_sysconfigdata_*.py
cp "include/$triplet/python$version/pyconfig.h" "include/python$version/pyconfig.h"
rm -f "lib/python$version/EXTERNALLY-MANAGED"
rm -rf share/doc share/man share/locale share/lintian
"bin/python$version" -c 'import bz2, ctypes, lzma, sqlite3, ssl, sys, zlib; print("CPython", sys.version.split()[0])'
