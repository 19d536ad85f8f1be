#!/usr/bin/env python3
"""The Debian packages: built as ./dev deb does, looked into, installed, run, compiled against. deb.py BUILD
Everything that the build installs is in one of them."""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from shared import ROOT, check, finish, version

BUILD = os.path.abspath(sys.argv[1])
ENV = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "TMPDIR")} | {"LC_ALL": "C.UTF-8"}
CONSUMER = r"""
#include <dsaudit/dsaudit.h>
#include <stdio.h>
int main(int argc, char **argv)
{
	struct ds_audit *a = ds_audit_new();
	int r = a && argc > 1 ? ds_audit_add_path(a, argv[1], NULL) : -1;

	if (r == 0)
		r = ds_audit_run(a);
	printf("%s %d\n", DS_VERSION, r);
	ds_audit_free(a);
	return 0;
}
"""


def run(*args, **more):
    return subprocess.run(args, capture_output=True, text=True, env=ENV | more.pop("env", {}), stdin=subprocess.DEVNULL, **more)


def output(*args, **more):
    done = run(*args, **more)
    if done.returncode != 0:
        print(done.stdout[-4000:], done.stderr[-4000:])
        raise SystemExit(f"{' '.join(args)}: status {done.returncode}")
    return done.stdout


def control(package):
    fields = {}
    for line in output("dpkg-deb", "--field", package).splitlines():
        if line[0] != " ":
            name, _, value = line.partition(": ")
            fields[name] = value
    return fields


def names(package):
    return {line.split(None, 5)[5].split(" -> ")[0][1:] for line in output("dpkg-deb", "--contents", package).splitlines()
            if not line.startswith("d")}


def packages(folder):
    found_here = {control(p)["Package"]: p for p in glob.glob(f"{folder}/*.deb")}
    check(sorted(found_here) == ["dsaudit", "libdsaudit-dev", "libdsaudit0"], f"packages: {sorted(found_here)}")
    for name, path in found_here.items():
        c = control(path)
        check(c["Version"] == version(), f"{name}: version {c['Version']}")
        check(os.path.basename(path) == f"{name}_{version()}_{c['Architecture']}.deb", f"{name} is called {path}")
        check(c["Architecture"] == output("dpkg", "--print-architecture").strip(), f"{name}: {c['Architecture']}")
        check(re.fullmatch(r".+ <\S+@\S+>", c["Maintainer"]), f"{name}: {c['Maintainer']}")
        have = names(path)
        for file in ("copyright", "changelog.gz"):
            check(f"/usr/share/doc/{name}/{file}" in have, f"{name}: no {file}")
        check(not [f for f in have if not f.startswith("/usr/")], f"{name}: files outside of /usr")
    depends = {name: re.sub(r" \([^)]*\)", "", control(path).get("Depends", "")).split(", ") for name, path in found_here.items()}
    check(sorted(depends["dsaudit"]) == ["libc6", "libproc2-0", "libyaml-0-2"], f"dsaudit depends on {depends['dsaudit']}")
    check("libyaml-0-2" in depends["libdsaudit0"], f"libdsaudit0 depends on {depends['libdsaudit0']}")
    check(f"libdsaudit0 (= {version()})" in control(found_here["libdsaudit-dev"])["Depends"], "libdsaudit-dev has another library")
    check({"/usr/bin/dsaudit", "/usr/bin/kubectl-dualstack", "/usr/share/man/man1/dsaudit.1.gz",
           "/usr/share/man/man5/dsaudit-rules.5.gz", "/usr/share/dsaudit/schema/audit-report.schema.json",
           "/usr/share/doc/dsaudit/examples/kubernetes/daemonset.yaml", "/usr/share/bash-completion/completions/dsaudit",
           "/usr/share/zsh/vendor-completions/_dsaudit", "/usr/share/fish/vendor_completions.d/dsaudit.fish"} <= names(found_here["dsaudit"]), "dsaudit lacks files")
    return found_here


def all_installed(have):
    """Whatever meson installs, by its name: the folders of libraries and manual pages differ."""
    installed = json.loads(output("meson", "introspect", "--installed", BUILD))
    for target in installed.values():
        name = os.path.basename(target)
        check({name, name + ".gz"} & {os.path.basename(f) for f in have}, f"{target} is installed by meson and in no package")


