"""Writes the results as German Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench.figures import german, percent, ratio
from bench.results import Results, Share, Shares
from bench.table import Row, date, table, verdict
from partnerstadt.report import LABELS

TRAINING_SECONDS = 60
FACT_MILLISECONDS = 25
FRONT_MILLISECONDS = 8


def markdown(results: Results, picture: str, load: str = "") -> str:
    """The whole page; `picture` is the address of the plot as seen from it, `load` the section of bench.load."""
    parts = [
        *_head(results, picture),
        "## Zeit und Speicher",
        table(("Messgröße", "Partnerstadt", "Rasa-Standard", "Verhältnis"), _costs(results)),
        "Verhältnis: Wert von Partnerstadt geteilt durch Wert des Rasa-Standards; unter 1 heißt schneller oder "
        "kleiner. Jede Frage beginnt ein neues Gespräch und geht über den REST-Kanal auf 127.0.0.1, nacheinander "
        f"je {german(results.ours.fact.count)} Sachfragen und Gesprächsfloskeln. p50 ist der Median; p95 halten "
        "95 von 100 Antworten ein.",
        "## Verstehen",
        *_understanding(results),
        "## Antworten",
        *_answers(results),
        "## Eigene Actions",
        *_action(results),
        *_front(results),
        *([load] if load else []),
        "## Ziele",
        table(("Ziel", "gemessen", "Ergebnis"), _goals(results)),
        "## Wie gemessen wird",
        _method(results),
    ]
    return "\n\n".join(parts) + "\n"


def alternative_text(results: Results) -> str:
    """What the plot shows, for those who do not see it."""
    ours, stock = results.ours, results.stock
    return (
        "Vier Balkendiagramme vergleichen Partnerstadt mit Rasas Standardkette. "
        f"Training: {german(ours.training.cpu_seconds)} gegen {german(stock.training.cpu_seconds)} s Rechenzeit. "
        f"Arbeitsspeicher: {german(ours.used_mb)} gegen {german(stock.used_mb)} Megabyte. "
        f"Antwortzeit einer Sachfrage im Median: {german(ours.fact.p50)} gegen {german(stock.fact.p50)} "
        f"Millisekunden. Fragen richtig zugeordnet: {_share(ours.families.all)} gegen "
        f"{_share(stock.families.all)} Prozent."
    )


def _head(results: Results, picture: str) -> Iterable[str]:
    machine = results.machine
    return (
        "# Leistung",
        "<!-- Diese Seite schreibt `make bench`. Bitte nicht von Hand ändern. -->",
        "Partnerstadt neben Rasa, wie es kommt: Standardkette (`bench/stock/config.yml`: Zählmerkmale, DIET, TED), "
        "`rasa run` und `rasa run actions` nach dem Handbuch, ohne unsere Änderungen an Rasa. Beide Modelle sind aus "
        "denselben Dateien `data/` und `domain.yml` trainiert, beide geben die Antworten derselben Actions: bei "
        "Partnerstadt im Prozess von Rasa, beim Rasa-Standard in dem Action-Server, den er braucht.",
        f"Stand: {date(results.date)}. Rechner: {machine.cores} Kerne, {machine.memory_gb} GB Arbeitsspeicher, "
        f"{machine.architecture}, Linux, Python {machine.python}. Auslastung durch andere Arbeit (Load über fünf "
        f"Minuten): {german(machine.load_before, 1)} vor und {german(machine.load_after, 1)} nach dem Lauf.",
        f"Trainingsdaten: {german(results.examples)} Beispiele, {results.intents} Absichten. Prüffragen: "
        f"{german(results.turns)} Äußerungen, davon {german(results.single_turns)} einzelne Fragen, geschrieben ohne "
        "Kenntnis der Trainingsdaten (an ihnen wurde danach entwickelt).",
        f"![{alternative_text(results)}]({picture})",
    )


def _costs(results: Results) -> Iterable[Row]:
    ours, stock = results.ours, results.stock

    def row(label: str, unit: str, values: tuple[float, float], digits: int = 0) -> Row:
        written = (f"{german(value, digits)} {unit}" for value in values)
        return (label, *written, ratio(*values))

    def each(value: str) -> tuple[float, float]:
        return float(getattr(ours, value)), float(getattr(stock, value))

    def trained(value: str) -> tuple[float, float]:
        return float(getattr(ours.training, value)), float(getattr(stock.training, value))

    yield row("Training, Dauer", "s", trained("seconds"))
    yield row("Training, Rechenzeit", "s", trained("cpu_seconds"))
    yield row("Training, größter Speicher", "MB", trained("peak_mb"))
    yield row("Modelldatei", "MB", each("model_mb"), 1)
    yield row("Start von Rasa bis zur ersten Antwort", "s", each("first_answer_seconds"), 1)
    yield row("Arbeitsspeicher von Rasa nach dem Start", "MB", each("idle_mb"))
    yield row("Arbeitsspeicher von Rasa nach allen Fragen", "MB", each("used_mb"))
    yield ("Arbeitsspeicher des Action-Servers", german(None), f"{german(results.action.server_mb)} MB", german(None))
    yield row("Sachfrage, p50", "ms", (ours.fact.p50, stock.fact.p50), 1)
    yield row("Sachfrage, p95", "ms", (ours.fact.p95, stock.fact.p95), 1)
    yield row("Gesprächsfloskel, p50", "ms", (ours.smalltalk.p50, stock.smalltalk.p50), 1)
    yield row("Gesprächsfloskel, p95", "ms", (ours.smalltalk.p95, stock.smalltalk.p95), 1)
    yield row("Rechenzeit von Rasa je Äußerung", "ms", each("cpu_ms"), 1)


def _understanding(results: Results) -> Iterable[str]:
    yield (
        "Anteil der einzelnen Prüffragen, deren Art erkannt wurde. Die Prüffragen tragen keine Absicht, sondern eine "
        "Art; jede Absicht gehört zu einer Art. Findet Partnerstadt mehrere Fragen in einer Äußerung, genügt es, dass "
        "die erwartete darunter ist; eine Rückfrage („nicht verstanden“) zählt bei beiden als falsch."
    )
    columns = (results.ours.families, results.stock.families)
    yield table(("Art der Frage", "Partnerstadt", "Rasa-Standard", "Verhältnis"), _by_kind(columns))
    yield (
        "Dasselbe je Sammlung von Prüffragen. An Fehlern in diesen Sammlungen wird Partnerstadt verbessert, die "
        "Standardkette nicht; das hilft Partnerstadt im Vergleich."
    )
    yield table(("Sammlung", "Partnerstadt", "Rasa-Standard", "Verhältnis"), _by_file(columns))
    ours, stock = results.ours.held_out, results.stock.held_out
    if ours and stock:
        yield (
            "Absicht genau getroffen, an jedem fünften Trainingsbeispiel, das dafür zurückgehalten wurde "
            "(mit echten statt erfundenen Namen):"
        )
        row = ("Absicht", percent(ours.right, ours.total), percent(stock.right, stock.total), _ratio(ours, stock))
        yield table(("", "Partnerstadt", "Rasa-Standard", "Verhältnis"), [row])


def _answers(results: Results) -> Iterable[str]:
    yield (
        "Anteil der Äußerungen (auch in Gesprächen), deren Antwort alles enthält, was sie enthalten muss, und nichts "
        "Falsches. Die Actions brauchen außer der Absicht die Namen aus den Datensätzen und die Normalform des "
        "Textes; beides liefern nur unsere Bausteine."
    )
    columns = [results.ours.answers, results.stock.answers]
    header = ["Art der Frage", "Partnerstadt", "Rasa-Standard"]
    if results.stock_with_names:
        yield (
            "Die Spalte „Rasa-Standard mit Namen“ zeigt deshalb die Standardkette, der Namen und Normalform aus "
            "unseren Bausteinen gereicht werden: Dort stammt allein die Absicht von Rasas Bausteinen."
        )
        columns.append(results.stock_with_names)
        header.append("Rasa-Standard mit Namen")
    yield table((*header, "Verhältnis"), _by_kind(columns))
    if results.stock_with_names:
        yield "Das Verhältnis vergleicht Partnerstadt mit der letzten Spalte, also mit dem besseren Gegner."


def _by_kind(columns: Sequence[Shares]) -> Iterable[Row]:
    """A row for each kind and one for all; the ratio compares the first column with the last."""
    for kind, label in LABELS.items():
        shares = [column.by_kind.get(kind.value, Share()) for column in columns]
        if shares[0].total:
            yield (label, *(percent(s.right, s.total) for s in shares), _ratio(shares[0], shares[-1]))
    shares = [column.all for column in columns]
    written = (f"**{percent(s.right, s.total)}**" for s in shares)
    yield ("**alle**", *written, f"**{_ratio(shares[0], shares[-1])}**")


def _by_file(columns: Sequence[Shares]) -> Iterable[Row]:
    """A row for each file of questions."""
    for file, ours in columns[0].by_file.items():
        stock = columns[1].by_file[file]
        yield (f"`{file}`", percent(ours.right, ours.total), percent(stock.right, stock.total), _ratio(ours, stock))


def _action(results: Results) -> Iterable[str]:
    action = results.action
    yield (
        "Jede Antwort kommt aus einer eigenen Action, auch ein Gruß. Rasa schickt dafür das ganze Gespräch an einen "
        "Action-Server und prüft dessen Antwort gegen ein Schema, das es dabei jedes Mal selbst mitprüft. "
        "Partnerstadt führt Actions im Prozess von Rasa aus und merkt sich den fertigen Prüfer "
        "(`partnerstadt/rasa_ext`); `PARTNERSTADT_ACTIONS=http` nimmt wieder einen Server."
    )
    call = f"{german(action.call.p50, 1)} ms (p95 {german(action.call.p95, 1)} ms)"
    rows = [
        ("Aufruf des Action-Servers, p50, Anfang eines Gesprächs", "entfällt", call),
        (
            "Prüfung der Antwort durch Rasa",
            f"{german(action.check_ours, 2)} ms",
            f"{german(action.check_stock, 1)} ms",
        ),
    ]
    yield table(("Messgröße", "Partnerstadt", "Rasa-Standard"), rows)


def _front(results: Results) -> Iterable[str]:
    if results.front is None:
        return
    rasa, front = results.front.rasa, results.front.front
    yield "## Tür nach außen"
    yield table(
        ("Weg einer Sachfrage", "p50", "p95"),
        (
            ("Rasa allein (REST-Kanal)", f"{german(rasa.p50, 1)} ms", f"{german(rasa.p95, 1)} ms"),
            ("über die Tür, bis zum Ereignis im Chat", f"{german(front.p50, 1)} ms", f"{german(front.p95, 1)} ms"),
        ),
    )
    yield (
        f"Dieselben {german(front.count)} Fragen abwechselnd auf beiden Wegen, jede in einem neuen Gespräch. Die Tür "
        f"fügt im Median {german(results.front.added, 1)} ms hinzu: Prüfen, Verdecken, zweimal Speichern, Zustellen."
    )


def _goals(results: Results) -> Iterable[Row]:
    ours, stock = results.ours, results.stock
    seconds, milliseconds = ours.training.seconds, ours.fact.p50

    goal = f"Training unter {TRAINING_SECONDS} s"
    yield (goal, f"{german(seconds)} s", verdict(seconds < TRAINING_SECONDS))
    goal = f"Sachfrage im Median unter {FACT_MILLISECONDS} ms (Rechner ohne andere Arbeit)"
    yield (goal, f"{german(milliseconds, 1)} ms", verdict(milliseconds < FACT_MILLISECONDS))
    if results.front is not None:
        goal = f"Die Tür nach außen fügt im Median weniger als {FRONT_MILLISECONDS} ms hinzu"
        yield (goal, f"{german(results.front.added, 1)} ms", verdict(results.front.added < FRONT_MILLISECONDS))
    found = f"{_share(ours.families.all)} % gegen {_share(stock.families.all)} %"
    better = _rate(ours.families.all) > _rate(stock.families.all)
    yield ("Art der Frage öfter erkannt als mit der Standardkette", found, verdict(better))


def _method(results: Results) -> str:
    kept = results.stock.training
    return f"""`make bench` startet alles selbst: `python -m bench` (mit `--quick` ein kurzer \
Lauf, der diese Seite nicht ändert), `python -m bench.load` nur den Teil unter Last.

