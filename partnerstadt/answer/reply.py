"""One reply: the readings of a message and the memory of the conversation in, utterances and new memory out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from partnerstadt.answer import subjects
from partnerstadt.answer.facts import answer_question
from partnerstadt.answer.utterance import Answer, Utterance, items, join, month, phrase, source_of
from partnerstadt.question.in_context import OFFICE, PARTNERSHIPS, in_context
from partnerstadt.question.lexicon import Lexicon
from partnerstadt.question.merge import merge
from partnerstadt.question.model import Aspect, Context, Question
from partnerstadt.question.read import read_question
from partnerstadt.question.reading import (
    CURATED,
    FACTS,
    FALLBACK,
    FOLLOW_UP,
    NEAR_WORDS,
    OFF_SUBJECT,
    TOPIC,
    UNRECORDED,
    Match,
    Reading,
)
from partnerstadt.records.models import Records, Status


@dataclass(frozen=True)
class Memory:
    """What a conversation remembers between two messages; it lies in slots.

    Attributes:
        context: what it has been about.
        plain: whether plain language was asked for.
        introduced: whether the bot has said that it is a machine.
    """

    context: Context = field(default_factory=Context)
    plain: bool = False
    introduced: bool = False


@dataclass(frozen=True)
class Knowledge:
    """What answers are made from: the records in force, the lexicon, this year."""

    records: Records
    lexicon: Lexicon
    this_year: int


# A field of the exchange ("Gehört Sport auch dazu?") is taken for these.
_MAY_BE_FIELDS = FACTS | {OFF_SUBJECT, FALLBACK, "ask_accessibility", UNRECORDED}


def reply(readings: Sequence[Reading], memory: Memory, knowledge: Knowledge) -> tuple[list[Utterance], Memory]:
    """Answer each reading in turn and say nothing twice."""
    answers, memory = answer_each(readings, memory, knowledge)
    return said_once(answers), memory


def answer_each(readings: Sequence[Reading], memory: Memory, knowledge: Knowledge) -> tuple[list[Answer], Memory]:
    """The answer to each reading; what the first was about, the second may lean on."""
    answers: list[Answer] = []
    for reading in readings:
        answers.append(answer_reading(reading, memory, knowledge))
        memory = replace(memory, context=answers[-1].context)
    return answers, memory


def said_once(answers: Sequence[Answer]) -> list[Utterance]:
    """What is said to several readings, nothing twice."""
    said: list[Utterance] = []
    for answer in answers:
        said += [u for u in answer.utterances if u not in said]
    return said


# What the records leave open: an answer that begins so may give way to a curated one, or offers the question of one.
LEFT_OPEN = ("utter_unrecorded", "utter_contact_unknown", "utter_contact_unknown_any")
DECLINED = ("utter_out_of_scope", "utter_ask_rephrase")


def answer_reading(reading: Reading, memory: Memory, knowledge: Knowledge) -> Answer:
    """The answer to one reading: out of the records, and where they leave it open, a curated one."""
    match = reading.answer
    curated = knowledge.records.curated(match.id) if match else None
    if reading.intent == CURATED:
        # The NLU may have read newer or older records than this process.
        reading = reading if curated else replace(reading, intent=OFF_SUBJECT)
    if curated and reading.intent == CURATED:
        return Answer(subjects.curated(curated, memory.plain), memory.context)
    answer = _from_records(reading, memory, knowledge)
    first, *others = answer.utterances
    if curated is None or match is None:
        return answer
    if first.response not in LEFT_OPEN + DECLINED and not (match.fills_gap and _is_general(reading.intent)):
        return answer
    if first.response in LEFT_OPEN and fills(match, reading.intent):
        return Answer(subjects.curated(curated, memory.plain), memory.context)
    offering = replace(first, buttons=(str(curated.questions[0]), *first.buttons))
    return replace(answer, utterances=(offering, *others))


# What is said of the office and of the bot itself, whatever the question was in detail.
_GENERAL = frozenset({"ask_contact", "ask_contact_detail", "ask_accessibility", "ask_privacy", "request_human"})


def _is_general(intent: str) -> bool:
    """Whether an answer to this holds for many questions, so that one written for the very question may be offered."""
    return intent in _GENERAL or intent.startswith("explain_")


def fills(match: Match, intent: str) -> bool:
    """Whether a curated answer is given where the records leave open what is asked; beside the office only by words."""
    return match.fills_gap and (intent == UNRECORDED or match.words >= NEAR_WORDS)


def _from_records(reading: Reading, memory: Memory, knowledge: Knowledge) -> Answer:
    context, records = memory.context, knowledge.records
    reading = in_context(reading, context, knowledge.lexicon)
    intent = reading.intent
    field = None
    if context.subject is not None and intent in _MAY_BE_FIELDS and not reading.mentions:
        field = subjects.field_of(reading.normal, records, knowledge.lexicon)
    if field:
        return _topic(replace(reading, intent=field), memory, knowledge)
    if intent in FACTS:
        return _facts(reading, context, knowledge)
    if intent == "affirm" and context.offered is not None:
        return answer_question(context.offered, records, knowledge.this_year, context)
    if intent == TOPIC or intent.startswith("explain_"):
        return _topic(reading, memory, knowledge)
    if intent == UNRECORDED:
        return _unrecorded(reading, context, knowledge)
    if intent == "ask_contact":
        return Answer(tuple(subjects.office(records)), context.copy(update={"subject": OFFICE}))
    if intent == "ask_contact_detail":
        details = subjects.contact_details(reading, records, knowledge.lexicon)
        return Answer(tuple(details), context.copy(update={"subject": OFFICE}))
    if intent in ("request_human", "complain"):
        said = (Utterance(f"utter_{intent}"), *subjects.office(records))
        return Answer(said, context.copy(update={"subject": OFFICE}))
    if intent in PICTURES:
        return _picture(intent, context, records)
    if intent == FALLBACK:
        return _fallback(reading, context, knowledge)
    return Answer((talk(intent, records),), context)


PICTURES = ("show_map", "show_timeline")


def _picture(intent: str, context: Context, records: Records) -> Answer:
    """A picture of all partner cities, and their list for those who cannot see it."""
    cities = records.partner_cities
    sources = tuple(dict.fromkeys((*(p.source for p in cities), *(p.location.source for p in cities))))
    said = Utterance(f"utter_{intent}", {"home": records.city.name, "items": items(cities)}, sources)
    shown = tuple(p.id for p in cities)
    return Answer((said,), context.copy(update={"listed": shown, "cities": shown, "subject": PARTNERSHIPS}))


def talk(intent: str, records: Records) -> Utterance:
    """Small talk and questions about the bot: one fixed response an intent."""
    buttons: tuple[str, ...] = ()
    if intent in ("greet", "ask_capabilities", "out_of_scope", "start_again"):
        buttons = (phrase("question_list"), phrase("question_purpose"), phrase("question_office"))
    sources = (records.partner_cities[0].source,) if intent == "ask_source" and records.partner_cities else ()
    return Utterance(f"utter_{intent}", {"home": records.city.name}, sources, buttons)


def understand(reading: Reading, context: Context, knowledge: Knowledge) -> Question:
    """The complete question behind a reading, with what it takes from the conversation."""
    records, lexicon = knowledge.records, knowledge.lexicon
    question = read_question(reading.intent, reading.normalised, records, lexicon, knowledge.this_year)
    leans = reading.intent == FOLLOW_UP or question.short or reading.normal.startswith("und ")
    return merge(question, context, records, leans)


def _facts(reading: Reading, context: Context, knowledge: Knowledge) -> Answer:
    question = understand(reading, context, knowledge)
    nothing = not (question.cities or question.places or question.ranks or not question.filter.empty)
    if reading.intent == FOLLOW_UP and nothing and question.aspect is Aspect.PORTRAIT:
        # Not about the partnerships after all: the next likely reading that can be answered.
        other = next(
            (name for name, p in reading.ranking if name.startswith(("explain_", "ask_contact")) and p > 0.08), None
        )
        if other:
            return answer_reading(replace(reading, intent=other), Memory(context), knowledge)
        return Answer((Utterance("utter_ask_rephrase", {"home": knowledge.records.city.name}),), context)
    return answer_question(question, knowledge.records, knowledge.this_year, context)


def _topic(reading: Reading, memory: Memory, knowledge: Knowledge) -> Answer:
    records = knowledge.records
    others = [p for m in reading.names("city") if (p := records.partnership(m.value)) and not p.counts]
    if others and reading.intent.startswith("explain_"):
        # What is done with a partner city is not what is done in a partnership of another kind.
        question = Question(aspect=Aspect.KIND, cities=tuple(p.id for p in others))
        return answer_question(question, records, knowledge.this_year, memory.context)
    said = subjects.about_topic(reading, records, memory.plain)
    said += _second_subject(reading, records, memory.plain)
    topics = [m.value for m in reading.names("topic")] or [reading.intent.removeprefix("explain_")]
    context = _talked_of(reading, memory.context)
    topic = records.topic(topics[0])
    if topic and records.partnership(topic.id):
        # The city of a partnership that is also a topic: "in welchem Land liegt die?"
        return Answer(tuple(said), context.copy(update={"cities": (topic.id,), "subject": PARTNERSHIPS}))
    subject = topic.id if topic and topic.group == "neighbour" else PARTNERSHIPS
    return Answer(tuple(said), context.copy(update={"subject": subject}))


# Two subjects so close in likelihood that a guess would be unfair: both are answered.
_CLOSE, _UNSURE = 0.6, 0.55


def _second_subject(reading: Reading, records: Records, plain: bool) -> list[Utterance]:
    if not reading.intent.startswith("explain_") or reading.confidence > _UNSURE:
        return []
    others = [(name, p) for name, p in reading.ranking if name.startswith("explain_") and name != reading.intent]
    if not others or others[0][1] < _CLOSE * reading.confidence:
        return []
    second = replace(reading, intent=others[0][0], mentions=())
    return [u for u in subjects.about_topic(second, records, plain) if u.response == "utter_topic"]


def _unrecorded(reading: Reading, context: Context, knowledge: Knowledge) -> Answer:
    """Not recorded; but where a source tells a partnership's status, that is the answer to "ruht die?"."""
    records = knowledge.records
    if knowledge.lexicon.match("status", reading.normal):
        ids = tuple(dict.fromkeys(m.value for m in reading.names("city"))) or context.cities[:1]
        known = [p for id in ids if (p := records.partnership(id)) and p.status is not Status.UNKNOWN]
        if known:
            question = Question(aspect=Aspect.KIND, cities=tuple(p.id for p in known))
            return answer_question(question, records, knowledge.this_year, context)
    return _not_recorded(reading, context, records)


