"""Two models on the same questions: what each kind gains and loses, and whether the new one may take over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from partnerstadt.quality.measure import Result, per_kind, wrong_answers


@dataclass(frozen=True)
class Row:
    """Right answers of one kind, with both models."""

    kind: str
    turns: int
    before: int
    after: int


@dataclass(frozen=True)
class Turned:
    """A question that one model answers rightly and the other does not, with both answers."""

    kind: str
    say: str
    before: str
    after: str


@dataclass(frozen=True)
class Comparison:
    """What came of it.

    Attributes:
        kinds: right answers by kind.
        lost: right before, wrong now.
        won: wrong before, right now.
        wrong_before: answers that stated something wrong, before.
        wrong_after: the same, now.
    """

    kinds: tuple[Row, ...]
    lost: tuple[Turned, ...]
    won: tuple[Turned, ...]
    wrong_before: int
    wrong_after: int

    @property
    def worse(self) -> tuple[str, ...]:
        """Kinds with fewer right answers; `wrong`, if more wrong things are said; empty is fine."""
        kinds = tuple(row.kind for row in self.kinds if row.after < row.before)
        return (*kinds, "wrong") if self.wrong_after > self.wrong_before else kinds

    def to_dict(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, raw: dict[str, Any]) -> Comparison:
        """What `to_dict` made."""
        kinds = tuple(Row(**row) for row in raw["kinds"])
        lost, won = (tuple(Turned(**turned) for turned in raw[key]) for key in ("lost", "won"))
        return cls(kinds, lost, won, raw["wrong_before"], raw["wrong_after"])


def compare(before: Sequence[Result], after: Sequence[Result]) -> Comparison:
    """Compare the results of two models on the same questions."""
    first, then = per_kind(before), per_kind(after)
    kinds = tuple(Row(kind.value, share.turns, share.passed, then[kind].passed) for kind, share in first.items())
    new = {(result.case, result.number): result for result in after}
    pairs = [(old, new[old.case, old.number]) for old in before]
    turned = [
        (old.passed, Turned(old.turn.kind.value, old.turn.say, old.reply, now.reply))
        for old, now in pairs
        if old.passed is not now.passed
    ]
    return Comparison(
        kinds=kinds,
        lost=tuple(pair for was_right, pair in turned if was_right),
        won=tuple(pair for was_right, pair in turned if not was_right),
        wrong_before=wrong_answers(before).passed,
        wrong_after=wrong_answers(after).passed,
    )