- Unser Modell wird jedes Mal neu trainiert. Die Standardkette wird neu trainiert, sobald sich `data/` oder ihre \
Konfiguration ändert; sonst gilt die Zeit des letzten ganzen Trainings, hier vom {date(kept.date)}, mit \
{results.epochs} Epochen für DIET und TED. Load über 15 Minuten am Ende des Trainings, das Training selbst mitgezählt: \
{german(results.ours.training.load, 1)} (Partnerstadt) und {german(kept.load, 1)} (Standardkette).
- Arbeitsspeicher ist der des Prozesses (RSS). Partnerstadt lädt kein TensorFlow, die Standardkette braucht es.
- Der Rasa-Standard läuft mit `python -S`, das unsere Änderungen an Rasa weglässt, auch im Training. Eingestellt \
ist nur, dass er auf 127.0.0.1 hört, wenig protokolliert und nichts an den Hersteller meldet.
- Dauer und Antwortzeiten hängen davon ab, was der Rechner sonst tut; die Rechenzeiten kaum.
- Die Trainingsdaten enthalten erfundene Ortsnamen, weil unsere Bausteine die echten aus den Datensätzen nehmen. Die \
Standardkette sieht echte Namen in den Prüffragen zum ersten Mal. Das gehört zum Vergleich: Eine neue Partnerstadt \
soll ohne neues Training verstanden werden."""


def _rate(share: Share) -> float:
    return share.right / share.total if share.total else 0.0


def _share(share: Share) -> str:
    return german(100 * _rate(share), 1)


def _ratio(ours: Share, other: Share) -> str:
    return ratio(_rate(ours), _rate(other))
