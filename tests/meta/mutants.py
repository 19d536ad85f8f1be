#!/usr/bin/env python3
"""How many single faults does the catalogue catch?

Every cluster of fixtures/valid/ is taken apart: for each setting that dual-stack depends on,
every fault that applies is made, one at a time, and the result audited. A mutant is caught
when there is a finding that the cluster without the fault does not have. What is not caught
must be explained by a row of SURVIVORS, and a row that explains a mutant that is caught, or
explains none, fails: the table stays honest.

Usage: mutants.py DSAUDIT [-v] [--all | CLUSTER...]    -v lists every mutant and what caught it
"""
import collections
import ipaddress
import json
import os
import re
import sys
import tempfile

from clusters import ROOT, audit, clusters, files, findings, in_parallel

COMPONENTS = ("kube-apiserver", "kube-controller-manager", "kube-proxy", "kubelet")

# Clusters of which every kind has one member here are mutated by default, the others with --all.
ALIKE = {"bare-metal-dual", "bridge-interface-mode", "bundle-ipv4", "cloud-external-node-ip", "dual-dns",
         "flannel-dual", "ha-manifests-ipv4", "hard-way-ipv4", "k3s-ipv4", "kind-dual", "kubeadm-dual-ipv6-first",
         "kubeadm-ipv4",
         "kubeadm-old", "manifests-dual", "manifests-ipv6", "newest-dual", "node-local-dns", "pods-dual-services-ipv4"}

# Sets of clusters that rows below speak of.
NO_BLOCKS = "calico-own-ipam|cilium-own-ipam"

API, KCM, PROXY, KUBELET = COMPONENTS
KUBEADM = "kubeadm"
GATES = "added --feature-gates="
OTHER_PLAN = "another valid plan: nothing else in the cluster names the range"

