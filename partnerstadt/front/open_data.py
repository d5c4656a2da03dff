"""The records for everyone: JSON, a table (CSV), a map (GeoJSON) and a calendar, each with licence, source and date."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel.dates import format_date
from icalendar import TRANSP, Calendar, Event

from partnerstadt.question.evaluate import ROUND
from partnerstadt.records.models import Licence, Partnership, Records, Source, Status
from partnerstadt.text import squeeze

Json = dict[str, Any]

TEXTS = Path(__file__).parent / "open_data.yml"
LOCALE = "de"


@lru_cache
def texts() -> Json:
    """What people read in the open data."""
    return dict(yaml.safe_load(TEXTS.read_text(encoding="utf-8")))


# --- JSON ------------------------------------------------------------------------------------------------------------


def partnerships(records: Records) -> Json:
    """All partnerships, of every kind and status, in the order of the records."""
    entries = [_partnership(p) | _position(p) for p in records.partnerships]
    return origin(records, partnership_sources(records.partnerships)) | {"partnerships": entries}


def topics(records: Records) -> Json:
    """All topics with their answers in usual and in plain language."""
    entries = [
        {
            "id": topic.id,
            "group": topic.group,
            "title": topic.title,
            "answer": topic.answer,
            "plain": topic.plain,
            "link": _text(topic.link),
            "source": topic.source,
        }
        for topic in records.topics
    ]
    return origin(records, (topic.source for topic in records.topics)) | {"topics": entries}


def origin(records: Records, sources: Iterable[str]) -> Json:
    """Whose data these are, under which licence, from which sources, and how old the oldest of them is."""
    used = {key: records.source(key) for key in sorted(set(sources))}
    return {
        "city": {"name": records.city.name, "country": records.city.country},
        "licence": _licence(records.city.licence),
        "sources": {key: _source(source) for key, source in used.items()},
        "taken_over_on": min((s.taken_over_on.isoformat() for s in used.values()), default=None),
    }


def partnership_sources(cities: Iterable[Partnership]) -> list[str]:
    """The keys of all sources that the facts of partnerships come from."""
    keys = [key for p in cities for key in (p.source, p.location.source, p.status_source)]
    return [key for key in keys if key is not None]


def _partnership(p: Partnership) -> Json:
    return {
        "id": p.id,
        "name": p.name,
        "country": p.country,
        "country_label": p.country_label,
        "continent": p.location.continent,
        "kind": p.kind.value,
        "inner_german": p.inner_german,
        "since": p.year,
        "since_date": p.since.date.isoformat() if p.since and p.since.date else None,
        "since_meaning": p.since.meaning if p.since else None,
        "status": p.status.value,
        "ended": p.ended,
        "source": p.source,
        "status_source": p.status_source,
        "location_source": p.location.source,
    }


def _position(p: Partnership) -> Json:
    return {"latitude": p.location.latitude, "longitude": p.location.longitude}


def _source(source: Source) -> Json:
    return {
        "title": source.title,
        "url": _text(source.url),
        "taken_over_on": source.taken_over_on.isoformat(),
        "licence": _licence(source.licence),
    }


def _licence(licence: Licence | None) -> Json | None:
    return {"title": licence.title, "url": _text(licence.url)} if licence else None


def _text(value: object | None) -> str | None:
    return None if value is None else str(value)


# --- GeoJSON ---------------------------------------------------------------------------------------------------------


def geojson(records: Records) -> Json:
    """All partnerships as points of a FeatureCollection (RFC 7946)."""
    features = [
        {
            "type": "Feature",
            "id": p.id,
            "geometry": {"type": "Point", "coordinates": [p.location.longitude, p.location.latitude]},
            "properties": _partnership(p),
        }
        for p in records.partnerships
    ]
    about = origin(records, partnership_sources(records.partnerships))
    return {"type": "FeatureCollection", "features": features} | about


# --- table -----------------------------------------------------------------------------------------------------------


def table(records: Records) -> str:
    """All partnerships as CSV for a German spreadsheet: semicolons, decimal commas, German head."""
    columns: dict[str, str] = texts()["columns"]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns.values())
    for p in records.partnerships:
        row = _row(p, records)
        writer.writerow([_cell(row[column]) for column in columns])
    return out.getvalue()


def _row(p: Partnership, records: Records) -> Json:
    source, licence = records.source(p.source), records.city.licence
    continent = records.world.continents.get(p.location.continent)
    return (
        _partnership(p)
        | _position(p)
        | {
            "continent": continent.name if continent else p.location.continent,
            "status": texts()["status"][p.status.value],
            "source": source.title,
            "source_url": _text(source.url),
            "taken_over_on": source.taken_over_on.isoformat(),
            "licence": licence.title if licence else None,
        }
    )


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(texts()["yes" if value else "no"])
    if isinstance(value, float):
        return str(value).replace(".", ",")
    text = str(value)
    # A spreadsheet would run what begins like a formula.
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


# --- calendar --------------------------------------------------------------------------------------------------------


def calendar(records: Records, first_year: int, years: int) -> str:
    """The round jubilees of the partner cities in so many years from the first on, as iCalendar.

    The same records give the same text. Where only the year of a beginning is known, the entry lasts the whole year.
    """
    home, words = records.city.name, texts()["calendar"]
    cities = records.partner_cities
    sources = [records.source(p.source) for p in cities]
    feed = Calendar.new(
        name=words["name"].format(home=home),
        description=words["description"].format(home=home, source=_said(sources), licence=_said_licence(records)),
        prodid="-//Partnerstadt//Jubilees//DE",
        uid=f"jubilees-{squeeze(home)}@partnerstadt",
        language=LOCALE,
        refresh_interval=dt.timedelta(days=1),
        last_modified=max((_stamp(source) for source in sources), default=None),
    )
    for year in range(first_year, first_year + years):
        for p in cities:
            if p.year is not None and year - p.year in ROUND:
                feed.add_component(_jubilee(p, year, records))
    return str(feed.to_ical().decode())


def _jubilee(p: Partnership, year: int, records: Records) -> Event:
    assert p.since is not None  # only a partnership with a year has jubilees
    words, source, day = texts()["calendar"], records.source(p.source), p.since.date
    age = year - p.since.year
    since = format_date(day, "long", locale=LOCALE) if day else p.since.year
    key = "since_day" if day else "since_year"
    said = [
        words[key].format(city=p.name, country=p.country_label, since=since, home=records.city.name),
        *([words["resting"]] if p.status is Status.RESTING else []),
        _said([source]),
        _said_licence(records),
    ]
    # The first of March stands in for the 29th of February.
    start = dt.date(year, day.month, 1) + dt.timedelta(day.day - 1) if day else dt.date(year, 1, 1)
    event: Event = Event.new(
        uid=f"jubilee-{squeeze(records.city.name)}-{p.id}-{age}@partnerstadt",
        stamp=_stamp(source),
        start=start,
        end=start + dt.timedelta(1) if day else dt.date(year + 1, 1, 1),
        summary=words["summary_day" if day else "summary_year"].format(years=age, city=p.name, year=year),
        description=" ".join(said),
        url=_text(source.url),
        transparency=TRANSP.TRANSPARENT,
    )
    return event


def _stamp(source: Source) -> dt.datetime:
    return dt.datetime.combine(source.taken_over_on, dt.time(), dt.timezone.utc)


def _said(sources: Sequence[Source]) -> str:
    line: str = texts()["calendar"]["source"]
    dates: dict[str, dt.date] = {}
    for source in sources:
        dates.setdefault(source.title, source.taken_over_on)
    return " ".join(line.format(title=t, date=format_date(d, "long", locale=LOCALE)) for t, d in dates.items())


def _said_licence(records: Records) -> str:
    words, licence = texts()["calendar"], records.city.licence
    return str(words["licence"].format(title=licence.title) if licence else words["no_licence"])
