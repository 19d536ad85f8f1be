#!/usr/bin/env python3
"""What a terminal shows: lines of its width, the verdict first, colour where it is wanted and nowhere else."""
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import unicodedata

ROOT = os.environ["DS_SOURCE_ROOT"]
dsaudit = os.path.abspath(sys.argv[1])
found = []
ENV = {k: v for k, v in os.environ.items() if k in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS")}
VERDICT = re.compile(r"This configuration|Nothing wrong|No problem|The audit is|No check|Nothing to audit")
COLOR = re.compile(r"\x1b\[[0-9;]*m")


def have_terminals():
    """A chroot or a container may have no pseudo-terminals at all."""
    try:
        for fd in pty.openpty():
            os.close(fd)
    except OSError:
        return False
    return True


if not have_terminals():
    print("no pseudo-terminals here (is /dev/pts mounted?)")
    sys.exit(77)


def shown(args, width, **env):
    """Standard output as a terminal of that width gets it."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    child = subprocess.Popen([dsaudit, *args], stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.PIPE, cwd=ROOT,
                             env={**ENV, "TERM": "xterm", "LC_ALL": "C.UTF-8", **env})
    os.close(theirs)
    out = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        out += part
    os.close(ours)
    err = child.stderr.read()
    if child.wait() not in (0, 1, 3) or err:
        found.append(f"{args} at {width}: status {child.returncode}: {err.decode(errors='replace')}")
    return out.decode().replace("\r\n", "\n")


def columns(line):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def too_wide(line, width):
    """A path or a range that has no room in a line stays whole: it is there to be copied; names begin a line."""
    words = line.split()
    lead = line[:len(line) - len(line.lstrip())]
    alone = len(words) == 1 or line.lstrip().startswith("-->") or re.match(r"Cluster |Kubernetes |  (read|skipped|failed) +", line)
    return columns(line) > width and not alone and not any(columns(lead + w) > width for w in words)


fixtures = sorted(os.path.join("fixtures", f) for f in os.listdir(os.path.join(ROOT, "fixtures"))
                  if f != "valid" and os.path.isdir(os.path.join(ROOT, "fixtures", f)))
fixtures += ["fixtures/valid/ha-dual", "fixtures/no-such-file"]
for fixture in fixtures:
    for width in (60, 80, 120, 200):
        for args in ([fixture], ["-q", fixture], ["-v", fixture]):
            text = shown(args, width)
            plain = COLOR.sub("", text)
            if text == plain:
                found.append(f"{args} at {width}: no colour on a terminal")
            if not VERDICT.match(plain):
                found.append(f"{args} at {width}: the verdict is not first")
            found += [f"{args} at {width}: {columns(w)} columns: {w}" for w in plain.split("\n")
                      if too_wide(w, min(width, 120))]
for args in (["nodes", "fixtures/valid/ha-dual"], ["nodes", "fixtures/broken-dual"], ["nodes", "tests/cases/nodes/converted"],
             ["preview", "--service-cluster-ip-range=10.96.0.0/16", "-f", "fixtures/broken-dual/service.yaml", "--explain"],
             ["preview", "--service-cluster-ip-range=10.96.0.0/16,fd00:10:96::/112", "-f", "tests/docs/services.yaml"],
             ["preview", "fixtures/kubeadm-dual"], ["preview", "fixtures/valid/ha-dual", "-v"], ["help"], ["help", "preview"],
             ["help", "audit"], ["rules", "list"], ["rules", "fields"]):
    for width in (60, 80, 120, 200):
        plain = COLOR.sub("", shown(args, width))
        found += [f"{args} at {width}: {columns(w)} columns: {w}" for w in plain.split("\n") if too_wide(w, min(width, 120))]
for name, args, env, colored in (
        ("NO_COLOR", [], {"NO_COLOR": "1"}, False), ("TERM=dumb", [], {"TERM": "dumb"}, False),
        ("CLICOLOR=0", [], {"CLICOLOR": "0"}, False), ("--color=never", ["--color=never"], {}, False),
        ("--color beats NO_COLOR", ["--color=always"], {"NO_COLOR": "1"}, True)):
    if ("\x1b" in shown([*args, "fixtures/broken-dual"], 80, **env)) != colored:
        found.append(f"{name}: colour is {'missing' if colored else 'there'}")
piped = subprocess.run([dsaudit, "fixtures/minikube-v1.31"], capture_output=True, text=True, cwd=ROOT, env=ENV)
if "\x1b" in piped.stdout or not piped.stdout.split("\n")[0].endswith("could not be made."):
    found.append("a pipe gets colour, or not the whole verdict in one line")
calm = COLOR.sub("", shown(["fixtures/kubeadm-dual/manifests"], 80))
if calm.count("\n") > 24:
    found.append(f"when all is well it takes {calm.count(chr(10))} lines")
if not too_wide("a b " * 30, 80) or too_wide("  --> " + "x" * 90, 80):
    found.append("the check itself is broken")
for p in found[:40]:
    print(p)
sys.exit(1 if found else 0)
