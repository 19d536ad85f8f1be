#!/usr/bin/env python3
"""Every format stays well-formed and says the same whatever the inputs hold.

make_report writes a report in which every byte and many attacks stand wherever
text of inputs and rules can; it is read back here with parsers that share
nothing with the writers, and each text must come back as it was.

Usage: formats.py MAKE_REPORT
"""
import codecs
import os
import re
import subprocess
import sys
import urllib.parse
import xml.etree.ElementTree as ElementTree

from shapes import check, check_shape, found, github_commands, html_page, is_unsafe, load, sarif_structure

MAKE = sys.argv[1]


def run(*args):
    return subprocess.run([MAKE, *args], capture_output=True, check=True).stdout


# ---- what a text must become ----

codecs.register_error("each-byte", lambda e: ("\ufffd", e.start + 1))


def decoded(raw):
    """UTF-8 with U+FFFD in place of each bad byte."""
    return raw.decode("utf-8", "each-byte")


def xml_text(raw):
    return "".join("\ufffd" if (ord(c) < 0x20 and c not in "\t\n\r") or c in "\ufffe\uffff" else c for c in decoded(raw))


def shown(raw):
    """As it is shown on a terminal."""
    out = []
    while raw:
        for n in (1, 2, 3, 4):
            try:
                c = raw[:n].decode("utf-8")
                break
            except UnicodeDecodeError:
                c = None
        if not c:
            out.append(f"\\x{raw[0]:02x}")
            n = 1
        elif is_unsafe(c):
            out.append(f"\\x{ord(c):02x}" if ord(c) < 0x100 else f"\\u{{{ord(c):x}}}")
        else:
            out.append(c)
        raw = raw[n:]
    return "".join(out)


def flat(raw):
    return b" ".join(re.split(rb"[ \t\n\v\f\r]+", raw.strip(b" \t\n\v\f\r")))


ATTACKS = [bytes.fromhex(line) for line in run("attacks").decode().split("\n")[:-1]]


# ---- JSON ----

def strings(value):
    if isinstance(value, dict):
        for v in value.values():
            yield from strings(v)
    elif isinstance(value, list):
        for v in value:
            yield from strings(v)
    elif isinstance(value, str):
        yield value


def holds(name, have, wanted):
    """Each text of `wanted` stands in the report, whole."""
    have = set(have)
    for text in wanted:
        check(text in have, f"{name}: {text[:100]!r} is not in the report")


def test_json(raw):
    document = load(raw)
    holds("json", strings(document), (decoded(b"message " + a + b".") for a in ATTACKS))
    holds("json", strings(document), (decoded(b"d/" + a) for a in ATTACKS))


def unlinked(text):
    return text.replace("](", "] (")


def test_sarif(raw):
    document = load(raw)
    run_ = document["runs"][0]
    results = run_["results"]
    holds("sarif", (r["message"]["text"] for r in results),
          (unlinked(decoded(b"message " + a + b".\nFix: fix " + a + b".")) for a in ATTACKS))
    holds("sarif", (r["message"]["text"] for r in results),
          (unlinked(decoded(b"could not be checked: message " + a + b".\nFix: fix " + a + b".")) for a in ATTACKS))
    paths = {urllib.parse.unquote_to_bytes(r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]) for r in results}
    for a in ATTACKS:
        check(b"d/" + a in paths, f"sarif: path {a!r}")
    suppressed = [r["suppressions"][0] for r in results if "suppressions" in r]
    check(len(suppressed) == len(ATTACKS), "sarif: suppressed results")
    check({s["kind"] for s in suppressed} == {"inSource", "external"}, "sarif: what suppressed")
    holds("sarif", (s["justification"] for s in suppressed), (decoded(b"reason " + a + b".") for a in ATTACKS))
    invocation = run_["invocations"][0]
    check(invocation["executionSuccessful"] is False, "sarif: an incomplete audit was no success")
    notes = invocation["toolExecutionNotifications"]
    texts = [n["message"]["text"] for n in notes]
    for a in ATTACKS:
        wanted = unlinked(decoded(b"/proc" + a + b", pid 7: message " + a + b"."))
        check(any(t.startswith(wanted) for t in texts), f"sarif: the finding in a process is told: {a!r}")
    for r in results:
        check("](" not in r["message"]["text"], "sarif: a link in a message")


def test_gitlab(raw):
    issues = load(raw)
    check(sum(i["description"].startswith(f"{i['check_name']}: could not be checked: ") for i in issues) == len(ATTACKS),
          "gitlab: what is unknown is said to be")
    holds("gitlab", (i["description"] for i in issues),
          (f"DS{n:03}: " + decoded(b"message " + a + b".") for n, a in enumerate(ATTACKS)))
    holds("gitlab", (i["location"]["path"] for i in issues), (decoded(b"d/" + a) for a in ATTACKS))