# (component, setting, fault, cluster), each a regular expression that must match whole; why nothing is said.
SURVIVORS = [
    ("kube-apiserver|kube-controller-manager", "", GATES + "CloudDualStackNodeIPs=true",
     "bundle-ipv6|cloud-external-node-ip|ha-manifests-ipv4|openshift-.*", "1.27 to 1.31 have that gate"),
    (KUBELET, "", GATES + "CloudDualStackNodeIPs=true", "openshift-ipv4", "1.29 has that gate, and it is on"),
    ("kube.*", "", GATES + "IPv6DualStack=true", "oldest-gated-dual", "it is set there already, as 1.20 needs it"),
    ("kube.*", "", GATES + "(IPv6DualStacks|CloudDualStackNodeIPs)=true", "oldest-gated-dual",
     "not all gates of 1.20 are known: the report says that DS200 is unknown"),

    (API, "--advertise-address", "loopback|the other family", "reconciler-none",
     "it keeps no endpoints, so nothing depends on the address"),
    (API, "--advertise-address", "nothing",
     "applications-dual|bare-metal-.*|bridge-interface-mode|cilium-own-ipam|dual-dns|ha-dual|k3s-ipv4|kind-dual|manifests-(dual|ipv4)|"
     "mixed-sources-dual|newest-dual|node-.*|pods-dual-services-ipv4|ps-dual|reconciler-none|rke2-dual|sixteen-bits",
     "it finds an address of the first range's family by itself; only since 1.34 an empty one may be given"),
    (API, "--advertise-address", "nothing", "manifests-ipv6",
     "whether the host has IPv4 is not known without the kubelet's flags: the report says that DS502 is unknown"),
    (KUBEADM, "advertiseAddress", "loopback", ".*", "kubeadm takes the host's address in place of a loopback one"),
    (KUBEADM, "advertiseAddress", "nothing", "kubeadm-(dual|ipv4|old)", "kubeadm takes the host's IPv4 address"),

    (KCM, "", r"added --controllers=\*,-nodeipam", NO_BLOCKS, "it hands out no blocks anyway"),
    (KCM, "", "added --node-cidr-mask-size=20", "calico-own-ipam", "without node blocks nobody reads it"),
    (KCM, "--allocate-node-cidrs", "removed", "cilium-own-ipam", "false is the default"),
    (KCM, "--cluster-cidr",
     "first (has a (longer|shorter) mask|is another|is the next network|without a mask)|"
     "second .*(mask|another|network)|a letter in it|mask out of range|nothing|removed|separated by a semicolon",
     "calico-own-ipam", "without node blocks nobody reads the flag"),
    (KCM, "--node-cidr-mask-size-ipv6",
     "8|32|one (more|less)|of the other family|out of range|removed|without a family", "calico-own-ipam",
     "without node blocks nobody reads the flag"),
    (KCM, "--cluster-cidr", "first has a longer mask",
     "bridge-interface-mode|hard-way-ipv4|node-cidr-mode|old-dual|openshift-.*", OTHER_PLAN),
    (KCM, "--cluster-cidr", "first has a shorter mask",
     "hard-way-ipv4|openshift-.*|reconciler-none", OTHER_PLAN),
    (KCM, "--cluster-cidr", "first has a mask 8 bits shorter", "reconciler-none", OTHER_PLAN),
    (KCM, "--cluster-cidr", "(first|second) is (another|the next network)",
     "bridge-interface-mode|hard-way-ipv4|old-dual|reconciler-none", OTHER_PLAN),
    (KCM, "--cluster-cidr", "first is the next network", "openshift-ipv4", OTHER_PLAN),
    (KCM, "--cluster-cidr", "second has a longer mask", "openshift-dual|reconciler-none", OTHER_PLAN),
    (KCM, "--cluster-cidr", "second has a shorter mask",
     "bridge-interface-mode|node-cidr-mode|old-dual", OTHER_PLAN),
    (KCM, "--node-cidr-mask-size(-ipv4)?", "one less|removed", "(?!kubeadm).*",
     "another size of block, for which the ranges have room"),
    (KCM, "--node-cidr-mask-size(-ipv4)?", "one more", "bundle-ipv6|openshift-.*|sixteen-bits",
     "another size of block, with room for all pods"),
    (KCM, "--node-cidr-mask-size-ipv6", "one less", "openshift-dual|sixteen-bits",
     "another size of block, for which the ranges have room"),
    (KCM, "--node-cidr-mask-size-ipv6", "one more", "manifests-dual|old-dual|ps-dual",
     "another size of block, with room for all pods"),
    (KCM, "--node-cidr-mask-size-ipv6", "removed", "manifests-dual|old-dual|openshift-dual|ps-dual",
     "what is given is the default"),
    (KUBEADM, "node-cidr-mask-size-ipv4", "one (more|less)", "kubeadm-dual",
     "another size of block, for which the ranges have room"),
    (KUBEADM, "node-cidr-mask-size-ipv6", "one less", "kubeadm-dual", "another size of block"),
    (KUBEADM, "node-cidr-mask-size-ipv4", "one less|removed", "kind-patches",
     "another size of block, for which the ranges have room"),
    (KCM, "--service-cluster-ip-range",
     "first missing|second missing|nothing|removed|the other family only", NO_BLOCKS,
     "it is only kept out of node blocks"),
    (KCM, "--service-cluster-ip-range", "comma at the end", ".*-ipv[46]|node-local-dns",
     "an empty second element is skipped"),

    (PROXY, "--cluster-cidr|clusterCIDR", "order swapped", "(?!worker-only).*",
     "kube-proxy sorts the ranges by family"),
    (PROXY, "bindAddress", "the other wildcard", ".*",
     "with a node address known the wildcard decides nothing but where health checks listen"),
    (PROXY, "clusterCIDR",
     "(first|second) (has a .*|is another|is the next network)|of documentation|nothing|removed|second missing|"
     "order swapped",
     "worker-only", "the control plane was not seen: nothing to compare with"),
    (PROXY, "clusterCIDR",
     "(first|second) (has a .*mask.*|is another|is the next network)|the Services' range|of documentation|"
     "nothing|removed",
     "calico-own-ipam", "without node blocks nothing says which addresses pods have"),
    (PROXY, "bindAddress", "an address of the other family", "calico-own-ipam|flannel-dual|manifests-.*",
     "the nodes' addresses were not seen"),
    (PROXY, "clusterCIDR", "removed", "bridge-interface-mode|node-cidr-mode", "it is empty there"),

    (PROXY, "clusterCIDR", "nothing|removed", "kubeadm-dual", "kubeadm fills it in from podSubnet"),

    (KUBEADM, "podSubnet", "first has a longer mask", "kubeadm-(ipv4|ipv6|old)", OTHER_PLAN),
    (KUBEADM, "podSubnet", "first has a shorter mask", "kubeadm-(dual-ipv6-first|ipv4|ipv6)", OTHER_PLAN),
    (KUBEADM, "podSubnet", "first has a mask 8 bits shorter", "kubeadm-(dual-ipv6-first|ipv6)", OTHER_PLAN),
    (KUBEADM, "podSubnet", "(first|second) is (another|the next network)", "kubeadm-(dual-ipv6-first|ipv4|ipv6|old)",
     OTHER_PLAN),
    (KUBEADM, "podSubnet", "second has a longer mask", "kubeadm-dual-ipv6-first", OTHER_PLAN),
    (KUBEADM, "podSubnet", "second has a shorter mask", "kubeadm-old", OTHER_PLAN),
    (KUBEADM, "podSubnet", "nothing|removed", "kubeadm-(dual-ipv6-first|ipv4|ipv6|old)",
     "without podSubnet the network plugin hands out addresses"),
    (KUBEADM, "serviceSubnet", "(first|second) has a longer mask|second has a shorter mask", ".*", OTHER_PLAN),
    (KUBEADM, "serviceSubnet", "first has a shorter mask", "kubeadm-(?!ipv4).*", OTHER_PLAN),
    (KUBEADM, "serviceSubnet", "first is another", "kubeadm-old", OTHER_PLAN),
    (KUBEADM, "serviceSubnet", "first is the next network", "kubeadm-(?!dual$).*", OTHER_PLAN),
    (KUBEADM, "serviceSubnet", "second is another", "kubeadm-dual-ipv6-first", OTHER_PLAN),
    (KUBEADM, "serviceSubnet", "second is the next network", ".*", OTHER_PLAN),
    (KUBEADM, "serviceSubnet", "nothing|removed", "kubeadm-ipv4", "10.96.0.0/12 is the default"),
    (KUBEADM, "node-ip", "nothing|removed", "kubeadm-ipv6", "a single-stack kubelet finds its address"),

    (KUBELET, "--node-ip", "nothing|removed", "bundle-ipv6|k3s-ipv4|node-local-dns|openshift-ipv4",
     "a single-stack kubelet finds its address"),
    (KUBELET, "--node-ip", "nothing|removed", "cloud-external-node-ip|k3s-dual", "the cloud provider names them"),
    (KUBELET, "--cluster-dns|clusterDNS", "removed", "(?!dual-dns).*",
     "pods without cluster DNS: no matter of address families"),
    (KUBELET, "clusterDNS", "outside|the other family", "worker-only", "the Service ranges were not seen"),

    ("node", "addresses|podCIDRs", "removed", ".*", "a node that has just joined"),
    ("node", "podCIDRs", "second missing|order swapped|outside", "worker-only", "the pod ranges were not seen"),
]


