"""Figures of a period: right, complete and readable."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from partnerstadt.answer.about import OUTCOMES
from partnerstadt.front.store import MILLISECONDS
from partnerstadt.front.tables import counts
from partnerstadt.staff.desk import Desk
from partnerstadt.staff.statistics import LONGEST, Figures, Period, Unfit, grouped, period_of, presets, report, steps
from partnerstadt.staff.texts import texts
from tests.front.parts import START
from tests.staff.parts import fill, log_in
from tests.support import PROJECT

TODAY = dt.date(2026, 11, 24)


def test_day_without_questions_is_zero() -> None:
    """And stands there; days outside of the period and other channels do not count."""
    counted = {
        ("2026-11-22", "web", "questions", ""): 3,
        ("2026-11-24", "web", "questions", ""): 4,
        ("2026-11-24", "email", "questions", ""): 5,
        ("2026-11-25", "web", "questions", ""): 100,
        ("2026-11-24", "web", "handover", "taken"): 2,
    }
    made = report(counted, Period(dt.date(2026, 11, 22), TODAY), "web")
    assert [figures.questions for figures in made.days.values()] == [3, 0, 4]
    assert made.total.questions == 7 and made.channels == {"web": 7, "email": 5}
    assert made.days[TODAY].handover == made.total.handover == {"taken": 2}


@given(st.lists(st.sampled_from(MILLISECONDS), min_size=1), st.floats(0.01, 1))
def test_share_is_answered_within_the_seconds(taken: list[int], share: float) -> None:
    """At least that share, and within any shorter time not."""
    figures = Figures()
    for bound in taken:
        figures.add("milliseconds", str(bound), 1)
    seconds = figures.seconds(share)
    assert seconds is not None
    assert sum(bound <= seconds * 1000 for bound in taken) >= share * len(taken) - 1e-9
    assert sum(bound < seconds * 1000 for bound in taken) < share * len(taken)


def test_nothing_took_no_time() -> None:
    """Neither zero seconds."""
    assert Figures().seconds(0.5) is None


def test_period_is_the_last_days_unless_said() -> None:
    """Both ends count; the longest takes a leap year."""
    assert period_of("", "", TODAY) == Period(dt.date(2026, 10, 26), TODAY)
    assert len(period_of("", "", TODAY).days) == 30
    assert len(period_of("2028-01-01", "2028-12-31", TODAY).days) == LONGEST


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("24.11.2026", "", "no_date"),
        ("x", "", "no_date"),
        ("", "0001-01-01", "no_date"),
        ("20261124T1", "", "no_date"),
        ("2026-11-25", "2026-11-24", "turned"),
        ("2025-11-23", "2026-11-24", "too_long"),
    ],
)
def test_odd_period_is_refused(first: str, last: str, said: str) -> None:
    """With a reason that there is a text for."""
    with pytest.raises(Unfit, match=said):
        period_of(first, last, TODAY)
    assert said in texts()["statistics"]["errors"]


def test_usual_periods_are_right() -> None:
    """Also at the turn of a year."""
    of = presets(dt.date(2027, 1, 5))
    assert of["last_month"] == Period(dt.date(2026, 12, 1), dt.date(2026, 12, 31))
    assert len(of["week"].days) == 7 and len(of["month"].days) == len(of["year"].days) == 5
    assert of.keys() == texts()["statistics"]["presets"].keys()


def test_every_intent_and_outcome_has_a_name_and_one_group() -> None:
    """So that nothing of today is counted as something else."""
    words = texts()["statistics"]
    intents = {str(intent) for intent in yaml.safe_load((PROJECT / "domain.yml").read_text("utf-8"))["intents"]}
    placed = [intent for group in words["groups"].values() for intent in group["of"]]
    assert sorted(placed) == sorted(intents) and intents <= texts()["intents"].keys()
    known = {outcome for group in words["outcomes"].values() for outcome in group["of"]}
    assert {*OUTCOMES.values(), "answered", "talk", "failed", "unknown"} == known


def test_name_in_no_group_goes_to_the_rest() -> None:
    """Nothing is lost."""
    assert grouped({"a": 1, "b": 2, "new": 4}, {"one": ["a", "b"], "rest": []}, "rest") == {"one": 3, "rest": 4}


@given(st.one_of(st.integers(0, 10**9), st.floats(0, 10**6)))
def test_scale_reaches_the_highest_value(most: float) -> None:
    """With few lines."""
    lines = steps(most)
    assert lines[0] == 0 and lines[-1] >= most and 2 <= len(lines) <= 6 and lines == sorted(lines)


def rows(client: TestClient, table: str, query: str = "") -> list[list[str]]:
    """A file as Excel reads it."""
    answer = client.get(f"/statistik.csv?tabelle={table}{query}")
    assert answer.status_code == 200 and answer.content.startswith(b"\xef\xbb\xbf")
    assert f"statistik-{table}-2026-10-26-2026-11-24.csv" in answer.headers["content-disposition"]
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))


def test_page_and_files_say_what_was_asked(client: TestClient, desk: Desk) -> None:
    """The same figures in both, before and after the texts are deleted."""
    fill(desk.store, START)
    log_in(client, "statistics")
    page, files = client.get("/statistik").text, [rows(client, name) for name in ("tage", "arten", "kanaele")]
    assert len(files[0]) == 31 and files[0][-1][:3] == ["24.11.2026", "3", "6"]
    assert files[0][-2][1:] == [*["0"] * (len(files[0][0]) - 3), "", ""]  # no time where nothing was asked
    assert files[0][-1][-2:] == ["0,125", "2,0"]
    assert ["Einzelne Partnerschaften", "Beginn oder Dauer einer Partnerschaft", "3"] in files[1]
    assert files[2][1:] == [["Chat auf der Website", "4"], ["E-Mail", "2"]]
    assert "26.10.2026 bis 24.11.2026: 6 Fragen." in page and "0,125" in page
    desk.store.forget(START + dt.timedelta(days=1))
    assert client.get("/statistik").text == page
    assert [rows(client, name) for name in ("tage", "arten", "kanaele")] == files
    assert rows(client, "tage", "&kanal=email")[-1][:3] == ["24.11.2026", "1", "2"]


def test_wishes_for_a_person_are_shown(client: TestClient, desk: Desk) -> None:
    """What became of them, on the page and in the file."""
    values = {"day": "2026-11-24", "channel": "web", "kind": "handover"}
    with desk.engine.begin() as connection:
        for name, number in (("called", 7), ("taken", 5)):
            connection.execute(counts.insert().values(**values, name=name, number=number))
    log_in(client, "statistics")
    assert "gerufen: 7, übernommen: 5, niemand kam: 0" in client.get("/statistik").text
    day = dict(zip(*(rows(client, "tage")[at] for at in (0, -1)), strict=True))
    assert day["Gespräche mit Menschen: gerufen"] == "7" and day["Gespräche mit Menschen: übernommen"] == "5"


def test_odd_query_is_told_and_shows_the_usual_days(client: TestClient) -> None:
    """And nothing of it comes back unescaped."""
    log_in(client, "statistics")
    answer = client.get("/statistik", params={"von": "gestern", "kanal": '"><script>'})
    assert answer.status_code == 422 and texts()["statistics"]["errors"]["no_date"] in answer.text
    assert "<script>" not in answer.text and 'value="2026-10-26"' in answer.text
    assert client.get("/statistik.csv", params={"von": "gestern", "tabelle": "nichts"}).status_code == 200


def test_channel_cannot_become_a_formula(client: TestClient, desk: Desk) -> None:
    """Whatever a channel is called."""
    desk.store.say(desk.store.open("=1+1", START, START + dt.timedelta(hours=1)).id, "Frage", START)
    log_in(client, "statistics")
    assert rows(client, "kanaele")[1] == ["'=1+1", "1"]
