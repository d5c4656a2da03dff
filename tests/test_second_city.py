"""Another city, and a city more, are answered for by their records alone: no change of code, no training."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from partnerstadt.question.names import Lexis
from partnerstadt.records.models import Kind, Records
from tests.support import DORTMUND, TODAY, Town, keys, with_partnership

# --- the made-up city -------------------------------------------------------------------------------------------------


def test_fixture_differs_from_dortmund_in_everything_that_matters(musterstadt: Town, dortmund_records: Records) -> None:
    """Other home, other number, other countries, other names, other subjects beside the page's."""
    made_up = musterstadt.records
    assert made_up.city.name != dortmund_records.city.name
    assert len(made_up.partner_cities) == 7
    foreign = {p.country for p in made_up.partner_cities} - {"DE"}
    assert not foreign & {p.country for p in dortmund_records.partnerships}
    assert not {p.name for p in made_up.partnerships} & {p.name for p in dortmund_records.partnerships}
    assert {t.id for t in made_up.topics if t.group == "page"} == {
        t.id for t in dortmund_records.topics if t.group == "page"
    }
    assert len([t for t in made_up.topics if t.group == "neighbour"]) == 2
    assert any(len(p.name.split()) == 3 for p in made_up.partner_cities) and any(
        "'" in p.name for p in made_up.partner_cities
    )
    assert [p.kind for p in made_up.partnerships if p.id == "vale_do_sobral"] == [Kind.FREUNDSCHAFT]


def test_fixture_names_are_no_places_of_the_world(musterstadt: Town, lexis: Lexis) -> None:
    """They are made up; nobody's city is spoken of."""
    assert not [p.name for p in musterstadt.records.partnerships if p.name.casefold() in lexis.places]


