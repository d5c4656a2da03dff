"""Tables for German Excel."""

from __future__ import annotations

import csv

import pytest

from partnerstadt.staff.csv_export import Cell, csv_response, csv_text


@pytest.mark.parametrize("text", ["=1+1", "+49", "-x", "@SUM", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "\u00a0=1"])
def test_cell_that_begins_like_a_formula_is_text(text: str) -> None:
    """Also with blanks before it."""
    cell = next(csv.reader([csv_text([text], [])], delimiter=";"))[0]
    assert cell.startswith("'") and cell.strip() != text.strip()


@pytest.mark.parametrize(("cell", "shown"), [(-3, "-3"), (1.5, "1,5"), (None, ""), ("a-b=c", "a-b=c"), ("", "")])
def test_other_cells_stay_as_they_are(cell: Cell, shown: str) -> None:
    """Numbers with the comma of German Excel."""
    assert csv_text(["a"], [[cell, "x"]]) == f"a\r\n{shown};x\r\n"


def test_what_separates_is_quoted() -> None:
    """Semicolons, quotation marks and line breaks within a cell."""
    row = ["a;b", 'c"d', "e\nf"]
    assert list(csv.reader(csv_text(["x"], [row]).splitlines(keepends=True), delimiter=";"))[1] == row


def test_file_is_known_as_utf8() -> None:
    """Excel would read umlauts wrongly without the mark."""
    response = csv_response("protokoll.csv", ["Vorgänge"], [])
    assert bytes(response.body).startswith(b"\xef\xbb\xbfVorg\xc3\xa4nge") and b"\r\n" in bytes(response.body)
    assert response.headers["content-disposition"] == 'attachment; filename="protokoll.csv"'
    assert response.headers["content-type"].startswith("text/csv")
