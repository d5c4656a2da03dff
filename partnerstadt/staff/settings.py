"""Settings of the staff desk: the file staff.yml, and the environment, which wins."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, root_validator, validator

from partnerstadt.file_settings import FileSettings, listed, network
from partnerstadt.settings import HOST
from partnerstadt.staff.roles import Role

FILE = "staff.yml"
PREFIX = "PARTNERSTADT_STAFF_"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class StaffSettings(FileSettings):
    """One attribute a key of staff.yml; the file says what each is good for."""

    prefix = PREFIX
    not_here = frozenset({"PARTNERSTADT_STAFF_PORT"})
    hidden = frozenset({"oidc_secret"})

    host: str = HOST
    trusted_proxies: tuple[str, ...] = (HOST,)
    url: str | None = None
    zone: str = "Europe/Berlin"
    trail_days: float = Field(365, gt=0, le=3650)
    passwords: bool = True
    oidc_issuer: str | None = None
    oidc_client: str | None = None
    oidc_secret: str | None = None
    oidc_secret_file: Path | None = None
    oidc_scope: str = "openid profile"
    oidc_name_claim: str = "preferred_username"
    oidc_role_claim: str = "roles"
    oidc_roles: dict[str, Role] = Field({})

    @validator("trusted_proxies", pre=True)
    def list_with_commas(cls, value: Any) -> Any:  # noqa: D102
        return listed(value)

    @validator("trusted_proxies", each_item=True)
    def is_a_network(cls, value: str) -> str:  # noqa: D102
        return network(value)

    @validator("url")
    def is_an_origin(cls, value: str | None) -> str | None:  # noqa: D102
        if value is not None and (not _is_safe(value) or value != "://".join(urlsplit(value)[:2])):
            raise ValueError("is no address like https://staff.example.org")
        return value

    @validator("oidc_issuer")
    def is_encrypted(cls, value: str | None) -> str | None:  # noqa: D102
        if value is not None and not _is_safe(value):
            raise ValueError("is no address like https://login.example.org/realm")
        return value

    @validator("zone")
    def is_a_zone(cls, value: str) -> str:  # noqa: D102
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("is no zone like Europe/Berlin") from error
        return value

    @validator("oidc_scope")
    def asks_for_openid(cls, value: str) -> str:  # noqa: D102
        if "openid" not in value.split():
            raise ValueError("must hold 'openid'")
        return value

    @validator("oidc_secret_file")
    def can_be_read(cls, value: Path | None) -> Path | None:  # noqa: D102
        if value is not None and not value.is_file():
            raise ValueError("is no file")
        return value

    @validator("oidc_roles", pre=True)
    def pairs_with_commas(cls, value: Any) -> Any:  # noqa: D102
        if isinstance(value, str):
            pairs = (pair.partition("=") for pair in value.split(",") if pair.strip())
            return {claim.strip(): role.strip() for claim, _, role in pairs}
        return value

    @root_validator(skip_on_failure=True)
    def is_complete(cls, values: dict[str, Any]) -> dict[str, Any]:  # noqa: D102
        if values["oidc_issuer"]:
            secret = values["oidc_secret"] or values["oidc_secret_file"]
            if not (values["oidc_client"] and secret and values["oidc_roles"]):
                raise ValueError("oidc_issuer needs oidc_client, oidc_secret or oidc_secret_file, and oidc_roles")
        elif not values["passwords"]:
            raise ValueError("without passwords nobody could log in, oidc_issuer is missing")
        return values

    @property
    def secret(self) -> str:
        """What the provider knows this desk by."""
        if self.oidc_secret_file:
            return self.oidc_secret_file.read_text(encoding="utf-8").strip()
        return self.oidc_secret or ""

    @property
    def hosts(self) -> frozenset[str]:
        """Names that the desk answers to."""
        return LOOPBACK | ({str(urlsplit(self.url).hostname)} if self.url else frozenset())


def _is_safe(address: str) -> bool:
    parts = urlsplit(address)
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))
