"""What the tests of packaging/ share."""
import os
import re
import sys

import yaml

ROOT = os.environ["DS_SOURCE_ROOT"]
found = []


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def check(true, text):
    if not true:
        found.append(text)
    return bool(true)


def finish():
    for text in found:
        print(text)
    sys.exit(1 if found else 0)


def version():
    return re.search(r"^project\(.*?^  version: '([^']*)'", read("meson.build"), re.M | re.S)[1]


class Loader(yaml.SafeLoader):
    """A key that is there twice is an error, as it is for Kubernetes."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(k, deep=True) for k, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"{key} is there twice", node.start_mark)
        return super().construct_mapping(node, deep)


def load_all(path):
    """The documents of a YAML file; GitHub's `on` and the like are not ours, so YAML 1.1 will do."""
    return [d for d in yaml.load_all(read(path), Loader) if d is not None]


def load(path):
    documents = load_all(path)
    if len(documents) != 1:
        raise ValueError(f"{path}: {len(documents)} documents")
    return documents[0]


def sanitizer_env():
    return {name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}
