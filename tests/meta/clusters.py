"""What the tests over fixtures/valid/ share: the clusters, and running the command on many inputs at once."""
import concurrent.futures
import json
import os
import subprocess

ROOT = os.environ.get("DS_SOURCE_ROOT") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VALID = os.path.join(ROOT, "fixtures", "valid")
# The command works for 3 ms (longer with sanitizers); waiting for it is what takes the time.
THREADS = 2 * (os.cpu_count() or 2)


def clusters():
    return sorted(d for d in os.listdir(VALID) if os.path.isdir(os.path.join(VALID, d)))


def files(cluster):
    """The files of a cluster, relative to the project's root, in order."""
    return sorted(os.path.relpath(os.path.join(folder, name), ROOT)
                  for folder, _, names in os.walk(os.path.join(VALID, cluster)) for name in names)


def audit(dsaudit, *args):
    """The JSON report of an audit, and its exit status. Anything but a report is an error."""
    done = subprocess.run([dsaudit, "audit", "-o", "json", *args], cwd=ROOT, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=60)
    if done.returncode not in (0, 1, 3):
        raise RuntimeError(f"dsaudit audit {' '.join(args)}: exit status {done.returncode}\n"
                           + done.stderr.decode(errors="replace")[-2000:])
    return json.loads(done.stdout), done.returncode


def findings(report):
    return [f for c in report["clusters"] for f in c["findings"]]


def in_parallel(function, rows):
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(function, rows))
