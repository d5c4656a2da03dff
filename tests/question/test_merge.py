"""What a question takes from the conversation before it."""

from __future__ import annotations

import pytest

from partnerstadt.answer.reply import Memory
from partnerstadt.question.merge import merge
from partnerstadt.question.model import Aspect, Context, Filter, Question, Rank
from tests.support import Town

F = "follow_up"
Turns = list[tuple[str, str]]


def last_of(town: Town, turns: Turns) -> Question:
    """The complete question of the last turn."""
    memory = Memory()
    for text, intent in turns[:-1]:
        _, memory = town.say(text, intent, memory)
    return town.understand(*turns[-1], context=memory.context)


ONE_CITY: dict[str, tuple[Turns, Aspect, str]] = {
    "another city": ([("Seit wann ist Leeds dabei?", "ask_since"), ("und Amiens?", F)], Aspect.SINCE, "amiens"),
    "and another": (
        [("wo liegt Leeds?", "ask_country"), ("und Amiens?", F), ("un xian", F)],
        Aspect.COUNTRY,
        "xian",
    ),
    "bare name": ([("Seit wann ist Leeds dabei?", "ask_since"), ("Zwickau", F)], Aspect.SINCE, "zwickau"),
    "aspect after a city": (
        [("wo liegt trabzon?", "ask_country"), ("seit wann?", "ask_since")],
        Aspect.SINCE,
        "trabzon",
    ),
    "country after a year": (
        [("Seit wann ist Xi'an dabei?", "ask_since"), ("in welchem Land liegt das?", "ask_country")],
        Aspect.COUNTRY,
        "xian",
    ),
    "city after an aspect": ([("seit wann?", "ask_since"), ("Leeds", F)], Aspect.SINCE, "leeds"),
    "correction": (
        [("Seit wann ist Leeds dabei?", "ask_since"), ("nein, ich meinte Zwickau", F)],
        Aspect.SINCE,
        "zwickau",
    ),
    "after a portrait": ([("Infos zu Kumasi", "ask_portrait"), ("seit wann?", "ask_since")], Aspect.SINCE, "kumasi"),
    "check of another": ([("Ist Leeds Partnerstadt?", "ask_check"), ("und Amiens?", F)], Aspect.CHECK, "amiens"),
    "after the oldest": (
        [("Welche ist die älteste Partnerstadt?", "ask_rank"), ("in welchem land liegt die?", "ask_country")],
        Aspect.COUNTRY,
        "amiens",
    ),
    "second of a list": ([("Welche liegen in Asien?", "ask_list"), ("die zweite", F)], Aspect.PORTRAIT, "xian"),
    "last of a list": ([("Welche liegen in Asien?", "ask_list"), ("die dritte", F)], Aspect.PORTRAIT, "trabzon"),
    "change of subject and back": (
        [
            ("Seit wann ist Leeds dabei?", "ask_since"),
            ("Wie erreiche ich das Büro?", "ask_contact"),
            ("und Amiens?", F),
        ],
        Aspect.SINCE,
        "amiens",
    ),
    "unrecorded, then recorded": (
        [("Einwohner von Kumasi?", "ask_unrecorded"), ("seit wann ist es dabei?", "ask_since")],
        Aspect.SINCE,
        "kumasi",
    ),
}


@pytest.mark.parametrize(("turns", "aspect", "city"), ONE_CITY.values(), ids=list(ONE_CITY))
def test_missing_half_comes_from_the_turn_before(dortmund: Town, turns: Turns, aspect: Aspect, city: str) -> None:
    """The city or the aspect."""
    question = last_of(dortmund, turns)
    assert (question.aspect, question.cities) == (aspect, (city,))


