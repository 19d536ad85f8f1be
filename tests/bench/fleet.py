#!/usr/bin/env python3
"""Node bundles of one cluster, for measurements: fleet.py N DIR writes DIR/nodes/NNNNN.json, one file for
each node, and DIR/fleet.jsonl, all of them with a line for each.

Three nodes are control planes, every tenth has one fault of a few kinds; all else is in order.
"""
import json
import os
import sys

SERVICES = "10.96.0.0/12,fd00:10:96::/112"
PODS = "10.128.0.0/9,fd00:10:200::/48"
KUBELET_CONFIG = """\
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
clusterDNS: [10.96.0.10, "fd00:10:96::a"]
clusterDomain: cluster.local
address: "::"
"""
PROXY_CONFIG = """\
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
bindAddress: "::"
clusterCIDR: %s
mode: iptables
""" % PODS


def node(i):
    name = f"node-{i:05}"
    v4, v6 = f"172.{16 + (i >> 16)}.{i >> 8 & 255}.{i & 255}", f"fd00:172::{i + 1:x}"
    fault = i // 10 % 4 if i % 10 == 9 else None
    ips = v4 if fault == 0 else f"{v4},{v6}"
    blocks = [f"10.{128 + (i >> 8)}.{i & 255}.0/24", f"fd00:10:200:{i:x}::/64"]
    if fault == 1:
        blocks[0] = f"10.{128 + (i - 1 >> 8)}.{i - 1 & 255}.0/24"
    processes = [
        {"pid": 800, "ppid": 1, "exe": "/usr/bin/kubelet",
         "argv": ["/usr/bin/kubelet", "--config=/var/lib/kubelet/config.yaml", f"--node-ip={ips}",
                  f"--hostname-override={name}"]},
        {"pid": 1200, "ppid": 1100, "exe": "/usr/local/bin/kube-proxy",
         "argv": ["/usr/local/bin/kube-proxy", "--config=/var/lib/kube-proxy/config.conf",
                  f"--hostname-override={name}"]},
    ]
    if i < 3:
        processes += [
            {"pid": 900, "ppid": 850, "exe": "/usr/local/bin/kube-apiserver",
             "argv": ["kube-apiserver", f"--service-cluster-ip-range={SERVICES}", f"--advertise-address={v4}"]},
            {"pid": 950, "ppid": 870, "exe": "/usr/local/bin/kube-controller-manager",
             "argv": ["kube-controller-manager", "--allocate-node-cidrs=true", f"--cluster-cidr={PODS}",
                      f"--service-cluster-ip-range={SERVICES}", "--node-cidr-mask-size-ipv4=24",
                      "--node-cidr-mask-size-ipv6=64"]},
        ]
    return {
        "apiVersion": "dsaudit.dev/v1", "kind": "NodeBundle", "node": name, "kubernetesVersion": "1.33.4",
        "processes": processes,
        "files": {"/var/lib/kubelet/config.yaml": {"text": KUBELET_CONFIG},
                  "/var/lib/kube-proxy/config.conf": {"text": PROXY_CONFIG}},
        "sysctls": {"net.ipv6.conf.all.disable_ipv6": "1" if fault == 2 else "0", "net.ipv4.ip_forward": "1",
                    "net.ipv6.conf.all.forwarding": "0" if fault == 3 else "1"},
        "addresses": [{"interface": "lo", "cidr": "127.0.0.1/8"}, {"interface": "lo", "cidr": "::1/128"},
                      {"interface": "eth0", "cidr": f"{v4}/16"}, {"interface": "eth0", "cidr": f"{v6}/64"}],
        "objects": [{"apiVersion": "v1", "kind": "Node", "metadata": {"name": name},
                     "spec": {"podCIDR": blocks[0], "podCIDRs": blocks},
                     "status": {"addresses": [{"type": "InternalIP", "address": v4},
                                              {"type": "InternalIP", "address": v6},
                                              {"type": "Hostname", "address": name}],
                                "nodeInfo": {"kubeletVersion": "v1.33.4"}}}],
    }


def write(n, folder):
    """Returns the folder of files, the file of lines, and the bytes in each."""
    nodes, lines, size = os.path.join(folder, "nodes"), os.path.join(folder, "fleet.jsonl"), 0
    os.makedirs(nodes)
    with open(lines, "w") as all_of_them:
        for i in range(n):
            text = json.dumps(node(i), separators=(",", ":")) + "\n"
            size += len(text)
            all_of_them.write(text)
            with open(os.path.join(nodes, f"{i:05}.json"), "w") as f:
                f.write(text)
    return nodes, lines, size


if __name__ == "__main__":
    print(*write(int(sys.argv[1]), sys.argv[2]))
