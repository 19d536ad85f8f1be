#!/usr/bin/env python3
"""dsaudit collect: nothing secret is in a bundle, a bundle is audited as its source, and twice the same is written."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import jsonschema

with open(os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "include", "dsaudit",
                       "schema", "node-bundle.schema.json")) as schema_file:
    SCHEMA = json.load(schema_file)
dsaudit = os.path.abspath(sys.argv[1])
found = []

IF_INET6 = """\
fd000172000000000000000000000002 02 40 00 80     eth0
00000000000000000000000000000001 01 80 10 80       lo
"""
FIB_TRIE = """\
Main:
     |-- 127.0.0.1
        /32 host LOCAL
     |-- 172.17.0.2
        /32 host LOCAL
"""
KCM = ["kube-controller-manager", "--allocate-node-cidrs=true", "--service-cluster-ip-range=10.96.0.0/16"]
# name: processes of a recorded host, network files or not
TREES = {
    "in order": ([["kube-apiserver", "--service-cluster-ip-range=10.96.0.0/16,fd00:10:96::/112"],
                  KCM[:2] + ["--cluster-cidr=10.244.0.0/16,fd00:10:244::/48",
                             "--service-cluster-ip-range=10.96.0.0/16,fd00:10:96::/112"],
                  ["kubelet", "--node-ip=172.17.0.2,fd00:172::2"], ["etcd"]], True),
    "ranges differ": ([["kube-apiserver", "--service-cluster-ip-range=10.96.0.0/16,fd00:10:96::/112"], KCM], False),
    "typing mistakes": ([["kube-apiserver", "--service-cluster-ip-range=10.96.0.0/16, fd00:10:96::/112"],
                         ["kube-controller-manager", "--cluster-cird=10.0.0.0/8", "--cluster-cidr", "10.0.0.0/8",
                          "stray", "--allocate-node-cidrs", "--node-cidr-mask-size=abc"],
                         ["kube-proxy", "--cluster-cidr=10.0.0.0/8", "--cluster-cidr=10.0.0.0/9", "--v=x"],
                         ["kubelet", "--node-ip"]], True),
    "an address of nobody": ([["kubelet", "--node-ip=192.0.2.9"]], True),
    "files not there": ([["/opt/v1.31.4/kubelet", "--config=/var/lib/kubelet/config.yaml"],
                         ["kube-proxy", "--config=/c.yaml", "--help"]], True),
}
SECRET = "S3CR3T"
KUBELET_CONFIG = """\
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
staticPodPath: /etc/kubernetes/manifests
clusterDNS: [10.96.0.10]
"""


def pod(*argv):
    return json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": argv[0]}, "spec": {"containers": [
        {"name": "c", "image": f"registry.k8s.io/{argv[0]}:v1.31.2", "command": list(argv),
         "env": [{"name": "TOKEN", "value": SECRET}], "args": [f"--vmodule={SECRET}=1"]}],
        "volumes": [{"name": SECRET, "hostPath": {"path": f"/{SECRET}"}}]}})


# name: processes of a recorded host, and its files
HOSTS = {
    "a control plane that is what its files say": ([
        ["kubelet", "--config=/var/lib/kubelet/config.yaml", "--node-ip=172.17.0.2"],
        ["kube-apiserver", "--service-cluster-ip-range=10.96.0.0/16"]], {
            "/var/lib/kubelet/config.yaml": KUBELET_CONFIG,
            "/etc/systemd/system/kubelet.service":
                "[Service]\nEnvironment=TOKEN=" + SECRET + "\nEnvironmentFile=-/etc/default/kubelet\n"
                "ExecStart=/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml $KUBELET_EXTRA_ARGS\n",
            "/etc/default/kubelet": f"KUBELET_EXTRA_ARGS=--node-ip=172.17.0.2 --register-with-taints={SECRET}\nX={SECRET}\n",
            "/etc/kubernetes/manifests/a.yaml": pod("kube-apiserver", "--service-cluster-ip-range=10.96.0.0/16"),
            "/etc/kubernetes/manifests/etcd.yaml": pod("etcd", f"--name={SECRET}"),
            "/etc/kubernetes/manifests/other.yaml": pod(SECRET)}),
    "what runs is not what is written": ([
        ["kube-apiserver", "--service-cluster-ip-range=10.96.0.0/16"],
        ["kube-controller-manager", "--service-cluster-ip-range=10.96.0.0/16"]], {
            "/etc/kubernetes/manifests/a.yaml":
                pod("kube-apiserver", "--service-cluster-ip-range=10.96.0.0/16,fd00:10:96::/112"),
            "/etc/kubernetes/manifests/b.yaml":
                pod("kube-controller-manager", "--service-cluster-ip-range=10.96.0.0/16", "--cluster-cidr=x")}),
    "nothing runs": ([["init"]], {
        "/var/lib/kubelet/config.yaml": KUBELET_CONFIG + f"token: {SECRET}\n",
        "/etc/kubernetes/manifests/a.yaml": pod("kube-apiserver", "--service-cluster-ip-range=10.96.0.0/16"),
        "/etc/kubernetes/admin.conf": SECRET}),
    "k3s": ([["/usr/local/bin/k3s server"]], {
        "/etc/rancher/k3s/config.yaml":
            f"token: {SECRET}\nnode-ip: 172.17.0.2\ncluster-cidr: 10.42.0.0/16,fd00:42::/56\n"
            f"service-cidr: 10.43.0.0/16\nkube-apiserver-arg: [oidc-client-id={SECRET}]\n"}),
    "microk8s": ([["/snap/microk8s/1/kubelite"]], {
        "/var/snap/microk8s/current/args/kube-apiserver":
            f"--service-cluster-ip-range=10.152.183.0/24\n--token-auth-file=/{SECRET}\n"}),
}
HOSTILE = [
    ["kube-apiserver", "--service-cluster-ip-range=10.96.0.0/16", f"--token-auth-file=/{SECRET}", f"--oidc-client-id={SECRET}",
     "--service-account-signing-key-file", f"/{SECRET}", f"--etcd-servers=https://root:{SECRET}@e:2379,http://{SECRET}@f",
     f"--advertise-address=https://u:{SECRET}/x@y", f"--tokken={SECRET}", f"--{SECRET}", f"--{SECRET}={SECRET}",
     SECRET, f"-{SECRET}", f"--v={SECRET}", "--", SECRET],
    ["kubelet", f"--kubeconfig=/{SECRET}", f"--container-runtime-endpoint=unix://{SECRET}", "--node-ip=192.0.2.1",
     f"--bootstrap-kubeconfig={SECRET}", f"--register-with-taints={SECRET}"],
    ["kube-proxy", f"--master=https://admin:{SECRET}@h:6443", f"--proxy-mode=http://a:{SECRET}@b"],
    ["/bin/sh", "-c", f"export TOKEN={SECRET}; exec kube-controller-manager --cluster-cidr=10.0.0.0/8 --token={SECRET}"],
    [f"--{SECRET}", SECRET, "kubelet"],
]
CONFIG = f"""\
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
clusterDNS: [10.96.0.10, "https://u:{SECRET}@dns"]
maxPods: 110
featureGates: {{AllAlpha: false}}
token: {SECRET}
authentication: {{x509: {{clientCAFile: {SECRET}}}, webhook: {{token: {SECRET}}}}}
users: [{{name: a, user: {{password: {SECRET}, client-key-data: {SECRET}}}}}]
tlsPrivateKeyFile: |
  -----BEGIN {SECRET} PRIVATE KEY-----
