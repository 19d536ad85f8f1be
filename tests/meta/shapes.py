"""What each report format must look like, whatever it says: parsers and checks that share nothing with the writers."""
import html.parser
import json
import re
import unicodedata
import xml.etree.ElementTree as ElementTree

found = []


def check(ok, what):
    if not ok and len(found) < 40:
        found.append(what)


def is_unsafe(c):
    """Controls, format characters, line and paragraph separators: by Unicode's own tables."""
    return unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") or 0xe0000 <= ord(c) <= 0xe007f


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
    """What SARIF 2.1.0 and GitHub require."""
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


def gitlab_structure(issues):
    # GitLab drops an issue whose fingerprint it has seen: that may happen to one that is said twice, no other.
    said = {(i["fingerprint"], i["description"], i["location"]["path"], i["location"]["lines"]["begin"]) for i in issues}
    check(len({s[0] for s in said}) == len(said), "gitlab: fingerprints repeat")
    for i in issues:
        check(set(i) == {"description", "check_name", "fingerprint", "severity", "location"}, "gitlab: keys")
        check(i["severity"] in ("info", "minor", "major", "critical", "blocker"), "gitlab: severity")
        check(i["location"]["path"] and not i["location"]["path"].startswith(("./", "/")), "gitlab: path")
        check(i["location"]["lines"]["begin"] >= 1, "gitlab: line")


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


def gcc_structure(text):
    for line in text.split("\n")[:-1]:
        check(re.match(r".*?: (error|warning|note): ", line), f"gcc: {line!r}")


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


# ---- HTML ----

class Element:
    def __init__(self, tag, attributes, parent):
        self.tag, self.attributes, self.parent, self.children = tag, dict(attributes), parent, []

    def iter(self, *tags):
        """It and all elements in it, or those of some tags."""
        todo = [self]
        while todo:
            e = todo.pop()
            if not tags or e.tag in tags:
                yield e
            todo += reversed([c for c in e.children if isinstance(c, Element)])

    def text(self):
        out, todo = [], [self]
        while todo:
            e = todo.pop()
            if isinstance(e, Element):
                todo += reversed(e.children)
            else:
                out.append(e)
        return "".join(out)


VOID = {"meta", "br", "link", "img", "hr", "input"}


