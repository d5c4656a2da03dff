"""Intent accuracy on examples that were kept out of the training: every fifth of data/nlu.yml."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from bench.results import Share
from partnerstadt.records.models import Records

EVERY = 5
_ANNOTATED = re.compile(r"\[([^\]]+)\]\((\w+)\)")
# Training data name invented countries; held-out examples name real ones. Adjectives keep their ending.
_ADJECTIVES = {"phantasisch": "französisch", "utopisch": "türkisch", "fernländisch": "israelisch"}


class _Block(str):
    """Text that YAML writes as a block, a line an example, as Rasa wants it."""


yaml.SafeDumper.add_representer(
    _Block, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style="|")
)


def split(source: Path, training: Path, records: Records) -> list[tuple[str, str]]:
    """Write the training part of the examples; return the others with their intent, names replaced by real ones."""
    raw = yaml.safe_load(source.read_text(encoding="utf-8"))
    names = real_names(records)
    held_out: list[tuple[str, str]] = []
    for entry in raw["nlu"]:
        if "intent" not in entry:
            continue
        examples = [line.removeprefix("- ") for line in entry["examples"].splitlines() if line.strip()]
        held_out += [(with_names(text, names), entry["intent"]) for text in examples[EVERY - 1 :: EVERY]]
        kept = (text for number, text in enumerate(examples, 1) if number % EVERY)
        entry["examples"] = _Block("".join(f"- {text}\n" for text in kept))
    content = yaml.safe_dump(raw, allow_unicode=True, sort_keys=False, width=10_000)
    training.write_text(content, encoding="utf-8")
    return held_out


def real_names(records: Records) -> dict[str, Iterator[str]]:
    """Endless names out of the records for each kind of name that the training data invents."""
    cities = records.partner_cities
    return {
        "city": itertools.cycle([city.name for city in cities]),
        "country": itertools.cycle([city.country_label for city in cities]),
        "topic": itertools.cycle([topic.title for topic in records.topics if topic.group == "neighbour"]),
    }


def with_names(text: str, names: Mapping[str, Iterator[str]]) -> str:
    """An example as a person would write it: no annotations, and real names."""

    def real(match: re.Match[str]) -> str:
        written, kind = match[1], match[2]
        for invented, adjective in _ADJECTIVES.items():
            if written.lower().startswith(invented):
                return adjective + written[len(invented) :]
        return next(names[kind]) if kind in names else written

    return _ANNOTATED.sub(real, text)


def accuracy(held_out: Iterable[tuple[str, str]], parsed: Iterable[Mapping[str, Any]]) -> Share:
    """The share of examples whose intent was found."""
    share = Share()
    for (_, intent), message in zip(held_out, parsed, strict=True):
        share.count(message["intent"]["name"] == intent)
    return share
