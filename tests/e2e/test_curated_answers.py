"""Curated answers in the running bot: live without training, beside all questions that it answers already."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from partnerstadt.quality.measure import Client, Result, measure
from partnerstadt.quality.questions import ANSWERABLE, Signs, load_cases, question_files
from partnerstadt.quality.servers import running
from tests.e2e.conftest import QUESTIONS, Bot
from tests.support import PROJECT

SECONDS = 5.0
ANSWERS, OTHERS = (
    yaml.safe_load((PROJECT / "tests" / "nlu" / f"{name}.yml").read_text(encoding="utf-8"))
    for name in ("answers", "answers_second")
)
# Paraphrases of the twenty answers that are found (33 of 64), others that get one (2), other turns that change.
LEAST_FOUND, MOST_WRONG, MOST_CAUGHT, MOST_OPEN = 0.42, 3, 12, 2
# Of twenty answers that nothing was tuned with: found (12 of 63), found or offered (30), others that get one (4).
LEAST_FOUND_OF_OTHERS, LEAST_OFFERED_OF_OTHERS, MOST_WRONG_OF_OTHERS = 0.12, 0.4, 5


def record(id: str, questions: list[str]) -> dict[str, Any]:
    """A made-up answer that names its id."""
    held = {"source": "page", "owner": "Amt", "review_by": "2099-12-31"}
    return {"id": id, "questions": questions, "answer": f"Antwort {id}.", **held}


def put(bot: Bot, answers: list[dict[str, Any]]) -> None:
    """Write the answers of the bot's city."""
    text = yaml.safe_dump({"answers": answers}, allow_unicode=True, sort_keys=False)
    (bot.settings.records / "answers.yml").write_text(text, encoding="utf-8")


@pytest.fixture
def answers(bot: Bot) -> Iterator[Bot]:
    """The bot, without answers before and after."""
    yield bot
    put(bot, [])
    time.sleep(2.5)


def test_new_answer_is_given_within_seconds(answers: Bot, tmp_path: Path, model: Path) -> None:
    """By two bots that read the same folder, without training; then it is changed, and then it is gone."""
    models = sorted(model.parent.glob("*.tar.gz"))
    asked = "wo gibts hier nen parkplaz"
    with running(answers.settings, tmp_path / "second.log") as second:
        clients = (answers.client, Client(second.rasa_url))

        def until(*expected: str) -> None:
            deadline = time.monotonic() + SECONDS
            while not all(all(e in client.text(asked) for e in expected) for client in clients):
                assert time.monotonic() < deadline, [client.text(asked) for client in clients]
                time.sleep(0.2)

        assert not any("Antwort" in client.text(asked) for client in clients)
        parking = record("parking", ["Wo gibt es einen Parkplatz?"])
        put(answers, [parking])
        until("Antwort parking.", "Quelle:", "Stand:")
        put(answers, [parking | {"answer": "Am Anger."}])
        until("Am Anger.")
        put(answers, [parking | {"valid_until": "2020-01-01"}])
        until("Dabei kann ich Ihnen leider nicht helfen")
    assert sorted(model.parent.glob("*.tar.gz")) == models


def test_answers_are_found_and_change_no_other(answers: Bot, results: list[Result], signs: Signs) -> None:
    """Twenty answers: their paraphrases are found; of all other questions only those in a gap may be caught."""
    put(answers, [record(a["id"], a["questions"]) for a in ANSWERS])
    time.sleep(3)
    asked = [(a["id"], kind, text) for a in ANSWERS for kind in ("meant", "other") for text in a[kind]]
    replies = [(id, kind, text, answers.client.text(text)) for id, kind, text in asked]
    right = [text for id, kind, text, reply in replies if kind == "meant" and f"Antwort {id}." in reply]
    wrong = [text for id, kind, text, reply in replies if "Antwort " in reply and text not in right]
    meant = sum(kind == "meant" for _, kind, _ in asked)
    print(f"found {len(right)} of {meant} paraphrases; given to something else: {wrong}")
    assert len(right) >= LEAST_FOUND * meant and len(wrong) <= MOST_WRONG

    # A sixth of the collections is asked once more: a thousand turns show what changes.
    files = question_files(QUESTIONS)[::6]
    before = [result for result in results if result.file in {path.stem for path in files}]
    again: list[Result] = []
    for path in files:
        again += measure(answers.settings.rasa_url, load_cases(path), signs, path.stem)
    changed = [(old, new) for old, new in zip(before, again, strict=True) if old.reply != new.reply]
    print(f"{len(changed)} of {len(again)} turns changed")
    print("\n".join(f"{new.file} {new.turn.kind.value}: {new.turn.say} -> {new.reply[:60]}" for _, new in changed))
    assert all("Antwort " in new.reply for _, new in changed) and len(changed) <= MOST_CAUGHT
    # One asks for telephone and mail, which the records leave open: a gap, too.
    assert len([new for old, new in changed if old.turn.kind in ANSWERABLE]) <= MOST_OPEN


def test_answers_that_nothing_was_tuned_with_are_found_or_offered(answers: Bot) -> None:
    """What a city may expect of the answers that it writes, with two questions each."""
    put(answers, [record(a["id"], a["questions"]) for a in OTHERS])
    time.sleep(3)
    found = offered = asked = 0
    wrong: list[str] = []
    for answer in OTHERS:
        for text in answer["meant"] + answer["other"]:
            said = answers.client.say(text)
            reply = "\n".join(str(message.get("text")) for message in said)
            titles = {str(button["title"]) for message in said for button in message.get("buttons") or ()}  # type: ignore[attr-defined]
            meant = text in answer["meant"]
            right = meant and f"Antwort {answer['id']}." in reply
            asked, found = asked + meant, found + right
            offered += meant and not right and bool(titles & set(answer["questions"]))
            wrong += [text] if "Antwort " in reply and not right else []
    print(f"found {found} and offered {offered} of {asked} paraphrases; given to something else: {wrong}")
    assert found >= LEAST_FOUND_OF_OTHERS * asked and found + offered >= LEAST_OFFERED_OF_OTHERS * asked
    assert len(wrong) <= MOST_WRONG_OF_OTHERS
