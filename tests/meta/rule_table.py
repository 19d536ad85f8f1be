#!/usr/bin/env python3
"""The table "case -> rules" of rules/README.md, kept from the rules themselves.

A row whose case has rules names exactly these; a row without says why there is none.
Usage: rule_table.py [--update] DSAUDIT
"""
import json
import os
import re
import subprocess
import sys

ROOT = os.environ.get("DS_SOURCE_ROOT", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
README = os.path.join(ROOT, "rules", "README.md")
ROW = re.compile(r"^\| ([A-Z]\d\d)( `[^`]*`)? \| (.*) \|$")


def main():
    update = "--update" in sys.argv
    dsaudit = [a for a in sys.argv[1:] if a != "--update"][0]
    rules = json.loads(subprocess.run([dsaudit, "rules", "list", "-o", "json"], capture_output=True,
                                      check=True).stdout)["rules"]
    by_case = {}
    for rule in rules:
        for case in rule["cases"]:
            by_case.setdefault(case, []).append(rule["id"])
    with open(README, encoding="utf-8") as f:
        lines = f.read().split("\n")
    problems, rows = [], 0
    for i, line in enumerate(lines):
        m = ROW.match(line)
        if not m:
            continue
        rows += 1
        ids = sorted(by_case.pop(m.group(1), []))
        if ids:
            want = f"| {m.group(1)}{m.group(2) or ''} | {', '.join(ids)} |"
        elif re.match(r"DS\d{3}", m.group(3)):
            problems.append(f"{m.group(1)}: its rules are gone; say why there is none")
            continue
        else:
            want = line
        if want != line and not update:
            problems.append(f"{m.group(1)}: the table says {m.group(3)}, the rules say {', '.join(ids)}")
        lines[i] = want
    for case in sorted(by_case):
        problems.append(f"{case}: no such row, but {', '.join(by_case[case])} name it")
    if update:
        with open(README, "w", encoding="utf-8") as f:
            f.write("\n".join(lines))
    for p in problems:
        print(p)
    covered = sum(1 for l in lines if (m := ROW.match(l)) and m.group(3).startswith("DS"))
    print(f"{len(rules)} rules; {covered} of {rows} cases have one")
    sys.exit(1 if problems or rows < 100 else 0)


main()
