#!/usr/bin/env python3
"""Containers that want out: nothing outside a root is read, nothing blocks, and what was refused is said.

A recorded host's processes name files that are links, devices, pipes, without end or not there; its folders of manifests
and drop-ins are no better. All of it with openat2 and, as on older kernels and in sandboxes, without.

Usage: hostile_hosts.py DSAUDIT
"""
import ctypes
import json
import os
import re
import shutil
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import threading
import time

dsaudit = os.path.abspath(sys.argv[1])
found = []
ROOT_USER = os.geteuid() == 0
OUTSIDE = 4242  # maxPods of every file that must not be read
INSIDE = 77     # … and of those that may
OPENAT2 = 437   # on every architecture


def config(pods):
    return ("apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
            f"staticPodPath: /m\nmaxPods: {pods}\n")


def pod(value):
    return ("apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: registry.k8s.io/kube-apiserver:v1.31.0\n"
            f"    command: [kube-apiserver, --max-requests-inflight={value}, --advertise-address=10.66.{value % 100}.1]\n")


def put(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)


def link(path, target):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.symlink(target, path)


def pipe(path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.mkfifo(path)


def sock(path):
    here = os.getcwd()
    os.chdir(os.path.dirname(path))  # names of sockets are short
    try:
        socket.socket(socket.AF_UNIX).bind(os.path.basename(path))
    finally:
        os.chdir(here)


def sparse(path):
    with open(path, "w") as f:
        f.truncate(1 << 40)


def unreadable(path):
    put(path, config(OUTSIDE))
    os.chmod(path, 0)


def device(path):
    os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))


# name: (how it is made at a path below the root, what is said of it or None when it is read, only for root or for others)
ROWS = {
    "plain": (lambda p, out: put(p, config(INSIDE)), None, None),
    "absolute-inside": (lambda p, out: (put(os.path.dirname(p) + "/srv/c", config(INSIDE)), link(p, "/srv/c")), None, None),
    "many-dots-inside": (lambda p, out: (put(os.path.dirname(p) + "/srv/c", config(INSIDE)), link(p, "../../../srv/./c")),
                         None, None),
    "absolute-outside": (lambda p, out: link(p, out + "/secret.yaml"), "not found", None),
    "dots-outside": (lambda p, out: link(p, "../" * 40 + out[1:] + "/secret.yaml"), "not found", None),
    "through-a-folder": (lambda p, out: (link(os.path.dirname(p) + "/away", out), link(p, "away/secret.yaml")),
                         "not found", None),
    "loop": (lambda p, out: link(p, os.path.basename(p)), "too many levels of symbolic links", None),
    "two-loops": (lambda p, out: (link(p + "2", "/" + os.path.basename(p)), link(p, os.path.basename(p) + "2")),
                  "too many levels of symbolic links", None),
    "magic": (lambda p, out: link(p, "/proc/self/root" + out + "/secret.yaml"), "not found", None),
    "zeros": (lambda p, out: link(p, "/dev/zero"), "not found", None),
    "fifo": (lambda p, out: pipe(p), "it is a FIFO", None),
    "fifo-behind-a-link": (lambda p, out: (pipe(p + "2"), link(p, os.path.basename(p) + "2")), "it is a FIFO", None),
    "socket": (lambda p, out: sock(p), "it is a socket", None),
    "folder": (lambda p, out: os.mkdir(p), "it is a directory", None),
    "file-as-folder": (lambda p, out: (put(p + "2", "x"), link(p, os.path.basename(p) + "2/x")), "not found", None),
    "terabyte": (lambda p, out: sparse(p), "size limit", None),
    "endless-name": (lambda p, out: link(p, "x" * 4000), "", None),
    "device": (lambda p, out: device(p), "it is a character device", True),
    "unreadable": (lambda p, out: unreadable(p), "permission denied", False),
}


