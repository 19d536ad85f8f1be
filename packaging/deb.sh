#!/bin/sh
# Builds the Debian packages into a folder: deb.sh FOLDER
# DEB_BUILD_OPTIONS and DEB_BUILD_PROFILES without nocheck run the tests too.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
. "$root/packaging/common.sh"
mkdir -p "$1"
out=$(CDPATH='' cd -- "$1" && pwd)
export DEB_BUILD_OPTIONS="${DEB_BUILD_OPTIONS-nocheck noautodbgsym parallel=$(nproc)}"
export DEB_BUILD_PROFILES="${DEB_BUILD_PROFILES-nocheck}"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
tree=$work/dsaudit-$version
mkdir "$tree"
tar -C "$root" --anchored --exclude='./build*' --exclude=./dist --exclude=./.git -cf - . | tar -C "$tree" -xf -
cp -r "$tree/packaging/debian" "$tree/debian"
python3 "$tree/debian/changelog.py" "$tree/CHANGES.md" "$version" "$SOURCE_DATE_EPOCH" >"$tree/debian/changelog"
rm "$tree/debian/changelog.py"
(cd "$tree" && dpkg-buildpackage --build=binary --no-sign)
cp "$work"/*.deb "$work"/*.changes "$work"/*.buildinfo "$out/"
