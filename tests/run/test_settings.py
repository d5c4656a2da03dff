"""Settings come from the environment; a wrong one is named."""

from pathlib import Path

import pytest

from partnerstadt.cli import main
from partnerstadt.settings import Problem, Settings


def test_defaults() -> None:
    """Without any variable everything has its usual place."""
    settings = Settings.from_environment({})
    assert (settings.rasa_port, settings.actions_port, settings.front_port) == (5005, 5055, 8080)
    assert settings.state == settings.project / "var"
    assert settings.records == settings.project / "records" / "dortmund"
    assert settings.rasa_url == "http://127.0.0.1:5005/webhooks/rest/webhook"


def test_records_may_lie_anywhere(tmp_path: Path) -> None:
    """Relative paths start at the project, absolute ones are taken as they are."""
    assert Settings.from_environment({"PARTNERSTADT_RECORDS": str(tmp_path)}).records == tmp_path
    assert Settings.from_environment({"PARTNERSTADT_RECORDS": "records/x"}).records.parts[-2:] == ("records", "x")


@pytest.mark.parametrize("value", ["x", "0", "65536", "-1", "5005 ", "٥"])
def test_bad_port_is_named(value: str) -> None:
    """With the variable and its value."""
    with pytest.raises(Problem, match="PARTNERSTADT_RASA_PORT"):
        Settings.from_environment({"PARTNERSTADT_RASA_PORT": value})


def test_problem_is_one_line_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a person at the terminal sees."""
    monkeypatch.setenv("PARTNERSTADT_ACTIONS_PORT", "lots")
    assert main(["check"]) == 1
    shown = capsys.readouterr()
    assert shown.err.startswith("partnerstadt: PARTNERSTADT_ACTIONS_PORT") and shown.err.count("\n") == 1


def test_child_processes_get_the_same_settings() -> None:
    """Read back they are equal."""
    settings = Settings.from_environment(
        {
            "PARTNERSTADT_RASA_PORT": "6005",
            "PARTNERSTADT_ACTIONS_PORT": "6055",
            "PARTNERSTADT_FRONT_PORT": "6080",
            "PARTNERSTADT_STATE": "/tmp/x",
            "PARTNERSTADT_ACTIONS": "http",
        }
    )
    assert Settings.from_environment(settings.environment) == settings
    assert settings.environment["PARTNERSTADT_ACTIONS_URL"] == "http://127.0.0.1:6055/webhook"


SECRET = "0123456789abcdef0123456789abcdef"


def test_rasa_elsewhere_takes_a_token() -> None:
    """An address that others can reach, without one, is refused in one sentence."""
    with pytest.raises(Problem, match="needs PARTNERSTADT_CHANNEL_TOKEN"):
        Settings.from_environment({"PARTNERSTADT_RASA_HOST": "0.0.0.0"})
    settings = Settings.from_environment({"PARTNERSTADT_RASA_HOST": "0.0.0.0", "PARTNERSTADT_CHANNEL_TOKEN": SECRET})
    assert settings.rasa_url.startswith("http://127.0.0.1:5005/") and SECRET not in repr(settings)
    assert Settings.from_environment(settings.environment) == settings


def test_desks_may_find_rasa_on_another_machine() -> None:
    """Then they ask it, too, whether its actions work."""
    there = {"PARTNERSTADT_RASA_URLS": "http://bot.example:5005"}
    settings = Settings.from_environment(there | {"PARTNERSTADT_ACTIONS": "http"})
    assert settings.rasa_urls == ["http://bot.example:5005/webhooks/rest/webhook"]
    assert settings.bot_actions_url == "http://bot.example:5005/webhooks/rest/actions/webhook"
    assert Settings.from_environment(there).bot_actions_url is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PARTNERSTADT_RASA_HOST", "bot"),
        ("PARTNERSTADT_RASA_URLS", "bot:5005"),
        ("PARTNERSTADT_RASA_URLS", "http://bot:5005/x"),
        ("PARTNERSTADT_CHANNEL_TOKEN", "short"),
    ],
)
def test_wrong_value_is_named(name: str, value: str) -> None:
    """One sentence; of a token it does not show the value."""
    with pytest.raises(Problem, match=name) as problem:
        Settings.from_environment({name: value})
    assert name != "PARTNERSTADT_CHANNEL_TOKEN" or value not in str(problem.value)


def test_actions_have_an_address_only_in_a_server_of_their_own() -> None:
    """One word switches."""
    assert Settings.from_environment({}).actions_url is None
    assert Settings.from_environment({"PARTNERSTADT_ACTIONS": "http"}).actions_url == "http://127.0.0.1:5055/webhook"
    with pytest.raises(Problem, match="PARTNERSTADT_ACTIONS must be in-process or http, not 'https'"):
        Settings.from_environment({"PARTNERSTADT_ACTIONS": "https"})


def test_bots_are_counted_or_named() -> None:
    """So many here, one port after the other; or any on other machines."""
    rest = "/webhooks/rest/webhook"
    two = Settings.from_environment({"PARTNERSTADT_BOTS": "2", "PARTNERSTADT_RASA_PORT": "6005"})
    assert two.rasa_urls == [f"http://127.0.0.1:6005{rest}", f"http://127.0.0.1:6006{rest}"]
    others = Settings.from_environment({"PARTNERSTADT_RASA_URLS": f"http://a:5005/, http://b:5005{rest}"})
    assert others.rasa_urls == [f"http://a:5005{rest}", f"http://b:5005{rest}"]
    for settings in (two, others):
        assert Settings.from_environment(settings.environment) == settings
    for value in ("0", "17", "x", "-1", "1.5"):
        with pytest.raises(Problem, match="PARTNERSTADT_BOTS must be a number from 1 to 16"):
            Settings.from_environment({"PARTNERSTADT_BOTS": value})