def _not_recorded(reading: Reading, context: Context, records: Records) -> Answer:
    return Answer(
        tuple(subjects.unrecorded(reading, records)), _talked_of(reading, context).copy(update={"unrecorded": True})
    )


def _talked_of(reading: Reading, context: Context) -> Context:
    """A city that was named stays the one talked about."""
    cities = tuple(dict.fromkeys(m.value for m in reading.names("city")))
    return context.copy(update={"cities": cities, "subject": PARTNERSHIPS}) if cities else context


# Readings that can be offered as a question of their own (phrases.yml, reading_<intent>).
READINGS = (
    "ask_list",
    "explain_purpose",
    "explain_exchange",
    "explain_expert_exchange",
    "explain_participation",
    "ask_rank",
    "ask_jubilee",
)


def _fallback(reading: Reading, context: Context, knowledge: Knowledge) -> Answer:
    """Not understood: the two likeliest readings are offered as buttons, then the office."""
    likely = [name for name, _ in reading.ranking if name in READINGS][:2] or list(READINGS[:2])
    buttons = (*(phrase(f"reading_{name}") for name in likely), phrase("question_office"))
    said = Utterance("utter_ask_rephrase", {"home": knowledge.records.city.name}, (), buttons)
    return Answer((said,), context)


def source_line(utterances: Sequence[Utterance], records: Records) -> Utterance | None:
    """The line that names all sources of a reply, with the date of the oldest."""
    keys = dict.fromkeys(key for utterance in utterances for key in utterance.sources)
    sources = [source_of(key, records) for key in keys]
    if not sources:
        return None
    date = month(min(source.taken_over_on for source in sources))
    return Utterance("utter_source", {"sources": join([source.title for source in sources]), "date": date})
