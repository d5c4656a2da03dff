"""As much of a conversation as its next turns need, and no more: what is kept does not grow with its length.

Rasa keeps all events and plays them back for every message. Here the last few turns stay as they are, and
everything before them becomes the state that it led to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    ConversationPaused,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker

# Policies look back at most `max_history` states, two a turn; "repeat that" needs one turn. A test compares.
TURNS = 3
# Of what was understood of a message, its later turns need no more than the policies see.
OF_ENTITY = ("entity", "value", "role", "group")


def bounded(sender: str, events: Sequence[Event], slots: Iterable[Slot], turns: int = TURNS) -> list[Event]:
    """The events to keep of a conversation.

    Args:
        sender: its id.
        events: all of them, in order.
        slots: the domain's, with their initial values.
        turns: how many questions stay with all that came after them.
    """
    begin = _begin(events)
    asked = [number for number in range(begin, len(events)) if isinstance(events[number], UserUttered)]
    if len(asked) <= turns:
        return list(events[begin:])
    cut = asked[-turns]
    # A turn begins when the bot begins to listen.
    while cut > begin and not _executes(events[cut], ACTION_LISTEN_NAME):
        cut -= 1
    before = DialogueStateTracker.from_events(sender, list(events[begin:cut]), slots)
    if before.active_loop:
        return list(events[begin:])  # a form is asked to its end first
    return [*_state(before), *events[cut:]]


def _begin(events: Sequence[Event]) -> int:
    """Where the present session begins; nothing of an earlier one is ever looked at again."""
    for number in range(len(events) - 1, 0, -1):
        if isinstance(events[number], SessionStarted | Restarted):
            return number - _executes(events[number - 1], ACTION_SESSION_START_NAME)
    return 0


def _executes(event: Event, action: str) -> bool:
    return isinstance(event, ActionExecuted) and event.action_name == action


def _state(tracker: DialogueStateTracker) -> Iterator[Event]:
    """Events that lead to the state of a tracker."""
    time = tracker.events[-1].timestamp
    for name, slot in tracker.slots.items():
        if slot.value != slot.initial_value:
            yield SlotSet(name, slot.value, timestamp=time)
    if tracker.is_paused():
        yield ConversationPaused(timestamp=time)


def serialised(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Events as they are stored: of what was understood and is known, only what is needed again."""
    last = max((number for number, event in enumerate(events) if isinstance(event, UserUttered)), default=-1)
    return [_slim(event.as_dict(), latest=number > last) for number, event in enumerate(events)]


def _slim(event: dict[str, Any], latest: bool) -> dict[str, Any]:
    if event["event"] == UserUttered.type_name:
        understood = event["parse_data"]
        entities = [{key: e[key] for key in OF_ENTITY if key in e} for e in understood.get("entities") or ()]
        event["parse_data"] = {"intent": understood.get("intent"), "entities": entities}
    elif event["event"] == BotUttered.type_name:
        event["data"] = {key: value for key, value in event["data"].items() if value}
        if not latest:  # the latest reply may be asked for once more, with all that is known about it
            event["metadata"] = {key: value for key, value in event["metadata"].items() if key != "about"}
    return event


async def repeat_reply(store: Any, message: UserMessage) -> bool:
    """Say once more what was said to a message that is sent again; whether it was.

    Args:
        store: the tracker store; only one that knows which messages are answered is asked.
        message: with the id that its sender has given it; one without an id is always new.
    """
    answered = getattr(store, "answered", None)
    if answered is None or not message.message_id:
        return False
    tracker = await answered(message.sender_id, message.message_id)
    if tracker is None:
        return False
    said: list[BotUttered] = []
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            break
        if isinstance(event, BotUttered):
            said.append(event)
    for event in reversed(said):
        await message.output_channel.send_response(message.sender_id, event.message())
    return True


def latest_answered(events: Sequence[Event]) -> str | None:
    """The id of the latest message, if it has one and was answered."""
    answered = False
    for event in reversed(events):
        answered = answered or isinstance(event, BotUttered)
        if isinstance(event, UserUttered):
            return event.message_id if answered else None
    return None
