"""Settings of the front desk: the file front.yml, and the environment, which wins."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import yaml
from pydantic import BaseModel, Extra, Field, ValidationError, validator

from partnerstadt.front.hours import LANDS, Span
from partnerstadt.settings import Problem

PREFIX = "PARTNERSTADT_FRONT_"
# Settings of the whole bot that begin alike.
NOT_HERE = {"PARTNERSTADT_FRONT_PORT"}
FILE = "front.yml"


class Periods(NamedTuple):
    """How long texts are kept: of conversations, and of notes that wait to be done."""

    texts: dt.timedelta
    notes: dt.timedelta


class FrontSettings(BaseModel):
    """One attribute a key of front.yml; the file says what each is good for."""

    host: str = "127.0.0.1"
    trusted_proxies: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    metrics_from: tuple[str, ...] = ("127.0.0.1", "::1")
    database: str | None = None
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
    rasa_seconds: float = Field(40, gt=0, le=600)
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

    class Config:
        """What pydantic is told."""

        extra = Extra.forbid
        allow_mutation = False

    @validator("trusted_proxies", "origins", "metrics_from", "hours", pre=True)
    def list_with_commas(cls, value: Any) -> Any:  # noqa: D102
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @validator("trusted_proxies", "metrics_from", each_item=True)
    def is_an_address(cls, value: str) -> str:  # noqa: D102
        return str(ip_address(value))

    @validator("origins", each_item=True)
    def is_an_origin(cls, value: str) -> str:  # noqa: D102
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.netloc or value != f"{parts.scheme}://{parts.netloc}":
            raise ValueError("is no origin like https://www.example.org")
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

    @classmethod
    def read(cls, file: Path, environment: Mapping[str, str] = os.environ) -> FrontSettings:
        """The settings of a file and the environment, or a Problem that names the wrong key."""
        values = _values(file)
        names = {PREFIX + key.upper(): key for key in cls.__fields__}
        for name in sorted(environment):
            if name.startswith(PREFIX) and name not in NOT_HERE:
                if name not in names:
                    raise Problem(f"{name} is no setting of the front desk; {file.name} lists them.")
                # As in YAML, nothing stands for nothing.
                values[names[name]] = environment[name] or None
        try:
            return cls(**values)
        except ValidationError as error:
            first = error.errors()[0]
            key = str(first["loc"][0])
            place = PREFIX + key.upper() if PREFIX + key.upper() in environment else f"{file.name}: {key}"
            # What a secret is must not end on a screen.
            shown = "" if key in ("secret", "database") else f", not '{values.get(key)}'"
            raise Problem(f"{place}: {first['msg']}{shown}.") from None


def _values(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    try:
        raw = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise Problem(f"{file.name} cannot be read: {' '.join(str(error).split())}") from error
    if raw is not None and not isinstance(raw, dict):
        raise Problem(f"{file.name} must hold lines of the form 'key: value'.")
    return {str(key): value for key, value in (raw or {}).items()}
