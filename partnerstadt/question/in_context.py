"""What a message means after what was said before, where it means little or something else alone.

The classifier reads each message by itself. "Und wer kümmert sich drum?", "welche sind das?", "bürgermeister?" get
their intent here, from what the conversation is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from partnerstadt.question.choose import WHICH
from partnerstadt.question.lexicon import Lexicon
from partnerstadt.question.model import Context
from partnerstadt.question.names import Mention
from partnerstadt.question.read import TODAY
from partnerstadt.question.reading import (
    CLEARLY,
    COURTESIES,
    FACTS,
    FALLBACK,
    FEW_WORDS,
    FOLLOW_UP,
    OFF_SUBJECT,
    SURE,
    TOPIC,
    UNRECORDED,
    VERY_SURE,
    Reading,
)
from partnerstadt.question.settle import COUNTED_ELSE

OFFICE = "office"
PARTNERSHIPS = "partnerships"

# Words of a question about one city or a few, by which it is taken up again.
_FACT_CUES = (
    "name_of",
    "since",
    "duration",
    "country",
    "gap",
    "older",
    "newer",
    "count",
    "kind",
    "oldest",
    "newest",
    "before",
    "after",
)
_VAGUE = frozenset(
    {OFF_SUBJECT, FALLBACK, "ask_source", "ask_wellbeing", "ask_bot", "insult", "ask_capabilities", "complain"}
)
_WHO_ELSE = re.compile(r"(und|aber) (von wem|wer|wem|wen|warum|wieso|weshalb|wie)\b")
# "Warum gerade die?" of a city: no record tells its reasons.
_WHY_THAT = re.compile(
    r"(und |aber |ja )?(warum|wieso|weshalb) (denn |eigentlich )?(gerade|ausgerechnet|genau) (die|das|der|dort|da|dies\w*|mit \w+)( stadt)?( denn)?[ ?!.]*"
)
_PLACE_NUMBER = re.compile(r"(und )?(auf )?(platz|stelle|nr|nummer|rang) \d{1,2}[ ?!.]*")
_LISTS = re.compile(r"\b(aufzahl\w*|auflist\w*|aufschreib\w*|nennen|nenn)\b")
_LETTER = re.compile(
    r"(?:(?:und|oder|jetzt|dann|auch|welche|die|nun) )*(?:mit )?(?:dem )?(?:buchstaben? )?([a-z])[ ?!.]*"
)
# "Die mittlere", "und welche?"
_POINTS = re.compile(r"\bord-?\d\b")
_LEANING_WORDS = 9
_OF_THE_OFFICE = ("ask_contact", "ask_contact_detail", "request_human")


def in_context(reading: Reading, context: Context, lexicon: Lexicon) -> Reading:
    """The reading as the conversation makes it."""
    if context.subject is None:
        return reading
    if reading.names("city", "place"):
        # "Wie viele Einwohner hat Leeds?", "und Amiens?"
        same = context.unrecorded and reading.intent == FOLLOW_UP and not _shows(reading, _FACT_CUES, lexicon)
        return replace(reading, intent=UNRECORDED) if same else reading
    letter = _LETTER.fullmatch(reading.normal)
    if letter and context.question and (letter[0].startswith("und ") or context.question.filter.initials):
        # "Welche fangen mit X an?", "und mit K?"; "seit wann leeds", "und k?"
        return replace(reading, intent="ask_list", normal=f"welche beginnen mit {letter[1]}")
    if COUNTED_ELSE.search(reading.normal) and reading.intent in FACTS | {OFF_SUBJECT}:
        # "Wie viele Hilfstransporte sind schon hingefahren?"
        return replace(reading, intent=UNRECORDED)
    intent = _intent(reading, context, lexicon)
    if intent == TOPIC and context.subject not in (OFFICE, PARTNERSHIPS):
        topic = Mention("topic", context.subject, 0, 0, "")
        return replace(reading, intent=TOPIC, mentions=(*reading.mentions, topic))
    return replace(reading, intent=intent)


def _shows(reading: Reading, cues: Iterable[str], lexicon: Lexicon) -> bool:
    return any(lexicon.match(cue, reading.normal) for cue in cues)


def _held_back(reading: Reading, lexicon: Lexicon) -> str | None:
    """What was declined for want of a word of the subject; in a conversation on the subject it needs none."""
    if reading.intent != OFF_SUBJECT or not reading.ranking or lexicon.match("off_subject", reading.normal):
        return None
    likeliest, confidence = reading.ranking[0]
    if lexicon.unrecorded.search(reading.normal):
        return None
    if likeliest in _OF_THE_OFFICE and confidence > VERY_SURE:
        return likeliest
    if lexicon.match("office", reading.normal) or not _shows(reading, ("pronoun", *_FACT_CUES), lexicon):
        return None
    return next((name for name, confidence in reading.ranking[:2] if name in FACTS and confidence > SURE), None)


def _intent(reading: Reading, context: Context, lexicon: Lexicon) -> str:
    intent, text = _held_back(reading, lexicon) or reading.intent, reading.normal
    words = re.findall(r"\w+", text)
    pointing = any(lexicon.match(cue, text) for cue in ("pronoun", "gap", "steps")) or text.startswith("und ")
    leaning = len(words) <= _LEANING_WORDS and (pointing or len(words) <= 4)
    named = [m for m in reading.mentions if m.kind not in ("home", "topic")]
    of_topic = context.subject not in (OFFICE, PARTNERSHIPS) and intent in FACTS and not named
    leaning = leaning or of_topic
    if not leaning and not (pointing and intent in _VAGUE and lexicon.unrecorded.search(text)):
        return intent
    if context.subject not in (OFFICE, PARTNERSHIPS):
        return _after_topic(reading, lexicon)
    if (
        context.subject == OFFICE
        and intent in (FOLLOW_UP, OFF_SUBJECT, "ask_country", "ask_privacy")
        and re.search(r"\bwo(hin)?\b", text)
    ):
        return "ask_contact"
    if (
        context.subject == OFFICE
        and intent in _VAGUE
        and any(lexicon.match(cue, text) for cue in ("opening_hours", "phone", "email", "street", "fax"))
    ):
        return "ask_contact_detail"
    if reading.intent == OFF_SUBJECT and reading.confidence > CLEARLY and _off(text, lexicon):
        return intent
    if intent in _VAGUE and lexicon.unrecorded.search(text):
        return UNRECORDED
    if (
        context.unrecorded
        and intent == FOLLOW_UP
        and _WHO_ELSE.match(text)
        and not _shows(reading, _FACT_CUES, lexicon)
    ):
        # "An welchem Tag wurde der Vertrag unterschrieben?", "und von wem?"
        return UNRECORDED
    if context.cities and intent in _VAGUE and _WHY_THAT.fullmatch(text):
        return UNRECORDED
    if context.question and intent in _VAGUE | COURTESIES and TODAY.fullmatch(text):
        return FOLLOW_UP
    if context.question and intent in _VAGUE and _PLACE_NUMBER.fullmatch(text):
        return "ask_rank"
    if context.question and intent in _VAGUE and _LISTS.search(text) and lexicon.match("pronoun", text):
        return "ask_list"
    if TODAY.fullmatch(text) and context.question is None:
        # "Warum hat man damit angefangen?", "und heute?"
        return "explain_new_fields"
    if intent in _VAGUE and context.listed and (_POINTS.search(text) or WHICH.fullmatch(text)):
        return FOLLOW_UP
    if not context.cities:
        return intent
    doubtful = intent == UNRECORDED and reading.confidence < VERY_SURE and not lexicon.unrecorded.search(text)
    if doubtful and _shows(reading, ("since", "duration"), lexicon):
        return FOLLOW_UP
    vague = intent in _VAGUE or (intent.startswith("explain_") and reading.confidence < VERY_SURE)
    vague = vague or (intent in COURTESIES and len(words) > 2)
    if vague and lexicon.unrecorded.search(text):
        return UNRECORDED
    if vague and len(words) <= 3 and reading.names("country", "continent", "region"):
        return FOLLOW_UP
    short = len(words) <= FEW_WORDS or lexicon.of_the_subject(text)
    declined = intent == OFF_SUBJECT and reading.ranking[:1] and reading.ranking[0][0] == OFF_SUBJECT
    if declined and reading.confidence > VERY_SURE and not (lexicon.of_the_subject(text) or lexicon.match("gap", text)):
        # "Wissen Sie auch, wann die Zulassungsstelle auf hat?"
        return intent
    if vague and short and any(lexicon.match(cue, text) for cue in _FACT_CUES):
        return FOLLOW_UP
    if intent.startswith("explain_") and lexicon.match("one_of_us", text) and lexicon.match("yes_no", text):
        return FOLLOW_UP
    likely = dict(reading.ranking)
    if intent in (OFF_SUBJECT, FALLBACK) and likely.get(UNRECORDED, 0.0) > 0.1:
        return UNRECORDED
    if intent in (OFF_SUBJECT, FALLBACK) and lexicon.match("pronoun", text) and lexicon.match("yes_no", text):
        return FOLLOW_UP
    if intent == "ask_source" and lexicon.match("list", text):
        return FOLLOW_UP
    return intent


_THERE = re.compile(r"\b(da|dort|dahin|hin|davon|dazu|ihnen|denen|deren|dessen)\b")


def _off(text: str, lexicon: Lexicon) -> bool:
    """Whether a text speaks of something else, without a word that leans on what was said."""
    return lexicon.match("off_subject", text) and not _THERE.search(text) and not text.startswith("und ")


def _after_topic(reading: Reading, lexicon: Lexicon) -> str:
    """After a topic, what names nothing of the partnerships is about the topic still."""
    intent = reading.intent
    of_partners = lexicon.match("partner_word", reading.normal) or reading.names(
        "country", "continent", "region", "period"
    )
    if of_partners or intent not in FACTS | {OFF_SUBJECT, FALLBACK, UNRECORDED}:
        return intent
    if intent in FACTS | {FALLBACK}:
        other = next((name for name, p in reading.ranking if name.startswith("explain_") and p > 0.05), None)
        if other and intent in (FOLLOW_UP, FALLBACK):
            return other
    if intent == OFF_SUBJECT and reading.confidence > VERY_SURE and not lexicon.match("pronoun", reading.normal):
        return intent
    return TOPIC
