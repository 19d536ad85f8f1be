#!/usr/bin/env python3
"""The pods of packaging/kubernetes, as near as one comes without a cluster: their arguments are known to the command, logs
of several nodes make one audit by the commands of packaging/README.md, and (as root) a process with the capabilities, user
and mounts of the manifest reads a host that runs components; with one capability less it says what it could not read.
pods.py DSAUDIT"""
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

from shared import ROOT, check, finish, load, read, sanitizer_env

DSAUDIT = os.path.abspath(sys.argv[1])
CONFIG = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nclusterDNS: [10.96.0.10]\n"


def containers(name):
    d = load(f"packaging/kubernetes/{name}.yaml")
    pod = d["spec"]["template"]["spec"]
    return {c["name"]: c for c in pod.get("initContainers", []) + pod["containers"]}


COLLECT, WAIT, AUDIT = containers("daemonset")["collect"], containers("daemonset")["wait"], containers("job")["audit"]


def arguments(container, host, node):
    """What the kubelet would make of args, with the host's files at another place than /host."""
    values = {"$(NODE_NAME)": node}
    return [re.sub(r"\$\(\w+\)", lambda m: values[m[0]], a).replace("/host/", f"{host}/").replace("=/host", f"={host}")
            for a in container["args"]]


def run(args, **more):
    return subprocess.run(args, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **sanitizer_env()}, **more)


def recorded(host, processes):
    """A host in files, for those who may not mount."""
    for i, argv in enumerate(processes):
        os.makedirs(f"{host}/proc/{100 + i}")
        with open(f"{host}/proc/{100 + i}/cmdline", "w") as f:
            f.write("\0".join(argv) + "\0")
        with open(f"{host}/proc/{100 + i}/stat", "w") as f:
            f.write(f"{100 + i} (x) S 1 0")
    shutil.copytree(os.path.join(ROOT, "fixtures/kubeadm-dual/manifests"), f"{host}/etc/kubernetes/manifests")


def logs(tmp):
    """kubectl logs: what the containers of all pods wrote, one after the other, standard error among it."""
    ranges = "--service-cluster-ip-range=10.96.0.0/16,fd00:10:96::/112"
    nodes = {"cp-1": [["kube-apiserver", ranges], ["kube-controller-manager", "--allocate-node-cidrs=true", ranges,
                                                   "--cluster-cidr=10.244.0.0/16,fd00:10:244::/56"]],
             "worker-1": [["kubelet", "--node-ip=192.0.2.1"]], "worker-2": [["kubelet", "--config=/var/lib/kubelet/config.yaml"]]}
    log = ""
    for node, processes in nodes.items():
        recorded(f"{tmp}/{node}", processes)
        done = run([DSAUDIT, *arguments(COLLECT, f"{tmp}/{node}", node)])
        # What could not be read makes the container fail: the pod is not ready, and the log says why.
        check(done.returncode == (3 if node == "worker-2" else 0), f"collect on {node}: status {done.returncode} {done.stderr}")
        check(bool(done.stderr) == (node == "worker-2"), f"collect on {node} says {done.stderr}")
        check(all(line.startswith("dsaudit: ") for line in done.stderr.splitlines()), f"collect on {node} says {done.stderr}")
        log += done.stdout + done.stderr
    with open(f"{tmp}/collected.log", "w") as f:
        f.write(log)
    os.mkdir(f"{tmp}/bundles")
    command = next(line for line in read("packaging/README.md").splitlines() if line.startswith("    grep -v") and "bundles/" in line)
    check(run(["sh", "-c", command], cwd=tmp).returncode == 0, command)
    done = run([DSAUDIT, "audit", "-o", "json", "bundles/"], cwd=tmp)
    report = json.loads(done.stdout)
    seen = sorted((c["node"], c["component"]) for cl in report["clusters"] for c in cl["components"])
    # Each host has manifests; what worker-2's kubelet watches is not known, so that they count as what it would run.
    check(seen == [("cp-1", "kube-apiserver"), ("cp-1", "kube-controller-manager"), ("worker-1", "kubelet"),
                   ("worker-2", "kube-apiserver"), ("worker-2", "kube-controller-manager"), ("worker-2", "kubelet")],
          f"of the logs is audited: {seen}")
    check({i["status"] for i in report["inputs"]} == {"read"}, f"inputs: {report['inputs']}")
    # Who forgets the grep is told so: never a pass.
    check(run([DSAUDIT, "audit", "--fail-on=never", "collected.log"], cwd=tmp).returncode == 3, "a log as it is passes for read")


