"""Curated answers as the staff write them: the form's values, their place in the file, what they would catch."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.scalarstring import LiteralScalarString
from sqlalchemy import select
from sqlalchemy.engine import Engine

from partnerstadt.answer.reply import fills
from partnerstadt.front import tables as front
from partnerstadt.nlu.likeness import Sentences
from partnerstadt.nlu.meaning import encode
from partnerstadt.quality.questions import ANSWERABLE, load_cases, question_files
from partnerstadt.question.reading import UNRECORDED, Match
from partnerstadt.question.settle import is_curated
from partnerstadt.records.load import ANSWERS
from partnerstadt.records.models import CuratedAnswer, Records
from partnerstadt.staff.changes import Change, Changes, Version
from partnerstadt.text import fold

# As many past questions are compared: more would keep the clerk waiting.
MOST_PAST = 300
LONGEST_ID = 40
FIELDS = ("questions", "answer", "plain", "source", "valid_until", "owner", "review_by")


class State(str, Enum):
    """Whether an answer is given."""

    LIVE = "live"
    OVERDUE = "overdue"
    EXPIRED = "expired"


def state_of(answer: CuratedAnswer, today: dt.date) -> State:
    """An expired answer is given no more; an overdue one is, but somebody should look at it."""
    if not answer.holds_on(today):
        return State.EXPIRED
    return State.OVERDUE if answer.review_by < today else State.LIVE


@dataclass(frozen=True)
class Draft:
    """An answer as a form holds it, before it is known to be one.

    Attributes:
        id: of the answer; empty if it is new.
        values: the fields as text; questions a line each.
        mark: of the file that the form was made from.
    """

    id: str
    values: dict[str, str] = field(default_factory=dict)
    mark: str = ""

    @property
    def questions(self) -> list[str]:
        """The questions, without empty lines."""
        lines = (line.strip() for line in self.values.get("questions", "").splitlines())
        return list(dict.fromkeys(filter(None, lines)))

    @classmethod
    def of(cls, answer: CuratedAnswer, mark: str) -> Draft:
        """The form of an answer."""
        raw = answer.dict()
        values = {name: str(raw[name]) if raw[name] is not None else "" for name in FIELDS if name != "questions"}
        return cls(answer.id, values | {"questions": "\n".join(answer.questions)}, mark)

    def record(self, id: str) -> dict[str, Any]:
        """As it stands in the file."""
        entry: dict[str, Any] = {"id": id, "questions": self.questions}
        for name in FIELDS[1:]:
            value = self.values.get(name, "").replace("\r\n", "\n").strip()
            if value or name not in ("plain", "valid_until"):
                entry[name] = _date(value) if name in ("valid_until", "review_by") else _text(value)
        return entry


@dataclass(frozen=True)
class Caught:
    """A question that the answer would be given to.

    Attributes:
        text: the question.
        answered: whether it is answered today, so that its answer would change.
    """

    text: str
    answered: bool


class Answers:
    """The curated answers of a city.

    Args:
        changes: the files of the records.
        engine: the database with past questions.
    """

    def __init__(self, changes: Changes, engine: Engine) -> None:
        self._changes = changes
        self._engine = engine

    def read(self) -> tuple[Records, Version]:
        """The records with the answers of the file as it is, and its mark.

        Raises:
            Unfit: if somebody broke the file.
        """
        version = self._changes.read(ANSWERS)
        return self._changes.check(ANSWERS, version.text), version

    def check(self, draft: Draft) -> tuple[str, Records]:
        """The id of a draft, and the records as they would be with it.

        Raises:
            Unfit: if they could not be used.
        """
        text, id = self._with(draft)
        return id, self._changes.check(ANSWERS, text)

    def save(self, draft: Draft, account: str) -> str:
        """Put a draft in force.

        Raises:
            Overtaken: if somebody else changed the answers since the form was made.
            Unfit: if the records could not be used then.
        """
        text, id = self._with(draft)
        self._changes.put(ANSWERS, text, draft.mark, account, id)
        return id

    def delete(self, id: str, mark: str, account: str) -> None:
        """Take an answer out of the file; it stays in its history."""
        tree = _load(self._changes.read(ANSWERS).text)
        for index in reversed(range(len(tree["answers"]))):
            if tree["answers"][index]["id"] == id:
                del tree["answers"][index]
        self._changes.put(ANSWERS, _dump(tree), mark, account, id)

    def history(self, id: str | None = None) -> list[Change]:
        """The changes of one answer, or of all of them."""
        return self._changes.history(ANSWERS, id)

    def _with(self, draft: Draft) -> tuple[str, str]:
        version = self._changes.read(ANSWERS)
        tree = _load(version.text)
        taken = {entry["id"] for entry in tree["answers"]}
        taken |= {topic.id for topic in self._changes.check(ANSWERS, version.text).topics}
        id = draft.id or new_id(draft.questions, taken)
        record = draft.record(id)
        present = next((entry for entry in tree["answers"] if entry["id"] == id), None)
        if present is None:
            tree["answers"].append(CommentedMap(record))
        else:
            for name in [name for name in present if name not in record]:
                del present[name]
            for name, value in record.items():
                if present.get(name) != value:
                    present[name] = value
        return _dump(tree), id

    def past(self, draft: Draft) -> list[Caught]:
        """Questions of citizens that the answer would have been given to, the latest first."""
        m, reply = front.messages.c, front.messages.alias().c
        query = (
            select(m.text, reply.intent, reply.confidence, reply.outcome)
            .where(m.sender == "citizen", reply.conversation == m.conversation, reply.answers == m.number)
            .order_by(m.time.desc())
            .limit(MOST_PAST)
        )
        with self._engine.begin() as connection:
            rows = {row.text: row for row in connection.execute(query).all()}
        found = []
        for text, match in zip(rows, _nearest(draft.questions, tuple(rows)), strict=True):
            row = rows[text]
            if match and gives_way(match, row.intent or "", row.confidence or 0.0, row.outcome or ""):
                found.append(Caught(text, row.outcome == "answered"))
        return found


def gives_way(match: Match, intent: str, confidence: float, outcome: str) -> bool:
    """Whether what was said to a question would be the curated answer instead."""
    if outcome == "unrecorded" or intent == UNRECORDED:
        return outcome != "answered" and fills(match, intent)
    return is_curated(match, intent, confidence)


def near_tests(draft: Draft, folder: Path) -> list[tuple[str, bool]]:
    """The project's regression questions that come near to a draft, each with whether the bot must answer it."""
    questions = _regression(folder)
    texts = tuple(questions)
    matches = _nearest(draft.questions, texts)
    return [(text, questions[text]) for text, match in zip(texts, matches, strict=True) if match and match.fills_gap]


