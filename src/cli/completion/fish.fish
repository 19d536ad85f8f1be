
# The command of the line so far: audit, unless its first word is another one.
function __dsaudit_typed
    set -l words (commandline -opc)
    if set -q words[2]; and contains -- $words[2] (__dsaudit_words_command | string replace -r '\t.*' '')
        echo $words[2]
    else
        echo audit
    end
end

function __dsaudit_in
    test (__dsaudit_typed) = $argv[1]
end

function __dsaudit_at_first_word
    test (count (commandline -opc)) -eq 1
end

# Is none of the words __dsaudit_words_$argv[1] prints an argument yet?
function __dsaudit_lacks
    set -l words (commandline -opc)
    set -e words[1..2]
    for word in $words
        if contains -- $word (__dsaudit_words_$argv[1] | string replace -r '\t.*' '')
            return 1
        end
    end
end

# The value of an option, without the option when they are one word.
function __dsaudit_value
    commandline -ct | string replace -r -- '^(--[^=]*=|-[a-z])' ''
end

# FORMAT, or FORMAT=FILE once there is a "=".
function __dsaudit_report
    set -l value (__dsaudit_value)
    if string match -q -- '*=*' "$value"
        set -l format (string replace -r -- '=.*' '' $value)
        for file in (__fish_complete_path (string replace -r -- '^[^=]*=' '' $value))
            echo $format=$file
        end
    else
        __dsaudit_words_report
    end
end

# RULE, or RULE:PATH once there is a ":".
function __dsaudit_rule_at
    set -l value (__dsaudit_value)
    if string match -q -- '*:*' "$value"
        set -l rule (string replace -r -- ':.*' '' $value)
        for file in (__fish_complete_path (string replace -r -- '^[^:]*:' '' $value))
            echo $rule:$file
        end
    else
        __dsaudit_words_rule
    end
end
