"""Settings of a running bot, read from the environment and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from partnerstadt.names import HTTP, IN_PROCESS

HOST = "127.0.0.1"
LEAST_TOKEN = 32  # characters
EVERYWHERE = ("0.0.0.0", "::")
CHANNEL = "/webhooks/rest/"


class Problem(Exception):
    """Something the person at the terminal can put right; its text is one clear sentence."""


@dataclass(frozen=True)
class Settings:
    """Where things are and where they listen."""

    project: Path
    records: Path
    rasa_port: int = 5005
    actions_port: int = 5055
    front_port: int = 8080
    staff_port: int = 8081
    state: Path = Path("var")
    actions: str = IN_PROCESS
    database: str | None = field(default=None, repr=False)  # may hold a password
    redis: str | None = field(default=None, repr=False)
    bots: int = 1
    # Where the desks find Rasa, if not on this machine.
    other_rasas: tuple[str, ...] = ()
    # Where Rasa listens: another address than this machine's own takes a token.
    rasa_host: str = HOST
    # What the desks show there; without one, the supervisor makes it up.
    token: str | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings, or raise a Problem that names the wrong one."""
        project = Path(environment.get("PARTNERSTADT_PROJECT") or Path(__file__).parents[1]).resolve()
        records = Path(environment.get("PARTNERSTADT_RECORDS") or _only_city(project / "records"))
        return cls(
            project=project,
            records=project / records,
            rasa_port=_port(environment, "PARTNERSTADT_RASA_PORT", 5005),
            actions_port=_port(environment, "PARTNERSTADT_ACTIONS_PORT", 5055),
            front_port=_port(environment, "PARTNERSTADT_FRONT_PORT", 8080),
            staff_port=_port(environment, "PARTNERSTADT_STAFF_PORT", 8081),
            state=project / (environment.get("PARTNERSTADT_STATE") or "var"),
            database=environment.get("PARTNERSTADT_DATABASE") or None,
            bots=_count(environment, "PARTNERSTADT_BOTS", 16),
            other_rasas=_servers(environment, "PARTNERSTADT_RASA_URLS"),
            redis=environment.get("PARTNERSTADT_REDIS") or None,
            actions=_one_of(environment, "PARTNERSTADT_ACTIONS", IN_PROCESS, HTTP),
            rasa_host=_rasa_host(environment),
            token=_token(environment),
        )

    @property
    def rasa_url(self) -> str:
        """Where Rasa's REST channel takes messages on this machine."""
        return self.local_rasa(self.rasa_port)

    def local_rasa(self, port: int) -> str:
        """Where the Rasa of a port on this machine takes messages."""
        host = HOST if self.rasa_host in EVERYWHERE else self.rasa_host
        return f"http://{host}:{port}{CHANNEL}webhook"

    @property
    def rasa_ports(self) -> list[int]:
        """The ports of the Rasa processes that run here."""
        return list(range(self.rasa_port, self.rasa_port + self.bots))

    @property
    def rasa_urls(self) -> list[str]:
        """Where all Rasa processes take messages, here or on other machines."""
        return list(self.other_rasas) or [self.local_rasa(port) for port in self.rasa_ports]

    @property
    def bot_actions_url(self) -> str | None:
        """Where the desks see whether actions work; of a Rasa elsewhere they ask Rasa, which alone reaches them."""
        if self.other_rasas and self.actions_url:
            return self.other_rasas[0].removesuffix("webhook") + "actions/webhook"
        return self.actions_url

    @property
    def actions_url(self) -> str | None:
        """Where Rasa sends its action calls; None if it runs actions itself."""
        return f"http://{HOST}:{self.actions_port}/webhook" if self.actions == HTTP else None

    @property
    def front_url(self) -> str:
        """Where the front desk can be reached from this machine."""
        return f"http://{HOST}:{self.front_port}/"

    @property
    def staff_url(self) -> str:
        """Where the staff desk can be reached from this machine."""
        return f"http://{HOST}:{self.staff_port}/"

    @property
    def environment(self) -> dict[str, str]:
        """The settings again, for child processes."""
        return {
            "PARTNERSTADT_RECORDS": str(self.records),
            "PARTNERSTADT_RASA_PORT": str(self.rasa_port),
            "PARTNERSTADT_ACTIONS_PORT": str(self.actions_port),
            "PARTNERSTADT_ACTIONS": self.actions,
            "PARTNERSTADT_ACTIONS_URL": self.actions_url or IN_PROCESS,
            "PARTNERSTADT_FRONT_PORT": str(self.front_port),
            "PARTNERSTADT_STAFF_PORT": str(self.staff_port),
            "PARTNERSTADT_STATE": str(self.state),
            "PARTNERSTADT_DATABASE": self.database or "",
            "PARTNERSTADT_REDIS": self.redis or "",
            "PARTNERSTADT_BOTS": str(self.bots),
            "PARTNERSTADT_RASA_URLS": ",".join(self.other_rasas),
            "PARTNERSTADT_RASA_HOST": self.rasa_host,
            "PARTNERSTADT_CHANNEL_TOKEN": self.token or "",
        }


