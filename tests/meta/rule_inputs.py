#!/usr/bin/env python3
"""Every rule fires and keeps quiet through the command too, whatever kind of input says it.

The inline tests of the rules are bundles. Here each of them is given to the command as it
is, as a recorded host, as static pod manifests, as a ps listing and as files, the latter made mechanically, with its
rule alone. The status must be the one that the test expects, whichever way the facts came
in. Where a kind of input cannot carry what a test is about, that is said in a table below,
with the reason; a row that is no longer needed fails.

Usage: rule_inputs.py DSAUDIT RULE_TESTS
"""
import collections
import json
import os
import re
import subprocess
import sys
import tempfile

from clusters import ROOT, audit, findings, in_parallel

CONTROL_PLANE = ("kube-apiserver", "kube-controller-manager", "kube-proxy")

# (input kind, rule, test): (what the rule says there, why)
EXCEPTIONS = {
    ("ps", "DS204", "the second node address became a word of its own"):
        ("fail warning", "in a listing the second word can also be a blank inside one argument"),
}

# Rules that fire from one kind of input only, and why.
ONE_KIND = {
    **dict.fromkeys(["DS406", "DS415", "DS606", "DS630", "DS631", "DS632", "DS633", "DS634", "DS635", "DS636"],
                    "only a bundle and the live host tell what a host is like"),
    "DS712": "only a bundle and the live host tell that a host has no IPv6",
}


def basename(process):
    return process["argv"][0].rsplit("/", 1)[-1] if process.get("argv") else ""


def rest_of(bundle, processes):
    """What no manifest and no listing can carry: the bundle without the processes that moved out of it."""
    rest = {k: v for k, v in bundle.items() if k != "processes"}
    if processes:
        rest["processes"] = processes
    return rest if set(rest) - {"apiVersion", "kind", "node", "kubernetesVersion"} else None


def has_files(bundle):
    return bool(bundle.get("files")) or any(p.get("files") for p in bundle.get("processes", []))


def about_the_host(bundle):
    """What the host itself is like goes together with its processes: it cannot come in another file than they."""
    return bool({"sysctls", "addresses", "routes", "kernelArguments", "files", "configured"} & set(bundle))


def as_bundle(bundle):
    return [("bundle.json", {**{"apiVersion": "dsaudit.dev/v1", "kind": "NodeBundle"}, **bundle})]


def quoted(text):
    """A YAML scalar in single quotes, which change nothing but themselves."""
    return "'" + text.replace("'", "''") + "'"


def manifest(process, version):
    name = basename(process)
    command = "".join(f"    - {quoted(a)}\n" for a in [name, *process["argv"][1:]])
    tag = f"v{version}" if version else "latest"
    return (f"apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n  namespace: kube-system\nspec:\n  containers:\n"
            f"  - name: {name}\n    image: registry.k8s.io/{name}:{tag}\n    command:\n{command}  hostNetwork: true\n")


def as_manifests(bundle):
    """A manifest of each process that kubeadm would run as a pod, in a folder of its own; what else there is stays.
    A bundle with facts of the node is about how they and the processes go together: it is left alone."""
    out, stay = [], []
    if about_the_host(bundle):
        return []
    for i, p in enumerate(bundle.get("processes", [])):
        if basename(p) in CONTROL_PLANE and not p.get("files") and not any("\n" in a for a in p["argv"]):
            out.append((f"{i}/{basename(p)}.yaml", manifest(p, bundle.get("kubernetesVersion"))))
        else:
            stay.append(p)
    rest = rest_of(bundle, stay)
    if out and rest:
        out += as_bundle(rest)
    return out


def as_listing(bundle):
    """One ps listing of all processes. A listing has no room for files, and none for blanks in arguments."""
    processes = bundle.get("processes", [])
    if not processes or about_the_host(bundle) or has_files(bundle) or any(not all(re.fullmatch(r"[^\s\\]+", a) for a in p.get("argv", [" "]))
                            for p in processes):
        return []
    lines = ["UID          PID    PPID  C STIME TTY          TIME CMD"]
    lines += [f"root     {1000 + i:7}       1  0 09:{i:02} ?        00:00:01 {' '.join(p['argv'])}"
              for i, p in enumerate(processes)]
    # Without a line that is longer than all others it might have been cut off at the width of the longest.
    lines.append("root         999       1  0 09:00 ?        00:00:01 /usr/bin/java " + 40 * "-Dpath=/usr/share/java ")
    rest = rest_of(bundle, [])
    return [("ps-ef.txt", "\n".join(lines) + "\n")] + (as_bundle(rest) if rest else [])


def as_files(bundle):
    """The files of a bundle as files. Those of /var/lib belong to a process, which finds them only in its bundle."""
    if not bundle.get("files") or any(path.startswith("/var/lib/") for path in bundle["files"]):
        return []
    # A manifest and the process that runs from it are one component only where both are known to be one host's.
    if bundle.get("processes") and any(path.startswith(MANIFESTS) for path in bundle["files"]):
        return []
    out = [(path.lstrip("/"), file["text"]) for path, file in bundle["files"].items()]
    rest = rest_of({k: v for k, v in bundle.items() if k != "files"}, bundle.get("processes"))
    return out + (as_bundle(rest) if rest else [])


def as_objects(bundle):
    """The objects of a bundle as kubectl get -o json would write them."""
    if not bundle.get("objects") or about_the_host(bundle):
        return []
    rest = rest_of({k: v for k, v in bundle.items() if k != "objects"}, bundle.get("processes"))
    objects = {"apiVersion": "v1", "kind": "List", "items": bundle["objects"]}
    return [("objects.json", objects)] + (as_bundle(rest) if rest else [])


