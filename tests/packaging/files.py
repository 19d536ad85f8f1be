#!/usr/bin/env python3
"""Every file that another tool reads has the fields that tool documents, is as narrow as packaging/README.md
says, and has the version of meson.build. files.py --update writes that version into them."""
import os
import re
import subprocess
import sys

from shared import ROOT, check, finish, found, load, load_all, read, version

VERSIONED = {  # what stands before the version, and what behind it
    "packaging/kubernetes/daemonset.yaml": [(r"image: dsaudit:", r"\s")],
    "packaging/kubernetes/job.yaml": [(r"image: dsaudit:", r"\s")],
    "packaging/krew/dsaudit.yaml": [(r"version: v", r"$"), (r"/download/v", r"/dsaudit-"), (r"/dsaudit-", r"-linux-")],
}


def versions(update):
    for path, places in VERSIONED.items():
        text = new = read(path)
        for before, after in places:
            pattern = re.compile(f"({before})([0-9][0-9A-Za-z.~+]*?)(?={after})", re.M)
            hits = pattern.findall(text)
            check(hits, f"{path}: there is no {before}VERSION")
            for _, got in hits:
                check(update or got == version(), f"{path}: version {got}, meson.build has {version()}; ./dev golden writes it")
            new = pattern.sub(lambda m: m[1] + version(), new)
        if update and new != text:
            with open(os.path.join(ROOT, path), "w", encoding="utf-8") as f:
                f.write(new)
    check(re.search(rf"^## {re.escape(version())}( |$)", read("CHANGES.md"), re.M), f"CHANGES.md has no {version()}")


# ---- fields: {name: type or table}; "!" marks those that must be there ----

KEY_OP = {"key": str, "operator": str, "values": list}
META = {"name!": str, "namespace": str, "labels": dict, "annotations": dict}
SECURITY = {
    "runAsUser!": int, "runAsGroup!": int, "runAsNonRoot": bool, "privileged!": bool, "allowPrivilegeEscalation!": bool,
    "readOnlyRootFilesystem!": bool, "capabilities!": {"drop!": [str], "add": [str]},
    "appArmorProfile": {"type!": str}, "seLinuxOptions": {"type!": str},
}
CONTAINER = {
    "name!": str, "image!": str, "args!": [str], "stdin": bool,
    "env": [{"name!": str, "valueFrom!": {"fieldRef!": {"fieldPath!": str}}}],
    "securityContext!": SECURITY, "resources!": {"requests!": dict, "limits!": dict},
    "volumeMounts": [{"name!": str, "mountPath!": str, "readOnly!": bool}],
}
POD = {
    "nodeSelector": dict,
    "affinity": {"nodeAffinity!": {"requiredDuringSchedulingIgnoredDuringExecution!": {"nodeSelectorTerms!": [
        {"matchExpressions!": [{"key!": str, "operator!": str}]}]}}},
    "tolerations!": [{"operator!": str}], "automountServiceAccountToken!": bool, "enableServiceLinks!": bool,
    "hostNetwork!": bool, "terminationGracePeriodSeconds": int, "restartPolicy": str,
    "securityContext!": {"seccompProfile!": {"type!": str}},
    "initContainers": [CONTAINER], "containers!": [CONTAINER],
    "volumes!": [{"name!": str, "hostPath!": {"path!": str, "type!": str}}],
}
TEMPLATE = {"metadata!": {"labels!": dict}, "spec!": POD}
OBJECTS = {
    "Namespace": {"apiVersion!": "v1", "kind!": str, "metadata!": META},
    "DaemonSet": {"apiVersion!": "apps/v1", "kind!": str, "metadata!": META, "spec!": {
        "selector!": {"matchLabels!": dict}, "updateStrategy": {"rollingUpdate!": {"maxUnavailable!": str}},
        "template!": TEMPLATE}},
    "Job": {"apiVersion!": "batch/v1", "kind!": str, "metadata!": META, "spec!": {
        "backoffLimit!": int, "activeDeadlineSeconds": int, "template!": TEMPLATE}},
}
HOOK = {"id!": str, "name!": str, "entry!": str, "language!": str, "files!": str, "description": str,
        "pass_filenames!": bool, "args!": [str]}
ACTION = {"name!": str, "description!": str, "author": str, "branding": {"icon!": str, "color!": str}, "inputs!": dict,
          "outputs!": dict, "runs!": {"using!": "composite", "steps!": [dict]}}
