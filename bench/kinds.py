"""The kind of question behind an intent: the questions of tests carry a kind, not an intent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from partnerstadt.quality.questions import Kind
from partnerstadt.question.reading import FACTS, FALLBACK

KIND_OF = dict.fromkeys(FACTS, Kind.FACT) | {
    "ask_topic": Kind.TOPIC,
    "ask_contact": Kind.CONTACT,
    "ask_contact_detail": Kind.CONTACT,
    "ask_unrecorded": Kind.UNKNOWN,
    "out_of_scope": Kind.OOS,
    "request_human": Kind.HANDOFF,
    "complain": Kind.HANDOFF,
}


def kind_of(intent: str) -> Kind | None:
    """The kind of question an intent stands for; what is no question at all is small talk.

    "Not understood" is of no kind, so it never counts as right.
    """
    if intent == FALLBACK:
        return None
    if intent.startswith("explain_"):
        return Kind.EXPLAIN
    return KIND_OF.get(intent, Kind.SMALLTALK)


def kinds_of(parsed: Mapping[str, Any]) -> set[Kind | None]:
    """The kinds of question found in a message parsed by Rasa; ours may find several in one message."""
    return {kind_of(part["intent"]["name"] or FALLBACK) for part in parsed.get("parts") or [parsed]}
