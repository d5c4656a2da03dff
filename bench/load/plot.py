"""Draws the figures under load: four charts, each with one measure."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from bench.figures import german
from bench.load import figures
from bench.load.figures import Growth, Load
from bench.plot import OURS, STOCK

TWO = "#3f8f5f"
GROUP = 10  # turns that become one point


def draw(load: Load, path: Path) -> None:
    """Write the picture."""
    plt.rcParams.update({"font.size": 11, "axes.titlesize": 12, "axes.titleweight": "bold"})
    figure, axes = plt.subplots(2, 2, figsize=(11, 8))
    _throughput(axes[0][0], load)
    _waiting(axes[0][1], load)
    _memory(axes[1][0], load)
    _turns(axes[1][1], load)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    # Without the date and version in the file, the same figures give the same picture.
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)


def _throughput(axes: Axes, load: Load) -> None:
    shown = (
        (figures.OURS, "ein Rasa-Prozess", OURS, "o-"),
        (figures.OURS_TWO, "zwei Rasa-Prozesse", TWO, "s-"),
        (figures.STOCK, "Rasa-Standard", STOCK, "^-"),
        (figures.CHAIN, "ganze Kette, ein Rasa-Prozess", OURS, "o:"),
        (figures.CHAIN_TWO, "ganze Kette, zwei Rasa-Prozesse", TWO, "s:"),
    )
    for system, label, colour, form in shown:
        steps = load.of(system)
        axes.plot([s.at_once for s in steps], [s.throughput for s in steps], form, color=colour, label=label)
    most = max(step.throughput for step in load.steps)
    axes.set_ylim(0, 1.6 * most)  # room for the names
    _finish(axes, "Antworten je Sekunde", "Fragende zugleich", [s.at_once for s in load.of(figures.OURS)])


def _waiting(axes: Axes, load: Load) -> None:
    steps = [step for step in load.of(figures.CHAIN_TWO) if step.p50 is not None]
    for name, form, share in (("p50", "o-", "p50"), ("p95", "s--", "p95"), ("p99", "^:", "p99")):
        axes.plot([s.at_once for s in steps], [getattr(s, share) / 1000 for s in steps], form, color=TWO, label=name)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(lambda value, _: german(value, 0 if value >= 1 else 2))
    axes.yaxis.set_minor_formatter(lambda *_: "")
    _finish(axes, "Wartezeit in Sekunden (ganze Kette, zwei)", "Fragende zugleich", [s.at_once for s in steps])


def _memory(axes: Axes, load: Load) -> None:
    samples = load.soak.samples
    for part, label, colour, form in (("bot", "zwei Rasa-Prozesse", TWO, "-"), ("front", "Tür", OURS, "--")):
        axes.plot([s.seconds for s in samples], [s.mb.get(part, 0) for s in samples], form, color=colour, label=label)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(lambda value, _: german(value))
    number = german(load.soak.step.answered)
    _finish(axes, f"Arbeitsspeicher in MB, {number} Antworten", "Sekunden", None)


def _turns(axes: Axes, load: Load) -> None:
    for grown, label, colour, form in (
        (load.growth, "Partnerstadt", OURS, "-"),
        (load.growth_stock, "Rasa-Standard", STOCK, "--"),
    ):
        axes.plot(*_grouped(grown), form, color=colour, label=label, linewidth=2)
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_formatter(lambda value, _: german(value))
    _finish(axes, "Dauer eines Zuges in Millisekunden", "Zug des Gesprächs", None)


def _grouped(grown: Growth) -> tuple[list[float], list[float]]:
    """Medians of so many turns each, so that single late ones do not hide the course."""
    groups = [grown.curve[at : at + GROUP] for at in range(0, len(grown.curve), GROUP)]
    return [GROUP * (n + 0.5) for n in range(len(groups))], [statistics.median(group) for group in groups]


def _finish(axes: Axes, title: str, across: str, at_once: Sequence[int] | None) -> None:
    axes.set_title(title, loc="left")
    axes.set_xlabel(across)
    if at_once is not None:
        axes.set_xscale("log")
        axes.set_xticks(at_once, list(map(str, at_once)))
        axes.minorticks_off()
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.3)
    axes.legend(frameon=False, fontsize=9)
