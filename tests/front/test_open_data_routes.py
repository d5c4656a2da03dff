"""The open data over real HTTP: cacheable, for every site, and never older than the records."""

from __future__ import annotations

import datetime as dt
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from icalendar import Calendar
from starlette.applications import Starlette

from partnerstadt.front.open_data_routes import routes
from partnerstadt.records.store import RecordStore
from tests.front.described import DESCRIPTION, check
from tests.support import DORTMUND, TODAY

PATHS = tuple(DESCRIPTION["paths"])


class Town:
    """A folder of records that is served.

    Attributes:
        web: a client of the server.
        today: what the server's clock says.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.today = TODAY
        self.web = httpx.Client()

    def rename(self, before: str, after: str) -> None:
        """Change a word in the partnerships, as somebody does with an editor."""
        path = self.folder / "partnerships.yml"
        path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A copy of the records behind a real server on a free port."""
    town = Town(Path(shutil.copytree(DORTMUND, tmp_path_factory.mktemp("records") / "city")))
    store = RecordStore(town.folder, lambda: town.today, interval=0)
    app = Starlette(routes=list(routes(store, lambda: town.today)))
    server = uvicorn.Server(uvicorn.Config(app, ws="none", log_level="warning", lifespan="off"))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        town.web = httpx.Client(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}")
        yield town
        town.web.close()
        server.should_exit = True
        thread.join()


def test_every_path_is_described(town: Town) -> None:
    """And every description has its path."""
    store = RecordStore(DORTMUND, lambda: TODAY)
    assert {route.path for route in routes(store, lambda: TODAY)} == set(PATHS)


@pytest.mark.parametrize("path", PATHS)
def test_answer_is_public_and_cacheable(town: Town, path: str) -> None:
    """Of the described type, with a tag, for every site."""
    answer = town.web.get(path)
    described = DESCRIPTION["paths"][path]["get"]["responses"]["200"]
    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] in described["content"]
    assert {name.lower() for name in described["headers"]} <= answer.headers.keys()
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"].startswith("public, max-age=")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", PATHS)
def test_unchanged_answer_is_not_sent_again(town: Town, path: str) -> None:
    """Whoever shows the tag gets 304 without a body; also among others, as weak, and for any."""
    tag = town.web.get(path).headers["etag"]
    for shown in (tag, f'"other", W/{tag}', "*"):
        answer = town.web.get(path, headers={"If-None-Match": shown})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == tag and answer.headers["access-control-allow-origin"] == "*"
    assert town.web.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_head_has_the_same_headers_and_no_body(town: Town, path: str) -> None:
    """So that a program may look before it loads."""
    head, got = town.web.head(path), town.web.get(path)
    assert head.status_code == 200 and head.content == b""
    for name in ("etag", "content-type", "content-length", "cache-control"):
        assert head.headers[name] == got.headers[name]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_written(town: Town, method: str, path: str) -> None:
    """The open data are to be read."""
    assert town.web.request(method, path).status_code == 405


def test_changed_record_changes_the_tag(town: Town) -> None:
    """Without a restart, and back again."""
    path = "/api/partnerships.json"
    before = town.web.get(path).headers["etag"]
    town.rename("name: Leeds\n", "name: Leeds upon Aire\n")
    changed = town.web.get(path, headers={"If-None-Match": before})
    assert changed.status_code == 200 and changed.headers["etag"] != before
    assert "Leeds upon Aire" in {p["name"] for p in changed.json()["partnerships"]}
    town.rename("name: Leeds upon Aire\n", "name: Leeds\n")
    assert town.web.get(path).headers["etag"] == before


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/api/partnerships.json", "Partnerships"),
        ("/api/partnerships.geojson", "FeatureCollection"),
        ("/api/topics.json", "Topics"),
        ("/api/pictures.json", "Pictures"),
    ],
)
def test_what_is_sent_is_as_described(town: Town, path: str, schema: str) -> None:
    """Over the wire too."""
    check(town.web.get(path).json(), schema)


def test_table_opens_in_a_spreadsheet(town: Town) -> None:
    """UTF-8 with the mark that Excel wants."""
    body = town.web.get("/api/partnerships.csv").content
    assert body.startswith(b"\xef\xbb\xbfKennung;Stadt;")
    assert "Großbritannien" in body.decode("utf-8-sig")


def test_calendar_begins_with_this_year(town: Town) -> None:
    """And goes on with the next when it has come."""
    assert years_of(town, "/api/jubilees.ics?years=2") == {2027}
    town.today = dt.date(2027, 1, 1)
    assert years_of(town, "/api/jubilees.ics?years=2") == {2027, 2028}
    town.today = TODAY


def years_of(town: Town, path: str) -> set[int]:
    """The years in which a calendar has entries."""
    return {event.start.year for event in Calendar.from_ical(town.web.get(path).text).walk("VEVENT")}


@pytest.mark.parametrize("years", ["0", "101", "-1", "x", "", "1e3", "²", "9" * 40])
def test_impossible_number_of_years_is_refused(town: Town, years: str) -> None:
    """With a sentence that says what is possible."""
    answer = town.web.get("/api/jubilees.ics", params={"years": years})
    assert answer.status_code == 400
    check(answer.json(), "OpenDataError")
    assert "100" in answer.json()["error"]["text"]
