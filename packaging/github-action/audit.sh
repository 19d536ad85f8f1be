#!/usr/bin/env bash
# Audits and reports: the report in the log, annotations, the job's summary, SARIF. Ends with
# dsaudit's exit status. Of the environment: DSAUDIT_PATHS and DSAUDIT_ARGS (one in a line),
# DSAUDIT_FAIL_ON, DSAUDIT_KUBERNETES_VERSION, DSAUDIT_SARIF, GITHUB_OUTPUT, GITHUB_STEP_SUMMARY.
set -euo pipefail

if [[ $DSAUDIT_SARIF == *$'\n'* || $DSAUDIT_SARIF == '' ]]; then
	echo "dsaudit action: sarif-file must be the name of a file" >&2
	exit 2
fi
options=("--fail-on=$DSAUDIT_FAIL_ON")
[[ -z $DSAUDIT_KUBERNETES_VERSION ]] || options+=("--kubernetes-version=$DSAUDIT_KUBERNETES_VERSION")
while IFS= read -r line; do
	[[ -z $line ]] || options+=("$line")
done <<<"$DSAUDIT_ARGS"
paths=()
while IFS= read -r line; do
	[[ -z $line ]] || paths+=("$line")
done <<<"$DSAUDIT_PATHS"
# Without any, dsaudit would audit the runner.
if [[ ${#paths[@]} == 0 ]]; then
	echo "dsaudit action: paths names nothing to audit" >&2
	exit 2
fi

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
rm -f -- "$DSAUDIT_SARIF" # one of an earlier run is not this one's
status=0
dsaudit audit "${options[@]}" -o "text=$dir/text" -o "github=$dir/github" -o "markdown=$dir/markdown" \
	-o "sarif=$DSAUDIT_SARIF" -- "${paths[@]}" >"$dir/log" 2>&1 || status=$?

# What the audited files say must not be taken for commands of theirs to the runner.
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
printf '::stop-commands::%s\n' "$token"
cat "$dir/log"
[[ ! -e $dir/text ]] || cat "$dir/text"
printf '::%s::\n' "$token"
[[ ! -e $dir/github ]] || cat "$dir/github"
[[ ! -e $dir/markdown ]] || cat "$dir/markdown" >>"$GITHUB_STEP_SUMMARY"
printf 'exit-status=%s\n' "$status" >>"$GITHUB_OUTPUT"
[[ ! -s $DSAUDIT_SARIF ]] || printf 'sarif=%s\n' "$DSAUDIT_SARIF" >>"$GITHUB_OUTPUT"
exit "$status"
