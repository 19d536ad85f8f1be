#!/usr/bin/env python3
"""What CI and git would run, run: the scripts of the GitHub Action, the script of the GitLab job, the pre-commit hooks.
gates.py DSAUDIT BUILD"""
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile

from shared import ROOT, check, finish, load, sanitizer_env, version

DSAUDIT, BUILD = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
GOOD, BAD = os.path.join(ROOT, "fixtures/kubeadm-dual/manifests"), os.path.join(ROOT, "fixtures/broken-dual/manifests")
ACTION = load("action.yml")


def run(args, cwd, path, env):
    env = {"PATH": f"{path}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", **sanitizer_env(), **env}
    return subprocess.run(args, cwd=cwd, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def read(path):
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as f:
        return f.read()


def program(path, text):
    with open(path, "w") as f:
        f.write("#!/bin/sh\n" + text)
    os.chmod(path, 0o755)


# ---- the action ----

def audit(tmp, path, **inputs):
    """One run of the action's audit with these inputs, the others as they are by default."""
    work = tempfile.mkdtemp(dir=tmp)
    step = next(s for s in ACTION["runs"]["steps"] if s.get("id") == "audit")
    env = {"GITHUB_OUTPUT": f"{work}.out", "GITHUB_STEP_SUMMARY": f"{work}.md", "GITHUB_ACTION_PATH": ROOT}
    for name, value in step["env"].items():
        i = value.removeprefix("${{ inputs.").removesuffix(" }}")
        env[name] = inputs.get(i.replace("-", "_"), ACTION["inputs"][i]["default"])
    done = run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], work, path, env)
    done.work, done.summary = work, read(f"{work}.md")
    done.outputs = dict(line.split("=", 1) for line in read(f"{work}.out").splitlines())
    return done


def outside_stopped(text):
    """The lines that the runner takes for commands."""
    token, live = None, []
    for line in text.splitlines():
        if token:
            token = None if line == f"::{token}::" else token
        elif line.startswith("::stop-commands::"):
            token = line.removeprefix("::stop-commands::")
        else:
            live.append(line)
    check(token is None, "commands are stopped to the end")
    return live


def action_audit(tmp, path):
    for paths, status in ((GOOD, 0), (BAD, 1), (f"{GOOD}\n\n{BAD}\n", 1), ("/nowhere", 3)):
        done = audit(tmp, path, paths=paths)
        check(done.returncode == status and done.outputs.get("exit-status") == str(status), f"{paths}: status {done.returncode} {done.outputs}")
        check("checks passed" in done.stdout, f"{paths}: no report in the log")
        check("checks passed" in done.summary, f"{paths}: no summary")
        # The report quotes the files: none of it may be live, only the annotations and the line about them.
        live = [x for x in outside_stopped(done.stdout) if not x.startswith(("::", "dsaudit: "))]
        check(not live, f"{paths}: live for the runner: {live[:3]}")
        sarif = json.loads(read(os.path.join(done.work, done.outputs.get("sarif", "none"))) or "{}")
        check(sarif.get("version") == "2.1.0", f"{paths}: no SARIF")
        check(bool([x for x in outside_stopped(done.stdout) if x.startswith("::error")]) == (status != 0), f"{paths}: annotations")
    check(audit(tmp, path, paths=BAD, fail_on="never").returncode == 0, "fail-on is not heard")
    check(audit(tmp, path, paths=BAD, args="--ignore=DS101\n-v\n", fail_on="never").returncode == 0, "args")
    old = audit(tmp, path, paths=GOOD, kubernetes_version="1.27", fail_on="never")
    check("Kubernetes 1.27" in old.stdout, "kubernetes-version is not heard")

    # What people write there is an argument, not shell, and not an option.
    for text in ("$(touch pwned)", "`touch pwned`", "; touch pwned", "a b\t*", "-o", "--help", "'\"", "x\\"):
        done = audit(tmp, path, paths=text)
        check(done.returncode == 3, f"paths {text!r}: status {done.returncode} {done.stderr}")
        check(not os.path.exists(f"{done.work}/pwned"), f"paths {text!r} was run")
    for inputs in ({"paths": "\n"}, {"fail_on": "x; touch pwned"}, {"args": "$(touch pwned)\n--nonsense"}, {"sarif_file": ""},
                   {"sarif_file": "a\nexit-status=0"}, {"paths": GOOD, "kubernetes_version": "`touch pwned`"}):
        done = audit(tmp, path, **inputs)
        check(done.returncode == 2 and done.outputs.get("exit-status") in (None, "2"), f"{inputs}: status {done.returncode} {done.outputs}")
        check("sarif" not in done.outputs and not os.path.exists(f"{done.work}/pwned"), f"{inputs}: {done.outputs}")
    blanks = os.path.join(tmp, "a  b * $HOME")
    shutil.copytree(GOOD, blanks)
    check(audit(tmp, path, paths=f"{blanks}\n").returncode == 0, "paths with blanks in them are torn apart")
    # Nor is what the audited files say a command to the runner.
    hostile = os.path.join(tmp, "hostile.yaml")
    with open(hostile, "w") as f:
        f.write("apiVersion: v1\nkind: Pod\nmetadata: {name: kube-apiserver}\nspec:\n  containers:\n  - name: kube-apiserver\n"
                "    command: [kube-apiserver, \"--service-cluster-ip-range=x\\n::add-mask::a\\n::error::gotcha\"]\n")
    done = audit(tmp, path, paths=f"{hostile}\n::error::gotcha")
    check(not [x for x in outside_stopped(done.stdout) if "gotcha" in x and x.startswith("::error::")]
          and not [x for x in outside_stopped(done.stdout) if x.startswith("::add-mask")], f"a file commands the runner: {done.stdout}")