address: {{{SECRET}: [{SECRET}]}}
? "a {SECRET} b"
: {SECRET}
staticPodURLHeader: {{Authorization: [Bearer {SECRET}]}}
"""

# name in /etc/cni/net.d: text
CNI = {
    "10-calico.conflist": f"""{{"name": "k8s", "cniVersion": "0.3.1", "plugins": [{{"type": "calico", "etcd_key_file": "/{SECRET}",
 "ipam": {{"type": "calico-ipam", "assign_ipv6": "true", "token": "{SECRET}"}}, "policy": {{"k8s_auth_token": "{SECRET}"}},
 "mtu": {{"{SECRET}": "{SECRET}"}}}}]}}""",
    "20-broken.conf": f'{{"cniVersion": "1", "type": "{SECRET}',
    "30-other.json": f'{{"{SECRET}": "{SECRET}"}}',
    "calico-kubeconfig": f"apiVersion: v1\nkind: Config\nusers: [{{user: {{token: {SECRET}}}}}]\n",
}
SUBNET_ENV = f"FLANNEL_NETWORK=10.244.0.0/16\nTOKEN={SECRET}\nFLANNEL_TOKEN={SECRET}\n"


def run(*args):
    return subprocess.run([dsaudit, *args], capture_output=True, text=True, stdin=subprocess.DEVNULL)


def tree(root, processes, network, files=None):
    for path, text in (files or {}).items():
        os.makedirs(os.path.dirname(root + path), exist_ok=True)
        with open(root + path, "w") as f:
            f.write(text)
    for i, argv in enumerate(processes):
        os.makedirs(f"{root}/proc/{100 + i}")
        with open(f"{root}/proc/{100 + i}/cmdline", "w") as f:
            f.write("\0".join(argv) + "\0")
        with open(f"{root}/proc/{100 + i}/stat", "w") as f:
            f.write(f"{100 + i} (x) S 1 0")
    if not network:
        return
    os.makedirs(f"{root}/proc/net")
    os.makedirs(f"{root}/proc/sys/net/ipv6/conf/all")
    for name, text in (("net/if_inet6", IF_INET6), ("net/fib_trie", FIB_TRIE),
                       ("sys/net/ipv6/conf/all/disable_ipv6", "0\n")):
        with open(f"{root}/proc/{name}", "w") as f:
            f.write(text)


def findings(report):
    """What an audit says, without the places. Why something is unknown differs between a host and its bundle."""
    return sorted((f["rule"], f["severity"], f["status"], f.get("count", 1), f["message"] if f["status"] == "fail" else "")
                  for c in json.loads(report)["clusters"] for f in c["findings"])


def starts(report):
    return sorted((c["component"], str(c["startup"]["accepted"]), c["startup"]["errors"])
                  for cl in json.loads(report)["clusters"] for c in cl["components"])


def round_trip(name, root, tmp):
    bundle = os.path.join(tmp, "bundle.json")
    first, second = run("collect", "--host-root", root), run("collect", "-o", bundle, "--host-root", root)
    with open(bundle) as f:
        if first.stdout != f.read():
            found.append(f"{name}: two bundles of one host differ")
    at_source, elsewhere = (run("audit", "-o", "json", *args).stdout for args in (["--host-root", root], [bundle]))
    at_source = at_source.replace('\\"abc\\"', '\\"…\\"')  # what cannot be read could be anything, and stays where it is
    for what in (findings, starts):
        if what(at_source) != what(elsewhere):
            found.append(f"{name}: {what.__name__} of the source\n  {what(at_source)}\n  and of the bundle\n  {what(elsewhere)}")
    if second.returncode not in (0, 3):
        found.append(f"{name}: status {second.returncode}: {second.stderr}")
    return json.loads(first.stdout)


def hostile_file(tmp):
    """A live process that names a file full of secrets: the only kind whose files are read."""
    path = os.path.join(tmp, "config.yaml")
    with open(path, "w") as f:
        f.write(CONFIG)
    kubelet = os.path.join(tmp, "kubelet")
    shutil.copy("/bin/sh", kubelet)
    p = subprocess.Popen([kubelet, "-c", "read x", f"--config={path}"], stdin=subprocess.PIPE)
    try:
        for _ in range(100):
            with open(f"/proc/{p.pid}/cmdline") as f:
                if f.read().startswith(kubelet):
                    break
            time.sleep(0.05)
        done = run("collect", "--node-name", "me")
    finally:
        p.kill()
        p.wait()
    mine = [x for x in json.loads(done.stdout)["processes"] if x["pid"] == p.pid]
    if not mine or path not in mine[0].get("files", {}):
        found.append(f"the file of a live process is not in the bundle: {mine} {done.stderr}")
        return done.stdout
    text = mine[0]["files"][path]["text"]
    for want in ('"maxPods": 110', '"10.96.0.10"', '"AllAlpha": false', '"token": null'):
        if want not in text:
            found.append(f"{want} is not in {text}")
    return done.stdout


with tempfile.TemporaryDirectory() as tmp:
    for i, (name, (processes, network)) in enumerate(TREES.items()):
        root = os.path.join(tmp, str(i))
        tree(root, processes, network)
        b = round_trip(name, root, tmp)
        if network and [a["cidr"] for a in b["addresses"]] != ["127.0.0.1/8", "172.17.0.2/32", "fd00:172::2/64", "::1/128"]:
            found.append(f"{name}: {b['addresses']}")
        if network and b["sysctls"] != {"net.ipv6.conf.all.disable_ipv6": "0"}:
            found.append(f"{name}: {b['sysctls']}")
    for i, (name, (processes, files)) in enumerate(HOSTS.items()):
        root = os.path.join(tmp, f"host{i}")
        tree(root, processes, False, files)
        b = round_trip(name, root, tmp)
        if not b.get("configured"):
            found.append(f"{name}: nothing is configured")
        if SECRET in json.dumps(b):
            found.append(f"{name}: a secret is in the bundle: {json.dumps(b)}")
        jsonschema.validate(b, SCHEMA)
    root = os.path.join(tmp, "hostile")
    tree(root, HOSTILE, False)
    os.makedirs(f"{root}/etc/cni/net.d")
    os.makedirs(f"{root}/run/flannel")
    for name, text in CNI.items():
        with open(f"{root}/etc/cni/net.d/{name}", "w") as f:
            f.write(text)
    with open(f"{root}/run/flannel/subnet.env", "w") as f:
        f.write(SUBNET_ENV)
    outside = os.path.join(tmp, "outside.conf")
    with open(outside, "w") as f:
        f.write(CNI["10-calico.conflist"])
    os.symlink(outside, f"{root}/etc/cni/net.d/05-link.conf")
    done = run("collect", "--host-root", root)
    files = json.loads(done.stdout).get("files", {})
    if sorted(files) != ["/etc/cni/net.d/10-calico.conflist", "/run/flannel/subnet.env"]:
        found.append(f"network plugins' files: {sorted(files)} {done.stderr}")
    elif '"assign_ipv6": "true"' not in files["/etc/cni/net.d/10-calico.conflist"]["text"]:
        found.append(f"not in it: {files}")
    if len(json.loads(done.stdout)["processes"]) < 4:
        found.append("a hostile process is missing")
    texts = [done.stdout + done.stderr]
    try:
        texts.append(hostile_file(tmp))
    except PermissionError:
        pass
    for text in texts:
        for line in text.splitlines():
            if SECRET in line:
                found.append(f"a secret is in the bundle: {line}")
for f in found:
    print(f)
sys.exit(1 if found else 0)
