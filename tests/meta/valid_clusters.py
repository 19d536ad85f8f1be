#!/usr/bin/env python3
"""No false alarms: every cluster of fixtures/valid/ is audited without an error or a warning.

What is legal but surprising may be said (info), and what cannot be seen is unknown. An
input that is not read, or a component that is not recognised, would make the test pass for
the wrong reason: both are checked as well. Usage: valid_clusters.py DSAUDIT
"""
import os
import sys

from clusters import ROOT, VALID, audit, clusters, findings, in_parallel


def problems(dsaudit, cluster):
    report, status = audit(dsaudit, os.path.join("fixtures", "valid", cluster))
    found = [f"{f['severity']} {f['rule']} {f['name']}: {f['message']}" for f in findings(report)
             if f["status"] != "unknown" and (f["status"] != "fail" or f["severity"] != "info")]
    found += [f"{i['source']} is not read: {i.get('reason')}" for i in report["inputs"] if i["status"] == "failed"]
    found += [f"{c['component']} would not start: {'; '.join(c['startup']['errors'])}"
              for k in report["clusters"] for c in k["components"] if c["startup"]["accepted"] is False]
    if status != 0:
        found.append(f"exit status {status}")
    if len(report["clusters"]) != 1:
        found.append(f"{len(report['clusters'])} clusters instead of one")
    if report["summary"]["passed"] < 20:
        found.append(f"only {report['summary']['passed']} rules pass: is the fixture seen at all?")
    return found, report["summary"]


def main():
    dsaudit = os.path.abspath(sys.argv[1])
    names = clusters()
    with open(os.path.join(VALID, "README.md")) as f:
        described = f.read()
    failed = len(names) < 30
    total = {"passed": 0, "info": 0, "unknown": 0}
    for name, (found, summary) in zip(names, in_parallel(lambda n: problems(dsaudit, n), names)):
        if f"| `{name}` |" not in described:
            found.append(f"has no line in {os.path.relpath(VALID, ROOT)}/README.md")
        for p in found:
            print(f"{name}: {p}")
        failed |= bool(found)
        for key in total:
            total[key] += summary[key]
    print(f"{len(names)} valid clusters: {total['passed']} passed, {total['info']} info, {total['unknown']} unknown")
    sys.exit(failed)


if __name__ == "__main__":
    main()