def match_of(draft: Draft, text: str) -> Match | None:
    """How near a text comes to a draft."""
    return next(iter(_nearest(draft.questions, (text,))))


def similar(draft: Draft, records: Records, id: str) -> list[tuple[str, str]]:
    """Questions of other answers and of topics that a draft comes near to, with the id they belong to."""
    pairs = [(a.id, str(q)) for a in records.answers if a.id != id for q in a.questions]
    pairs += [(topic.id, q) for topic in records.topics for q in topic.questions]
    matches = _nearest(draft.questions, tuple(question for _, question in pairs))
    return [pair for pair, match in zip(pairs, matches, strict=True) if match and match.fills_gap]


def new_id(questions: Sequence[str], taken: Collection[str]) -> str:
    """A readable id out of the first question."""
    words = re.findall(r"[a-z0-9]+", fold(questions[0] if questions else ""))
    base = "_".join(words)[:LONGEST_ID].strip("_")
    base = base if base[:1].isalpha() else f"answer_{base}".strip("_")
    numbers = (f"{base}_{number}" for number in range(2, len(taken) + 3))
    return base if base not in taken else next(id for id in numbers if id not in taken)


def rows(answers: Iterable[CuratedAnswer], today: dt.date) -> list[list[str]]:
    """The answers as rows of a table."""
    return [
        [
            answer.id,
            " | ".join(answer.questions),
            answer.answer,
            answer.plain or "",
            answer.source,
            answer.owner,
            answer.valid_until.isoformat() if answer.valid_until else "",
            answer.review_by.isoformat(),
            state_of(answer, today).value,
        ]
        for answer in answers
    ]


def _nearest(questions: Sequence[str], texts: tuple[str, ...]) -> list[Match | None]:
    """For each text the nearest of some questions."""
    index = Sentences([("draft", question.lower()) for question in questions])
    return [
        max(index.matches(text.lower(), vector), key=lambda match: match.likeness, default=None)
        for text, vector in zip(texts, _vectors(texts), strict=True)
    ]


@lru_cache(maxsize=4)
def _vectors(texts: tuple[str, ...]) -> Any:
    """Encoding the regression questions takes seconds; they are kept."""
    return encode([text.lower() for text in texts]) if texts else ()


@lru_cache(maxsize=2)
def _regression(folder: Path) -> dict[str, bool]:
    cases = [case for path in question_files(folder) for case in load_cases(path)] if folder.is_dir() else []
    return {turn.say: turn.kind in ANSWERABLE for case in cases for turn in case.turns}


def _text(value: str) -> str:
    return LiteralScalarString(value) if "\n" in value else value


def _date(value: str) -> dt.date | str:
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return value  # the check of the records says what is wrong with it


def _yaml() -> Any:
    yaml: Any = YAML()
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _load(text: str) -> Any:
    tree = _yaml().load(text) or CommentedMap()
    if not tree.get("answers"):
        tree["answers"] = []
    return tree


def _dump(tree: Any) -> str:
    out = io.StringIO()
    _yaml().dump(tree, out)
    return out.getvalue()
