#!/usr/bin/env python3
"""Every format stays well-formed and says the same whatever the inputs hold.

make_report writes a report in which every byte and many attacks stand wherever
text of inputs and rules can; it is read back here with parsers that share
nothing with the writers, and each text must come back as it was.

Usage: formats.py MAKE_REPORT
"""
import codecs
import json
import re
import subprocess
import sys
import unicodedata
import urllib.parse
import xml.etree.ElementTree as ElementTree

MAKE = sys.argv[1]
found = []


def run(*args):
    return subprocess.run([MAKE, *args], capture_output=True, check=True).stdout


def check(ok, what):
    if not ok and len(found) < 40:
        found.append(what)


# ---- what a text must become ----

codecs.register_error("each-byte", lambda e: ("\ufffd", e.start + 1))


def decoded(raw):
    """UTF-8 with U+FFFD in place of each bad byte."""
    return raw.decode("utf-8", "each-byte")


def xml_text(raw):
    return "".join("\ufffd" if (ord(c) < 0x20 and c not in "\t\n\r") or c in "\ufffe\uffff" else c for c in decoded(raw))


def is_unsafe(c):
    """Controls, format characters, line and paragraph separators: by Unicode's own tables."""
    return unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") or 0xe0000 <= ord(c) <= 0xe007f


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


def no_raw_controls(name, raw):
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as e:
        check(False, f"{name}: not UTF-8: {e}")
        return ""
    bad = sorted({hex(ord(c)) for c in text if is_unsafe(c) and c != "\n"})
    check(not bad, f"{name}: raw {', '.join(bad)}")
    return text


# ---- JSON ----

def no_duplicates(pairs):
    check(len(dict(pairs)) == len(pairs), f"a key twice among {[k for k, _ in pairs]}")
    return dict(pairs)


def load(raw):
    return json.loads(raw, object_pairs_hook=no_duplicates)


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


def region_ok(region):
    numbers = [region.get(k, 1) for k in ("startLine", "startColumn", "endLine", "endColumn")]
    return "startLine" in region and all(isinstance(n, int) and n >= 1 for n in numbers) and \
        (region.get("endLine", region["startLine"]), region.get("endColumn", 1 << 31)) >= \
        (region["startLine"], region.get("startColumn", 1))


def sarif_location(location, bases):
    physical = location["physicalLocation"]
    uri = physical["artifactLocation"]["uri"]
    check(re.fullmatch(r"([A-Za-z0-9._~/-]|%[0-9A-F]{2})+", uri), f"sarif: uri {uri!r}")
    check(not uri.startswith("/"), f"sarif: absolute uri {uri!r}")
    check(physical["artifactLocation"]["uriBaseId"] in bases, "sarif: unknown uriBaseId")
    check(region_ok(physical["region"]), f"sarif: region {physical['region']}")


