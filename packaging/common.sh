# shellcheck shell=sh
# Sourced by the scripts beside it, which set root.
: "${root:?}"

# The one place of the version is meson.build.
version=$(sed -n "s/^  version: '\(.*\)',\$/\1/p" "$root/meson.build")
[ -n "$version" ] || { echo "there is no version in meson.build" >&2; exit 1; }

# The same sources make the same packages: times are those of the last commit.
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
	SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct 2>/dev/null || stat -c %Y "$root/CHANGES.md")
fi
export SOURCE_DATE_EPOCH
umask 022
