"""Talk around the subject: greeting, thanks, questions about the bot, repeat, start again, plain language."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import AllSlotsReset, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Answering, conclude, knowledge, memory_of, note, readings_of, say
from partnerstadt.answer.about import about
from partnerstadt.answer.reply import Memory, talk


class ActionTalk(Answering):
    """Answers with the fixed response of the intent."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_talk"


class ActionRepeat(Action):
    """Says the last reply once more."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_repeat"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Repeat all messages between the last two of the user."""
        texts: list[tuple[str, str | None]] = []
        users = 0
        for event in reversed(tracker.events):
            if event.get("event") == "user":
                users += 1
                if users == 2:
                    break
            elif event.get("event") == "bot" and users == 1 and event.get("text"):
                texts.append((event["text"], (event.get("metadata") or {}).get("utter_action")))
        for text, response in reversed(texts):
            dispatcher.utter_message(text=text, utter_action=response)
        known = knowledge()
        if not texts:
            say(dispatcher, [talk("repeat", known.records)])
        note(dispatcher, about(tracker.latest_message, (), (), memory_of(tracker), known.records))
        return []


class ActionStartAgain(Action):
    """Forgets what the conversation was about."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_start_again"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Reset all slots."""
        known = knowledge()
        said = [talk("start_again", known.records)]
        say(dispatcher, said)
        note(dispatcher, about(tracker.latest_message, (), said, Memory(introduced=True), known.records))
        return [AllSlotsReset(), SlotSet("introduced", True)]


class ActionPlainLanguage(Action):
    """Switches plain language on or off for the rest of the conversation."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_plain_language"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Set the slot as the intent wants it."""
        intent = readings_of(tracker)[0].intent
        known, memory = knowledge(), memory_of(tracker)
        utterances = [talk(intent, known.records)]
        plain = intent == "plain_language_on"
        after = Memory(memory.context, plain, memory.introduced)
        return [*conclude(dispatcher, tracker, utterances, after, known), SlotSet("plain_language", plain)]