def sarif_structure(document):
    """What SARIF 2.1.0 and GitHub require; used on real reports too."""
    check(document["version"] == "2.1.0" and "$schema" in document, "sarif: version")
    check(len(document["runs"]) == 1, "sarif: one run")
    run_ = document["runs"][0]
    driver = run_["tool"]["driver"]
    bases = run_["originalUriBaseIds"]
    check(driver["name"] == "dsaudit" and driver["semanticVersion"], "sarif: driver")
    check(run_["columnKind"] == "unicodeCodePoints", "sarif: columnKind")
    for base in bases.values():
        check("uri" not in base or base["uri"].endswith("/"), "sarif: base without a slash")
    ids = [r["id"] for r in driver["rules"]]
    check(len(set(ids)) == len(ids), "sarif: rule ids repeat")
    for rule in driver["rules"]:
        check(rule["name"] and len(rule["name"]) <= 255 and rule["name"].isalnum(), f"sarif: rule name {rule['name']!r}")
        for key in ("shortDescription", "fullDescription"):
            check(0 < len(rule[key]["text"]) <= 1024, f"sarif: {key} of {rule['id']}")
        check(rule["help"]["text"] and rule["help"]["markdown"], f"sarif: help of {rule['id']}")
        check(rule["defaultConfiguration"]["level"] in ("note", "warning", "error"), "sarif: rule level")
        check(rule["properties"]["precision"] in ("very-high", "high", "medium", "low"), "sarif: precision")
        check(rule["properties"]["problem.severity"] in ("error", "warning", "recommendation"), "sarif: problem.severity")
        check(0 < len(rule["properties"]["tags"]) <= 20, "sarif: tags")
    check(len(run_["results"]) <= 25000, "sarif: too many results")
    for result in run_["results"]:
        check(ids[result["ruleIndex"]] == result["ruleId"], "sarif: ruleIndex")
        check(result["kind"] in ("fail", "open"), "sarif: kind")
        check((result["level"] == "none") == (result["kind"] != "fail"), "sarif: only a failure has a level")
        check(result["level"] in ("none", "note", "warning", "error"), "sarif: level")
        check(result["message"]["text"], "sarif: message")
        check(len(result["locations"]) == 1, "sarif: one location places a result")
        check(result["partialFingerprints"]["primaryLocationLineHash"], "sarif: fingerprint")
        related = result.get("relatedLocations", [])
        check([r["id"] for r in related] == list(range(1, len(related) + 1)), "sarif: related ids")
        for location in result["locations"] + related:
            sarif_location(location, bases)
    invocation, = run_["invocations"]
    check(isinstance(invocation["executionSuccessful"], bool), "sarif: executionSuccessful")
    for note in invocation["toolExecutionNotifications"]:
        check(note["level"] in ("none", "note", "warning", "error") and note["message"]["text"], "sarif: notification")
        for location in note.get("locations", []):
            sarif_location(location, bases)


def test_sarif(raw):
    document = load(raw)
    sarif_structure(document)
    run_ = document["runs"][0]
    results = run_["results"]
    holds("sarif", (r["message"]["text"] for r in results),
          (unlinked(decoded(b"message " + a + b".\nFix: fix " + a + b".")) for a in ATTACKS))
    holds("sarif", (r["message"]["text"] for r in results),
          (unlinked(decoded(b"could not be checked: message " + a + b".\nFix: fix " + a + b".")) for a in ATTACKS))
    paths = {urllib.parse.unquote_to_bytes(r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]) for r in results}
    for a in ATTACKS:
        check(b"d/" + a in paths, f"sarif: path {a!r}")
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
    # GitLab drops an issue whose fingerprint it has seen: that may happen to one that is said twice, no other.
    said = {(i["fingerprint"], i["description"], i["location"]["path"], i["location"]["lines"]["begin"]) for i in issues}
    check(len({s[0] for s in said}) == len(said), "gitlab: fingerprints repeat")
    for i in issues:
        check(set(i) == {"description", "check_name", "fingerprint", "severity", "location"}, "gitlab: keys")
        check(i["severity"] in ("info", "minor", "major", "critical", "blocker"), "gitlab: severity")
        check(i["location"]["path"] and not i["location"]["path"].startswith(("./", "/")), "gitlab: path")
        check(i["location"]["lines"]["begin"] >= 1, "gitlab: line")
    check(sum(i["description"].startswith(f"{i['check_name']}: could not be checked: ") for i in issues) == len(ATTACKS),
          "gitlab: what is unknown is said to be")
    holds("gitlab", (i["description"] for i in issues),
          (f"DS{n:03}: " + decoded(b"message " + a + b".") for n, a in enumerate(ATTACKS)))
    holds("gitlab", (i["location"]["path"] for i in issues), (decoded(b"d/" + a) for a in ATTACKS))


def policy_structure(document, api_version, kind):
    for report in document["items"] if document["kind"] == "List" else [document]:
        check((report["apiVersion"], report["kind"]) == (api_version, kind), f"{kind}: type")
        check(re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", report["metadata"]["name"])
              and len(report["metadata"]["name"]) <= 63, f"{kind}: name {report['metadata']['name']!r}")
        counts = dict.fromkeys(("pass", "fail", "warn", "error", "skip"), 0)
        for r in report["results"]:
            counts[r["result"]] += 1
            check(r["policy"] and r.get("severity", "info") in ("critical", "high", "medium", "low", "info"), f"{kind}: result")
            check(all(isinstance(v, str) for v in r.get("properties", {}).values()), f"{kind}: properties are strings")
            check(r["message"].startswith("could not be checked: ") <= (r["result"] == "error"), f"{kind}: unknown is error")
        check(counts == report["summary"], f"{kind}: summary {report['summary']} of {counts}")


