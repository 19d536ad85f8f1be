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

    def run(self, command, options, files=(), named=True):
        """Writes files, [(name, text)], to $DIR; they are the command's inputs when named. Returns its report."""
        with tempfile.TemporaryDirectory(dir=self.tmp) as folder:
            paths = []
            for name, text in files:
                paths.append(os.path.join(folder, name))
                with open(paths[-1], "w", encoding="utf-8", newline="") as f:
                    f.write(text)
            command = [self.exe, command, "-o", "json", *[o.replace("$DIR", folder) for o in options], "--"]
            done = subprocess.run(command + (paths if named else []), cwd=folder,
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


def by_loopback(families, line):
    """A complete list of addresses: what it lacks is not there."""
    return {"addresses": host_addresses(families)}


def by_switch(families, line):
    """Only the addresses that serve the node, and the kernel's switch."""
    return {"sysctls": {"net.ipv6.conf.all.disable_ipv6": "0" if "IPv6" in families else "1"},
            "addresses": [{"interface": "eth0", "cidr": ip + ("/64" if is_ipv6(ip) else "/24")}
                          for ip in line["nodeIPs"]]}


def proxy_report(dsaudit, line, families, host):
    process = {}
    argv = ["kube-proxy", *line["args"]]
    if "config" in line:
        process["files"] = {"/var/lib/kube-proxy/config.conf": {"text": line["config"]}}
        argv.append("--config=/var/lib/kube-proxy/config.conf")
    text = bundle(line, argv, process=process, **host(families, line),
                  objects=[node("n1", line["nodeIPs"], line.get("podCIDRs", []))])
    return component_of(dsaudit.audit("node.json", text), "kube-proxy")[1]


def check_proxy(dsaudit, line, host):
    c = proxy_report(dsaudit, line, ["IPv4", "IPv6"], host)
    if not line["dualStackNode"]:
        # "Only the primary family": which one that is, is part of the answer.
        primary = c["derived"].get("primaryIPFamily", "IPv4")
        # There is no switch for IPv4.
        c = proxy_report(dsaudit, line, [primary], by_loopback if primary == "IPv6" else host)
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
        yield "loopback", lambda: check_proxy(dsaudit, line, by_loopback)
        yield "switch", lambda: check_proxy(dsaudit, line, by_switch)


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

# The flags that were recorded.
KUBEADM_FLAGS = ("--advertise-address", "--service-cluster-ip-range", "--bind-address", "--allocate-node-cidrs",
                 "--cluster-cidr", "--node-cidr-mask-size", "--feature-gates")


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
        recorded = dict(flag.split("=", 1) for flag in line.get(name, []))
        settings = found[0]["settings"] if found else {}
        for key, value in recorded.items():
            if settings.get(key, {}).get("origin") == "unknown" and key == "--advertise-address":
                continue  # only the machine knows
            expect(f"{name} {key}", settings.get(key, {}).get("value"), value)
        for key, setting in settings.items():
            if setting["origin"] == "flag" and key.startswith(KUBEADM_FLAGS) and key not in recorded:
                raise Disagreement(f"{name} {key} is written, but was not recorded")


def replay_kubeadm(dsaudit, line):
    yield "file", lambda: check_kubeadm(
        line, dsaudit.audit("kubeadm.yaml", line["config"], f"--kubernetes-version={line['kubernetes']}"))


# ---- Services ----

SPEC_FIELDS = ("type", "clusterIP", "clusterIPs", "ipFamilyPolicy", "ipFamilies", "selector", "externalName",
               "internalTrafficPolicy", "externalTrafficPolicy", "allocateLoadBalancerNodePorts", "sessionAffinity")
BATCH = 100


def in_namespace(service, n):
    """All are called svc; in a namespace each, one list can hold many of them."""
    return {**service, "metadata": {**service["metadata"], "namespace": f"q{n}"}}


def service_list(services):
    return json.dumps({"apiVersion": "v1", "kind": "List",
                       "items": [in_namespace(s, n) for n, s in enumerate(services)]})


def expect_text(what, got, want):
    """An address that the allocator chose is a placeholder in ours and stands as it was in recorded messages."""
    pattern = re.escape(got).replace("<IPv4>", r"[\d.]+").replace("<IPv6>", "[0-9a-f:]+")
    if not re.fullmatch(pattern, want, re.DOTALL):
        expect(what, got, want)


def check_causes(got, want):
    expect("number of causes", len(got), len(want))
    for g, w in zip(got, want):
        expect("cause", (g["field"], g["reason"]), (w["field"], w["reason"]))
        expect_text("message of a cause", g["message"], w["message"])


def check_service(item, line):
    want = line["outcome"]
    expect("operation", item["operation"], line["operation"])
    expect("accepted", item["accepted"], want["accepted"])
    if want.get("connectionDropped"):
        expect("connectionDropped", item.get("connectionDropped"), True)
    elif want["accepted"]:
        expect("spec", {k: v for k, v in item["spec"].items() if k in SPEC_FIELDS}, want["spec"])
        expect("warnings", item["warnings"], want.get("warnings") or [])
    else:
        expect("code and reason", (item["code"], item["reason"]), (want["code"], want["reason"]))
        expect_text("message", item["message"], want["message"])
        check_causes(item.get("causes") or [], want.get("causes") or [])


def preview_services(dsaudit, lines):
    files = [("objects.json", service_list([line["object"] for line in lines]))]
    options = ["--service-cluster-ip-range=" + ",".join(lines[0]["serviceClusterIPRange"]), "--fail-on=never",
               "--kubernetes-version=" + lines[0]["kubernetes"], "-f", "$DIR/objects.json"]
    if "before" in lines[0]:
        files.append(("before.json", service_list([line["before"] for line in lines])))
        options += ["--before", "$DIR/before.json"]
    return dsaudit.run("preview", options, files, named=False)["items"]


def replay_services(dsaudit, lines):
    """Jobs of many lines each: those of one cluster in one list. Yields (lines, what, check of all)."""
    clusters = {}
    for number, text in lines:
        line = json.loads(text)
        key = line["kubernetes"], *line["serviceClusterIPRange"], "before" in line
        clusters.setdefault(key, []).append((number, text, line))
    for members in clusters.values():
        for at in range(0, len(members), BATCH):
            batch = members[at:at + BATCH]
            yield [m[:2] for m in batch], lambda batch=batch: preview_services(dsaudit, [m[2] for m in batch]), \
                [lambda items, n=n, line=m[2]: check_service(items[n], line) for n, m in enumerate(batch)]


# ---- the driver ----

LINE_REPLAYS = {
    "flags-kube-apiserver": replay_control_plane,
    "flags-kube-controller-manager": replay_control_plane,
    "flags-kube-proxy": replay_proxy,
    "flags-kubelet-node-ip": replay_kubelet,
    "kubeadm": replay_kubeadm,
}


def single_jobs(replay):
    """A job for every line and every way to ask it."""
    def jobs(dsaudit, lines):
        for number, text in lines:
            for what, check in replay(dsaudit, json.loads(text)):
                yield [(number, f"({what}) {text}")], check, [lambda _: None]
    return jobs


def jobs_for(name):
    if name.startswith("service-"):
        return replay_services
    return next((single_jobs(r) for start, r in LINE_REPLAYS.items() if name.startswith(start)), None)


def guarded(check, *args):
    """(result, None) or (None, what disagrees)."""
    try:
        return check(*args), None
    except Disagreement as e:
        return None, str(e)
    except (ValueError, KeyError, IndexError, TypeError, subprocess.TimeoutExpired) as e:
        return None, f"{type(e).__name__}: {e}"


def run_job(job):
    """What disagrees, for each of the job's lines."""
    lines, ask, checks = job
    answer, why = guarded(ask)
    return [why or guarded(check, answer)[1] for check in checks]


def replay_file(dsaudit, path, make_jobs, pool, sample, verbose):
    with open(path, encoding="utf-8") as f:
        lines = [(n, text.strip()) for n, text in enumerate(f, 1) if text.strip()][::sample]
    jobs = list(make_jobs(dsaudit, lines))
    total = disagree = 0
    for (asked, _, _), reasons in zip(jobs, pool.map(run_job, jobs)):
        for (number, text), why in zip(asked, reasons):
            total += 1
            disagree += bool(why)
            if why and (verbose or disagree <= SHOWN_PER_FILE):
                print(f"# {os.path.basename(path)}:{number}: {why}\n     question {text[:1500]}")
    print(f"{os.path.basename(path)}: {total - disagree} of {total} agree", flush=True)
    return total > 0 and disagree == 0


def main():
    args = sys.argv[1:]
    verbose = "-v" in args
    args = [a for a in args if a != "-v"]
    sample = 1
    if args and args[0] == "--sample":
        sample = int(args[1])
        args = args[2:]
    if len(args) != 2:
        sys.exit(__doc__)
    folders = [(args[1], sample)]
    if os.environ.get("DS_VECTORS"):
        folders.append((os.environ["DS_VECTORS"], 1))
    ok = True
    with tempfile.TemporaryDirectory() as tmp, ThreadPoolExecutor(THREADS) as pool:
        dsaudit = Dsaudit(os.path.abspath(args[0]), tmp)
        for folder, every in folders:
            files = [(name, jobs_for(name)) for name in sorted(os.listdir(folder)) if name.endswith(".jsonl")]
            ok &= any(jobs for _, jobs in files)
            for name, jobs in files:
                if jobs:
                    ok &= replay_file(dsaudit, os.path.join(folder, name), jobs, pool, every, verbose)
    sys.exit(0 if ok else 1)


if __name__ == "__main__":
    main()
