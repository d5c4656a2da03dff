"""What the NLU understood of a text, and how sure it must be of what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from partnerstadt.question.names import Mention
from partnerstadt.question.normal import Normal
from partnerstadt.question.read import BY_INTENT

FACTS = frozenset(BY_INTENT)
SEVERAL = "several_questions"
FALLBACK = "nlu_fallback"
OFF_SUBJECT = "out_of_scope"
UNRECORDED = "ask_unrecorded"
TOPIC = "ask_topic"
FOLLOW_UP = "follow_up"
CURATED = "ask_curated"

# How the office is reached.
CONTACT = frozenset({"ask_contact", "ask_contact_detail"})
# Pictures of all partner cities, and the cue that asks for each.
PICTURES = {"show_map": "map", "show_timeline": "timeline"}
# Courtesies around a question: they are answered only when they stand alone.
COURTESIES = frozenset({"greet", "thank", "goodbye", "affirm", "deny", "ask_wellbeing"})
# About the bot or the conversation: beside a question of the subject they are not answered as well.
TALK = frozenset(
    {
        "request_human",
        "complain",
        "ask_privacy",
        "ask_source",
        "ask_accessibility",
        "plain_language_on",
        "plain_language_off",
        "repeat",
        "start_again",
        "emergency",
    }
)
# Wishes that count wherever they stand in a message.
URGENT = frozenset({"emergency"})
# What a classifier sees in the courtesies of a letter ("um kurze Bestätigung wird gebeten").
INCIDENTAL = TALK - {"request_human", "complain", "emergency"}
# Below this a reading is a guess; without a name or a word of the subject in it nothing is answered.
SURE = 0.25
# A guess this weak gives way to the next one where words speak for that.
HALF_SURE = 0.5
# A question about facts without any word of the subject ("wie viele sind es?") must be understood this surely.
VERY_SURE = 0.6
# Declined by the classifier so surely that no single word turns it into a question of the subject.
CLEARLY = 0.8
# A curated answer this near to a question fills a gap; one this near has practically the same question.
NEAR, SAME = 0.68, 1.05
# One that is only this near is offered as a question where there is no answer.
OFFERED = 0.55
# Of a gap: words alone or meaning alone must be at least this near, and a guess of the classifier is outweighed by words only.
NEAR_WORDS, NEAR_MEANING, SOME_WORDS = 0.5, 0.66, 0.3
WORDS_BESIDE_MEANING = 0.6
FEW_WORDS = 7

# A year, a decade or a number of years restricts a list.
TIMED = re.compile(
    r"\b(19|20)\d\d\b|\b(19|20)?\d0er\b|\b\d+ (jahre|jahrzehnte)|\b(jahrzehnt|jahrhundert|jahrtausend|dekade)\w*"
)


@dataclass(frozen=True)
class Match:
    """A curated answer that a question comes near to.

    Attributes:
        id: its id.
        meaning: the cosine to its nearest question.
        words: the share of telling words that both have, 0 to 1.
    """

    id: str
    meaning: float
    words: float

    @property
    def likeness(self) -> float:
        """Meaning and words together."""
        return self.meaning + WORDS_BESIDE_MEANING * self.words

    @property
    def fills_gap(self) -> bool:
        """Whether it is near enough where the records have no answer."""
        return self.likeness >= NEAR and (self.words >= NEAR_WORDS or self.meaning >= NEAR_MEANING)

    def to_dict(self) -> dict[str, Any]:
        """As part of a message parsed by Rasa."""
        return {"id": self.id, "meaning": self.meaning, "words": self.words}


@dataclass(frozen=True)
class Reading:
    """One question as the NLU understood it.

    Attributes:
        text: as typed.
        normal: its normal form.
        intent: the name of the intent.
        confidence: 0 to 1.
        mentions: names found in it.
        ranking: the likeliest intents with their confidence.
        answer: the curated answer that it comes near to.
    """

    text: str
    normal: str
    intent: str
    confidence: float
    mentions: tuple[Mention, ...]
    ranking: tuple[tuple[str, float], ...] = ()
    answer: Match | None = None

    @property
    def normalised(self) -> Normal:
        """The normal form with its mentions."""
        return Normal(self.normal, self.mentions)

    def names(self, *kinds: str) -> tuple[Mention, ...]:
        """The mentions of some kinds."""
        return tuple(m for m in self.mentions if m.kind in kinds)

    def to_dict(self) -> dict[str, Any]:
        """In the form of a message parsed by Rasa."""
        return {
            "text": self.text,
            "normal": self.normal,
            "intent": {"name": self.intent, "confidence": self.confidence},
            "intent_ranking": [{"name": name, "confidence": p} for name, p in self.ranking],
            "entities": [m.to_dict() for m in self.mentions],
            "answer": self.answer.to_dict() if self.answer else None,
        }

    @classmethod
    def from_dict(cls, parsed: dict[str, Any]) -> Reading:
        """From a message parsed by Rasa; a button's payload has no normal form of its own."""
        intent = parsed.get("intent") or {}
        entities = [e for e in parsed.get("entities") or [] if "start" in e and "text" in e]
        answer = parsed.get("answer")
        return cls(
            text=parsed.get("text") or "",
            normal=parsed.get("normal") or "",
            intent=intent.get("name") or FALLBACK,
            confidence=float(intent.get("confidence") or 0.0),
            mentions=tuple(Mention.from_dict(e) for e in entities),
            ranking=tuple((r["name"], r["confidence"]) for r in parsed.get("intent_ranking") or []),
            answer=Match(**answer) if answer else None,
        )


def on_subject(intent: str) -> bool:
    """Whether an intent asks something that is worth an answer of its own inside a longer message."""
    return intent not in COURTESIES and intent not in (OFF_SUBJECT, FALLBACK, "insult", "ask_bot", "ask_capabilities")