def as_configuration(bundle):
    """The configuration file alone of a bundle with nothing but one component that is given one."""
    processes = bundle.get("processes", [])
    if set(bundle) - {"processes", "kubernetesVersion"} or len(processes) != 1 or len(processes[0]["argv"]) != 2 \
            or len(processes[0].get("files", {})) != 1:
        return []
    text = list(processes[0]["files"].values())[0].get("text")
    return [("config.yaml", text)] if text else []


def as_host(bundle):
    """A recorded host: its processes, and what it is set up to run, at their places."""
    out, processes = [], bundle.get("processes", [])
    configured = bundle.get("configured", [])
    files = {path: f["text"] for path, f in bundle.get("files", {}).items()}
    if not processes or any(c["source"] not in UNITS or c.get("truncated") for c in configured) or \
            any(p.get("files") for p in processes) or \
            set(bundle) - {"processes", "files", "configured", "kubernetesVersion"} or \
            not (configured or files) or not all(path.startswith(MANIFESTS) for path in files):
        return []
    for i, p in enumerate(processes):
        out += [(f"proc/{100 + i}/cmdline", "\0".join(p["argv"]) + "\0"), (f"proc/{100 + i}/stat", f"{100 + i} (x) S 1 0\n")]
    for i, c in enumerate(configured):
        path, text = UNITS[c["source"]](i, c, bundle.get("kubernetesVersion"))
        out.append((path, text))
    return out + [(path[1:], text) for path, text in files.items()]


MANIFESTS = "/etc/kubernetes/manifests/"
UNITS = {
    "static-pod": lambda i, c, version: (f"{MANIFESTS[1:]}{i}.yaml", manifest(c, version)),
    "systemd-unit": lambda i, c, version: (f"etc/systemd/system/{basename(c)}.service",
                                           f"[Service]\nExecStart=/usr/bin/{' '.join(c['argv'])}\n"),
    "args": lambda i, c, version: (f"var/snap/microk8s/current/args/{basename(c)}", "\n".join(c["argv"][1:]) + "\n"),
}
KINDS = {"bundle": as_bundle, "host": as_host, "files": as_files, "static-pod": as_manifests, "ps": as_listing, "objects": as_objects,
         "configuration": as_configuration}


def status_of(report):
    seen = {f["status"] for f in findings(report)}
    for status in ("fail", "error", "unknown"):
        if status in seen:
            return status
    return "pass" if report["summary"]["passed"] else "not-applicable"


def check(dsaudit, rules, tmp, number, kind, test):
    """The status, the severities and what was not read. None: this kind cannot carry the test."""
    made = KINDS[kind](test["bundle"])
    if not made:
        return None
    folder = os.path.join(tmp, f"{number}-{kind}")
    for name, content in made:
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(content if isinstance(content, str) else json.dumps(content, indent=1))
    args = ["--rules", rules[test["rule"]], *(["--host-root"] if kind == "host" else []), folder]
    if "kubernetesVersion" in test["bundle"]:
        args[:0] = ["--kubernetes-version", str(test["bundle"]["kubernetesVersion"])]
    report, _ = audit(dsaudit, *args)
    return status_of(report), {f["severity"] for f in findings(report) if f["status"] == "fail"}


def split_rules(tmp):
    """A file for each rule of the catalogue."""
    out = {}
    for name in sorted(os.listdir(os.path.join(ROOT, "rules"))):
        if not name.endswith(".yaml"):
            continue
        with open(os.path.join(ROOT, "rules", name), encoding="utf-8") as f:
            text = f.read()
        for part in re.split(r"(?m)^(?=- id: )", text)[1:]:
            rule = re.match(r"- id: (\S+)", part).group(1)
            out[rule] = os.path.join(tmp, rule + ".yaml")
            with open(out[rule], "w", encoding="utf-8") as f:
                f.write(re.sub(r"(?m)^  supersedes: .*\n", "", part))
    return out


def main():
    dsaudit, rule_tests = map(os.path.abspath, sys.argv[1:3])
    tests = json.loads(subprocess.run([rule_tests], capture_output=True, check=True).stdout)
    wrong = []
    checked = collections.Counter()
    fires = collections.defaultdict(set)
    needed = set()
    with tempfile.TemporaryDirectory() as tmp:
        rules = split_rules(tmp)
        rows = [(i, kind, t) for i, t in enumerate(tests) for kind in KINDS]
        results = in_parallel(lambda r: check(dsaudit, rules, tmp, *r), rows)
    for (_, kind, test), result in zip(rows, results):
        if result is None:
            continue
        status, severities = result
        got, want = status, test["expect"]
        if status == want == "fail":
            fires[test["rule"]].add(kind)
            if "severity" in test:
                got += " " + " ".join(sorted(severities))
                want += " " + test["severity"]
        checked[kind] += 1
        key = (kind, test["rule"], test["name"])
        if got != want and got == EXCEPTIONS.get(key, [None])[0]:
            needed.add(key)
        elif got != want:
            wrong.append(f"{test['rule']} as {kind}: {test['name']}: {got}, expected {want}")
    wrong += [f"the exception {key} is not needed" for key in EXCEPTIONS if key not in needed]
    for rule in sorted({t["rule"] for t in tests}):
        if (len(fires[rule]) < 2) != (rule in ONE_KIND):
            wrong.append(f"{rule} fires from {', '.join(sorted(fires[rule])) or 'nothing'}")
    for w in wrong:
        print(w)
    print(f"{len(rules)} rules, {len(tests)} tests: " + ", ".join(f"{n} as {k}" for k, n in checked.items())
          + f"; {len(needed)} exceptions")
    sys.exit(bool(wrong) or sum(checked.values()) < 1000)


if __name__ == "__main__":
    main()
