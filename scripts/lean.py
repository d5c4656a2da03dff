"""Print a lock file without TensorFlow and what only TensorFlow needs, or only one package of it.

    python scripts/lean.py requirements.lock
    python scripts/lean.py --only uv requirements.lock

The container image is built with it. Needs nothing but Python: it runs before anything is installed. Who needs what, it
reads from the comments that uv writes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping

UNUSED = re.compile(r"(tensorflow|tensorboard|keras|tf-)")
NAME = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==")


def packages(lock: str) -> dict[str, str]:
    """The part of each package in a lock file."""
    found: dict[str, str] = {}
    name = ""
    for line in lock.splitlines(keepends=True):
        match = NAME.match(line)
        if match:
            name = match[1]
        if name:
            found[name] = found.get(name, "") + line
    return found


def needed_by(part: str) -> set[str]:
    """Which packages a package is there for; a file of requirements counts as `-r`."""
    comments = "\n".join(line for line in part.splitlines() if line.lstrip().startswith("#"))
    names = re.findall(r"#\s+(?:via\s+)?(-r |-c )?([A-Za-z0-9._-]+)", comments.replace("# via\n", ""))
    return {"-r" if kind else name for kind, name in names if name != "via"}


def without_tensorflow(found: Mapping[str, str]) -> dict[str, str]:
    """The packages that are left when TensorFlow goes, and then whatever nobody needs any more."""
    kept = {name: part for name, part in found.items() if not UNUSED.match(name)}
    while True:
        left = {name: part for name, part in kept.items() if needed_by(part) & {"-r", *kept}}
        if left == kept:
            return kept
        kept = left


def main(arguments: list[str]) -> int:
    """Print what is asked for."""
    only = arguments[1] if arguments[:1] == ["--only"] else None
    with open(arguments[-1], encoding="utf-8") as file:
        found = packages(file.read())
    chosen = {only: found[only]} if only else without_tensorflow(found)
    sys.stdout.write("".join(chosen.values()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
