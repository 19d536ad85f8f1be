#!/usr/bin/env python3
"""The HTML report in a real browser, where there is one (else skipped): it complains of nothing, the page asks for
nothing, and what it shows is what was written.

Usage: html_browser.py MAKE_REPORT
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from shapes import Element, check, found, html_page

ROOT = os.environ["DS_SOURCE_ROOT"]
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update", "--disable-extensions", "--disable-default-apps",
         "--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr"]
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>\n')
IMAGE = '<img src="http://127.0.0.1:9/control.png">'


def visit(browser, page):
    """What the browser makes of a page, what it complains of, and what the page asked for."""
    with tempfile.TemporaryDirectory() as tmp:
        path, log = os.path.join(tmp, "page.html"), os.path.join(tmp, "net.json")
        with open(path, "w", encoding="utf-8", newline="") as f:
            f.write(page)
        done = subprocess.run([browser, *FLAGS, f"--user-data-dir={tmp}/profile", f"--log-net-log={log}", "--dump-dom",
                               f"file://{path}"], capture_output=True, stdin=subprocess.DEVNULL, timeout=300)
        complaints = [line for line in done.stderr.decode(errors="replace").split("\n") if "CONSOLE" in line]
        with open(log) as f:
            events = json.load(f)["events"]
    # The browser has errands of its own: those are nobody's.
    asked = [p["url"] for p in (e.get("params", {}) for e in events)
             if "url" in p and p.get("initiator", "not an origin") != "not an origin"]
    return done.stdout.decode("utf-8"), complaints, asked


def shown(page):
    """Its text; where a browser moves things, moved."""
    root = html_page(page.encode())
    body, = root.iter("body")
    title = [e.text() for e in root.iter("title") if e.parent.tag == "head"]
    return " ".join(" ".join(title + [body.text()]).split())


def elements(page):
    body, = html_page(page.encode()).iter("body")
    return [e.tag for e in body.iter() if isinstance(e, Element)]


def works(browser):
    """Without a browser that loads what a page asks for, or that obeys, nothing can be told."""
    page = f"<!DOCTYPE html>\n<html><head><title>x</title></head><body>{IMAGE}</body></html>"
    try:
        return any("control.png" in url for url in visit(browser, page)[2])
    except (OSError, ValueError, subprocess.SubprocessError) as e:
        print(e)
        return False


def policy_is_obeyed(browser, page):
    """What gets into a page in spite of everything is neither run nor loaded."""
    bad = page.replace("</main>", f"{IMAGE}<script>document.title = 'run'</script></main>")
    for name, text, ends_well in (("with the policy", bad, True), ("without it", POLICY.sub("", bad), False)):
        dom, complaints, asked = visit(browser, text)
        check(("<title>run</title>" not in dom) == ends_well, f"a script, {name}")
        check((not asked) == ends_well, f"an image, {name}: {asked}")
        check(not ends_well or len(complaints) >= 2, f"{name} the browser complains: {complaints}")


def main():
    browser = next(filter(None, map(shutil.which, NAMES)), None)
    if not browser or not works(browser):
        print("no browser that works here")
        return 77
    golden = os.path.join(ROOT, "tests", "golden")
    pages = {}
    for name in sorted(os.listdir(golden)):
        path = os.path.join(golden, name, "html")
        if os.path.exists(path):
            with open(path, encoding="utf-8", newline="") as f:
                pages[name] = f.read()
    pages["hostile"] = subprocess.run([sys.argv[1], "html", "hostile"], capture_output=True, check=True).stdout.decode()
    for name, page in pages.items():
        dom, complaints, asked = visit(browser, page)
        check(not complaints, f"{name}: {complaints[:3]}")
        check(not asked, f"{name}: the page asks for {asked}")
        check(shown(dom) == shown(page), f"{name}: shows other text than was written")
        check(elements(dom) == elements(page), f"{name}: other elements than were written")
    policy_is_obeyed(browser, pages["broken-dual"])
    for f in found:
        print(f)
    print(f"{browser}: {len(pages)} pages, {len(found)} problems")
    return 1 if found or len(pages) < 5 else 0


if __name__ == "__main__":
    sys.exit(main())
