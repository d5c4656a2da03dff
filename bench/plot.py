"""Draws the results: four small charts, each with one measure."""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from bench.figures import german
from bench.results import Results, Share

# Dark and light enough to be told apart without colours; the hatching helps as well.
OURS, STOCK = "#1f4e79", "#e0a33e"
LABELS = ("Partnerstadt", "Rasa-Standard")
Bars = tuple[str, float, float]


def draw(results: Results, path: Path) -> None:
    """Write the picture."""
    ours, stock = results.ours, results.stock
    plt.rcParams.update({"font.size": 11, "axes.titlesize": 12, "axes.titleweight": "bold"})
    figure, axes = plt.subplots(2, 2, figsize=(10, 6.6))
    _bars(axes[0][0], "Training: Rechenzeit in Sekunden", [("", ours.training.cpu_seconds, stock.training.cpu_seconds)])
    memory = [("nach dem Start", ours.idle_mb, stock.idle_mb), ("nach allen Fragen", ours.used_mb, stock.used_mb)]
    _bars(axes[0][1], "Arbeitsspeicher von Rasa in MB", memory)
    times = [
        ("Sachfrage, p50", ours.fact.p50, stock.fact.p50),
        ("Sachfrage, p95", ours.fact.p95, stock.fact.p95),
        ("Floskel, p50", ours.smalltalk.p50, stock.smalltalk.p50),
    ]
    _bars(axes[1][0], "Antwortzeit in Millisekunden", times)
    right = [
        ("Art der Frage\nerkannt", _per_cent(ours.families.all), _per_cent(stock.families.all)),
        ("Antwort richtig", _per_cent(ours.answers.all), _per_cent(stock.answers.all)),
    ]
    if results.stock_with_names:
        better = _per_cent(results.stock_with_names.all)
        right.append(("Antwort richtig,\nNamen gereicht", _per_cent(ours.answers.all), better))
    _bars(axes[1][1], "Prüffragen richtig in Prozent", right, limit=118)
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncol=2, frameon=False)
    figure.tight_layout(rect=(0, 0.05, 1, 1))
    path.parent.mkdir(parents=True, exist_ok=True)
    # Without the date and version in the file, the same figures give the same picture.
    figure.savefig(path, dpi=120, metadata={"Software": None})
    plt.close(figure)


def _bars(axes: Axes, title: str, groups: list[Bars], limit: float | None = None) -> None:
    """Horizontal bars: for each group ours above the stock pipeline's, with the value at the end."""
    height = 0.38
    for index, (label, colour, hatch) in enumerate(zip(LABELS, (OURS, STOCK), ("", "//"), strict=True)):
        positions = [group + (index - 0.5) * height for group in range(len(groups))]
        values = [(ours, stock)[index] for _, ours, stock in groups]
        axes.barh(positions, values, height, label=label, color=colour, hatch=hatch, edgecolor="white")
        for position, value in zip(positions, values, strict=True):
            axes.annotate(
                german(value, 0 if value >= 100 else 1),
                (value, position),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
            )
    axes.set_title(title, loc="left")
    axes.set_yticks(range(len(groups)), [group[0] for group in groups])
    axes.invert_yaxis()
    axes.set_xlim(0, limit or 1.18 * max(max(group[1:]) for group in groups))
    axes.xaxis.set_major_formatter(lambda value, _: german(value))
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _per_cent(share: Share) -> float:
    return 100 * share.right / share.total if share.total else 0.0