class Page(html.parser.HTMLParser):
    """A tree; whatever is not closed in its turn is a fault."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.root = self.at = Element("", [], None)
        self.feed(text)
        self.close()
        check(self.at is self.root, f"html: <{self.at.tag}> is not closed")

    def handle_starttag(self, tag, attrs):
        check(len(dict(attrs)) == len(attrs), f"html: an attribute twice in <{tag}>")
        element = Element(tag, attrs, self.at)
        self.at.children.append(element)
        if tag not in VOID:
            self.at = element

    def handle_startendtag(self, tag, attrs):
        self.at.children.append(Element(tag, attrs, self.at))

    def handle_endtag(self, tag):
        check(self.at.tag == tag, f"html: </{tag}> in <{self.at.tag}>")
        if self.at.parent:
            self.at = self.at.parent

    def handle_data(self, data):
        self.at.children.append(data)

    def handle_comment(self, data):
        check(False, f"html: a comment: {data[:40]!r}")

    def handle_pi(self, data):
        check(False, f"html: a processing instruction: {data[:40]!r}")

    def unknown_decl(self, data):
        check(False, f"html: a declaration: {data[:40]!r}")


# What a page may be made of: nothing that runs, loads or sends.
HTML_TAGS = set("""html head meta title style body header nav main footer section article h1 h2 h3 h4 p a ul ol li strong span
    code pre mark br table caption thead tbody tr th td div figure figcaption sup
    svg desc defs pattern rect text tspan""".split())
HTML_ATTRIBUTES = set("""lang charset name content http-equiv id class href rel scope colspan role tabindex aria-label
    aria-labelledby aria-describedby width height x y fill text-anchor patternunits patterntransform""".split())


def html_page(raw):
    return Page(raw.decode()).root


def html_structure(raw):
    check(raw.startswith(b"<!DOCTYPE html>\n<html lang=\"en\">\n"), "html: its first lines")
    check(raw.endswith(b"</html>\n"), "html: its last line")
    root = html_page(raw)
    ids = [e.attributes["id"] for e in root.iter() if "id" in e.attributes]
    check(len(set(ids)) == len(ids), f"html: ids repeat: {[i for i in ids if ids.count(i) > 1][:3]}")
    check(not any(re.search(r"\s", i) or not i for i in ids), "html: an id with a blank, or none")
    for e in root.iter():
        check(not e.tag or e.tag in HTML_TAGS, f"html: <{e.tag}>")
        check(set(e.attributes) <= HTML_ATTRIBUTES, f"html: {set(e.attributes) - HTML_ATTRIBUTES} in <{e.tag}>")
        for name in ("aria-labelledby", "aria-describedby"):
            check(e.attributes.get(name, ids[0]) in ids, f"html: {name} names nothing")
        check("fill" not in e.attributes or re.fullmatch(r"url\(#[a-z0-9-]+\)", e.attributes["fill"]), "html: fill")
    for a in root.iter("a"):
        href = a.attributes["href"]
        if href.startswith("#"):
            check(href[1:] in ids, f"html: a link to {href}, which is not there")
        else:
            check(re.fullmatch(r"https?://[\x21-\x7e]+", href), f"html: a link to {href!r}")
            check(a.attributes.get("rel") == "noopener noreferrer", "html: a link that tells where it is")
    html_head(root)
    html_accessible(root)


def html_head(root):
    head, = root.iter("head")
    policy = [m.attributes["content"] for m in head.iter("meta") if m.attributes.get("http-equiv") == "Content-Security-Policy"]
    check(len(policy) == 1 and policy[0].startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;"),
          f"html: policy {policy}")
    check("script" not in policy[0], "html: a policy for scripts")
    style, = root.iter("style")
    css = style.text()
    check(style.parent is head and not re.search(r"url\(|@import|expression|<", css), "html: a style that loads")
    check(css.count("{") == css.count("}"), "html: braces of the style")
    check("prefers-color-scheme:dark" in css and "@media print" in css, "html: dark, and printed")
    html_contrast(css)
    used = {c for e in root.iter() for c in e.attributes.get("class", "").split()}
    known = set(re.findall(r"\.([a-z]+)", css))
    check(used <= known, f"html: classes without a look: {used - known}")


def luminance(color):
    """Of "#1b1f24" or "#fff", as WCAG 2 defines it."""
    digits = color[1:] if len(color) == 7 else "".join(2 * c for c in color[1:])
    parts = [int(digits[i:i + 2], 16) / 255 for i in (0, 2, 4)]
    parts = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(a, b):
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def html_contrast(css):
    """Text of every colour can be read on what it stands on, and the parts of a picture be told apart."""
    light, dark, _ = ({k: v for k, v in re.findall(r"--([a-z]+):(#[0-9a-f]+)", block)}
                      for block in re.findall(r":root\{([^}]*)\}", css))
    check(len(light) > 15 and set(light) == set(dark), "html: colours for light and dark")
    for name, colors in (("light", light), ("dark", dark)):
        pairs = [(text, back, 4.5) for text in ("ink", "soft", "link", "error", "warning", "info", "ok", "unknown")
                 for back in ("back", "panel")] + [("ink", "mark", 4.5)]
        pairs += [(edge, back, 3) for edge in ("static", "used", "here", "hatch") for back in ("back", "panel")]
        pairs += [("static", "svc", 3), ("used", "pod", 3), ("here", "node", 3)]
        for a, b, least in pairs:
            check(contrast(colors[a], colors[b]) >= least, f"html: {name}: {a} on {b}: {contrast(colors[a], colors[b]):.2f}")


def html_accessible(root):
    headings = [e for e in root.iter("h1", "h2", "h3", "h4")]
    levels = [int(e.tag[1]) for e in headings]
    check(levels[:1] == [1] and levels.count(1) == 1, "html: one first heading")
    check(all(b <= a + 1 for a, b in zip(levels, levels[1:])), f"html: a level of headings is left out: {levels}")
    check(all(e.text().strip() for e in headings), "html: an empty heading")
    for tag in ("main", "header", "footer", "title"):
        n = sum(e.parent.tag != "svg" for e in root.iter(tag))
        check(n == 1, f"html: {n} <{tag}>")
    for svg in root.iter("svg"):
        title = next((c for c in svg.children if isinstance(c, Element)), None)
        check(title and title.tag == "title" and title.text().strip(), "html: a picture without a title")
        check(svg.attributes.get("role") == "img" and svg.attributes["aria-labelledby"] == title.attributes["id"],
              "html: a picture that is not called by its title")
    for table in root.iter("table"):
        first = next(c for c in table.children if isinstance(c, Element))
        check(first.tag == "caption" and first.text().strip(), "html: a table without a caption")
        columns = [sum(int(c.attributes.get("colspan", 1)) for c in row.iter("th", "td")) for row in table.iter("tr")]
        check(len(set(columns)) == 1, f"html: rows of {set(columns)} cells")
        check(all(th.attributes.get("scope") in ("row", "col") for th in table.iter("th")), "html: a heading without scope")


# ---- of a whole report ----

SHAPES = {
    "text": lambda raw: check(raw, "text: empty"),
    "json": lambda raw: check(load(raw)["kind"] == "AuditReport", "json: kind"),
    "sarif": lambda raw: sarif_structure(load(raw)),
    "junit": lambda raw: junit_structure(ElementTree.fromstring(raw)),
    "github": lambda raw: github_structure(raw.decode()),
    "gitlab": lambda raw: gitlab_structure(load(raw)),
    "gcc": lambda raw: gcc_structure(raw.decode()),
    "markdown": lambda raw: markdown_structure(raw.decode()),
    "html": html_structure,
    "policyreport": lambda raw: policy_structure(load(raw), "wgpolicyk8s.io/v1alpha2", "ClusterPolicyReport"),
    "openreports": lambda raw: policy_structure(load(raw), "openreports.io/v1alpha1", "ClusterReport"),
}


def check_shape(name, raw):
    """Checks a report of this format; returns its text."""
    text = no_raw_controls(name, raw)
    try:
        SHAPES[name](raw)
    except Exception as e:  # a report that cannot even be parsed
        check(False, f"{name}: {type(e).__name__}: {e}")
    return text