def _only_city(folder: Path) -> Path:
    """The one city under records/; with several of them somebody has to say which."""
    cities = sorted(path.parent for path in folder.glob("*/city.yml"))
    if len(cities) != 1:
        found = ", ".join(path.name for path in cities) or "none"
        raise Problem(f"PARTNERSTADT_RECORDS must name the folder of one city; {folder.name}/ holds {found}.")
    return cities[0]


def _count(environment: Mapping[str, str], name: str, most: int) -> int:
    value = environment.get(name) or "1"
    if not (value.isascii() and value.isdigit() and 0 < int(value) <= most):
        raise Problem(f"{name} must be a number from 1 to {most}, not '{value}'.")
    return int(value)


def _one_of(environment: Mapping[str, str], name: str, default: str, *others: str) -> str:
    value = environment.get(name) or default
    if value not in (default, *others):
        raise Problem(f"{name} must be {' or '.join((default, *others))}, not '{value}'.")
    return value


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name) or str(default)
    if not (value.isascii() and value.isdigit() and 0 < int(value) < 65536):
        raise Problem(f"{name} must be a port number from 1 to 65535, not '{value}'.")
    return int(value)


def _token(environment: Mapping[str, str]) -> str | None:
    token = environment.get("PARTNERSTADT_CHANNEL_TOKEN") or None
    if token is not None and not (token.isascii() and token.isprintable() and len(token) >= LEAST_TOKEN):
        raise Problem(f"PARTNERSTADT_CHANNEL_TOKEN must be {LEAST_TOKEN} or more letters and digits.")
    return token


def _rasa_host(environment: Mapping[str, str]) -> str:
    host = environment.get("PARTNERSTADT_RASA_HOST") or HOST
    try:
        inside = ip_address(host).is_loopback
    except ValueError:
        raise Problem(f"PARTNERSTADT_RASA_HOST must be an address of this machine, not '{host}'.") from None
    if not inside and not environment.get("PARTNERSTADT_CHANNEL_TOKEN"):
        raise Problem(f"PARTNERSTADT_RASA_HOST={host} needs PARTNERSTADT_CHANNEL_TOKEN: others can reach Rasa there.")
    return host


def _servers(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    """The addresses of the REST channel at each server of a list with commas."""
    found = []
    for value in (environment.get(name) or "").replace(",", " ").split():
        server = value.removesuffix("/").removesuffix(f"{CHANNEL}webhook")
        parts = urlsplit(server)
        if parts.scheme not in ("http", "https") or not parts.netloc or server != f"{parts.scheme}://{parts.netloc}":
            raise Problem(f"{name} must be addresses like http://bot.example.org:5005, not '{value}'.")
        found.append(f"{server}{CHANNEL}webhook")
    return tuple(found)
