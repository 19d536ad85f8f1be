#!/usr/bin/env python3
"""The completion scripts name every command and option, are what the shells can read, and propose what they should.

bash is driven as readline drives it; zsh and fish are asked where they are installed."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

dsaudit = os.path.abspath(sys.argv[1])
found = []
UTF8 = {**os.environ, "LC_ALL": "C.UTF-8"}


def run(*args, **kw):
    return subprocess.run(args, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120, **kw)


def script_of(shell):
    done = run(dsaudit, "completion", shell)
    if done.returncode or done.stderr or not done.stdout:
        found.append(f"completion {shell}: status {done.returncode} {done.stderr}")
    return done.stdout


def tables():
    """The commands with their options, and all rules, as the program itself lists them."""
    commands = {}
    for name in re.findall(r"^  ([a-z]+) +\S", run(dsaudit, "help").stdout, re.M):
        options = re.findall(r"^  (?:-(\w),|   ) --([a-z-]+)", run(dsaudit, name, "--help").stdout, re.M)
        commands[name] = [(letter, long) for letter, long in options]
    rules = [(r["id"], r["name"]) for r in json.loads(run(dsaudit, "rules", "list", "-o", "json").stdout)["rules"]]
    return commands, rules


def check_names(shell, text, commands, rules):
    for command, options in commands.items():
        if not re.search(rf"(?<![\w-]){command}(?![\w-])", text):
            found.append(f"{shell}: the command {command} is missing")
        for letter, long in options:
            want = {"bash": rf"--{long}(?![\w-])", "zsh": rf"--{long}[=\[}}]",
                    "fish": rf"-l {long}(?![\w-])"}[shell]
            if not re.search(want, text):
                found.append(f"{shell}: {command} --{long} is missing")
            if letter and not re.search({"fish": rf"-s {letter}\b"}.get(shell, rf"(?<!\w)-{letter}(?!\w)"), text):
                found.append(f"{shell}: {command} -{letter} is missing")
    for rule in rules:
        for word in rule:
            if f"'{word}" not in text:
                found.append(f"{shell}: the rule {word} is missing")


# A line as it is typed, up to the cursor: what must be proposed, "=" when nothing else may be.
COMMANDS = "audit preview nodes collect rules explain completion version help"
CASES = [
    ("dsaudit ", COMMANDS + " plain.yaml"),
    ("dsaudit a", "=audit"),
    ("dsaudit --fail", "=--fail-on"),
    ("dsaudit --ver", "=--verbose --version"),
    ("dsaudit audit --ver", "=--verbose"),
    ("dsaudit audit --fail-on ", "=error warning info never"),
    ("dsaudit --fail-on w", "=warning"),
    ("dsaudit audit --fail-on=e", "=error"),
    ("dsaudit audit --color ", "=auto always never"),
    ("dsaudit preview --validate s", "=strict"),
    ("dsaudit audit -o ", "text json sarif junit github gitlab gcc markdown policyreport openreports"),
    ("dsaudit audit -o s", "=sarif"),
    ("dsaudit audit --output=js", "=json"),
    ("dsaudit audit -qo ju", "=junit"),
    ("dsaudit audit -ojs", "=json"),
    ("dsaudit audit -o json=pl", "=plain.yaml"),
    ("dsaudit audit --output=json=pl", "=plain.yaml"),
    ("dsaudit audit --kubernetes-version 1.2", "=1.29 1.28 1.27 1.26 1.25 1.24 1.23 1.22 1.21 1.20"),
    ("dsaudit audit --type static", "=static-pod"),
    ("dsaudit audit --rules-add pl", "=plain.yaml"),
    ("dsaudit audit --host-root f", "=folder"),
    ("dsaudit audit --host-root pl", "="),
    ("dsaudit audit --ignore DS10", "DS101 DS102 DS103"),
    ("dsaudit audit --ignore service-range-dif", "=service-range-differs"),
    ("dsaudit audit --ignore DS101:pl", "=plain.yaml"),
    ("dsaudit audit --ignore=DS101:pl", "=plain.yaml"),
    ("dsaudit audit pl", "=plain.yaml"),
    ("dsaudit pl", "=plain.yaml"),
    ("dsaudit audit f", "=folder"),
    ("dsaudit audit sp", "=sp ace"),
    ("dsaudit audit --fail-on error pl", "=plain.yaml"),
    ("dsaudit audit -- pl", "=plain.yaml"),
    ("dsaudit explain DS101", "=DS101"),
    ("dsaudit explain service-range-dif", "=service-range-differs"),
    ("dsaudit explain DS101 ", "="),
    ("dsaudit explain -o markdown DS101", "=DS101"),
    ("dsaudit rules ", "=list show doc test fields"),
    ("dsaudit rules show DS101", "=DS101"),
    ("dsaudit rules --color never sh", "=show"),
    ("dsaudit rules test pl", "=plain.yaml"),
    ("dsaudit rules -o ", "=text json markdown"),
    ("dsaudit collect -o pl", "=plain.yaml"),
    ("dsaudit help pre", "=preview"),
    ("dsaudit completion ", "=bash zsh fish"),
    ("dsaudit nodes --count ", "="),
]


def compare(shell, line, want, got):
    only = want.startswith("=")
    names = ["sp ace"] if want == "=sp ace" else want.lstrip("=").split()
    missing = [w for w in names if w not in got]
    extra = sorted(set(got) - set(names)) if only else []
    if missing or extra:
        found.append(f"{shell}: '{line}': missing {missing}, too much {extra[:8]}")


def tidy(word):
    """What a proposal adds to the line: shells differ in whether they repeat what stands before it."""
    word = re.sub(r"^-[a-z](?=[a-z])", "", word.rstrip("/").replace("\\", ""))
    return re.split(r"[=:]", word)[-1] if not word.startswith("-") or "=" in word else word


# Words as bash makes them: it splits at blanks and around = and :.
DRIVER = r"""
source "$1"
[[ $(complete -p dsaudit) == 'complete -F _dsaudit dsaudit' ]] || exit 9
compopt() { :; }
while IFS=$'\t' read -r line words; do
	COMP_LINE=$line COMP_POINT=${#line}
	IFS=$'\x1f' read -r -a COMP_WORDS <<<"$words"
	[[ $words == *$'\x1f' || ! $words ]] && COMP_WORDS+=('')
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	[[ $2 ]] && unset COMP_LINE
	COMPREPLY=(stale)
	_dsaudit dsaudit "${COMP_WORDS[COMP_CWORD]}" ''
	printf '%s' "$line"
	for reply in "${COMPREPLY[@]}"; do printf '\x1f%s' "$reply"; done
	printf '\n'
done
"""


def check_bash(path, tmp):
    done = run("bash", "-n", path)
    if done.returncode or done.stderr:
        found.append("bash -n: " + done.stderr)
    lines = ""
    for line, _ in CASES:
        words = re.findall(r"[^\s=:]+|[=:]", line)
        lines += line + "\t" + "\x1f".join(words + [""] * (line[-1] == " ")) + "\n"
    for how in ("", "no COMP_LINE"):
        done = subprocess.run(["bash", "--norc", "-c", DRIVER, "driver", path, how], input=lines, text=True,
                              capture_output=True, cwd=tmp, env=UTF8, timeout=120)
        answers = {a.split("\x1f")[0]: a.split("\x1f")[1:] for a in done.stdout.splitlines()}
        if done.returncode or done.stderr or len(answers) != len(CASES):
            found.append(f"bash: status {done.returncode}, {len(answers)} answers: {done.stderr}")
        for line, want in CASES:
            compare("bash " + how, line, want, [tidy(w) for w in answers.get(line, [])])
    check_terminal("bash", ["bash", "--norc", "--noprofile", "-i"], {}, f"source '{path}';", tmp)


# What is typed (\t is the key) and what the command gets.
TYPED = [
    ("dsaudit --output=js\t pl\t", "<--output=json><plain.yaml>"),
    ("dsaudit audit sp\t -o json=pl\t", "<audit><sp ace><-o><json=plain.yaml>"),
    ("dsaudit --ignore=service-range-dif\t", "<--ignore=service-range-differs>"),
    ("dsaudit audit --ver\t", "<audit><--verbose>"),
    ("dsaudit expl\t DS101\t", "<explain><DS101>"),
    ("dsaudit rules te\t pl\t", "<rules><test><plain.yaml>"),
    ("dsaudit rules --color=nev\t sho\t service-range-dif\t", "<rules><--color=never><show><service-range-differs>"),
    ("dsaudit preview --serv\t 10.0.0.0/16 -f pl\t", "<preview><--service-cluster-ip-range><10.0.0.0/16><-f><plain.yaml>"),
]


def check_terminal(name, argv, env, setup, tmp):
    """What a shell's line editor makes of it: the line after a tab, run."""
    import pty
    import select
    import time
    try:
        for end in pty.openpty():
            os.close(end)
    except OSError as e:  # a chroot or a container may have none
        print(f"{name}: not typed into a terminal: {e}")
        return
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(tmp)
        os.execvpe(argv[0], argv, {**UTF8, "TERM": "vt100", "HISTFILE": "/dev/null", "PS1": "> ", **env})
    seen = b""

    def until(mark):
        nonlocal seen
        end = time.monotonic() + 60
        while mark not in seen and time.monotonic() < end:
            if select.select([fd], [], [], 1)[0]:
                try:
                    seen += os.read(fd, 65536)
                except OSError:
                    break
        return mark in seen

    lines = [(setup + " dsaudit() { printf '<%s>' \"$@\"; echo .; }; echo re''ady", "ready")] + TYPED
    for typed, want in lines:
        seen = b""
        os.write(fd, typed.encode() + b"\r")
        if not until(want.encode()):
            found.append(f"{name} in a terminal: '{typed}' is not {want} in {seen.decode(errors='replace')}")
    os.write(fd, b"exit\r")
    os.close(fd)
    os.waitpid(pid, 0)


def check_fish(path, tmp):
    done = run("fish", "--no-execute", path)
    if done.returncode or done.stderr:
        found.append("fish --no-execute: " + done.stderr)
    env = {**UTF8, "HOME": os.path.dirname(tmp)}
    for line, want in CASES:
        done = run("fish", "--no-config", "-c", f"source '{path}'; complete -C '{line}'", cwd=tmp, env=env)
        got = [tidy(w.split("\t")[0]) for w in done.stdout.splitlines()]
        if done.returncode or done.stderr:
            found.append(f"fish: '{line}': {done.stderr}")
        compare("fish", line, want, got)


def check_zsh(path, tmp):
    done = run("zsh", "-n", path)
    if done.returncode or done.stderr:
        found.append("zsh -n: " + done.stderr)
    check_terminal("zsh", ["zsh", "-f", "-i"], {"ZDOTDIR": tmp},
                   f"autoload -Uz compinit; compinit -u -D; source '{path}';", tmp)


commands, rules = tables()
if "audit" not in commands or not commands["audit"] or len(rules) < 50:
    found.append("the tables of commands, options and rules were not found")
with tempfile.TemporaryDirectory() as tmp:
    for shell, check in (("bash", check_bash), ("zsh", check_zsh), ("fish", check_fish)):
        text = script_of(shell)
        check_names(shell, text, commands, rules)
        path = os.path.join(tmp, ".script." + shell)
        with open(path, "w") as f:
            f.write(text)
        work = os.path.join(tmp, shell)
        os.makedirs(os.path.join(work, "folder"))
        for name in ("plain.yaml", "sp ace"):
            open(os.path.join(work, name), "w").close()
        if not shutil.which(shell):
            print(f"{shell} is not installed: its script was not run")
            continue
        check(path, work)
for p in found:
    print(p)
sys.exit(1 if found else 0)