def test_policyreport(raw, api_version="wgpolicyk8s.io/v1alpha2", kind="ClusterPolicyReport"):
    document = load(raw)
    holds(kind, strings(document), (decoded(b"message " + a + b".") for a in ATTACKS))
    holds(kind, strings(document), (decoded(b"d/" + a + b":1:1") for a in ATTACKS))


def test_openreports(raw):
    test_policyreport(raw, "openreports.io/v1alpha1", "ClusterReport")


# ---- XML ----

def test_junit(raw):
    root = ElementTree.fromstring(raw)
    text = "".join(root.itertext())
    messages = {e.get("message") for e in root.iter() if e.get("message")}
    # A remark is no failure: then the part that is unknown decides.
    for n, a in enumerate(ATTACKS):
        wanted = xml_text(b"message " + a + b".")
        if n % 3 == 0:
            wanted = next((m for m in messages if m.endswith(wanted)), None)
        check(wanted in messages, f"junit: message of {a!r}")
        # A reader of XML makes one line break of each CR LF and CR that is not escaped.
        check(xml_text(b"message " + a + b".") in text, f"junit: text of {a!r}")
    holds("junit", (c.get("name") for c in root.iter("testcase")), (xml_text(b"d/" + a) for a in ATTACKS))


# ---- lines ----

def test_github(raw):
    commands, _ = github_commands(raw.decode())
    notice = next(i for i, c in enumerate(commands) if c[0] == "notice")
    check(commands[notice][2].startswith("not shown as annotations"), "github: the first notice tells what is not shown")
    numbers = list(map(int, re.findall(r"\d+", commands[notice][2])))
    counts = [sum(c[0] == k for c in commands) for k in ("error", "warning", "notice")]
    check(numbers == [c - 10 for c in counts], f"github: {numbers} not shown of {counts}")
    # A line break is kept as one; everything else unsafe is shown.
    lines = [[m.split("\nfix: ")[0].split("\nalso ")[0].split("\nin ")[0] for _, _, m in commands]]
    text = lambda b: "\n".join(shown(part) for part in b.split(b"\n"))
    holds("github", lines[0], (text(b"message " + a + b".") for a in ATTACKS))
    holds("github", lines[0], (text(b"could not be checked: message " + a + b".") for a in ATTACKS))
    holds("github", (p.get("file", "") for _, p, _ in commands), (text(b"d/" + a) for a in ATTACKS))


def test_gcc(raw):
    lines = set(raw.decode().split("\n"))
    for n, a in enumerate(ATTACKS):
        level = ("note", "warning", "error")[n % 3]
        message = shown(flat(b"message " + a + b"."))
        where = shown(b"d/" + a)
        for wanted in (f"{where}:1:1: {level}: {message} [DS{n:03}]",
                       f"{where}:1:1: warning: could not be checked: {message} [DS{n:03}]"):
            check(wanted in lines, f"gcc: {wanted!r}")


def test_text(raw):
    check(raw, "text: empty")


def test_markdown(raw):
    text = raw.decode()
    headings = [line for line in text.split("\n") if line.startswith("#")]
    check(all(re.match(r"#{1,3} (This|Cluster|error|warning|info|What|Suppressed|About)", h) for h in headings),
          f"markdown: headings of inputs: {[h for h in headings if not re.match('#+ (This|Cluster|error|warning|info|What|Suppressed|About)', h)][:3]}")


def words(text):
    return " ".join(text.split())


def test_html(raw):
    page = html_page(raw)
    articles = list(page.iter("article"))
    findings = [a for a in articles if "finding" in a.attributes["class"].split()]
    check(len(findings) == 2 * len(ATTACKS), f"html: {len(findings)} findings")
    heads = {words(h.text()) for f in findings for h in f.iter("h4")}
    text = {"code": {words(e.text()) for e in page.iter("code")}, "td": {words(e.text()) for e in page.iter("td")},
            "span": {words(e.text()) for e in page.iter("span")}}
    excerpts = [(p.text(), [m.text() for m in p.iter("mark")]) for p in page.iter("pre") if p.attributes.get("class")]
    everything = words(shown(b"".join(ATTACKS)))
    check(any(words(th.text()) == everything for th in page.iter("th")), "html: the name of a node")
    check(everything in text["code"], "html: the block of a node")
    check(any(words(h.text()) == "Cluster " + everything for h in page.iter("h2")), "html: the name of a cluster")
    bodies = words(" ".join(f.text() for f in findings))
    for n, a in enumerate(ATTACKS):
        level = ("info", "warning", "error")[n % 3]
        check(words(f"{level} message {shown(a)}.") in heads, f"html: message of {a!r}")
        check(words(shown(b"d/" + a + b":1:1")) in text["code"], f"html: place of {a!r}")
        check(words(shown(b"path " + a + b".")) in text["span"], f"html: path of {a!r}")
        check(words(shown(b"reason " + a + b".")) in text["td"], f"html: reason of {a!r}")
        # A fix has paragraphs.
        for part in (b"fix " + a + b".").split(b"\n"):
            check(words(shown(part)) in bodies, f"html: fix of {a!r}")
    check(any(line == "1\\x00" or marks == ["\\x00z"] for line, marks in excerpts), "html: a NUL in an excerpt is shown")
    check(all(len(marks) == 1 for _, marks in excerpts), "html: each excerpt marks one place")


