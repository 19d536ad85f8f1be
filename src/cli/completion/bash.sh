
# Does option $2 of command $1 take a value? Then value says which kind, list which words.
# Letters may be joined: at is where the value begins in the word, its length when it is the next word.
__dsaudit_option()
{
	local i

	value='' list=() at=${#2}
	case $2 in
	--*=*)
		at=${2%%=*}
		at=$((${#at} + 1))
		__dsaudit_takes "$1" "${2%%=*}"
		;;
	--*)
		__dsaudit_takes "$1" "$2"
		;;
	-*)
		for ((i = 1; i < ${#2}; i++)); do
			__dsaudit_takes "$1" "-${2:i:1}"
			if [[ $value ]]; then
				at=$((i + 1))
				return
			fi
		done
		;;
	esac
}

# Those of the words that begin with $1; lead is what stands before them in the word.
__dsaudit_add()
{
	local begun=$1 word

	shift
	for word; do
		if [[ $word == "$begun"* ]]; then
			printf -v word %q "$word"
			COMPREPLY+=("$lead$word")
		fi
	done
}

# Files (-f) or folders (-d) that begin with $2. What finds none is left to readline.
__dsaudit_files()
{
	local file

	compopt -o filenames -o default 2>/dev/null
	while IFS= read -r file; do
		COMPREPLY+=("$lead$file")
	done < <(compgen "$1" -- "$2")
}

# Proposals for a value that begins with $2, of kind $1.
__dsaudit_value()
{
	local begun=$2

	case $1 in
	file) __dsaudit_files -f "$begun" ;;
	folder) __dsaudit_files -d "$begun" ;;
	word) __dsaudit_add "$begun" "${list[@]}" ;;
	*)
		case $1:$begun in
		report:*=*)
			lead+=${begun%%=*}=
			__dsaudit_files -f "${begun#*=}"
			;;
		rule_at:*:*)
			lead+=${begun%%:*}:
			__dsaudit_files -f "${begun#*:}"
			;;
		*)
			__dsaudit_words "$1"
			__dsaudit_add "$begun" "${list[@]}"
			;;
		esac
		;;
	esac
}

_dsaudit()
{
	local IFS=$' \t\n' blank=$' \t\n' words=() rest=${COMP_LINE-} n=-1 i
	local command=audit first=1 value at list args=() waiting='' ended='' lead='' cur piece last skip

	COMPREPLY=()
	# The last piece, up to the cursor: what readline replaces.
	piece=${COMP_WORDS[COMP_CWORD]}
	if [[ $piece == [=:] ]]; then
		last=$piece
		piece=''
	else
		[[ $# -gt 1 && $piece == "$2"* ]] && piece=$2
		last=$piece
	fi
	# bash takes words apart at = and :; what stands together in the line is one word.
	if [[ ! $rest ]]; then
		rest="${COMP_WORDS[*]} "
		rest=${rest// = /=}
		rest=${rest// : /:}
	fi
	for ((i = 0; i <= COMP_CWORD; i++)); do
		if ((i == 0)) || [[ $rest == ["$blank"]* ]]; then
			words[++n]=''
			rest=${rest#"${rest%%[!"$blank"]*}"}
		fi
		((i < COMP_CWORD)) && words[n]+=${COMP_WORDS[i]}
		rest=${rest#"${COMP_WORDS[i]}"}
	done
	words[n]+=$last

	if ((n > 1)) && __dsaudit_is_command "${words[1]}"; then
		command=${words[1]}
		first=2
	fi
	for ((i = first; i < n; i++)); do
		if [[ $waiting ]]; then
			waiting=''
		elif [[ $ended || ${words[i]} != -?* ]]; then
			args+=("${words[i]}")
		elif [[ ${words[i]} == -- ]]; then
			ended=1
		else
			__dsaudit_option "$command" "${words[i]}"
			if [[ $value && ${words[i]} != --*=* ]] && ((at == ${#words[i]})); then
				waiting=${words[i]}
			fi
		fi
	done

	# A quote or a backslash is not part of the value.
	cur=${words[n]}
	skip=${cur%"$piece"}
	cur=${cur//[\"\'\\]/}

	if [[ $waiting ]]; then
		__dsaudit_option "$command" "$waiting"
		__dsaudit_value "$value" "$cur"
	elif [[ ! $ended && $cur == -?* ]]; then
		__dsaudit_option "$command" "$cur"
		if [[ $value ]] && { [[ $cur == --*=* ]] || ((at < ${#cur})); }; then
			lead=${cur:0:at}
			__dsaudit_value "$value" "${cur:at}"
		else
			__dsaudit_options "$command"
			((n == 1)) && list+=(--version)
			__dsaudit_add "$cur" "${list[@]}" --help -h
		fi
	else
		if ((n == 1)); then
			__dsaudit_words command
			__dsaudit_add "$cur" "${list[@]}"
		fi
		__dsaudit_argument "$command" "${#args[@]}" "${args[0]-}"
		__dsaudit_value "$value" "$cur"
	fi

	for i in "${!COMPREPLY[@]}"; do
		COMPREPLY[i]=${COMPREPLY[i]#"$skip"}
	done
}

complete -F _dsaudit dsaudit
