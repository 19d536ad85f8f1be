#!/usr/bin/env python3
"""Every format of `dsaudit diff` stays well-formed whatever the reports hold.

make_report writes a report with every byte and many attacks in it; it is compared with an empty one,
both ways, and with itself under hostile names.

Usage: diff_formats.py DSAUDIT MAKE_REPORT
"""
import json
import os
import re
import subprocess
import sys
import tempfile

from shapes import check, found, is_unsafe, load, markdown_structure, no_raw_controls

DSAUDIT, MAKE = (os.path.abspath(a) for a in sys.argv[1:3])
HEADINGS = "dsaudit: |Cluster |New$|Changed$|Unknown now$|Gone, not fixed$|Fixed$|Known now$|Suppressed now$|What it is$|What Services get$|Inputs$"


def make(name, report):
    with open(name, "wb") as f:
        subprocess.run([MAKE, "json", report], check=True, stdout=f)


def strings(value):
    if isinstance(value, dict):
        for k, v in value.items():
            yield k
            yield from strings(v)
    elif isinstance(value, list):
        for v in value:
            yield from strings(v)
    elif isinstance(value, str):
        yield value


def findings(diff, side):
    return [f[side] for c in diff["clusters"] for f in c["findings"] if f[side]]


def compare(old, new, report, gone):
    for name in ("text", "json", "markdown"):
        for extra in ((), ("-v",), ("-q",), ("--color", "always")):
            done = subprocess.run([DSAUDIT, "diff", "-o", name, *extra, old, new], capture_output=True, timeout=120)
            what = f"{name} {' '.join(extra)} of {old} and {new}"
            check(done.returncode in (0, 1, 3) and not done.stderr, f"{what}: status {done.returncode} {done.stderr[:200]}")
            raw = re.sub(rb"\x1b\[[0-9;]*m", b"", done.stdout) if extra == ("--color", "always") else done.stdout
            text = no_raw_controls(what, raw)
            if name == "json":
                diff = load(raw)
                check(diff["kind"] == "AuditDiff", f"{what}: kind")
                # Nothing gets lost: each finding is told as its report has it.
                told = findings(diff, "old" if gone else "new")
                have = [json.dumps(f, sort_keys=True) for f in told]
                for f in report["clusters"][0]["findings"]:
                    if json.dumps(f, sort_keys=True) not in have:
                        check(False, f"{what}: {f['message']!r} is not told")
                check(all(f["status"] == ("unknown" if gone else "new") for c in diff["clusters"] for f in c["findings"]),
                      f"{what}: what nobody looked at is called fixed")
            if name == "markdown":
                markdown_structure(text)
                for line in text.split("\n"):
                    if line.startswith("#"):
                        check(re.match(f"#{{1,3}} ({HEADINGS})", line), f"{what}: heading {line[:60]!r}")


def main():
    with tempfile.TemporaryDirectory() as tmp:
        os.chdir(tmp)
        make("hostile.json", "hostile")
        make("empty.json", "0")
        with open("hostile.json") as f:
            report = load(f.read())
        unsafe = {c for s in strings(report) for c in s if is_unsafe(c)}
        check(len(unsafe) >= 40, f"{len(unsafe)} unsafe characters are not enough of a test")
        compare("hostile.json", "empty.json", report, True)
        compare("empty.json", "hostile.json", report, False)
        # The names of the reports are somebody's, too.
        name = "\x1b[31m| `x` @y <b>\n# z.json"
        os.link("hostile.json", name)
        for form in ("text", "json", "markdown"):
            done = subprocess.run([DSAUDIT, "diff", "-o", form, name, name], capture_output=True)
            check(done.returncode == 0 and not done.stderr, f"{form}: a report differs from itself: {done.stderr[:300]}")
            text = no_raw_controls(form, done.stdout)
            if form == "markdown":
                markdown_structure(text)
        os.chdir("/")
    for f in found:
        print(f)
    print(f"{len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
