"""One reply: what is said to a message, and what is remembered."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnerstadt.answer.reply import Memory, reply, source_line
from partnerstadt.answer.utterance import Utterance
from partnerstadt.question.model import Context
from partnerstadt.question.read import BY_INTENT
from tests.support import PROJECT, Town, keys

TALK = [
    "greet",
    "thank",
    "goodbye",
    "affirm",
    "deny",
    "ask_bot",
    "ask_capabilities",
    "ask_wellbeing",
    "ask_privacy",
    "ask_accessibility",
    "ask_source",
    "insult",
    "out_of_scope",
]


@pytest.mark.parametrize("intent", TALK)
def test_small_talk_has_one_fixed_response(dortmund: Town, intent: str) -> None:
    """And no fact of the partnerships."""
    said = dortmund.answer("hm", intent)
    assert keys(said) == [f"utter_{intent}"]
    assert set(said[0].values) <= {"home"}


@pytest.mark.parametrize("intent", TALK)
def test_small_talk_changes_nothing_that_is_remembered(dortmund: Town, intent: str) -> None:
    """The conversation goes on where it was."""
    _, memory = dortmund.say("Seit wann ist Leeds dabei?", "ask_since")
    _, after = dortmund.say("hm", intent, memory)
    assert after.context.cities == ("leeds",)


@pytest.mark.parametrize("intent", ["request_human", "complain"])
def test_wish_for_a_human_names_the_office(dortmund: Town, intent: str) -> None:
    """The bot cannot connect anybody."""
    assert keys(dortmund.answer("hm", intent))[:2] == [f"utter_{intent}", "utter_office_and_others"]


def test_not_understood_offers_what_can_be_asked(dortmund: Town) -> None:
    """As buttons."""
    said = dortmund.answer("xqz", "nlu_fallback")
    assert keys(said) == ["utter_ask_rephrase"] and len(said[0].buttons) >= 2


def test_off_the_subject_holds_no_fact(dortmund: Town) -> None:
    """It declines, and offers what it can do."""
    said = dortmund.answer("Erzähl mir einen Witz", "out_of_scope")
    assert keys(said) == ["utter_out_of_scope"] and said[0].sources == () and said[0].buttons


def test_yes_asks_the_offered_question(dortmund: Town) -> None:
    """Rostock was meant for Rostow."""
    first, second = dortmund.talk([("Seit wann ist Rostock dabei?", "ask_since"), ("ja", "affirm")])
    assert "utter_did_you_mean" in keys(first)
    assert second[0].values["city"] == "Rostow am Don"


def test_yes_without_an_offer_is_small_talk(dortmund: Town) -> None:
    """There is nothing to confirm."""
    assert keys(dortmund.answer("ja", "affirm")) == ["utter_affirm"]


def test_no_leaves_the_offer(dortmund: Town) -> None:
    """Nothing is said of Rostow."""
    replies = dortmund.talk([("Seit wann ist Rostock dabei?", "ask_since"), ("nein", "deny")])
    assert keys(replies[1]) == ["utter_deny"]


def test_two_questions_are_answered_in_turn(dortmund: Town) -> None:
    """The second may lean on the first."""
    readings = [
        dortmund.reading("Seit wann ist Leeds dabei?", "ask_since"),
        dortmund.reading("und wo liegt das?", "ask_country"),
    ]
    said, memory = reply(readings, Memory(), dortmund.knowledge)
    assert keys(said) == ["utter_since", "utter_country"]
    assert memory.context.cities == ("leeds",)


def test_same_thing_is_not_said_twice(dortmund: Town) -> None:
    """Two wordings of one question."""
    readings = [
        dortmund.reading("Seit wann ist Leeds dabei?", "ask_since"),
        dortmund.reading("ab wann leeds", "ask_since"),
    ]
    said, _ = reply(readings, Memory(), dortmund.knowledge)
    assert keys(said) == ["utter_since"]


def test_plain_language_changes_the_text_of_topics(dortmund: Town) -> None:
    """And stays on."""
    said, memory = dortmund.say("wozu gibt es das", "explain_purpose", Memory(plain=True))
    topic = dortmund.records.topic("purpose")
    assert topic is not None and said[0].values["text"] == topic.plain
    assert memory.plain


def test_nothing_but_and_is_asked_back(dortmund: Town) -> None:
    """„Und?“ at the beginning asks nothing."""
    assert keys(dortmund.answer("und?", "follow_up")) == ["utter_ask_rephrase"]


CONVERSATIONS: dict[str, list[tuple[str, str, str, str]]] = {
    "a city and another": [
        ("Seit wann ist Leeds Partnerstadt?", "ask_since", "utter_since", "Leeds"),
        ("und Amiens?", "follow_up", "utter_since", "Amiens"),
        ("in welchem Land liegt das?", "ask_country", "utter_country", "Amiens"),
    ],
    "missing, then given": [
        ("seit wann?", "ask_since", "utter_which_city", ""),
        ("Leeds", "follow_up", "utter_since", "Leeds"),
    ],
    "a subject between": [
        ("Wo liegt Trabzon?", "ask_country", "utter_country", "Trabzon"),
        ("Wozu gibt es Partnerstädte?", "explain_purpose", "utter_topic", ""),
        ("seit wann ist Trabzon dabei?", "ask_since", "utter_since", "Trabzon"),
    ],
    "up and down the order": [
        ("Welche kam nach Leeds?", "ask_rank", "utter_after", "Rostow"),
        ("und danach?", "follow_up", "utter_after", "Buffalo"),
        ("und davor?", "follow_up", "utter_before", "Rostow"),
    ],
    "wrong premise": [
        ("Seit wann ist Paris Partnerstadt?", "ask_since", "utter_no_partner", "Paris"),
        ("und Amiens?", "follow_up", "utter_since", "Amiens"),
    ],
    "list and its second": [
        ("Welche liegen in Asien?", "ask_list", "utter_list", "Netanya"),
        ("die zweite", "follow_up", "utter_portrait", "Xi'an"),
    ],
    "unrecorded, then recorded": [
        ("Wie viele Einwohner hat Kumasi?", "ask_unrecorded", "utter_unrecorded", ""),
        ("seit wann ist es Partnerstadt?", "ask_since", "utter_since", "Kumasi"),
    ],
}


@pytest.mark.parametrize("turns", CONVERSATIONS.values(), ids=list(CONVERSATIONS))
def test_conversation_goes_on(dortmund: Town, turns: list[tuple[str, str, str, str]]) -> None:
    """Each turn has its response about the right city."""
    replies = dortmund.talk([(text, intent) for text, intent, _, _ in turns])
    for said, (text, _, response, name) in zip(replies, turns, strict=True):
        assert said[0].response == response, text
        assert name in " ".join(map(str, said[0].values.values())), text


def test_source_line_names_each_source_once(dortmund: Town) -> None:
    """With the date of the oldest."""
    said = dortmund.answer("Welche Partnerstädte liegen in Asien?", "ask_list")
    line = source_line([*said, *said], dortmund.records)
    assert line is not None and line.response == "utter_source"
    assert str(line.values["sources"]).count("Internationale Beziehungen") == 1
    assert line.values["date"] == "November 2026"


def test_source_line_has_the_oldest_date(musterstadt: Town) -> None:
    """A statement is only as fresh as its oldest source."""
    said = musterstadt.answer("Seit wann ist Tormaszeg dabei?", "ask_since")
    line = source_line(said, musterstadt.records)
    assert line is not None and line.values["date"] == "Februar 2026"


def test_what_has_no_source_has_no_source_line(dortmund: Town) -> None:
    """A greeting is no fact."""
    assert source_line(dortmund.answer("hallo", "greet"), dortmund.records) is None
    assert source_line([], dortmund.records) is None


FACTS_SAID = [
    ("Seit wann ist Leeds Partnerstadt?", "ask_since"),
    ("Welche Partnerstädte gibt es?", "ask_list"),
    ("Wie viele gab es 1980?", "ask_count"),
    ("Ist Paris Partnerstadt?", "ask_check"),
    ("Haben wir eine in Polen?", "ask_check"),
    ("Welche ist die älteste Partnerstadt?", "ask_rank"),
    ("Was ist älter, Leeds oder Buffalo?", "ask_compare"),
    ("welche Jubiläen gibt es 2028", "ask_jubilee"),
    ("Wozu gibt es Städtepartnerschaften?", "explain_purpose"),
    ("Was ist Fairtrade?", "ask_topic"),
    ("Wie erreiche ich das Büro?", "ask_contact"),
    ("Woher weißt du das?", "ask_source"),
]


@pytest.mark.parametrize(("text", "intent"), FACTS_SAID, ids=[text for text, _ in FACTS_SAID])
def test_every_answer_with_facts_names_its_source(dortmund: Town, text: str, intent: str) -> None:
    """Whatever is claimed."""
    assert source_line(dortmund.answer(text, intent), dortmund.records) is not None


WORDS = st.sampled_from(
    [
        "seit",
        "wann",
        "wie",
        "viele",
        "welche",
        "ist",
        "nicht",
        "außer",
        "vor",
        "nach",
        "und",
        "oder",
        "die",
        "das",
        "älteste",
        "drei",
        "zweite",
        "1980",
        "40",
        "jahre",
        "mehr",
        "als",
        "Leeds",
        "Cluj",
        "Paris",
        "Rostock",
        "Europa",
        "Türkei",
        "EU",
        "davon",
        "anderen",
        "beiden",
        "jubiläum",
        "partnerstädte",
        "?",
        "danach",
        "davor",
    ]
)
INTENTS = st.sampled_from(
    [
        *sorted(BY_INTENT),
        "ask_unrecorded",
        "ask_topic",
        "explain_exchange",
        "affirm",
        "ask_contact_detail",
        "nlu_fallback",
    ]
)


@settings(max_examples=150)
@given(st.lists(st.tuples(st.lists(WORDS, max_size=7).map(" ".join), INTENTS), max_size=3))
def test_no_conversation_breaks_it(dortmund: Town, turns: list[tuple[str, str]]) -> None:
    """Each message gets an answer, and the memory can be kept in a slot."""
    memory = Memory()
    for text, intent in turns:
        said, memory = dortmund.say(text, intent, memory)
        assert said
        assert Context.parse_obj(memory.context.dict()) == memory.context


def test_reply_needs_no_rasa() -> None:
    """Questions and answers are pure: no import of Rasa in them."""
    for folder in ("records", "question", "answer"):
        for path in (PROJECT / "partnerstadt" / folder).glob("*.py"):
            text = path.read_text(encoding="utf-8")
            assert "import rasa" not in text and "from rasa" not in text, path.name


def test_answers_have_no_clock_of_their_own(dortmund: Town) -> None:
    """The year is handed in."""
    later = Town(dortmund.records, dortmund.lexis, 2050)
    (utterance,) = later.answer("wie lange ist Leeds schon dabei", "ask_since")
    assert isinstance(utterance, Utterance) and utterance.values["years"] == "81 Jahre"


def test_city_after_an_unrecorded_question_is_unrecorded_too(dortmund: Town) -> None:
    """ "Wie viele Einwohner hat Leeds?", "und Amiens?" is no question for a year."""
    _, memory = dortmund.say("Wie viele Einwohner hat Leeds?", "ask_unrecorded")
    said = dortmund.answer("und Amiens?", "follow_up", memory)
    assert "utter_unrecorded" in {u.response for u in said}


def test_wrong_claim_comes_first(dortmund: Town) -> None:
    """A "Ja" in front would be heard as the answer to all of them."""
    said = dortmund.answer("stimmt das: amiens 1960, leeds 1969, buffalo 1977?", "ask_check")
    assert [u.response for u in said] == ["utter_check_year_no", "utter_check_year_yes", "utter_check_year_yes"]


@pytest.mark.parametrize("intent", ["show_map", "show_timeline"])
def test_picture_comes_with_the_list(dortmund: Town, intent: str) -> None:
    """For channels that cannot draw, and for people who cannot see."""
    (said,) = dortmund.answer("zeig mal", intent)
    assert said.response == f"utter_{intent}"
    assert all(p.name in str(said.values["items"]) for p in dortmund.records.partner_cities)
