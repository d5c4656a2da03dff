"""Keeps the figures under load, and writes what is made of them: a picture and sections of two pages."""

from __future__ import annotations

from pathlib import Path

from bench import capacity
from bench.load import page
from bench.load.figures import Load
from bench.load.plot import draw
from bench.load.run import Scale, measure_load, say
from bench.measure import read_questions
from bench.processes import Bench
from bench.splice import section, splice

RESULTS, PICTURE = "load.json", "bilder/last.png"


def measure(bench: Bench, scale: Scale) -> Load:
    """One run; its figures are kept."""
    load = measure_load(bench, read_questions(bench.settings.project / "tests" / "questions"), scale)
    (bench.folder / RESULTS).write_text(load.json(indent=1), encoding="utf-8")
    return load


def section_of(folder: Path) -> str:
    """The section for a page that is written anew: of the last run, or a sentence that says how to get one."""
    load = _read(folder)
    return section(page.COMMAND, page.markdown(load, PICTURE) if load else page.missing())


def write(bench: Bench) -> bool:
    """The picture and the sections of both pages, a page of its own after a short run; whether there are figures."""
    load = _read(bench.folder)
    if load is None:
        return False
    if bench.quick:
        draw(load, bench.folder / PICTURE)
        written = bench.folder / "load.md"
        plan = capacity.markdown(load, capacity.Assumptions())
        written.write_text(f"{page.markdown(load, PICTURE)}\n{plan}", encoding="utf-8")
    else:
        docs = bench.settings.project / "docs"
        draw(load, docs / PICTURE)
        written = docs / "leistung.md"
        splice(written, page.COMMAND, page.markdown(load, PICTURE))
        capacity.write(bench.settings.project, load, capacity.Assumptions())
    say(f"results in {bench.folder / RESULTS} and {written}")
    return True


def _read(folder: Path) -> Load | None:
    kept = folder / RESULTS
    return Load.parse_file(kept) if kept.exists() else None
