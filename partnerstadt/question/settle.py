"""Which intent the names and the words of a reading allow: the classifier guesses, evidence decides.

`CORRECTIONS` are asked in this order; the first that knows better than the classifier is followed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from partnerstadt.question.lexicon import Lexicon
from partnerstadt.question.names import Mention
from partnerstadt.question.read import AS_OLD, initials_in
from partnerstadt.question.reading import (
    CLEARLY,
    CONTACT,
    COURTESIES,
    CURATED,
    FACTS,
    FALLBACK,
    FEW_WORDS,
    FOLLOW_UP,
    HALF_SURE,
    INCIDENTAL,
    OFF_SUBJECT,
    PICTURES,
    SAME,
    SOME_WORDS,
    SURE,
    TALK,
    TIMED,
    TOPIC,
    UNRECORDED,
    URGENT,
    VERY_SURE,
    Match,
    Reading,
)

# What a curated answer never stands in for.
NEVER_CURATED = (
    FACTS
    | URGENT
    | {TOPIC, UNRECORDED, "request_human", "complain", "plain_language_on", "plain_language_off", "repeat"}
    | {"start_again", "show_map", "show_timeline"}
)
# Wishes that every bot hears; below this confidence they need a word of the office to be meant for it.
OF_THE_OFFICE = {"ask_contact": 0.9, "ask_contact_detail": 0.9, "complain": 0.9, "request_human": 0.7}
# Talk that a name of a place shows to be about places.
SMALL_TALK = COURTESIES | {"ask_bot", "insult", "ask_capabilities"}
_BESIDE_KIND = FACTS | {"explain_purpose", "explain_exchange", TOPIC, UNRECORDED, OFF_SUBJECT}
# What is asked of partner cities only, never of another place.
_OF_PARTNERS = frozenset({"ask_jubilee", "ask_count", "ask_list", "ask_rank", "ask_kind"})
VAGUE = frozenset({OFF_SUBJECT, UNRECORDED, FALLBACK, "ask_contact", "ask_source", "ask_capabilities"})

_HEADING = re.compile(r"^[^:?]{1,80}:(?=.*(@|\bpartner))")
_PURPOSE = re.compile(
    r"\b(fur|wegen) (die|den|das|der|des|unser\w*|mein\w*|ihr\w*|eine?n?|ne|nen) "
    r"((\w+ )?\w+ (zum|zur|der|des|im|beim) \w+|(\w+ )?\w+)|\breiseburo\w*"
)
# "Haben Sie Bücher über Leeds?" asks for books; "Gibt es eine Freundschaft mit Leeds?" asks for the partnership.
THING_OF = re.compile(
    r"^(?:gibt es|gab es|haben sie|habt ihr|existier\w*) (?:(?:ein\w*|auch|da|dort|denn|eigentlich|schon|noch|irgend\w*|kein\w*) )*"
    r"(?!\w*(?:partner|stadt|freund|verbind|bezieh|bund|band|kontakt|vertrag|vertrage|abkommen|bruder|was\b|etwas|wen\b|jemand|mit\b|in\b|zu\b))"
    r"([a-z-]{4,})\b.* (?:zu|uber|von|mit|in|aus|nach|fur) (?:\w+ )?@city"
)
RANKED = re.compile(r"\bord-?\d+ \w*(altest|jungst|neust|partner|stadt|stelle|platz)|\b(platz|nr|nummer) [.]? ?\d+")
# "zwölf Partnerstädte" is a claim about the count.
COUNTED = re.compile(r"\b(nur|erst|bloss|schon|genau|doch) \d{1,3} (\w+ )?(partnerst|stadtepartner)")
CLAIMED = re.compile(r"\b\d{1,3} (\w+ )?(partnerst|stadtepartner)")
THE_CITY = re.compile(r"\b(wie heisst|welche|name der|ne|eine|die) (\w+ ){0,3}(stadt|partner\w*)\b")
MANY_WORDS = 60
ONE_THAT = re.compile(r"\b(eine|welche|wen|jemand\w*|alle) ,? ?(die|der|das) ")
# "Ich bin Baujahr 1969. Welche Partnerstadt ist genauso alt?"
_BORN_LIKE = re.compile(
    rf"^(?=.*\b(jahrgang|baujahr|geburtsjahr|geboren|geb)\b)(?=.*\b19\d\d\b)(?=.*({AS_OLD.pattern}))"
)
_WHICH_BEGIN = re.compile(r"(und )?welche (fang|begin)")
# "ob wir in Australien was haben"
_SOMETHING_THERE = re.compile(
    r"\bgibt es (\w+ )?@country (partner)?stadt|\bwir (\w+ )?in (@country|@continent|@region) (\w+ )?(was|etwas|eine|welche|jemand\w*) haben\b"
    r"|\bhaben wir (\w+ )?(was|etwas|eine|welche|jemand\w*) in (@country|@continent|@region) ?(\?|$)"
)
# "Ich komme aus Italien, darf ich hier wohnen?"
_COMES_FROM = re.compile(r"\b(ich|wir|frau|mann|freund\w*) (\w+ )?(komm\w*|bin|sind|ist|stamm\w*) aus @country\b")
# "Läuft da was mit Liverpool?"
_SOMETHING_WITH = re.compile(r"\b(lauft|geht|gibt es|haben wir|besteht) (\w+ ){0,2}(was|etwas) mit @place\b")
OURS = re.compile(r"\b(wir|uns|unser\w*|ihr|euch|eur\w*)\b")
# "Wie viele Hilfstransporte ...?": what is counted is none of the things that the records hold.
COUNTED_ELSE = re.compile(
    r"\bwie vielen? (?:(?:verschiedene|weitere|andere|gemeinsame|offizielle|neue?|solche)\w* )?"
    r"(?!\d|jahr|jh|partner|stadt|ort|kommune|gemeinde|sind|seid|war|waren|wurde|werd|d(?:er|ie|as|en|em)\b|unser|ihr|eur|mein"
    r"|ha(?:t|b|st|ben)|davon|von|kam|komm|genau|ziel|staat|land|nation|kontinent|erdteil|denn|seit|insgesamt|solch|verschieden"
    r"|richtig|wir\b|fahn|flagg|schild|lied|gib|gab|geh|es\b|in\b|im\b|aus|gemeinsam|verbindung|freund|bund|bunde|vertrag|abkommen"
    r"|beziehung|monat|dekade|tag|generation|eintrag|stuck|noch|schon|mehr|weiter|ander|neu|offiziell|europa|ausland|deutsch|mal\b|blei"
    r"|lieg|besteh|bestand|existier|zahl|mach|da\b|danach|davor|bis\b|zu\b|zur\b|nach|vor|pflegt|unterhalt|uberhaupt|eigentlich|etwa"
    r"|ungefahr|und\b|oder\b|auf\b|bei\b|mit\b|hast|twin|sister|are|do|cit|abschlusse|gleich|alte|jung|lange|kann|konn|muss|soll"
    r"|haupt|inner|welt|mitglied(?:er)? der|jubila|namen|punkte|themen|bereich|schwerpunkt|feld|form|fach|menschen? aus)[a-z]{3,}"
)
# "Mein Enkel fährt nach Serbien, gibt es da eine Partnerstadt von uns?"
_ONE_THERE = re.compile(r"\b(gibt es|gabe es|haben wir|habt ihr|hat @home) (\w+ ){0,3}(eine|ne|keine) (\w+ )?partnerst")
# "Welche Personen gehörten zur Delegation?"
_WHO = re.compile(r"\b(wer|wem|wen|welche (personen|leute|menschen)|wann|wo)\b")
IN_ORDER = ("oldest", "newest", "newly", "began_with", "jubilee", "steps", "longest_gap")


@dataclass(frozen=True)
class _Seen:
    """A reading and what corrections look at in it."""

    reading: Reading
    lexicon: Lexicon

    @property
    def intent(self) -> str:
        return self.reading.intent

    @property
    def text(self) -> str:
        return self.reading.normal

    @cached_property
    def gist(self) -> str:
        """The text without what a question is for: "Für die Haushaltsrede: wie viele Partnerstädte ...?"."""
        return _PURPOSE.sub(" ", _HEADING.sub("", self.text))

    @property
    def explains(self) -> bool:
        return self.intent.startswith("explain_")

    @cached_property
    def words(self) -> list[str]:
        return re.findall(r"[@\w]+", self.text)

    @cached_property
    def partners(self) -> tuple[Mention, ...]:
        return self.names("city")

    @cached_property
    def subject(self) -> bool:
        """Whether partner cities are spoken of by this or a like word."""
        return self.has("partner_word")

    @property
    def few(self) -> bool:
        return len(self.words) <= FEW_WORDS

    def has(self, *cues: str) -> bool:
        return any(self.lexicon.match(cue, self.text) for cue in cues)

    def names(self, *kinds: str) -> tuple[Mention, ...]:
        return self.reading.names(*kinds)

    def below(self, confidence: float) -> bool:
        return self.reading.confidence < confidence

    @cached_property
    def of_facts(self) -> float:
        """How sure it is that facts are asked for, whichever: "ob wir da was haben" may be a check, a list or a count."""
        return sum(p for name, p in self.reading.ranking if name in FACTS)

    def best(self, *allowed: str) -> str | None:
        """The likeliest of the intents of facts and these, if it is more than noise."""
        intents = FACTS.union(allowed)
        return next((name for name, p in self.reading.ranking if name in intents and p > 0.03), None)


def settle(reading: Reading, lexicon: Lexicon) -> Reading:
    """The reading with the intent that its names and words allow: facts need evidence, names outweigh guesses."""
    if lexicon.match("whereabouts", reading.normal):
        reading = replace(reading, mentions=tuple(m for m in reading.mentions if m.kind != "place"))
    seen = _Seen(reading, lexicon)
    intent = next((intent for correct in CORRECTIONS if (intent := correct(seen))), reading.intent)
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
        return confidence < OF_THE_OFFICE.get(intent, 2.0)
    return match.fills_gap and match.words >= SOME_WORDS and confidence < VERY_SURE


def _no_words(seen: _Seen) -> str | None:
    return None if seen.words else FALLBACK


def _of_something_else(seen: _Seen) -> str | None:
    if seen.has("dating") and not seen.partners:
        return OFF_SUBJECT
    # "Standesamt, kurze Rückfrage: läuft Zwickau unter international?" is none of another office's questions.
    meant = seen.intent in FACTS | {UNRECORDED} and not seen.below(VERY_SURE)
    if seen.has("other_office") and not seen.subject and not seen.names("topic") and not meant:
        return OFF_SUBJECT
    return OFF_SUBJECT if seen.has("arithmetic") or (seen.has("code") and not seen.partners) else None


def _namesake(seen: _Seen) -> str | None:
    """ "Leeds United" and "Buffalo Wings" are no partner cities."""
    if not seen.partners or seen.subject or not seen.has("off_subject"):
        return None
    off = seen.intent in (OFF_SUBJECT, "ask_country", *COURTESIES) or seen.below(VERY_SURE)
    return OFF_SUBJECT if off else UNRECORDED


def _asked_back(seen: _Seen) -> str | None:
    """ "Stimmt das?" is no "yes"."""
    asked = seen.reading.text.rstrip().endswith("?") and (seen.few or seen.subject)
    if not asked or seen.intent not in TALK | COURTESIES or not seen.has("confirm"):
        return None
    return "ask_check" if seen.subject and seen.partners else FOLLOW_UP


def _dated(seen: _Seen) -> str | None:
    """ "erst seit 2025 oder" is no talk: it leans on what was said before."""
    return FOLLOW_UP if seen.few and seen.intent in SMALL_TALK and TIMED.search(seen.text) else None


def _compared(seen: _Seen) -> str | None:
    in_order = len(seen.partners) > 2 and seen.has("order_check")
    return "ask_compare" if in_order or seen.has("longest_gap") else None


def _initials(seen: _Seen) -> str | None:
    """ "Ich brauche die Partnerstädte, die mit Z anfangen": no other intent knows of letters."""
    subject = seen.subject or _WHICH_BEGIN.match(seen.text)
    return "ask_list" if subject and initials_in(seen.text) and seen.intent != "ask_count" else None


def _topic(seen: _Seen) -> str | None:
    """A topic that is named is asked for; one that is only meant, where nothing else is."""
    topics, placed = seen.names("topic"), seen.names("country", "continent", "region")
    if any(m.by_meaning for m in topics):
        open_to_it = seen.intent in (OFF_SUBJECT, TOPIC, UNRECORDED, FALLBACK)
        return TOPIC if open_to_it and not seen.subject and not (placed and seen.few) else None
    named = topics and (not seen.partners or (seen.below(VERY_SURE) and not seen.subject))
    if named and seen.intent not in ("request_human", "complain", "emergency"):
        return TOPIC
    if seen.intent == TOPIC and not topics:
        # One that nothing names cannot be answered; what else it may have been can.
        return "ask_list" if seen.subject else (placed and (seen.best() or "ask_check")) or UNRECORDED
    return None


def _picture(seen: _Seen) -> str | None:
    """Pictures show all partner cities, and only when asked for."""
    if seen.intent not in PICTURES:
        return None
    if seen.lexicon.unrecorded.search(seen.gist):
        return UNRECORDED
    limited = seen.names("country", "continent", "region", "city") or seen.has("outside_europe", "count")
    shown = seen.has(PICTURES[seen.intent]) and not limited
    return seen.intent if shown else seen.best() or seen.intent


def _emergency(seen: _Seen) -> str | None:
    return "emergency" if seen.has("emergency_now") and not seen.subject and not seen.names("topic") else None


def _no_emergency(seen: _Seen) -> str | None:
    """ "Das brennt mir auf den Nägeln" needs no fire brigade."""
    if seen.intent not in URGENT or seen.has("emergency"):
        return None
    return (seen.best(UNRECORDED) if seen.partners or seen.subject else None) or OFF_SUBJECT


def _of_another_office(seen: _Seen) -> str | None:
    """Wishes that every bot hears are declined unless something shows that they are meant for this office."""
    doubtful = seen.intent in OF_THE_OFFICE and seen.below(OF_THE_OFFICE[seen.intent])
    shown = seen.subject or seen.partners or seen.has("office", "whom")
    return OFF_SUBJECT if doubtful and not shown else None


def _something_with_place(seen: _Seen) -> str | None:
    """ "Läuft da was mit Liverpool?" asks for a partnership, however little else it says."""
    doubtful = seen.below(VERY_SURE) and not seen.partners and seen.intent not in FACTS
    return "ask_check" if doubtful and _SOMETHING_WITH.search(seen.text) else None


def _unfounded_explanation(seen: _Seen) -> str | None:
    # Nonsense of many words holds some that could be of the subject.
    many = len(seen.words) > MANY_WORDS
    if not seen.explains or not seen.below(CLEARLY if many else VERY_SURE):
        return None
    founded = seen.partners or seen.subject or seen.has("exchange") or _is_fact_after_all(seen)
    if founded and many:
        founded = seen.partners or seen.subject
    return None if founded else OFF_SUBJECT


def _kind(seen: _Seen) -> str | None:
    """What a partnership is, is its purpose, unless a kind of it is meant."""
    of_a_kind = "projektpartner" in seen.text or seen.has("inner_german")
    if of_a_kind and not seen.partners and seen.has("defines") and seen.intent in _BESIDE_KIND:
        return "ask_kind"
    alone = len(seen.words) == 1
    defined = seen.intent == "ask_kind" and seen.subject and not seen.reading.mentions
    defined = defined and (alone or seen.has("defines"))
    return "explain_purpose" if defined and not of_a_kind and not seen.has("which_kind") else None


def _reached(seen: _Seen) -> str | None:
    open_to_it = seen.explains or seen.intent in TALK | FACTS | COURTESIES | {OFF_SUBJECT, "repeat"}
    declined = seen.intent == OFF_SUBJECT and not seen.below(CLEARLY)
    asked = open_to_it and seen.has("reach") and not seen.partners and not declined
    return "ask_contact" if asked else None


def _whom(seen: _Seen) -> str | None:
    """ "Wen frage ich, wenn ...?" asks for the office, whatever else is in it."""
    if seen.partners or not seen.has("whom"):
        return None
    open_to_it = seen.explains or seen.intent in FACTS | INCIDENTAL | COURTESIES | {"ask_capabilities"}
    declined = seen.intent == OFF_SUBJECT and seen.below(CLEARLY if seen.subject or seen.has("office") else VERY_SURE)
    return "ask_contact" if open_to_it or declined else None


def _unrecorded(seen: _Seen) -> str | None:
    """Words of what no record holds, where a fact was understood."""
    if _BORN_LIKE.search(seen.text) and seen.subject and seen.intent in FACTS | {UNRECORDED}:
        return "ask_list"
    if AS_OLD.search(seen.text) and seen.subject and seen.intent == UNRECORDED and seen.below(VERY_SURE):
        # "Ich bin Baujahr 1969. Welche Partnerstadt ist genauso alt wie ich?"
        return "ask_list"
    if seen.intent in FACTS and (seen.lexicon.unrecorded.search(seen.gist) or seen.has("spending")):
        return UNRECORDED
    if seen.intent in FACTS and COUNTED_ELSE.search(seen.gist):
        return UNRECORDED if seen.partners or seen.subject or seen.has("exchange") else None
    object = THING_OF.search(seen.text)
    if seen.intent == "ask_check" and seen.partners and object and not seen.lexicon.of_the_subject(object[1]):
        return UNRECORDED
    if seen.explains and seen.below(VERY_SURE) and _WHO.search(seen.text) and seen.lexicon.unrecorded.search(seen.gist):
        return UNRECORDED
    if seen.explains and seen.has("amounts"):
        return UNRECORDED
    guessed = (seen.explains or seen.intent == "ask_list") and seen.below(HALF_SURE)
    if guessed and seen.subject and seen.has("off_subject"):
        # "Krieg ich in den Partnerstädten Rabatt im Hotel?"
        return UNRECORDED
    if seen.explains and seen.has("status"):
        return seen.intent if seen.has("why") else UNRECORDED
    return None


def _recorded(seen: _Seen) -> str | None:
    """ "In welchen Ländern hat Dortmund Partnerstädte?": a weak guess that no record holds it, without a word for what."""
    there = seen.names("country", "continent", "region") and _ONE_THERE.search(seen.text) and not seen.partners
    if seen.intent == UNRECORDED and there and not seen.lexicon.unrecorded.search(seen.gist):
        return "ask_check"
    of_us = seen.subject or (seen.has("newest") and seen.has("joined_then"))
    weak = seen.intent == UNRECORDED and seen.below(HALF_SURE) and of_us and not seen.partners
    if not weak or seen.lexicon.unrecorded.search(seen.gist) or seen.has("amounts", "status", "why"):
        return None
    likely = next((name for name, p in seen.reading.ranking if name in FACTS and p > seen.reading.confidence / 2), None)
    return likely if seen.has("list", "count", "country", "continent", "newest") else None


def _unfounded_fact(seen: _Seen) -> str | None:
    """Facts need evidence: names, words of the subject, times, an order."""
    if seen.intent not in FACTS:
        return None
    if seen.partners or seen.subject:
        return seen.intent
    if seen.has("off_subject"):
        return OFF_SUBJECT
    if seen.intent == FOLLOW_UP:
        return seen.intent
    named = seen.names("place", "country", "continent", "region", "home")
    placed = bool(named) or seen.has("inner_german", "outside_europe", "foreign")
    timed = TIMED.search(seen.text) or RANKED.search(seen.text)
    if seen.intent in _OF_PARTNERS and {m.kind for m in seen.reading.mentions} == {"place"} and not seen.has("bond"):
        return OFF_SUBJECT
    of_a_period = seen.names("period") and seen.has("joined_then")
    if not timed and {m.kind for m in named} == {"home"} and not seen.has("bond") and seen.below(HALF_SURE):
        # "Wer wird Nachfolger bei Borussia Dortmund?": its own name makes no question of the city's partners.
        return OFF_SUBJECT
    if placed or timed or of_a_period or seen.lexicon.of_the_subject(seen.text) or seen.has("bond"):
        return OFF_SUBJECT if seen.of_facts < VERY_SURE and seen.below(SURE) else seen.intent
    ours = OURS.search(seen.text) and not seen.below(VERY_SURE)
    ordered = seen.has(*IN_ORDER) and seen.few and not seen.below(SURE)
    return seen.intent if ours or ordered else OFF_SUBJECT


def _no_source(seen: _Seen) -> str | None:
    if seen.intent != "ask_source" or seen.has("source"):
        return None
    if seen.partners or seen.has("since"):
        return seen.best() or "ask_since"
    return FOLLOW_UP if seen.has("list") else OFF_SUBJECT if seen.below(CLEARLY) else None


def _reasoned(seen: _Seen) -> str | None:
    """What was done, and why: "Wieso fing man früher damit an?"; "Mit welchem Ziel sind die ersten Partnerschaften geschlossen worden?" asks neither for the first nor for all."""
    if seen.intent == "explain_traditional_forms" and seen.has("why"):
        return "explain_reconciliation"
    if seen.intent not in FACTS or seen.partners or not seen.subject or not seen.has("with_what_aim"):
        return None
    return "explain_reconciliation" if seen.has("at_first") else "explain_purpose"


def _gap(seen: _Seen) -> str | None:
    """The distance of two partner cities is meant in years, unless kilometres are asked for."""
    return "ask_compare" if seen.intent == UNRECORDED and len(seen.partners) > 1 and seen.has("years_apart") else None


def _contact_of_heading(seen: _Seen) -> str | None:
    """ "Mail vom Kulturbüro: brauchen die Partner der 70er" asks for no mail address."""
    heading = _HEADING.match(seen.text)
    if seen.intent not in CONTACT or not heading:
        return None
    rest = seen.text[heading.end() :]
    meant = seen.lexicon.match("office", rest) or not seen.lexicon.match("partner_word", rest)
    return None if meant else seen.best() or "ask_list"


def _participation(seen: _Seen) -> str | None:
    """A partner choir, school or club is found by the office's help; a comparison of cities is something else."""
    likely = dict(seen.reading.ranking).get("explain_participation", 0.0) > 0.1
    return "explain_participation" if seen.intent in FACTS and likely and seen.has("partner_group") else None