def action_install(tmp, path):
    step = ACTION["runs"]["steps"][0]
    tree, tools, releases = f"{tmp}/tree", f"{tmp}/tools", f"{tmp}/releases"
    shutil.copytree(os.path.join(ROOT, "packaging"), f"{tree}/packaging")
    os.mkdir(tools)
    program(f"{tree}/dev", f'echo "$@" >{tmp}/dev-args\n')
    program(f"{tools}/sudo", 'test "$1" = -n && shift && exec "$@"\n')
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)
    name = f"dsaudit-9.8.7-linux-{machine}"
    os.makedirs(f"{releases}/{name}/bin")
    program(f"{releases}/{name}/bin/dsaudit", "echo 9.8.7\n")
    with tarfile.open(f"{releases}/{name}.tar.gz", "w:gz") as t:
        t.add(f"{releases}/{name}", name)
    with open(f"{releases}/{name}.tar.gz", "rb") as f:
        digest = hashlib.sha256(f.read()).hexdigest()
    # Serves the one release that there is, over https alone.
    program(f"{tools}/curl", f"""case "$*" in *"--proto =https "*) ;; *) exit 99 ;; esac
for a; do case $a in https://host/o/r/releases/download/v9.8.7/*) cp {releases}/"${{a##*/}}" . || exit 22 ;; https:*) exit 22 ;; esac; done
""")

    def install(wanted, repository="o/r", sums=f"{digest}  {name}.tar.gz\n"):
        with open(f"{releases}/SHA256SUMS", "w") as f:
            f.write(sums)
        work = tempfile.mkdtemp(dir=tmp)
        done = run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], work, f"{tools}:{path}", {
            "GITHUB_ACTION_PATH": tree, "GITHUB_PATH": f"{work}/path", "RUNNER_TEMP": work, "GITHUB_SERVER_URL": "https://host",
            "DSAUDIT_VERSION": wanted, "DSAUDIT_REPOSITORY": repository})
        return done.returncode, read(f"{work}/path").strip(), done.stderr

    status, added, err = install("")
    check(status == 0 and added == f"{tree}/build-static/src/cli" and read(f"{tmp}/dev-args") == "static\n", f"build: {status} {added} {err}")
    check(install("installed")[:2] == (0, ""), "installed: not found on PATH")
    status, added, err = install("9.8.7")
    check(status == 0 and os.access(f"{added}/dsaudit", os.X_OK), f"download: {status} {added} {err}")
    for what, got in (("no such release", install("1.1.1")), ("a wrong checksum", install("9.8.7", sums=f"{'0' * 64}  {name}.tar.gz\n")),
                      ("no checksum", install("9.8.7", sums="")), ("no version", install("latest")), ("a command", install("$(id)")),
                      ("a path", install("../9.8.7")), ("no repository", install("9.8.7", "")), ("a host", install("9.8.7", "x/../../y"))):
        check(got[0] == 4 and got[1] == "" and "dsaudit action: " in got[2], f"install, {what}: {got}")


# ---- the others ----

def gitlab(tmp, path):
    job = load("packaging/gitlab-ci.yml")["dsaudit"]
    for source, status in ((GOOD, 0), (BAD, 1), ("$(touch pwned)", 3), ("--help", 3)):
        work = tempfile.mkdtemp(dir=tmp)
        done = run(["sh", "-e", "-c", "\n".join(job["script"])], work, path, {**job["variables"], "DSAUDIT_PATH": source})
        check(done.returncode == status, f"gitlab, {source}: status {done.returncode} {done.stderr}")
        quality = json.loads(read(os.path.join(work, job["artifacts"]["reports"]["codequality"])) or "null")
        check(isinstance(quality, list) and bool(quality) == (status != 0), f"gitlab, {source}: {quality}")
        check("<testsuites" in read(os.path.join(work, job["artifacts"]["reports"]["junit"])), f"gitlab, {source}: no JUnit")
        check(not os.path.exists(f"{work}/pwned"), f"gitlab: {source} was run")


def pre_commit(tmp, path):
    for hook in load(".pre-commit-hooks.yaml"):
        for source, status in ((GOOD, 0), (BAD, 1)):
            repository = tempfile.mkdtemp(dir=tmp)
            shutil.copytree(source, f"{repository}/manifests")
            words = hook["entry"].split()
            if hook["language"] == "script":
                words[0] = os.path.join(ROOT, words[0])
            # The build that is there, so that nothing is built for long.
            done = run([*words, *hook["args"]], repository, path, {"DS_BUILD_DIR": BUILD})
            check(done.returncode == status, f"pre-commit {hook['id']}, {source}: status {done.returncode} {done.stdout} {done.stderr}")
            check("checks passed" in done.stdout, f"pre-commit {hook['id']}: no report")


with tempfile.TemporaryDirectory() as scratch:
    bin_folder = f"{scratch}/bin"
    os.mkdir(bin_folder)
    os.symlink(DSAUDIT, f"{bin_folder}/dsaudit")
    action_audit(scratch, bin_folder)
    action_install(scratch, bin_folder)
    gitlab(scratch, bin_folder)
    pre_commit(scratch, bin_folder)
finish()
