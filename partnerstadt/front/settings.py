"""Settings of the front desk: the file front.yml, and the environment, which wins."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import Field, validator

from partnerstadt import deadlines
from partnerstadt.file_settings import FileSettings, listed, network
from partnerstadt.front.hours import LANDS, Span

FILE = "front.yml"
PREFIX = "PARTNERSTADT_FRONT_"


class Periods(NamedTuple):
    """How long texts are kept: of conversations, and of notes that wait to be done."""

    texts: dt.timedelta
    notes: dt.timedelta


class FrontSettings(FileSettings):
    """One attribute a key of front.yml; the file says what each is good for."""

    prefix = PREFIX
    not_here = frozenset({"PARTNERSTADT_FRONT_PORT"})
    hidden = frozenset({"secret"})

    host: str = "127.0.0.1"
    trusted_proxies: tuple[str, ...] = ()
    public_url: str | None = None
    origins: tuple[str, ...] = ()
    metrics_from: tuple[str, ...] = ("127.0.0.1", "::1")
    secret: str | None = Field(None, min_length=32)
    session_hours: float = Field(24, gt=0, le=24 * 30)
    retention_days: float = Field(30, gt=0, le=3650)
    characters: int = Field(1000, ge=1, le=10_000)
    body_bytes: int = Field(16_384, ge=1024, le=1_000_000)
    body_seconds: float = Field(10, gt=0, le=600)
    messages_per_minute: float = Field(12, gt=0)
    messages_at_once: int = Field(6, ge=1)
    requests_per_minute: float = Field(600, gt=0)
    requests_at_once: int = Field(200, ge=1)
    sessions_per_minute: float = Field(20, gt=0)
    sessions_at_once: int = Field(20, ge=1)
    addresses: int = Field(20_000, ge=1, le=1_000_000)
    streams: int = Field(1000, ge=1)
    streams_per_session: int = Field(6, ge=1)
    connections: int = Field(2000, ge=1)
    delayed_seconds: float = Field(6, gt=0, le=8)
    rasa_seconds: float = Field(deadlines.FRONT, gt=0, lt=deadlines.LOCK)
    retry_seconds: float = Field(1, gt=0, le=60)
    retry_seconds_most: float = Field(15, gt=0, le=600)
    parallel: int = Field(8, ge=1, le=100)
    hours: tuple[str, ...] = ()
    land: str | None = None
    zone: str = "Europe/Berlin"
    person: str | None = None
    call_seconds: float = Field(300, gt=0, le=3600)
    note_days: float = Field(30, gt=0, le=3650)
    notes_per_minute: float = Field(1, gt=0)
    notes_at_once: int = Field(3, ge=1)
    heartbeat_seconds: float = Field(15, gt=0, le=300)
    poll_seconds: float = Field(25, ge=0, le=300)
    announcement: str | None = None

    @validator("trusted_proxies", "origins", "metrics_from", "hours", pre=True)
    def list_with_commas(cls, value: Any) -> Any:  # noqa: D102
        return listed(value)

    @validator("trusted_proxies", "metrics_from", each_item=True)
    def is_an_address(cls, value: str) -> str:  # noqa: D102
        return network(value)

    @validator("origins", each_item=True)
    def is_an_origin(cls, value: str) -> str:  # noqa: D102
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.netloc or value != f"{parts.scheme}://{parts.netloc}":
            raise ValueError("is no origin like https://www.example.org")
        return value

    @validator("public_url")
    def is_an_address_of_the_web(cls, value: str | None) -> str | None:  # noqa: D102
        if value is not None and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).netloc):
            raise ValueError("is no address like https://chat.example.org")
        return value

    @validator("retention_days")
    def outlasts_a_session(cls, value: float, values: dict[str, Any]) -> float:  # noqa: D102
        # What is deleted here while its conversation goes on would stay in Rasa.
        if value * 24 < values.get("session_hours", 0):
            raise ValueError("must be at least as long as session_hours")
        return value

    @validator("hours", each_item=True)
    def is_a_span(cls, value: str) -> str:  # noqa: D102
        Span.read(value)
        return value

    @validator("land", always=True)
    def is_a_land(cls, value: str | None, values: dict[str, Any]) -> str | None:  # noqa: D102
        if value is None and values.get("hours"):
            raise ValueError("must be given, for its public holidays, where there are hours")
        if value is not None and value not in LANDS:
            raise ValueError(f"is none of {', '.join(LANDS)}")
        return value

    @validator("zone")
    def is_a_zone(cls, value: str) -> str:  # noqa: D102
        if value not in available_timezones():
            raise ValueError("is no time zone like Europe/Berlin")
        return value

    @property
    def periods(self) -> Periods:
        """How long texts are kept."""
        return Periods(dt.timedelta(days=self.retention_days), dt.timedelta(days=self.note_days))
