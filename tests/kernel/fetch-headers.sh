#!/bin/sh
# Fetch packages of kernel headers from another Debian suite and unpack them, without root and
# without touching the system's own apt.
#
#   fetch-headers.sh CACHE SUITE ARCH PACKAGE...
#
# Unpacks below CACHE/root and prints one line per package: name, version, sha256. A package that
# CACHE already has is not fetched again. Where a name is gone from the suite (point releases
# replace each other), the newest of the same series and flavour is taken:
# linux-headers-7.3.4+deb13-arm64 may become linux-headers-7.3.9+deb13-arm64.
#
# Mirror, key and proxy are those of the base system, so no host is named here. Exit status 77:
# packages cannot be had here, with the reason on stderr; a test that needs them skips itself.
set -eu

[ $# -ge 4 ] || { echo "usage: $0 CACHE SUITE ARCH PACKAGE..." >&2; exit 2; }
mkdir -p "$1"
cache=$(cd "$1" && pwd)
suite=$2
arch=$3
shift 3

# The first complaint in a log of apt.
reason() { awk '/^E:/ { print; found = 1; exit } /^Err/ { first = $0 } END { if (!found) print first }' "$1"; }

skip() {
  echo "kernel headers cannot be fetched: $*" >&2
  exit 77
}

for tool in apt-get apt-cache apt-config dpkg-deb sha256sum; do
  command -v "$tool" > /dev/null || skip "$tool is not installed (this needs a Debian system)"
done

# What was fetched before: name, version, sha256.
have=$cache/fetched-$arch.tsv
touch "$have"

known() { awk -F'\t' -v name="$1" '$1 == name { print; found = 1; exit } END { exit !found }' "$have"; }

# All there: answer without the network.
missing=
for name in "$@"; do
  known "$name" > /dev/null || missing="$missing $name"
done
if [ -z "$missing" ]; then
  for name in "$@"; do known "$name"; done
  exit 0
fi

# The first archive that the base system trusts, in either of apt's two formats.
mirror=
key=
for file in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list.d/*.sources; do
  [ -r "$file" ] || continue
  mirror=$(awk 'tolower($1) == "uris:" { print $2; exit }' "$file")
  key=$(awk 'tolower($1) == "signed-by:" { print $2; exit }' "$file")
  [ -z "$mirror" ] || break
done
if [ -z "$mirror" ] && [ -r /etc/apt/sources.list ]; then
  mirror=$(awk '$1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /:\//) { print $i; exit } }' /etc/apt/sources.list)
fi
[ -n "$mirror" ] || skip "the base system names no archive"
[ -n "$key" ] || key=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r "$key" ] || skip "the archive's key is not at $key"

# An apt that has nothing but this suite, and keeps everything below CACHE.
private=$cache/apt-$suite-$arch
mkdir -p "$private/sources" "$private/preferences" "$private/lists/partial" "$private/archives/partial"
: > "$private/status"
: > "$private/no-sources.list"
cat > "$private/sources/suite.sources" << SOURCES
Types: deb
URIs: $mirror
Suites: $suite
Components: main
Architectures: $arch
Signed-By: $key
SOURCES
{
  cat << CONF
APT::Architecture "$arch";
APT::Architectures "$arch";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
Dir::Cache "$private";
Dir::Cache::archives "$private/archives";
Dir::Etc::main "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "$private/preferences";
Dir::Etc::sourcelist "$private/no-sources.list";
Dir::Etc::sourceparts "$private/sources";
Dir::State "$private";
Dir::State::lists "$private/lists";
Dir::State::status "$private/status";
CONF
  apt-config dump 2> /dev/null | grep -Ei '^Acquire::https?::Proxy' || :
} > "$private/apt.conf"
export APT_CONFIG="$private/apt.conf"

apt-get -q -o APT::Update::Error-Mode=any update > "$private/update.log" 2>&1 ||
  skip "the index of $suite for $arch: $(reason "$private/update.log")"

# linux-headers-7.3.4+deb13-arm64 -> ^linux-headers-7\.3\.[0-9]+\+deb13-arm64$
series() {
  echo "$1" | sed -E 's/^(linux-headers-[0-9]+\.[0-9]+)\.[0-9]+/\1.#/; s/[.+]/\\&/g; s/#/[0-9]+/; s/.*/^&$/'
}

for wanted in "$@"; do
  if known "$wanted"; then continue; fi
  name=$wanted
  if ! apt-cache show "$name" > /dev/null 2>&1; then
    name=$(apt-cache pkgnames | grep -E "$(series "$wanted")" | sort -V | tail -n 1)
    [ -n "$name" ] || skip "$suite has no package like $wanted"
    echo "$wanted is gone from $suite, $name stands in for it" >&2
  fi
  if ! known "$name" > /dev/null; then
    # apt escapes characters of the version in the file's name: in a folder of its own it need
    # not be guessed.
    rm -rf "$private/one"
    mkdir "$private/one"
    (cd "$private/one" && apt-get -q download "$name") > "$private/download.log" 2>&1 ||
      skip "$name: $(reason "$private/download.log")"
    package=$(find "$private/one" -name '*.deb')
    [ -f "$package" ] || skip "$name: apt-get left no file"
    mkdir -p "$cache/root"
    dpkg-deb -x "$package" "$cache/root"
    printf '%s\t%s\t%s\n' "$name" "$(dpkg-deb -f "$package" Version)" "$(sha256sum < "$package" | cut -d ' ' -f 1)" \
      >> "$have"
    rm -rf "$private/one"
  fi
  known "$name"
done
