"""Records that change while the bot runs."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from partnerstadt.front.times import now
from partnerstadt.quality.measure import Client
from partnerstadt.quality.servers import running
from partnerstadt.records.store import RecordStore
from partnerstadt.staff.changes import Changes
from partnerstadt.staff.database import open_staff_database
from partnerstadt.staff.editor import Editor, Sent
from partnerstadt.staff.kinds import PARTNERSHIP
from partnerstadt.staff.texts import texts
from tests.e2e.conftest import Bot
from tests.support import DORTMUND, change

SECONDS = 5.0
# Made up: no such place, no such partnership.
TWELFTH: dict[str, Any] = {
    "id": "lindqvara",
    "name": "Lindqvara",
    "country": "SE",
    "country_label": "Schweden",
    "kind": "Partnerschaft",
    "since": {"year": 2021},
    "location": {"continent": "europe", "latitude": 60.0, "longitude": 15.0, "source": "geography"},
    "source": "page",
    "review_by": "2099-12-31",
}
LEEDS = "seit wann ist leeds partnerstadt"


def _until(holds: Callable[[], bool], seconds: float = SECONDS) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


@pytest.fixture
def partnerships(bot: Bot) -> Iterator[Path]:
    """The file of the partnerships; put back afterwards, and that is waited for."""
    path = bot.settings.records / "partnerships.yml"
    yield path
    shutil.copy(DORTMUND / "partnerships.yml", path)
    assert _until(lambda: "1969" in bot.client.text(LEEDS) and "2021" not in _newest(bot))


def _newest(bot: Bot) -> str:
    return bot.client.text("seit wann ist lindqvara partnerstadt")


def test_twelfth_city_is_answered_within_seconds(bot: Bot, model: Path, partnerships: Path) -> None:
    """Without training and without a restart; both processes must have read it."""
    models = sorted(model.parent.glob("*.tar.gz"))
    assert "2021" not in _newest(bot)
    change(partnerships, lambda raw: raw["partnerships"].append(TWELFTH))
    assert _until(lambda: "2021" in _newest(bot)), _newest(bot)
    many = bot.client.text("Wie viele Partnerstädte gibt es?")
    assert "12" in many and "Lindqvara" in many
    assert "Lindqvara" in bot.client.text("haben wir auch was in schweden?")
    assert sorted(model.parent.glob("*.tar.gz")) == models
    assert bot.log.read_text(encoding="utf-8").count("Ready after") == 1
    assert "again" not in bot.log.read_text(encoding="utf-8").replace("Records read again", "")


def test_changed_year_is_answered_within_seconds(bot: Bot, partnerships: Path) -> None:
    """The answer follows the record."""

    def move(raw: dict[str, Any]) -> None:
        leeds = next(entry for entry in raw["partnerships"] if entry["id"] == "leeds")
        leeds["since"]["year"] = 1971

    change(partnerships, move)
    assert _until(lambda: "1971" in bot.client.text(LEEDS))


def test_change_at_the_staff_desk_is_answered_within_seconds(bot: Bot, partnerships: Path, tmp_path: Path) -> None:
    """By both bots that read the folder, and again when it is taken back; without training."""
    changes = Changes(open_staff_database(None, tmp_path), partnerships.parent, now)
    editor = Editor(changes, RecordStore(partnerships.parent), now, texts()["records"]["faults"])
    leeds = editor.record(PARTNERSHIP, "leeds")
    assert leeds is not None
    sent = Sent({**leeds.values, "since.year": "1973"}, leeds.mark, leeds.source)
    with running(bot.settings, tmp_path / "second.log") as second:
        clients = (bot.client, Client(second.rasa_url))
        editor.save(PARTNERSHIP, "leeds", sent, "kim")
        assert _until(lambda: all("1973" in client.text(LEEDS) for client in clients))
        changes.undo(1, "kim")
        assert _until(lambda: all("1969" in client.text(LEEDS) for client in clients))


@pytest.mark.parametrize("broken", ["partnerships: [", "partnerships: 3\n", "", "a\0b"])
def test_broken_record_keeps_the_old_answer(bot: Bot, partnerships: Path, broken: str) -> None:
    """The last good records stay in force, and the log names the file."""
    before = bot.log.read_text(encoding="utf-8")
    partnerships.write_text(broken, encoding="utf-8")
    ends = time.monotonic() + 2.5
    while time.monotonic() < ends:
        assert "1969" in bot.client.text(LEEDS)
        time.sleep(0.2)
    logged = bot.log.read_text(encoding="utf-8").removeprefix(before)
    assert "Records stay as they were: partnerships.yml" in logged, logged
    assert "Traceback" not in logged