def without_openat2():
    """A filter that says ENOSYS to openat2, as an old kernel does."""
    code = struct.pack("HBBI", 0x20, 0, 0, 0) + struct.pack("HBBI", 0x15, 0, 1, OPENAT2) \
        + struct.pack("HBBI", 0x06, 0, 0, 0x00050000 | 38) + struct.pack("HBBI", 0x06, 0, 0, 0x7fff0000)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HxxxxxxP" if struct.calcsize("P") == 8 else "HxxP", len(code) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program, 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp")



def run(old, *args):
    try:
        return subprocess.run([dsaudit, *args], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60,
                              preexec_fn=without_openat2 if old else None)
    except subprocess.TimeoutExpired:
        found.append(f"{' '.join(args)}: still running after a minute")
        return subprocess.CompletedProcess(args, 0, "{}", "")


def escaped(done):
    """The number as such: fingerprints and names of temporary files have any digits in them."""
    return re.search(rf"\b{OUTSIDE}s?\b", done.stdout + done.stderr)


def process(root, pid, *argv, ppid=1):
    put(f"{root}/proc/{pid}/cmdline", "\0".join(argv) + "\0")
    put(f"{root}/proc/{pid}/stat", f"{pid} (x) S {ppid} 0\n")


def both(what, root, check):
    for old in (False, True):
        outputs = [run(old, "collect", "--host-root", root), run(old, "audit", "-o", "json", "--host-root", root)]
        for done in outputs:
            if escaped(done):
                found.append(f"{what}{', old kernel' if old else ''}: a file outside was read: {done.stderr}")
            if done.returncode not in (0, 1, 3):
                found.append(f"{what}: exit status {done.returncode}: {done.stderr}")
        check(f"{what}{', old kernel' if old else ''}", *outputs)


def named_files(tmp, out):
    """The file that --config names, in the process' own root."""
    root, rows = os.path.join(tmp, "named"), {}
    for i, (name, (make, want, only_root)) in enumerate(ROWS.items()):
        if only_root is not None and only_root != ROOT_USER:
            print(f"skipped: {name}, as {'root' if ROOT_USER else 'an ordinary user'}")
            continue
        process(root, 100 + i, "kubelet", f"--config=/{name}.yaml")
        os.makedirs(f"{root}/proc/{100 + i}/root")
        make(f"{root}/proc/{100 + i}/root/{name}.yaml", out)
        rows[name] = want
    process(root, 200, "kubelet", "--config=/root-is-a-link.yaml")
    os.symlink(out, f"{root}/proc/200/root")
    rows["root-is-a-link"] = "a recorded process does not contain files"
    put(out + "/root-is-a-link.yaml", config(OUTSIDE))
    process(root, 201, "kubelet", "--config=relative.yaml")
    put(f"{root}/proc/201/root/relative.yaml", config(OUTSIDE))
    rows["relative"] = "its path is relative to the process"
    process(root, 202, "kubelet", f"--config=/../../../..{out}/secret.yaml")
    os.makedirs(f"{root}/proc/202/root")

    def check(what, collected, audited):
        for name, want in rows.items():
            said = [line for line in collected.stderr.splitlines() if f" {'' if name == 'relative' else '/'}{name}.yaml of kubelet is not in the bundle" in line]
            if want is None and said or want is not None and (len(said) != 1 or want not in said[0]):
                found.append(f"{what}: {name}: expected {want}, it says {said or 'nothing'}")
        if collected.stdout.count(f'\\"maxPods\\": {INSIDE}') != sum(want is None for want in rows.values()):
            found.append(f"{what}: not all files inside were read")
        if collected.returncode != 3:
            found.append(f"{what}: exit status {collected.returncode} although files are missing")

    both("named files", root, check)


