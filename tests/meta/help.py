#!/usr/bin/env python3
"""Help goes to standard output with status 0, names every option, and the manual page does too.
The page about rules names every field of a rule and what rules can name of a cluster."""
import os
import re
import subprocess
import sys

ROOT = os.environ["DS_SOURCE_ROOT"]
dsaudit = os.path.abspath(sys.argv[1])
found = []


def run(*args):
    return subprocess.run([dsaudit, *args], capture_output=True, text=True, stdin=subprocess.DEVNULL)


with open(os.path.join(ROOT, "src", "man", "dsaudit.1.scd")) as f:
    manual = f.read()
commands = re.findall(r"^  ([a-z]+) +\S", run("help").stdout, re.M)
if "audit" not in commands:
    found.append("help lists no commands")
for command in commands:
    done = run(command, "--help")
    if done.returncode != 0 or done.stderr or f"usage: dsaudit {command}" not in done.stdout:
        found.append(f"{command} --help: status {done.returncode}")
    if f"*{command}*" not in manual:
        found.append(f"{command}: not in the manual page")
    for option in re.findall(r"--([a-z-]+)", done.stdout):
        if f"*--{option}*" not in manual:
            found.append(f"{command} --{option}: not in the manual page")
    done = run(command, "--no-such-option")
    if done.returncode != 2 or done.stdout or "--no-such-option" not in done.stderr:
        found.append(f"{command}: a wrong option gives status {done.returncode}")
with open(os.path.join(ROOT, "src", "man", "dsaudit-rules.5.scd")) as f:
    manual = f.read()
with open(os.path.join(ROOT, "src", "rules", "load.c")) as f:
    fields = re.findall(r'^\t\{"(\w+)", (?:true|false), read_\w+\},$', f.read(), re.M)
if "expression" not in fields:
    found.append("src/rules/load.c: the fields of rules are not found")
for field in fields:
    if f"*{field}*" not in manual:
        found.append(f"{field}: not in the manual page about rules")
cluster = re.findall(r"^  (\w+) {2,}", run("rules", "fields").stdout.split("\n\n")[0], re.M)
if "apiServers" not in cluster:
    found.append("rules fields: no cluster")
for field in cluster:
    if field not in manual:
        found.append(f"cluster.{field}: not in the manual page about rules")
for p in found:
    print(p)
sys.exit(1 if found else 0)
