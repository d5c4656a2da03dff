"""Two models on the same questions."""

from __future__ import annotations

import pytest

from partnerstadt.quality.compare import Comparison, compare
from partnerstadt.quality.measure import Result
from partnerstadt.quality.questions import Kind, Turn


def results(*right: bool, wrong: bool = False) -> list[Result]:
    """Answers to a question of each of the first kinds."""
    return [
        Result(
            "A001",
            number,
            Turn(say=f"frage {number}", kind=kind),
            f"antwort {ok}",
            0.1,
            () if ok else ("x",),
            "",
            wrong,
        )
        for number, (kind, ok) in enumerate(zip(Kind, right, strict=False), 1)
    ]


def test_what_turned_is_listed() -> None:
    """Both ways, with both answers."""
    found = compare(results(True, False, True), results(False, True, True))
    assert [(t.say, t.before, t.after) for t in found.lost] == [("frage 1", "antwort True", "antwort False")]
    assert [t.say for t in found.won] == ["frage 2"]
    assert [(row.before, row.after) for row in found.kinds] == [(1, 0), (0, 1), (1, 1)]
    assert Comparison.from_dict(found.to_dict()) == found


@pytest.mark.parametrize(
    ("after", "wrong", "worse"),
    [
        ((True, False), False, ()),
        ((True, True), False, ()),
        ((False, True), False, ("fact",)),
        ((True, False), True, ("wrong",)),
        ((False, False), True, ("fact", "wrong")),
    ],
)
def test_worse_is_worse_in_any_kind(after: tuple[bool, ...], wrong: bool, worse: tuple[str, ...]) -> None:
    """A gain of one kind does not make up for the loss of another."""
    assert compare(results(True, False), results(*after, wrong=wrong)).worse == worse
