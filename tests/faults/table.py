"""The table of faults: the tests keep a row each, `python -m tests.faults.table` writes them into docs/betrieb.md."""

from __future__ import annotations

import csv
import fcntl
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path

import yaml

from tests.faults.people import Count

PROJECT = Path(__file__).parents[2]
WORDS = Path(__file__).parent / "faults.yml"
RESULTS = PROJECT / "results" / "faults.tsv"
PAGE = PROJECT / "docs" / "betrieb.md"
BEGIN, END = "<!-- table of faults, written by `make faults` -->\n", "<!-- end of the table of faults -->\n"
COLUMNS = ["fault", *(column.name for column in fields(Count))]


def words() -> tuple[list[str], dict[str, str]]:
    """The head of the table, and the tests of this folder with what each breaks."""
    raw = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return list(raw["head"]), dict(raw["faults"])


def keep(fault: str, counted: Count, results: Path = RESULTS) -> None:
    """Keep the row of a fault, instead of an older one."""
    results.parent.mkdir(exist_ok=True)
    with results.open("a+", encoding="utf-8", newline="") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # tests run in several processes
        file.seek(0)
        rows = {row["fault"]: row for row in csv.DictReader(file, delimiter="\t")}
        rows[fault] = {"fault": fault} | {name: str(value) for name, value in asdict(counted).items()}
        file.truncate(0)
        writer = csv.DictWriter(file, COLUMNS, delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows.values())


def read(results: Path = RESULTS) -> dict[str, Count]:
    """The rows that are kept."""
    with results.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    numbers = COLUMNS[1:-1]
    return {row["fault"]: Count(*(int(row[name]) for name in numbers), longest=float(row["longest"])) for row in rows}


def table(rows: Mapping[str, Count]) -> str:
    """The table in Markdown; a KeyError names a fault that was not tested."""
    head, faults = words()
    lines = [_line(head), _line(["---"] + ["---:"] * (len(head) - 1))]
    for fault, title in faults.items():
        row = rows[fault]
        numbers = [row.asked, row.once, f"{row.longest:.0f} s", row.doubled, row.lost, row.misdirected]
        lines.append(_line([title, *map(str, numbers)]))
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def written(page: str, rows: Mapping[str, Count]) -> str:
    """The page with the table between its marks."""
    before, _, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError("the page has no marks for the table of faults")
    return f"{before}{BEGIN}\n{table(rows)}\n{END}{after}"


def rows_of(page: str) -> list[list[str]]:
    """The cells of the table of a page, without its head."""
    part = page.partition(BEGIN)[2].partition(END)[0]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in part.strip().splitlines()[2:]]


def main() -> int:
    """Write the table."""
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), read()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
