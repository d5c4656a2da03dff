"""What is the same for everybody: words and limits of the chat, and the description of the API."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from partnerstadt.front.desk import Desk

OPENAPI = Path(__file__).parent / "openapi.yml"
OPEN_DATA = Path(__file__).parent / "openapi_open_data.yml"


def info(desk: Desk) -> dict[str, Any]:
    """What a chat shows before the first message."""
    texts, settings, city = desk.texts, desk.settings, desk.city
    days = texts.number("days", round(settings.retention_days))
    return {
        "city": city,
        "title": texts.text("title", city=city),
        "greeting": texts.list("greeting", city=city),
        "notice": texts.text("notice", days=days),
        "limits": {"characters": settings.characters},
        "suggestions": suggestions(desk),
        "links": links(desk),
        "announcement": _announcement(desk),
    }


def _announcement(desk: Desk) -> dict[str, str] | None:
    """What a clerk has set, the pause first, then what holds by the settings."""
    set_now = [notice.text for notice in (desk.notices.pause, desk.notices.announcement) if notice]
    texts = set_now + ([desk.settings.announcement] if desk.settings.announcement else [])
    return {"text": "\n\n".join(texts)} if texts else None


def suggestions(desk: Desk) -> list[str]:
    """Questions to begin with, that these records answer."""
    cities = desk.records.get().partner_cities
    raw = desk.texts.list("suggestions", name=cities[0].name if cities else "")
    return raw if cities else [raw[0], raw[-1]]


def links(desk: Desk) -> dict[str, dict[str, str]]:
    """The links the law asks for, as far as the city has named them."""
    named = desk.records.get().city.links
    return {
        key: {"title": desk.texts.text("links", key), "url": str(url)}
        for key, url in named.dict().items()
        if url is not None
    }


@lru_cache
def openapi() -> dict[str, Any]:
    """The description of the API: of the chat, and of the open data."""
    whole, open_data = (dict(yaml.safe_load(path.read_text(encoding="utf-8"))) for path in (OPENAPI, OPEN_DATA))
    whole["paths"].update(open_data["paths"])
    for kind, named in open_data["components"].items():
        whole["components"].setdefault(kind, {}).update(named)
    whole["tags"] += open_data.get("tags", [])
    return whole
