"""What is kept of a conversation: enough for its next turns, and always the same amount."""

import json
from typing import Any

import pytest
import yaml
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    ConversationPaused,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUttered,
    deserialise_events,
)
from rasa.shared.core.trackers import DialogueStateTracker

from partnerstadt.rasa_ext.history import TURNS, bounded, latest_answered, serialised
from tests.support import PROJECT

DOMAIN = Domain.load(str(PROJECT / "domain.yml"))
START: list[Event] = [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")]


def turn(number: int, *more: Event) -> list[Event]:
    """What one question adds to a conversation."""
    ranking = [{"name": f"intent {rank}", "confidence": 0.1} for rank in range(40)]
    city = {"entity": "city", "value": "leeds", "start": 0, "end": 5, "extractor": "names", "near": []}
    intent = {"name": "ask_since", "confidence": 0.9}
    understood: Any = {"intent": intent, "entities": [city], "intent_ranking": ranking}
    asked = UserUttered(f"Frage {number}", intent, [city], understood, message_id=str(number))
    said = BotUttered(f"Antwort {number}", {"buttons": None}, {"utter_action": "utter_x", "about": {"intent": "x"}})
    remembered = SlotSet("context", {"cities": ["leeds"], "number": number})
    return [asked, ActionExecuted("action_partnership"), said, remembered, *more, ActionExecuted("action_listen")]


def conversation(turns: int, whole: bool = False) -> list[Event]:
    """A conversation of so many questions, kept as the store keeps it after each, or whole."""
    events = list(START)
    for number in range(turns):
        events += turn(number, *([SlotSet("plain_language", True)] if number == 2 else []))
        events = events if whole else kept(events)
    return events


def kept(events: list[Event]) -> list[Event]:
    """What comes back of what was stored."""
    stored = json.dumps(serialised(bounded("a", events, DOMAIN.slots)))
    return list(deserialise_events(json.loads(stored)))


def tracker(events: list[Event]) -> DialogueStateTracker:
    """The tracker of a conversation."""
    return DialogueStateTracker.from_events("a", events, DOMAIN.slots)


def test_turn_one_thousand_keeps_what_turn_ten_did() -> None:
    """In events and in bytes."""
    ten, thousand = conversation(10), conversation(1000)
    assert len(ten) == len(thousand)
    sizes = [len(json.dumps(serialised(events))) for events in (ten, thousand)]
    assert sizes[1] - sizes[0] < 50 and sizes[1] < 6000


def test_slots_and_last_turns_are_as_if_everything_were_kept() -> None:
    """The state is the same; of older turns only what they led to is left."""
    whole, short = tracker(conversation(30, whole=True)), tracker(conversation(30))
    assert short.current_slot_values() == whole.current_slot_values()
    assert short.get_slot("plain_language") is True and short.get_slot("context")["number"] == 29
    assert short.latest_action_name == whole.latest_action_name == "action_listen"
    assert short.past_states(DOMAIN)[-2 * TURNS :] == whole.past_states(DOMAIN)[-2 * TURNS :]
    texts = [event.text for event in short.events if isinstance(event, UserUttered)]
    assert texts == [f"Frage {number}" for number in range(30 - TURNS, 30)]


def test_policies_look_back_no_further_than_what_is_kept() -> None:
    """A policy with a longer memory, or a longer rule, needs more turns to be kept."""
    config = yaml.safe_load((PROJECT / "config.yml").read_text(encoding="utf-8"))
    assert max(policy.get("max_history", 0) for policy in config["policies"]) <= 2 * TURNS
    rules = yaml.safe_load((PROJECT / "data" / "rules.yml").read_text(encoding="utf-8"))["rules"]
    assert max(len(rule["steps"]) for rule in rules) <= 2 * TURNS
    assert not any(rule.get("conversation_start") for rule in rules)


@pytest.mark.parametrize("marker", [SessionStarted(), Restarted()])
def test_nothing_of_an_earlier_session_stays(marker: Event) -> None:
    """Also not its slots."""
    events = [*conversation(5), ActionExecuted("action_session_start"), marker, ActionExecuted("action_listen")]
    left = kept([*events, *turn(9)])
    assert [event.text for event in left if isinstance(event, UserUttered)] == ["Frage 9"]
    assert isinstance(left[0], ActionExecuted) and left[0].action_name == "action_session_start"
    assert tracker(left).get_slot("plain_language") is False


def test_conversation_that_is_paused_stays_paused() -> None:
    """However long ago that was."""
    events = [*conversation(4), ConversationPaused()]
    for number in range(10):
        events = kept([*events, UserUttered(f"Frage {number}"), ActionExecuted("action_listen")])
    assert tracker(events).is_paused()


def test_form_is_kept_to_its_end() -> None:
    """Its turns hang together."""
    events = [*START, *turn(0, ActiveLoop("some_form"))]
    for number in range(1, 10):
        events = kept([*events, *turn(number)])
    assert len([event for event in events if isinstance(event, UserUttered)]) == 10
    assert tracker(events).active_loop_name == "some_form"


def test_what_is_stored_of_a_message_is_what_policies_see() -> None:
    """Intent and entities; of the reply, what is known about it only as long as it may be asked for again."""
    first, last = [json.dumps(e, ensure_ascii=False) for e in serialised(conversation(2)) if e["event"] == "user"]
    assert "intent_ranking" not in first + last and '"value": "leeds"' in last and "extractor" not in last
    said = [event for event in serialised(conversation(2)) if event["event"] == "bot"]
    assert ["about" in event["metadata"] for event in said] == [False, True]
    assert said[0]["metadata"]["utter_action"] == "utter_x"


def test_latest_message_counts_as_answered_once_the_bot_has_said_something() -> None:
    """A turn that failed is asked again."""
    assert latest_answered(conversation(3)) == "2"
    assert latest_answered([*conversation(3), UserUttered("x", message_id="3"), ActionExecuted("action_x")]) is None
    assert latest_answered([*START, UserUttered("x"), BotUttered("y")]) is None
    assert latest_answered(START) is None
