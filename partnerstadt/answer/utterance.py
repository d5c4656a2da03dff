"""What the bot is going to say, before it is German: a response key of domain.yml and the values for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel.dates import format_date
from babel.lists import format_list

from partnerstadt.question.model import Context
from partnerstadt.records.models import Partnership, Records, Source, Status

PHRASES = Path(__file__).parent / "phrases.yml"
LOCALE = "de"


# What the placeholders of a response are filled with.
Values = dict[str, str | int]


@dataclass(frozen=True)
class Utterance:
    """One message.

    Attributes:
        response: key of a response in domain.yml.
        values: what its placeholders are filled with.
        sources: keys of the sources its facts come from.
        buttons: texts offered to be said next.
    """

    response: str
    values: Values = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    buttons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """All that is said to one question, and what the conversation is about afterwards."""

    utterances: tuple[Utterance, ...]
    context: Context


@lru_cache
def _phrases() -> dict[str, str]:
    return dict(yaml.safe_load(PHRASES.read_text(encoding="utf-8")))


def phrase(key: str, **values: object) -> str:
    """A small piece of German with its values filled in."""
    return _phrases()[key].format(**values)


def years(number: int, dative: bool = False) -> str:
    """A number of years: "1 Jahr", "57 Jahre", "57 Jahren"."""
    key = ("years_dative" if dative else "years") + ("_one" if number == 1 else "_many")
    return phrase(key, number=number)


def join(items: Sequence[str]) -> str:
    """A list in German: "A, B und C"."""
    return str(format_list(list(items), locale=LOCALE))


def month(date: dt.date) -> str:
    """Month and year: "November 2026"."""
    return str(format_date(date, "LLLL yyyy", locale=LOCALE))


def item(p: Partnership) -> str:
    """A partnership as an entry of a list."""
    if p.status is Status.ENDED:
        return phrase("city_ended", name=p.name, country=p.country_label, year=p.year, ended=p.ended or "?")
    if p.year is None:
        return phrase("city_project", name=p.name, country=p.country_label)
    key = "city_resting" if p.status is Status.RESTING else "city_since"
    return phrase(key, name=p.name, country=p.country_label, year=p.year)


def items(cities: Iterable[Partnership]) -> str:
    """Partnerships as a list: in one line if they are few, else a line each."""
    entries = [item(p) for p in cities]
    if len(entries) <= 4:
        return join(entries)
    return "\n" + "\n".join(f"- {entry}" for entry in entries)


def source_of(key: str, records: Records) -> Source:
    """A source by its key: the city's own, or one of the general knowledge."""
    world = {"countries": records.world.countries_source, "periods": records.world.periods_source}
    return world.get(key) or records.source(key)


def render(utterance: Utterance, responses: dict[str, list[dict[str, Any]]], plain: bool) -> str:
    """The German text as Rasa would make it: variations whose condition holds come before those without one."""
    texts = responses.get(utterance.response)
    if not texts:
        return f"(no response {utterance.response} in the domain)"
    slots = {"plain_language": plain}
    conditional = [t for t in texts if t.get("condition")]
    fitting = [t for t in conditional if all(slots.get(c["name"]) == c["value"] for c in t["condition"])]
    chosen = (fitting or [t for t in texts if t not in conditional] or texts)[0]
    try:
        text = str(chosen.get("text", "")).format(**utterance.values)
    except (KeyError, IndexError, ValueError) as error:
        text = f"({utterance.response}: its placeholders and values do not fit: {error})"
    return " ".join([text, *(f"[{button}]" for button in utterance.buttons)])
