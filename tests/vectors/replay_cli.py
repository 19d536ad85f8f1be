#!/usr/bin/env python3
"""Replays the recorded answers through the command itself.

For every line of the recordings it writes what a user would have (a node
bundle, a static pod manifest, a line of ps, a kubeadm file, a Service), runs
dsaudit on it and compares the JSON report with the answer. The C replays beside
this one ask the library; this one asks what people run.

Usage: replay_cli.py [-v] [--sample N] DSAUDIT FOLDER
  --sample N  only every Nth line of each file, for slow builds
  -v          print every disagreement, not only the first few of a file
DS_VECTORS names a folder with further recordings, replayed in full as well.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

SHOWN_PER_FILE = 10
THREADS = max(2, min(4, os.cpu_count() or 2))


class Dsaudit:
    """Runs the command on files of one temporary folder."""

    def __init__(self, exe, tmp):
        self.exe = exe
        self.tmp = tmp

    def run(self, command, options, files=()):
        """files: [(name, text)], written and named after the options. Returns the parsed report."""
        with tempfile.TemporaryDirectory(dir=self.tmp) as folder:
            paths = []
            for name, text in files:
                paths.append(os.path.join(folder, name))
                with open(paths[-1], "w", encoding="utf-8", newline="") as f:
                    f.write(text)
            options = [o.replace("$DIR", folder) for o in options]
            done = subprocess.run([self.exe, command, "-o", "json", *options, "--", *paths], cwd=folder,
                                  stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        if done.returncode not in (0, 1, 3):
            raise Disagreement(f"exit status {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
        return json.loads(done.stdout)

    def audit(self, name, text, *options):
        return self.run("audit", ["--fail-on=never", *options], [(name, text)])


class Disagreement(Exception):
    pass


def expect(what, got, want):
    if got != want:
        raise Disagreement(f"{what} is {json.dumps(got)}, recorded {json.dumps(want)}")


def component_of(report, name):
    found = [(k, c) for k in report["clusters"] for c in k["components"] if c["component"] == name]
    if len(found) != 1:
        raise Disagreement(f"{len(found)} entries for {name}; diagnostics {json.dumps(report['diagnostics'])}")
    return found[0]


# ---- inputs ----

def bundle(line, argv, **more):
    return json.dumps({"apiVersion": "dsaudit.dev/v1", "kind": "NodeBundle", "node": "n1",
                       "kubernetesVersion": f"v{line['kubernetes']}.0",
                       "processes": [{"pid": 100, "ppid": 1, "argv": argv, **more.pop("process", {})}], **more})


def manifest(line, argv):
    # Every JSON string is a YAML double-quoted scalar too.
    command = "".join(f"    - {json.dumps(a)}\n" for a in argv)
    return (f"apiVersion: v1\nkind: Pod\nmetadata:\n  name: {argv[0]}\n  namespace: kube-system\nspec:\n"
            f"  hostNetwork: true\n  containers:\n  - name: {argv[0]}\n"
            f"    image: registry.k8s.io/{argv[0]}:v{line['kubernetes']}.0\n    command:\n{command}")


def ps(argv):
    # The long line shows that no terminal cut the others.
    return ("UID          PID    PPID  C STIME TTY          TIME CMD\n"
            "root           1       0  0 10:00 ?        00:00:01 /sbin/init\n"
            f"root        1200       1  0 10:00 ?        00:00:02 /usr/bin/dockerd{' --label=zone=a' * 50}\n"
            f"root        1234       1  2 10:00 ?        00:00:09 {' '.join(argv)}\n")


def survives_ps(args):
    """ps joins arguments with blanks and shows control characters as '?'."""
    return all(a and not re.search(r"[\s\x00-\x1f\x7f?]", a) for a in args)


def node(name, ips=(), cidrs=()):
    spec = {"podCIDR": cidrs[0], "podCIDRs": cidrs} if cidrs else {}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "spec": spec,
            "status": {"addresses": [{"type": "InternalIP", "address": ip} for ip in ips]}}


def is_ipv6(ip):
    return ":" in ip


# ---- kube-apiserver and kube-controller-manager ----

UNKNOWN_GATE = "unrecognized feature gate: "


def compare_start(line, component, accepted):
    startup = component["startup"]
    gate = next((m for m in line.get("log", []) if m.startswith(UNKNOWN_GATE)), None)
    if gate:
        # The recorded builds only log a gate they do not know; Kubernetes refuses.
        if startup["accepted"] is not False or not any(gate in e for e in startup["errors"]):
            raise Disagreement(f"startup is {json.dumps(startup)}, wanted {gate}")
        return
    expect("startup.accepted", startup["accepted"], accepted)
    if not accepted:
        expect("startup.errors", startup["errors"], line["errors"])


def compare_node_cidrs(line, cluster):
    """Several workers hand out blocks at once: which node got which block of a network is not determined."""
    got = cluster.get("nodePodCIDRs", {}).get("first", [])[:2]
    want = [blocks for blocks in line["nodePodCIDRs"] if blocks]
    by_network = [sorted(column) for column in zip(*got)], [sorted(column) for column in zip(*want)]
    expect("nodePodCIDRs.first", *by_network)


def check_control_plane(line, report):
    cluster, component = component_of(report, line["component"])
    if line["component"] == "kube-apiserver":
        compare_start(line, component, line["accepted"])
        return
    expect("derived.nodeIpam", component["derived"].get("nodeIpam"), line["nodeIpam"])
    compare_start(line, component, line["nodeIpam"] != "process exited")
    compare_node_cidrs(line, cluster)


def replay_control_plane(dsaudit, line):
    argv = [line["component"], *line["args"]]
    objects = [node("n1"), node("n2")] if line["component"] == "kube-controller-manager" else []
    yield "bundle", lambda: check_control_plane(line, dsaudit.audit("node.json", bundle(line, argv, objects=objects)))
    yield "manifest", lambda: check_control_plane(line, dsaudit.audit("pod.yaml", manifest(line, argv)))
    if survives_ps(line["args"]):
        yield "ps", lambda: check_control_plane(
            line, dsaudit.audit("ps.txt", ps(argv), f"--kubernetes-version={line['kubernetes']}"))


# ---- kube-proxy ----

def host_addresses(families):
    v4 = [{"interface": "lo", "cidr": "127.0.0.1/8"}, {"interface": "eth0", "cidr": "192.0.2.10/24"}]
    v6 = [{"interface": "lo", "cidr": "::1/128"}, {"interface": "eth0", "cidr": "fd01::10/64"}]
    return (v4 if "IPv4" in families else []) + (v6 if "IPv6" in families else [])


def proxy_report(dsaudit, line, families):
    process = {}
    argv = ["kube-proxy", *line["args"]]
    if "config" in line:
        process["files"] = {"/var/lib/kube-proxy/config.conf": {"text": line["config"]}}
        argv.append("--config=/var/lib/kube-proxy/config.conf")
    text = bundle(line, argv, process=process, addresses=host_addresses(families),
                  objects=[node("n1", line["nodeIPs"], line.get("podCIDRs", []))])
    return component_of(dsaudit.audit("node.json", text), "kube-proxy")[1]


def check_proxy(dsaudit, line):
    c = proxy_report(dsaudit, line, ["IPv4", "IPv6"])
    if not line["dualStackNode"]:
        # "Only the primary family": which one that is, is part of the answer.
        c = proxy_report(dsaudit, line, [c["derived"].get("primaryIPFamily", "IPv4")])
    expect("startup.accepted", c["startup"]["accepted"], line["accepted"])
    expect("startup.errors", c["startup"]["errors"], line["errors"] or [])
    expect("startup.warnings", c["startup"]["warnings"], line["warnings"] or [])
    expect("derived.fatal", c["derived"].get("fatal"), line["fatal"])
    if line["accepted"]:
        expect("derived.primaryIPFamily", c["derived"].get("primaryIPFamily"), line["primaryIPFamily"])
        expect("derived.clusterCIDRs", c["derived"].get("clusterCIDRs", []), line.get("clusterCIDRs", []))


def replay_proxy(dsaudit, line):
    # The recorded build logs an unknown gate where Kubernetes refuses: no answer.
    if not any("IPv6DualStack" in a for a in line["args"]):
        yield "bundle", lambda: check_proxy(dsaudit, line)


# ---- kubelet ----

def check_kubelet(line, report):
    c = component_of(report, "kubelet")[1]
    expect("startup.accepted", c["startup"]["accepted"], line["accepted"])
    expect("startup.errors", c["startup"]["errors"], [line["error"]] if line.get("error") else [])
    expect("derived.nodeIPs", c["derived"].get("nodeIPs", []), line.get("ips") or [])
    expect("derived.ignored", c["derived"].get("ignored", []), line.get("ignored", []))


def replay_kubelet(dsaudit, line):
    argv = ["kubelet", f"--node-ip={line['nodeIP']}", f"--cloud-provider={line['cloudProvider']}"]
    yield "bundle", lambda: check_kubelet(line, dsaudit.audit("node.json", bundle(line, argv)))
    if survives_ps(argv):
        yield "ps", lambda: check_kubelet(
            line, dsaudit.audit("ps.txt", ps(argv), f"--kubernetes-version={line['kubernetes']}"))


# ---- kubeadm ----

KUBEADM_FLAGS = ("--advertise-address=", "--service-cluster-ip-range=", "--bind-address=", "--allocate-node-cidrs=",
                 "--cluster-cidr=", "--node-cidr-mask-size", "--feature-gates=")


def without_klog_header(text):
    return "\n".join(re.sub(r"^W\d{4} .*?\] ", "", t) for t in text.split("\n"))


def printed(errors):
    """As kubeadm prints an aggregate: once each."""
    errors = list(dict.fromkeys(errors))
    return "error: " + (errors[0] if len(errors) == 1 else "[" + ", ".join(errors) + "]")


def check_kubeadm(line, report):
    cluster, kubeadm = component_of(report, "kubeadm")
    startup, validate, init = kubeadm["startup"], line["validate"], line["init"]
    expect("startup.accepted", startup["accepted"], validate["accepted"] and init["accepted"])
    if not startup["accepted"]:
        want = init["errors"] if validate["accepted"] else without_klog_header(validate["output"]).split("\n")[-1]
        expect("startup.errors", printed(startup["errors"]), want)
    elif validate["accepted"]:
        got = "\n".join(["ok", *startup["warnings"]])
        expect("startup.warnings", got, without_klog_header(validate["output"]))
    for name in ("kube-apiserver", "kube-controller-manager"):
        found = [c for c in cluster["components"] if c["component"] == name]
        expect(f"{name} written", len(found), 1 if name in line else 0)
        for flag in line.get(name, []):
            key, value = flag.split("=", 1)
            got = found[0]["settings"].get(key, {})
            if got.get("origin") == "unknown" and key == "--advertise-address":
                continue  # only the machine knows
            expect(f"{name} {key}", got.get("value"), value)


def replay_kubeadm(dsaudit, line):
    yield "file", lambda: check_kubeadm(
        line, dsaudit.audit("kubeadm.yaml", line["config"], f"--kubernetes-version={line['kubernetes']}"))


# ---- the driver ----

REPLAYS = {
    "flags-kube-apiserver": replay_control_plane,
    "flags-kube-controller-manager": replay_control_plane,
    "flags-kube-proxy": replay_proxy,
    "flags-kubelet-node-ip": replay_kubelet,
    "kubeadm": replay_kubeadm,
}


def outcome(check):
    try:
        check()
    except Disagreement as e:
        return str(e)
    except (ValueError, KeyError, IndexError, TypeError, subprocess.TimeoutExpired) as e:
        return f"{type(e).__name__}: {e}"
    return None


def replay_file(dsaudit, path, replay, pool, sample, verbose):
    with open(path, encoding="utf-8") as f:
        lines = [(n, text) for n, text in enumerate(f, 1) if text.strip()][::sample]
    jobs = [(number, text, what, check) for number, text in lines for what, check in replay(dsaudit, json.loads(text))]
    shown = disagree = 0
    for (number, text, what, _), why in zip(jobs, pool.map(lambda job: outcome(job[3]), jobs)):
        if not why:
            continue
        disagree += 1
        if verbose or shown < SHOWN_PER_FILE:
            shown += 1
            print(f"# {os.path.basename(path)}:{number} ({what}): {why}\n     question {text.strip()[:1500]}")
    print(f"{os.path.basename(path)}: {len(jobs) - disagree} of {len(jobs)} agree", flush=True)
    return bool(jobs) and disagree == 0


def main():
    args = sys.argv[1:]
    verbose = "-v" in args
    args = [a for a in args if a != "-v"]
    sample = 1
    if args and args[0] == "--sample":
        sample = int(args[1])
        args = args[2:]
    if len(args) < 2:
        sys.exit(__doc__)
    folders = [(args[1], sample)]
    if os.environ.get("DS_VECTORS"):
        folders.append((os.environ["DS_VECTORS"], 1))
    ok = True
    with tempfile.TemporaryDirectory() as tmp, ThreadPoolExecutor(THREADS) as pool:
        dsaudit = Dsaudit(os.path.abspath(args[0]), tmp)
        for folder, every in folders:
            files = 0
            for name in sorted(os.listdir(folder)):
                replay = next((r for start, r in REPLAYS.items() if name.startswith(start)), None)
                if not name.endswith(".jsonl") or not replay:
                    continue
                if len(args) > 2 and not any(a in name for a in args[2:]):
                    continue
                files += 1
                ok &= replay_file(dsaudit, os.path.join(folder, name), replay, pool, every, verbose)
            ok &= files > 0
    sys.exit(0 if ok else 1)


if __name__ == "__main__":
    main()
