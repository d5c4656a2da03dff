"""What the chat needs to draw its pictures: where the partner cities lie and when their partnerships began."""

from __future__ import annotations

from partnerstadt.front.open_data import Json, origin, partnership_sources
from partnerstadt.records.models import Records


def pictures(records: Records) -> Json:
    """The home city, and all partnerships in the order of their beginning, those without a year last."""
    home = records.city.location
    cities = [
        {
            "id": p.id,
            "name": p.name,
            "country": p.country_label,
            "since": p.year,
            "kind": p.kind.value,
            "status": p.status.value,
            "ended": p.ended,
            "lat": p.location.latitude,
            "lon": p.location.longitude,
        }
        for p in sorted(records.partnerships, key=lambda p: (p.year or 9999, p.name))
    ]
    sources = [*partnership_sources(records.partnerships), *([home.source] if home else [])]
    return origin(records, sources) | {
        "home": {
            "name": records.city.name,
            "lat": home.latitude if home else None,
            "lon": home.longitude if home else None,
        },
        "cities": cities,
    }
