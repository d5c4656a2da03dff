"""A candidate model, really trained, compared, activated in the running bot and rolled back."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import httpx
import yaml

from partnerstadt import active
from partnerstadt.front.store import Store
from partnerstadt.front.times import now
from partnerstadt.quality.measure import new_sender
from partnerstadt.staff.database import open_staff_database
from partnerstadt.staff.examples import Example
from partnerstadt.staff.inbox import Inbox, State
from partnerstadt.staff.training import DONE, RUNNING, Training
from tests.e2e.conftest import QUESTIONS, Bot
from tests.staff.inquiries import asked

CASES = 12
SECONDS = 600.0
SLOW = 30.0  # a busy machine loads a model for long, and Rasa says little meanwhile


def until(what: Callable[[], bool], seconds: float) -> float:
    """Wait for something; how long it took."""
    begun = time.monotonic()
    while not what():
        assert time.monotonic() < begun + seconds, "it took too long"
        time.sleep(0.1)
    return time.monotonic() - begun


def some_questions(folder: Path) -> Path:
    """A few of the regression questions."""
    folder.mkdir()
    for name in ("acceptance", "off_topic"):
        cases = yaml.safe_load((QUESTIONS / f"{name}.yml").read_text(encoding="utf-8"))[:CASES]
        (folder / f"{name}.yml").write_text(yaml.safe_dump(cases, allow_unicode=True), encoding="utf-8")
    return folder


def test_candidate_is_trained_compared_activated_and_rolled_back(bot: Bot, tmp_path: Path) -> None:
    """The data of the project stays as it is; a conversation goes on while the model changes under it."""
    settings = bot.settings
    nlu = (settings.project / "data" / "nlu.yml").read_bytes()
    engine = open_staff_database(None, settings.state)
    inbox, training = Inbox(engine, now), Training(engine, now, settings, some_questions(tmp_path / "questions"))

    conversation = asked(Store(engine), now, "An wen von der Stadt schreibe ich denn bloß wegen Amiens?")
    until(lambda: not inbox.update() and bool(inbox.groups(State.OPEN)[0]), 60)
    group = inbox.groups(State.OPEN)[0][0]
    inbox.decide(group.id, State.OPEN, State.ASSIGNED, "kim", "ask_contact")
    [suggestion], _ = training.suggestions()
    text = "An wen von der Stadt schreibe ich denn bloß wegen [Musterhausen](city)?"
    training.confirm(suggestion.conversation, suggestion.number, Example("ask_contact", text), "kim")
    Store(engine).delete(conversation)

    own = training.active()
    id = training.start("kim")
    until(lambda: training.runs()[0].state != RUNNING, SECONDS)
    run = training.run(id)
    assert run and run.state == DONE and run.comparison and run.model, run and run.error
    assert run.base == own and run.model != own
    assert sum(row.turns for row in run.comparison.kinds) >= 2 * CASES
    assert (settings.project / "data" / "nlu.yml").read_bytes() == nlu

    def answers_with(model: str) -> bool:
        health = settings.rasa_url.removesuffix("webhook")
        return bool(httpx.get(health, trust_env=False).json()["model"] == model)

    sender = new_sender()
    assert answers_with(own) and "1969" in bot.client.text("Seit wann ist Leeds dabei?", sender)
    assert training.hindrance(run) is None
    training.activate(id, "administrator")
    until(lambda: answers_with(run.model or ""), 2 * SLOW)
    assert "1960" in bot.client.text("und Amiens?", sender)
    training.roll_back("administrator")
    until(lambda: answers_with(own), 2 * SLOW)
    assert "1981" in bot.client.text("und Netanya?", sender)
    (settings.state / active.FILE).unlink()