FILTERED: dict[str, tuple[Turns, Aspect, dict[str, object]]] = {
    "another continent": (
        [("Welche liegen in Asien?", "ask_list"), ("und in Afrika?", F)],
        Aspect.LIST,
        {"continents": ("africa",)},
    ),
    "another country": (
        [("Haben wir eine Partnerstadt in der Türkei?", "ask_check"), ("und in Polen?", F)],
        Aspect.CHECK,
        {"countries": ("PL",)},
    ),
    "count elsewhere": (
        [("Wie viele liegen in Europa?", "ask_count"), ("und in Asien?", F)],
        Aspect.COUNT,
        {"continents": ("asia",)},
    ),
    "time added to place": (
        [("Welche liegen in Europa?", "ask_list"), ("nach 1980?", F)],
        Aspect.LIST,
        {"continents": ("europe",), "first": 1981},
    ),
    "another time": (
        [("Welche kamen vor 1970 dazu?", "ask_list"), ("und nach 2000?", F)],
        Aspect.LIST,
        {"first": 2001},
    ),
    "oldest elsewhere": (
        [("Welche ist die älteste in Asien?", "ask_rank"), ("und in Europa?", F)],
        Aspect.RANK,
        {"continents": ("europe",)},
    ),
    "another year": (
        [("Wie viele Partnerstädte gab es 1980?", "ask_count"), ("und 2000?", F)],
        Aspect.COUNT,
        {"existed_in": 2000},
    ),
}


@pytest.mark.parametrize(("turns", "aspect", "fields"), FILTERED.values(), ids=list(FILTERED))
def test_same_question_is_asked_with_another_restriction(
    dortmund: Town, turns: Turns, aspect: Aspect, fields: dict[str, object]
) -> None:
    """What is not replaced is kept."""
    question = last_of(dortmund, turns)
    assert (question.aspect, question.filter) == (aspect, Filter(**fields))


@pytest.mark.parametrize(
    ("first", "then", "city", "step"),
    [
        ("Welche kam nach Leeds?", "und danach?", "rostow", 1),
        ("Welche kam nach Leeds?", "und davor?", "rostow", -1),
        ("Welche ist die älteste?", "und danach?", "amiens", 1),
    ],
)
def test_step_goes_on_from_the_last_city(dortmund: Town, first: str, then: str, city: str, step: int) -> None:
    """Before or after the one just named."""
    (rank,) = last_of(dortmund, [(first, "ask_rank"), (then, F)]).ranks
    assert (rank.city, rank.step) == (city, step)


def test_others_are_the_rest_of_the_last_list(dortmund: Town) -> None:
    """Of three, after one was asked about, two."""
    turns = [("die ersten drei", "ask_rank"), ("seit wann ist Leeds dabei", "ask_since"), ("die beiden anderen?", F)]
    question = last_of(dortmund, turns)
    assert (question.aspect, question.cities) == (Aspect.SINCE, ("amiens", "rostow"))


def test_others_without_a_list_are_all_others(dortmund: Town) -> None:
    """After one city was talked about."""
    question = last_of(dortmund, [("Seit wann ist Leeds dabei?", "ask_since"), ("und die anderen?", F)])
    assert question.aspect is Aspect.LIST
    assert len(question.filter.cities) == 10 and "leeds" not in question.filter.cities


def test_both_are_the_two_compared(dortmund: Town) -> None:
    """After a comparison."""
    turns = [
        ("Was ist älter, Leeds oder Buffalo?", "ask_compare"),
        ("in welchem land liegen die beiden?", "ask_country"),
    ]
    question = last_of(dortmund, turns)
    assert (question.aspect, set(question.cities)) == (Aspect.COUNTRY, {"leeds", "buffalo"})


def test_gap_is_asked_of_the_two_compared(dortmund: Town) -> None:
    """How many years lie between."""
    turns = [
        ("Was ist älter, Leeds oder Buffalo?", "ask_compare"),
        ("wie viele Jahre liegen dazwischen?", "ask_compare"),
    ]
    question = last_of(dortmund, turns)
    assert (question.aspect, set(question.cities)) == (Aspect.GAP, {"leeds", "buffalo"})


def test_of_these_asks_within_the_last_list(dortmund: Town) -> None:
    """Not of all partner cities."""
    turns = [("Welche kamen nach 1990 dazu?", "ask_list"), ("welche davon in Asien?", F)]
    question = last_of(dortmund, turns)
    assert question.filter.continents == ("asia",)
    assert question.filter.cities == ("xian", "trabzon", "kumasi", "schytomyr")