SAID: dict[str, tuple[str, str, str, str]] = {
    "since": ("Seit wann ist Koskelampi Partnerstadt?", "ask_since", "utter_since", "1966"),
    "three words": ("seit wann ist castel san brano dabei", "ask_since", "utter_since", "1958"),
    "three words, run together": ("seit wann ist castelsanbrano dabei", "ask_since", "utter_since", "1958"),
    "short name": ("un san brano seit wann", "ask_since", "utter_since", "1958"),
    "typo in three words": ("seit wann kastel san brano", "ask_since", "utter_since", "1958"),
    "apostrophe": ("Seit wann ist M'Boussa dabei?", "ask_since", "utter_since", "2003"),
    "other apostrophe": ("seit wann ist M’Boussa dabei?", "ask_since", "utter_since", "2003"),
    "no apostrophe": ("seit wann ist mboussa dabei", "ask_since", "utter_since", "2003"),
    "apostrophe as a space": ("seit wann ist m boussa dabei", "ask_since", "utter_since", "2003"),
    "no accent": ("seit wann ist wielkobor dabei", "ask_since", "utter_since", "1996"),
    "alias": ("Seit wann ist Großheide Partnerstadt?", "ask_since", "utter_since", "1996"),
    "typo": ("seit wann ist koskelampi dabei", "ask_since", "utter_since", "1966"),
    "two typos": ("seit wan is koskelammpy dabei", "ask_since", "utter_since", "1966"),
    "duration": ("wie lange gibts das mit minashiro schon", "ask_since", "utter_duration", "36 Jahre"),
    "country": ("In welchem Land liegt M'Boussa?", "ask_country", "utter_country", "im Senegal"),
    "inner-German": ("Was für eine Partnerschaft ist Brunnthalheim?", "ask_kind", "utter_kind_inner_german", "1990"),
    "all": ("Welche Partnerstädte gibt es?", "ask_list", "utter_list_all", "Castel San Brano"),
    "count": ("Wie viele Partnerstädte hat Musterstadt?", "ask_count", "utter_count_all", "7"),
    "there": ("Haben wir eine Partnerstadt in Japan?", "ask_check", "utter_exists_yes", "Minashiro"),
    "by adjective": ("gibt es eine polnische Partnerstadt", "ask_check", "utter_exists_yes", "Wielkobór"),
    "not there": ("Haben wir eine Partnerstadt in Frankreich?", "ask_check", "utter_exists_no", "Frankreich"),
    "ended there": ("Gibt es eine in Ungarn?", "ask_check", "utter_exists_other_kind", "Tormaszeg"),
    "friendship there": ("Gibt es eine in Portugal?", "ask_check", "utter_exists_other_kind", "Vale do Sobral"),
    "outside Europe": ("Welche liegen nicht in Europa?", "ask_list", "utter_list", "M'Boussa"),
    "EU": ("Welche liegen in der EU?", "ask_list", "utter_list", "Koskelampi"),
    "period": ("welche nach der Wiedervereinigung", "ask_list", "utter_list", "Wielkobór"),
    "oldest": ("Welche ist die älteste Partnerstadt?", "ask_rank", "utter_oldest", "Castel San Brano"),
    "newest": ("neueste partnerstadt", "ask_rank", "utter_newest", "M'Boussa"),
    "third": ("Welches ist die dritte Partnerstadt?", "ask_rank", "utter_nth", "Ballycorran"),
    "eighth": ("Welches ist die achte Partnerstadt?", "ask_rank", "utter_rank_none", "7"),
    "after": ("welche kam nach castel san brano", "ask_rank", "utter_after", "Koskelampi"),
    "older": ("Was ist älter, M'Boussa oder Koskelampi?", "ask_compare", "utter_compare", "Koskelampi"),
    "same year": ("Was ist älter, Minashiro oder Brunnthalheim?", "ask_compare", "utter_compare_same", "1990"),
    "gap": ("Wie viele Jahre liegen zwischen Koskelampi und Wielkobór?", "ask_compare", "utter_gap", "30 Jahre"),
    "jubilees": ("welche Jubiläen gibt es 2028", "ask_jubilee", "utter_jubilees_in", "70 Jahre"),
    "partner city": ("Ist Minashiro Partnerstadt?", "ask_check", "utter_check_yes", "Japan"),
    "resting": ("Ist Ballycorran Partnerstadt?", "ask_check", "utter_check_resting", "1973"),
    "portrait of a resting one": ("infos zu ballycorran", "ask_portrait", "utter_resting", "1973"),
    "ended": ("Ist Tormaszeg Partnerstadt?", "ask_check", "utter_check_ended", "2012"),
    "since, ended": ("Seit wann ist Tormaszeg Partnerstadt?", "ask_since", "utter_ended", "1975"),
    "friendship": ("Ist Vale do Sobral Partnerstadt?", "ask_check", "utter_check_other_kind_no", "Freundschaft"),
    "wrong number": ("es sind doch elf Partnerstädte, oder?", "ask_check", "utter_check_count_no", "7"),
    "Dortmund's partner city": ("Ist Leeds Partnerstadt?", "ask_check", "utter_no_partner", "Leeds"),
    "Dortmund itself": ("Ist Dortmund Partnerstadt?", "ask_check", "utter_no_partner", "Dortmund"),
    "purpose": ("Wozu gibt es Partnerstädte?", "explain_purpose", "utter_topic", "Freundschaften über Grenzen"),
    "own topic": ("Was ist das Laternenfest?", "ask_topic", "utter_topic_with_link", "Laternenfest"),
    "other topic": ("wie ist das mit der fahrradspende", "ask_topic", "utter_topic", "Fahrräder"),
    "phone": ("Wie ist die Telefonnummer?", "ask_contact_detail", "utter_contact_phone", "0000/000000"),
    "mail": ("mailadresse?", "ask_contact_detail", "utter_contact_email", "partnerstaedte@example.org"),
    "hours": (
        "Wann ist geöffnet, wie sind die Öffnungszeiten?",
        "ask_contact_detail",
        "utter_contact_opening_hours",
        "9 bis 12",
    ),
    "greeting": ("hallo", "greet", "utter_greet", "Musterstadt"),
}


@pytest.mark.parametrize(("text", "intent", "response", "fact"), SAID.values(), ids=list(SAID))
def test_same_kinds_of_question_are_answered(
    musterstadt: Town, text: str, intent: str, response: str, fact: str
) -> None:
    """By the made-up city's own facts."""
    said = musterstadt.answer(text, intent)
    assert response in keys(said)
    assert fact in " ".join(str(value) for utterance in said for value in utterance.values.values())


def test_count_then_holds_the_one_that_ended(musterstadt: Town) -> None:
    """In 1980 there were four, one of which is none today."""
    (utterance,) = musterstadt.answer("Wie viele Partnerstädte gab es 1980?", "ask_count")
    assert utterance.values["count"] == 4 and "Tormaszeg" in str(utterance.values["items"])


def test_conversation_goes_on_there_too(musterstadt: Town) -> None:
    """With names of three words and with an apostrophe."""
    turns = [
        ("Seit wann ist Castel San Brano dabei?", "ask_since"),
        ("und m'boussa?", "follow_up"),
        ("in welchem land liegt das?", "ask_country"),
        ("die anderen?", "follow_up"),
    ]
    replies = musterstadt.talk(turns)
    assert [said[0].response for said in replies] == ["utter_since", "utter_since", "utter_country", "utter_list_these"]
    assert replies[1][0].values["city"] == "M'Boussa" and replies[3][0].values["count"] == 5


