"""Question files: conversations with what each reply must and must not hold.

A case is one conversation. The kind of a turn decides what else holds of its reply, see `faults`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import yaml
from pydantic import BaseModel, Extra, Field, ValidationError, validator

FLAGS = re.IGNORECASE | re.DOTALL
_AGE = re.compile(r"\{age:(\d{4})\}")
_ADMITS = re.compile(
    r"keine Angaben|nicht bekannt|unbekannt|liegen mir (.* )?nicht vor|weiß ich nicht|kenne ich nicht", FLAGS
)
FACT_GIVEN = "answers with a partnership fact"
_SINCE_YEAR = re.compile(r"\bseit (19|20)\d\d\b", FLAGS)


class Kind(str, Enum):
    """What a turn is about, and so what must hold of its reply."""

    FACT = "fact"
    EXPLAIN = "explain"
    CONTACT = "contact"
    TOPIC = "topic"
    UNKNOWN = "unknown"
    OOS = "oos"
    SMALLTALK = "smalltalk"
    HANDOFF = "handoff"


# What the records answer: a refusal is never right here.
ANSWERABLE = frozenset({Kind.FACT, Kind.EXPLAIN, Kind.CONTACT, Kind.TOPIC})


class _Model(BaseModel):
    class Config:
        extra = Extra.forbid
        frozen = True


class Turn(_Model):
    """One thing said, and what holds of the reply.

    Attributes:
        say: the text.
        kind: what it is about.
        expect: regular expressions, every one of which must match the reply.
        reject: regular expressions, none of which may match it.
    """

    say: str = Field(min_length=1)
    kind: Kind
    expect: tuple[str, ...] = ()
    reject: tuple[str, ...] = ()

    @validator("expect", "reject", each_item=True)
    def is_a_pattern(cls, value: str) -> str:  # noqa: D102
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"{value!r} is no regular expression: {error}") from error
        return value


class Case(_Model):
    """A conversation of one or more turns."""

    id: str = Field(regex="^[A-Z]{1,2}[0-9]{3}[a-z]?$")
    persona: str = ""
    turns: tuple[Turn, ...]

    @validator("turns")
    def has_turns(cls, value: tuple[Turn, ...]) -> tuple[Turn, ...]:  # noqa: D102
        if not value:
            raise ValueError("a case needs at least one turn")
        return value


class QuestionsError(ValueError):
    """A question file that cannot be used; the text says what is wrong with it."""


def load_cases(path: Path, this_year: int | None = None) -> list[Case]:
    """Read a question file; `{age:1969}` becomes the years from 1969 until this year."""
    year = this_year or dt.date.today().year
    text = _AGE.sub(lambda match: str(year - int(match[1])), path.read_text(encoding="utf-8"))
    try:
        cases = [Case.parse_obj(entry) for entry in yaml.safe_load(text)]
    except (yaml.YAMLError, ValidationError, TypeError) as error:
        raise QuestionsError(f"{path.name}: {error}") from error
    repeated = [id for id, count in Counter(case.id for case in cases).items() if count > 1]
    if repeated:
        raise QuestionsError(f"{path.name}: used twice: {', '.join(repeated)}")
    return cases


@dataclass(frozen=True)
class Signs:
    """How the bot's fixed texts are recognised in a reply; made from the responses of the domain."""

    source: re.Pattern[str]
    off_subject: re.Pattern[str]
    not_understood: re.Pattern[str]
    unrecorded: re.Pattern[str]
    apology: re.Pattern[str]

    @classmethod
    def from_domain(cls, path: Path) -> Signs:
        """From the responses in domain.yml."""
        responses = yaml.safe_load(path.read_text(encoding="utf-8"))["responses"]

        def sign(*keys: str) -> re.Pattern[str]:
            texts = [entry["text"] for key in keys for entry in responses[key]]
            return re.compile("|".join(map(_pattern, texts)), FLAGS)

        return cls(
            source=sign("utter_source"),
            off_subject=sign("utter_out_of_scope"),
            not_understood=sign("utter_ask_rephrase", "utter_default"),
            unrecorded=sign("utter_unrecorded", "utter_unrecorded_place"),
            apology=sign("utter_apology"),
        )

    def gives_fact(self, reply: str) -> bool:
        """Whether a reply states something out of the records."""
        return bool(self.source.search(reply) or _SINCE_YEAR.search(reply))

    def refuses(self, reply: str) -> bool:
        """Whether a reply gives nothing but that it does not know, understand or do this."""
        said_no = self.off_subject, self.not_understood, self.unrecorded
        return not self.gives_fact(reply) and any(sign.search(reply) for sign in said_no)


def _pattern(text: str) -> str:
    """A regular expression for a response, whatever its placeholders are filled with."""
    return ".+?".join(re.escape(piece) for piece in re.split(r"\{\w+\}", text))


def faults(turn: Turn, reply: str, signs: Signs) -> tuple[str, ...]:
    """What is wrong with a reply; empty means that it is right."""
    found = [f"expect {p}" for p in turn.expect if not re.search(p, reply, FLAGS)]
    found += [f"reject {p}" for p in turn.reject if re.search(p, reply, FLAGS)]
    if not reply.strip():
        found.append("no reply")
    if signs.apology.search(reply):
        found.append("an apology for an error")
    if turn.kind in ANSWERABLE and signs.off_subject.search(reply):
        found.append("refused as off the subject")
    if turn.kind is Kind.UNKNOWN and not _ADMITS.search(reply):
        found.append("does not admit that it does not know")
    if turn.kind is Kind.OOS and signs.gives_fact(reply):
        found.append(FACT_GIVEN)
    return tuple(found)


def read_floors(path: Path) -> Mapping[str, float]:
    """The least share of turns that must be right, by kind and by `musterstadt`."""
    raw: dict[str, float] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {kind: float(share) for kind, share in raw.items()}


def question_files(folder: Path, names: Sequence[str] = ()) -> list[Path]:
    """The question files of a folder; floors.yml is none."""
    found: Iterable[Path] = sorted(folder.glob("*.yml"))
    return [path for path in found if path.name != "floors.yml" and (not names or path.stem in names)]
