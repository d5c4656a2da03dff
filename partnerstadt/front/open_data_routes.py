"""The open data over HTTP: read-only, for every site, and cacheable."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from partnerstadt.front.drawing import draw
from partnerstadt.front.open_data import Json, calendar, geojson, partnerships, table, texts, topics
from partnerstadt.front.pictures import pictures
from partnerstadt.records.models import Records
from partnerstadt.records.store import RecordStore

# How many years of jubilees the calendar holds unless asked for more or fewer, and at most.
YEARS, MOST_YEARS = 20, 100
PUBLIC = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag"}
# A changed record is seen by everyone after five minutes at the latest.
CACHE = {"Cache-Control": "public, max-age=300"}


@dataclass(frozen=True)
class Edition:
    """What is sent of one state of the records, and the tag by which it is known."""

    body: bytes
    tag: str


@dataclass
class Editions:
    """Editions made once for each state of the records."""

    store: RecordStore
    _records: Records | None = None
    _made: dict[str, Edition] = field(default_factory=dict)

    def get(self, key: str, write: Callable[[Records], bytes]) -> Edition:
        """The edition of this key, of the records in force."""
        records = self.store.get()
        if records is not self._records:
            self._records, self._made = records, {}
        made = self._made
        if key not in made:
            body = write(records)
            made[key] = Edition(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')
        return made[key]


def routes(store: RecordStore, clock: Callable[[], dt.date]) -> list[Route]:
    """The routes of the open data.

    Args:
        store: the records.
        clock: gives today's date; the calendar begins with its year.
    """
    editions = Editions(store)

    def file(name: str, media_type: str, write: Callable[[Records], bytes]) -> Route:
        async def send(request: Request) -> Response:
            return answer(request, editions.get(name, write), media_type)

        return Route(f"/api/{name}", send, name=name)

    def picture(name: str) -> Route:
        async def send(request: Request) -> Response:
            # Drawing takes so long that others would have to wait for it.
            edition = await run_in_threadpool(editions.get, f"{name}.png", lambda r: draw(name, r) or b"")
            if not edition.body:
                raise HTTPException(404)
            return answer(request, edition, "image/png")

        return Route(f"/api/{name}.png", send, name=f"{name}.png")

    async def jubilees(request: Request) -> Response:
        asked = request.query_params.get("years", str(YEARS))
        years = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 0
        if not 1 <= years <= MOST_YEARS:
            text = texts()["errors"]["years"].format(most=MOST_YEARS)
            return JSONResponse({"error": {"code": "invalid", "text": text}}, 400, PUBLIC)
        first = clock().year
        edition = editions.get(f"{first} {years}", lambda records: calendar(records, first, years).encode())
        return answer(request, edition, "text/calendar; charset=utf-8")

    return [
        file("partnerships.json", "application/json", lambda records: _json(partnerships(records))),
        # Excel takes UTF-8 for what it is only after a byte order mark.
        file("partnerships.csv", "text/csv; charset=utf-8; header=present", lambda r: table(r).encode("utf-8-sig")),
        file("partnerships.geojson", "application/geo+json", lambda records: _json(geojson(records))),
        file("topics.json", "application/json", lambda records: _json(topics(records))),
        file("pictures.json", "application/json", lambda records: _json(pictures(records))),
        picture("map"),
        picture("timeline"),
        Route("/api/jubilees.ics", jubilees, name="jubilees.ics"),
    ]


def answer(request: Request, edition: Edition, media_type: str) -> Response:
    """The edition, or only its tag for those who have it already."""
    headers = PUBLIC | CACHE | {"ETag": edition.tag}
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")}
    if known & {edition.tag, "*"}:
        return Response(status_code=304, headers=headers)
    return Response(edition.body, headers=headers | {"Content-Type": media_type})


def _json(data: Json) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=1).encode()
