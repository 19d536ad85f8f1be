#!/usr/bin/env python3
"""dsaudit-report(5) names every object and every property of the schemas, and no other."""
import json
import os
import re
import sys

ROOT = os.environ["DS_SOURCE_ROOT"]
SCHEMAS = {
    "AUDIT REPORT": "audit-report",
    "SERVICE PREVIEW": "service-preview",
    "DIFFERENCE OF TWO REPORTS": "audit-diff",
    "PODCIDRS OF NODES": "node-pod-cidrs",
    "NODE BUNDLE": "node-bundle",
    "BASELINE": "baseline",
}
# What one schema has of another is told once.
ELSEWHERE = {("AUDIT REPORT", "item"): "SERVICE PREVIEW", ("AUDIT REPORT", "item.causes[]"): "SERVICE PREVIEW",
             ("AUDIT REPORT", "servicePreview"): ("SERVICE PREVIEW", "ServicePreview"),
             ("DIFFERENCE OF TWO REPORTS", "item"): "SERVICE PREVIEW",
             ("DIFFERENCE OF TWO REPORTS", "item.causes[]"): "SERVICE PREVIEW",
             ("DIFFERENCE OF TWO REPORTS", "location"): "AUDIT REPORT",
             ("DIFFERENCE OF TWO REPORTS", "finding"): ("AUDIT REPORT", "suppressedFinding")}


def objects(name, node, out):
    """Every object with properties of its own, by its path; what is referred to stands under its own name."""
    if "$ref" in node:
        return
    if "items" in node:
        objects(name + "[]", node["items"], out)
    if "properties" in node:
        out[name] = set(node["properties"])
        for key, value in node["properties"].items():
            objects(f"{name}.{key}", value, out)
    if isinstance(node.get("additionalProperties"), dict):
        objects(name + "{}", node["additionalProperties"], out)


def schema(name):
    with open(os.path.join(ROOT, "include", "dsaudit", "schema", name + ".schema.json")) as f:
        root = json.load(f)
    out = {}
    objects(root["title"], root, out)
    for key, value in root.get("$defs", {}).items():
        objects(key, value, out)
    return out


def manual(text):
    """{section: {heading: the names its entries begin with}}"""
    out = {}
    section = heading = None
    for line in text.split("\n"):
        if line.startswith("# "):
            section, heading = out.setdefault(line[2:], {}), None
        elif line.startswith("## "):
            heading = section.setdefault(line[3:], set())
        elif line.startswith("*") and heading is not None:
            for name in re.findall(r"\*(\w+)\*", line):
                if name in heading:
                    heading.add(name + " twice")
                heading.add(name)
    return out


def problems(sections):
    wanted = {title: schema(name) for title, name in SCHEMAS.items()}
    # A suppressed finding is a finding and more.
    told = {title: {k: set(v) for k, v in sections.get(title, {}).items()} for title in SCHEMAS}
    told["AUDIT REPORT"].get("suppressedFinding", set()).update(told["AUDIT REPORT"].get("finding", set()))
    for (title, name), where in ELSEWHERE.items():
        other, other_name = where if isinstance(where, tuple) else (where, name)
        have = wanted[title].pop(name, None)
        if have is None or have - wanted[other].get(other_name, set()):
            yield f"{title}: {name} is not what {other} has: {have}"
    for title in SCHEMAS:
        for name in sorted(set(wanted[title]) | set(told[title])):
            missing = wanted[title].get(name, set()) - told[title].get(name, set())
            extra = told[title].get(name, set()) - wanted[title].get(name, set())
            for field in sorted(missing):
                yield f"{title}, {name}: {field} is in the schema and not in the manual page"
            for field in sorted(extra):
                yield f"{title}, {name}: {field} is in the manual page and not in the schema"
            if name not in wanted[title]:
                yield f"{title}: there is no {name}"


def main():
    with open(os.path.join(ROOT, "src", "man", "dsaudit-report.5.scd")) as f:
        text = f.read()
    found = list(problems(manual(text)))
    for p in found:
        print(p)
    if not (list(problems(manual(text.replace("*overrides*", "*overridden*"))))
            and list(problems(manual(text.replace("## setting\n", ""))))):
        found.append("the check itself is broken")
        print(found[-1])
    with open(os.path.join(ROOT, "src", "man", "meson.build")) as f:
        if "'dsaudit-report.5'" not in f.read():
            found.append("the page is not installed")
            print(found[-1])
    sys.exit(1 if found else 0)


main()
