#!/bin/sh
# Archives what a build installs of the static command: dist.sh BUILD FOLDER
# DS_RELEASE_URL: where the project is published, for the krew manifest.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
. "$root/packaging/common.sh"
mkdir -p "$2"
out=$(CDPATH='' cd -- "$2" && pwd)
case $(uname -m) in
x86_64) arch=amd64 ;;
aarch64) arch=arm64 ;;
*) arch=$(uname -m) ;;
esac
name=dsaudit-$version-linux-$arch

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
DESTDIR=$work/install meson install -C "$1" --no-rebuild --strip --quiet
installed=$(dirname "$(dirname "$(find "$work/install" -path '*/bin/dsaudit')")")
mkdir -p "$work/$name"
cp -R "$installed/bin" "$installed/share" "$work/$name/"
cp "$root/LICENSE" "$root/README.md" "$root/CHANGES.md" "$work/$name/"
tar -C "$work" --sort=name --format=ustar --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
	--mtime="@$SOURCE_DATE_EPOCH" -cf "$work/$name.tar" "$name"
gzip -9n "$work/$name.tar"
mv "$work/$name.tar.gz" "$out/"
(cd "$out" && sha256sum -- dsaudit-"$version"-*.tar.gz >SHA256SUMS)
sum=$(cd "$out" && sha256sum -- "$name.tar.gz" | cut -d' ' -f1)
sed -e "/^# /d" -e "s|https://example\.com/dsaudit|${DS_RELEASE_URL:-https://example.com/dsaudit}|" \
	-e "s/arch: amd64/arch: $arch/" -e "s/-linux-amd64/-linux-$arch/" -e "s/0\{64\}/$sum/" \
	"$root/packaging/krew/dsaudit.yaml" >"$out/dsaudit.yaml"
