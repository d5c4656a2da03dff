"""Names in a text: found in spite of typos, dialect and foreign spellings, and never mistaken for another city."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnerstadt.question.names import Gazetteer, Mention
from partnerstadt.records.models import Records
from tests.support import FEW_WORDS, Town

CITIES = {
    "amiens": ["Amiens", "amiens", "AMIENS", "amien", "Amjens", "amins"],
    "leeds": ["Leeds", "leeds", "Lieds", "leedz", "leets", "Leads"],
    "rostow": ["Rostow am Don", "rostow", "Rostov", "Rostov-on-Don", "rostoff", "Ростов-на-Дону", "rostow a. d."],
    "buffalo": ["Buffalo", "bufalo", "Büffalo", "buffallo", "buffelo"],
    "netanya": ["Netanya", "Netanja", "natania", "Nethanya", "נתניה"],
    "novi_sad": ["Novi Sad", "novi sad", "Nowi Sad", "novisad", "Neusatz", "Újvidék", "Нови Сад"],
    "zwickau": ["Zwickau", "zwikau", "zwickaus", "Zwickauer", "zwigge", "Zwicka"],
    "xian": ["Xi'an", "Xian", "xi an", "Xi’an", "Xi´an", "xi-an", "西安"],
    "trabzon": ["Trabzon", "trapzon", "Trabson", "Trapezunt", "Trebizond"],
    "kumasi": ["Kumasi", "kumassi", "Kumasis", "coomassie"],
    "schytomyr": ["Schytomyr", "Zhytomyr", "schitomir", "Житомир", "shitomir", "schytomir"],
    "cluj_napoca": ["Cluj-Napoca", "cluj", "Klausenburg", "cluj napoca", "Kolozsvár"],
}


@pytest.mark.parametrize(("id", "typed"), [(id, typed) for id, all_typed in CITIES.items() for typed in all_typed])
@pytest.mark.parametrize("frame", ["Seit wann ist {} Partnerstadt?", "{}?", "un {}", "was ist mit {}"])
def test_city_is_found_however_it_is_typed(dortmund: Town, id: str, typed: str, frame: str) -> None:
    """Alone, in a sentence, at its end."""
    assert ("city", id) in dortmund.named(frame.format(typed))


@pytest.mark.parametrize(
    "place",
    [
        "Rostock",
        "Leer",
        "Amman",
        "Paris",
        "Lyon",
        "Berlin",
        "Novi Pazar",
        "Novi Beograd",
        "Rostow Weliki",
        "Bochum",
        "Leipzig",
        "Kumanovo",
        "Zwolle",
        "Essen",
    ],
)
def test_other_place_is_never_taken_for_a_partner_city(dortmund: Town, place: str) -> None:
    """Not even where its name is close."""
    found = dortmund.named(f"Ist {place} Partnerstadt?")
    assert not [value for kind, value in found if kind == "city"]
    assert [kind for kind, _ in found] == ["place"]


@pytest.mark.parametrize(
    "text", ["Novi Saad", "Rostow Am Donn", "ROSTOW SEIT WANN", "Buffalo Partnerstdt", "novi partnerstdt"]
)
def test_misspelt_rest_of_a_name_is_no_other_place(dortmund: Town, text: str) -> None:
    """Nor is a misspelt word behind it."""
    assert [kind for kind, _ in dortmund.named(text)] == ["city"]


@pytest.mark.parametrize("text", ["Netanyahu", "krieg ich da Rabatt?"])
def test_longer_name_and_verb_name_nothing(dortmund: Town, text: str) -> None:
    """A statesman is no typo of a city, and who gets something asks of no war."""
    assert not [value for kind, value in dortmund.named(text) if kind in ("city", "period")]


@pytest.mark.parametrize(
    ("place", "near"), [("Rostock", "rostow"), ("Amman", "amiens"), ("Novi Beograd", "novi_sad"), ("Paris", None)]
)
def test_place_that_sounds_like_a_partner_city_says_which(dortmund: Town, place: str, near: str | None) -> None:
    """So that it can be asked back."""
    (mention,) = dortmund.mentions(f"Ist {place} Partnerstadt?")
    assert (mention.value, mention.near) == (place, near)


@pytest.mark.parametrize(
    "text",
    [
        "Was gibt es heute zu essen?",
        "Die Halle ist leer.",
        "Ich meine das ernst",
        "wie lange noch",
        "guten morgen zusammen",
        "danke das war sehr nett von dir",
        "Ich will mich beschweren",
        "Wer kann mir weiter helfen",
        "das hat sich gelohnt",
        "kann ich hier einen termin machen",
        "Sie sind wirklich nicht sehr klug",
        "in der stadt und auf dem land",
    ],
)
def test_ordinary_words_are_no_names(dortmund: Town, text: str) -> None:
    """„Essen“, "Halle" and "leer" are words first."""
    assert dortmund.mentions(text) == []


@pytest.mark.parametrize("text", ["is dat ne partnerstadt", "wat is dat denn", "seit wann is dat dabei", "und dat?"])
def test_dialect_words_are_no_places(dortmund: Town, text: str) -> None:
    """Although somewhere there is a place of that name."""
    assert dortmund.mentions(text) == []


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("in Frankreich", "FR"),
        ("eine französische Partnerstadt", "FR"),
        ("in der Türkei", "TR"),
        ("türkische Städte", "TR"),
        ("in der tuerkei", "TR"),
        ("in England", "GB"),
        ("in Großbritannien", "GB"),
        ("grossbritannien", "GB"),
        ("in den USA", "US"),
        ("in Amerika", "US"),
        ("bei den Chinesen", "CN"),
        ("in Polen", "PL"),
        ("aus der Ukraine", "UA"),
        ("in Isreal", "IL"),
        ("🇫🇷", "FR"),
        ("🇬🇭 dabei?", "GH"),
        ("in der Schweiz", "CH"),
        ("japanische Partnerstadt", "JP"),
    ],
)
def test_country_is_found_by_name_adjective_people_and_flag(dortmund: Town, text: str, iso: str) -> None:
    """With its usual typos."""
    assert ("country", iso) in dortmund.named(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("in Europa", ("continent", "europe")),
        ("außerhalb Europas", ("continent", "europe")),
        ("europäische Partnerstädte", ("continent", "europe")),
        ("in Asien", ("continent", "asia")),
        ("in Afrika", ("continent", "africa")),
        ("in der EU", ("region", "eu")),
        ("in der Europäischen Union", ("region", "eu")),
        ("nach der Wiedervereinigung", ("period", "reunification")),
        ("seit dem Mauerfall", ("period", "fall_of_the_wall")),
        ("nach dem Zweiten Weltkrieg", ("period", "world_war")),
        ("vor der Jahrtausendwende", ("period", "millennium")),
        ("hat Dortmund", ("home", "home")),
        ("dortmunder Partnerstädte", ("home", "home")),
        ("Was ist Fairtrade?", ("topic", "fairtrade_town")),
        ("die 17 UN-Ziele", ("topic", "un_goals")),
        ("Jeder Tropfen zählt", ("topic", "every_drop_counts")),
        ("zum brexit", ("topic", "brexit")),
        ("Seniorenbeirat", ("topic", "senior_council")),
        ("Unionsbürger*innen", ("topic", "eu_citizens")),
        ("Faire Kulturhauptstadt", ("topic", "fair_capital_of_culture")),
    ],
)
def test_other_names_are_found(dortmund: Town, text: str, name: tuple[str, str]) -> None:
    """Continents, regions, periods, the home city and topics."""
    assert name in dortmund.named(text)


@pytest.mark.parametrize("text", ["us?", "ich frag für us", "so de mit", "it is so", "am do", "in no"])
def test_two_small_letters_are_no_country_where_german_has_such_a_word(dortmund: Town, text: str) -> None:
    """ISO codes are no names."""
    found = [value for kind, value in dortmund.named(text) if kind == "country"]
    assert set(found) <= {"US"}


def test_several_cities_come_in_their_order(dortmund: Town) -> None:
    """As they were typed."""
    text = "Wer war zuerst: xian, Leeds oder doch Novi Sad?"
    assert [m.value for m in dortmund.mentions(text) if m.kind == "city"] == ["xian", "leeds", "novi_sad"]


def test_longest_name_wins(dortmund: Town) -> None:
    """„Rostow am Don“ is one name, not a short one and two words."""
    (mention,) = dortmund.mentions("Rostow am Don?")
    assert mention.text == "Rostow am Don"


def test_city_and_its_country_are_two_names(dortmund: Town) -> None:
    """Said together."""
    assert dortmund.named("Leeds in England") == [("city", "leeds"), ("country", "GB")]


def test_place_is_named_as_typed_but_with_capitals(dortmund: Town) -> None:
    """The answer repeats it."""
    (mention,) = dortmund.mentions("ist bad homburg partnerstadt") or [None]
    assert mention is None or mention.value[0].isupper()
    assert dortmund.mentions("ist lyon partnerstadt")[0].value == "Lyon"


def test_mention_survives_the_way_through_rasa(dortmund: Town) -> None:
    """As an entity and back."""
    for mention in dortmund.mentions("Ist Rostock oder Leeds in England Partnerstadt?"):
        assert Mention.from_dict(mention.to_dict()) == mention


def test_nothing_is_found_in_nothing(dortmund: Town) -> None:
    """An empty text, marks, emojis."""
    for text in ("", "   ", "?", "!!!", "😀😀", "\n\n"):
        assert dortmund.mentions(text) == []


def fits(text: str, mentions: list[Mention]) -> bool:
    """Whether mentions come in order, do not overlap, and lie where they say."""
    ends = [0, *(m.end for m in mentions)]
    inside = all(text[m.start : m.end] == m.text and m.start < m.end for m in mentions)
    return inside and all(m.start >= end for m, end in zip(mentions, ends, strict=False))


WORDS = st.sampled_from(
    [name for names in CITIES.values() for name in names]
    + [
        "Rostock",
        "Novi",
        "Sad",
        "Türkei",
        "EU",
        "in",
        "der",
        "und",
        "🇫🇷",
        "🇬🇧🇩🇪",
        "Dortmund",
        "Fairtrade",
        "1969",
        ",",
        "?",
        "Krieg",
    ]
)


@pytest.fixture(scope="module")
def small(dortmund_records: Records) -> Gazetteer:
    """Dortmund's names with only a few ordinary words."""
    return Gazetteer(dortmund_records, FEW_WORDS)