def test_policyreport(raw, api_version="wgpolicyk8s.io/v1alpha2", kind="ClusterPolicyReport"):
    document = load(raw)
    policy_structure(document, api_version, kind)
    holds(kind, strings(document), (decoded(b"message " + a + b".") for a in ATTACKS))
    holds(kind, strings(document), (decoded(b"d/" + a + b":1:1") for a in ATTACKS))


def test_openreports(raw):
    test_policyreport(raw, "openreports.io/v1alpha1", "ClusterReport")


# ---- XML ----

JUNIT = {
    "testsuites": ({"name", "tests", "failures", "errors", "skipped", "time"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped", "time"}, {"properties", "testcase"}),
    "properties": (set(), {"property"}),
    "property": ({"name", "value"}, set()),
    "testcase": ({"name", "classname", "time", "file", "line"}, {"failure", "error", "skipped", "system-out"}),
    "failure": ({"message", "type"}, set()),
    "error": ({"message", "type"}, set()),
    "skipped": ({"message"}, set()),
    "system-out": (set(), set()),
}


def junit_structure(root):
    """The shape that Jenkins reads."""
    check(root.tag == "testsuites", "junit: root")
    for element in root.iter():
        attributes, children = JUNIT[element.tag]
        check(set(element.attrib) <= attributes, f"junit: {element.tag} has {set(element.attrib) - attributes}")
        check({c.tag for c in element} <= children, f"junit: {element.tag} holds {[c.tag for c in element]}")
        check(element.tag != "testcase" or (len(element) <= 1 and element.get("name") and element.get("classname")),
              "junit: a case ends in one way")
    for suite in [root, *root]:
        cases = list(suite.iter("testcase"))
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            check(int(suite.get(name)) == sum(c.find(tag) is not None for c in cases), f"junit: {name} of {suite.get('name')}")
        check(int(suite.get("tests")) == len(cases), f"junit: tests of {suite.get('name')}")


def test_junit(raw):
    root = ElementTree.fromstring(raw)
    junit_structure(root)
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

def unescape(value, is_property):
    value = value.replace("%0D", "\r").replace("%0A", "\n")
    if is_property:
        value = value.replace("%3A", ":").replace("%2C", ",")
    return value.replace("%25", "%")


def github_commands(text):
    """As the runner's ActionCommand reads them; anything else is a line of the log."""
    commands, others = [], []
    for line in text.split("\n")[:-1]:
        if not line.lstrip().startswith("::"):
            others.append(line)
            check("##[" not in line, f"github: a command of the old kind in {line!r}")
            continue
        head, _, data = line.lstrip()[2:].partition("::")
        name, _, rest = head.partition(" ")
        properties = dict(p.split("=", 1) for p in rest.strip().split(",") if p)
        commands.append((name, {k: unescape(v, True) for k, v in properties.items()}, unescape(data, False)))
    return commands, others


def github_structure(text):
    commands, others = github_commands(text)
    kinds = ["error", "warning", "notice"]
    order = [kinds.index(name) if name in kinds else -1 for name, _, _ in commands]
    check(-1 not in order and order == sorted(order), "github: only the three kinds, errors first")
    check(len(others) == 1 and others[0].startswith("dsaudit: "), f"github: lines that are no commands: {others[:3]}")
    for _, properties, message in commands:
        check(set(properties) <= {"file", "line", "endLine", "col", "endColumn", "title"}, f"github: {set(properties)}")
        check(message and properties["title"], "github: message and title")
    return commands


def test_github(raw):
    commands = github_structure(raw.decode())
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
    lines = raw.decode().split("\n")[:-1]
    for line in lines:
        check(re.match(r".*?: (error|warning|note): ", line), f"gcc: {line!r}")
    for n, a in enumerate(ATTACKS):
        level = ("note", "warning", "error")[n % 3]
        message = shown(flat(b"message " + a + b"."))
        where = shown(b"d/" + a)
        for wanted in (f"{where}:1:1: {level}: {message} [DS{n:03}]",
                       f"{where}:1:1: warning: could not be checked: {message} [DS{n:03}]"):
            check(wanted in LINES, f"gcc: {wanted!r}")


def test_text(raw):
    check(raw, "text: empty")


# ---- Markdown ----

def cells(row):
    """Of a table row as GitHub splits it: at pipes without a backslash."""
    return len(re.findall(r"(?<!\\)\|", row)) - 1


def outside_code(text):
    """Without fenced blocks and code spans; both must close."""
    kept, fence = [], None
    for line in text.split("\n"):
        opened = re.match(r" {0,3}(`{3,})([^`]*)$", line)
        if fence is None and opened:
            fence = opened.group(1)
        elif fence is not None:
            if opened and not opened.group(2).strip() and len(opened.group(1)) >= len(fence):
                fence = None
        else:
            rest, out = line, ""
            while True:
                m = re.search(r"(?<!\\)(`+)", rest)
                if not m:
                    break
                end = re.compile(r"(?<!`)" + m.group(1) + r"(?!`)").search(rest, m.end())
                check(end, f"markdown: a code span that does not end: {line!r}")
                if not end:
                    break
                out += rest[:m.start()] + "CODE"
                rest = rest[end.end():]
            kept.append(out + rest)
    check(fence is None, "markdown: a block that does not end")
    return "\n".join(kept)


def markdown_structure(text):
    columns = 0
    rest = outside_code(text)
    for row in text.split("\n"):
        if re.fullmatch(r"\|(---\|)+", row):
            columns = row.count("---")
        elif not row.startswith("|"):
            columns = 0
        elif columns:
            check(cells(row) == columns, f"markdown: {cells(row)} cells of {columns}: {row!r}")
    rest = rest.replace("@<!-- -->", "")
    check(not re.search(r"<(?!https://[^<>\s]*>)", rest), "markdown: HTML: " + repr(re.findall(r".{0,30}<.{0,30}", rest)[:2]))
    check("@" not in rest, "markdown: someone is mentioned")
    check(not re.search(r"(?<!\\)\]\(", rest), "markdown: a link: " + repr(re.findall(r".{0,20}(?<!\\)\]\(.{0,20}", rest)[:2]))
    check(not re.search(r"(?<!<)https?://", rest), "markdown: an address that becomes a link")


def test_markdown(raw):
    text = raw.decode()
    markdown_structure(text)
    headings = [line for line in text.split("\n") if line.startswith("#")]
    check(all(re.match(r"#{1,3} (This|Cluster|error|warning|info|What|About)", h) for h in headings),
          f"markdown: headings of inputs: {[h for h in headings if not re.match('#+ (This|Cluster|error|warning|info|What|About)', h)][:3]}")


def main():
    global LINES
    formats = run("formats").decode().split()
    tests = {name: globals().get("test_" + name) for name in formats}
    for name, test in tests.items():
        check(test, f"there is no test of the format {name}")
        raw = run(name, "hostile")
        check(raw == run(name, "hostile"), f"{name}: twice the same report, different bytes")
        text = no_raw_controls(name, raw)
        LINES = set(text.split("\n"))
        if test:
            try:
                test(raw)
            except Exception as e:  # a report that cannot even be parsed
                check(False, f"{name}: {type(e).__name__}: {e}")
    # The limits: 25,000 results, and nobody told that there were no more.
    many = load(run("sarif", "30000"))
    sarif_structure(many)
    notes = many["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    check(len(many["runs"][0]["results"]) == 25000, "sarif: 25,000 results are taken")
    check([n["message"]["text"][:19] for n in notes] == ["5000 more results w"], "sarif: the rest is counted")
    for f in found:
        print(f)
    print(f"{len(formats)} formats, {len(ATTACKS)} hostile texts, {len(found)} problems")
    return 1 if found or len(formats) < 10 else 0


if __name__ == "__main__":
    sys.exit(main())
