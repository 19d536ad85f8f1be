#!/usr/bin/env python3
"""Time and memory of the command on generated inputs. Prints figures, asserts nothing.

Usage: bench.py BUILD_DIR [NAME...]
"""
import os
import statistics
import subprocess
import sys
import tempfile

import fleet as fleet_of

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RUNS = 7
MEASURE = None


def once(argv):
    wall, cpu, peak, status = subprocess.run([MEASURE, *argv], capture_output=True, text=True, check=True).stdout.split()
    return float(wall), int(peak), float(cpu), int(status)


def measure(name, argv, size=0, runs=RUNS):
    once(argv)
    results = [once(argv) for _ in range(runs)]
    wall = statistics.median(r[0] for r in results)
    rate = f"  {size / wall / 1e6:8.1f} MB/s" if size else ""
    print(f"{name:44} {wall * 1000:9.1f} ms  {statistics.median(r[2] for r in results) * 1000:9.1f} ms CPU  "
          f"{max(r[1] for r in results) / 1024:8.1f} MiB  exit {results[0][3]}{rate}")
    sys.stdout.flush()


def listing(dsaudit, tmp):
    path = os.path.join(ROOT, "fixtures", "minikube-v1.31", "ps-ef.txt")
    measure("the minikube listing", [dsaudit, "audit", path])


def live(dsaudit, tmp):
    sleepers = [subprocess.Popen(["sleep", "600"]) for _ in range(300)]
    try:
        n = sum(d.isdigit() for d in os.listdir("/proc"))
        measure(f"this host, {n} processes", [dsaudit, "audit"])
        measure("  beside it: ps -ef", ["ps", "-ef"])
    finally:
        for s in sleepers:
            s.kill()
            s.wait()


def manifests(dsaudit, tmp):
    folder = os.path.join(tmp, "manifests")
    os.mkdir(folder)
    with open(os.path.join(ROOT, "fixtures", "kubeadm-dual", "manifests", "kube-apiserver.yaml")) as f:
        text = f.read()
    for i in range(3000):
        with open(os.path.join(folder, f"{i:05}.yaml"), "w") as f:
            f.write(text)
    measure("a folder of 3,000 manifests", [dsaudit, "audit", folder], 3000 * len(text), runs=3)


def large_yaml(dsaudit, tmp):
    path = os.path.join(tmp, "large.yaml")
    with open(path, "w") as f:
        f.write("data:\n")
        size = 0
        i = 0
        while size < 50_000_000:
            size += f.write(f"  key-{i}: a value of some length number {i}\n")
            i += 1
    measure("one YAML file of 50 MB", [dsaudit, "audit", path], size, runs=3)


def hostile(dsaudit, tmp):
    for name, text in (("'[' 4,000,000 times", "[" * 4_000_000), ("'- ' 2,000,000 times", "- " * 2_000_000),
                       ("'{a: ' 1,000,000 times", "{a: " * 1_000_000),
                       ("aliases of aliases", "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
                           f"a{i}: &a{i} [{','.join(f'*a{i - 1}' for _ in range(10))}]\n" for i in range(1, 30))),
                       ("100,000 flow colons", "[" + "x::,\n" * 100_000 + "]")):
        path = os.path.join(tmp, "hostile.yaml")
        with open(path, "w") as f:
            f.write(text)
        measure("hostile: " + name, [dsaudit, "audit", path], len(text), runs=3)


def processes(dsaudit, tmp):
    """A recorded /proc of a node with very many pods: what is not of Kubernetes must cost next to nothing."""
    for n in (1000, 20000):
        root, size = os.path.join(tmp, f"host{n}"), 0
        for pid in range(1, n + 1):
            argv = ["/usr/bin/java", *(f"-Dservice.{k}={pid * k}" for k in range(20))]
            if pid == n // 2:
                argv = ["kube-apiserver", "--service-cluster-ip-range=10.96.0.0/12,fd00:10:96::/112"]
            elif pid % 1000 == 10:
                argv = ["kubelet", f"--node-ip=10.0.{pid >> 8}.{pid & 255}", f"--hostname-override=n{pid}"]
            folder = os.path.join(root, "proc", str(pid))
            os.makedirs(folder)
            with open(os.path.join(folder, "cmdline"), "w") as f:
                size += f.write("\0".join(argv) + "\0")
            with open(os.path.join(folder, "stat"), "w") as f:
                f.write(f"{pid} (x) S {pid // 2} 0\n")
            os.symlink(argv[0], os.path.join(folder, "exe"))
        measure(f"a recorded host, {n:,} processes", [dsaudit, "audit", "--host-root", root], size, runs=3)


def reports(dsaudit, tmp):
    make = os.path.join(os.path.dirname(os.path.dirname(MEASURE)), "meta", "make_report")
    formats = subprocess.run([make, "formats"], capture_output=True, text=True, check=True).stdout.split()
    measure("100,000 findings, not written", [make, "none", "100000"], runs=3)
    for name in formats:
        measure(f"  written as {name}", [make, name, "100000"], runs=3)


def rules(dsaudit, tmp):
    """What loading and checking the catalogue costs, and then evaluating it on one cluster."""
    nothing = os.path.join(tmp, "nothing.yaml")
    with open(nothing, "w") as f:
        f.write("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n")
    rule = os.path.join(ROOT, "rules", "ds9-kubeadm.yaml")
    measure("the command, its version only", [dsaudit, "version"], runs=31)
    measure("all rules loaded, no cluster", [dsaudit, "audit", nothing], runs=31)
    for name in ("kubeadm-dual", "bare-metal-dual", "worker-only"):
        folder = os.path.join(ROOT, "fixtures", "valid", name)
        measure(f"all rules on fixtures/valid/{name}", [dsaudit, "audit", folder], runs=31)
    measure("one file of rules, with its tests", [dsaudit, "rules", "test", rule], runs=31)


def fleet(dsaudit, tmp):
    for n in (1000, 10000):
        folder, lines, size = fleet_of.write(n, os.path.join(tmp, str(n)))
        measure(f"{n:,} node bundles in a folder", [dsaudit, "audit", folder], size, runs=3)
        measure(f"{n:,} node bundles in one file", [dsaudit, "audit", lines], size, runs=3)
        measure("  the same as JSON", [dsaudit, "audit", "-o", "json", lines], size, runs=3)


ALL = {"listing": listing, "live": live, "manifests": manifests, "large-yaml": large_yaml, "hostile": hostile, "processes": processes,
       "reports": reports, "rules": rules, "fleet": fleet}


def main():
    global MEASURE
    build = os.path.abspath(sys.argv[1])
    dsaudit = os.path.join(build, "src", "cli", "dsaudit")
    MEASURE = os.path.join(build, "tests", "bench", "measure")
    names = sys.argv[2:] or list(ALL)
    print(f"{'':44} {'median':>12}  {'':13}  {'peak':>10}")
    for name in names:
        with tempfile.TemporaryDirectory() as tmp:
            ALL[name](dsaudit, tmp)


if __name__ == "__main__":
    main()