def folders(tmp, out):
    """Manifests, drop-ins and units at their places, which are not what they should be."""
    root = os.path.join(tmp, "folders")
    process(root, 1, "/sbin/init", ppid=0)
    process(root, 90, "kubelet", "--config=/c.yaml", "--config-dir=/d")
    put(f"{root}/proc/90/root/c.yaml", config(INSIDE))
    link(f"{root}/proc/90/root/d/10.conf", out + "/secret.yaml")
    pipe(f"{root}/proc/90/root/d/20.conf")
    link(f"{root}/proc/90/root/d/30.conf", "/d/30.conf")
    link(f"{root}/proc/90/root/d/away", out)
    put(f"{root}/m/good.yaml", pod(INSIDE))
    link(f"{root}/m/away.yaml", out + "/pod.yaml")
    link(f"{root}/m/dots.yaml", "../" * 30 + out[1:] + "/pod.yaml")
    link(f"{root}/m/loop.yaml", "loop.yaml")
    pipe(f"{root}/m/pipe.yaml")
    sparse(f"{root}/m/terabyte.yaml")
    link(f"{root}/etc/systemd/system/kube-proxy.service", out + "/kube-proxy.service")
    link(f"{root}/etc/systemd/system/multi-user.target.wants/kube-proxy.service", "../kube-proxy.service")
    link(f"{root}/usr/lib/systemd/system/kube-proxy.service.d", out)
    link(f"{root}/etc/rancher", out)
    pipe(f"{root}/var/snap/microk8s/current/args/kubelet")

    def check(what, collected, audited):
        said = collected.stderr
        for want in ("m/away.yaml: error: cannot be read: not found", "m/dots.yaml: error: cannot be read: not found",
                     "/d/10.conf of kubelet is not in the bundle", "/d/20.conf of kubelet is not in the bundle",
                     "/d/30.conf of kubelet is not in the bundle", "loop.yaml: error: cannot be read: too many levels of symbolic links",
                     "pipe.yaml: error: cannot be read: it is a FIFO", "terabyte.yaml: error: cannot be read: over a size limit",
                     "args/kubelet: error: cannot be read: it is a FIFO"):
            if want not in said:
                found.append(f"{what}: '{want}' is not said: {said}")
        sources = [c["source"] for c in json.loads(collected.stdout).get("configured", [])]
        if sources != ["static-pod"]:
            found.append(f"{what}: configured is {sources}")

    both("folders", root, check)
    root = os.path.join(tmp, "elsewhere")
    process(root, 1, "/sbin/init", ppid=0)
    link(f"{root}/etc/kubernetes", out)
    both("a folder that is elsewhere", root,
         lambda what, collected, audited: "configured" in collected.stdout and found.append(f"{what}: {collected.stdout}"))


def processes(tmp, out):
    """What stands in place of /proc's own files."""
    root = os.path.join(tmp, "processes")
    process(root, 5, "kubelet")
    for pid, make in ((6, pipe), (7, lambda p: link(p, out + "/cmdline")), (8, lambda p: os.makedirs(p))):
        os.makedirs(f"{root}/proc/{pid}")
        make(f"{root}/proc/{pid}/cmdline")
    put(out + "/cmdline", f"kubelet\0--max-pods={OUTSIDE}\0")
    os.symlink(out, f"{root}/proc/9")
    process(root, 10, "kubelet")
    os.remove(f"{root}/proc/10/stat")
    pipe(f"{root}/proc/10/stat")

    def check(what, collected, audited):
        pids = [p["pid"] for p in json.loads(collected.stdout)["processes"]]
        if pids != [5, 10]:
            found.append(f"{what}: processes {pids}")

    both("processes", root, check)