# ---- where settings stand ----

class Site:
    """One setting of one file. change(texts) gives the file's text with other ones in its place, none to remove it."""

    def __init__(self, component, setting, value, kind, change, words=False):
        self.component, self.setting, self.value, self.kind, self.change = component, setting, value, kind, change
        self.words = words  # arguments have lost their boundaries

    def __repr__(self):
        return f"{self.component} {self.setting}={self.value}"


def flag_parts(argument):
    name, _, value = argument.partition("=")
    return name, value


def argv_sites(argv, change, words=False):
    """change(argv) gives the file's text."""
    component = argv[0].rsplit("/", 1)[-1] if argv else ""
    if component not in COMPONENTS:
        return
    yield Site(component, "", "", "argv", lambda texts: change(argv + texts))
    for i, argument in enumerate(argv[1:], 1):
        name, value = flag_parts(argument)
        if name.startswith("--"):
            yield Site(component, name, value, "flag", lambda texts, i=i: change(argv[:i] + texts + argv[i + 1:]),
                       words)


FIELDS = {
    "KubeProxyConfiguration": ("kube-proxy", ("clusterCIDR", "bindAddress", "mode", "detectLocalMode")),
    "KubeletConfiguration": ("kubelet", ("clusterDNS",)),
    "ClusterConfiguration": ("kubeadm", ("podSubnet", "serviceSubnet", "node-cidr-mask-size-ipv4",
                                         "node-cidr-mask-size-ipv6")),
    "InitConfiguration": ("kubeadm", ("advertiseAddress", "node-ip")),
}