@pytest.mark.parametrize("text", ["Ist Amiens Partnerstadt?", "Ist Cluj-Napoca Partnerstadt?"])
def test_whole_question_takes_nothing_from_the_one_before(dortmund: Town, text: str) -> None:
    """It wants a yes or no, whatever was asked before."""
    question = last_of(dortmund, [("Seit wann ist Leeds dabei?", "ask_since"), (text, "ask_check")])
    assert question.aspect is Aspect.CHECK


@pytest.mark.parametrize("text", ["Welche Partnerstädte gibt es?", "Wie viele Partnerstädte hat Dortmund?"])
def test_question_of_all_is_not_narrowed_by_the_one_before(dortmund: Town, text: str) -> None:
    """After a list of Asia, all are all."""
    question = last_of(dortmund, [("Welche liegen in Asien?", "ask_list"), (text, "ask_list")])
    assert question.filter.empty and not question.cities


def test_how_many_are_these_counts_the_last_list(dortmund: Town) -> None:
    """Six in Europe, not eleven."""
    memory = Memory()
    for text, intent in [("Welche Partnerstädte liegen in Europa?", "ask_list"), ("wie viele sind das?", "ask_count")]:
        said, memory = dortmund.say(text, intent, memory)
    assert said[0].values["count"] == 6


def test_nothing_before_changes_nothing(dortmund: Town) -> None:
    """At the beginning of a conversation."""
    question = Question(aspect=Aspect.SINCE, cities=("leeds",))
    assert merge(question, Context(), dortmund.records, follow_up=False) == question
    assert merge(question, Context(), dortmund.records, follow_up=True) == question


def test_city_still_missing_stays_missing(dortmund: Town) -> None:
    """So that it can be asked for."""
    question = last_of(dortmund, [("seit wann?", "ask_since")])
    assert question.back == "city" and not question.cities


def test_context_survives_the_way_through_a_slot(dortmund: Town) -> None:
    """As plain data and back."""
    _, memory = dortmund.say("Ist Rostock oder Leeds Partnerstadt?", "ask_check")
    _, memory = dortmund.say("Welche liegen in Asien?", "ask_list", memory)
    assert Context.parse_obj(memory.context.dict()) == memory.context
    assert Context.parse_raw(memory.context.json()) == memory.context


def test_rank_points_nowhere_beyond_the_list(dortmund: Town) -> None:
    """The fifth of three is the fifth of all."""
    question = last_of(dortmund, [("Welche liegen in Asien?", "ask_list"), ("die fünfte", F)])
    assert question.aspect is Aspect.RANK
    assert [r.start for r in question.ranks] == [Rank(start=5).start]


# --- what a turn moves, checks and carries on -------------------------------------------------------------------------

MOVED: dict[str, tuple[Turns, int | None, int | None]] = {
    "ten years later": (
        [("Wie viele Partnerstädte gab es 1980?", "ask_count"), ("und zehn Jahre später?", F)],
        1990,
        None,
    ),
    "twenty years earlier": (
        [("Wie viele Partnerstädte gab es 1990?", "ask_count"), ("und zwanzig jahre früher?", F)],
        1970,
        None,
    ),
    "today": ([("Wie viele Partnerstädte gab es 1980?", "ask_count"), ("und heute?", F)], None, None),
    "the decade after": (
        [("Welche kamen in den 70ern dazu?", "ask_list"), ("und im Jahrzehnt danach?", F)],
        None,
        1980,
    ),
}


@pytest.mark.parametrize("turns, existed_in, first", MOVED.values(), ids=MOVED)
def test_time_of_the_question_before_is_moved(
    dortmund: Town, turns: Turns, existed_in: int | None, first: int | None
) -> None:
    """Everything else of it stays."""
    question = last_of(dortmund, turns)
    assert (question.filter.existed_in, question.filter.first) == (existed_in, first)
    assert question.aspect is dortmund.understand(*turns[0]).aspect