def test_nothing_of_dortmund_is_ever_said(musterstadt: Town, dortmund_records: Records) -> None:
    """In no value of any answer."""
    names = [p.name for p in dortmund_records.partnerships] + ["44135", "Oberbürgermeisters"]
    for text, intent, response, _ in SAID.values():
        if response == "utter_no_partner":
            continue
        said = " ".join(str(v) for u in musterstadt.answer(text, intent) for v in (*u.values.values(), *u.buttons))
        assert [name for name in [*names, "Dortmund"] if name in said] == [], text


def test_resting_that_is_recorded_is_said(musterstadt: Town) -> None:
    """„Dazu liegen mir keine Angaben vor“ would be wrong where a source says it."""
    said = musterstadt.answer("Ruht die Partnerschaft mit Ballycorran?", "ask_unrecorded")
    assert "utter_unrecorded" not in keys(said)


# --- a twelfth city for Dortmund --------------------------------------------------------------------------------------

TWELFTH = {
    "id": "minashiro",
    "name": "Minashiro",
    "aliases": ["Minasiro"],
    "country": "JP",
    "country_label": "Japan",
    "kind": "Partnerschaft",
    "since": {"year": 2026},
    "location": {"continent": "asia", "latitude": 35.4, "longitude": 137.1, "source": "geography"},
    "source": "page",
    "review_by": dt.date(2027, 11, 30),
}


@pytest.fixture(scope="module")
def twelve(tmp_path_factory: pytest.TempPathFactory, lexis: Lexis) -> Town:
    """Dortmund's records with a made-up twelfth city."""
    folder: Path = tmp_path_factory.mktemp("twelve") / "city"
    return Town(with_partnership(DORTMUND, folder, TWELFTH), lexis)


@pytest.mark.parametrize(
    "text", ["Seit wann ist Minashiro Partnerstadt?", "minasiro seit wann", "seid wann is Minashirro dabei"]
)
def test_twelfth_city_is_found(twelve: Town, text: str) -> None:
    """By name, alias and typo."""
    said = twelve.answer(text, "ask_since")
    assert (said[0].response, said[0].values["city"], said[0].values["year"]) == ("utter_since", "Minashiro", 2026)


@pytest.mark.parametrize(
    ("text", "intent", "response", "count"),
    [
        ("Wie viele Partnerstädte hat Dortmund?", "ask_count", "utter_count_all", 12),
        ("Welche Partnerstädte gibt es?", "ask_list", "utter_list_all", 12),
        ("Wie viele liegen in Asien?", "ask_count", "utter_count", 4),
        ("Gibt es eine in Japan?", "ask_check", "utter_exists_yes", 1),
        ("Es sind doch elf Partnerstädte, oder?", "ask_check", "utter_check_count_no", 12),
        ("In wie vielen Ländern liegen die Partnerstädte?", "ask_count", "utter_countries", 12),
    ],
)
def test_twelfth_city_is_counted(twelve: Town, text: str, intent: str, response: str, count: int) -> None:
    """Everywhere that cities are counted."""
    (utterance,) = twelve.answer(text, intent)
    assert (utterance.response, utterance.values["count"]) == (response, count)
    assert "Minashiro" in str(utterance.values["items"])


def test_twelfth_city_is_the_newest(twelve: Town) -> None:
    """It began last."""
    (utterance,) = twelve.answer("Welche ist die neueste Partnerstadt?", "ask_rank")
    assert "Minashiro" in str(utterance.values["items"])


def test_city_of_this_year_has_no_zero_years(twelve: Town) -> None:
    """It has not been one for "0 Jahre"."""
    said = twelve.answer("Seit wann ist Minashiro dabei?", "ask_since")
    assert "0" not in str(said[0].values["years"])


def test_check_notices_that_the_page_speaks_of_eleven(twelve: Town, tmp_path: Path) -> None:
    """A warning, which keeps nothing from starting."""
    from partnerstadt.records.check import check_folder, errors_in
    from tests.support import change, copy_of

    folder = copy_of(DORTMUND, tmp_path / "city")
    change(folder / "partnerships.yml", lambda raw: raw["partnerships"].append(TWELFTH))
    (finding,) = check_folder(folder, TODAY)
    assert finding.startswith("partnerships.yml: partnerships: ") and "12" in finding and "11" in finding
    assert errors_in(folder, TODAY) == []
