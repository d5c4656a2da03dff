"""Figures of a period, as pages with charts and as files for Excel."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from partnerstadt.front.times import day_of
from partnerstadt.staff.csv_export import Cell, csv_response
from partnerstadt.staff.roles import Role
from partnerstadt.staff.statistics import Period, Report, Unfit, grouped, period_of, presets, report, steps
from partnerstadt.staff.texts import texts
from partnerstadt.staff.web import Page, desk_of, render

PATH = "/statistik"
READERS = frozenset(Role)


async def show_statistics(request: Request) -> Response:
    """Charts and tables."""
    today = _today(request)
    asked = request.query_params
    words = texts()["statistics"]
    error = ""
    try:
        period = period_of(asked.get("von", ""), asked.get("bis", ""), today)
    except Unfit as unfit:
        error, period = words["errors"][str(unfit)], period_of("", "", today)
    made = await _report(request, period)
    told = words["shown"].format(first=german(period.first), last=german(period.last), questions=made.total.questions)
    values = {
        "error": error,
        "told": error or told,
        "report": made,
        "channel": asked.get("kanal", "")[:32],
        "presets": presets(today),
        "outcomes": _sums(made.total.outcomes, words["outcomes"], "failed"),
        "outcomes_by_day": {
            day: _sums(figures.outcomes, words["outcomes"], "failed") for day, figures in made.days.items()
        },
        "groups_of_kinds": _sums(made.total.intents, words["groups"], "other"),
        "kinds": _kinds(made),
        "handover": {name: made.total.handover[key] for key, name in words["handover_names"].items()},
        "feedback": {name: made.total.feedback[key] for key, name in words["feedback_names"].items()},
        "channels": {channel_name(key): number for key, number in made.channels.most_common()},
        "channel_names": {key: channel_name(key) for key in sorted(made.channels)},
        "steps": steps,
        "german": german,
        "decimal": decimal,
    }
    return render(request, "statistics.html", words["nav"], 422 if error else 200, **values)


async def statistics_file(request: Request) -> Response:
    """One of the tables as a file; a period that is none gives the usual one."""
    asked = request.query_params
    try:
        period = period_of(asked.get("von", ""), asked.get("bis", ""), _today(request))
    except Unfit:
        period = period_of("", "", _today(request))
    made = await _report(request, period)
    words = texts()["statistics"]
    rows: list[list[Cell]]
    table = asked.get("tabelle", "")
    if table == "arten":
        header = [words["kind_group"], words["kind"], words["number"]]
        rows = [[*row] for row in _kinds(made)]
    elif table == "kanaele":
        header = [words["channel"], words["questions"]]
        rows = [[channel_name(key), number] for key, number in made.channels.most_common()]
    else:
        table, header, rows = "tage", *_days(made)
    name = f"statistik-{table}-{period.first}-{period.last}.csv"
    return csv_response(name, header, rows)


def _days(made: Report) -> tuple[list[str], list[list[Cell]]]:
    words = texts()["statistics"]
    header = [words["day"], words["conversations"], words["questions"]]
    header += [kind["name"] for kind in words["outcomes"].values()]
    header += [f"{words['handover']}: {name}" for name in words["handover_names"].values()]
    header += [*words["feedback_names"].values(), f"{words['seconds']}: {words['half']}", words["most"]]
    rows: list[list[Cell]] = [
        [
            german(day),
            figures.conversations,
            figures.questions,
            *_sums(figures.outcomes, words["outcomes"], "failed").values(),
            *(figures.handover[key] for key in words["handover_names"]),
            *(figures.feedback[key] for key in words["feedback_names"]),
            figures.seconds(0.5),
            figures.seconds(0.95),
        ]
        for day, figures in made.days.items()
    ]
    return header, rows


async def _report(request: Request, period: Period) -> Report:
    store = desk_of(request).store
    counts = await run_in_threadpool(store.statistics, str(period.first), str(period.last))
    return report(counts, period, request.query_params.get("kanal", ""))


def _today(request: Request) -> dt.date:
    return day_of(desk_of(request).clock())


def _sums(counts: Mapping[str, int], words: Mapping[str, Any], rest: str) -> dict[str, int]:
    """Sums of groups of names, under what the groups are called."""
    sums = grouped(counts, {key: group["of"] for key, group in words.items()}, rest)
    return {words[key]["name"]: number for key, number in sums.items()}


def _kinds(made: Report) -> list[tuple[str, str, int]]:
    """Group, kind and number, the most frequent of a group first."""
    groups: Mapping[str, Any] = texts()["statistics"]["groups"]
    group_of = {intent: group["name"] for group in groups.values() for intent in group["of"]}
    order = [group["name"] for group in groups.values()]
    names: Mapping[str, str] = texts()["intents"]
    rows = [
        (group_of.get(intent, order[-1]), names.get(intent, intent), number)
        for intent, number in made.total.intents.items()
    ]
    return sorted(rows, key=lambda row: (order.index(row[0]), -row[2], row[1]))


def channel_name(key: str) -> str:
    """What a channel is called."""
    return str(texts()["statistics"]["channel_names"].get(key, key))


def german(day: dt.date) -> str:
    """A date as it is written in Germany."""
    return f"{day:%d.%m.%Y}"


def decimal(number: float | None) -> str:
    """A number with a comma; a sign for none."""
    return str(texts()["statistics"]["no_value"]) if number is None else f"{number:g}".replace(".", ",")


PAGES = (
    Page(PATH, "GET", show_statistics, READERS, "statistics"),
    Page(f"{PATH}.csv", "GET", statistics_file, READERS),
)
