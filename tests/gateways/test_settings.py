"""Settings of the gateways."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from partnerstadt.gateways.settings import FILE, KINDS, TelegramSettings, XmppSettings, kind, switched
from partnerstadt.settings import Problem
from tests.support import PROJECT

PAGE = (PROJECT / "docs" / "messenger.md").read_text(encoding="utf-8")


def project(folder: Path, text: str) -> Path:
    """A project with these settings."""
    (folder / FILE).write_text(text, encoding="utf-8")
    return folder


def test_all_are_off_in_the_file_and_without_one(tmp_path: Path) -> None:
    """Nobody is connected to anything by mistake."""
    assert switched(PROJECT, {}).on == () == switched(tmp_path, {}).on
    assert switched(PROJECT, {}).wrong == {} == switched(tmp_path, {}).wrong


def test_file_has_a_section_for_each_with_its_keys() -> None:
    """Those that all have are told of at its head."""
    sections = yaml.safe_load((PROJECT / FILE).read_text(encoding="utf-8"))
    assert set(sections) == {found.name for found in KINDS}
    for found in KINDS:
        secrets = set(found.hidden)  # stand in the environment
        assert set(sections[found.name]) | secrets == set(found.__fields__) - {"retry_seconds", "retry_seconds_most"}


def test_page_for_operators_names_every_key() -> None:
    """With what it is good for."""
    missing = [f"{f.name}: {key}" for f in KINDS for key in f.__fields__ if f"`{key}`" not in PAGE]
    assert missing == []


def test_environment_switches_on(tmp_path: Path) -> None:
    """Without any file."""
    environment = {"PARTNERSTADT_TELEGRAM_ENABLED": "true", "PARTNERSTADT_TELEGRAM_TOKEN": "1:a"}
    assert switched(tmp_path, environment).on == ("telegram",)


def test_wrong_one_keeps_no_other_from_running(tmp_path: Path) -> None:
    """It is named with its key."""
    text = "telegram: {enabled: true, token_file: token}\nxmpp: {enabled: true, jid: nobody}\n"
    environment = {"PARTNERSTADT_TELEGRAM_TOKEN": "1:a"}
    found = switched(project(tmp_path, text), environment)
    assert found.on == ("telegram",)
    assert found.wrong["xmpp"] == "gateways.yml: xmpp: jid: is no address like bot@example.org, not 'nobody'."


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("telegram: {enabled: true}", "gateways.yml: telegram: token or token_file must be given."),
        ("xmpp: {enabled: true, password: x}", "gateways.yml: xmpp: jid must be given."),
        ("xmpp: {enabled: true, jid: a@b}", "gateways.yml: xmpp: password or password_file must be given."),
        ("xmpp: {jid: a@b, tls: false}", "may only be off where host is this machine"),
        ("telegram: {tokn: x}", "gateways.yml: telegram: tokn: extra fields not permitted."),
        ("telegramm: {enabled: true}", "gateways.yml: there is no such gateway, only telegram, xmpp, matrix, email."),
        ("xmpp: {port: 1}\nxmpp: {enabled: true}", "gateways.yml cannot be read: 'xmpp' stands twice, again in line 2"),
        ("telegram: 7", "must hold lines of the form 'key: value'"),
    ],
)
def test_what_is_missing_or_wrong_is_said(tmp_path: Path, text: str, wrong: str) -> None:
    """In one sentence."""
    assert wrong in " ".join(switched(project(tmp_path, text), {}).wrong.values())


def test_secret_comes_from_its_file(tmp_path: Path) -> None:
    """And is never part of a message."""
    file = tmp_path / "token"
    file.write_text("geheim\n", encoding="utf-8")
    settings = TelegramSettings.of(project(tmp_path, f"telegram: {{token_file: {file}}}"), {})
    assert settings.secret("token") == "geheim"
    file.unlink()
    with pytest.raises(Problem, match=r"gateways.yml: telegram: token_file cannot be read \(FileNotFoundError\)\."):
        settings.secret("token")
    with pytest.raises(Problem) as caught:
        XmppSettings.of(project(tmp_path, "xmpp: {password: [geheim]}"), {})
    assert "geheim" not in str(caught.value)


def test_path_begins_at_the_project(tmp_path: Path) -> None:
    """Wherever the bot is started; one that begins at the root stays."""
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "token").write_text("geheim\n", encoding="utf-8")
    place = project(tmp_path, "telegram: {enabled: true, token_file: var/token}\nxmpp: {password_file: /x/y}")
    assert TelegramSettings.of(place, {}).secret("token") == "geheim" and switched(place, {}).on == ("telegram",)
    assert XmppSettings.of(place, {}).password_file == Path("/x/y")


def test_unknown_name_is_a_problem() -> None:
    """And the known ones are named."""
    with pytest.raises(Problem, match="there is no gateway 'fax', only telegram, xmpp"):
        kind("fax")
