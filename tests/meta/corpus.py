#!/usr/bin/env python3
"""Audits every file of a collection of real-world files, when there is one:
../shared/corpus beside the checkout, or the folder that DS_CORPUS names.
Nothing may crash, hang, leak or print a sanitizer report."""
import json
import os
import subprocess
import sys

ROOT = os.environ["DS_SOURCE_ROOT"]
CORPUS = os.environ.get("DS_CORPUS", os.path.join(ROOT, "..", "shared", "corpus"))


def main():
    dsaudit = os.path.abspath(sys.argv[1])
    if not os.path.isdir(CORPUS):
        print("no collection of files here")
        sys.exit(77)
    files = sorted(os.path.join(p, f) for p, _, names in os.walk(CORPUS) for f in names)
    bad = 0
    for f in files + [CORPUS]:
        for form in ("json", "text", "html"):
            try:
                done = subprocess.run([dsaudit, "audit", "-o", form, f], capture_output=True,
                                      stdin=subprocess.DEVNULL, timeout=60)
            except subprocess.TimeoutExpired:
                print(f"{f}: still running after 60 s")
                bad += 1
                continue
            if done.returncode not in (0, 1, 3) or done.stderr:
                print(f"{f}: exit status {done.returncode}: {done.stderr.decode(errors='replace')[:2000]}")
                bad += 1
            elif form == "json":
                report = json.loads(done.stdout)
                if not report["inputs"]:
                    print(f"{f}: read without a word")
                    bad += 1
    print(f"{len(files)} files, {bad} bad")
    sys.exit(1 if bad or not files else 0)


main()
