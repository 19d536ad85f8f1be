#!/usr/bin/env python3
"""Writes debian/changelog from CHANGES.md: changelog.py CHANGES.md VERSION EPOCH >debian/changelog

Every "## VERSION" of CHANGES.md becomes an entry. Its first must be VERSION, the project's. The
maintainer's name and address are DEBFULLNAME and DEBEMAIL, or those of debian/control.
"""
import datetime
import email.utils
import os
import re
import sys
import textwrap

WIDTH = 78


def maintainer():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "control")) as f:
        default = re.search(r"^Maintainer: (.*) <(.*)>$", f.read(), re.M)
    return os.environ.get("DEBFULLNAME", default[1]), os.environ.get("DEBEMAIL", default[2])


def plain(text):
    return re.sub(r"\s+", " ", text.replace("`", "").replace("**", "")).strip()


def entries(text):
    """(version, remark, [line]) of every release; a line is a heading or starts with '- '."""
    for part in re.split(r"^## ", text, flags=re.M)[1:]:
        title, _, body = part.partition("\n")
        version, _, remark = title.partition(" ")
        items = []
        for line in body.splitlines():
            if line.startswith("- ") or (line and not line.startswith(" ")):
                items.append(line)
            elif line.strip() and items:
                items[-1] += " " + line.strip()
        yield version, remark.strip("() "), [plain(i) for i in items]


def formatted(items):
    for item in items:
        if item.startswith("- ") or len(item) > WIDTH - 6:
            yield from textwrap.wrap(item.removeprefix("- "), WIDTH, initial_indent="  * ", subsequent_indent="    ",
                                     break_long_words=False, break_on_hyphens=False)
        else:
            yield f"  [ {item} ]"


def main():
    changes, version, epoch = sys.argv[1:]
    with open(changes, encoding="utf-8") as f:
        releases = list(entries(f.read()))
    if not releases or releases[0][0] != version:
        sys.exit(f"{changes}: the first release is {releases[0][0] if releases else 'missing'}, not {version}, "
                 "the version of meson.build")
    name, address = maintainer()
    built = datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc)
    for number, remark, items in releases:
        date = re.fullmatch(r"\d{4}-\d{2}-\d{2}", remark)
        when = datetime.datetime.fromisoformat(remark + "T12:00:00+00:00") if date else built
        print(f"dsaudit ({number}) {'unstable' if date else 'UNRELEASED'}; urgency=medium\n")
        print("\n".join(formatted(items)))
        print(f"\n -- {name} <{address}>  {email.utils.format_datetime(when)}\n")


if __name__ == "__main__":
    main()