@given(st.lists(WORDS, max_size=9), st.sampled_from([" ", "-", ", ", "  ", "\n"]))
def test_mentions_never_overlap_and_lie_where_they_say(small: Gazetteer, words: list[str], between: str) -> None:
    """However names stand side by side."""
    text = between.join(words)
    assert fits(text, small.find(text))


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_no_text_breaks_the_search(small: Gazetteer, text: str) -> None:
    """Not even one in no alphabet at all."""
    assert fits(text, small.find(text))


@settings(max_examples=40)
@given(st.sampled_from(sorted(CITIES)), st.data())
def test_one_doubled_letter_is_forgiven(dortmund: Town, id: str, data: st.DataObject) -> None:
    """The commonest typo, in any name longer than five letters."""
    name = CITIES[id][0]
    if len(name) < 6:
        return
    at = data.draw(st.integers(1, len(name) - 1).filter(lambda i: name[i].isalpha()))
    typed = name[:at] + name[at] + name[at:]
    assert ("city", id) in dortmund.named(f"seit wann ist {typed} dabei")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("is rom ne partnerstadt??", "Rom"),
        ("Stimmt es, dass die israelische Partnerstadt Dortmunds Haifa ist?", "Haifa"),
    ],
)
def test_place_is_known_by_its_german_name_and_at_the_end_of_a_clause(dortmund: Town, text: str, place: str) -> None:
    """So that it is denied and not passed over."""
    assert place in [mention.value for mention in dortmund.mentions(text) if mention.kind == "place"]


