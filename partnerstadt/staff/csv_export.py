"""Tables for German Excel: semicolons, a mark that says UTF-8, and no cell that Excel would take for a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from starlette.responses import Response

Cell = str | int | float | None
# What a formula begins with, also in the wide letters of East Asia, and what Excel passes over before it.
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A table as text."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerows([[_cell(cell) for cell in row] for row in (header, *rows)])
    return out.getvalue()


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """A table as a file to keep; its name is ours and plain."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(csv_text(header, rows).encode("utf-8-sig"), headers=headers, media_type="text/csv")


def _cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if FORMULA.match(cell) else cell
    return str(cell).replace(".", ",")  # a number may begin with a minus
