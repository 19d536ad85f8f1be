#!/usr/bin/env python3
"""A room includes only itself and rooms of lower layers; every file is listed in its meson.build."""
import os
import re
import sys

ROOT = os.environ["DS_SOURCE_ROOT"]
LAYERS = ["base", "net", "yaml", "cel", "kube", "service", "model", "collect", "rules", "report", "api", "cli"]


def check(root):
    problems = []
    for room in sorted(os.listdir(os.path.join(root, "src"))):
        folder = os.path.join(root, "src", room)
        if not os.path.isdir(folder) or room == "man":
            continue
        if room not in LAYERS:
            problems.append(f"src/{room}: not a room of the layers table")
            continue
        for path, _, names in sorted(os.walk(folder)):
            build = os.path.join(path, "meson.build")
            listed = ""
            if os.path.exists(build):
                with open(build, encoding="utf-8") as f:
                    listed = f.read()
            for name in sorted(names):
                if not name.endswith((".c", ".h", ".def")):
                    continue
                file = os.path.relpath(os.path.join(path, name), root)
                if name.endswith(".c") and f"'{name}'" not in listed:
                    problems.append(f"{file}: not listed in {os.path.relpath(build, root)}")
                with open(os.path.join(path, name), encoding="utf-8") as f:
                    text = f.read()
                if text.count("\n") > 1500 and name.endswith((".c", ".h")):
                    problems.append(f"{file}: over 1,500 lines")
                for other in re.findall(r'^#include "([a-z0-9]+)/', text, re.M):
                    if other in LAYERS and LAYERS.index(other) > LAYERS.index(room):
                        problems.append(f"{file}: {room} includes {other}, which is to its right")
    return problems


def self_test():
    """The check must be able to fail."""
    import tempfile
    with tempfile.TemporaryDirectory() as tmp:
        os.makedirs(os.path.join(tmp, "src", "base"))
        with open(os.path.join(tmp, "src", "base", "meson.build"), "w") as f:
            f.write("")
        with open(os.path.join(tmp, "src", "base", "x.c"), "w") as f:
            f.write('#include "cli/cli.h"\n')
        return len(check(tmp)) == 2


if __name__ == "__main__":
    found = check(ROOT)
    for p in found:
        print(p)
    if not self_test():
        print("the check itself is broken")
    sys.exit(1 if found or not self_test() else 0)
