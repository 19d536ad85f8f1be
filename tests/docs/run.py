#!/usr/bin/env python3
"""Runs the examples of README.md and of the manual pages and compares what they show.

README.md    ```sh       commands; they must work
             ```console  commands, each after "$ ", with what they print below; a command with
                         nothing below it must only work
*.scd        literal blocks (```) with lines after "$ ", read like a console; or the content of a
             file that the sentence before it names (_plan.yaml_:). In EXAMPLES there are no others

Works means: dsaudit exits with 0 or 1 (findings), also with 3 where it reads this host, and
nothing else fails to be found. A line "…" stands for any lines. The commands of one document run
one after the other in a copy of fixtures/ and rules/ with the files below beside them; bin/ stands
in for kubectl, ps and ./dev, and ./etc/kubernetes for /etc/kubernetes.

Usage: run.py [--update] DSAUDIT [DOCUMENT...]. --update writes what is shown anew.
"""
import difflib
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

# What the documents call by names of users' own.
FILES = {
    "etc/kubernetes/manifests": "fixtures/kubeadm-dual/manifests",
    "manifests": "fixtures/broken-dual/manifests",
    "kubeadm.yaml": "fixtures/valid/kubeadm-dual/kubeadm.yaml",
    "bundles": "fixtures/valid/ha-dual",
    "node.json": "fixtures/bundles/dual-node.json",
    "customer.txt": "fixtures/minikube-v1.31/ps-ef.txt",
    "services.yaml": "tests/docs/services.yaml",
    "plan.yaml": "rules/examples/platform-team.yaml",
}

WRAPPER = """#!/bin/sh
'{dsaudit}' "$@"
status=$?
echo "$status $*" >>'{log}'
exit $status
"""


class Step:
    """A command of a document and what is shown under it."""
    def __init__(self, command, line):
        self.command, self.line = command, line
        self.first, self.last = line + 1, line + 1  # of the output, half open
        self.shown = []


def console(lines, start):
    """The steps of a block whose first line is number start (from 0)."""
    steps = []
    for i, text in enumerate(lines):
        if steps and steps[-1].command.endswith("\\") and not steps[-1].shown:
            steps[-1].command += "\n" + re.sub(r"^> ", "", text)
            steps[-1].first = steps[-1].last = start + i + 1
        elif text.startswith("$ "):
            steps.append(Step(text[2:], start + i))
        elif steps:
            steps[-1].shown.append(text)
            steps[-1].last = start + i + 1
        else:
            raise SystemExit(f"line {start + i + 1}: output before any command")
    return steps


def steps_of(name, text, problems, scratch):
    lines = text.split("\n")
    steps, i, section = [], 0, ""
    while i < len(lines):
        fence = re.match(r"```(\w*)$", lines[i])
        if lines[i].startswith("# "):
            section = lines[i][2:]
        if not fence:
            if re.match(r"(    |\t)(\$ )?(dsaudit|kubectl|ps) ", lines[i]):
                problems.append(f"{name}:{i + 1}: a command outside of a block that is run")
            i += 1
            continue
        end = lines.index("```", i + 1)
        block, kind = lines[i + 1:end], fence[1]
        if name.endswith(".scd"):
            file = re.search(r"_([\w.-]+\.(?:yaml|txt))_:", " ".join(lines[max(0, i - 4):i]))
            if block[0].startswith("$ "):
                kind = "console"
            elif file:
                with open(os.path.join(scratch, file[1]), "w") as f:
                    f.write("\n".join(block) + "\n")
            elif section == "EXAMPLES":
                problems.append(f"{name}:{i + 1}: neither commands nor a file with a name")
        if kind == "sh":
            step = Step("\n".join(block), i + 1)
            step.first = step.last = end
            steps.append(step)
        elif kind == "console":
            steps += console(block, i + 1)
        elif any(re.match(r"(\$ )?dsaudit ", b) for b in block):
            problems.append(f"{name}:{i + 1}: commands in a block that is not run")
        i = end + 1
    return lines, steps


def scratch_tree(scratch, dsaudit):
    for folder in ("fixtures", "rules"):
        shutil.copytree(os.path.join(ROOT, folder), os.path.join(scratch, folder))
    for to, source in FILES.items():
        to, source = os.path.join(scratch, to), os.path.join(ROOT, source)
        os.makedirs(os.path.dirname(to), exist_ok=True)
        (shutil.copytree if os.path.isdir(source) else shutil.copy)(source, to)
    shutil.copy(os.path.join(HERE, "bin", "dev"), os.path.join(scratch, "dev"))
    os.makedirs(os.path.join(scratch, ".bin"))
    log = os.path.join(scratch, ".log")
    with open(os.path.join(scratch, ".bin", "dsaudit"), "w") as f:
        f.write(WRAPPER.format(dsaudit=dsaudit, log=log))
    os.chmod(os.path.join(scratch, ".bin", "dsaudit"), 0o755)
    return log


