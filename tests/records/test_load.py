"""Every kind of finding, each with its file, its field and what is wrong."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnerstadt.records.load import REQUIRED_FILES, Finding, RecordsError, load_records, read_records, read_world
from tests.records.small_city import FILES, LATER, OFFICE, TODAY, TOPIC, SmallCity
from tests.support import SMALL_WORLD

Changes = Callable[[SmallCity], object]


def only(findings: list[Finding]) -> Finding:
    """The one finding there is."""
    assert len(findings) == 1, list(map(str, findings))
    return findings[0]


def test_valid_city_has_no_finding(city: SmallCity) -> None:
    """And gives records."""
    records, findings = city.read()
    assert findings == []
    assert records is not None and records.city.name == "Kleinstadt"


def update(**fields: object) -> Changes:
    """Change fields of the first partnership."""
    return lambda city: city.first.update(fields)


def add(file: str, entry: dict[str, Any]) -> Changes:
    """Add an entry to the list of a file."""
    return lambda city: next(iter(city.files[file].values())).append(entry)


def drop(field: str) -> Changes:
    """Leave out a field of the first partnership."""
    return lambda city: city.first.pop(field)


FIRST = "partnerships[ville_une]"
PLACE = {"continent": "europe", "latitude": 48.5, "longitude": 2.5, "source": "geography"}

# What is changed; file, field and a word of what is said of it.
ERRORS: dict[str, tuple[Changes, str, str, str]] = {
    "unknown field": (update(sinze=1), "partnerships.yml", f"{FIRST}.sinze", "unbekanntes Feld"),
    "unknown field of a nested block": (
        update(since={"year": 1961, "yaer": 1}),
        "partnerships.yml",
        f"{FIRST}.since.yaer",
        "unbekanntes Feld",
    ),
    "unknown field of a file": (
        lambda city: city.files["office.yml"].update(extra=1),
        "office.yml",
        "extra",
        "unbekanntes Feld",
    ),
    "unknown field of the city": (
        lambda city: city.files["city.yml"].update(mayor="X"),
        "city.yml",
        "mayor",
        "unbekanntes Feld",
    ),
    "field missing": (drop("country"), "partnerships.yml", f"{FIRST}.country", "Pflichtfeld fehlt"),
    "review date missing": (drop("review_by"), "partnerships.yml", f"{FIRST}.review_by", "Pflichtfeld fehlt"),
    "name empty": (update(name=""), "partnerships.yml", f"{FIRST}.name", "darf nicht leer sein"),
    "name null": (update(name=None), "partnerships.yml", f"{FIRST}.name", "darf nicht leer sein"),
    "year is a word": (update(since={"year": "bald"}), "partnerships.yml", f"{FIRST}.since.year", "keine ganze Zahl"),
    "year too small": (update(since={"year": 196}), "partnerships.yml", f"{FIRST}.since.year", "mindestens 1800"),
    "since is no block": (update(since=1961), "partnerships.yml", f"{FIRST}.since", "kein Block"),
    "aliases is no list": (update(aliases="Erststadt"), "partnerships.yml", f"{FIRST}.aliases", "keine Liste"),
    "unknown kind": (update(kind="Bündnis"), "partnerships.yml", f"{FIRST}.kind", "erlaubt sind: Partnerschaft"),
    "unknown status": (update(status="tot"), "partnerships.yml", f"{FIRST}.status", "erlaubt sind: unknown"),
    "latitude too large": (
        update(location=PLACE | {"latitude": 99}),
        "partnerships.yml",
        f"{FIRST}.location.latitude",
        "höchstens 90",
    ),
    "review date is no date": (update(review_by="bald"), "partnerships.yml", f"{FIRST}.review_by", "kein Datum"),
    "date in another year": (
        update(since={"year": 1961, "date": dt.date(1962, 1, 1)}),
        "partnerships.yml",
        f"{FIRST}.since.date",
        "anderen Jahr",
    ),
    "bad country code": (update(country="fra"), "partnerships.yml", f"{FIRST}.country", "verlangte Form"),
    "unknown country": (update(country="ZZ"), "partnerships.yml", f"{FIRST}.country", "„ZZ“"),
    "unknown country of the city": (
        lambda city: city.files["city.yml"].update(country="ZZ"),
        "city.yml",
        "country",
        "„ZZ“",
    ),
    "unknown source of the city's place": (
        lambda city: city.files["city.yml"].update(location=PLACE | {"source": "rumour"}),
        "city.yml",
        "location.source",
        "„rumour“",
    ),
    "licence without a title": (
        lambda city: city.files["city.yml"].update(licence={"url": "https://example.org"}),
        "city.yml",
        "licence.title",
        "Pflichtfeld fehlt",
    ),
    "unknown continent": (
        update(location=PLACE | {"continent": "mu"}),
        "partnerships.yml",
        f"{FIRST}.location.continent",
        "„mu“",
    ),
    "unknown source": (update(source="rumour"), "partnerships.yml", f"{FIRST}.source", "„rumour“"),
    "unknown source of the place": (
        update(location=PLACE | {"source": "rumour"}),
        "partnerships.yml",
        f"{FIRST}.location.source",
        "„rumour“",
    ),
    "unknown source of an office": (
        lambda city: city.files["office.yml"]["offices"][0].update(source="rumour"),
        "office.yml",
        "offices[office].source",
        "„rumour“",
    ),
    "unknown source of a topic": (
        lambda city: city.files["topics.yml"]["topics"][0].update(source="rumour"),
        "topics.yml",
        "topics[purpose].source",
        "„rumour“",
    ),
    "year in the future": (update(since={"year": 2027}), "partnerships.yml", f"{FIRST}.since.year", "Zukunft"),
    "end in the future": (
        update(status="ended", status_source="page", ended=2030),
        "partnerships.yml",
        f"{FIRST}.ended",
        "Zukunft",
    ),
    "end before the beginning": (
        update(status="ended", status_source="page", ended=1950),
        "partnerships.yml",
        f"{FIRST}.ended",
        "vor dem Beginn 1961",
    ),
    "end of a living partnership": (update(ended=1999), "partnerships.yml", f"{FIRST}.ended", "„ended“"),
    "year missing": (drop("since"), "partnerships.yml", f"{FIRST}.since", "Jahr fehlt"),
    "status without source": (
        update(status="resting"),
        "partnerships.yml",
        f"{FIRST}.status_source",
        "braucht eine Quelle",
    ),
    "status with unknown source": (
        update(status="resting", status_source="rumour"),
        "partnerships.yml",
        f"{FIRST}.status_source",
        "braucht eine Quelle",
    ),
    "id of two topics": (
        add("topics.yml", TOPIC | {"aliases": []}),
        "topics.yml",
        "topics[purpose].id",
        "kommt mehrfach vor",
    ),
    "id of two offices": (add("office.yml", OFFICE), "office.yml", "offices[office].id", "kommt mehrfach vor"),
    "alias that is another city's name": (
        lambda city: city.files["partnerships.yml"]["partnerships"][1].update(aliases=["ville une"]),
        "partnerships.yml",
        "partnerships[nishi]",
        f"gehört auch zu {FIRST}",
    ),
    "alias that is a topic's alias": (
        lambda city: city.files["topics.yml"]["topics"][0].update(aliases=["Nishi"]),
        "topics.yml",
        "topics[purpose]",
        "gehört auch zu partnerships[nishi]",
    ),
    "no office to turn to": (
        lambda city: city.files["office.yml"]["offices"][0].update(role="subject"),
        "office.yml",
        "offices",
        "contact",
    ),
    "role of an office unknown": (
        lambda city: city.files["office.yml"]["offices"][0].update(role="boss"),
        "office.yml",
        "offices[office].role",
        "verlangte Form",
    ),
    "link that is no address": (
        lambda city: city.files["topics.yml"]["topics"][0].update(link="hier klicken"),
        "topics.yml",
        "topics[purpose].link",
        "keine Webadresse",
    ),
    "entry that is no block": (
        lambda city: city.files["topics.yml"]["topics"].append("Zweck"),
        "topics.yml",
        "topics[1]",
        "muss ein Block",
    ),
    "list that is none": (
        lambda city: city.files["topics.yml"].update(topics="Zweck"),
        "topics.yml",
        "topics",
        "muss eine Liste sein",
    ),
    "source of the city without a date": (
        lambda city: city.files["city.yml"]["sources"]["page"].pop("taken_over_on"),
        "city.yml",
        "sources.page.taken_over_on",
        "Pflichtfeld fehlt",
    ),
}


@pytest.mark.parametrize(("changes", "file", "field", "message"), ERRORS.values(), ids=list(ERRORS))
def test_error_names_file_field_and_fault(
    city: SmallCity, changes: Changes, file: str, field: str, message: str
) -> None:
    """One line each, and no records to go on with."""
    changes(city)
    records, findings = city.read()
    finding = only(findings)
    assert records is None and not finding.warning
    assert (finding.file, finding.field) == (file, field)
    assert message in finding.message
    assert str(finding) == f"{file}: {field}: {finding.message}"


def test_id_of_two_partnerships_is_an_error(city: SmallCity) -> None:
    """Even where their names differ."""
    add("partnerships.yml", city.first | {"name": "Ville Deux", "aliases": []})(city)
    records, findings = city.read()
    assert records is None
    assert ("partnerships[ville_une].id", "Kennung „ville_une“ kommt mehrfach vor") in [
        (f.field, f.message) for f in findings
    ]


def test_name_of_two_partnerships_is_an_error(city: SmallCity) -> None:
    """The bot could not tell which one is asked for."""
    add("partnerships.yml", city.first | {"id": "other", "aliases": []})(city)
    finding = only(city.read()[1])
    assert finding.field == "partnerships[other]" and "Ville Une" in finding.message


@pytest.mark.parametrize("alias", ["ERSTSTADT", "Erst-Stadt", "erst stadt", "Érststadt"])
def test_alias_counts_as_the_same_however_it_is_spelt(city: SmallCity, alias: str) -> None:
    """Capitals, accents, hyphens and spaces make no other name."""
    city.files["partnerships.yml"]["partnerships"][1]["aliases"] = [alias]
    assert "gehört auch zu partnerships[ville_une]" in only(city.read()[1]).message


def test_two_spellings_of_one_alias_in_one_entry_are_fine(city: SmallCity) -> None:
    """They mean the same city."""
    city.first["aliases"] = ["Erststadt", "Erst-Stadt", "ERSTSTADT", "Ville Une"]
    assert city.findings() == []


@pytest.mark.parametrize("file", REQUIRED_FILES)
def test_missing_file_is_named(city: SmallCity, file: str) -> None:
    """Without a field, because there is none."""
    (city.folder / file).unlink()
    records, findings = read_records(city.folder, TODAY, SMALL_WORLD)
    assert records is None
    assert f"{file}: Datei fehlt" in map(str, findings)


def test_missing_folder_names_every_file(tmp_path: Path) -> None:
    """The path was wrong, most likely."""
    _, findings = read_records(tmp_path / "nowhere", TODAY, SMALL_WORLD)
    assert {f.file for f in findings} == set(REQUIRED_FILES)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("topics:\n  - id: purpose\n   group: page\n", 3),
        ("topics: [\n", 2),
        ("topics:\n\t- id: purpose\n", 2),
        ("topics:\n  - title: 'offen\n", 3),
    ],
)
def test_broken_yaml_is_named_with_its_line(city: SmallCity, text: str, line: int) -> None:
    """Instead of a traceback."""
    (city.folder / "topics.yml").write_text(text, encoding="utf-8")
    records, findings = read_records(city.folder, TODAY, SMALL_WORLD)
    assert records is None
    assert only(findings).message == f"kein gültiges YAML (Zeile {line})"


@pytest.mark.parametrize(
    "text", ["topics: []\ntopics: []\n", "topics:\n  - id: a\n    id: b\n", "topics:\n  - {id: a, title: b, id: c}\n"]
)
def test_key_given_twice_is_broken_yaml(city: SmallCity, text: str) -> None:
    """The first would be lost without a word."""
    (city.folder / "topics.yml").write_text(text, encoding="utf-8")
    finding = only(read_records(city.folder, TODAY, SMALL_WORLD)[1])
    assert finding.file == "topics.yml" and "kein gültiges YAML" in finding.message


def test_day_that_no_calendar_has_is_no_date(city: SmallCity) -> None:
    """Its field is named, as with any other wrong date."""
    text = (city.folder / "topics.yml").read_text(encoding="utf-8")
    (city.folder / "topics.yml").write_text(text.replace("2027-01-31", "2027-02-30"), encoding="utf-8")
    finding = only(read_records(city.folder, TODAY, SMALL_WORLD)[1])
    assert finding.field == "topics[purpose].review_by" and "kein Datum" in finding.message


@pytest.mark.parametrize("text", ["topics: 0b_\n", "? [a, b]\n: c\n", "? {a: b}\n: c\n"])
def test_odd_yaml_is_broken_yaml(city: SmallCity, text: str) -> None:
    """What PyYAML cannot turn into a value."""
    (city.folder / "topics.yml").write_text(text, encoding="utf-8")
    assert "kein gültiges YAML" in only(read_records(city.folder, TODAY, SMALL_WORLD)[1]).message


def test_file_that_is_no_text_is_unreadable(city: SmallCity) -> None:
    """A picture under the name of a record file."""
    (city.folder / "topics.yml").write_bytes(b"\x89PNG\xff\xfe\x00")
    finding = only(read_records(city.folder, TODAY, SMALL_WORLD)[1])
    assert finding.file == "topics.yml" and "lesen" in finding.message


def test_folder_in_place_of_a_file_is_unreadable(city: SmallCity) -> None:
    """It exists, but cannot be read."""
    (city.folder / "topics.yml").unlink()
    (city.folder / "topics.yml").mkdir()
    assert "lesen" in only(read_records(city.folder, TODAY, SMALL_WORLD)[1]).message


@pytest.mark.parametrize("text", ["- a\n- b\n", "nur Text\n", "42\n", ""])
def test_file_that_is_no_block_is_named(city: SmallCity, text: str) -> None:
    """A list, a word, a number or nothing at all."""
    (city.folder / "topics.yml").write_text(text, encoding="utf-8")
    assert "muss ein Block" in only(read_records(city.folder, TODAY, SMALL_WORLD)[1]).message


def test_yaml_cannot_run_code(city: SmallCity) -> None:
    """Tags of Python are broken YAML here."""
    (city.folder / "topics.yml").write_text("topics: !!python/object/apply:os.getcwd []\n", encoding="utf-8")
    assert "kein gültiges YAML" in only(read_records(city.folder, TODAY, SMALL_WORLD)[1]).message


def test_errors_of_all_files_come_at_once(city: SmallCity) -> None:
    """Nobody wants to run the check five times."""
    city.files["city.yml"]["country"] = "ZZ"
    city.first["kind"] = "Bündnis"
    city.files["partnerships.yml"]["partnerships"][1]["source"] = "rumour"
    city.files["office.yml"]["offices"][0].pop("name")
    city.files["topics.yml"]["topics"][0].update(group="x", title="")
    findings = city.read()[1]
    assert {f.file for f in findings} == set(REQUIRED_FILES)
    assert len([f for f in findings if f.file == "topics.yml"]) == 2


def test_broken_file_hides_no_errors_of_the_others(city: SmallCity) -> None:
    """The check goes on."""
    city.first["kind"] = "Bündnis"
    city.write()
    (city.folder / "topics.yml").write_text("topics: [", encoding="utf-8")
    findings = read_records(city.folder, TODAY, SMALL_WORLD)[1]
    assert {f.file for f in findings} == {"partnerships.yml", "topics.yml"}


BROKEN_CITIES = ["name: [", "name: Kleinstadt\n"]


@pytest.mark.parametrize("text", BROKEN_CITIES)
def test_broken_city_hides_no_dates_and_no_duplicates(city: SmallCity, text: str) -> None:
    """Only what needs city.yml, such as the sources, waits until it can be read."""
    city.first["since"] = {"year": 2040}
    city.files["partnerships.yml"]["partnerships"][1].update(aliases=["Ville Une"], country="ZZ")
    city.files["office.yml"]["offices"][0]["review_by"] = dt.date(2020, 1, 1)
    add("topics.yml", TOPIC | {"aliases": []})(city)
    city.write()
    (city.folder / "city.yml").write_text(text, encoding="utf-8")
    records, findings = read_records(city.folder, TODAY, SMALL_WORLD)
    assert records is None
    assert {(f.file, f.field) for f in findings if f.file != "city.yml"} == {
        ("partnerships.yml", f"{FIRST}.since.year"),
        ("partnerships.yml", "partnerships[nishi]"),
        ("partnerships.yml", "partnerships[nishi].country"),
        ("office.yml", "offices[office].review_by"),
        ("topics.yml", "topics[purpose].id"),
    }


def test_sources_of_a_faulty_city_are_known_nevertheless(city: SmallCity) -> None:
    """They can be read although the name of the city is missing."""
    city.files["city.yml"].pop("name")
    city.first["source"] = "rumour"
    assert [f.field for f in city.read()[1]] == ["name", f"{FIRST}.source"]


def test_faulty_partnership_raises_no_warning_about_the_count(city: SmallCity) -> None:
    """It is left out, so the others say nothing about how many there are."""
    city.files["city.yml"]["sources"]["page"]["stated_partnerships"] = 2
    city.first["kind"] = "Bündnis"
    assert only(city.read()[1]).field == f"{FIRST}.kind"


def test_faulty_contact_raises_no_second_error(city: SmallCity) -> None:
    """The office to turn to is there, only not valid."""
    city.files["office.yml"]["offices"][0].pop("name")
    add("office.yml", OFFICE | {"id": "other", "role": "subject"})(city)
    assert only(city.read()[1]).field == "offices[office].name"


def test_several_errors_of_one_entry_come_at_once(city: SmallCity) -> None:
    """Each on a line of its own."""
    city.first.update(kind="Bündnis", country="fra", extra=1)
    assert len(city.findings()) == 3


def test_overdue_review_is_only_a_warning(city: SmallCity) -> None:
    """The bot keeps answering."""
    records, findings = city.read(today=LATER + dt.timedelta(days=1))
    assert records is not None
    assert findings and all(f.warning and f.field.endswith(".review_by") for f in findings)
    assert {f.file for f in findings} == {"partnerships.yml", "office.yml", "topics.yml"}


def test_review_on_the_last_day_is_not_overdue(city: SmallCity) -> None:
    """It is due, not overdue."""
    assert city.findings(today=LATER) == []


@pytest.mark.parametrize(("stated", "contradicts"), [(2, False), (1, True), (3, True), (None, False)])
def test_count_that_contradicts_the_page_is_a_warning(city: SmallCity, stated: int | None, contradicts: bool) -> None:
    """The source speaks of so many, the records hold so many."""
    city.files["city.yml"]["sources"]["page"]["stated_partnerships"] = stated
    records, findings = city.read()
    assert records is not None
    assert [f.warning for f in findings] == [True] * contradicts
    if contradicts:
        assert "2" in findings[0].message and str(stated) in findings[0].message


def test_beginning_in_this_year_is_no_future(city: SmallCity) -> None:
    """A partnership may be brand new."""
    city.first["since"] = {"year": TODAY.year}
    assert city.findings() == []


def test_project_partnership_needs_no_year(city: SmallCity) -> None:
    """The page gives none."""
    city.first.update(kind="Projektpartnerschaft", since=None)
    assert city.findings() == []


def test_ended_partnership_with_source_is_fine(city: SmallCity) -> None:
    """So is a resting one."""
    city.first.update(status="ended", status_source="page", ended=1999)
    city.files["partnerships.yml"]["partnerships"][1].update(status="resting", status_source="page")
    assert city.findings() == []


def test_load_raises_with_all_errors_and_no_warnings(city: SmallCity) -> None:
    """Warnings keep nothing from starting."""
    city.first["kind"] = "Bündnis"
    city.files["topics.yml"]["topics"][0]["review_by"] = dt.date(2020, 1, 1)
    city.write()
    with pytest.raises(RecordsError) as caught:
        load_records(city.folder, TODAY, SMALL_WORLD)
    assert [f.field for f in caught.value.findings] == ["partnerships[ville_une].kind"]
    assert str(caught.value) == str(caught.value.findings[0])


def test_load_gives_records_in_spite_of_warnings(city: SmallCity) -> None:
    """An overdue review is no reason to fall silent."""
    assert load_records(city.folder, dt.date(2030, 1, 1), SMALL_WORLD).city.name == "Kleinstadt"


def test_real_world_is_valid_and_hangs_together() -> None:
    """Every region and every continent of it names things that exist."""
    world, findings = read_world()
    assert findings == [] and world is not None
    for region in world.regions.values():
        assert set(region.members) <= set(world.countries), region.key
    for country in world.countries.values():
        assert {country.continent, *country.also} <= set(world.continents), country.iso
    for continent in world.continents.values():
        assert set(continent.includes) <= set(world.continents)
    assert {c.iso for c in world.countries.values() if c.eu} == set(world.regions["eu"].members)
    assert all(period.first <= period.last for period in world.periods.values())


def test_broken_world_is_reported_too(city: SmallCity, tmp_path: Path) -> None:
    """General knowledge is a record like any other."""
    world = Path(shutil.copytree(SMALL_WORLD, tmp_path / "world"))
    (world / "periods.yml").write_text("periods: [{key: x}]\n", encoding="utf-8")
    records, findings = city.read(world=world)
    assert records is None
    assert {(f.file, f.field) for f in findings} >= {
        ("periods.yml", "periods[x].name"),
        ("periods.yml", "source.title"),
    }


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)


@settings(max_examples=60)
@given(st.sampled_from(sorted(FILES["partnerships.yml"]["partnerships"][0])), VALUES)
def test_no_value_of_a_field_breaks_the_check(tmp_path_factory: pytest.TempPathFactory, field: str, value: Any) -> None:
    """Whatever stands in a field, there are records or findings, never an exception."""
    city = SmallCity(tmp_path_factory.mktemp("city"))
    city.first[field] = value
    records, findings = city.read()
    assert (records is None) == any(not f.warning for f in findings)
    assert all(f.file and f.message for f in findings)


ANSWER: dict[str, Any] = {
    "id": "parking",
    "questions": ["Wo kann ich parken?"],
    "answer": "Am Anger.",
    "source": "page",
    "owner": "Ordnungsamt",
    "review_by": LATER,
}


@pytest.mark.parametrize(
    ("changed", "field", "message"),
    [
        ({"id": "purpose"}, "answers[purpose].id", "kommt mehrfach vor"),
        ({"questions": []}, "answers[parking].questions", "Pflichtfeld fehlt"),
        ({"questions": ["  "]}, "answers[parking].questions[0]", "darf nicht leer sein"),
        ({"questions": ["WARUM, das ganze"]}, "answers[parking].questions", "gehört auch zu topics[purpose]"),
        ({"source": "rumour"}, "answers[parking].source", "steht nicht in city.yml"),
        ({"valid_until": "morgen"}, "answers[parking].valid_until", "kein Datum"),
        ({"owner": ""}, "answers[parking].owner", "darf nicht leer sein"),
        ({"author": "x"}, "answers[parking].author", "unbekanntes Feld"),
    ],
)
def test_error_of_a_curated_answer_is_named(city: SmallCity, changed: dict[str, Any], field: str, message: str) -> None:
    """Like that of any other record."""
    city.files["topics.yml"]["topics"][0]["questions"] = ["Warum das Ganze?"]
    city.files["answers.yml"] = {"answers": [ANSWER | changed]}
    records, findings = city.read()
    finding = only(findings)
    assert records is None and (finding.file, finding.field) == ("answers.yml", field) and message in finding.message


def test_question_of_two_curated_answers_is_an_error(city: SmallCity) -> None:
    """However it is spelt; twice in one answer it does no harm."""
    city.files["answers.yml"] = {"answers": [ANSWER | {"questions": ["Wo kann ich parken?", "wo kann ich parken"]}]}
    assert city.findings() == []
    city.files["answers.yml"]["answers"].append(ANSWER | {"id": "other"})
    assert "gehört auch zu answers[parking]" in only(city.read()[1]).message


def test_expired_answer_is_a_warning(city: SmallCity) -> None:
    """The bot starts; the answer is not given any more."""
    city.files["answers.yml"] = {"answers": [ANSWER | {"valid_until": TODAY}]}
    records, findings = city.read()
    assert findings == [] and records and records.answers[0].holds_on(TODAY)
    city.files["answers.yml"] = {"answers": [ANSWER | {"valid_until": TODAY - dt.timedelta(1)}]}
    records, findings = city.read()
    assert only(findings).warning and records and not records.answers[0].holds_on(TODAY)


def test_city_without_answers_needs_no_file(city: SmallCity) -> None:
    """Installations of earlier versions have none."""
    assert not (city.folder / "answers.yml").exists()
    records, findings = city.read()
    assert findings == [] and records and records.answers == ()