def races(tmp, out):
    """A file that is another one each time it is looked at."""
    root = os.path.join(tmp, "races")
    inside = f"{root}/proc/90/root"
    process(root, 90, "kubelet", "--config=/c.yaml", "--config-dir=/d")
    put(inside + "/plain", config(INSIDE))
    os.makedirs(inside + "/d")
    pipe(inside + "/pipe")
    link(inside + "/away", out + "/secret.yaml")
    link(inside + "/d/1.conf", "../c.yaml")
    end = threading.Event()

    def swap():
        names = ["plain", "away", "pipe"]
        while not end.is_set():
            for n in names:
                os.link(f"{inside}/{n}", inside + "/next", follow_symlinks=False)
                os.rename(inside + "/next", inside + "/c.yaml")
                if os.path.lexists(inside + "/next"):  # both were the same file already
                    os.remove(inside + "/next")
            os.symlink(out, inside + "/next")
            os.rename(inside + "/d", inside + "/e")
            os.rename(inside + "/next", inside + "/d")
            os.remove(inside + "/d")
            os.rename(inside + "/e", inside + "/d")

    swapper = threading.Thread(target=swap)
    swapper.start()
    try:
        for _ in range(15):
            both("races", root, lambda *_: None)
    finally:
        end.set()
        swapper.join()


def live(tmp, out):
    """A live process in a root of its own, as a container is."""
    if not ROOT_USER:
        print("skipped: a live process in a root of its own, as an ordinary user")
        return
    root, kubelet = os.path.join(tmp, "live"), os.path.join(tmp, "kubelet")
    put(root + "/plain.yaml", config(INSIDE))
    link(root + "/away.yaml", out + "/secret.yaml")
    link(root + "/magic.yaml", "/proc/self/root" + out + "/secret.yaml")
    pipe(root + "/pipe.yaml")
    shutil.copy(sys.executable, kubelet)
    for name in ("plain", "away", "magic", "pipe"):
        argv = [kubelet, "-c", f"import os, sys; os.chroot({root!r}); print(flush=True); sys.stdin.read()",
                f"--config=/{name}.yaml"]
        p = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"PYTHONHOME": sys.base_prefix})
        try:
            if not p.stdout.readline():
                print("skipped: a live process in a root of its own: chroot is not allowed")
                return
            for old in (False, True):
                done = run(old, "collect", "--node-name", "me")
                mine = [x for x in json.loads(done.stdout)["processes"] if x["pid"] == p.pid]
                read = bool(mine) and f'"maxPods": {INSIDE}' in json.dumps(mine).replace("\\", "")
                if escaped(done) or not mine or read != (name == "plain"):
                    found.append(f"live, {name}: {mine} {done.stderr}")
        finally:
            p.stdin.close()
            p.wait()
            p.stdout.close()


def main():
    probe = subprocess.run([sys.executable, "-c", "import sys; sys.exit(0)"], preexec_fn=without_openat2)
    gone = subprocess.run([sys.executable, "-c",
                           "import ctypes, sys\nl = ctypes.CDLL(None, use_errno=True)\n"
                           f"sys.exit(not (l.syscall({OPENAT2}, -1, b'/', b'0' * 24, 24) == -1 and ctypes.get_errno() == 38))"],
                          preexec_fn=without_openat2)
    if probe.returncode or gone.returncode:
        found.append("openat2 is not gone: the second half of every check is the first again")
    with tempfile.TemporaryDirectory() as tmp:
        tmp = os.path.realpath(tmp)
        out = os.path.join(tmp, "outside")
        put(out + "/secret.yaml", config(OUTSIDE))
        put(out + "/pod.yaml", pod(OUTSIDE))
        put(out + "/manifests/pod.yaml", pod(OUTSIDE))
        put(out + "/k3s/config.yaml", f"cluster-cidr: 10.{OUTSIDE % 100}.0.0/16\nkubelet-arg: [max-pods={OUTSIDE}]\n")
        put(out + "/kube-proxy.service", f"[Service]\nExecStart=/usr/bin/kube-proxy --config-sync-period={OUTSIDE}s\n")
        for check in (named_files, folders, processes, races, live):
            start = time.monotonic()
            check(tmp, out)
            print(f"{check.__name__}: {time.monotonic() - start:.1f} s")
    for f in found:
        print(f)
    sys.exit(bool(found))


main()