def matches(shown, got):
    """"…" stands for any lines."""
    pattern = "".join(r"(?:.*\n)*?" if s == "…" else re.escape(s.rstrip()) + r"\n" for s in shown)
    return re.fullmatch(pattern, "".join(g.rstrip() + "\n" for g in got)) is not None


def shorten(shown, got):
    """What is shown anew: with as many lines before and after the "…" as there were."""
    if "…" not in shown:
        return got
    before, after = shown.index("…"), len(shown) - 1 - shown.index("…")
    return got[:before] + ["…"] + (got[-after:] if after else [])


def run_step(step, scratch, log, env):
    """What it prints, and what is wrong with how it ends."""
    open(log, "w").close()
    command = re.sub(r"(?<![\w.])/etc/kubernetes", "etc/kubernetes", step.command)
    done = subprocess.run(["sh", "-c", command], cwd=scratch, env=env, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    out = re.sub(r"(?<![\w./])etc/kubernetes", "/etc/kubernetes", done.stdout).replace(scratch + "/", "")
    problems = []
    with open(log) as f:
        ran = f.read().splitlines()
    if len(ran) < len(re.findall(r"(?m)(?:^|\| )dsaudit\b", step.command)):
        problems.append(f"dsaudit ran {len(ran)} times")
    for entry in ran:
        status, args = entry.split(" ", 1)
        of_host = args.startswith("collect") or not any(os.path.exists(os.path.join(scratch, a)) or a == "-"
                                                         for a in args.split())
        if status not in ("0", "1") and not (status == "3" and of_host):
            problems.append(f"dsaudit {args}: status {status}")
    if done.returncode > 1 and not ran:
        problems.append(f"status {done.returncode}")
    if problems:
        problems[-1] += "\n" + out
    return out.split("\n")[:-1] if out.endswith("\n") else out.split("\n") if out else [], problems


def run_document(dsaudit, path, update):
    name = os.path.relpath(path, ROOT)
    with open(path) as f:
        text = f.read()
    problems, changes, ran = [], [], 0
    with tempfile.TemporaryDirectory() as scratch:
        log = scratch_tree(scratch, dsaudit)
        env = {k: v for k, v in os.environ.items() if k in ("ASAN_OPTIONS", "UBSAN_OPTIONS")}
        env.update(PATH=os.path.join(scratch, ".bin") + ":" + os.path.join(HERE, "bin") + ":" + os.environ["PATH"],
                   LC_ALL="C.UTF-8", HOME=scratch, DS_DEV=os.path.join(ROOT, "dev"), DS_FIXTURES=HERE)
        lines, steps = steps_of(name, text, problems, scratch)
        for step in steps:
            got, wrong = run_step(step, scratch, log, env)
            ran += 1
            problems += [f"{name}:{step.line + 1}: {step.command}: {w}" for w in wrong]
            if not step.shown or matches(step.shown, got):
                continue
            if update:
                changes.append((step.first, step.last, shorten(step.shown, got)))
            else:
                diff = "\n".join(difflib.unified_diff(step.shown, got, "shown", "printed", lineterm=""))
                problems.append(f"{name}:{step.line + 1}: {step.command} prints something else; ./dev golden shows it:\n{diff}")
    for first, last, new in reversed(changes):
        lines[first:last] = new
    if changes:
        with open(path, "w") as f:
            f.write("\n".join(lines))
    if ran == 0 and name == "README.md":
        problems.append(f"{name}: no commands were found")
    return ran, problems


def self_test():
    """The check must be able to fail."""
    with tempfile.TemporaryDirectory() as tmp:
        doc = os.path.join(tmp, "X.md")
        with open(doc, "w") as f:
            f.write("```console\n$ echo a\nb\n```\n\n    dsaudit x\n\n```sh\ndsaudit --no-such-option\n```\n"
                    "```console\n$ printf '1\\n2\\n3\\n'\n1\n…\n3\n```\n")
        return len(run_document("/bin/false-not-there", doc, False)[1]) == 3


def main():
    args = [a for a in sys.argv[1:] if a != "--update"]
    dsaudit = os.path.abspath(args[0])
    documents = args[1:] or [os.path.join(ROOT, "README.md"), *sorted(glob.glob(os.path.join(ROOT, "src", "man", "*.scd")))]
    print(f"1..{len(documents) + 1}")
    failed = not self_test()
    print(f"{'not ok' if failed else 'ok'} 1 - the check itself")
    for n, document in enumerate(documents, 2):
        ran, problems = run_document(dsaudit, os.path.abspath(document), "--update" in sys.argv)
        print(f"{'not ok' if problems else 'ok'} {n} - {os.path.relpath(document, ROOT)}: {ran} commands")
        for p in problems:
            print("# " + p.replace("\n", "\n# "))
        failed |= bool(problems)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
