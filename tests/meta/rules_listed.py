#!/usr/bin/env python3
"""Every rules/*.yaml is listed in rules/meson.build, and nothing else is."""
import os
import re
import sys

folder = os.path.join(os.environ["DS_SOURCE_ROOT"], "rules")
there = {n for n in os.listdir(folder) if n.endswith(".yaml")}
with open(os.path.join(folder, "meson.build")) as f:
    listed = set(re.findall(r"'([^']+\.yaml)'", f.read()))
for name in sorted(there ^ listed):
    print(f"rules/{name}: {'not listed in rules/meson.build' if name in there else 'listed but missing'}")
sys.exit(1 if there != listed or not there else 0)