def test_year_of_a_jubilee_is_carried_on(dortmund: Town) -> None:
    """ "Wann wird Buffalo 50?", "wie alt wäre dann Zwickau?" asks for 2028."""
    turns = [("Wann wird Buffalo 50?", "ask_jubilee"), ("Wie alt wäre dann Zwickau?", "ask_since")]
    question = last_of(dortmund, turns)
    assert (question.aspect, question.cities, question.year) == (Aspect.AGE, ("zwickau",), 2028)


def test_since_then_asks_for_what_came_later(dortmund: Town) -> None:
    """Than the time asked for before."""
    turns = [("Wie viele waren es zur Jahrtausendwende?", "ask_count"), ("Welche kamen seither hinzu?", F)]
    question = last_of(dortmund, turns)
    assert question.aspect is Aspect.LIST and question.filter.first == 2001


def test_middle_of_an_odd_list_is_pointed_at(dortmund: Town) -> None:
    """Of an even one there is none: the city is asked for."""
    three = [("Ordne Netanya, Amiens und Kumasi nach Alter", "ask_compare"), ("die mittlere", F)]
    assert last_of(dortmund, three).cities == ("netanya",)
    two = [("Wer ist älter, Leeds oder Amiens?", "ask_compare"), ("die mittlere", F)]
    assert last_of(dortmund, two).cities == ()


def test_country_of_those_just_named(dortmund: Town) -> None:
    """Not of all."""
    turns = [("Welche beiden sind die jüngsten?", "ask_rank"), ("aus welchen Ländern kommen sie?", "ask_list")]
    question = last_of(dortmund, turns)
    assert question.aspect is Aspect.COUNTRY and question.cities == ("kumasi", "schytomyr")


def test_year_before_a_jubilee(dortmund: Town) -> None:
    """The same number, one year earlier."""
    turns = [("Wer wird 2028 fünfzig?", "ask_jubilee"), ("und im Jahr davor, wird da eine fünfzig?", "ask_jubilee")]
    assert last_of(dortmund, turns).year == 2027


@pytest.mark.parametrize(
    "asked", ["Welche Stadt liegt zeitlich zwischen den beiden?", "kam da wer zwischen den beiden"]
)
def test_city_between_the_two_that_were_spoken_of(dortmund: Town, asked: str) -> None:
    """A city is asked for, not the time between."""
    question = last_of(dortmund, [("Wann kam Leeds?", "ask_since"), ("und Buffalo?", F), (asked, "ask_rank")])
    assert question.aspect is Aspect.LIST and set(question.between) == {"leeds", "buffalo"}


def test_time_between_the_two_that_were_spoken_of(dortmund: Town) -> None:
    """In years."""
    turns = [
        ("Wann kam Leeds?", "ask_since"),
        ("und Buffalo?", F),
        ("wie lange zwischen den beiden", "ask_compare"),
    ]
    question = last_of(dortmund, turns)
    assert question.aspect is Aspect.GAP and set(question.cities) == {"leeds", "buffalo"}


def test_country_claimed_of_the_city_before(dortmund: Town) -> None:
    """ "In Kroatien, ja?" is a claim about it."""
    question = last_of(dortmund, [("Infos zu Novi Sad", "ask_portrait"), ("in Kroatien, ja?", F)])
    assert question.aspect is Aspect.CHECK and question.cities == ("novi_sad",)
    assert question.filter.countries == ("HR",)


def test_place_that_the_list_before_leaves_out_is_not_denied(dortmund: Town) -> None:
    """Novi Sad is there, whatever was spoken of before."""
    question = last_of(dortmund, [("Welche kamen nach 2000 dazu?", "ask_list"), ("und in Serbien?", F)])
    assert question.filter == Filter(countries=("RS",))


def test_newest_of_all_leaves_the_restriction_before(dortmund: Town) -> None:
    """Not the newest of those in the European Union."""
    turns = [("Welche liegen in der EU?", "ask_list"), ("und welche ist die jüngste von allen?", F)]
    assert last_of(dortmund, turns).filter.empty
