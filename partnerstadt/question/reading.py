"""What the NLU understood of a text, and which of several readings a message is about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from partnerstadt.question.lexicon import Lexicon
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
# What a curated answer never stands in for.
NEVER_CURATED = (
    FACTS
    | URGENT
    | {TOPIC, UNRECORDED, "request_human", "complain", "plain_language_on", "plain_language_off", "repeat"}
    | {"start_again", "show_map", "show_timeline"}
)
# Below this a reading is a guess; without a name or a word of the subject in it nothing is answered.
SURE = 0.25
# A question about facts without any word of the subject ("wie viele sind es?") must be understood this surely.
VERY_SURE = 0.6
# Declined by the classifier so surely that no single word turns it into a question of the subject.
CLEARLY = 0.8
# A word of what no record holds ("Haushaltsansatz: wann ...") does not turn what is understood this surely.
ALMOST_CERTAIN = 0.95
# A curated answer this near to a question fills a gap; one this near has practically the same question.
NEAR, SAME = 0.68, 1.05
# One that is only this near is offered as a question where there is no answer.
OFFERED = 0.55
# Of a gap: words alone or meaning alone must be at least this near, and a guess of the classifier is outweighed by words only.
NEAR_WORDS, NEAR_MEANING, SOME_WORDS = 0.5, 0.66, 0.3
WORDS_BESIDE_MEANING = 0.6
MOST_ANSWERS = 4
FEW_WORDS = 7


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


def settle(reading: Reading, lexicon: Lexicon) -> Reading:
    """The reading with the intent that its names and words allow: facts need evidence, names outweigh guesses."""
    if lexicon.match("whereabouts", reading.normal):
        reading = replace(reading, mentions=tuple(m for m in reading.mentions if m.kind != "place"))
    intent = _intent(reading, lexicon)
    if intent != TOPIC:
        # A topic that was only meant is none unless the question turns out to be about topics.
        reading = replace(reading, mentions=tuple(m for m in reading.mentions if not m.by_meaning))
    if reading.answer and is_curated(reading.answer, intent, reading.confidence):
        return replace(reading, intent=CURATED, confidence=min(1.0, reading.answer.likeness))
    return replace(reading, intent=intent)


def is_curated(match: Match, intent: str, confidence: float) -> bool:
    """Whether a curated answer is what is asked for; of what is not recorded the reply decides, which knows the records."""
    if intent in NEVER_CURATED:
        return False
    if intent in (OFF_SUBJECT, FALLBACK):
        return match.fills_gap
    if match.likeness >= SAME:
        return confidence < _OF_THE_OFFICE.get(intent, 2.0)
    return match.fills_gap and match.words >= SOME_WORDS and confidence < VERY_SURE


def _intent(reading: Reading, lexicon: Lexicon) -> str:
    intent = reading.intent
    words = re.findall(r"[@\w]+", reading.normal)
    if not words:
        return FALLBACK
    partners = reading.names("city")
    subject_word = lexicon.match("partner_word", reading.normal)
    if lexicon.match("arithmetic", reading.normal):
        return OFF_SUBJECT
    if lexicon.match("code", reading.normal) and not partners:
        return OFF_SUBJECT
    if partners and lexicon.match("off_subject", reading.normal) and not subject_word:
        # "Leeds United" and "Buffalo Wings" are no partner cities.
        return (
            OFF_SUBJECT
            if intent in (OFF_SUBJECT, "ask_country", *COURTESIES) or reading.confidence < VERY_SURE
            else UNRECORDED
        )
    asked_back = reading.text.rstrip().endswith("?") and len(words) <= FEW_WORDS
    if asked_back and intent in TALK | COURTESIES and lexicon.match("confirm", reading.normal):
        return FOLLOW_UP
    if lexicon.match("longest_gap", reading.normal):
        return "ask_compare"
    if (
        reading.names("place")
        and not partners
        and intent.startswith("explain_")
        and lexicon.match("yes_no", reading.normal)
    ):
        return "ask_check"
    topics = reading.names("topic")
    if any(m.by_meaning for m in topics):
        of_places = reading.names("country", "continent", "region") and len(words) <= FEW_WORDS
        if intent in (OFF_SUBJECT, TOPIC, UNRECORDED, FALLBACK) and not subject_word and not of_places:
            return TOPIC
    elif (
        topics
        and (not partners or (reading.confidence < VERY_SURE and not subject_word))
        and intent not in ("request_human", "complain", "emergency")
    ):
        return TOPIC
    if intent == TOPIC and not topics:
        # A topic that nothing names cannot be answered; what else it may have been can.
        placed = reading.names("country", "continent", "region")
        return "ask_list" if subject_word else (placed and _best(reading, FACTS)) or UNRECORDED
    if intent in PICTURES:
        limited = reading.names("country", "continent", "region", "city") or lexicon.match(
            "outside_europe", reading.normal
        )
        shown = lexicon.match(PICTURES[intent], reading.normal)
        return intent if shown and not limited else _best(reading, FACTS) or intent
    if lexicon.match("emergency_now", reading.normal) and not subject_word and not reading.names("topic"):
        return "emergency"
    if intent in URGENT and not lexicon.match("emergency", reading.normal):
        return _best(reading, FACTS | {UNRECORDED}) or OFF_SUBJECT if partners or subject_word else OFF_SUBJECT
    if intent in _OF_THE_OFFICE and reading.confidence < _OF_THE_OFFICE[intent] and not subject_word and not partners:
        if not lexicon.match("office", reading.normal) and not lexicon.match("whom", reading.normal):
            return OFF_SUBJECT
    if (
        intent == "ask_source"
        and reading.confidence < VERY_SURE
        and not any(lexicon.match(cue, reading.normal) for cue in ("source", "since", "list", "statement_check"))
    ):
        return OFF_SUBJECT
    explains = intent.startswith("explain_") and reading.confidence < VERY_SURE
    if explains and not (
        partners
        or subject_word
        or lexicon.match("exchange", reading.normal)
        or _is_fact_after_all(reading, lexicon, subject_word)
    ):
        return OFF_SUBJECT
    if intent == "ask_kind" and subject_word and not reading.mentions and reading.confidence < SURE:
        return next((name for name, p in reading.ranking if name.startswith("explain_") and p > 0.1), intent)
    if intent == "ask_kind" and subject_word and not reading.mentions and lexicon.match("defines", reading.normal):
        return intent if "projektpartner" in reading.normal else "explain_purpose"
    if intent in TALK | {FOLLOW_UP, OFF_SUBJECT} and lexicon.match("reach", reading.normal) and not partners:
        return "ask_contact"
    asks_whom = lexicon.match("whom", reading.normal)
    if intent in _INCIDENTAL and any(lexicon.match(cue, reading.normal) for cue in ("email", "phone")):
        return "ask_contact_detail"
    if (
        asks_whom
        and (intent in FACTS | _INCIDENTAL | {"ask_capabilities", OFF_SUBJECT} or intent.startswith("explain_"))
        and (intent != OFF_SUBJECT or reading.confidence < CLEARLY)
        and not partners
    ):
        return "ask_contact"
    if intent in FACTS and lexicon.unrecorded.search(reading.normal):
        if reading.confidence < ALMOST_CERTAIN or reading.names("place"):
            return UNRECORDED
    if intent.startswith("explain_") and lexicon.match("amounts", reading.normal):
        return UNRECORDED
    doubtful = intent == UNRECORDED and reading.confidence < SURE and not lexicon.unrecorded.search(reading.normal)
    if doubtful and subject_word and any(lexicon.match(cue, reading.normal) for cue in ("since", "duration", "list")):
        return _best(reading, FACTS) or intent
    if intent in FACTS:
        return _fact(reading, partners, subject_word, words, lexicon)
    if intent == "ask_source" and not lexicon.match("source", reading.normal):
        if lexicon.match("since", reading.normal):
            return "ask_since"
        if lexicon.match("list", reading.normal):
            return FOLLOW_UP
    if intent == "complain" and _YEAR.search(reading.normal):
        return "ask_check"
    if reading.names("place") and intent in (*COURTESIES, "ask_bot", "insult", "ask_capabilities"):
        return "ask_check"
    if intent.startswith("explain_") and lexicon.match("status", reading.normal):
        return intent if lexicon.match("why", reading.normal) else UNRECORDED
    if (
        intent in COURTESIES
        and len(words) > 2
        and any(lexicon.match(c, reading.normal) for c in ("since", "duration", "country"))
    ):
        return FOLLOW_UP
    if _is_fact_after_all(reading, lexicon, subject_word):
        return _best(reading, FACTS) or "ask_list"
    bare = all(word.startswith("@") or word in lexicon.fillers for word in words)
    if (partners or reading.names("place", "country", "continent")) and bare and intent not in ("ask_contact",):
        return FOLLOW_UP
    if partners and intent in (
        OFF_SUBJECT,
        *COURTESIES,
        "insult",
        "ask_bot",
        "ask_capabilities",
        "start_again",
        "ask_topic",
    ):
        return _best(reading, FACTS | {UNRECORDED}) or UNRECORDED
    if subject_word and intent in (OFF_SUBJECT, "ask_wellbeing"):
        best = _best(reading, FACTS | {UNRECORDED})
        return best or (UNRECORDED if reading.confidence < VERY_SURE else intent)
    if reading.confidence < SURE and not subject_word:
        return FALLBACK if reading.confidence < SURE / 2 or len(words) < 2 else intent
    return intent


def _is_fact_after_all(reading: Reading, lexicon: Lexicon, subject_word: bool) -> bool:
    """Years, amounts and places of the world show a question of facts where the classifier saw something vaguer."""
    text, intent = reading.normal, reading.intent
    if lexicon.unrecorded.search(text):
        return False
    place = reading.names("country", "continent", "region")
    vague = intent in (
        OFF_SUBJECT,
        UNRECORDED,
        FALLBACK,
        "ask_contact",
        "ask_source",
        "ask_capabilities",
    ) or intent.startswith("explain_")
    if intent == "ask_contact" and lexicon.match("whom", text):
        return False
    if not vague or (lexicon.match("off_subject", text) and not subject_word):
        return False
    if subject_word and reading.names("city", "place") and re.search(r"\bob\b.*partnerst|\bob\b.*stadtepartner", text):
        return True
    if intent == UNRECORDED and reading.confidence >= VERY_SURE:
        return False
    if intent == UNRECORDED and reading.names("city") and lexicon.match("position", text):
        return True
    reasoned = lexicon.match("why", text) or lexicon.match("reason", text)
    if _COUNTED.search(text) or (_RANKED.search(text) and lexicon.match("bond", text) and not reasoned):
        return True
    timed = _TIMED.search(text) or [m for m in reading.names("period") if m.value != "world_war"]
    if intent.startswith("explain_") and lexicon.match("request", text):
        listed: object = subject_word and any(lexicon.match(cue, text) for cue in ("since", "country"))
        listed = listed or (_ALL_OF_THEM.search(text) and lexicon.match("list", text))
        if listed or (lexicon.match("since", text) and reading.names("city")):
            return True
    if intent == UNRECORDED and not reading.names("city") and _SUPERLATIVE.search(text):
        return True
    if place and (reading.names("home") or _THE_CITY.search(text)) and intent in (OFF_SUBJECT, FALLBACK):
        return True
    if intent.startswith("explain_"):
        limited = place and any(lexicon.match(cue, text) for cue in ("list", "count", "davon"))
        if limited and not reasoned:
            return True
        asked = any(lexicon.match(cue, text) for cue in ("countable", "statement_check", "yes_no", "joined_strictly"))
        return bool(timed) and not reasoned and asked
    likely = any(name in FACTS and confidence > 0.08 for name, confidence in reading.ranking)
    few = len(text.split()) <= FEW_WORDS
    if place and not reading.names("city") and intent == UNRECORDED:
        return subject_word and reading.confidence < VERY_SURE
    cued = any(lexicon.match(cue, text) for cue in ("since", "country", "list", "count", "yes_no"))
    if (
        place
        and few
        and likely
        and cued
        and intent in (OFF_SUBJECT, FALLBACK)
        and reading.confidence < CLEARLY
        and not lexicon.match("off_subject", text)
    ):
        return True
    if timed and lexicon.match("bond", text) and not lexicon.match("why", text):
        return lexicon.match("countable", text) or few
    ranked = lexicon.of_the_subject(text) and any(
        lexicon.match(cue, text) for cue in ("oldest", "newest", "newly", "began_with")
    )
    return likely and few and bool(place or timed or ranked) and reading.confidence < VERY_SURE and intent != UNRECORDED


_RANKED = re.compile(r"\bord-?\d+ \w*(altest|jungst|neust|partner|stadt|stelle|platz)|\b(platz|nr|nummer) [.]? ?\d+")
# Wishes that every bot hears; below this confidence they need a word of the office to be meant for it.
_OF_THE_OFFICE = {"ask_contact": 0.9, "ask_contact_detail": 0.9, "complain": 0.7, "request_human": 0.62}
# "zwölf Partnerstädte" is a claim about the count; a year, a decade or a number of years restricts a list.
_COUNTED = re.compile(r"\b(nur|erst|bloss|schon|genau|doch) \d{1,3} (\w+ )?(partnerst|stadtepartner)")
_NUMBERED = re.compile(r"\b\d{1,3} (\w+ )?(partnerst|stadtepartner)")
_ALL_OF_THEM = re.compile(r"\balle (@?\w+ )?partner")
_SUPERLATIVE = re.compile(r"\b(aller)?(altest|jungst|neust)\w*")
_THE_CITY = re.compile(r"\b(wie heisst|welche|name der|ne|eine|die) (\w+ ){0,3}(stadt|partner\w*)\b")
_OURS = re.compile(r"\b(wir|uns|unser\w*|ihr|euch|eur\w*)\b")
_WE_HAVE = re.compile(r"\b(haben wir|habt ihr|gibt es) (denn |auch |eigentlich )?(was|eine?|welche)\b")
_YEAR = re.compile(r"\b(19|20)\d\d\b|\b(19|20)?\d0er\b")
_TIMED = re.compile(
    r"\b(19|20)\d\d\b|\b(19|20)?\d0er\b|\b\d+ (jahre|jahrzehnte)|\b(jahrzehnt|jahrhundert|jahrtausend|dekade)\w*"
)


def _fact(
    reading: Reading, partners: tuple[Mention, ...], subject_word: bool, words: list[str], lexicon: Lexicon
) -> str:
    places = reading.names("place", "country", "continent", "region", "home")
    if partners or subject_word:
        return reading.intent
    timed = _TIMED.search(reading.normal) or reading.names("period")
    facts = sum(p for name, p in reading.ranking if name in FACTS)
    off = dict(reading.ranking).get(OFF_SUBJECT, 0.0)
    if _RANKED.search(reading.normal) or (timed and reading.confidence > SURE):
        return reading.intent
    if places or reading.names("period"):
        # "Wie wird das Wetter in Spanien" was read as something else; a bare guess about a place is none.
        if reading.names("country", "continent") and _WE_HAVE.search(reading.normal):
            return reading.intent
        if lexicon.match("off_subject", reading.normal):
            return OFF_SUBJECT
        return OFF_SUBJECT if off > facts / 2 and reading.confidence < VERY_SURE else reading.intent
    ordered = any(
        lexicon.match(cue, reading.normal)
        for cue in ("oldest", "newest", "newly", "began_with", "jubilee", "steps", "longest_gap")
    )
    if ordered and len(words) <= FEW_WORDS and not lexicon.match("off_subject", reading.normal):
        return reading.intent if reading.confidence > SURE else OFF_SUBJECT
    known = lexicon.of_the_subject(reading.normal) or lexicon.match("bond", reading.normal)
    if _OURS.search(reading.normal) and facts > 4 * off and facts > VERY_SURE:
        return reading.intent
    if reading.intent == FOLLOW_UP or (known and (len(words) <= FEW_WORDS or reading.confidence > VERY_SURE)):
        return reading.intent
    return OFF_SUBJECT


def _best(reading: Reading, allowed: frozenset[str]) -> str | None:
    """The likeliest of some intents, if it is more than noise."""
    return next((name for name, confidence in reading.ranking if name in allowed and confidence > 0.03), None)


def on_subject(intent: str) -> bool:
    """Whether an intent asks something that is worth an answer of its own inside a longer message."""
    return intent not in COURTESIES and intent not in (OFF_SUBJECT, FALLBACK, "insult", "ask_bot", "ask_capabilities")


def choose(whole: Reading, parts: Sequence[Reading], lexicon: Lexicon) -> list[Reading]:
    """The readings of a message that are to be answered, in order.

    A long polite mail with one question inside gives that one question; two questions give two readings. Where no
    part is on the subject, the message counts as a whole.
    """
    if not parts:
        return [whole]
    if _beside_the_subject(parts, lexicon):
        return [replace(whole, intent=OFF_SUBJECT)]
    parts = _held_up(parts, lexicon)
    urgent = [part for part in parts if part.intent in URGENT and part.confidence > VERY_SURE][:1]
    if urgent:
        # "Der Krankenwagen ist da. Ich wollte eigentlich fragen, ..."
        after = parts[list(parts).index(urgent[0]) + 1 :]
        named = [p for p in after if p.intent in FACTS and (p.names("city") or lexicon.match("partner_word", p.normal))]
        return urgent + named[:1]
    candidates = [part for part in parts if on_subject(part.intent) and part.confidence >= SURE / 2]
    asking = [part for part in candidates if asks(part, lexicon)]
    kept = asking or candidates[-1:]
    about = [part for part in kept if part.intent not in TALK]
    # A wish to be called back or a word on privacy beside a question is courtesy or context.
    kept = about or _named_before(parts) if kept and kept[0].intent in _INCIDENTAL else about or kept[:1]
    kept = kept or asking[:1]
    unsure = all(part.intent == FOLLOW_UP and part.confidence < SURE for part in kept)
    if kept and unsure and any(part.intent == OFF_SUBJECT and part.confidence > CLEARLY for part in parts):
        return [replace(whole, intent=OFF_SUBJECT)]
    kept = _without_repetition(_completed(kept, parts, lexicon))
    if kept:
        return kept[:MOST_ANSWERS]
    if whole.intent in FACTS and whole.confidence > 2 * SURE:
        # "Ok. Welche Stadt liegt in Amerika": what the parts alone left open is clear together.
        return [whole]
    rest = [part for part in parts if part.intent not in COURTESIES and part.intent != FALLBACK]
    return rest[:1] or [whole if whole.intent != FALLBACK else parts[0]]


def _held_up(parts: Sequence[Reading], lexicon: Lexicon) -> list[Reading]:
    """Questions declined for want of a word of the subject count where a sentence before them has one."""
    kept: list[Reading] = []
    for part in parts:
        on = any(p.names("city", "country") or lexicon.match("partner_word", p.normal) for p in kept)
        likeliest, confidence = part.ranking[0] if part.ranking else (OFF_SUBJECT, 0.0)
        declined = part.intent == OFF_SUBJECT and likeliest in FACTS and confidence > SURE
        if on and declined and "?" in part.text and not lexicon.match("off_subject", part.normal):
            part = replace(part, intent=likeliest)
        kept.append(part)
    return kept


def _beside_the_subject(parts: Sequence[Reading], lexicon: Lexicon) -> bool:
    """Whether a message asks of another office: off the subject, and then for an appointment or a form."""
    off = any(part.intent == OFF_SUBJECT and "?" in part.text for part in parts)
    others = {part.intent for part in parts if on_subject(part.intent) and asks(part, lexicon)}
    named = any(part.names("city", "topic") or lexicon.match("partner_word", part.normal) for part in parts)
    return off and others == {"ask_contact_detail"} and not named


# What a classifier sees in the courtesies of a letter ("um kurze Bestätigung wird gebeten").
_INCIDENTAL = TALK - {"request_human", "complain", "emergency"}


def _named_before(parts: Sequence[Reading]) -> list[Reading]:
    """The last statement that names a city or a topic ("Mir liegt vor, dass ... Leeds ... Bitte um Bestätigung")."""
    named = [p for p in parts if (p.intent in FACTS and p.names("city")) or (p.intent == TOPIC and p.names("topic"))]
    return named[-1:]


def _completed(kept: Sequence[Reading], parts: Sequence[Reading], lexicon: Lexicon) -> list[Reading]:
    """Give questions that name nothing what an earlier sentence named; drop what only repeats a question's form.

    "Wir schreiben ein Referat über Leeds. Seit wann besteht das?" is one question about Leeds, "Sieben Bereiche soll
    es beim Fachaustausch geben. Welche denn?" one about the expert exchange, and "Bitte mit Jahren." none.
    """
    done: list[Reading] = []
    for reading in kept:
        topics = [part for part in parts[: list(parts).index(reading)] if part.names("topic")]
        if topics and _WHAT_IS_THAT.match(reading.normal):
            # 'Jemand nannte "Dortmund hilft". Was ist das?'
            done.append(replace(_joined(topics[-1], reading), intent=TOPIC))
            continue
        named_here = [m for m in reading.mentions if m.kind != "home"]
        dated = [year for part in parts[: list(parts).index(reading)] if (year := _YEAR.search(part.normal))]
        if reading.intent in FACTS and named_here and dated and not _YEAR.search(reading.normal):
            if _AT_THAT_TIME.search(reading.normal):
                # "Als die Briten 2016 abstimmten: Wie viele Jahre bestand da schon das Band zu Leeds?"
                done.append(replace(reading, normal=f"{dated[-1][0]} {reading.normal}"))
                continue
        bare = reading.intent in FACTS and not named_here and not _YEAR.search(reading.normal)
        if not bare:
            done.append(reading)
            continue
        before = list(parts[: list(parts).index(reading)])
        leaning = _LEANS.search(reading.normal) or len(reading.normal.split()) <= FEW_WORDS
        last = before[-1] if before else None
        about = next((part for part in reversed(before) if on_subject(part.intent)), None)
        if about and about.intent == "ask_contact_detail" and about not in done and len(reading.normal.split()) <= 4:
            # "Sie möchte die Durchwahl. Ich finde sie nicht. Haben Sie die?"
            done.append(about)
            continue
        of_a_city = bool(last and last.names("city")) and any(
            lexicon.match(cue, reading.normal) for cue in ("since", "duration", "country")
        )
        if (
            last
            and leaning
            and not of_a_city
            and last not in done
            and last.intent not in FACTS
            and on_subject(last.intent)
        ):
            if last.intent not in TALK and len(reading.normal.split()) <= FEW_WORDS:
                done.append(last)
                continue
        named = [
            part
            for part in before
            if [m for m in part.mentions if m.kind != "home"]
            or (_TIMED.search(part.normal) and ("jahr" in reading.normal or not _OF_A_PERSON.search(part.normal)))
            or _NUMBERED.search(part.normal)
        ]
        only_named = bool(named) and named[-1] in done and "?" not in named[-1].text
        if only_named and leaning and (named[-1].intent == FOLLOW_UP or lexicon.match("confirm", reading.normal)):
            # "Am liebsten in England. Gibt es da eine?" is one question.
            done.remove(named[-1])
            done.append(_joined(named[-1], reading))
            continue
        answered = any(part in done or part in kept for part in named)
        if named and leaning and not answered:
            done.append(_joined(named[-1], reading))
        elif (
            done
            and (WHICH.fullmatch(reading.normal) or not lexicon.match("wh", reading.normal))
            and not reading.normal.startswith("und ")
        ):
            continue
        else:
            done.append(reading)
    return done


_WHAT_IS_THAT = re.compile(
    r"(und )?(was (ist|bedeutet|heisst|soll|steckt|steht)|worum geht es) (denn |eigentlich |genau )*(das|dies|es|dahinter|da|dabei|dort|darin|drin)\b"
)
# "Gibt es welche in Afrika? Welche?" is one question.
WHICH = re.compile(
    r"(und )?(um )?(welche|wer)( stadte| partnerstadte)?( denn| genau| handelt es sich| geht es| (sind|waren) (das|es)| gewesen)*[ ?]*"
)
_AT_THAT_TIME = re.compile(r"\b(da|damals|dann|zu (dem|diesem|jenem) zeitpunkt)\b")
_OF_A_PERSON = re.compile(r"\b(jahrgang|geboren|geb)\b")
# Words by which a question leans on what was said just before.
_LEANS = re.compile(
    r"\b(selben|gleichen|dem jahr|jenem|damals|seitdem|davon|dort|dies\w*|das|da|es|beide\w*|mein\w*|unser\w*|die stadt|sie|ihnen|denn|welche sind|wir|uns)\b"
)


def _joined(earlier: Reading, reading: Reading) -> Reading:
    """A question together with the sentence that says what it is about."""
    return replace(
        reading,
        text=f"{earlier.text} {reading.text}",
        normal=f"{earlier.normal} {reading.normal}",
        mentions=(*earlier.mentions, *reading.mentions),
    )


def asks(reading: Reading, lexicon: Lexicon) -> bool:
    """Whether a sentence reads like a question or a request."""
    if reading.text.endswith(":"):
        return False
    if "?" in reading.text or lexicon.match("yes_no", reading.normal) or lexicon.match("wh", reading.normal):
        return True
    few = len(reading.normal.split()) <= 4 and not reading.text.rstrip().endswith(".")
    return few or lexicon.match("request", reading.normal)


def _without_repetition(readings: list[Reading]) -> list[Reading]:
    """Two sentences about the same thing are one question, unless both name something of their own."""
    kept: list[Reading] = []
    for reading in readings:
        same = [k for k in kept if k.intent == reading.intent and _values(k) == _values(reading)]
        if reading.intent in FACTS and same and same[0].normal != reading.normal:
            same = []
        if not same:
            kept.append(reading)
    return kept


def _values(reading: Reading) -> set[str]:
    values = {m.value for m in reading.mentions}
    return values | {reading.answer.id} if reading.answer and reading.intent == CURATED else values
