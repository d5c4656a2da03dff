"""The figures under load as a German section of docs/leistung.md."""

from __future__ import annotations

from bench.load import figures
from bench.load.figures import Load, Step
from bench.load.mix import LENGTHS
from bench.load.tool import PATIENCE
from bench.pages import render
from bench.training import stock_config

COMMAND = "python -m bench.load"


def markdown(load: Load, picture: str) -> str:
    """The section; `picture` is the address of the plot as seen from the page."""
    return render(
        "load.md.jinja",
        load=load,
        picture=picture,
        lengths=LENGTHS,
        patience=PATIENCE,
        whole_epochs=next(entry["epochs"] for entry in stock_config()["pipeline"] if "epochs" in entry),
        busiest=busiest(load, figures.CHAIN_TWO),
        busiest_stock=busiest(load, figures.STOCK),
    )


def missing() -> str:
    """What stands there before the first run."""
    return "## Unter Last\n\n" + render("missing.md.jinja")


def busiest(load: Load, system: str) -> Step:
    """The step with the most answers: there, the CPU for one is told best."""
    return max(load.of(system), key=lambda step: step.answered)