def yaml_sites(text, change):
    """Fields and arguments of a YAML text, by its lines: fixtures are written plainly."""
    lines = text.splitlines(keepends=True)
    kind, name, component = "", "", ""
    for i, line in enumerate(lines):
        def put(new, i=i):
            return change("".join(lines[:i] + new + lines[i + 1:]))

        indent = line[:len(line) - len(line.lstrip())]
        bare = line.strip()
        if bare.startswith("kind: "):
            kind = bare[6:]
        elif bare[2:] in COMPONENTS and bare.startswith("- "):
            component = bare[2:]
            yield Site(component, "", "", "argv",
                       lambda texts, put=put, line=line, indent=indent: put(
                           [line] + [f"{indent}- {yaml_text(t)}\n" for t in texts]))
        elif bare.startswith("- --") and component:
            flag, value = flag_parts(bare[2:])
            yield Site(component, flag, value, "flag",
                       lambda texts, put=put, indent=indent: put([f"{indent}- {yaml_text(t)}\n" for t in texts]))
        elif bare.startswith("- name: "):
            name = bare[8:]
        elif kind in FIELDS and bare.startswith("clusterDNS:") and i + 1 < len(lines):
            yield Site(FIELDS[kind][0], "clusterDNS", lines[i + 1].strip()[2:], "field",
                       lambda texts, i=i: change("".join(
                           lines[:i + 1] + [f"- {yaml_text(t)}\n" for t in texts] + lines[i + 2:])))
        elif kind in FIELDS and ": " in bare:
            key, _, value = bare.partition(": ")
            setting = name if key == "value" else key
            if setting in FIELDS[kind][1]:
                yield Site(FIELDS[kind][0], setting, value.strip("'\""), "field",
                           lambda texts, put=put, indent=indent, key=key: put(
                               [f"{indent}{key}: {yaml_text(t)}\n" for t in texts]))


def yaml_text(text):
    return "'" + text.replace("'", "''") + "'"


def listing_sites(text, change):
    lines = text.splitlines()
    for i, line in enumerate(lines):
        m = re.match(r"(.*?)(\S*(?:%s) .*)$" % "|".join(COMPONENTS), line)
        if m:
            yield from argv_sites(m.group(2).split(), lambda argv, i=i, head=m.group(1): change(
                "\n".join(lines[:i] + [head + " ".join(argv)] + lines[i + 1:]) + "\n"), True)


def bundle_sites(text):
    bundle = json.loads(text)

    def changed(edit):
        copy = json.loads(text)
        edit(copy)
        return json.dumps(copy, indent=1)

    for i, process in enumerate(bundle.get("processes", [])):
        yield from argv_sites(process["argv"],
                              lambda argv, i=i: changed(lambda b: b["processes"][i].update(argv=argv)))
        for path, file in process.get("files", {}).items():
            yield from yaml_sites(file["text"], lambda t, i=i, path=path: changed(
                lambda b: b["processes"][i]["files"][path].update(text=t)))
    for i, node in enumerate(bundle.get("objects", [])):
        blocks = node["spec"].get("podCIDRs", [])
        if blocks:
            yield Site("node", "podCIDRs", ",".join(blocks), "node", lambda texts, i=i: changed(
                lambda b: b["objects"][i].update(spec={"podCIDRs": texts[0].split(","),
                                                       "podCIDR": texts[0].split(",")[0]} if texts else {})))
        addresses = [a["address"] for a in node["status"]["addresses"] if a["type"] == "InternalIP"]
        yield Site("node", "addresses", ",".join(addresses), "node", lambda texts, i=i: changed(
            lambda b: b["objects"][i]["status"].update(
                addresses=[{"type": "InternalIP", "address": a} for t in texts for a in t.split(",")])))