def _unasked_language(seen: _Seen) -> str | None:
    """ "Wie heißen die ersten beiden auf der richtigen Liste?" is no wish for other words."""
    if seen.intent not in ("plain_language_on", "plain_language_off") or seen.has("plain_wish"):
        return None
    return seen.best() if seen.has("wh", "yes_no") else None


def _place_asked_for(seen: _Seen) -> str | None:
    """ "Haben wir was mit Liverpool am Laufen?" asks whether it is a partner city."""
    vague = seen.intent in SMALL_TALK or (seen.explains and seen.has("yes_no"))
    return "ask_check" if vague and seen.names("place") and not seen.partners else None


def _fact(seen: _Seen) -> str | None:
    return (seen.best() or "ask_list") if _is_fact_after_all(seen) else None


def _bare_name(seen: _Seen) -> str | None:
    named = seen.partners or seen.names("place", "country", "continent")
    bare = all(word.startswith("@") or word in seen.lexicon.fillers for word in seen.words)
    return FOLLOW_UP if named and bare and seen.intent != "ask_contact" else None


def _partner(seen: _Seen) -> str | None:
    """A partner city is never off the subject."""
    beside = SMALL_TALK | {OFF_SUBJECT, "start_again", TOPIC}
    if not seen.partners or seen.intent not in beside:
        return None
    return UNRECORDED if seen.lexicon.unrecorded.search(seen.gist) else seen.best(UNRECORDED) or UNRECORDED


