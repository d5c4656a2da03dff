"""The kinds of records that clerks edit: where they lie, which fields they have, how a form's text becomes a value."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from partnerstadt.records import models
from partnerstadt.records.models import Records
from partnerstadt.text import fold


class Form(str, Enum):
    """What a field looks like in a form."""

    TEXT = "text"
    LONG = "long"
    LINES = "lines"
    NUMBER = "number"
    DECIMAL = "decimal"
    DATE = "date"
    YES = "yes"
    CHOICE = "choice"


@dataclass(frozen=True)
class Field:
    """One field of a record.

    Attributes:
        name: its place in the record; a dot leads into a block of it.
        form: what it looks like.
        required: whether a record needs it.
        choices: what it may be, for a form of this kind; each with a label, if it has one of its own.
    """

    name: str
    form: Form = Form.TEXT
    required: bool = False
    choices: Callable[[Records], Mapping[str, str]] | None = None


@dataclass(frozen=True)
class Kind:
    """One kind of record.

    Attributes:
        name: its name in the texts.
        path: its name in addresses.
        file: where it lies.
        key: the list or block of the file that holds all of them; empty where the file is the only one.
        title: the field that people know it by.
        fields: what is edited, in the order of the file.
        sourced: whether its facts name their source.
        adds: whether there can be more.
    """

    name: str
    path: str
    file: str
    key: str
    title: str
    fields: tuple[Field, ...]
    sourced: bool = False
    adds: bool = False

    def removable(self, entry: Mapping[str, Any]) -> bool:
        """Whether a record may go; a subject of the page belongs to an intent, and a source to what it proves."""
        return self.sourced and self.adds and entry.get("group") != "page"


def _countries(records: Records) -> dict[str, str]:
    found = {country.iso: country.name for country in records.world.countries.values()}
    return dict(sorted(found.items(), key=lambda pair: fold(pair[1])))


def _continents(records: Records) -> dict[str, str]:
    return {key: continent.name for key, continent in records.world.continents.items() if not continent.includes}


def _sources(records: Records) -> dict[str, str]:
    return {key: source.title for key, source in records.city.sources.items()}


def _of(enum: type[Enum]) -> Callable[[Records], Mapping[str, str]]:
    return lambda _: {str(member.value): "" for member in enum}


_REVIEW = Field("review_by", Form.DATE, required=True)
_LOCATION = (
    Field("location.continent", Form.CHOICE, choices=_continents),
    Field("location.latitude", Form.DECIMAL),
    Field("location.longitude", Form.DECIMAL),
    Field("location.source", Form.CHOICE, choices=_sources),
)

PARTNERSHIP = Kind(
    "partnership",
    "partnerschaft",
    "partnerships.yml",
    "partnerships",
    "name",
    (
        Field("name", required=True),
        Field("aliases", Form.LINES),
        Field("country", Form.CHOICE, required=True, choices=_countries),
        Field("country_label", required=True),
        Field("kind", Form.CHOICE, required=True, choices=_of(models.Kind)),
        Field("inner_german", Form.YES),
        Field("since.year", Form.NUMBER),
        Field("since.date", Form.DATE),
        Field("since.meaning"),
        Field("status", Form.CHOICE, choices=_of(models.Status)),
        Field("ended", Form.NUMBER),
        *_LOCATION,
        _REVIEW,
    ),
    sourced=True,
    adds=True,
)
TOPIC = Kind(
    "topic",
    "thema",
    "topics.yml",
    "topics",
    "title",
    (
        Field("title", required=True),
        Field("aliases", Form.LINES),
        Field("questions", Form.LINES),
        Field("answer", Form.LONG, required=True),
        Field("plain", Form.LONG, required=True),
        Field("link"),
        Field("contact", Form.YES),
        _REVIEW,
    ),
    sourced=True,
    adds=True,
)
OFFICE = Kind(
    "office",
    "amt",
    "office.yml",
    "offices",
    "name",
    (
        Field("name", required=True),
        *map(
            Field,
            (
                "street",
                "postal_code",
                "town",
                "phone",
                "fax",
                "email",
                "website",
                "contact_form",
                "opening_hours",
                "contact_person",
            ),
        ),
        _REVIEW,
    ),
    sourced=True,
)
CITY = Kind(
    "city",
    "stadt",
    "city.yml",
    "",
    "name",
    (
        Field("name", required=True),
        Field("aliases", Form.LINES),
        Field("country", Form.CHOICE, required=True, choices=_countries),
        Field("links.imprint"),
        Field("links.privacy"),
        Field("links.accessibility"),
        *_LOCATION,
        Field("licence.title"),
        Field("licence.url"),
    ),
)
SOURCE = Kind(
    "source",
    "quelle",
    "city.yml",
    "sources",
    "title",
    (
        Field("title", required=True),
        Field("url"),
        Field("taken_over_on", Form.DATE, required=True),
        Field("stated_partnerships", Form.NUMBER),
        Field("licence.title"),
        Field("licence.url"),
        Field("note", Form.LONG),
    ),
    adds=True,
)
KINDS = {kind.path: kind for kind in (PARTNERSHIP, TOPIC, OFFICE, CITY, SOURCE)}
THE_CITY = "stadt"  # the id of the only record of its kind


def get(entry: Mapping[str, Any], name: str) -> Any:
    """The value of a field; None if it is not there."""
    for part in name.split("."):
        entry = (entry or {}).get(part)  # type: ignore[assignment]
    return entry


def shown(value: Any) -> str:
    """A value as a form shows it."""
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    if isinstance(value, list):
        return "\n".join(map(str, value))
    return str(value).strip()


def values_of(kind: Kind, entry: Mapping[str, Any]) -> dict[str, str]:
    """All fields of a record as a form shows them."""
    return {field.name: shown(get(entry, field.name)) for field in kind.fields}


def value(field: Field, text: str) -> Any:
    """What a form's text stands for; text that cannot be read stays text, for the validation to name it."""
    text = text.replace("\r\n", "\n").strip()
    if field.form is Form.LINES:
        return [line for raw in text.split("\n") if (line := " ".join(raw.split()))]
    if field.form is Form.YES:
        return bool(text)
    if field.form is Form.LONG:
        paragraphs = re.split(r"\n\s*\n", text)
        text = "\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    else:
        text = " ".join(text.split())
    return _READ.get(field.form, str)(text) if text else None


def _number(text: str) -> int | str:
    return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else text


def _decimal(text: str) -> float | str:
    plain = text.replace(",", ".")
    return float(plain) if re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,9})?", plain) else text


def _date(text: str) -> dt.date | str:
    """From a browser's own field, or as people write it."""
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return dt.datetime.strptime(text, form).date()
        except ValueError:
            continue
    return text


_READ: dict[Form, Callable[[str], Any]] = {Form.NUMBER: _number, Form.DECIMAL: _decimal, Form.DATE: _date}


def new_id(name: str, taken: Mapping[str, Any] | set[str]) -> str:
    """An id made from a name that no other record has."""
    word = re.sub(r"[^a-z0-9]+", "_", fold(name)).strip("_")[:40]
    word = word if word[:1].isalpha() else f"x_{word}".rstrip("_")
    number = 2
    id = word
    while id in taken:
        id, number = f"{word}_{number}", number + 1
    return id
