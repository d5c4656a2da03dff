"""Settings of the front desk: a documented file, the environment, and one clear sentence for a wrong value."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from partnerstadt import deadlines
from partnerstadt.front.security import is_of
from partnerstadt.front.settings import PREFIX, FrontSettings
from partnerstadt.settings import Problem
from tests.support import PROJECT

FILE = PROJECT / "front.yml"


def test_file_lists_every_key_with_its_default() -> None:
    """What one reads there is what holds without the file."""
    raw = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    assert raw.keys() == FrontSettings.__fields__.keys()
    assert FrontSettings.read(FILE, {}) == FrontSettings()


def test_every_key_is_explained() -> None:
    """By a comment in its line or above it."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if re.match(r"[a-z_]+:", line):
            above = lines[number - 1] if number else ""
            assert "#" in line or above.startswith("#") or "_at_once" in line or "streams_per" in line, line


def test_page_for_operators_lists_every_key() -> None:
    """With the name of its variable; a default that is a number is the one that holds."""
    page = (PROJECT / "docs" / "vordertuer.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"^\| `([a-z_]+)` \| ([^|]*) \|", page, re.MULTILINE))
    assert FrontSettings.__fields__.keys() - shown.keys() == set()
    numbers = {key: value for key, value in FrontSettings().dict().items() if isinstance(value, int | float)}
    assert {key: float(shown[key]) for key in numbers} == numbers


def test_front_desk_never_waits_longer_than_a_conversation_is_locked() -> None:
    """Else two turns of one conversation could run at once."""
    with pytest.raises(Problem, match="RASA_SECONDS: ensure this value is less than 60"):
        FrontSettings.read(FILE, {f"{PREFIX}RASA_SECONDS": str(deadlines.LOCK)})


def test_environment_wins() -> None:
    """Numbers, texts, lists and nothing at all."""
    environment = {
        f"{PREFIX}RETENTION_DAYS": "7",
        f"{PREFIX}ORIGINS": "https://a.example, https://b.example:8443",
        f"{PREFIX}ANNOUNCEMENT": "",
        f"{PREFIX}PORT": "1",
    }
    settings = FrontSettings.read(FILE, environment)
    assert settings.retention_days == 7 and settings.announcement is None
    assert settings.origins == ("https://a.example", "https://b.example:8443")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("RETENTION_DAYS", "many"),
        ("RETENTION_DAYS", "0.5"),
        ("SESSION_HOURS", "0"),
        ("CHARACTERS", "0"),
        ("DELAYED_SECONDS", "9"),
        ("ORIGINS", "www.example.org"),
        ("ORIGINS", "https://www.example.org/"),
        ("ORIGINS", "*"),
        ("METRICS_FROM", "localhost"),
        ("SECRET", "short"),
    ],
)
def test_wrong_variable_is_named(key: str, value: str) -> None:
    """In one sentence."""
    with pytest.raises(Problem, match=PREFIX + key) as problem:
        FrontSettings.read(FILE, {PREFIX + key: value})
    assert "\n" not in str(problem.value)


def test_secret_is_not_shown(tmp_path: Path) -> None:
    """Errors end on screens and in logs."""
    with pytest.raises(Problem) as problem:
        FrontSettings.read(FILE, {f"{PREFIX}SECRET": "hunter2"})
    assert "hunter2" not in str(problem.value)


def test_unknown_variable_is_named() -> None:
    """A misspelt one would have no effect otherwise."""
    with pytest.raises(Problem, match="RETENTION_DAY is no setting"):
        FrontSettings.read(FILE, {f"{PREFIX}RETENTION_DAY": "7"})


@pytest.mark.parametrize("text", ["retention: 7", "characters: x", "a: [", "- a", "\x00"], ids=range(5))
def test_wrong_file_is_named(tmp_path: Path, text: str) -> None:
    """With the key, where there is one."""
    file = tmp_path / "front.yml"
    file.write_text(text)
    with pytest.raises(Problem, match=r"front\.yml"):
        FrontSettings.read(file, {})


def test_missing_file_means_the_defaults(tmp_path: Path) -> None:
    """So does an empty one."""
    assert FrontSettings.read(tmp_path / "front.yml", {}) == FrontSettings()
    (tmp_path / "front.yml").touch()
    assert FrontSettings.read(tmp_path / "front.yml", {}) == FrontSettings()


def test_list_that_is_set_to_nothing_is_empty() -> None:
    """As a Compose file sets what nobody has filled in."""
    settings = FrontSettings.read(FILE, {"PARTNERSTADT_FRONT_ORIGINS": ""})
    assert settings.origins == ()


def test_networks_are_taken_for_proxies_and_watchers() -> None:
    """Pods have no fixed addresses; what is no network is named."""
    values = {"TRUSTED_PROXIES": "10.0.0.0/8", "METRICS_FROM": "fd00::/8,127.0.0.1"}
    settings = FrontSettings.read(FILE, {PREFIX + key: value for key, value in values.items()})
    assert settings.trusted_proxies == ("10.0.0.0/8",) and is_of("fd00::1", settings.metrics_from)
    assert not is_of("10.0.0.1", settings.metrics_from) and not is_of("", settings.metrics_from)
    with pytest.raises(Problem, match="TRUSTED_PROXIES"):
        FrontSettings.read(FILE, {"PARTNERSTADT_FRONT_TRUSTED_PROXIES": "10.0.0.1/8"})
