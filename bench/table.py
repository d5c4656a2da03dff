"""Pieces of German pages: tables, dates, verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Row = tuple[str, ...]


def table(header: Sequence[str], rows: Iterable[Row]) -> str:
    """A Markdown table; all columns but the first hold figures."""
    lines = [header, ("---", *["---:"] * (len(header) - 1)), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def verdict(reached: bool) -> str:
    """Whether a target is met."""
    return "erreicht" if reached else "nicht erreicht"


def date(iso: str) -> str:
    """A date as it is written in German."""
    year, month, day = iso[:10].split("-")
    return f"{int(day)}.{int(month)}.{year}"
