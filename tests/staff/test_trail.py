"""The trail: chosen by account, action and day, page by page, as a file, and not for ever."""

from __future__ import annotations

import csv
import datetime as dt
import re
import time
from html import unescape

import pytest
from starlette.testclient import TestClient

from partnerstadt.front.database import writing
from partnerstadt.settings import HOST
from partnerstadt.staff.app import create_app
from partnerstadt.staff.desk import Desk
from partnerstadt.staff.texts import texts
from partnerstadt.staff.trail import Filter, count, step, steps
from tests.front.parts import Clock
from tests.staff.parts import log_in
from tests.support import PROJECT

MORNING = dt.datetime(2026, 11, 23, 23, 30, tzinfo=dt.timezone.utc)  # half past midnight on the 24th in the zone


@pytest.fixture
def trodden(desk: Desk) -> Desk:
    """A desk where something has happened at another time."""
    with writing(desk.engine) as connection:
        step(connection, MORNING, "kim", "account_locked", "lee")
        step(connection, MORNING - dt.timedelta(hours=1), "=cmd", "account_role", "lee: editor")
    return desk


def test_steps_are_chosen(trodden: Desk) -> None:
    """By account, action and time, also together."""
    engine = trodden.engine
    assert [s.account for s in steps(engine, Filter(account="kim"))] == ["kim"]
    assert [s.account for s in steps(engine, Filter(action="account_role"))] == ["=cmd"]
    assert count(engine, Filter(account="kim", action="account_role")) == 0
    assert [s.account for s in steps(engine, Filter(since=MORNING, until=MORNING + dt.timedelta(1 / 24)))] == ["kim"]


def test_day_of_the_form_is_one_of_the_zone(trodden: Desk, client: TestClient) -> None:
    """Half past midnight belongs to the new day, whatever it is in UTC."""
    log_in(client, "administrator")
    page = client.get("/protokoll?since=2026-11-24&until=2026-11-24&action=account_locked").text
    assert "24.11.2026 00:30" in page and texts()["trail"]["found_one"] in page
    assert "24.11.2026 00:30" not in client.get("/protokoll?until=2026-11-23").text
    for nonsense in (
        "since=x&until=9999-12-31",
        "page=0",
        "page=%C2%B2",
        "page=99999999999",
        "action=%00",
        "until=0001-01-01",
    ):
        assert client.get(f"/protokoll?{nonsense}").status_code == 200, nonsense


def test_steps_stand_on_several_pages(desk: Desk, client: TestClient) -> None:
    """Each on one of them; the choice is kept on the way."""
    with writing(desk.engine) as connection:
        for number in range(101):
            step(connection, MORNING, "kim", "account_locked", f"nr{number}.")
    log_in(client, "administrator")
    pages = [unescape(client.get(f"/protokoll?account=kim&page={page}").text) for page in (1, 2, 3, 4)]
    for number in range(101):
        assert sum(f"nr{number}." in page for page in pages[:3]) == 1
    assert "account=kim&action=&since=&until=&page=2" in pages[0] and pages[3] == pages[2]


def test_file_holds_the_choice(trodden: Desk, client: TestClient) -> None:
    """All of it, in German, and nothing that Excel would reckon with."""
    log_in(client, "administrator")
    answer = client.get("/protokoll.csv?action=account_role")
    rows = list(csv.reader(answer.content.decode("utf-8-sig").splitlines(), delimiter=";"))
    assert rows[1] == ["23.11.2026 23:30", "'=cmd", texts()["steps"]["account_role"], "lee: Redaktion"]
    assert len(rows) == 2 and answer.headers["cache-control"] == "no-store"


def test_old_steps_are_deleted(trodden: Desk, clock: Clock) -> None:
    """When the desk starts, and every hour from then on."""
    clock.now = MORNING + dt.timedelta(days=trodden.settings.trail_days, minutes=-1)
    with TestClient(create_app(trodden), base_url=f"http://{HOST}"):
        until = time.monotonic() + 5
        while count(trodden.engine, Filter(account="=cmd")) and time.monotonic() < until:
            time.sleep(0.01)
    assert count(trodden.engine, Filter(account="=cmd")) == 0 and count(trodden.engine, Filter(account="kim")) == 1


def test_every_step_has_a_name() -> None:
    """What the code keeps in the trail stands there in German."""
    code = "".join(path.read_text(encoding="utf-8") for path in (PROJECT / "partnerstadt" / "staff").rglob("*.py"))
    kept = set(re.findall(r'step\([^"]*"([a-z_]+)"', code))
    assert kept and kept <= set(texts()["steps"])
