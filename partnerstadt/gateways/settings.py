"""Settings of the gateways: a section each in gateways.yml, and the environment, which wins.

This module is read by the supervisor and by every gateway in its own environment, so it needs none of their libraries.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from partnerstadt.file_settings import Field, FileSettings, listed, sections, validator
from partnerstadt.settings import Problem

FILE = "gateways.yml"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class GatewaySettings(FileSettings):
    """What every section has. A secret is a pair of keys: the secret itself, or <key>_file with its path."""

    # The word that the front desk counts conversations under, and the section of the file.
    name: ClassVar[str]
    enabled: bool = False
    retry_seconds: float = Field(1, gt=0, le=60)
    retry_seconds_most: float = Field(300, gt=0, le=3600)

    @classmethod
    def of(cls, project: Path, environment: Mapping[str, str] = os.environ) -> GatewaySettings:
        """The settings of a project, or a Problem that names the wrong key. Paths begin at the project."""
        settings = cls.read(project / FILE, environment, cls.name)
        return settings.copy(update={key: project / value for key, value in settings if isinstance(value, Path)})

    def check(self) -> None:
        """Raise a Problem for what is missing, once it is switched on."""

    def secret(self, key: str) -> str:
        """A secret, out of the settings or out of its file; a Problem if there is neither."""
        value, file = getattr(self, key), getattr(self, f"{key}_file")
        if value is None and file is not None:
            try:
                value = Path(file).read_text(encoding="utf-8").strip()
            except (OSError, ValueError) as error:
                raise Problem(f"{FILE}: {self.name}: {key}_file cannot be read ({type(error).__name__}).") from None
        if not value:
            raise Problem(f"{FILE}: {self.name}: {key} or {key}_file must be given.")
        return str(value)


class TelegramSettings(GatewaySettings):
    """Section telegram; gateways.yml says what each key is good for."""

    name = "telegram"
    prefix = "PARTNERSTADT_TELEGRAM_"
    hidden = frozenset({"token"})

    token: str | None = None
    token_file: Path | None = None
    server: str = "https://api.telegram.org"

    def check(self) -> None:
        """Raise a Problem for what is missing."""
        self.secret("token")


class XmppSettings(GatewaySettings):
    """Section xmpp; gateways.yml says what each key is good for."""

    name = "xmpp"
    prefix = "PARTNERSTADT_XMPP_"
    hidden = frozenset({"password"})

    jid: str | None = None
    password: str | None = None
    password_file: Path | None = None
    host: str | None = None
    port: int = Field(5222, ge=1, le=65535)
    tls: bool = True

    @validator("tls")
    def is_needed_on_a_network(cls, value: bool, values: dict[str, Any]) -> bool:  # noqa: D102
        if not value and values.get("host") not in LOOPBACK:
            raise ValueError("may only be off where host is this machine (127.0.0.1)")
        return value

    def check(self) -> None:
        """Raise a Problem for what is missing."""
        if self.jid is None:
            raise Problem(f"{FILE}: {self.name}: jid must be given.")
        self.secret("password")

    @validator("jid")
    def is_a_jid(cls, value: str | None) -> str | None:  # noqa: D102
        local, at, domain = (value or "").partition("@")
        if (value is not None and not (local and at and domain)) or "/" in domain:
            raise ValueError("is no address like bot@example.org")
        return value


class MatrixSettings(GatewaySettings):
    """Section matrix; gateways.yml says what each key is good for."""

    name = "matrix"
    prefix = "PARTNERSTADT_MATRIX_"
    hidden = frozenset({"password"})

    user: str | None = None
    password: str | None = None
    password_file: Path | None = None
    homeserver: str | None = None
    invited_by: tuple[str, ...] = ()
    display_name: str | None = None
    key_seconds: float = Field(60, gt=0, le=3600)

    _lists = validator("invited_by", pre=True, allow_reuse=True)(listed)

    def check(self) -> None:
        """Raise a Problem for what is missing."""
        if self.user is None:
            raise Problem(f"{FILE}: {self.name}: user must be given.")
        self.secret("password")

    @validator("user")
    def is_an_account(cls, value: str | None) -> str | None:  # noqa: D102
        if value is not None and not re.fullmatch(r"@[^:\s]+:[^\s/]+", value):
            raise ValueError("is no account like @partnerstadt:example.org")
        return value

    @validator("homeserver")
    def is_safe(cls, value: str | None) -> str | None:  # noqa: D102
        # The password must not go over a line for all to read; the own machine has none.
        if value is not None and not re.match(r"https://[^/\s]|http://(127\.0\.0\.1|localhost)(:|/|$)", value):
            raise ValueError("must begin with https://")
        return value


class EmailSettings(GatewaySettings):
    """Section email; gateways.yml says what each key is good for."""

    name = "email"
    prefix = "PARTNERSTADT_EMAIL_"
    hidden = frozenset({"password"})

    address: str | None = None
    also: tuple[str, ...] = ()
    display_name: str | None = None
    user: str | None = None
    password: str | None = None
    password_file: Path | None = None
    imap_host: str | None = None
    imap_port: int = Field(993, ge=1, le=65535)
    folder: str = "INBOX"
    sent_folder: str | None = None
    smtp_host: str | None = None
    smtp_port: int = Field(587, ge=1, le=65535)
    certificates: Path | None = None
    automatic: bool = False
    answers_per_day: int = Field(10, ge=1)

    _lists = validator("also", pre=True, allow_reuse=True)(listed)

    def check(self) -> None:
        """Raise a Problem for what is missing."""
        missing = [key for key in ("address", "imap_host", "smtp_host") if getattr(self, key) is None]
        if missing:
            raise Problem(f"{FILE}: {self.name}: {', '.join(missing)} must be given.")
        self.secret("password")

    @validator("address")
    def is_an_address(cls, value: str | None) -> str | None:  # noqa: D102
        if value is not None and not re.fullmatch(r"[^@\s<>\"]+@[^@\s<>\"]+", value):
            raise ValueError("is no address like partnerstaedte@example.org")
        return value


KINDS: tuple[type[GatewaySettings], ...] = (TelegramSettings, XmppSettings, MatrixSettings, EmailSettings)


def kind(name: str) -> type[GatewaySettings]:
    """The settings of the gateway of a name, or a Problem."""
    for found in KINDS:
        if found.name == name:
            return found
    raise Problem(f"there is no gateway '{name}', only {', '.join(k.name for k in KINDS)}.")


@dataclass(frozen=True)
class Switched:
    """What the file says of all gateways.

    Attributes:
        on: the names of those that are switched on.
        wrong: for each that cannot be started, why.
    """

    on: tuple[str, ...]
    wrong: Mapping[str, str]


def switched(project: Path, environment: Mapping[str, str] = os.environ) -> Switched:
    """Which gateways are to run. One that is set wrongly keeps no other from running."""
    on: list[str] = []
    wrong: dict[str, str] = {}
    with contextlib.suppress(Problem):  # a file that cannot be read is told of below
        for name in sections(project / FILE):
            if name not in {found.name for found in KINDS}:
                wrong[name] = f"{FILE}: there is no such gateway, only {', '.join(k.name for k in KINDS)}."
    for found in KINDS:
        try:
            settings = found.of(project, environment)
            if settings.enabled:
                settings.check()
                on.append(found.name)
        except Problem as problem:  # also of one that is off: it may be off by mistake
            wrong[found.name] = str(problem)
    return Switched(tuple(on), wrong)
