"""Figures out of results, without a bot."""

from __future__ import annotations

import datetime as dt

from partnerstadt.quality.measure import Result, Share, off_topic_accepted, per_kind, refusals, shorten, wrong_answers
from partnerstadt.quality.questions import FACT_GIVEN, Kind, Turn
from partnerstadt.report import page, percent


def _result(kind: Kind, *faults: str, wrong: bool = False, refused: bool = False, say: str = "x") -> Result:
    return Result("A001", 1, Turn(say=say, kind=kind), "Antwort", 0.1, faults, "residents", wrong, refused)


RESULTS = [
    _result(Kind.FACT),
    _result(Kind.FACT, "expect 1969", wrong=True),
    _result(Kind.FACT, "expect 1969", refused=True),
    _result(Kind.UNKNOWN, refused=True),
    _result(Kind.OOS),
    _result(Kind.OOS, FACT_GIVEN, wrong=True, say="<b>a | b</b>"),
]


def test_figures() -> None:
    """Each counts what its name says."""
    assert per_kind(RESULTS) == {Kind.FACT: Share(3, 1), Kind.UNKNOWN: Share(1, 1), Kind.OOS: Share(2, 1)}
    assert wrong_answers(RESULTS) == Share(6, 2)
    assert refusals(RESULTS) == Share(3, 1)
    assert off_topic_accepted(RESULTS) == Share(2, 1)
    assert Share(0, 0).share == 1.0


def test_text_is_shortened() -> None:
    """To one line."""
    assert shorten("a\n b", 10) == "a b"
    assert shorten("a" * 20, 10) == "a" * 9 + "…"


def test_page_holds_all_figures_and_no_markup_of_others() -> None:
    """German numbers, every failed sentence, and what people typed as mere text."""
    text = page(RESULTS, {r.turn.say: "greet" for r in RESULTS}, "Musterstadt", dt.date(2026, 3, 2))
    assert "2. März 2026" in text and "Musterstadt" in text and "bilder/qualitaet.png" in text
    assert "| 3 | 1 | 33,3 % |" in text and "| 6 | 2 | 33,3 % |" in text
    assert r"&lt;b&gt;a \| b&lt;/b&gt;" in text and "<b>" not in text
    assert percent(1) == "100,0 %"
    assert "Keiner." in page(RESULTS[:1], {"x": "greet"}, "Musterstadt", dt.date(2026, 3, 2))
