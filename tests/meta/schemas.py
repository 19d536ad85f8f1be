#!/usr/bin/env python3
"""What the command prints as JSON, and the bundles in fixtures/, are valid against the schemas."""
import json
import os
import subprocess
import sys
import tempfile

import jsonschema

ROOT = os.environ["DS_SOURCE_ROOT"]
FIXTURES = os.path.join(ROOT, "fixtures")


def schema(name):
    with open(os.path.join(ROOT, "include", "dsaudit", "schema", name + ".schema.json")) as f:
        return json.load(f)


def problems(document, name, what):
    validator = jsonschema.Draft202012Validator(schema(name))
    return [f"{what}: {'/'.join(map(str, e.absolute_path))}: {e.message[:300]}" for e in validator.iter_errors(document)]


def run(dsaudit, *args):
    done = subprocess.run([dsaudit, *args], cwd=ROOT, capture_output=True, stdin=subprocess.DEVNULL)
    if done.returncode not in (0, 1, 3):
        return None, [f"{' '.join(args)}: exit status {done.returncode}: {done.stderr.decode(errors='replace')[:500]}"]
    return json.loads(done.stdout), []


def differences(dsaudit):
    """Every fixture against every other: whatever differs is told in the shape of the schema."""
    found = []
    count = 0
    with tempfile.TemporaryDirectory() as tmp:
        names = sorted(n for n in os.listdir(FIXTURES) if os.path.isdir(os.path.join(FIXTURES, n)) and n != "valid")
        for name in names:
            with open(os.path.join(tmp, name), "w") as f:
                subprocess.run([dsaudit, "audit", "-o", "json", os.path.join("fixtures", name)], cwd=ROOT, stdout=f,
                               stdin=subprocess.DEVNULL)
        for old in names:
            for new in names:
                diff, wrong = run(dsaudit, "diff", "-o", "json", os.path.join(tmp, old), os.path.join(tmp, new))
                found += wrong or problems(diff, "audit-diff", f"{old} and {new}")
                count += 1
                if not wrong and old == new and diff["verdict"] != "Nothing changed":
                    found.append(f"{old} differs from itself")
    return count, found


def main():
    dsaudit = os.path.abspath(sys.argv[1])
    found = []
    checked = 0
    for name in sorted(os.listdir(FIXTURES)):
        folder = os.path.join(FIXTURES, name)
        if not os.path.isdir(folder):
            continue
        report, wrong = run(dsaudit, "audit", "-o", "json", os.path.join("fixtures", name))
        found += wrong or problems(report, "audit-report", name)
        nodes, wrong = run(dsaudit, "nodes", "-o", "json", os.path.join("fixtures", name))
        found += wrong or problems(nodes, "node-pod-cidrs", name)
        checked += 2
        for path, _, files in os.walk(folder):
            for f in files:
                if f.endswith(".json"):
                    with open(os.path.join(path, f)) as handle:
                        document = json.load(handle)
                    if isinstance(document, dict) and document.get("kind") == "NodeBundle":
                        found += problems(document, "node-bundle", os.path.join(path, f))
    count, wrong = differences(dsaudit)
    found += wrong
    checked += count
    report, wrong = run(dsaudit, "audit", "-o", "json", "--ignore", "DS101:*", "fixtures/broken-dual/manifests")
    found += wrong or problems(report, "audit-report", "suppressed")
    drift, missing = run(dsaudit, "audit", "-o", "json", "--host-root", "tests/cases/audit/host-drift/host")
    found += missing or problems(drift, "audit-report", "a host")
    if not missing and not any(c["configured"][0]["differences"]["running"] for c in drift["clusters"][0]["components"]):
        found.append("nothing differs")
    baseline, missing = run(dsaudit, "audit", "--write-baseline", "/dev/stdout", "-o", "json=/dev/null",
                            "fixtures/broken-dual/manifests")
    found += missing or problems(baseline, "baseline", "the baseline")
    if not wrong and not report["clusters"][0]["suppressed"]:
        found.append("nothing was suppressed")
    for ranges in ("10.96.0.0/16", "fd00:10:96::/112,10.96.0.0/16"):
        for version in ("1.20", "1.36"):
            preview, wrong = run(dsaudit, "preview", "-o", "json", "--service-cluster-ip-range", ranges,
                                 "--kubernetes-version", version)
            found += wrong or problems(preview, "service-preview", ranges)
            checked += 1
    if not problems({"kind": "AuditReport"}, "audit-report", "self-test"):
        found.append("the check itself is broken")
    for p in found:
        print(p)
    print(f"{checked} documents checked")
    sys.exit(1 if found or checked < 4 else 0)


main()
