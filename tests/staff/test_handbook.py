"""The handbook agrees with the staff desk: its areas, who may use them, what stands on the screen, the pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from partnerstadt.staff.app import PAGES
from partnerstadt.staff.roles import Role
from partnerstadt.staff.texts import texts
from partnerstadt.staff.web import EVERYBODY
from tests.staff.screenshots import FOLDER, SCREEN, take
from tests.support import PROJECT
from tests.widget.parts import chromium

HANDBOOK = PROJECT / "docs" / "handbuch"
OWN = "account"  # stands at the top of every page instead of in the navigation
ROLES: dict[str, frozenset[Role]] = {page.area: page.roles or EVERYBODY for page in PAGES if page.area}
AREAS = [*ROLES, OWN]
MOST_BYTES = 150_000


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


def test_pictures_can_be_taken(tmp_path: Path) -> None:
    """Of every area, and nothing goes wrong in the browser."""
    taken = tmp_path / "taken"
    taken.mkdir()
    with chromium() as browser:
        assert take(browser, taken, tmp_path) == []
    assert {path.stem for path in taken.iterdir()} == set(AREAS)
    assert {str(size(path.read_bytes())) for path in taken.iterdir()} == {str(SCREEN)}
