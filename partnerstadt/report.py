"""`partnerstadt report`: measures the answers of the running bot and writes docs/qualitaet.md."""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from babel.dates import format_date

from partnerstadt.model import ensure_model
from partnerstadt.quality.measure import (
    Result,
    Share,
    measure,
    off_topic_accepted,
    per_kind,
    refusals,
    shorten,
    wrong_answers,
)
from partnerstadt.quality.questions import Kind, Signs, load_cases, question_files
from partnerstadt.quality.servers import running
from partnerstadt.records.load import load_records
from partnerstadt.settings import Settings
from partnerstadt.understanding import Understanding

QUESTIONS = Path("tests/questions")
PAGE = Path("docs/qualitaet.md")
PICTURE = Path("docs/bilder/qualitaet.png")
LONGEST_SENTENCE = 160

LABELS = {
    Kind.FACT: "Angaben zu Partnerstädten",
    Kind.EXPLAIN: "Zweck, Formen, Mitmachen",
    Kind.CONTACT: "Zuständigkeit und Kontakt",
    Kind.TOPIC: "benachbarte Themen",
    Kind.UNKNOWN: "nicht verzeichnet",
    Kind.OOS: "fremde Themen",
    Kind.SMALLTALK: "Gruß, Dank, Fragen zum Bot",
    Kind.HANDOFF: "Mensch gewünscht, Beschwerde",
}


def report(settings: Settings) -> int:
    """Start the bot, ask it all questions of tests/questions, write page and picture."""
    project = settings.project
    ensure_model(settings)
    results = _ask_everything(settings)
    understanding = Understanding(settings)
    intents = {r.turn.say: str(understanding.parse(r.turn.say)["intent"]["name"]) for r in results}
    picture = project / PICTURE
    picture.parent.mkdir(parents=True, exist_ok=True)
    draw(per_kind(results), picture)
    home = load_records(settings.records, dt.date.today()).city.name
    (project / PAGE).write_text(page(results, intents, home, dt.date.today()), encoding="utf-8")
    print(f"{PAGE}: {sum(r.passed for r in results)} of {len(results)} turns are right.")
    return 0


def _ask_everything(settings: Settings) -> list[Result]:
    signs = Signs.from_domain(settings.project / "domain.yml")
    results: list[Result] = []
    with tempfile.TemporaryDirectory() as folder, running(settings, Path(folder) / "servers.log") as bot:
        for path in question_files(settings.project / QUESTIONS):
            cases = load_cases(path)
            print(f"Asking {len(cases)} conversations of {path.name} ...", file=sys.stderr)
            results += measure(bot.rasa_url, cases, signs, path.stem)
    return results


def page(results: Sequence[Result], intents: Mapping[str, str], home: str, today: dt.date) -> str:
    """The report in Markdown."""
    date = format_date(today, "d. MMMM yyyy", locale="de")
    parts = [
        "# Güte der Antworten",
        "Diese Seite schreibt `make report`; von Hand geändert wird sie nicht. "
        f"Gemessen am {date} am laufenden Bot mit den Daten der Stadt {home}: "
        f"{len(results)} Sätze aus {len({r.case for r in results})} Gesprächen in `tests/questions/`, "
        "jeder mit dem, was die Antwort enthalten muss und was nicht.",
        f"![Anteil richtiger Antworten je Art der Frage]({PICTURE.relative_to(PAGE.parent).as_posix()})",
        "## Richtige Antworten je Art der Frage",
        _kinds_table(per_kind(results)),
        "## Richtige Antworten je Sammlung",
        _files_table(results),
        "## Fehler nach ihrer Wirkung",
        _effects_table(results),
        "## Welche Absicht je Art erkannt wurde",
        "Anzahl der Sätze, deren Absicht (intent) so erkannt wurde. Was ein Satz im Gespräch bedeutet, "
        "entscheidet erst die Antwort; ein ungewohnter Eintrag ist daher noch kein Fehler.",
        _confusion_table(results, intents),
        "## Nicht bestandene Sätze",
        _failed(results, intents),
    ]
    return "\n\n".join(parts) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers_from: int = 1) -> str:
    marks = ["---"] * numbers_from + ["---:"] * (len(head) - numbers_from)
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, marks, *rows])


