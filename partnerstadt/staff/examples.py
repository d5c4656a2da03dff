"""Training sentences: what a clerk may confirm, and the patch that adds them to data/nlu.yml. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from partnerstadt.front.masking import mask
from partnerstadt.records.models import Records
from partnerstadt.text import squeeze

FILE = "data/nlu.yml"
SHORTEST, LONGEST = 2, 300
ENTITIES = ("city", "country", "continent", "topic")
# Training data names no real city.
A_CITY = "[Musterhausen](city)"
_MARKED = re.compile(rf"\[([^\[\]()]+)\]\(({'|'.join(ENTITIES)})\)")
_INTENT = re.compile(r"^- intent: *(\S+) *$")
_EXAMPLE = re.compile(r"^( +)- (.*)$")
_SAY = re.compile(r"\bsay: *(?:'((?:[^']|'')*)'|\"([^\"]*)\"|([^\n]+))")


@dataclass(frozen=True)
class Example:
    """A sentence and what it asks."""

    intent: str
    text: str


def proposed(text: str, records: Records) -> str:
    """A citizen's sentence in one line, with a made-up name in place of each city of the records."""
    text = " ".join(text.split())
    names = {name for p in records.partnerships for name in (p.name, *p.aliases)}
    for name in sorted(names, key=len, reverse=True):
        pattern = rf"(?<![\w\[]){re.escape(name)}(?![\w\]])"
        text = re.sub(pattern, A_CITY, text, flags=re.IGNORECASE)
    return text


def fault(text: str) -> str | None:
    """Why a sentence cannot become an example: the key of a text; None if it can."""
    if not SHORTEST <= len(text) <= LONGEST or "\n" in text or not text.strip(" -"):
        return "length"
    plain = _MARKED.sub(lambda match: match[1], text)
    # Rasa would read them; and what was masked stands in brackets, too.
    if any(sign in plain for sign in "[](){}"):
        return "brackets"
    if text.startswith(("/", "- ")) or any(ord(sign) < 32 for sign in text):
        return "signs"
    return "personal" if mask(plain) != plain else None


def known(nlu: str) -> dict[str, str]:
    """The intent of each sentence that the file has already, spelling aside."""
    found: dict[str, str] = {}
    intent = ""
    for line in nlu.splitlines():
        if head := _INTENT.match(line):
            intent = head[1]
        elif example := _EXAMPLE.match(line):
            found.setdefault(key(example[2]), intent)
    return found


def questions(files: Iterable[str]) -> frozenset[str]:
    """What the regression questions say: that must never be trained, or they would measure memory."""
    said = (key("".join(match)) for file in files for match in _SAY.findall(file))
    return frozenset(filter(None, said))


def key(text: str) -> str:
    """A sentence without its spelling and its marks."""
    return squeeze(_MARKED.sub(lambda match: match[1], text))


def intents(nlu: str) -> list[str]:
    """The intents of the file, in its order."""
    return [head[1] for line in nlu.splitlines() if (head := _INTENT.match(line))]


def new(examples: Iterable[Example], known: Mapping[str, str], tested: frozenset[str]) -> list[Example]:
    """Those that are neither in the file nor asked by a test, each once."""
    seen = set(known) | tested
    found: list[Example] = []
    for example in examples:
        if key(example.text) not in seen:
            seen.add(key(example.text))
            found.append(example)
    return found


def with_examples(nlu: str, examples: Iterable[Example]) -> str:
    """The file with examples at the end of their intent; every other line stays as it is."""
    lines = nlu.splitlines(keepends=True)
    ends: dict[str, tuple[int, str]] = {}
    intent = ""
    for place, line in enumerate(lines):
        if head := _INTENT.match(line.rstrip("\n")):
            intent = head[1]
        elif (example := _EXAMPLE.match(line.rstrip("\n"))) and intent:
            ends[intent] = place, example[1]
    inserted = [(*ends[e.intent], number, e.text) for number, e in enumerate(examples) if e.intent in ends]
    for place, indent, _, text in sorted(inserted, key=lambda i: (-i[0], -i[2])):
        if not lines[place].endswith("\n"):
            lines[place] += "\n"
        lines.insert(place + 1, f"{indent}- {text}\n")
    return "".join(lines)


def patch(nlu: str, examples: Iterable[Example]) -> str:
    """What `git apply` and `patch -p1` understand."""
    before, after = nlu.splitlines(keepends=True), with_examples(nlu, examples).splitlines(keepends=True)
    lines = difflib.unified_diff(before, after, f"a/{FILE}", f"b/{FILE}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
