#!/usr/bin/env bash
# Puts dsaudit on the PATH of the steps that follow. Of the environment: DSAUDIT_VERSION,
# DSAUDIT_REPOSITORY (owner/name of the action), GITHUB_SERVER_URL, GITHUB_PATH, RUNNER_TEMP.
set -euo pipefail

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)

die() {
	printf 'dsaudit action: %s\n' "$*" >&2
	exit 4
}

download() {
	local version=$1 arch name url dir
	[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || die "version must be X.Y.Z, 'installed', or empty"
	[[ ${DSAUDIT_REPOSITORY:-} =~ ^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$ ]] ||
		die "the action's repository is not known: use the action at v$version instead of setting version"
	case $(uname -m) in
	x86_64) arch=amd64 ;;
	aarch64) arch=arm64 ;;
	*) arch=$(uname -m) ;;
	esac
	name=dsaudit-$version-linux-$arch
	url=$GITHUB_SERVER_URL/$DSAUDIT_REPOSITORY/releases/download/v$version
	dir=$(mktemp -d -p "$RUNNER_TEMP")
	cd "$dir"
	curl --proto '=https' --fail --silent --show-error --location --remote-name "$url/$name.tar.gz" \
		--remote-name "$url/SHA256SUMS" || die "there is no $url/$name.tar.gz"
	grep -F "  $name.tar.gz" SHA256SUMS >wanted || die "SHA256SUMS does not list $name.tar.gz"
	sha256sum --check --strict --quiet wanted || die "$name.tar.gz is not what SHA256SUMS says"
	tar -xzf "$name.tar.gz"
	printf '%s\n' "$dir/$name/bin" >>"$GITHUB_PATH"
}

build() {
	if [[ $(id -u) == 0 ]]; then
		"$root/dev" static
	else
		sudo -n "$root/dev" static
	fi
	printf '%s\n' "$root/build-static/src/cli" >>"$GITHUB_PATH"
}

[[ $(uname -s) == Linux ]] || die "it needs a Linux runner"
case ${DSAUDIT_VERSION:-} in
'') build ;;
installed) command -v dsaudit >/dev/null || die "there is no dsaudit on PATH" ;;
*) download "$DSAUDIT_VERSION" ;;
esac
