#!/usr/bin/env python3
"""The archive of the static command: twice the same bytes, what the manifests of krew and of the GitHub Action expect of
it, a command that needs no library and knows no folder of its build. dist.py BUILD"""
import hashlib
import os
import re
import subprocess
import sys
import tarfile
import tempfile

import yaml

from shared import ROOT, check, finish, version

BUILD = os.path.abspath(sys.argv[1])


def make(folder):
    done = subprocess.run(["sh", f"{ROOT}/packaging/dist.sh", BUILD, folder], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, env={**os.environ, "DS_RELEASE_URL": "https://example.net/x"})
    if done.returncode != 0:
        raise SystemExit(done.stdout + done.stderr)
    return sorted(os.listdir(folder))


with tempfile.TemporaryDirectory() as tmp:
    first, second = make(f"{tmp}/a"), make(f"{tmp}/b")
    archives = [f for f in first if f.endswith(".tar.gz")]
    if not check(first == second and len(first) == 3 and len(archives) == 1, f"made {first}, {second}"):
        finish()
    name = archives[0][:-len(".tar.gz")]
    check(re.fullmatch(rf"dsaudit-{re.escape(version())}-linux-[a-z0-9_]+", name), f"the archive is called {name}")
    for file in first:
        with open(f"{tmp}/a/{file}", "rb") as a, open(f"{tmp}/b/{file}", "rb") as b:
            check(a.read() == b.read(), f"{file}: other bytes the second time")
    with open(f"{tmp}/a/{name}.tar.gz", "rb") as f:
        digest = hashlib.sha256(f.read()).hexdigest()
    with open(f"{tmp}/a/SHA256SUMS") as f:
        check(f.read() == f"{digest}  {name}.tar.gz\n", "SHA256SUMS")
    with open(f"{tmp}/a/dsaudit.yaml") as f:
        platform = yaml.safe_load(f)["spec"]["platforms"][0]
    check(platform["sha256"] == digest, "krew: the checksum")
    check(platform["uri"] == f"https://example.net/x/releases/download/v{version()}/{name}.tar.gz", f"krew: {platform['uri']}")

    with tarfile.open(f"{tmp}/a/{name}.tar.gz") as t:
        for m in t.getmembers():
            check(m.uid == m.gid == 0 and (m.isdir() or m.isreg()) and m.name.split("/")[0] == name, f"{m.name} in the archive")
        t.extractall(tmp)
    here = {os.path.relpath(os.path.join(p, f), f"{tmp}/{name}") for p, _, files in os.walk(f"{tmp}/{name}") for f in files}
    for file in platform["files"]:
        inside = file["from"].split("/", 1)
        check(inside[0] == "dsaudit-*" and inside[1] in here, f"krew: {file['from']} is not in the archive")
    check({"bin/dsaudit", "LICENSE", "README.md", "CHANGES.md", "share/dsaudit/schema/audit-report.schema.json"} <= here,
          f"in the archive: {sorted(here)}")
    program = f"{tmp}/{name}/bin/dsaudit"
    with open(program, "rb") as f:
        image = f.read()
    check(b"/ld-linux" not in image and b"/ld-musl" not in image, "the command has an interpreter")
    check(ROOT.encode() not in image and BUILD.encode() not in image, "the command knows the folder that it was built in")
    done = subprocess.run([program, "audit", "-q", "fixtures/kubeadm-dual/manifests"], cwd=ROOT, env={}, capture_output=True,
                          stdin=subprocess.DEVNULL)
    check(done.returncode == 0, f"the command ends with {done.returncode}: {done.stderr}")
finish()
