#!/usr/bin/env python3
"""Speed and memory of `dsaudit preview` over a large cluster's Services.

Writes what `kubectl get svc -A -o json` would print (and the same as YAML, smaller) to a
temporary folder, previews it in every way, and prints Services/s and MB/s of one core (by CPU
time: the machine may be shared) and the peak memory of the process, beside what merely parsing the same file costs with Python's json module (C
scanner) and with `dsaudit preview` where nothing in the file is a Service (cutting and
parsing without the engine).

Usage: preview_bench.py [-n SERVICES] [--runs N] BUILD_DIR
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time

RANGES = "10.96.0.0/12,fd00:10:96::/108"


def service(i, rng, kind="Service"):
    name = f"svc-{i:06d}"
    ns = f"team-{i % 997:03d}"
    four = f"10.{96 + (i >> 16)}.{(i >> 8) & 255}.{i & 255}"
    six = f"fd00:10:96::{(i >> 16) & 0xf:x}:{i & 0xffff:x}"
    spec = {
        "internalTrafficPolicy": "Cluster",
        "ports": [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 8080},
                  {"name": "metrics", "port": 9090, "protocol": "TCP", "targetPort": "metrics"}],
        "selector": {"app.kubernetes.io/instance": name, "app.kubernetes.io/name": name},
        "sessionAffinity": "None",
        "type": "ClusterIP",
    }
    shape = rng.random()
    if shape < 0.15:
        spec.update(clusterIP="None", clusterIPs=["None"], ipFamilies=["IPv4"], ipFamilyPolicy="SingleStack")
    elif shape < 0.45:
        spec.update(clusterIP=four, clusterIPs=[four, six], ipFamilies=["IPv4", "IPv6"],
                    ipFamilyPolicy="PreferDualStack")
    elif shape < 0.46:
        spec.update(clusterIP=four, clusterIPs=[four], ipFamilies=["IPv4"], ipFamilyPolicy="RequiredDualStack")
    else:
        spec.update(clusterIP=four, clusterIPs=[four], ipFamilies=["IPv4"], ipFamilyPolicy="SingleStack")
    return {
        "apiVersion": "v1",
        "kind": kind,
        "metadata": {
            "annotations": {"meta.helm.sh/release-name": name, "meta.helm.sh/release-namespace": ns},
            "creationTimestamp": "2024-05-01T12:00:00Z",
            "labels": {"app.kubernetes.io/instance": name, "app.kubernetes.io/managed-by": "Helm",
                       "app.kubernetes.io/name": name, "helm.sh/chart": "service-1.2.3"},
            "name": name,
            "namespace": ns,
            "resourceVersion": str(1000 + i),
            "uid": f"{i:08x}-0000-4000-8000-000000000000",
        },
        "spec": spec,
        "status": {"loadBalancer": {}},
    }


def write_json(path, n, kind="Service", indent=4):
    rng = random.Random(1)
    with open(path, "w") as f:
        f.write('{\n    "apiVersion": "v1",\n    "items": [\n')
        for i in range(n):
            text = json.dumps(service(i, rng, kind), indent=indent)
            f.write("        " + text.replace("\n", "\n        ") + (",\n" if i + 1 < n else "\n"))
        f.write('    ],\n    "kind": "List",\n    "metadata": {\n        "resourceVersion": ""\n    }\n}\n')


def yaml_lines(value, indent):
    pad = "  " * indent
    if isinstance(value, dict):
        for k, v in value.items():
            if isinstance(v, (dict, list)) and v:
                yield f"{pad}{k}:"
                yield from yaml_lines(v, indent + (isinstance(v, dict)))
            else:
                yield f"{pad}{k}: {json.dumps(v)}"
    else:
        for v in value:
            if isinstance(v, dict):
                lines = list(yaml_lines(v, indent + 1))
                yield f"{pad}- {lines[0].lstrip()}"
                yield from lines[1:]
            else:
                yield f"{pad}- {json.dumps(v)}"


def write_yaml(path, n, as_list):
    rng = random.Random(1)
    with open(path, "w") as f:
        f.write("apiVersion: v1\nitems:\n" if as_list else "")
        for i in range(n):
            lines = list(yaml_lines(service(i, rng), 1 if as_list else 0))
            if as_list:
                lines[0] = "- " + lines[0].lstrip()
            f.write("\n".join(lines) + "\n" + ("" if as_list else "---\n"))
        f.write("kind: List\nmetadata: {}\n" if as_list else "")


def peak_of(pid):
    """VmHWM in KiB: unlike ru_maxrss it does not begin with what this script uses."""
    try:
        with open(f"/proc/{pid}/status") as f:
            return next((int(line.split()[1]) for line in f if line.startswith("VmHWM:")), 0)
    except OSError:
        return 0


def measure(argv, stdin=None):
    """Wall seconds, user+system seconds, peak KiB, exit status."""
    start, peak = time.monotonic(), 0
    with open(os.devnull, "wb") as null:
        pid = os.posix_spawn(argv[0], argv, os.environ,
                             file_actions=[(os.POSIX_SPAWN_DUP2, null.fileno(), 1),
                                           (os.POSIX_SPAWN_DUP2, null.fileno(), 2)]
                             + ([(os.POSIX_SPAWN_OPEN, 0, stdin, os.O_RDONLY, 0)] if stdin else []))
        while True:
            done, status, usage = os.wait4(pid, os.WNOHANG)
            if done:
                break
            peak = max(peak, peak_of(pid))
            time.sleep(0.005)
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, peak, os.waitstatus_to_exitcode(status)


def row(name, argv, n, size, runs, statuses, stdin=None):
    best = min((measure(argv, stdin) for _ in range(runs)), key=lambda m: m[1])
    wall, cpu, peak, status = best
    if status not in statuses:
        sys.exit(f"{name}: exit status {status}")
    print(f"{name:44} {n / cpu:10,.0f} {size / cpu / 1e6:8.1f} {wall:8.2f} {cpu:8.2f} {peak / 1024:9.1f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("-n", type=int, default=100000)
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    dsaudit = os.path.join(os.path.abspath(args.build), "src", "cli", "dsaudit")
    preview = [dsaudit, "preview", f"--service-cluster-ip-range={RANGES}", "--kubernetes-version=1.36", "--fail-on=never"]
    with tempfile.TemporaryDirectory() as tmp:
        big, small, other = (os.path.join(tmp, f) for f in ("big.json", "small.json", "other.json"))
        compact, lists, docs = (os.path.join(tmp, f) for f in ("compact.json", "list.yaml", "docs.yaml"))
        n, few = args.n, max(1, args.n // 10)
        write_json(big, n)
        write_json(small, few)
        write_json(other, n, "Deployment")
        with open(big) as f, open(compact, "w") as g:
            json.dump(json.load(f), g, separators=(",", ":"))
        write_yaml(lists, few, True)
        write_yaml(docs, few, False)
        size = {p: os.path.getsize(p) for p in (big, small, other, compact, lists, docs)}
        print(f"{n:,} Services, {size[big] / 1e6:.0f} MB as kubectl prints them\n")
        print(f"{'':44} {'Services/s':>10} {'MB/s':>8} {'wall s':>8} {'cpu s':>8} {'peak MiB':>9}")
        row("parse only: Python json.load", [sys.executable, "-c", "import json,sys; json.load(open(sys.argv[1]))", big],
            n, size[big], 1, (0,))
        row("parse only: dsaudit, no Service in the file", preview + ["-f", other], n, size[other], args.runs, (0,))
        row("preview, text", preview + ["-f", big], n, size[big], args.runs, (0,))
        row("preview, text, a tenth of it", preview + ["-f", small], few, size[small], args.runs, (0,))
        row("preview, text, standard input", preview + ["-f", "-"], n, size[big], args.runs, (0,), big)
        row("preview, JSON", preview + ["-o", "json", "-f", big], n, size[big], args.runs, (0,))
        row("preview, JSON with steps", preview + ["-o", "json", "--explain", "-f", big], n, size[big], args.runs, (0,))
        row("preview, text, compact file", preview + ["-f", compact], n, size[compact], args.runs, (0,))
        row("preview of updates (--before the same file)", preview + ["--before", big, "-f", big], n, 2 * size[big],
            args.runs, (0,))
        row("preview, YAML list, a tenth", preview + ["-f", lists], few, size[lists], args.runs, (0,))
        row("preview, YAML documents, a tenth", preview + ["-f", docs], few, size[docs], args.runs, (0,))


if __name__ == "__main__":
    main()
