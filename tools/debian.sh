# Sourced by the get-*.sh scripts: unpacks packages of another Debian suite, their own libc beside them, into a folder.
# The system's packages, apt lists and libraries stay as they are, and no root is needed.

case $(uname -m) in
  x86_64) triplet=x86_64-linux-gnu loader=ld-linux-x86-64.so.2 ;;
  aarch64) triplet=aarch64-linux-gnu loader=ld-linux-aarch64.so.1 ;;
  *) echo "there is no way yet to fetch programs for a $(uname -m)" >&2; exit 1 ;;
esac

# debian_unpack SUITE FOLDER PACKAGE...: the packages and all that they depend on. A package written NAME/alone comes without
# what it depends on.
debian_unpack() (
  set -eu
  suite=$1 folder=$2 wanted=() alone=()
  shift 2
  for package in "$@"; do
    case $package in */alone) alone+=("${package%/alone}") ;; *) wanted+=("$package") ;; esac
  done
  command -v apt-get >/dev/null || { echo "this needs a Debian with apt-get" >&2; exit 1; }
  # The archive that this machine's own apt uses, read from its settings, so that no host is named here.
  uri=$(apt-get indextargets --no-release-info --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    awk -v codename="$(. /etc/os-release && echo "${VERSION_CODENAME:-}")" '$2 == codename && $3 == "main" {print $1; exit}')
  [ -n "$uri" ] && [ -f /usr/share/keyrings/debian-archive-keyring.gpg ] || {
    echo "this needs a Debian whose apt has a 'main' archive" >&2; exit 1; }

  apt=$(mktemp -d)
  trap 'rm -rf "$apt"' EXIT
  mkdir -p "$folder" "$apt"/{sources.d,preferences.d,lists/partial,cache/archives/partial}
  : >"$apt/status" # an empty list of installed packages: apt then fetches everything, libc included
  printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' \
    "$uri" "$suite" >"$apt/sources.d/debian.sources"
  options=(-qq -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$apt/sources.d"
    -o Dir::Etc::preferencesparts="$apt/preferences.d" -o Dir::State="$apt" -o Dir::State::lists="$apt/lists"
    -o Dir::State::status="$apt/status" -o Dir::State::extended_states="$apt/extended" -o Dir::Cache="$apt/cache"
    -o Dir::Cache::archives="$apt/cache/archives" -o APT::Install-Recommends=false -o Debug::NoLocking=1
    -o APT::Keep-Downloaded-Packages=true -o Acquire::Languages=none -o Acquire::Retries=3)
  [ "$(id -u)" != 0 ] || options+=(-o APT::Sandbox::User=root)
  apt-get "${options[@]}" update
  apt-get "${options[@]}" -y --download-only install "${wanted[@]}" >/dev/null
  cd "$apt/cache/archives"
  [ ${#alone[@]} = 0 ] || apt-get "${options[@]}" download "${alone[@]}" >/dev/null
  for deb in *.deb; do dpkg-deb -x "$deb" "$folder"; done
)

# use_own_libraries ROOT PROGRAM: the program of an unpacked ROOT loads ROOT's libraries and never the system's. It cannot be moved
# afterwards. Unpack `patchelf` with it: it runs with ROOT's loader.
use_own_libraries() {
  local libraries=$1/usr/lib/$triplet
  local patchelf=("$libraries/$loader" --library-path "$libraries" "$1/usr/bin/patchelf")
  # In this order: patchelf 0.18 breaks some programs when it sets the interpreter first, or both at once.
  "${patchelf[@]}" --force-rpath --set-rpath "$libraries" "$2"
  "${patchelf[@]}" --set-interpreter "$libraries/$loader" "$2"
}
