"""The documents agree with the project: commands, folders, settings, packages, links."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).parents[2]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
# Folders that commands make, or that hold other people's files.
NOT_OURS = {"build", "models", "results", "var", "node_modules", "__pycache__"}


def markdown_files() -> list[Path]:
    """All Markdown files of the project, as paths relative to it."""
    files = (path.relative_to(PROJECT) for path in PROJECT.rglob("*.md"))
    return sorted(f for f in files if not any(part in NOT_OURS or part.startswith(".") for part in f.parts))


def anchors(text: str) -> set[str]:
    """The anchors that code hosting sites give to the headings of a page."""
    headings = re.findall(r"^#+ +(.+?) *$", without_code(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def without_code(text: str) -> str:
    """The text without blocks of code."""
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def leads_somewhere(page: Path, link: str) -> bool:
    """Whether a relative link on a page has its file inside the project, and its heading there."""
    name, _, anchor = link.partition("#")
    target = (PROJECT / page.parent / name).resolve() if name else PROJECT / page
    if not target.exists() or not target.is_relative_to(PROJECT):
        return False
    return not anchor or anchor in anchors(target.read_text(encoding="utf-8"))


def section(title: str) -> str:
    """The part of the README under one heading."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    assert found, f"README.md has no section '{title}'"
    return found.group(1)


def first_column(table: str) -> set[str]:
    """What stands in code style in the first cells of a table."""
    return set(re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE))


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/abhaengigkeiten.md"])
def test_make_targets_exist(page: str) -> None:
    """A page names only targets that the Makefile has."""
    text = (PROJECT / page).read_text(encoding="utf-8")
    quoted = re.findall(r"`[^`\n]*`", text) + re.findall(r"^```.*?^```", text, re.MULTILINE | re.DOTALL)
    named = {target for code in quoted for target in re.findall(r"\bmake ([a-z]+)", code)}
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    assert named
    assert named <= set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


def test_readme_names_all_public_targets() -> None:
    """Every target that `make help` lists is in the README."""
    listed = re.findall(r"^([a-z-]+):.*## ", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert [target for target in listed if f"make {target}" not in README] == []


def test_map_shows_the_folders_that_exist() -> None:
    """Every folder of the map exists, and no folder of ours is missing on it."""
    shown = {name.rstrip("/") for name in first_column(section("Landkarte"))}
    assert {name for name in shown if not (PROJECT / name).is_dir()} == set()
    top = {p.name for p in PROJECT.iterdir() if p.is_dir() and not p.name.startswith(".")}
    rooms = {f"partnerstadt/{p.name}" for p in (PROJECT / "partnerstadt").iterdir() if (p / "__init__.py").exists()}
    ours = {name for name in top | rooms if Path(name).name not in NOT_OURS and not name.endswith(".egg-info")}
    assert ours - shown == set()


def test_readme_names_all_settings() -> None:
    """Every variable that the code reads is in the table of settings, and no other."""
    code = "".join(p.read_text(encoding="utf-8") for p in (PROJECT / "partnerstadt").rglob("*.py"))
    shown = {name for name in first_column(section("Einstellungen")) if name.startswith("PARTNERSTADT_")}
    assert shown == set(re.findall(r"\"(PARTNERSTADT_[A-Z_]*[A-Z])\"", code))


GATEWAYS = sorted(str(p.relative_to(PROJECT)) for p in (PROJECT / "partnerstadt/gateways/requirements").glob("*.in"))


@pytest.mark.parametrize("file", ["requirements.in", "requirements-dev.in", *GATEWAYS])
def test_every_direct_dependency_is_explained(file: str) -> None:
    """Each package that we name ourselves has a row that says why, under which licence and how it is kept."""
    lines = (PROJECT / file).read_text(encoding="utf-8").splitlines()
    packages = [re.split(r"[<>=~!;\[ ]", line)[0] for line in lines if line and not line.startswith(("#", "-"))]
    page = (PROJECT / "docs" / "abhaengigkeiten.md").read_text(encoding="utf-8")
    rows = {cells[1].strip(): cells for line in page.splitlines() if len(cells := line.split("|")) == 7}
    assert packages
    assert [name for name in packages if name not in rows] == []
    assert [name for name in packages if not all(cell.strip() for cell in rows[name][2:6])] == []


def test_publiccode_has_what_a_software_directory_requires() -> None:
    """The keys that publiccode.yml 0.4 requires are there, in German and in English, and nothing is too long."""
    data = yaml.safe_load((PROJECT / "publiccode.yml").read_text(encoding="utf-8"))
    required = {"publiccodeYmlVersion", "name", "url", "releaseDate", "platforms", "categories", "developmentStatus"}
    required |= {"softwareType", "description", "legal", "maintenance", "localisation"}
    assert required <= data.keys()
    assert data["publiccodeYmlVersion"] == "0.4"
    assert {"de", "en"} <= data["description"].keys()
    for text in data["description"].values():
        assert 0 < len(text["shortDescription"]) <= 150
        assert 150 <= len(text["longDescription"]) <= 10_000
        assert text["features"]
    assert data["legal"]["license"] == "Apache-2.0"
    assert data["maintenance"]["type"] in {"internal", "contract", "community", "none"}
    assert all(contact["name"] for contact in data["maintenance"]["contacts"])
    assert data["localisation"]["localisationReady"] in (True, False)
    assert data["localisation"]["availableLanguages"] == ["de"]
    assert f'version = "{data["softwareVersion"]}"' in (PROJECT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", markdown_files(), ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link leads to a file of the project, and its anchor to a heading there."""
    text = re.sub(r"`[^`\n]*`", "", without_code((PROJECT / page).read_text(encoding="utf-8")))
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    relative = [link for link in links if not re.match(r"[a-z]+:", link)]
    assert [link for link in relative if not leads_somewhere(page, link)] == []


def test_code_named_in_the_documents_exists() -> None:
    """A path into the project that a page names in code style exists."""
    roots = "actions|bench|data|docs|partnerstadt|records|scripts|tests"
    made = {"docs/qualitaet.md", "docs/leistung.md"}  # by `make report` and `make bench`
    missing = []
    for page in markdown_files():
        text = without_code((PROJECT / page).read_text(encoding="utf-8"))
        paths = re.findall(rf"`((?:{roots})/[\w./-]*)`", text)
        missing += [f"{page}: {path}" for path in paths if path not in made and not (PROJECT / path).exists()]
    assert missing == []


def test_every_picture_is_well_formed_and_used() -> None:
    """Drawings can be read by a browser, have a title for screen readers and stand on some page."""
    pages = "".join((PROJECT / page).read_text(encoding="utf-8") for page in markdown_files())
    drawings = list((PROJECT / "docs" / "bilder").glob("*.svg"))
    assert drawings
    for drawing in drawings:
        root = ElementTree.parse(drawing).getroot()
        assert root.find("{http://www.w3.org/2000/svg}title") is not None
        assert drawing.name in pages


def test_licence_is_complete() -> None:
    """The whole text of the licence is there, from its title to its appendix."""
    text = (PROJECT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text and "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text and "APPENDIX: How to apply" in text
