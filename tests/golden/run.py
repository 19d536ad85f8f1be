#!/usr/bin/env python3
"""Every fixture in every format: what is written is what is expected, twice the same, and well-formed.

The expected reports are tests/golden/FIXTURE/FORMAT.

Usage: run.py [--update] DSAUDIT MAKE_REPORT
"""
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GOLDEN = os.path.join(ROOT, "tests", "golden")
sys.path.insert(0, os.path.join(ROOT, "tests", "meta"))

from shapes import check_shape, found  # noqa: E402

SEVERAL = ("k0s", "talos")  # each of their folders is a cluster


def fixtures():
    """Every folder of fixtures. Valid clusters are held to finding nothing, by tests/meta/valid_clusters.py."""
    yield "minikube", "fixtures/minikube-v1.31/ps-ef.txt"
    for name in sorted(os.listdir(os.path.join(ROOT, "fixtures"))):
        if name in SEVERAL:
            for part in sorted(os.listdir(os.path.join(ROOT, "fixtures", name))):
                if os.path.isdir(os.path.join(ROOT, "fixtures", name, part)):
                    yield f"{name}-{part}", f"fixtures/{name}/{part}"
        elif name not in ("minikube-v1.31", "valid"):
            yield name, f"fixtures/{name}"


FIXTURES = dict(fixtures())


def run(dsaudit, fixture, name):
    return subprocess.run([dsaudit, "audit", "-o", name, fixture], cwd=ROOT, capture_output=True,
                          stdin=subprocess.DEVNULL, timeout=60)


def problems(dsaudit, fixture, name, expected, update):
    first, second = (run(dsaudit, FIXTURES[fixture], name) for _ in range(2))
    if first.returncode not in (0, 1, 3) or first.stderr:  # 3: a distribution refuses its own file
        yield f"exit status {first.returncode}: {first.stderr.decode(errors='replace')[:500]}"
    if first.stdout != second.stdout:
        yield "two runs, two reports"
    found.clear()
    check_shape(name, first.stdout)
    yield from found
    if update:
        os.makedirs(os.path.dirname(expected), exist_ok=True)
        with open(expected, "wb") as f:
            f.write(first.stdout)
        return
    diff = subprocess.run(["diff", "-u", expected, "-"], input=first.stdout, capture_output=True)
    if diff.returncode:
        yield "differs; ./dev golden writes it anew:\n" + (diff.stdout + diff.stderr).decode(errors="replace")[:3000]


def main():
    args = [a for a in sys.argv[1:] if a != "--update"]
    dsaudit, make = (os.path.abspath(a) for a in args)
    formats = subprocess.run([make, "formats"], capture_output=True, check=True, text=True).stdout.split()
    cases = [(fixture, name) for fixture in FIXTURES for name in formats]
    print(f"1..{len(cases)}")
    failed = 0
    for n, (fixture, name) in enumerate(cases, 1):
        wrong = list(problems(dsaudit, fixture, name, os.path.join(GOLDEN, fixture, name), "--update" in sys.argv))
        print(f"{'not ok' if wrong else 'ok'} {n} - {fixture} {name}")
        for w in wrong:
            print("# " + w.replace("\n", "\n# "))
        failed += bool(wrong)
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