def percent(share: float) -> str:
    """A share as a German percentage with one digit."""
    return f"{100 * share:.1f} %".replace(".", ",")


def _row(label: str, share: Share) -> list[str]:
    return [label, str(share.turns), str(share.passed), percent(share.share)]


def _kinds_table(kinds: Mapping[Kind, Share]) -> str:
    total = Share(sum(s.turns for s in kinds.values()), sum(s.passed for s in kinds.values()))
    rows = [_row(f"{LABELS[kind]} (`{kind.value}`)", share) for kind, share in kinds.items()]
    return _table(["Art", "Sätze", "richtig", "Anteil"], [*rows, _row("**zusammen**", total)])


def _files_table(results: Sequence[Result]) -> str:
    files = dict.fromkeys(r.file for r in results)
    shares = {file: [r.passed for r in results if r.file == file] for file in files}
    rows = [_row(f"`{file}.yml`", Share(len(passed), sum(passed))) for file, passed in shares.items()]
    return _table(["Sammlung", "Sätze", "richtig", "Anteil"], rows)


def _effects_table(results: Sequence[Result]) -> str:
    figures = (
        ("falsche Angabe: die Antwort nennt etwas, das nicht stimmt oder nicht gefragt war", wrong_answers(results)),
        ("keine Antwort, obwohl die Daten sie hergeben", refusals(results)),
        ("fremdes Thema mit einer Angabe zu Partnerstädten beantwortet", off_topic_accepted(results)),
    )
    head = ["Wirkung", "Sätze", "davon betroffen", "Anteil"]
    return _table(head, [_row(label, share) for label, share in figures])


def _confusion_table(results: Sequence[Result], intents: Mapping[str, str]) -> str:
    counts: dict[Kind, Counter[str]] = defaultdict(Counter)
    for result in results:
        counts[result.turn.kind][intents[result.turn.say]] += 1
    rows = [
        [f"`{kind.value}`", ", ".join(f"`{intent}` {count}" for intent, count in counts[kind].most_common())]
        for kind in Kind
        if kind in counts
    ]
    return _table(["Art", "erkannte Absichten"], rows, numbers_from=2)


def _failed(results: Sequence[Result], intents: Mapping[str, str]) -> str:
    failed = [r for r in results if not r.passed]
    if not failed:
        return "Keiner."
    rows = [
        [
            f"{r.case}.{r.number}",
            f"`{r.turn.kind.value}`",
            _cell(r.turn.say),
            f"`{intents[r.turn.say]}`",
            _cell(r.reply),
            "; ".join(f"`{_escaped(fault)}`" for fault in r.faults),
        ]
        for r in failed
    ]
    return _table(["Satz", "Art", "gesagt", "erkannt", "Antwort (gekürzt)", "Befund"], rows, numbers_from=6)


def _cell(text: str) -> str:
    """Text of anybody inside a table: no markup of it may work."""
    text = shorten(text, LONGEST_SENTENCE)
    return _escaped(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("`", "'"))


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def draw(kinds: Mapping[Kind, Share], path: Path) -> None:
    """The shares as bars, the kind asked most on top."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    shown = sorted(kinds.items(), key=lambda entry: entry[1].turns)
    figure, axes = pyplot.subplots(figsize=(9, 0.55 * len(shown) + 1.4))
    bars = axes.barh([LABELS[kind] for kind, _ in shown], [100 * s.share for _, s in shown], color="#2a6f97")
    notes = [f"{percent(s.share)}  ({s.passed} von {s.turns})" for _, s in shown]
    axes.bar_label(bars, notes, padding=4, fontsize=9)
    axes.set_xlim(0, 128)
    axes.set_xticks(range(0, 101, 20))
    axes.set_xlabel("Anteil richtiger Antworten in Prozent")
    axes.set_title("Richtige Antworten je Art der Frage", loc="left", fontweight="bold")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    figure.tight_layout()
    # Without date and version of the library, so that the same figures give the same file.
    figure.savefig(path, dpi=120, metadata={"Software": None})
    pyplot.close(figure)
