"""Actions in Rasa's own process behave as those of an action server."""

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection as Rejection

from partnerstadt.names import IN_PROCESS
from partnerstadt.rasa_ext import local_actions
from partnerstadt.rasa_ext.local_actions import LocalActions

DOMAIN = Domain.from_dict({"slots": {"x": {"type": "any", "mappings": [{"type": "custom"}]}}})
Do = Callable[[CollectingDispatcher, Any, Any], Any]


def run(do: Do, monkeypatch: pytest.MonkeyPatch, seconds: float = 6.0) -> list[Event]:
    """Let Rasa run an action that does something; the events it makes of it."""
    executor = ActionExecutor()
    executor.register_function("action_x", do)
    actions = LocalActions(executor, seconds)
    monkeypatch.setattr(local_actions, "local_actions", lambda: actions)
    tracker = DialogueStateTracker.from_events("a", [SlotSet("x", {"list": [1]})], DOMAIN.slots)
    action = RemoteAction("action_x", EndpointConfig(url=IN_PROCESS))
    nlg = NaturalLanguageGenerator.create(None, DOMAIN)
    return list(asyncio.run(action.run(CollectingOutputChannel(), nlg, tracker, DOMAIN)))


def greet(dispatcher: CollectingDispatcher, tracker: Any, _: Any) -> list[dict[str, Any]]:
    """An ordinary action."""
    dispatcher.utter_message(text="hallo")
    value = tracker.get_slot("x")
    value["list"].append(2)
    return [{"event": "slot", "name": "x", "value": (value, threading.current_thread().name)}]


async def greet_later(dispatcher: CollectingDispatcher, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """One that is a coroutine."""
    await asyncio.sleep(0)
    return greet(dispatcher, tracker, domain)


@pytest.mark.parametrize(("do", "thread"), [(greet, "action"), (greet_later, "MainThread")])
def test_action_speaks_and_sets_slots(do: Do, thread: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain one in a thread of its own, so that others need not wait; a coroutine where it belongs."""
    said, slot = run(do, monkeypatch)
    assert isinstance(said, BotUttered) and said.text == "hallo"
    assert isinstance(slot, SlotSet) and slot.value[0] == {"list": [1, 2]} and slot.value[1].startswith(thread)


def test_action_cannot_change_the_conversation_behind_rasas_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """It gets a copy; what it gives back is one too, with lists for tuples, as through HTTP."""
    kept: list[Any] = []

    def spoil(dispatcher: CollectingDispatcher, tracker: Any, _: Any) -> list[dict[str, Any]]:
        kept.append({"event": "slot", "name": "x", "value": (1, 2)})
        return kept

    slot = run(spoil, monkeypatch)[-1]
    kept[0]["value"] = "changed"
    assert isinstance(slot, SlotSet) and slot.value == [1, 2]


def test_action_may_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then Rasa predicts another one."""

    def refuse(*_: Any) -> None:
        raise Rejection("action_x", "no")

    with pytest.raises(ActionExecutionRejection, match="no"):
        run(lambda dispatcher, tracker, domain: refuse(), monkeypatch)


def test_action_that_fails_quotes_nobody(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Rasa is told; what was written stays out of the error."""

    def fail(dispatcher: CollectingDispatcher, tracker: Any, domain: Any) -> None:
        raise ValueError("geheim")

    with pytest.raises(RasaException) as failure:
        run(fail, monkeypatch)
    assert "geheim" not in f"{failure.value}{failure.value.__cause__}" and "action_x" in caplog.text


def test_action_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """After its time, and without holding up the server meanwhile."""
    ends = threading.Event()
    begun = time.monotonic()
    with pytest.raises(RasaException):
        run(lambda dispatcher, tracker, domain: ends.wait(5), monkeypatch, seconds=0.1)
    ends.set()
    assert time.monotonic() - begun < 2


def test_unknown_action_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """As an action server would say."""
    with pytest.raises(Exception, match="404"):
        asyncio.run(LocalActions(ActionExecutor()).run({"next_action": "action_y", "tracker": {}}))


def test_every_action_of_the_domain_is_there() -> None:
    """The same package as the action server loads."""
    executor = local_actions.local_actions()._executor
    wanted = [name for name in Domain.load("domain.yml").user_actions if name.startswith("action_")]
    assert set(wanted) <= set(executor.actions)


def test_other_endpoints_still_use_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the one address means this process."""
    with pytest.raises(Exception, match="onnect"):
        asyncio.run(EndpointConfig(url="http://127.0.0.1:9/webhook").request(json={"next_action": "action_x"}))


def test_error_in_an_action_file_ends_the_start(tmp_path: Path) -> None:
    """As it ends an action server: no bot that apologises for everything."""
    (tmp_path / "actions").mkdir()
    (tmp_path / "actions" / "__init__.py").write_text("import nothing_like_this")
    code = "from partnerstadt.rasa_ext.local_actions import local_actions; local_actions()"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1 and "nothing_like_this" in done.stderr