def install(found_here, root):
    if os.geteuid() == 0:
        for d in ("info", "updates", "triggers"):
            os.makedirs(f"{root}/var/lib/dpkg/{d}")
        open(f"{root}/var/lib/dpkg/status", "w").close()
        output("dpkg", f"--root={root}", f"--log={root}/dpkg.log", "--force-depends", "--force-script-chrootless", "--install",
               *found_here.values())
        check("Status: install ok installed" in output("dpkg", f"--root={root}", "--status", "dsaudit"), "not installed")
    else:
        for package in found_here.values():
            output("dpkg-deb", "--extract", package, root)


def use(root, tmp):
    program = f"{root}/usr/bin/dsaudit"
    check(output(program, "--version").split() == ["dsaudit", version()], "the installed command has another version")
    for args, status in ((["fixtures/kubeadm-dual/manifests"], 0), (["fixtures/broken-dual/manifests"], 1)):
        done = run(program, "audit", "-o", "json", *args, cwd=ROOT)
        check(done.returncode == status, f"{args}: status {done.returncode} {done.stderr}")
        want = run(f"{BUILD}/src/cli/dsaudit", "audit", "-o", "json", *args, cwd=ROOT)
        check(done.stdout == want.stdout, f"{args}: the installed command reports something else")
    check("usage: kubectl dualstack audit" in output(f"{root}/usr/bin/kubectl-dualstack", "audit", "--help"), "kubectl dualstack")
    if shutil.which("man"):
        check("dsaudit" in output("man", "--local-file", f"{root}/usr/share/man/man1/dsaudit.1.gz", env={"MANWIDTH": "80"}), "man")

    # The library, as its users find it.
    pc = glob.glob(f"{root}/usr/lib/*/pkgconfig/dsaudit.pc")
    if not check(len(pc) == 1, f"pkg-config: {pc}"):
        return
    library = os.path.dirname(os.path.dirname(pc[0]))
    env = {"PKG_CONFIG_LIBDIR": os.path.dirname(pc[0]), "PKG_CONFIG_SYSROOT_DIR": root}
    check(output("pkg-config", "--modversion", "dsaudit", env=env).strip() == version(), "pkg-config: version")
    flags = output("pkg-config", "--cflags", "--libs", "dsaudit", env=env).split()
    with open(f"{tmp}/consumer.c", "w") as f:
        f.write(CONSUMER)
    output(os.environ.get("CC", "cc"), "-std=c11", "-Wall", "-Werror", "-o", f"{tmp}/consumer", f"{tmp}/consumer.c",
           f"-I{root}/usr/include", f"-L{library}", *[f for f in flags if f != "-I/usr/include"])
    said = output(f"{tmp}/consumer", "fixtures/kubeadm-dual/manifests", cwd=ROOT, env={"LD_LIBRARY_PATH": library})
    check(said.split() == [version(), "0"], f"the consumer of the library says {said}")


def changelog(root):
    text = output("zcat", f"{root}/usr/share/doc/dsaudit/changelog.gz")
    with open(f"{root}/changelog", "w", encoding="utf-8") as f:
        f.write(text)
    head = output("dpkg-parsechangelog", "-l", f"{root}/changelog")
    check(f"\nVersion: {version()}\n" in head and "warning" not in head, f"the changelog: {head}")
    with open(os.path.join(ROOT, "CHANGES.md"), encoding="utf-8") as f:
        bullets = re.findall(r"^- `?([\w -]+)", f.read(), re.M)
    flat = " ".join(text.split())
    for bullet in bullets:
        check(bullet.strip() in flat, f"the changelog has no '{bullet}'")


def lint(folder):
    if not shutil.which("lintian"):
        return
    done = run("lintian", "--allow-root", "--fail-on", "error,warning", *glob.glob(f"{folder}/*.changes"))
    check(done.returncode == 0, f"lintian: {done.stdout}{done.stderr}")


with tempfile.TemporaryDirectory() as tmp:
    out, root = f"{tmp}/out", f"{tmp}/root"
    os.mkdir(root)
    output("sh", f"{ROOT}/packaging/deb.sh", out)
    here = packages(out)
    all_installed(set().union(*[names(p) for p in here.values()]))
    install(here, root)
    use(root, tmp)
    changelog(root)
    lint(out)
    # A version that CHANGES.md does not begin with is refused.
    wrong = run(sys.executable, f"{ROOT}/packaging/debian/changelog.py", f"{ROOT}/CHANGES.md", "99.0.0", "0")
    check(wrong.returncode != 0 and "99.0.0" in wrong.stderr, "changelog.py takes any version")
finish()
