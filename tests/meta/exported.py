#!/usr/bin/env python3
"""The shared library exports exactly what include/dsaudit/*.h declares."""
import os
import re
import subprocess
import sys

include = os.path.join(os.environ["DS_SOURCE_ROOT"], "include", "dsaudit")
declared = set()
for name in sorted(os.listdir(include)):
    if name.endswith(".h"):
        with open(os.path.join(include, name)) as f:
            text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
        declared |= set(re.findall(r"\b(ds_[a-z0-9_]+)\s*\(", text))
nm = subprocess.run(["nm", "-D", "--defined-only", sys.argv[1]], capture_output=True, text=True, check=True).stdout
exported = {line.split()[-1] for line in nm.splitlines() if line.split()[-1].startswith("ds_")}
for name in sorted(declared - exported):
    print(f"{name}: declared but not exported")
for name in sorted(exported - declared):
    print(f"{name}: exported but not declared")
sys.exit(1 if declared != exported or not declared else 0)
