"""From words to a question: aspect, cities, restrictions, ranks, amounts, and what it needs of the question before."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnerstadt.question.model import Amount, Aspect, Context, Filter, Question, Rank
from partnerstadt.question.read import BY_INTENT
from partnerstadt.records.models import Records
from tests.support import Town


@pytest.mark.parametrize(
    ("text", "intent", "aspect"),
    [
        ("Seit wann ist Leeds Partnerstadt?", "ask_since", Aspect.SINCE),
        ("un kumasi, ab wann is dat dabei?", "ask_since", Aspect.SINCE),
        ("In welchem Jahr kam Netanya dazu?", "ask_since", Aspect.SINCE),
        ("leeds jahr", "ask_since", Aspect.SINCE),
        ("gründungsjahr xian", "ask_since", Aspect.SINCE),
        ("wie lange gibts das mit rostow schon", "ask_since", Aspect.DURATION),
        ("Wie viele Jahre besteht die Partnerschaft mit Leeds?", "ask_since", Aspect.DURATION),
        ("In welchem Land liegt Novi Sad?", "ask_country", Aspect.COUNTRY),
        ("wo liegt trabzon", "ask_country", Aspect.COUNTRY),
        ("trabzon land?", "ask_country", Aspect.COUNTRY),
        ("Was für eine Partnerschaft ist Zwickau?", "ask_kind", Aspect.KIND),
        ("Infos zu Trabzon", "ask_portrait", Aspect.PORTRAIT),
        ("erzähl mir was über leeds", "ask_portrait", Aspect.PORTRAIT),
        ("steckbrief xi'an bitte", "ask_portrait", Aspect.PORTRAIT),
        ("Ist Leeds Partnerstadt?", "ask_check", Aspect.CHECK),
        ("Liegt Leeds in Frankreich?", "ask_check", Aspect.CHECK),
        ("Weißt du, ob Leeds dabei ist?", "ask_check", Aspect.CHECK),
        ("Haben wir eine Partnerstadt in der Türkei?", "ask_check", Aspect.CHECK),
        ("gibt es mehr als zehn partnerstädte", "ask_check", Aspect.CHECK),
        ("Welche Partnerstädte gibt es?", "ask_list", Aspect.LIST),
        ("liste aller partnerstädte", "ask_list", Aspect.LIST),
        ("welche nicht in Europa", "ask_list", Aspect.LIST),
        ("Was wurde 1992 geschlossen?", "ask_list", Aspect.LIST),
        ("Wie viele Partnerstädte hat Dortmund?", "ask_count", Aspect.COUNT),
        ("wieviele partnerstädte nicht in europa", "ask_count", Aspect.COUNT),
        ("In welchen Ländern liegen die Partnerstädte?", "ask_list", Aspect.COUNTRIES),
        ("in wie vielen ländern", "ask_count", Aspect.COUNTRIES),
        ("Welche ist die älteste Partnerstadt?", "ask_rank", Aspect.RANK),
        ("neueste partnerstadt", "ask_rank", Aspect.RANK),
        ("die ersten drei", "ask_rank", Aspect.RANK),
        ("welche kam nach Leeds", "ask_rank", Aspect.RANK),
        ("Was ist älter, Leeds oder Buffalo?", "ask_compare", Aspect.COMPARE),
        ("Ist Leeds älter als Buffalo?", "ask_compare", Aspect.COMPARE),
        ("Wie viele Jahre liegen zwischen Leeds und Buffalo?", "ask_compare", Aspect.GAP),
        ("sind es von Netanya bis Trabzon mehr als dreißig Jahre?", "ask_compare", Aspect.GAP),
        ("Stimmt diese Reihenfolge: Amiens, Leeds, Buffalo?", "ask_compare", Aspect.ORDER),
        ("nächstes rundes jubiläum", "ask_jubilee", Aspect.JUBILEE),
        ("welche Jubiläen gibt es 2028", "ask_jubilee", Aspect.JUBILEE),
        ("Wann feiert Leeds 75-jähriges Jubiläum?", "ask_jubilee", Aspect.JUBILEE),
        ("Wie alt war die Partnerschaft mit Amiens im Jahr 2000?", "ask_jubilee", Aspect.AGE),
        ("wie lange wird es mit Leeds 2030 sein", "ask_jubilee", Aspect.AGE),
    ],
)
def test_words_show_what_is_asked(dortmund: Town, text: str, intent: str, aspect: Aspect) -> None:
    """In whole sentences, dialect and key words."""
    assert dortmund.read(text, intent).aspect is aspect


@pytest.mark.parametrize(
    ("text", "aspect"),
    [
        ("Seit wann ist Leeds Partnerstadt?", Aspect.SINCE),
        ("Wo liegt Leeds?", Aspect.COUNTRY),
        ("Wie viele Partnerstädte gibt es?", Aspect.COUNT),
    ],
)
@pytest.mark.parametrize("intent", ["ask_since", "ask_country", "ask_portrait", "ask_count", "follow_up"])
def test_clear_words_outweigh_a_wrong_intent(dortmund: Town, text: str, aspect: Aspect, intent: str) -> None:
    """The classifier may be mistaken where the words are not."""
    assert dortmund.read(text, intent).aspect is aspect


def test_two_aspects_of_one_city_are_both_asked(dortmund: Town) -> None:
    """In one breath."""
    question = dortmund.read("seit wann ist Leeds dabei und in welchem land liegt es", "ask_since")
    assert (question.aspect, question.also) == (Aspect.SINCE, (Aspect.COUNTRY,))
    assert question.cities == ("leeds",)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("welche liegen in Asien", {"continents": ("asia",)}),
        ("welche in Frankreich", {"countries": ("FR",)}),
        ("welche türkischen Partnerstädte", {"countries": ("TR",)}),
        ("welche in Frankreich oder Israel", {"countries": ("FR", "IL")}),
        ("welche liegen in der EU", {"regions": ("eu",)}),
        ("welche nicht in der EU", {"not_regions": ("eu",)}),
        ("welche nicht in Europa", {"not_continents": ("europe",)}),
        ("Welche liegen außerhalb Europas?", {"not_continents": ("europe",)}),
        ("außereuropäische partnerstädte", {"not_continents": ("europe",)}),
        ("welche im ausland", {"foreign": True}),
        ("welche nicht in deutschland", {"foreign": True}),
        ("innerdeutsche Partnerstädte", {"foreign": False}),
        ("alle außer Leeds", {"not_cities": ("leeds",)}),
        ("welche vor 1980", {"last": 1979}),
        ("welche kamen nach 1990 dazu", {"first": 1991}),
        ("welche kamen zwischen 1970 und 1985 dazu", {"first": 1970, "last": 1985}),
        ("welche kamen in den 80ern dazu", {"first": 1980, "last": 1989}),
        ("welche kamen in den siebzigern dazu", {"first": 1970, "last": 1979}),
        ("welche im 20. Jahrhundert", {"first": 1901, "last": 2000}),
        ("welche nach der Wiedervereinigung", {"first": 1991, "period": "reunification"}),
        ("welche vor der Jahrtausendwende", {"last": 1999, "period": "millennium"}),
        ("Was wurde 1992 geschlossen?", {"first": 1992, "last": 1992}),
        ("Wer kam 1977 dazu?", {"first": 1977, "last": 1977}),
        ("Welche gab es 1990 schon?", {"existed_in": 1990}),
        ("welche bestehen länger als 40 jahre", {"last": 1985}),
        ("welche bestehen seit mindestens 40 jahren", {"last": 1986}),
        ("welche bestehen weniger als 10 jahre", {"first": 2017}),
        ("welche kamen in den letzten zehn jahren dazu", {"first": 2016}),
        ("welche in europa kamen nach 1980 dazu", {"continents": ("europe",), "first": 1981}),
        ("welche in Asien vor 2000", {"continents": ("asia",), "last": 1999}),
    ],
)
def test_restriction_becomes_a_filter(dortmund: Town, text: str, fields: dict[str, Any]) -> None:
    """Of place, of time, of both."""
    question = dortmund.read(text, "ask_list")
    assert question.aspect is Aspect.LIST
    assert question.filter == Filter(**fields)


def test_count_in_a_year_asks_for_the_state_then(dortmund: Town) -> None:
    """„Wie viele gab es 1980?“ counts those that had begun."""
    assert dortmund.read("Wie viele Partnerstädte gab es 1980?", "ask_count").filter == Filter(existed_in=1980)


@pytest.mark.parametrize(
    ("text", "start", "count"),
    [
        ("die älteste Partnerstadt", 1, 1),
        ("neueste partnerstadt", -1, 1),
        ("die jüngste", -1, 1),
        ("Welches war die fünfte Partnerstadt?", 5, 1),
        ("die 3. Partnerstadt", 3, 1),
        ("vorletzte partnerstadt", -2, 1),
        ("die ersten drei", 1, 3),
        ("die letzten drei Partnerstädte", -1, 3),
        ("die drei ältesten", 1, 3),
        ("die zwei jüngsten partnerstädte", -1, 2),
        ("letzte partnerstadt", -1, 1),
    ],
)
def test_order_becomes_a_rank(dortmund: Town, text: str, start: int, count: int) -> None:
    """Counted from the oldest, or with a minus from the newest."""
    (rank,) = dortmund.read(text, "ask_rank").ranks
    assert (rank.start, rank.count, rank.city) == (start, count, None)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("die drittälteste Partnerstadt", 3),
        ("zweitälteste", 2),
        ("zweitjüngste Partnerstadt", -2),
        ("die viertneueste", -4),
    ],
)
def test_compound_order_becomes_a_rank(dortmund: Town, text: str, start: int) -> None:
    """„Zweitjüngste“ is neither the oldest nor the youngest."""
    (rank,) = dortmund.read(text, "ask_rank").ranks
    assert rank.start == start


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("welche kam nach Leeds", 1),
        ("welche kam vor Leeds", -1),
        ("wer kam direkt nach Leeds dazu", 1),
        ("Welche kam unmittelbar vor Leeds?", -1),
    ],
)
def test_neighbour_in_the_order_is_a_step(dortmund: Town, text: str, step: int) -> None:
    """From the city that was named."""
    question = dortmund.read(text, "ask_rank")
    (rank,) = question.ranks
    assert (rank.city, rank.step) == ("leeds", step)
    assert question.cities == ()


def test_oldest_may_be_asked_within_a_restriction(dortmund: Town) -> None:
    """The oldest in Asia."""
    question = dortmund.read("älteste Partnerstadt in Asien", "ask_rank")
    assert question.filter == Filter(continents=("asia",)) and question.ranks[0].start == 1


@pytest.mark.parametrize(
    ("text", "op", "number"),
    [
        ("gibt es mehr als zehn partnerstädte", ">", 10),
        ("es sind doch zwölf Partnerstädte, oder?", "=", 12),
        ("Sind es mindestens 11 Partnerstädte?", ">=", 11),
        ("hat Dortmund weniger als 5 Partnerstädte?", "<", 5),
        ("sind es höchstens zehn partnerstädte?", "<=", 10),
    ],
)
def test_claimed_number_of_cities_is_an_amount(dortmund: Town, text: str, op: str, number: int) -> None:
    """To be confirmed or corrected."""
    question = dortmund.read(text, "ask_check")
    assert question.yes_no and question.amount == Amount(op=op, number=number)


@pytest.mark.parametrize(
    ("text", "op", "number"),
    [
        ("Ist Leeds seit mehr als 50 Jahren dabei?", ">", 50),
        ("Gibt es die mit Leeds noch keine 10 Jahre?", "<", 10),
        ("Besteht Leeds seit 57 Jahren?", "=", 57),
    ],
)
def test_claimed_age_of_a_city_is_a_number_of_years(dortmund: Town, text: str, op: str, number: int) -> None:
    """Not a number of cities."""
    question = dortmund.read(text, "ask_check")
    assert question.cities == ("leeds",) and question.years == Amount(op=op, number=number)
    assert question.amount is None


@pytest.mark.parametrize(
    "text",
    [
        "Ist Leeds Partnerstadt?",
        "Weißt du, ob Leeds dabei ist?",
        "Leeds ist doch Partnerstadt",
        "stimmt es dass leeds dabei ist",
        "Leeds ist Partnerstadt, richtig?",
    ],
)
def test_yes_or_no_is_wanted(dortmund: Town, text: str) -> None:
    """By a question, or by a statement to be confirmed."""
    assert dortmund.read(text, "ask_check").yes_no


@pytest.mark.parametrize(
    "text", ["Seit wann ist Leeds dabei?", "Können Sie mir sagen, seit wann Leeds dabei ist?", "Wo liegt Leeds?"]
)
def test_no_yes_or_no_is_wanted(dortmund: Town, text: str) -> None:
    """Politeness is no yes-or-no question."""
    assert not dortmund.read(text, "ask_since").yes_no


def test_place_that_is_no_partner_city_is_kept_apart(dortmund: Town) -> None:
    """With the partner city it may have been meant for."""
    question = dortmund.read("Ist Rostock Partnerstadt?", "ask_check")
    assert (question.cities, question.places, question.near) == ((), ("Rostock",), ("rostow",))


@pytest.mark.parametrize(
    ("text", "newer"), [("was ist älter, leeds oder buffalo", False), ("was ist jünger, leeds oder buffalo", True)]
)
def test_comparison_knows_its_direction(dortmund: Town, text: str, newer: bool) -> None:
    """Older or newer."""
    question = dortmund.read(text, "ask_compare")
    assert (question.newer, question.choice, question.cities) == (newer, True, ("leeds", "buffalo"))


@pytest.mark.parametrize(
    ("text", "intent", "back"),
    [
        ("seit wann?", "ask_since", "city"),
        ("wo liegt das?", "ask_country", "city"),
        ("die anderen?", "follow_up", "others"),
        ("und die beiden?", "follow_up", "both"),
        ("welche davon in Asien?", "follow_up", "list"),
        ("Seit wann ist Leeds dabei?", "ask_since", None),
        ("Welche Partnerstädte gibt es?", "ask_list", None),
        ("Wie viele sind es?", "ask_count", None),
    ],
)
def test_question_says_what_it_needs_of_the_one_before(
    dortmund: Town, text: str, intent: str, back: str | None
) -> None:
    """A city, the others, both, the list, or nothing."""
    assert dortmund.read(text, intent).back == back


@pytest.mark.parametrize(
    "text", ["Wann ist das nächste runde Jubiläum?", "Wann ist das nächste Jubiläum?", "Was ist das nächste Jubiläum?"]
)
def test_next_jubilee_asks_of_all_cities(dortmund: Town, text: str) -> None:
    """„Das“ is an article here, it points to no city."""
    assert dortmund.read(text, "ask_jubilee").back is None


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("und Amiens?", True),
        ("Amiens", True),
        ("und in Asien?", True),
        ("seit 2000?", True),
        ("seit wann ist Amiens dabei", False),
    ],
)
def test_nothing_but_a_name_is_short(dortmund: Town, text: str, short: bool) -> None:
    """Its aspect comes from the question before."""
    assert dortmund.read(text, "follow_up").short is short


def test_correction_leaves_out_what_was_wrong(dortmund: Town) -> None:
    """„Nicht Leeds, sondern Zwickau“ asks about Zwickau."""
    question = dortmund.read("nein, nicht Leeds, sondern Zwickau", "follow_up")
    assert question.cities == ("zwickau",)


def test_question_survives_the_way_through_a_slot(dortmund: Town) -> None:
    """As plain data and back."""
    question = dortmund.read("Ist Leeds seit 1969 die zweite Partnerstadt in Europa?", "ask_check")
    assert Question.parse_obj(question.dict()) == question
    assert Question.parse_raw(question.json()) == question


def test_ranks_are_values(dortmund: Town) -> None:
    """Two equal ones are one."""
    assert Rank(start=1) == Rank() and hash(Rank(start=2)) == hash(Rank(start=2))


WORDS = st.sampled_from(
    [
        "seit",
        "wann",
        "wie",
        "viele",
        "welche",
        "ist",
        "sind",
        "nicht",
        "außer",
        "vor",
        "nach",
        "zwischen",
        "und",
        "oder",
        "die",
        "das",
        "älteste",
        "letzten",
        "drei",
        "1980",
        "2000",
        "40",
        "jahre",
        "mehr",
        "als",
        "Leeds",
        "Amiens",
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
        "land",
        "partnerstadt",
        "partnerstädte",
        "?",
        "zweite",
        "dritte",
        "in",
        "den",
        "80ern",
        "wiedervereinigung",
        "gab",
        "kam",
        "dazu",
        "stimmt",
        "reihenfolge",
        "älter",
        "jünger",
        "doch",
        "wo",
        "warum",
        "nur",
    ]
)


@settings(max_examples=200)
@given(st.lists(WORDS, max_size=10), st.sampled_from(sorted(BY_INTENT)))
def test_no_order_of_words_breaks_it(dortmund: Town, words: list[str], intent: str) -> None:
    """What comes out names only records that exist."""
    question = dortmund.read(" ".join(words), intent)
    known = {p.id for p in dortmund.records.partnerships}
    assert {*question.cities, *question.near, *question.filter.not_cities} <= known
    assert not set(question.cities) & set(question.filter.not_cities) or len(words) > 2


@pytest.mark.parametrize("intent", sorted(BY_INTENT))
def test_every_intent_of_facts_has_a_question_even_without_words(
    dortmund: Town, dortmund_records: Records, intent: str
) -> None:
    """A button may send an intent alone."""
    assert isinstance(dortmund.read("", intent), Question)


@pytest.mark.parametrize(
    "text, intent, cities",
    [
        ("wat kam denn nach der chinesischen als nächstes", "ask_rank", {"xian"}),
        ("weiß wer ob israel länger dabei ist als serbien", "ask_compare", {"netanya", "novi_sad"}),
    ],
)
def test_country_with_one_partner_city_stands_for_it(dortmund: Town, text: str, intent: str, cities: set[str]) -> None:
    """Where places in the order are compared; elsewhere a country restricts."""
    question = dortmund.read(text, intent)
    assert set(question.cities) | {rank.city for rank in question.ranks if rank.city} == cities


def test_country_alone_restricts(dortmund: Town) -> None:
    """It is not taken for its city."""
    assert dortmund.read("Haben wir eine Partnerstadt in China?", "ask_check").filter.countries == ("CN",)


def test_day_and_month_before_a_year_are_left_out(dortmund: Town) -> None:
    """The records hold years only."""
    question = dortmund.read("Wie viele bestanden schon vor dem 3. Oktober 1990?", "ask_count")
    assert (question.filter.last, question.ranks) == (1989, ())


def test_years_claimed_of_several_cities_are_paired(dortmund: Town) -> None:
    """So that each is checked by itself."""
    assert dortmund.read("stimmt das: amiens 1960, leeds 1969, buffalo 1977?", "ask_check").claimed == (
        1960,
        1969,
        1977,
    )


def test_neither_nor_leaves_both_out(dortmund: Town) -> None:
    """Both of the places."""
    question = dortmund.understand("Welche liegen weder in Europa noch in Asien?", "ask_list")
    assert question.filter.not_continents == ("europe", "asia") and not question.filter.continents


@pytest.mark.parametrize(
    "text",
    [
        "Wann jährt sich das mit Leeds zum sechzigsten Mal?",
        "wann feiern die das sechzigste mit leeds",
        "Wir gestalten eine Karte zum 60. von Leeds, in welches Jahr fällt das?",
        "wann sind mit leeds 60 jahre voll",
    ],
)
def test_round_number_in_any_form_asks_for_a_jubilee(dortmund: Town, text: str) -> None:
    """As an ordinal or as a number of years."""
    question = dortmund.understand(text, "ask_since")
    assert question.aspect is Aspect.JUBILEE and question.years == Amount(op="=", number=60)
    assert question.cities == ("leeds",) and question.ranks == ()


def test_new_since_a_time_asks_for_all_of_them(dortmund: Town) -> None:
    """Without a time, for the newest."""
    since = dortmund.understand("Was ist seit der Jahrtausendwende neu hinzugekommen?", "ask_rank")
    assert since.ranks == () and since.filter.first == 2000
    assert dortmund.understand("Was ist ganz neu dazugekommen?", "ask_rank").ranks == (Rank(start=-1),)


def test_count_at_a_moment_counts_those_in_force(dortmund: Town) -> None:
    """Not those that began just then."""
    filter = dortmund.understand("Wie viele waren es zur Jahrtausendwende?", "ask_count").filter
    assert filter.existed_in == 2000 and filter.first is None and filter.last is None


def test_two_digits_after_since_are_a_year(dortmund: Town) -> None:
    """Unless they count partner cities."""
    assert dortmund.understand("leeds ist doch seit 65 partner oder nicht", "ask_check").year == 1965
    assert dortmund.understand("sind es seit 65 Partnerstädten so viele", "ask_check").year is None


def test_place_beside_a_list_of_somewhere_else_is_none_that_is_asked_for(dortmund: Town) -> None:
    """The questionnaire comes from there."""
    question = dortmund.understand("Ein Fragebogen aus Brüssel: welche Partnerstädte liegen in der EU?", "ask_list")
    assert question.places == () and question.filter.regions == ("eu",)


def test_decade_with_most_beginnings_is_counted(dortmund: Town) -> None:
    """The eighties, with three; a decade is asked for, not a year."""
    question = dortmund.understand("in welchem jahrzehnt sind die meisten partnerstädte dazugekommen", "ask_count")
    assert (question.aspect, question.filter.first, question.filter.last) == (Aspect.COUNT, 1980, 1989)
    assert not dortmund.understand("in welchem jahr kamen die meisten dazu", "ask_list").filter.by_time


def test_time_until_the_next_is_the_gap_between_neighbours(dortmund: Town) -> None:
    """From the city named to the one after it."""
    question = dortmund.understand("Wie lange hat es nach Xi'an gedauert, bis die nächste Stadt kam?", "ask_since")
    assert (question.aspect, question.cities) == (Aspect.GAP, ("xian", "trabzon"))


@pytest.mark.parametrize(
    ("text", "aspect"),
    [("liegt leeds in schottland?", Aspect.COUNTRY), ("gibt es eine partnerstadt in wales?", Aspect.LIST)],
)
def test_part_of_a_country_is_neither_confirmed_nor_denied(dortmund: Town, text: str, aspect: Aspect) -> None:
    """The records know the country only."""
    question = dortmund.understand(text, "ask_check")
    assert (question.aspect, question.yes_no) == (aspect, False)


def test_going_ahead_of_a_city_is_coming_before_it(dortmund: Town) -> None:
    """With the verb at the end of the sentence."""
    question = dortmund.understand("Welche Partnerschaft ging der mit Netanya unmittelbar voraus?", "ask_rank")
    assert question.ranks == (Rank(city="netanya", step=-1),)


def test_city_taken_out_of_the_count_is_not_asked_for(dortmund: Town) -> None:
    """Said after it."""
    question = dortmund.understand("wieviele sind im ausland, zwickau also raus", "ask_count")
    assert (question.aspect, question.cities, question.filter.not_cities) == (Aspect.COUNT, (), ("zwickau",))


def test_oldest_stays_a_rank_beside_its_jubilee(dortmund: Town) -> None:
    """The seventieth is no seventieth city."""
    question = dortmund.understand("wann steht bei der ältesten der siebzigste an", "ask_jubilee")
    assert question.ranks == (Rank(start=1),) and question.years == Amount(op="=", number=70)


def test_history_of_a_country_does_not_restrict(dortmund: Town) -> None:
    """It is what somebody writes about."""
    text = "Für eine Arbeit über das vereinte Deutschland: welche kamen nach der Wiedervereinigung dazu?"
    assert dortmund.understand(text, "ask_list").filter.countries == ()


def test_all_with_their_years_are_a_list(dortmund: Town) -> None:
    """Not the question when it began."""
    question = dortmund.understand("brauche die partnerstädte mit land und jahreszahl", "ask_since")
    assert question.aspect is Aspect.LIST


def test_partner_city_at_a_time_told_before_is_one_in_force(dortmund: Town) -> None:
    """Not one that began in those years."""
    text = "Mitte der Siebziger waren wir mal in Leeds. War das damals schon eine Partnerstadt?"
    question = dortmund.understand(text, "ask_check")
    assert (question.cities, question.filter) == (("leeds",), Filter(existed_in=1979))


def test_same_age_as_somebody_is_the_year_of_birth(dortmund: Town) -> None:
    """However the year is told."""
    for text in ("Ich bin Jahrgang 1978. Mit welcher Partnerstadt bin ich gleich alt?", "baujahr 78"):
        filter = dortmund.understand(text, "ask_list").filter
        assert (filter.first, filter.last) == ((1978, 1978) if "gleich alt" in text else (None, None))


def test_number_as_it_was_is_compared_with_today(dortmund: Town) -> None:
    """The year says when it was true."""
    question = dortmund.understand("sind dat immernoch neun städte so wie 2015", "ask_count")
    assert question.amount == Amount(op="=", number=9) and question.filter.empty


def test_belonging_to_the_partner_cities_is_asked_of_the_city_before(dortmund: Town) -> None:
    """The number in it is no claim of its own."""
    assert dortmund.read("Zählt das zu den elf Partnerstädten?", "ask_check").back == "city"


def test_number_in_the_year_of_birth_is_one_in_force(dortmund: Town) -> None:
    """Not of those that began in that year."""
    text = "Ich bin 1975 geboren. Wie viele Partnerstädte hatte Dortmund in dem Jahr schon?"
    question = dortmund.understand(text, "ask_count")
    assert (question.aspect, question.filter) == (Aspect.COUNT, Filter(existed_in=1975))


def test_inner_german_one_counted_too_does_not_restrict(dortmund: Town) -> None:
    """It is one of those asked for."""
    text = "Welche Partnerstädte liegen in der EU, die innerdeutsche bitte mitgezählt?"
    assert dortmund.understand(text, "ask_list").filter.foreign is None


def test_one_in_a_country_is_not_the_city_spoken_of(dortmund: Town) -> None:
    """ "Die in Israel" names another."""
    before = Context(question=Question(aspect=Aspect.SINCE, cities=("amiens",)), cities=("amiens",))
    question = dortmund.understand("die in israel, seit wann is die dabei", "ask_since", before)
    assert question.cities == () and question.filter.countries == ("IL",)


def test_all_but_two_continents_leaves_out_both(dortmund: Town) -> None:
    """The exclusion goes on behind "und"."""
    filter = dortmund.understand("alle außer den europäischen und den asiatischen", "ask_list").filter
    assert set(filter.not_continents) == {"europe", "asia"} and filter.continents == ()


def test_after_one_and_before_another_is_between_them(dortmund: Town) -> None:
    """However the two are joined."""
    question = dortmund.understand("Kam nach Xi'an und vor Trabzon noch eine andere dazu?", "ask_compare")
    assert question.between == ("xian", "trabzon")


def test_list_from_the_newest_on_names_no_city_of_its_own(dortmund: Town) -> None:
    """The city in it says only where the list ends."""
    text = "Zähl die Partnerstädte rückwärts auf, neueste zuerst, Amiens ganz am Schluss."
    question = dortmund.understand(text, "ask_rank")
    assert (question.aspect, question.cities, question.ranks) == (Aspect.LIST, (), ()) and question.newest_first


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("welche partnerstadt fängt mit B an", ("b",)),
        ("die Partnerstädte, die mit Z oder mit T anfangen", ("z", "t")),
        ("womit fing die Partnerschaft mit Leeds an", ()),
    ],
)
def test_names_are_asked_for_by_their_first_letter(dortmund: Town, text: str, letters: tuple[str, ...]) -> None:
    """One letter or several."""
    assert dortmund.read(text, "ask_list").filter.initials == letters


@pytest.mark.parametrize(
    "text", ["Alle Partnerstädte nach Dauer sortiert, die älteste zuerst", "alle städte von der ältesten zur jüngsten"]
)
def test_sorted_list_is_no_question_of_rank(dortmund: Town, text: str) -> None:
    """All are wanted, not the first."""
    question = dortmund.read(text, "ask_rank")
    assert question.aspect is Aspect.LIST and not question.ranks


def test_mayor_is_no_whether(dortmund: Town) -> None:
    """ "Vom OB" asks for no yes or no."""
    assert not dortmund.read("fürs grußwort vom OB: wie viele jahre sind es mit zwickau", "ask_since").yes_no


def test_more_than_one_is_an_amount(dortmund: Town) -> None:
    """Though the number is only an article."""
    assert dortmund.read("Gibt es mehr als eine Partnerstadt in den USA?", "ask_check").amount == Amount(
        op=">", number=1
    )


def test_am_i_right_points_to_no_city(dortmund: Town) -> None:
    """ "Sehe ich das richtig, dass ..." is a check of what follows."""
    question = dortmund.read("Sehe ich das richtig, dass zwischen 1993 und 2013 keine dazukam?", "ask_check")
    assert question.aspect is Aspect.CHECK and question.back is None


@pytest.mark.parametrize(
    "text",
    [
        "Kam Zwickau vor oder nach der Wende dazu?",
        "Ist Zwickau seit 1987 oder 1988 dabei?",
        "Wir haben bei Zwickau 1990 gedruckt. Müssen wir das berichtigen?",
    ],
)
def test_question_without_yes_or_no_gets_the_year(dortmund: Town, text: str) -> None:
    """A choice between two times, or whether something printed is to be corrected."""
    question = dortmund.read(text, "ask_check")
    assert (question.aspect, question.yes_no) == (Aspect.SINCE, False)


def test_either_of_two_years_restricts_a_list(dortmund: Town) -> None:
    """Where no city is named, both are meant."""
    assert dortmund.read("Welche kamen 1981 oder 1982 dazu?", "ask_list").aspect is Aspect.LIST


def test_country_taken_out_is_left_out(dortmund: Town) -> None:
    """Like a city that is taken out; without the own country, those abroad are left."""
    assert dortmund.read("China herausgerechnet, wie viele sind es?", "ask_count").filter.not_countries == ("CN",)
    assert dortmund.read("Deutschland herausgerechnet, wie viele sind es?", "ask_count").filter == Filter(foreign=True)


def test_years_or_more_are_a_least_span(dortmund: Town) -> None:
    """Those of exactly that age are in it."""
    assert dortmund.read("Welche bestehen 50 Jahre oder mehr?", "ask_list").filter == Filter(last=1976)


def test_year_of_a_period_said_twice_restricts_once(dortmund: Town) -> None:
    """What was in force then is asked for."""
    question = dortmund.read("Welche Partnerschaften bestanden bereits, als 1989 die Mauer fiel?", "ask_list")
    assert (question.filter.existed_in, question.filter.first, question.filter.last) == (1989, None, None)


def test_city_with_so_many_years_in_a_year_has_a_jubilee(dortmund: Town) -> None:
    """The year may be to come."""
    question = dortmund.read("Mit welcher Stadt sind es 2027 genau 50 Jahre?", "ask_jubilee")
    assert question.aspect is Aspect.JUBILEE


@pytest.mark.parametrize("text", ["alle von neu nach alt", "Liste, angefangen bei der jüngsten"])
def test_list_may_begin_with_the_newest(dortmund: Town, text: str) -> None:
    """However that is said."""
    assert dortmund.read(text, "ask_list").newest_first


def test_without_the_own_country_and_another_leaves_out_both(dortmund: Town) -> None:
    """Those abroad are left, but for the other country."""
    question = dortmund.read("wie viele sinds ohne die in deutschland und ohne israel", "ask_count")
    assert question.filter == Filter(foreign=True, not_countries=("IL",))


def test_successor_of_a_city_came_after_it(dortmund: Town) -> None:
    """It is no portrait of the city."""
    question = dortmund.read("Wer ist der Nachfolger von Xi'an in der Reihenfolge?", "ask_rank")
    assert question.aspect is Aspect.RANK


def test_year_with_several_beginnings_needs_the_list(dortmund: Town) -> None:
    """Its years show whether there is one."""
    assert dortmund.read("in welchem jahr kamen zwei städte dazu", "ask_rank").aspect is Aspect.LIST