def job(tmp):
    recorded(f"{tmp}/job", [["kube-apiserver", "--service-cluster-ip-range=10.96.0.0/16"]])
    done = run([DSAUDIT, *arguments(AUDIT, f"{tmp}/job", "")])
    check(done.returncode in (0, 1) and "Kubernetes 1.34.2 (from the image)" in done.stdout, f"the Job: status {done.returncode} {done.stdout}")


def wait(tmp):
    """It waits while its standard input is open, and ends with it."""
    p = subprocess.Popen([DSAUDIT, *WAIT["args"]], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                         env=sanitizer_env())
    try:
        for _ in range(600):
            with open(f"/proc/{p.pid}/wchan") as f, open(f"/proc/{p.pid}/stat") as g:
                if p.poll() is not None or "pipe" in f.read() or g.read().rpartition(")")[2].split()[0] == "S":
                    break
            time.sleep(0.05)
        check(p.poll() is None, f"the container that waits ended with {p.poll()}")
    finally:
        p.stdin.close()
        p.wait()


def mounts(host):
    """In namespaces of its own: the host's /proc read-only at host/proc, and one of the container's at /proc."""
    return (f"mount --bind /proc {host}/proc && mount -o remount,bind,ro {host}/proc && mount -t proc proc /proc && ")


def in_namespaces(script):
    return run(["unshare", "-m", "-p", "-f", "sh", "-c", script])


def can_mount(tmp):
    os.makedirs(f"{tmp}/host/proc")
    return os.geteuid() == 0 and shutil.which("setpriv") and in_namespaces(mounts(f"{tmp}/host") + "true").returncode == 0


def as_in_pod(tmp, container, capabilities):
    """What the container says with these capabilities and nothing else that its manifest does not give it."""
    s = container["securityContext"]
    keep = ",".join(["-all"] + [f"+{c.lower()}" for c in capabilities])
    inner = ["setpriv", f"--reuid={s['runAsUser']}", f"--regid={s['runAsGroup']}", "--clear-groups", f"--bounding-set={keep}",
             f"--inh-caps={keep}", "--no-new-privs", DSAUDIT, *arguments(container, f"{tmp}/host", "this-node")]
    return in_namespaces(mounts(f"{tmp}/host") + "exec " + shlex.join(inner))


def live(tmp):
    os.mkdir(f"{tmp}/node")
    config, kubelet = f"{tmp}/node/config.yaml", f"{tmp}/node/kubelet"
    with open(os.open(config, os.O_WRONLY | os.O_CREAT, 0o600), "w") as f:
        f.write(CONFIG)
    shutil.copy("/bin/sh", kubelet)
    p = subprocess.Popen([kubelet, "-c", "read x", f"--config={config}", "--node-ip=192.0.2.1,2001:db8::1"], stdin=subprocess.PIPE)
    try:
        for _ in range(600):
            with open(f"/proc/{p.pid}/cmdline") as f:
                if f.read().startswith(kubelet):
                    break
            time.sleep(0.05)
        given = COLLECT["securityContext"]["capabilities"]["add"]
        for capabilities in (given, given[1:]):
            done = as_in_pod(tmp, COLLECT, capabilities)
            bundle = json.loads(done.stdout or "{}")
            mine = [x for x in bundle.get("processes", []) if x["pid"] == p.pid]
            if not check(mine and bundle.get("node") == "this-node", f"{capabilities}: the kubelet of the host is not seen: {done.stderr}"):
                continue
            whole = capabilities == given
            check((config in mine[0].get("files", {})) == whole, f"{capabilities}: the kubelet's file: {mine[0].get('files')}")
            # Of hostNetwork: /proc/sys/net is that of who reads it.
            if whole and len(bundle["processes"]) == 1 and os.path.exists("/proc/sys/net/ipv4/ip_forward"):
                check("net.ipv4.ip_forward" in bundle.get("sysctls", {}) and bundle.get("addresses"), f"no network: {done.stderr}")
            told = [line for line in done.stderr.splitlines() if config in line]
            check(bool(told) == (not whole), f"{capabilities}: said: {done.stderr}")
            check(whole or done.returncode == 3, f"{capabilities}: status {done.returncode}")
    finally:
        p.stdin.close()
        p.kill()
        p.wait()


with tempfile.TemporaryDirectory() as scratch:
    logs(scratch)
    job(scratch)
    wait(scratch)
    if can_mount(scratch):
        live(scratch)
    else:
        print("may not mount: the privileges of the pods were not tried")
finish()