def _guess(seen: _Seen) -> str | None:
    unfounded = seen.below(SURE) and not seen.subject
    return FALLBACK if unfounded and (seen.below(SURE / 2) or len(seen.words) < 2) else None


CORRECTIONS: tuple[Callable[[_Seen], str | None], ...] = (
    _no_words,
    _of_something_else,
    _namesake,
    _asked_back,
    _dated,
    _compared,
    _initials,
    _topic,
    _picture,
    _emergency,
    _no_emergency,
    _of_another_office,
    _something_with_place,
    _unfounded_explanation,
    _kind,
    _reached,
    _whom,
    _reasoned,
    _gap,
    _contact_of_heading,
    _participation,
    _unrecorded,
    _recorded,
    _unfounded_fact,
    _no_source,
    _unasked_language,
    _place_asked_for,
    _fact,
    _bare_name,
    _partner,
    _guess,
)


def _is_fact_after_all(seen: _Seen) -> bool:
    """Years, amounts and places of the world show a question of facts where the classifier saw something vaguer."""
    vague = seen.explains or seen.intent in VAGUE
    if not vague or seen.lexicon.unrecorded.search(seen.text) or (seen.has("off_subject") and not seen.subject):
        return False
    reasoned = seen.has("why", "reason")
    if seen.intent == UNRECORDED and CLAIMED.search(seen.text) and seen.has("confirm"):
        return True
    if COUNTED.search(seen.text) or (RANKED.search(seen.text) and seen.has("bond") and not reasoned):
        return True
    place = seen.names("country", "continent", "region")
    periods = [m for m in seen.names("period") if m.value != "world_war"]
    # "Wie lange bin ich mit Corona ansteckend?" asks of nothing that began in those years.
    timed = TIMED.search(seen.text) or (periods and (seen.subject or seen.has("bond", "countable", "joined_then")))
    told = any(pattern.search(seen.text) for pattern in (THE_CITY, ONE_THAT, _SOMETHING_THERE))
    placed = bool(told or (len(place) > 1 and seen.has("gap")) or seen.names("home"))
    if place and placed and seen.intent in (OFF_SUBJECT, FALLBACK):
        return not _COMES_FROM.search(seen.text) or seen.subject
    if seen.explains and not reasoned:
        ordered = seen.has("list") and seen.has(*IN_ORDER) and (seen.few or seen.below(CLEARLY))
        if ordered or (seen.has("all_of_them") and seen.below(CLEARLY)):
            return True
    if seen.explains:
        spanned = seen.subject and timed and seen.below(VERY_SURE) and seen.has("more_than", "less_than")
        limited = place and seen.has("list", "count", "davon")
        asked = timed and seen.has("countable", "statement_check", "yes_no", "joined_strictly")
        return bool(limited or asked or spanned) and not reasoned
    if seen.intent == UNRECORDED and seen.partners and seen.has("before", "after") and seen.has("count", "list"):
        return seen.below(CLEARLY) or seen.has("joined_then")
    if place and not seen.partners and seen.intent == UNRECORDED:
        return seen.subject and seen.below(CLEARLY if seen.few and seen.has("list") else VERY_SURE)
    if timed and seen.has("bond") and not seen.has("why"):
        return seen.has("countable") or seen.few
    likely = any(name in FACTS and p > 0.08 for name, p in seen.reading.ranking)
    ranked = seen.lexicon.of_the_subject(seen.text) and seen.has("oldest", "newest", "newly", "began_with")
    shown = bool(
        place or timed or ranked or seen.has("inner_german") or (seen.has("outside_europe") and OURS.search(seen.text))
    )
    return likely and seen.few and shown and seen.below(VERY_SURE) and seen.intent != UNRECORDED
