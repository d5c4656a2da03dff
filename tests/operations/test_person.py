"""What a citizen may ask for: everything that is kept of a conversation, and its deletion everywhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from partnerstadt.front.sessions import FILE as SECRET
from partnerstadt.front.sessions import Tokens
from partnerstadt.operations.person import Files
from partnerstadt.secret_file import kept_secret
from partnerstadt.settings import Problem, Settings
from partnerstadt.staff.database import open_staff_database
from partnerstadt.staff.trail import steps
from tests.front.parts import TOKEN, Citizen, Rasa, contents, served
from tests.support import MUSTERSTADT

LONG = TOKEN.ljust(32, "-")


@pytest.fixture
def settings(tmp_path: Path, rasa: Rasa) -> Settings:
    """The state of a front desk before a stand-in for Rasa."""
    return Settings(tmp_path, MUSTERSTADT, rasa_port=rasa.port, state=tmp_path / "var", token=LONG)


def test_everything_is_told_and_then_deleted(settings: Settings, rasa: Rasa) -> None:
    """By the token that the browser holds, or by the id; the trail says that it was done, not what was said."""
    rasa.events = [{"event": "user", "text": "seit wann"}]
    with served(settings.state, rasa) as front:
        citizen = Citizen(front)
        citizen.say("seit wann ist Koskelampi dabei")
        citizen.until_answered()
        files = Files(settings)
        id = files.conversation(citizen.token)
        assert files.conversation(id) == id and Tokens(kept_secret(settings.state / SECRET)).make(id) == citizen.token
        told = files.export(id, print)
        assert told["messages"][0]["text"] == "seit wann ist Koskelampi dabei"
        assert told["conversations"][0]["channel"] == "web" and told["rasa"] == rasa.events
        json.dumps(told)
        files.delete(id, print)
        assert citizen.http.get("/api/history").status_code in (401, 404)
        with pytest.raises(Problem, match="nothing is kept"):
            files.conversation(citizen.token)
    assert b"Koskelampi" not in contents(settings.state) and rasa.deleted == [id]
    engine = open_staff_database(None, settings.state)
    done = {step.action for step in steps(engine)}
    assert done == {"conversation_exported", "conversation_deleted"}


def test_rasa_that_is_gone_is_told_later(settings: Settings, rasa: Rasa) -> None:
    """Both say so; the front desk deletes there when it can."""
    with served(settings.state, rasa) as front:
        citizen = Citizen(front)
        citizen.say("geheim")
        citizen.until_answered()
        rasa.stop()
        said: list[str] = []
        files = Files(settings)
        id = files.conversation(citizen.token)
        assert "rasa" not in files.export(id, said.append)
        files.delete(id, said.append)
        assert len(said) == 2 and all("Rasa cannot be" in line for line in said)
        rasa.start()
        front.run(front.desk.delivery.forget_left())
        assert rasa.deleted == [id]


def test_forged_token_finds_nothing(settings: Settings) -> None:
    """Nor does an id of nobody."""
    for who in ("0" * 32, Tokens("another secret").make("0" * 32), ""):
        with pytest.raises(Problem, match="nothing is kept"):
            Files(settings).conversation(who)
