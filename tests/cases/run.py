#!/usr/bin/env python3
"""Runs the directory cases of the command.

A case is a folder below tests/cases/<suite>/ with
  cmd     the arguments, one shell line, run by sh in the project's root with $DSAUDIT
          and $TMP (an empty folder of the case's own) set
  stdout  what it must print; absent: nothing is checked
  stderr  the same for standard error; absent: it must be empty
  status  its exit status; absent: 0
  json    a JSON file of {"path.to[0].field": value}: what the standard output, read as
          JSON, must hold

Usage: run.py [--update] DSAUDIT [SUITE/CASE...]. --update writes stdout and stderr anew.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CASES = os.path.join(ROOT, "tests", "cases")


def read(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except FileNotFoundError:
        return None


def lookup(value, path):
    for name, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
        value = value[int(index)] if index else value[name]
    return value


def run_case(dsaudit, case, update):
    folder = os.path.join(CASES, case)
    problems = []
    with tempfile.TemporaryDirectory() as tmp:
        env = {"PATH": os.environ["PATH"], "DSAUDIT": dsaudit, "TMP": tmp, "LC_ALL": "C.UTF-8"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                env[name] = os.environ[name]
        try:
            done = subprocess.run(["sh", os.path.join(folder, "cmd")], cwd=ROOT, env=env, stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=60)
        except subprocess.TimeoutExpired:
            return ["still running after 60 s"]
        out = done.stdout.replace(tmp.encode(), b"$TMP")
        err = done.stderr.replace(tmp.encode(), b"$TMP")
    for name, got in (("stdout", out), ("stderr", err)):
        path = os.path.join(folder, name)
        want = read(path)
        if update and (want is not None or (name == "stderr" and got)):
            with open(path, "wb") as f:
                f.write(got)
        elif want is None and name == "stderr" and got:
            problems.append("unexpected standard error:\n" + got.decode(errors="replace"))
        elif want is not None and want != got:
            with tempfile.NamedTemporaryFile() as f:
                f.write(got)
                f.flush()
                diff = subprocess.run(["diff", "-u", path, f.name], capture_output=True).stdout
            problems.append(name + " differs:\n" + diff.decode(errors="replace")[:6000])
    want_status = int((read(os.path.join(folder, "status")) or b"0").strip())
    if done.returncode != want_status:
        problems.append(f"exit status {done.returncode}, expected {want_status}\n"
                        + err.decode(errors="replace")[-2000:])
    expected = read(os.path.join(folder, "json"))
    if expected is not None:
        try:
            document = json.loads(out)
            for path, want in json.loads(expected).items():
                got = lookup(document, path)
                if got != want:
                    problems.append(f"{path} is {got!r}, expected {want!r}")
        except (ValueError, KeyError, IndexError, TypeError) as e:
            problems.append(f"JSON: {type(e).__name__}: {e}")
    return problems


def main():
    args = sys.argv[1:]
    update = "--update" in args
    args = [a for a in args if a != "--update"]
    dsaudit = os.path.abspath(args[0])
    cases = args[1:] or sorted(f"{s}/{c}" for s in os.listdir(CASES) if os.path.isdir(os.path.join(CASES, s))
                               for c in os.listdir(os.path.join(CASES, s))
                               if os.path.isfile(os.path.join(CASES, s, c, "cmd")))
    print(f"1..{len(cases)}")
    failed = 0
    for n, case in enumerate(cases, 1):
        problems = run_case(dsaudit, case, update)
        print(f"{'not ok' if problems else 'ok'} {n} - {case}")
        for p in problems:
            print("# " + p.replace("\n", "\n# "))
        failed += bool(problems)
    sys.exit(1 if failed or not cases else 0)


if __name__ == "__main__":
    main()