def sites(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        text = f.read()
    if path.endswith(".json"):
        return bundle_sites(text)
    if path.endswith(".txt"):
        return listing_sites(text, lambda t: t)
    return yaml_sites(text, lambda t: t) if path.endswith(".yaml") else ()


# ---- faults of lists of networks ----

def network(text):
    return ipaddress.ip_network(text, strict=False)


def is_v6(text):
    return ":" in text


def next_to(text):
    n = network(text)
    return f"{n.network_address + n.num_addresses}/{n.prefixlen}"


def with_mask(text, by):
    n = network(text)
    length = n.prefixlen + by
    if not 0 < length <= n.max_prefixlen:
        return text
    return str(ipaddress.ip_network((n.network_address, length), strict=False))


def one_group(text, by=1):
    """The second octet or the third group is one more."""
    address, mask = text.split("/")
    sep = ":" if is_v6(text) else "."
    parts = address.split(sep)
    at = 2 if is_v6(text) else 1
    if is_v6(text) and parts[at] == "":
        parts.insert(at, "1")
    elif is_v6(text):
        parts[at] = f"{(int(parts[at], 16) + by) & 0xffff:x}"
    else:
        parts[at] = str((int(parts[at]) + by) % 256)
    return sep.join(parts) + "/" + mask


def another(text, family6, pods):
    """A network of the family that is nowhere else."""
    if family6:
        return "fd91:7b2c:55d0::/56" if pods else "fd91:7b2c:55d1::/112"
    return "10.180.0.0/16" if pods else "10.190.0.0/16"


def network_faults(value, pods, services):
    v = value.split(",")
    dual = len(v) == 2
    v6 = is_v6(v[0])
    first, rest = v[0], v[1:]
    yield "nothing", ""
    if dual:
        yield "second missing", v[0]
        yield "first missing", v[1]
        yield "order swapped", f"{v[1]},{v[0]}"
        yield "blank after the comma", ", ".join(v)
        yield "second is another", f"{v[0]},{one_group(v[1])}"
        yield "second is the next network", f"{v[0]},{next_to(v[1])}"
        yield "second has a longer mask", f"{v[0]},{with_mask(v[1], 1)}"
        yield "second has a shorter mask", f"{v[0]},{with_mask(v[1], -1)}"
        yield "second without a mask", f"{v[0]},{v[1].split('/')[0]}"
        yield "second is of the first's family", f"{v[0]},{another(v[0], v6, pods)}"
        yield "a third one", f"{value},{another(v[0], v6, pods)}"
        yield "separated by a semicolon", ";".join(v)
    else:
        yield "a second family", f"{value},{another(value, not v6, pods)}"
        yield "a second one of the same family", f"{value},{another(value, v6, pods)}"
    yield "comma at the end", value + ","
    yield "the other family only", another(value, not v6, pods)
    yield "first is another", ",".join([one_group(first), *rest])
    yield "first is the next network", ",".join([next_to(first), *rest])
    yield "first has a longer mask", ",".join([with_mask(first, 1), *rest])
    yield "first has a shorter mask", ",".join([with_mask(first, -1), *rest])
    yield "first has a mask 8 bits shorter", ",".join([with_mask(first, -8), *rest])
    yield "first without a mask", ",".join([first.split("/")[0], *rest])
    yield "first has host bits", ",".join([f"{network(first).network_address + 5}/{first.split('/')[1]}", *rest])
    yield "mask out of range", ",".join([first.split("/")[0] + ("/129" if v6 else "/33"), *rest])
    yield "a letter in it", ",".join([first.replace("0", "O", 1) if "0" in first else "x" + first, *rest])
    yield "in quotes", f'"{value}"'
    yield "of documentation", ",".join(["2001:db8:96::/112" if v6 else "192.0.2.0/24", *rest])
    same = services if pods else None
    if same:
        yield "the Services' range", same


def address_faults(value, want_pair):
    v = value.split(",")
    v6 = is_v6(v[0])
    if len(v) == 2:
        yield "second missing", v[0]
        yield "first missing", v[1]
        yield "order swapped", f"{v[1]},{v[0]}"
        yield "blank after the comma", ", ".join(v)
        yield "second is of the first's family", f"{v[0]},{ipaddress.ip_address(v[0]) + 1}"
        yield "a third one", f"{value},{ipaddress.ip_address(v[0]) + 1}"
        yield "second with a prefix length", value + ("/24" if v6 else "/64")
        yield "second with a zone", f"{v[0]},fe80::1%eth0"
        yield "second is link-local", f"{v[0]},{'169.254.7.1' if v6 else 'fe80::1'}"
        yield "second is the wildcard", f"{v[0]},{'0.0.0.0' if v6 else '::'}"
        yield "second in brackets", f"{v[0]},[{v[1]}]"
    elif want_pair:
        yield "a second one of the same family", f"{value},{ipaddress.ip_address(value) + 1}"
    yield "a name", "node.example"
    yield "loopback", "::1" if v6 else "127.0.0.1"
    yield "the other family", "10.9.8.7" if v6 else "fd91:7b2c:55d2::7"
    yield "nothing", ""


def mask_faults(value, v6):
    n = int(value)
    yield "one more", str(n + 1)
    yield "one less", str(n - 1)
    yield "8", "8"
    yield "32", "32"
    yield "out of range", "129" if v6 else "33"
    yield "no number", value + "x"


# ---- faults of one setting ----

RANGES = {"--service-cluster-ip-range": False, "--cluster-cidr": True, "clusterCIDR": True, "podSubnet": True,
          "serviceSubnet": False}
ADDRESSES = {"--node-ip": True, "node-ip": True, "--advertise-address": False, "advertiseAddress": False}
MASKS = {"--node-cidr-mask-size": None, "--node-cidr-mask-size-ipv4": False, "--node-cidr-mask-size-ipv6": True,
         "node-cidr-mask-size-ipv4": False, "node-cidr-mask-size-ipv6": True}
# Flags whose name may be mistyped; the rest are not about dual-stack.
OURS = (*RANGES, *ADDRESSES, *MASKS, "--allocate-node-cidrs", "--feature-gates", "--cluster-dns")


def value_faults(site, context):
    s, value = site.setting, site.value
    if not value:
        return
    if s in RANGES:
        yield from network_faults(value, RANGES[s], context.get("services"))
    elif s in ADDRESSES:
        yield from address_faults(value, ADDRESSES[s])
        if s in ("--advertise-address", "advertiseAddress"):
            yield "a pair", value + "," + ("10.9.8.7" if is_v6(value) else "fd91:7b2c:55d2::7")
            if context.get("services"):
                n = network(context["services"].split(",")[0])
                yield "in the Service range", str(n.network_address + 77)
    elif s in MASKS:
        yield from mask_faults(value, MASKS[s])
    elif s == "--allocate-node-cidrs":
        if value == "true":
            yield "false", "false"
        yield "no boolean", "yes"
    elif s in ("clusterDNS", "--cluster-dns"):
        if not ipaddress.ip_address(value).is_link_local:
            yield "outside", "fd91:7b2c:55d3::a" if is_v6(value) else "10.77.0.10"
            yield "the other family", "10.77.0.10" if is_v6(value) else "fd91:7b2c:55d3::a"
        yield "no address", "kube-dns.kube-system"
    elif s == "bindAddress":
        yield "an address of the other family", "10.9.8.7" if is_v6(value) else "fd91:7b2c:55d2::7"
        yield "no address", "localhost"
        yield "the other wildcard", "0.0.0.0" if is_v6(value) else "::"
    elif s == "mode":
        yield "misspelt", "iptable"
    elif s == "detectLocalMode":
        yield "misspelt", "nodeCIDR"
    elif s == "podCIDRs":
        v = value.split(",")
        if len(v) == 2:
            yield "second missing", v[0]
            yield "order swapped", f"{v[1]},{v[0]}"
        yield "outside", ",".join([one_group(v[0], 99), *v[1:]])
    elif s == "addresses":
        v = value.split(",")
        if len(v) == 2:
            yield "second missing", v[0]
            yield "order swapped", f"{v[1]},{v[0]}"
        if context.get("pods"):
            yield "in the pod range", ",".join(
                [str(network(context["pods"].split(",")[0]).network_address + 9), *v[1:]])
        if context.get("services"):
            yield "in the Service range", ",".join(
                [str(network(context["services"].split(",")[0]).network_address + 99), *v[1:]])
    elif s == "--feature-gates":
        yield "IPv6DualStack=false", "IPv6DualStack=false"


def flag_faults(site, context):
    """Faults of a flag's name and number, as lists of arguments in its place."""
    name, value = site.setting, site.value
    if name not in OURS or name in ("--advertise-address",):
        return
    yield "removed", []
    yield "a letter missing", [f"{name[:-1]}={value}"]
    yield "two letters swapped", [f"{name[:4]}{name[5]}{name[4]}{name[6:]}={value}"]
    yield "one dash", [f"{name[1:]}={value}"]
    if not site.words or name == "--allocate-node-cidrs":
        yield "a blank for the equals sign", [f"{name} {value}"]
    other = value.split(",")[0] if "," in value else None
    if other:
        yield "given twice, then with the first only", [f"{name}={value}", f"{name}={other}"]
    elif name in RANGES:
        yield "given twice, then another", [f"{name}={value}", f"{name}={one_group(value)}"]
    family = {"--node-cidr-mask-size-ipv4": "--node-cidr-mask-size-ipv6",
              "--node-cidr-mask-size-ipv6": "--node-cidr-mask-size-ipv4"}.get(name)
    if family:
        yield "of the other family", [f"{family}={value}"]
        yield "without a family", [f"--node-cidr-mask-size={value}"]


ADDED = {
    "kube-controller-manager": ("--pod-network-cidr=10.244.0.0/16", "--node-ip=192.168.7.10",
                                "--controllers=*,-nodeipam"),
    "kube-apiserver": ("--cluster-cidr=10.244.0.0/16", "--secondary-service-cluster-ip-range=fd91:7b2c:55d1::/112",
                       "--node-ip=192.168.7.10"),
    "kubelet": ("--cluster-cidr=10.244.0.0/16", "--node-ips=192.168.7.10,fd91:7b2c:55d2::7",
                "--service-cluster-ip-range=10.96.0.0/16", "--pod-cidr=10.99.0.0/24"),
    "kube-proxy": ("--service-cluster-ip-range=10.96.0.0/16", "--node-ip=192.168.7.10", "--proxy-mode=ipvss"),
}


def added_faults(site, context):
    for argument in (*ADDED[site.component], "--feature-gates=IPv6DualStack=false",
                     "--feature-gates=IPv6DualStack=true", "--feature-gates=CloudDualStackNodeIPs=true",
                     "--feature-gates=IPv6DualStacks=true",
                     '"--feature-gates=IPv6DualStack=true"', "stray"):
        yield "added " + argument, [argument]
    if site.component == "kube-controller-manager" and "," in context.get("pods", ""):
        yield "added --node-cidr-mask-size=20", ["--node-cidr-mask-size=20"]
    if site.component == "kube-controller-manager" and "," not in context.get("pods", ","):
        family6 = is_v6(context["pods"])
        yield "added the mask of the other family", [f"--node-cidr-mask-size-ipv{4 if family6 else 6}=" +
                                                     ("24" if family6 else "64")]


def faults(site, context):
    """(name, texts in the setting's place) of every fault of a site."""
    if site.kind == "argv":
        yield from added_faults(site, context)
        return
    if site.kind == "flag":
        yield from flag_faults(site, context)
    elif site.setting not in ("mode", "detectLocalMode", "bindAddress", "advertiseAddress"):
        yield "removed", []
    for name, value in value_faults(site, context):
        if value != site.value:
            yield name, [f"{site.setting}={value}" if site.kind == "flag" else value]


# ---- mutants ----

class Mutant:
    def __init__(self, cluster, path, site, fault, text):
        self.cluster, self.path, self.site, self.fault, self.text = cluster, path, site, fault, text
        self.caught = None

    def key(self):
        return self.site.component, self.site.setting, self.fault, self.cluster

    def __str__(self):
        return " | ".join(self.key())


def mutants_of(cluster):
    seen = {}
    for path in files(cluster):
        for site in sites(path):
            # Of nodes that are alike the last one stands for all.
            seen[(site.component, site.setting, os.path.splitext(path)[1])] = (path, site)
    context = {}
    for _, site in seen.values():
        if (site.component, site.setting) in ((API, "--service-cluster-ip-range"), (KUBEADM, "serviceSubnet")):
            context["services"] = site.value
        elif site.setting in ("--cluster-cidr", "podSubnet"):
            context["pods"] = site.value
    for path, site in seen.values():
        for fault, texts in faults(site, context):
            yield Mutant(cluster, path, site, fault, site.change(texts))


def signature(report):
    """How often each rule fires, by severity. An input that cannot be read counts as well."""
    out = collections.Counter((f["rule"], f["severity"]) for f in findings(report) if f["status"] == "fail")
    out.update(("input", "not read") for i in report["inputs"] if i["status"] == "failed")
    return out


def run(dsaudit, tmp, number, mutant, base):
    folder = os.path.join(tmp, str(number))
    path = os.path.join(folder, os.path.basename(mutant.path))
    os.mkdir(folder)
    with open(path, "w", encoding="utf-8") as f:
        f.write(mutant.text)
    report, _ = audit(dsaudit, *[path if f == mutant.path else f for f in files(mutant.cluster)])
    mutant.caught = sorted(rule for rule, _ in signature(report) - base)


def explained(mutant, row):
    return all(re.fullmatch(pattern, part) for pattern, part in zip(row, mutant.key()))


def judge(mutants, whole):
    """What is wrong with the table or the catalogue, and how many survivors each row explains."""
    wrong = []
    rows = collections.Counter()
    for m in mutants:
        why = [row for row in SURVIVORS if explained(m, row)]
        rows.update(row[:4] for row in why)
        if why and m.caught:
            wrong.append(f"is caught by {', '.join(m.caught)} but listed as a survivor: {m}")
        elif not why and not m.caught:
            wrong.append(f"survives without a reason: {m}")
    if whole:
        wrong += [f"no mutant is like the survivor {' | '.join(row[:4])}" for row in SURVIVORS if not rows[row[:4]]]
    return wrong, rows


def main():
    args = sys.argv[1:]
    verbose = "-v" in args
    whole = "--all" in args
    args = [a for a in args if a not in ("-v", "--all")]
    dsaudit = os.path.abspath(args[0])
    names = args[1:] or [c for c in clusters() if whole or c not in ALIKE]
    bases = dict(zip(names, in_parallel(lambda c: signature(audit(dsaudit, *files(c))[0]), names)))
    mutants = [m for c in names for m in mutants_of(c)]
    with tempfile.TemporaryDirectory() as tmp:
        in_parallel(lambda r: run(dsaudit, tmp, r[0], r[1], bases[r[1].cluster]), list(enumerate(mutants)))
    wrong, rows = judge(mutants, whole)
    by_rule = collections.Counter(rule for m in mutants for rule in set(m.caught))
    if verbose:
        for m in mutants:
            print(f"{', '.join(m.caught) or '-'}: {m}")
    for w in wrong:
        print(w)
    for row in SURVIVORS:
        print(f"{rows[row[:4]]:5} {' | '.join(row[:4])}: {row[4]}")
    print("caught by: " + ", ".join(f"{r} {n}" for r, n in by_rule.most_common()))
    caught = sum(bool(m.caught) for m in mutants)
    print(f"{len(mutants)} mutants of {len(names)} clusters: {caught} caught ({100 * caught / len(mutants):.1f} %) by "
          f"{len(by_rule)} rules, {len(mutants) - caught} survive")
    sys.exit(bool(wrong) or caught < 500 and not args[1:])


if __name__ == "__main__":
    main()