@pytest.mark.parametrize(
    "text",
    [
        "Ab welchem Jahr ist Lindenbrück an der Wolga unsere Partnerstadt?",
        "ist lindenbrück eigentlich auch eine partnerstadt",
    ],
)
def test_name_that_nobody_knows_is_a_place_where_only_one_can_stand(dortmund: Town, text: str) -> None:
    """An invented city is denied, not passed over."""
    assert [m.value for m in dortmund.mentions(text) if m.kind == "place"] == ["Lindenbrück"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("mein kumpel meint birmingham wär partnerstadt von do", "Birmingham"),
        ("ey is leer auch bei den partnerstädten dabei", "Leer"),
        ("Ist Venedig eine Partnerstadt?", "Venedig"),
        ("Wann begann die Städtepartnerschaft zwischen Dortmund und Venedig?", "Venedig"),
        ("Erzähl mir was über unsere Partnerstadt Lindenfurt an der Eller.", "Lindenfurt"),
        ("In welchem Land liegt die Partnerstadt Bad Klöterbach noch mal?", "Klöterbach"),
        ("sind wir mit kalinbrück auch verschwistert", "Kalinbrück"),
        ("Seit wann ist eigentlich Wien Partnerstadt?", "Wien"),
        ("Warum hat Dortmund die Partnerschaft mit Venedig beendet?", "Venedig"),
    ],
)
def test_place_said_to_be_a_partner_city_is_one(dortmund: Town, text: str, place: str) -> None:
    """Even one that is an ordinary word."""
    assert place in [mention.value for mention in dortmund.mentions(text) if mention.kind == "place"]


@pytest.mark.parametrize("text", ["Okay, auf Deutsch: seit wann?", "sprichst du türkisch"])
def test_language_is_no_country(dortmund: Town, text: str) -> None:
    """ "Auf Deutsch" asks for nothing in Germany."""
    assert not [m for m in dortmund.mentions(text) if m.kind == "country"]


@pytest.mark.parametrize(
    ("text", "iso"), [("Wir fahren nach Nordfrankreich.", "FR"), ("in südengland", None), ("Südkorea", "KR")]
)
def test_part_of_a_country_by_its_direction_is_that_country(dortmund: Town, text: str, iso: str | None) -> None:
    """But a country whose name begins so stays itself."""
    found = [m.value for m in dortmund.mentions(text) if m.kind == "country"]
    assert found == ([iso] if iso else found)


def test_rare_verb_is_no_misspelt_country(dortmund: Town) -> None:
    """It may snow in Sweden, but not here."""
    assert dortmund.named("wird es morgen schneien") == []
