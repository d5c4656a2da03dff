"""What counts as a right reply; a measure that is wrong would make every figure wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from partnerstadt.quality.questions import (
    FACT_GIVEN,
    Case,
    Kind,
    QuestionsError,
    Signs,
    Turn,
    faults,
    load_cases,
    question_files,
    read_floors,
)
from tests.support import PROJECT

SOURCE = "Quelle: Stadt Musterstadt, „Partner“. Stand: März 2026."
REFUSAL = (
    "Dabei kann ich Ihnen leider nicht helfen. Ich beantworte nur Fragen zu den Städtepartnerschaften und "
    "internationalen Beziehungen der Stadt Musterstadt."
)
QUESTIONS = PROJECT / "tests" / "questions"


@pytest.fixture(scope="module")
def signs() -> Signs:
    """From the real domain."""
    return Signs.from_domain(PROJECT / "domain.yml")


def _turn(kind: Kind, expect: tuple[str, ...] = (), reject: tuple[str, ...] = ()) -> Turn:
    return Turn(say="?", kind=kind, expect=expect, reject=reject)


def test_patterns_match_over_lines_and_in_any_case(signs: Signs) -> None:
    """Every expected one must, no rejected one may."""
    turn = _turn(Kind.FACT, ("leeds.*1969", "ENGLAND"), ("1960",))
    assert faults(turn, "Leeds\nseit 1969, England", signs) == ()
    assert faults(turn, "Leeds seit 1960", signs) == ("expect leeds.*1969", "expect ENGLAND", "reject 1960")


@pytest.mark.parametrize("kind", [Kind.FACT, Kind.EXPLAIN, Kind.CONTACT, Kind.TOPIC])
def test_refusal_is_no_answer(kind: Kind, signs: Signs) -> None:
    """Also where nothing is expected; the city's name in it does not matter."""
    assert faults(_turn(kind), REFUSAL, signs) == ("refused as off the subject",)
    assert signs.refuses(REFUSAL) and not signs.gives_fact(REFUSAL)


def test_unknown_must_be_admitted(signs: Signs) -> None:
    """Keeping silent about the question is not enough."""
    assert faults(_turn(Kind.UNKNOWN), "Dazu liegen mir keine Angaben vor.", signs) == ()
    assert faults(_turn(Kind.UNKNOWN), "Leeds liegt in Großbritannien.", signs)


@pytest.mark.parametrize("reply", [SOURCE, "Leeds ist seit 1969 Partnerstadt."])
def test_off_topic_must_hold_no_fact(signs: Signs, reply: str) -> None:
    """Neither with nor without its source."""
    assert faults(_turn(Kind.OOS), reply, signs) == (FACT_GIVEN,)
    assert faults(_turn(Kind.OOS), REFUSAL, signs) == ()


def test_silence_and_apologies_are_faults(signs: Signs) -> None:
    """Whatever was asked."""
    apology = "Entschuldigung, das hat gerade nicht geklappt. Bitte versuchen Sie es gleich noch einmal."
    assert faults(_turn(Kind.SMALLTALK), " ", signs) == ("no reply",)
    assert faults(_turn(Kind.SMALLTALK), apology, signs) == ("an apology for an error",)


def test_ages_are_counted_from_this_year(tmp_path: Path) -> None:
    """So that a question file does not get old."""
    path = tmp_path / "q.yml"
    path.write_text(r"[{id: A001, turns: [{say: x, kind: fact, expect: ['\b{age:1969}\b|a{2}']}]}]", encoding="utf-8")
    assert load_cases(path, 2026) == [
        Case(id="A001", turns=(_turn(Kind.FACT, (r"\b57\b|a{2}",)).copy(update={"say": "x"}),))
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[{id: A001, turns: []}]",
        "[{id: A001, turns: [{say: x, kind: joke}]}]",
        "[{id: A001, turns: [{say: x, kind: fact, expect: ['(']}]}]",
        "[{id: A001, turns: [{say: x, kind: fact, except: ['1']}]}]",
        "[{id: A001, turns: [{say: x, kind: fact}]}, {id: A001, turns: [{say: y, kind: fact}]}]",
        "[",
        "",
    ],
)
def test_broken_file_is_named(tmp_path: Path, text: str) -> None:
    """With one error of our own."""
    path = tmp_path / "q.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(QuestionsError, match=r"q\.yml"):
        load_cases(path)


def test_real_files_can_be_read() -> None:
    """And each kind has a floor."""
    for path in question_files(QUESTIONS):
        assert load_cases(path)
    assert set(read_floors(QUESTIONS / "floors.yml")) == {kind.value for kind in Kind} | {"musterstadt"}
