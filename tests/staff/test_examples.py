"""Training sentences and the patch to data/nlu.yml."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from partnerstadt.records.models import Records
from partnerstadt.staff.examples import FILE, Example, fault, intents, known, new, patch, proposed, questions
from tests.support import PROJECT

NLU = (PROJECT / FILE).read_text(encoding="utf-8")
ADDED = [
    Example("ask_contact", "Wo sitzt das Büro für [Musterhausen](city) denn nun?"),
    Example("ask_since", 'Seit "wann": # ja?'),
    Example("ask_curated", "Ganz am Ende der Datei"),
    Example("ask_contact", "Und noch ein Satz zum Büro"),
]


@pytest.mark.parametrize("tool", [["git", "apply"], ["patch", "-p1", "-i"]], ids=["git", "patch"])
def test_patch_applies(tool: list[str], tmp_path: Path) -> None:
    """With both tools; nothing but the new lines differs, each stands with its intent."""
    if shutil.which(tool[0]) is None:
        pytest.skip(f"{tool[0]} is not installed")
    (tmp_path / "data").mkdir()
    target, file = tmp_path / FILE, tmp_path / "nlu.patch"
    target.write_text(NLU, encoding="utf-8")
    file.write_text(patch(NLU, ADDED), encoding="utf-8")
    subprocess.run([*tool, str(file)], cwd=tmp_path, check=True, capture_output=True)
    after = target.read_text(encoding="utf-8")
    before, lines = NLU.splitlines(), after.splitlines()
    assert sorted(set(lines) - set(before)) == sorted(f"    - {example.text}" for example in ADDED)
    assert [line for line in lines if line in set(before)] == before
    raw = {entry["intent"]: entry["examples"] for entry in yaml.safe_load(after)["nlu"]}
    assert all(f"- {example.text}\n" in raw[example.intent] for example in ADDED)


def test_patch_of_a_file_without_last_newline() -> None:
    """Says so, as both tools want it."""
    assert "\\ No newline at end of file" in patch(NLU.rstrip("\n"), ADDED)


def test_nothing_new_is_no_patch() -> None:
    """An empty file."""
    assert patch(NLU, []) == ""


def test_duplicates_are_left_out() -> None:
    """Of the file, of each other, and of what the tests ask, spelling aside."""
    tested = questions(["- say: 'Was kostet''s?'\n", "  - say: Wo liegt Leeds?\n", '- say: "Wann?"\n'])
    found = new(
        [
            Example("ask_since", "seit wann ist musterhausen partnerstadt"),
            Example("ask_since", "Etwas ganz Neues"),
            Example("ask_count", "etwas ganz neues!"),
            Example("ask_count", "WAS KOSTETS"),
            Example("ask_count", "wo liegt leeds"),
            Example("ask_count", "wann"),
        ],
        known(NLU),
        tested,
    )
    assert found == [Example("ask_since", "Etwas ganz Neues")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Wo liegt [Musterhausen](city)?", None),
        ("x", "length"),
        ("- ", "length"),
        ("a" * 301, "length"),
        ("/restart", "signs"),
        ("Meine Nummer ist [Telefonnummer]", "brackets"),
        ("Wo liegt [Leeds](person)?", "brackets"),
        ('[Leeds]{"entity": "city"}', "brackets"),
        ("Schreiben Sie an kim@example.org", "personal"),
    ],
)
def test_unfit_sentence_is_refused(text: str, reason: str | None) -> None:
    """What Rasa would read as a command or a mark, what was masked, and what should have been."""
    assert fault(text) == reason


def test_real_cities_become_a_made_up_one(dortmund_records: Records) -> None:
    """In any spelling of case; words that only begin alike stay."""
    text = proposed("seit wann ist LEEDS\n dabei, und Novi Sad? Leedser?", dortmund_records)
    assert text == "seit wann ist [Musterhausen](city) dabei, und [Musterhausen](city)? Leedser?"


def test_intents_are_those_of_the_file() -> None:
    """In its order."""
    assert intents(NLU)[:2] == ["ask_since", "ask_country"] and len(intents(NLU)) == NLU.count("- intent:")