def html_counts_all(raw):
    """What is too much for a page is counted: 27,000 findings of 90 rules, and 3,000 that could not be made."""
    check_shape("html", raw)
    page = html_page(raw)
    whole = sum("finding" in a.attributes["class"].split() for a in page.iter("article"))
    lines = [li.text() for li in page.iter("li") if li.attributes.get("id", "").startswith("finding-")]
    more = [int(m.replace(",", "")) for m in re.findall(r"<li><strong>([0-9,]+) more</strong>; the JSON", raw.decode())]
    check((whole, len(lines), len(more)) == (90 * 20, 90 * 100, 90), f"html: {whole}, {len(lines)}, {len(more)}")
    check(whole + len(lines) + sum(more) == 27000, "html: findings that are not counted")
    index = next(page.iter("ol"))
    alike = [int(m.replace(",", "")) for m in re.findall(r"and ([0-9,]+) more of this rule", index.text())]
    check(len(alike) == 30 and sum(alike) == 30 * 299, f"html: headlines: {alike}")
    check("What 60 more rules found is told below." in page.text(), "html: rules beyond the headlines")
    check("and 2800 more reasons; the JSON report has all" in page.text(), "html: reasons are not counted")


def html_faults_are_found(raw):
    """The checks of a page must be able to fail: one of each kind."""
    page = raw.decode()
    for old, new in (("</main>", "<script></script></main>"), ("</main>", "<img alt='' src='http://x.invalid/x'></main>"),
                     ("<p>", "<p onclick='x'>"), ("<h2>Cluster kubernetes</h2>", "<h3>Cluster kubernetes</h3>"), ("</table>", ""), ("<body>", "<body id='inputs'>"),
                     ("<title id", "<desc id"), (' scope="col"', ""), ("default-src 'none'", "default-src *"),
                     ('href="#inputs"', 'href="#nowhere"'), ("</style>", "a{background:url(x)}</style>"),
                     ("</tr>", "<td></td></tr>"), ("--soft:#57606a", "--soft:#a7b0ba"),
                     ("</main>", "<!-- --></main>"), ("rel=\"noopener noreferrer\" ", "")):
        before = list(found)
        found.clear()
        check_shape("html", page.replace(old, new, 1).encode())
        nothing = not found
        found[:] = before
        check(not nothing, f"html: {new!r} in place of {old!r} is not noticed")


def main():
    formats = run("formats").decode().split()
    tests = {name: globals().get("test_" + name) for name in formats}
    for name, test in tests.items():
        check(test, f"there is no test of the format {name}")
        raw = run(name, "hostile")
        check(raw == run(name, "hostile"), f"{name}: twice the same report, different bytes")
        check_shape(name, raw)
        if test:
            try:
                test(raw)
            except Exception as e:  # a report that cannot even be parsed
                check(False, f"{name}: {type(e).__name__}: {e}")
    with open(os.path.join(os.environ["DS_SOURCE_ROOT"], "tests", "golden", "broken-dual", "html"), "rb") as f:
        html_faults_are_found(f.read())
    # The limits: 25,000 results, and nobody told that there were no more.
    many = load(run("sarif", "30000"))
    sarif_structure(many)
    notes = many["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    check(len(many["runs"][0]["results"]) == 25000, "sarif: 25,000 results are taken")
    check([n["message"]["text"][:19] for n in notes] == ["5000 more results w"], "sarif: the rest is counted")
    html_counts_all(run("html", "30000"))
    for f in found:
        print(f)
    print(f"{len(formats)} formats, {len(ATTACKS)} hostile texts, {len(found)} problems")
    return 1 if found or len(formats) < 11 else 0


if __name__ == "__main__":
    sys.exit(main())
