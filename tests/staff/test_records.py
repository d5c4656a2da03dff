"""Editing records over the pages: forms, preview, sources, history, two at once."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from partnerstadt.records.load import load_records
from partnerstadt.records.models import Records
from partnerstadt.records.store import RecordStore
from partnerstadt.staff.desk import Desk
from partnerstadt.staff.editor import Editor
from partnerstadt.staff.kinds import KINDS, PARTNERSHIP, new_id
from partnerstadt.staff.texts import texts
from partnerstadt.staff.yaml_files import entries
from tests.staff.parts import log_in
from tests.support import TODAY

LEEDS, NEW = "/angaben/partnerschaft/leeds", "/angaben/partnerschaft"
WORDS = texts()["records"]
COUNCIL = {
    "source": "new",
    "new_source.title": "Ratsbeschluss vom 3. Mai 1971",
    "new_source.url": "https://example.org/beschluss",
    "new_source.taken_over_on": "2026-11-24",
}
LINDQVARA = {
    "name": "Lindqvara",
    "aliases": "Lindkwara",
    "country": "SE",
    "country_label": "Schweden",
    "kind": "Partnerschaft",
    "since.year": "2021",
    "location.continent": "europe",
    "location.latitude": "60,1",
    "location.longitude": "15",
    "location.source": "geography",
    "review_by": "30.11.2099",
}


@pytest.fixture
def editor(client: TestClient) -> TestClient:
    """An editor."""
    log_in(client, "editor")
    return client


def form_of(client: TestClient, path: str) -> dict[str, str]:
    """What the form of a page would send if nothing were changed."""
    page = client.get(path)
    return fields(page.text)


def fields(html: str) -> dict[str, str]:
    """The fields of the form with a mark, and what they hold."""
    html = next(form for form in re.findall(r"<form.*?</form>", html, re.DOTALL) if 'name="mark"' in form)
    found = dict(re.findall(r'<input [^>]*?name="([^"]+)"(?: type="hidden")? value="([^"]*)"', html))
    for name, inner in re.findall(r'<select [^>]*name="([^"]+)".*?>(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inner)
        found[name] = chosen[1] if chosen else ""
    found |= dict(re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', html, re.DOTALL))
    for name in re.findall(r'type="(?:radio|checkbox)"[^>]*name="([^"]+)"', html):
        found.pop(name, None)
    return {name: value.replace("&#39;", "'") for name, value in found.items()}


def send(client: TestClient, path: str, step: str, **values: Any) -> Any:
    """Send the form of a page with some values changed; a double underscore stands for the dot."""
    sent = form_of(client, path) | {name.replace("__", "."): value for name, value in values.items()} | {"step": step}
    return client.post(path, data=sent)


def now(desk: Desk) -> Records:
    """The records as the files say."""
    return load_records(desk.records.folder, TODAY)


def test_year_is_changed_with_its_source(editor: TestClient, desk: Desk) -> None:
    """Seen before and after first, then kept, with two lines of the file changed at most."""
    before = (desk.records.folder / "partnerships.yml").read_text(encoding="utf-8")
    page = send(editor, LEEDS, "check", since__year="1971", **COUNCIL)
    assert "seit 1969" in page.text and "seit 1971" in page.text and WORDS["preview_note"] in page.text
    assert (desk.records.folder / "partnerships.yml").read_text(encoding="utf-8") == before
    saved = editor.post(LEEDS, data=fields(page.text) | {"step": "save"})
    assert WORDS["done"]["saved"] in saved.text and saved.url.path == LEEDS
    leeds = now(desk).partnership("leeds")
    assert leeds is not None and leeds.year == 1971
    source = now(desk).source(leeds.source)
    assert (source.title, source.url) == (COUNCIL["new_source.title"], COUNCIL["new_source.url"])
    after = (desk.records.folder / "partnerships.yml").read_text(encoding="utf-8")
    assert len(set(after.splitlines()) - set(before.splitlines())) == 2
    assert "editor" in saved.text and "1971" in saved.text


def test_two_readers_follow_within_seconds(editor: TestClient, desk: Desk) -> None:
    """As bot and front desk do, each by itself."""
    readers = [RecordStore(desk.records.folder), RecordStore(desk.records.folder)]
    send(editor, LEEDS, "save", since__year="1971", source="page")
    deadline = time.monotonic() + 5

    def years() -> set[int | None]:
        return {p.year for reader in readers if (p := reader.get().partnership("leeds"))}

    while years() != {1971}:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_change_without_source_is_refused(editor: TestClient, desk: Desk) -> None:
    """At the field and in the summary; a new source needs a title and a day; a date of review needs none."""
    page = send(editor, LEEDS, "check", since__year="1971").text
    assert page.count(WORDS["faults"]["source_needed"]) == 2 and 'href="#field-source"' in page
    page = send(editor, LEEDS, "save", since__year="1971", **COUNCIL | {"new_source.title": ""}).text
    assert page.count(WORDS["faults"]["required"]) == 2 and 'href="#field-new_source.title"' in page
    assert desk.changes.history() == []
    assert WORDS["done"]["saved"] in send(editor, LEEDS, "save", review_by="2028-01-31").text


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"since__year": "neunzehn"}, "since.year", "keine ganze Zahl"),
        ({"since__year": "2969"}, "since.year", "Jahr 2969 liegt in der Zukunft"),
        ({"since__year": ""}, "since.year", "Jahr fehlt"),
        ({"since__date": "1970-01-01"}, "since.date", "anderen Jahr"),
        ({"name": ""}, "name", WORDS["faults"]["required"]),
        ({"aliases": "Neusatz"}, "name", "Name „Neusatz“ gehört auch zu"),
        ({"review_by": "bald"}, "review_by", "kein Datum"),
        ({"location__latitude": "200"}, "location.latitude", "Wert ist zu groß"),
        ({"status": "active", "ended": "2000"}, "ended", "ein Endjahr passt nur"),
    ],
)
def test_what_is_wrong_stands_at_its_field(
    editor: TestClient, desk: Desk, values: dict[str, str], field: str, message: str
) -> None:
    """And in the summary, which leads there; what was typed is still there."""
    page = send(editor, LEEDS, "save", source="page", **values).text
    assert f'href="#field-{field}"' in page and f'id="field-{field}-wrong"' in page and page.count(message) == 2
    assert all(typed in page for typed in values.values()) and desk.changes.history() == []


def test_nothing_changed_is_told(editor: TestClient, desk: Desk) -> None:
    """A form sent as it came, for each kind of record."""
    for path in ("partnerschaft/xian", "thema/purpose", "amt/office_of_the_mayor", "stadt/stadt", "quelle/page"):
        assert WORDS["faults"]["nothing_changed"] in send(editor, f"/angaben/{path}", "save").text, path
    assert desk.changes.history() == []


def test_partnership_is_added_and_found_by_its_names(editor: TestClient, desk: Desk) -> None:
    """The preview asks by them; afterwards it is one of the partner cities."""
    page = send(editor, NEW, "check", **LINDQVARA, **COUNCIL).text
    assert "Seit wann ist Lindkwara Partnerstadt?" in page and "Lindqvara (Schweden) ist seit 2021" in page
    saved = send(editor, NEW, "save", **LINDQVARA, **COUNCIL)
    assert saved.url.path == f"{NEW}/lindqvara"
    assert len(now(desk).partner_cities) == 12


def test_partnership_is_removed_after_a_look(editor: TestClient, desk: Desk) -> None:
    """And comes back by undoing it."""
    page = send(editor, LEEDS, "remove")
    assert WORDS["remove_confirm"] in page.text and now(desk).partnership("leeds") is not None
    gone = editor.post(LEEDS, data=fields(page.text) | {"step": "removed"})
    assert WORDS["done"]["removed"] in gone.text and now(desk).partnership("leeds") is None
    assert editor.get(LEEDS).status_code == 404
    (change,) = desk.changes.history()
    page = editor.post(f"/angaben/verlauf/{change.number}", data={"csrf": form_of(editor, NEW)["csrf"]})
    assert WORDS["done"]["undone"] in page.text and now(desk).partnership("leeds") is not None


def test_subject_of_the_page_and_office_stay(editor: TestClient, desk: Desk) -> None:
    """Others build on them; a topic of our own may go."""
    for path in ("thema/purpose", "amt/office_of_the_mayor", "quelle/page", "stadt/stadt"):
        sent = form_of(editor, f"/angaben/{path}") | {"step": "removed"}
        editor.post(f"/angaben/{path}", data=sent)
        assert editor.get(f"/angaben/{path}").status_code == 200
    assert desk.changes.history() == []


def test_topic_is_added(editor: TestClient, desk: Desk) -> None:
    """With lines as a list, and both answers in the preview."""
    values = {
        "title": "Städtelauf",
        "aliases": "Städtelauf\r\nLauf der Städte",
        "answer": "Einmal im Jahr laufen alle.",
        "plain": "Alle laufen.",
        "review_by": "2099-01-01",
        "source": "page",
    }
    page = send(editor, "/angaben/thema", "check", **values).text
    assert page.count("Einmal im Jahr laufen alle.") >= 2 and "Alle laufen." in page
    send(editor, "/angaben/thema", "save", **values)
    topic = now(desk).topic("stadtelauf")
    assert topic is not None and topic.aliases == ("Städtelauf", "Lauf der Städte") and topic.group == "neighbour"


def test_telephone_of_the_office_is_answered(editor: TestClient) -> None:
    """What was not known becomes known."""
    page = send(editor, "/angaben/amt/office_of_the_mayor", "check", phone="0231 50-0", source="page").text
    assert page.count("0231 50-0") >= 2


def test_status_takes_its_source_along(editor: TestClient, desk: Desk) -> None:
    """And loses it when it is unknown again."""
    send(editor, LEEDS, "save", status="resting", **COUNCIL)
    leeds = now(desk).partnership("leeds")
    assert leeds is not None and leeds.status_source == leeds.source != "page"
    send(editor, LEEDS, "save", status="", source="page")
    leeds = now(desk).partnership("leeds")
    assert leeds is not None and leeds.status.value == "unknown" and leeds.status_source is None


def test_same_source_is_kept_once(editor: TestClient, desk: Desk) -> None:
    """Given twice."""
    send(editor, LEEDS, "save", since__year="1971", **COUNCIL)
    send(editor, "/angaben/partnerschaft/amiens", "save", since__year="1961", **COUNCIL)
    assert len(entries(desk.changes.read("city.yml").text, KINDS["quelle"])) == 4


def test_second_clerk_is_told_and_loses_nothing(editor: TestClient, desk: Desk) -> None:
    """What was typed stands beside what is saved; sent again, it counts."""
    seen = form_of(editor, LEEDS)
    send(editor, LEEDS, "save", since__year="1971", source="page")
    mine = seen | {"since.year": "1972", "source": "page", "step": "save"}
    page = editor.post(LEEDS, data=mine).text
    assert WORDS["outdated"] in page and 'value="1972"' in page and f"{WORDS['now_saved']} 1971" in page
    leeds = now(desk).partnership("leeds")
    assert leeds is not None and leeds.year == 1971
    again = editor.post(LEEDS, data=fields(page) | {"source": "page", "step": "save"})
    assert WORDS["done"]["saved"] in again.text
    leeds = now(desk).partnership("leeds")
    assert leeds is not None and leeds.year == 1972


def test_two_clerks_at_different_records_do_not_disturb(editor: TestClient, desk: Desk) -> None:
    """Although they lie in the same file."""
    seen = form_of(editor, "/angaben/partnerschaft/amiens")
    send(editor, LEEDS, "save", since__year="1971", source="page")
    mine = seen | {"since.year": "1961", "source": "page", "step": "save"}
    assert WORDS["done"]["saved"] in editor.post("/angaben/partnerschaft/amiens", data=mine).text
    assert [p.year for p in now(desk).partnerships[:2]] == [1961, 1971]


def test_undo_of_what_was_changed_again_is_told(editor: TestClient, desk: Desk) -> None:
    """Nothing happens then."""
    send(editor, LEEDS, "save", since__year="1971", source="page")
    send(editor, LEEDS, "save", since__year="1972", source="page")
    csrf = form_of(editor, LEEDS)["csrf"]
    assert WORDS["undo_overtaken"] in editor.post("/angaben/verlauf/1", data={"csrf": csrf}).text
    assert editor.post("/angaben/verlauf/99", data={"csrf": csrf}).status_code == 404
    assert len(desk.changes.history()) == 2


def test_agent_looks_and_cannot_change(client: TestClient, desk: Desk) -> None:
    """Sees values and history without a form."""
    log_in(client, "agent")
    page = client.get(LEEDS).text
    assert "1969" in page and 'name="mark"' not in page and WORDS["check"] not in page
    assert WORDS["new"]["partnership"] not in client.get("/angaben").text


def test_what_is_overdue_comes_first(editor: TestClient, desk: Desk) -> None:
    """On the list and counted on the first page, with what is missing."""
    send(editor, LEEDS, "save", review_by="2026-01-31")
    assert WORDS["tasks_overdue_one"] in editor.get("/").text
    tasks = Editor(desk.changes, desk.records, desk.clock, WORDS["faults"]).tasks()
    assert (tasks[0].record.id, tasks[0].overdue) == ("leeds", "2026-01-31")
    missing = {task.record.id: task.missing for task in tasks if task.missing}
    assert "phone" in missing["office_of_the_mayor"] and "links.imprint" in missing["stadt"]
    assert WORDS["overdue"].format(date="31.01.2026") in editor.get("/angaben").text


@pytest.mark.parametrize("broken", [b"partnerships: [", b"\xff"])
def test_file_broken_past_the_desk_is_told(editor: TestClient, desk: Desk, broken: bytes) -> None:
    """Instead of an error; the first page still comes."""
    (desk.records.folder / "partnerships.yml").write_bytes(broken)
    for path in ("/angaben", LEEDS):
        assert WORDS["broken"] in editor.get(path).text
    assert editor.get("/").status_code == 200


def test_what_does_not_exist_is_not_found(editor: TestClient) -> None:
    """Kinds, records, kinds that cannot get more."""
    for path in ("nichts", "nichts/leeds", "partnerschaft/nirgends", "amt", "stadt"):
        assert editor.get(f"/angaben/{path}").status_code == 404, path


def test_what_is_typed_is_escaped(editor: TestClient) -> None:
    """In form, preview and history."""
    hostile = '"><script>alert(1)</script>'
    for step in ("check", "save"):
        page = send(editor, LEEDS, step, since__meaning=hostile, source="page").text
        assert "<script>alert" not in page and "alert(1)" in page


def test_ids_are_made_of_names() -> None:
    """And are unlike all others."""
    assert new_id("Xi'an (Übersee)", {"a"}) == "xi_an_ubersee" and new_id("Leeds", {"leeds", "leeds_2"}) == "leeds_3"
    assert re.fullmatch("[a-z][a-z0-9_]*", new_id("西安", set())) and new_id("1971", set()) == "x_1971"


def test_every_field_has_a_name(desk: Desk, tmp_path: Path) -> None:
    """Also every choice that has no label of its own, and every field belongs to its model."""
    records = desk.records.get()
    for kind in KINDS.values():
        for field in kind.fields:
            assert WORDS["fields"][field.name]
            if field.choices:
                assert field.choices(records)
    assert set(WORDS["hints"]) <= set(WORDS["fields"]) and set(WORDS["kinds"]) == {k.name for k in KINDS.values()}
    assert PARTNERSHIP.path in KINDS