KREW = {
    "apiVersion!": "krew.googlecontainertools.github.com/v1alpha2", "kind!": "Plugin", "metadata!": {"name!": str},
    "spec!": {"version!": str, "homepage!": str, "shortDescription!": str, "description!": str, "platforms!": [{
        "selector!": {"matchLabels!": {"os!": str, "arch!": str}}, "uri!": str, "sha256!": str, "bin!": str,
        "files!": [{"from!": str, "to!": str}]}]},
}
GITLAB = {"stage!": str, "image!": str, "variables!": dict, "before_script!": [str], "script!": [str],
          "artifacts!": {"when!": "always", "reports!": {"codequality!": str, "junit!": str}}}


def shape(value, table, where):
    """Whether a value has the fields of a table and no others."""
    if isinstance(table, str):
        return check(value == table, f"{where} is {value!r}, not {table!r}")
    if isinstance(table, list):
        if not check(isinstance(value, list) and value, f"{where} is no list, or empty"):
            return False
        return all([shape(v, table[0], f"{where}[{i}]") for i, v in enumerate(value)])
    if isinstance(table, type):
        return check(type(value) is table, f"{where} is {value!r}, not a {table.__name__}")
    if not check(isinstance(value, dict), f"{where} is no mapping"):
        return False
    known = {name.rstrip("!"): (inner, name.endswith("!")) for name, inner in table.items()}
    for name, (_, needed) in known.items():
        check(name in value or not needed, f"{where}: {name} is missing")
    good = all([check(name in known, f"{where}: there is no field {name}") for name in value])
    return good and all([shape(v, known[name][0], f"{where}.{name}") for name, v in value.items() if name in known])


# ---- what each says ----

def mounted(pod, container):
    """{path in the container: path of the host}"""
    hosts = {v["name"]: v["hostPath"]["path"] for v in pod["volumes"]}
    return {m["mountPath"]: hosts.get(m["name"]) for m in container.get("volumeMounts", [])}


