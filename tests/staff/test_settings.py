"""Settings of the staff desk: a documented file, the environment, and one clear sentence for a wrong value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from partnerstadt.settings import Problem
from partnerstadt.staff.roles import Role
from partnerstadt.staff.settings import FILE, PREFIX, StaffSettings
from tests.support import PROJECT

OIDC = {"ISSUER": "https://a.example", "CLIENT": "desk", "SECRET": "s", "ROLES": "stadt-it=administrator, red=editor"}


def read(**values: str) -> StaffSettings:
    """The settings of an environment alone."""
    return StaffSettings.read(PROJECT / FILE, {PREFIX + key: value for key, value in values.items()})


def oidc(**values: str) -> dict[str, str]:
    """A complete provider, but for some values."""
    return {f"OIDC_{key}": value for key, value in (OIDC | values).items()}


def test_file_lists_every_key_with_its_default() -> None:
    """What one reads there is what holds without the file."""
    raw: dict[str, Any] = yaml.safe_load((PROJECT / FILE).read_text(encoding="utf-8"))
    assert raw.keys() == StaffSettings.__fields__.keys()
    assert StaffSettings.read(PROJECT / FILE, {}) == StaffSettings()
    page = (PROJECT / "docs" / "anfragen.md").read_text(encoding="utf-8")
    assert {key for key in raw if f"| `{key}` |" not in page} == set()


def test_provider_may_come_from_the_environment(tmp_path: Path) -> None:
    """With its secret in a file, the roles in their order."""
    file = tmp_path / "secret"
    file.write_text("of a file\n")
    settings = read(**oidc(SECRET="", SECRET_FILE=str(file)), PASSWORDS="false", PORT="1")
    assert settings.secret == "of a file" and not settings.passwords
    assert list(settings.oidc_roles.items()) == [("stadt-it", Role.ADMINISTRATOR), ("red", Role.EDITOR)]


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"TRAIL_DAYS": "0"}, "TRAIL_DAYS"),
        ({"ZONE": "Mond"}, "ZONE"),
        ({"ZONE": "../../etc"}, "ZONE"),
        ({"URL": "http://staff.example.org"}, "URL"),
        ({"URL": "https://staff.example.org/"}, "URL"),
        ({"URL": "staff.example.org"}, "URL"),
        ({"PASSWORDS": "false"}, "oidc_issuer"),
        (oidc(ISSUER="http://a.example"), "OIDC_ISSUER"),
        (oidc(CLIENT=""), "oidc_client"),
        (oidc(SECRET=""), "oidc_secret"),
        (oidc(ROLES=""), "OIDC_ROLES"),
        (oidc(ROLES="a=king"), "OIDC_ROLES"),
        (oidc(SECRET_FILE="/nowhere"), "OIDC_SECRET_FILE"),
        (oidc(SCOPE="profile"), "OIDC_SCOPE"),
        ({"PASSWORD": "x"}, "PASSWORD"),
    ],
)
def test_wrong_value_is_named(values: dict[str, str], named: str) -> None:
    """In one sentence, without the secret."""
    with pytest.raises(Problem) as problem:
        read(**values)
    assert named in str(problem.value) and "\n" not in str(problem.value) and "'s'" not in str(problem.value)


def test_only_own_names_are_answered() -> None:
    """Those of this machine, and the one that clerks type."""
    assert StaffSettings(url="https://staff.example.org:8443").hosts == {
        "127.0.0.1",
        "localhost",
        "::1",
        "staff.example.org",
    }
