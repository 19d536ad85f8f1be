
_dsaudit_report() {
	if compset -P 1 '*='; then
		_files
	else
		_dsaudit_words_report "$@"
	fi
}

_dsaudit_rule_at() {
	if compset -P 1 '*:'; then
		_files
	else
		_dsaudit_words_rule "$@"
	fi
}

_dsaudit() {
	local curcontext=$curcontext state state_descr command=audit ret=1
	local -a line first
	local -A opt_args

	# Known instead of a command only.
	(( CURRENT == 2 )) && first=('(- *)'{-V,--version}'[print the version]')

	if (( CURRENT == 2 )) && [[ $PREFIX != -* ]]; then
		_dsaudit_words_command && ret=0
	elif (( CURRENT > 2 )) && _dsaudit_is_command $words[2]; then
		command=$words[2]
		shift words
		(( CURRENT-- ))
	fi
	curcontext="${curcontext%:*:*}:dsaudit-$command:"
	_dsaudit_arguments_$command $first && ret=0
	return ret
}

# Read through fpath this file is the function; sourced, it defines one.
if [[ $funcstack[1] == _dsaudit ]]; then
	_dsaudit "$@"
else
	compdef _dsaudit dsaudit
fi