def kubernetes():
    folder = "packaging/kubernetes"
    seen = {}
    for name in sorted(os.listdir(os.path.join(ROOT, folder))):
        for d in load_all(f"{folder}/{name}"):
            kind = d.get("kind")
            if check(kind in OBJECTS, f"{name}: kind {kind}") and shape(d, OBJECTS[kind], name):
                seen[kind] = d
    if not check(set(seen) == set(OBJECTS), f"{folder} has {sorted(seen)}"):
        return
    check(seen["Namespace"]["metadata"]["labels"].get("pod-security.kubernetes.io/enforce") == "privileged",
          "the namespace does not admit the pods")
    for kind in ("DaemonSet", "Job"):
        d = seen[kind]
        pod, labels = d["spec"]["template"]["spec"], d["spec"]["template"]["metadata"]["labels"]
        check(d["metadata"]["namespace"] == seen["Namespace"]["metadata"]["name"], f"{kind}: another namespace")
        check(d["spec"].get("selector", {"matchLabels": labels})["matchLabels"] == labels, f"{kind}: selects other pods")
        check(pod["automountServiceAccountToken"] is False, f"{kind}: a token")
        check(pod["hostNetwork"] is True, f"{kind}: sysctls of its own network")
        check(pod["tolerations"] == [{"operator": "Exists"}], f"{kind}: not on every node")
        check(pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault", f"{kind}: seccomp")
        containers = pod.get("initContainers", []) + pod["containers"]
        used = set()
        for c in containers:
            where, s, mounts = f"{kind} {c['name']}", c["securityContext"], mounted(pod, c)
            used |= {m["name"] for m in c.get("volumeMounts", [])}
            reader = bool(mounts)
            check(s["privileged"] is False and s["allowPrivilegeEscalation"] is False and s["readOnlyRootFilesystem"] is True
                  and s["capabilities"]["drop"] == ["ALL"], f"{where}: more than it needs")
            check(s["capabilities"].get("add", []) == (["SYS_PTRACE"] if reader else []), f"{where}: capabilities")
            check(s["runAsUser"] == 0 if reader else s.get("runAsNonRoot") is True and s["runAsUser"] > 0, f"{where}: user")
            check(("appArmorProfile" in s) == reader and ("seLinuxOptions" in s) == reader, f"{where}: profiles")
            check(all(m["readOnly"] is True for m in c.get("volumeMounts", [])), f"{where}: mounts to write to")
            for inside, host in mounts.items():
                check(inside == f"/host{host}", f"{where}: {host} of the host is at {inside}")
            if reader:
                check("--host-root=/host" in c["args"] and mounts.get("/host/proc") == "/proc", f"{where}: reads no host")
                old = f"container.apparmor.security.beta.kubernetes.io/{c['name']}: unconfined"
                check(old in read(f"{folder}/{kind.lower()}.yaml"), f"{where}: the annotation of old versions: {old}")
            for a in c["args"]:
                check(not a.startswith("/") or a in mounts, f"{where}: {a} is not mounted")
                for variable in re.findall(r"\$\((\w+)\)", a):
                    check(variable in [e["name"] for e in c.get("env", [])], f"{where}: $({variable}) is not set")
        check(used == {v["name"] for v in pod["volumes"]}, f"{kind}: volumes that nobody mounts, or the reverse")
        check({v["hostPath"]["path"] for v in pod["volumes"]}
              == {"/proc"} | ({"/etc/kubernetes/manifests"} if kind == "Job" else set()), f"{kind}: folders of the host")
    check(seen["Job"]["spec"]["template"]["spec"]["restartPolicy"] == "Never", "the Job runs again and again")


def pre_commit():
    hooks = load(".pre-commit-hooks.yaml")
    shape(hooks, [HOOK], ".pre-commit-hooks.yaml")
    for h in hooks:
        program = h["entry"].split()[0]
        check(h["language"] in ("script", "system"), f"{h['id']}: language {h['language']}")
        check(h["language"] != "script" or os.access(os.path.join(ROOT, program), os.X_OK), f"{h['id']}: no program {program}")
        # Parts of a cluster alone prove nothing of it.
        check(h["pass_filenames"] is False, f"{h['id']}: is given the files that changed only")
        for name, wanted in (("a/kubeadm.yaml", True), ("b.yml", True), ("c.json", True), ("d.yamlx", False), ("e.md", False)):
            check(bool(re.search(h["files"], name)) == wanted, f"{h['id']}: {name}")


def action():
    a = load("action.yml")
    if not shape(a, ACTION, "action.yml"):
        return
    inputs, steps = a["inputs"], a["runs"]["steps"]
    ids = {s.get("id") for s in steps}
    for name, i in inputs.items():
        shape(i, {"description!": str, "default!": str}, f"action.yml: input {name}")
    for name, o in a["outputs"].items():
        shape(o, {"description!": str, "value!": str}, f"action.yml: output {name}")
    text = read("action.yml")
    for name in re.findall(r"\binputs\.([\w-]+)", text):
        check(name in inputs, f"action.yml: there is no input {name}")
    for name in inputs:
        check(f"inputs.{name}" in text, f"action.yml: nobody uses the input {name}")
    for name in re.findall(r"\bsteps\.([\w-]+)", text):
        check(name in ids, f"action.yml: there is no step {name}")
    for s in steps:
        table = {"name!": str, "uses!": str, "if": str, "with": dict} if "uses" in s else {
            "name!": str, "id": str, "shell!": "bash", "env!": dict, "run!": str}
        if not shape(s, table, f"action.yml: step {s.get('name')}"):
            continue
        if "uses" in s:
            check("always()" in s["if"], f"action.yml: {s['uses']} is left out when the audit fails")
            check(re.fullmatch(r"[\w-]+/[\w/-]+@[\w.]+", s["uses"]), f"action.yml: {s['uses']}")
            continue
        check("${{" not in s["run"], f"action.yml: {s['name']}: text of others in a script")
        script = re.fullmatch(r'"\$GITHUB_ACTION_PATH/([\w./-]+)"', s["run"])
        if not check(script, f"action.yml: {s['name']} runs {s['run']}"):
            continue
        check(os.access(os.path.join(ROOT, script[1]), os.X_OK), f"{script[1]} cannot be run")
        body = read(script[1])
        names = set(re.findall(r"\bDSAUDIT_\w+", body))
        check(names == set(s["env"]), f"{script[1]} has {sorted(names)}, its step sets {sorted(s['env'])}")
        for output in re.findall(rf"steps\.{s.get('id')}\.outputs\.([\w-]+)", text):
            check(f"printf '{output}=" in body, f"{script[1]} does not set {output}")


def krew():
    k = load("packaging/krew/dsaudit.yaml")
    if not shape(k, KREW, "krew"):
        return
    check(k["metadata"]["name"] == "dsaudit", "krew: the manifest is named after the plugin")
    check(len(k["spec"]["shortDescription"]) <= 50, "krew: the short description is none")
    check(re.fullmatch(r"v\d+\.\d+\.\d+", k["spec"]["version"]), "krew: version")
    for p in k["spec"]["platforms"]:
        arch = p["selector"]["matchLabels"]["arch"]
        check(p["uri"].startswith("https://") and p["uri"].endswith(f"/dsaudit-{version()}-linux-{arch}.tar.gz"), f"krew: {p['uri']}")
        check(re.fullmatch("[0-9a-f]{64}", p["sha256"]), f"krew: {p['sha256']}")
        check(p["bin"] in [os.path.basename(f["from"]) for f in p["files"]], "krew: its program is not among its files")


def gitlab():
    jobs = load("packaging/gitlab-ci.yml")
    if not shape(jobs, {"dsaudit!": GITLAB}, "gitlab"):
        return
    job = jobs["dsaudit"]
    for report in job["artifacts"]["reports"].values():
        check(any(f"={report}" in line for line in job["script"]), f"gitlab: nobody writes {report}")
    for line in job["before_script"] + job["script"]:
        syntax("sh", line, "gitlab-ci.yml")
        for variable in re.findall(r"\$(\w+)", line):
            check(variable in job["variables"], f"gitlab: ${variable} is not set")
            check(f'"${variable}' in line or f'="${variable}' in line, f"gitlab: ${variable} is not quoted")


def containerfile():
    text = re.sub(r"\\\n", " ", read("packaging/Containerfile"))
    steps = [line.split(None, 1) for line in text.splitlines() if line.strip() and not line.startswith("#")]
    known = {"FROM", "WORKDIR", "COPY", "RUN", "ARG", "LABEL", "USER", "ENTRYPOINT"}
    stages, names = [], []
    for word, rest in steps:
        if not check(word in known, f"Containerfile: {word}"):
            return
        if word == "FROM":
            names += re.findall(r" AS (\w+)$", rest)
            stages.append([])
        stages[-1].append((word, rest))
    last = dict(stages[-1])
    check(stages[0][0][1] == "debian:12 AS build", "Containerfile: the builder")
    check(last["FROM"] == "scratch", "Containerfile: the image")
    check(re.fullmatch(r"[1-9]\d*:[1-9]\d*", last["USER"]), "Containerfile: a user by number, not root")
    check(last["ENTRYPOINT"] == '["/dsaudit"]', "Containerfile: the entry point")
    check("RUN" not in last, "Containerfile: there is nothing to run in an empty image")
    labels = re.findall(r'([\w.]+)="([^"]*)"', last["LABEL"])
    check(dict(labels).get("org.opencontainers.image.version") == "${VERSION}" and ("ARG", "VERSION") in stages[-1],
          "Containerfile: the version")
    check(" ".join(f'{k}="{v}"' for k, v in labels) == " ".join(last["LABEL"].split()), "Containerfile: labels")
    for word, rest in stages[-1]:
        words = rest.split()
        if word == "COPY" and words[0].startswith("--from="):
            check(words[0][7:] in names, f"Containerfile: no stage {words[0]}")
            check(words[1] == "/src/build-static/src/cli/dsaudit" and words[2] == "/dsaudit", f"Containerfile: {rest}")
        elif word == "COPY":
            check(os.path.exists(os.path.join(ROOT, words[0])), f"Containerfile: there is no {words[0]}")
    check(("RUN", "./dev static") in stages[0] and "build-static/src/cli/dsaudit" in read("dev"), "Containerfile: what is built")
    check({".git", "build*", "dist"} <= set(read(".dockerignore").split()), ".dockerignore")


def syntax(shell, text, where):
    done = subprocess.run([shell, "-n"], input=text, capture_output=True, text=True)
    check(done.returncode == 0, f"{where}: {done.stderr}")


def shell_texts():
    """Scripts, and the commands in the documents: files that they name are there."""
    for folder, shell in (("packaging", "sh"), ("packaging/github-action", "bash")):
        for name in os.listdir(os.path.join(ROOT, folder)):
            if name.endswith(".sh"):
                syntax(shell, read(f"{folder}/{name}"), name)
    for path in ("README.md", "packaging/README.md", "CONTRIBUTING.md"):
        text = read(path)
        for block in re.findall(r"(?:^    .*\n)+", text, re.M) if path.startswith("packaging") else []:
            if not re.match(r" {4}\w+:$", block, re.M):  # YAML
                syntax("sh", re.sub(r"^    ", "", block, flags=re.M), path)
        for name in re.findall(r"packaging/[\w./*-]*\w", text):
            check("*" in name or os.path.exists(os.path.join(ROOT, name)), f"{path}: there is no {name}")
        for word in re.findall(r"\./dev ([a-z]+)\b", text):
            check(re.search(rf"^(  )?{word}\b", read("dev"), re.M), f"{path}: ./dev has no command {word}")


def main():
    update = "--update" in sys.argv
    versions(update)
    if update:
        return
    for one in (kubernetes, pre_commit, action, krew, gitlab, containerfile, shell_texts):
        try:
            one()
        except Exception as e:  # a file that cannot be parsed at all is a finding like any other
            found.append(f"{one.__name__}: {type(e).__name__}: {e}")
    before = list(found)
    shape({"metadata": {"labels": {}}, "spec": {"contaners": []}}, TEMPLATE, "self-test")
    can_fail = "self-test.spec: there is no field contaners" in found and "self-test.spec: containers is missing" in found
    found[:] = before + ([] if can_fail else ["the check of fields cannot fail"])


main()
finish()
