"""The handbook agrees with the staff desk: its areas, who may use them, what stands on the screen, the pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Browser

from partnerstadt.front import mails
from partnerstadt.staff.app import PAGES
from partnerstadt.staff.desk import Desk
from partnerstadt.staff.inbox import State
from partnerstadt.staff.kinds import KINDS
from partnerstadt.staff.roles import Role
from partnerstadt.staff.texts import texts
from partnerstadt.staff.web import EVERYBODY
from tests.staff.screenshots import FOLDER, NOTE, SCREEN, scenes, take, visitor
from tests.staff.test_mailbox import MAIL
from tests.staff.test_pages import faults_in_every_look
from tests.support import PROJECT

HANDBOOK = PROJECT / "docs" / "handbuch"
OWN = "account"  # stands at the top of every page instead of in the navigation
ROLES: dict[str, frozenset[Role]] = {page.area: page.roles or EVERYBODY for page in PAGES if page.area}
AREAS = [*ROLES, OWN]
MOST_BYTES = 150_000
CLEARLY, MOST_CHANGED = 24, 0.02  # levels of grey; share of a picture
# What htmx asks for (the tests of its page look at it), what is a file, what leads on to a provider of OpenID Connect.
PARTS = {"/gespraeche/liste", "/gespraeche/anzahl", "/gespraeche/{id}/neues", "/training/lauf"}
FILES = {"/antworten.yml", "/antworten.csv", "/statistik.csv", "/protokoll.csv", "/training/patch"}
ELSEWHERE = {"/anmelden/dienst", "/anmelden/zurueck"}
RECORDS = ("partnerschaft/leeds", "thema/purpose", "amt/office_of_the_mayor", "stadt/stadt", "quelle/page")


def chapter(name: str) -> str:
    """The text of a chapter."""
    return (HANDBOOK / f"{name}.md").read_text(encoding="utf-8")


def title(area: str) -> str:
    """What the desk calls an area."""
    return str(texts()["logged_in_as"] if area == OWN else texts()[area]["nav"])


def words(tree: Any) -> Iterator[str]:
    """All texts of the desk."""
    if isinstance(tree, dict | list):
        for branch in tree.values() if isinstance(tree, dict) else tree:
            yield from words(branch)
    else:
        yield str(tree)


def size(picture: bytes) -> dict[str, int]:
    """Width and height of a PNG."""
    assert picture.startswith(b"\x89PNG")
    return {"width": int.from_bytes(picture[16:20], "big"), "height": int.from_bytes(picture[20:24], "big")}


def changed(folder: Path, area: str) -> float:
    """The share of a picture that looks otherwise in the handbook; a letter here and there does not count."""
    with Image.open(folder / f"{area}.png") as new, Image.open(FOLDER / f"{area}.png") as old:
        both = [picture.convert("L").resize((SCREEN["width"] // 8, SCREEN["height"] // 8)) for picture in (new, old)]
    apart = ImageChops.difference(*both).histogram()
    return sum(apart[CLEARLY:]) / sum(apart)


def test_contents_follow_the_navigation() -> None:
    """The same groups and areas in the same order; no chapter is left over."""
    expected = []
    for key, group in texts()["groups"].items():
        inside = [area for area in ROLES if texts()[area].get("group", "inquiries") == key]
        expected += [group, *(f"[{title(area)}]({area}.md)" for area in inside)]
    listed = re.findall(r"^(?:## |- )(.+)$", chapter("README"), re.MULTILINE)
    assert listed[1:] == [*expected, "Für alle", f"[{title(OWN)}]({OWN}.md)"]
    assert {path.stem for path in HANDBOOK.glob("*.md")} == {"README", *AREAS}


@pytest.mark.parametrize("area", AREAS)
def test_chapter_says_what_the_desk_says(area: str) -> None:
    """The title, who may use it, and in bold what stands on the screen, letter by letter."""
    text, names = chapter(area), texts()["roles"]
    assert text.startswith(f"# {title(area)}\n")
    roles = ROLES.get(area, EVERYBODY)
    told = "alle" if roles == EVERYBODY else ", ".join(names[role] for role in names if Role(role) in roles)
    assert f"\n*Rollen: {told}*\n" in text
    bold = [re.sub(r"\s+", " ", found) for found in re.findall(r"\*\*(.+?)\*\*", text, re.DOTALL)]
    assert bold and set(bold) - set(words(texts())) == set()


def test_every_chapter_has_its_picture() -> None:
    """One each, with a text for those who do not see it, small, and none is left over."""
    for area in AREAS:
        pictures = re.findall(r"!\[(.*?)\]\((.+?)\)", chapter(area))
        assert [name for _, name in pictures] == [f"bilder/{area}.png"] and len(pictures[0][0]) > 20
        picture = (FOLDER / f"{area}.png").read_bytes()
        assert size(picture) == SCREEN and len(picture) < MOST_BYTES, area
    assert {path.name for path in FOLDER.iterdir()} == {f"{area}.png" for area in AREAS}


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, str, dict[str, Any]]]:
    """A desk at which something has happened in every area."""
    with scenes(tmp_path_factory.mktemp("furnished")) as made:
        yield made


def test_pictures_can_be_taken(browser: Browser, furnished: tuple[Desk, str, Any], tmp_path: Path) -> None:
    """Of every area; nothing goes wrong in the browser, and the handbook shows what they show."""
    _, url, areas = furnished
    with visitor(browser, url) as (page, wrong):
        assert list(take(page, areas, tmp_path)) == AREAS
    assert wrong == []
    assert {path.stem for path in tmp_path.iterdir()} == set(AREAS)
    assert {str(size(path.read_bytes())) for path in tmp_path.iterdir()} == {str(SCREEN)}
    assert {area: share for area in AREAS if (share := changed(tmp_path, area)) > MOST_CHANGED} == {}, "make pictures"


def test_axe_finds_nothing_on_any_page(browser: Browser, furnished: tuple[Desk, str, Any]) -> None:
    """Every address that is a page, filled with what is there; a new one is looked at without being listed."""
    desk, url, areas = furnished
    if not desk.live.calls():
        with visitor(browser, url) as (page, _):
            areas["live"](page)
    desk.store.within(mails.put, MAIL)
    group = next(g for g in desk.inbox.groups(State.OPEN)[0] if desk.inbox.sentences(g.id))
    examples = {
        "/eingang/{group}": [f"/eingang/{group.id}"],
        "/eingang/{group}/{conversation}": [f"/eingang/{group.id}/{desk.inbox.sentences(group.id)[0].conversation}"],
        "/gespraeche/{id}": [f"/gespraeche/{call.id}" for call in desk.live.calls()],
        "/mail/{id}": [f"/mail/{MAIL.id}"],
        "/nachrichten/{id}": [f"/nachrichten/{NOTE.id}"],
        "/antworten/{id}": ["/antworten/gibt_es_einen_rundbrief"],
        "/angaben/{kind}": [f"/angaben/{kind}" for kind in KINDS if KINDS[kind].adds],
        "/angaben/{kind}/{id}": [f"/angaben/{path}" for path in RECORDS],
        "/konten/konto": ["/konten/konto?name=aushilfe", "/konten/konto?name=vertretung"],
        "/nachschlagen": ["/nachschlagen", "/nachschlagen?query=rundbrief"],
    }
    pages = {page.path for page in PAGES if page.method == "GET"} - PARTS - FILES - ELSEWHERE
    assert examples.keys() <= pages
    with visitor(browser, url) as (page, wrong):
        for path in sorted({example for address in pages for example in examples.get(address, [address])}):
            response = page.goto(url + path)
            assert response and response.status == 200 and faults_in_every_look(page) == [], path
    assert wrong == []
