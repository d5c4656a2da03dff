"""Answers about subjects, the office, and what the records do not say."""

from __future__ import annotations

import re

from partnerstadt.answer.utterance import Utterance, item, join, phrase
from partnerstadt.question.lexicon import Lexicon
from partnerstadt.question.reading import Reading
from partnerstadt.records.models import CuratedAnswer, Office, Partnership, Records, Topic
from partnerstadt.text import fold

# Fields of an office that people ask for, by the cue that shows it.
CONTACT_FIELDS = (
    "phone",
    "email",
    "opening_hours",
    "street",
    "fax",
    "contact_person",
    "website",
    "contact_form",
    "appointment",
)


def about_topic(reading: Reading, records: Records, plain: bool) -> list[Utterance]:
    """The topic named in a text, or the page's subject that the intent names."""
    explains = reading.intent.startswith("explain_")
    topics = [records.topic(m.value) for m in reading.names("topic") if not (explains and m.by_meaning)]
    if not any(topics) and reading.intent.startswith("explain_"):
        topics = [records.topic(reading.intent.removeprefix("explain_"))]
    found = list(dict.fromkeys(t for t in topics if t is not None))
    if not found:
        return unrecorded(reading, records)
    said = [_topic(topic, plain) for topic in found]
    if any(topic.contact for topic in found):
        said += office(records)
    elif found[0].group == "neighbour":
        said.append(Utterance("utter_topic_more"))
    elif reading.names("city"):
        names = join(list(dict.fromkeys(p.name for p in _cities(reading, records))))
        said.append(Utterance("utter_topic_not_for_city", {"cities": names}))
    return said


# "Gehört Sport auch dazu?", "Geht es da auch um Busse?"
_BELONGS = re.compile(
    r"\b(?:(?:gehor\w*|zahl\w*) ((?:\w+ ){1,4})(?:dazu|dabei|drin)|geht es (?:\w+ ){0,2}?um ((?:\w+ ?){1,4}))"
)
_STEM = 4


def field_of(text: str, records: Records, lexicon: Lexicon) -> str | None:
    """The intent of the page's subject that holds a word of what is asked to belong to the partnerships."""
    hit = _BELONGS.search(text)
    asked = re.findall(r"\w+", hit[1] or hit[2]) if hit else []
    stems = tuple(word for word in asked if len(word) >= _STEM and word not in lexicon.fillers)
    for topic in records.topics if stems else ():
        words = re.findall(r"\w+", fold(f"{topic.answer} {topic.plain}"))
        if topic.group == "page" and any(word.startswith(stems) for word in words):
            return f"explain_{topic.id}"
    return None


def _topic(topic: Topic, plain: bool) -> Utterance:
    values: dict[str, str | int] = {"text": topic.plain if plain else topic.answer}
    if topic.link:
        return Utterance("utter_topic_with_link", values | {"link": str(topic.link)}, (topic.source,))
    return Utterance("utter_topic", values, (topic.source,))


# The ways to reach an office that people mean by "how do I reach you".
_WAYS = ("phone", "email", "street", "opening_hours")


def office(records: Records, details_too: bool = True) -> list[Utterance]:
    """The offices and what is known of reaching them."""
    contact = records.contact
    if contact is None:
        return [Utterance("utter_unrecorded")]
    others = [o.name for o in records.offices if o is not contact]
    values: dict[str, str | int] = {"office": contact.name, "address": address(contact), "others": join(others)}
    said = [Utterance("utter_office_and_others" if others else "utter_office", values, (contact.source,))]
    known = {name: value for name in _WAYS if (value := getattr(contact, name))}
    if known:
        details = join([phrase(f"with_{name}", value=value) for name, value in known.items()])
        said.append(Utterance("utter_office_details", {"details": details}, (contact.source,)))
    unknown = [phrase(f"plain_{name}") for name in _WAYS if name not in known]
    if unknown and details_too:
        said.append(Utterance("utter_office_unknown", {"fields": join(unknown)}))
    return said


def address(contact: Office) -> str:
    """Street, postal code and town, as far as they are known."""
    town = " ".join(filter(None, [contact.postal_code, contact.town]))
    return ", ".join(filter(None, [contact.street, town]))


def contact_details(reading: Reading, records: Records, lexicon: Lexicon) -> list[Utterance]:
    """The detail asked for if the city has filled it in, otherwise honestly that it is not known."""
    contact = records.contact
    asked = [name for name in CONTACT_FIELDS if lexicon.match(name, reading.normal)]
    if contact is None:
        return [Utterance("utter_unrecorded")]
    said = []
    for name in asked:
        value = getattr(contact, name, None)
        if value:
            values: dict[str, str | int] = {"office": contact.name, "value": value}
            said.append(Utterance(f"utter_contact_{name}", values, (contact.source,)))
    unknown = [phrase(name) for name in asked if not getattr(contact, name, None)]
    if unknown:
        said.append(Utterance("utter_contact_unknown", {"fields": join(unknown)}))
    elif not asked:
        said.append(Utterance("utter_contact_unknown_any"))
    return said + office(records, details_too=False)


def curated(answer: CuratedAnswer, plain: bool) -> tuple[Utterance, ...]:
    """What the staff wrote; its id tells the front desk which answer it was."""
    text = answer.plain if plain and answer.plain else answer.answer
    return (Utterance("utter_curated", {"text": text, "answer": answer.id}, (answer.source,)),)


def unrecorded(reading: Reading, records: Records) -> list[Utterance]:
    """On the subject but not recorded: says so, says what is known of the cities named, names the office."""
    said = [Utterance("utter_unrecorded")]
    cities = list(dict.fromkeys(_cities(reading, records)))
    if cities:
        known = join([item(p) for p in cities])
        said.append(Utterance("utter_known_instead", {"items": known}, tuple({p.source for p in cities})))
    places = reading.names("place")
    if places and not cities:
        said = [Utterance("utter_unrecorded_place", {"place": m.value, "home": records.city.name}) for m in places[:1]]
    contact = records.contact
    if contact is not None:
        said.append(Utterance("utter_ask_office", {"office": contact.name, "address": address(contact)}))
    return said


def _cities(reading: Reading, records: Records) -> list[Partnership]:
    found = (records.partnership(m.value) for m in reading.names("city"))
    return [p for p in found if p is not None]
