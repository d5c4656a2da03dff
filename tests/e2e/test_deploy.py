"""New models while people talk to the bot: nobody notices, a worse one is refused, one command goes back."""

from __future__ import annotations

import io
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import yaml

from partnerstadt import active, seal
from partnerstadt.operations import deploy as module
from partnerstadt.operations.deploy import Place, answering, deploy, roll_back
from partnerstadt.quality.measure import Result, new_sender
from partnerstadt.settings import Problem, Settings
from partnerstadt.staff.candidate import results
from partnerstadt.staff.trail import steps
from tests.e2e.conftest import QUESTIONS, Bot

CASES = 8


@pytest.fixture
def models(bot: Bot, model: Path) -> Iterator[Callable[[str, Callable[[bytes], bytes]], Path]]:
    """Makes models out of the real one, with other weights; they are removed afterwards."""
    made: list[Path] = []

    def make(name: str, change: Callable[[bytes], bytes]) -> Path:
        target = model.with_name(f"{name}.tar.gz")
        with tarfile.open(model) as source, tarfile.open(target, "w:gz") as copy:
            for member in source:
                file = source.extractfile(member)
                content = file.read() if file else b""
                if member.name.endswith("weights.npz"):
                    content = change(content)
                    member.size = len(content)
                copy.addfile(member, io.BytesIO(content))
        seal.write(target)
        made.append(target)
        return target

    yield make
    for path in made:
        path.unlink()
        seal.seal_of(path).unlink()
    (bot.settings.state / active.FILE).unlink(missing_ok=True)


def nonsense(weights: bytes) -> bytes:
    """Weights that understand nothing."""
    raw = np.load(io.BytesIO(weights))
    out = io.BytesIO()
    np.savez_compressed(out, **{k: raw[k] * 0 if raw[k].dtype.kind == "f" else raw[k] for k in raw.files})
    return out.getvalue()


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    """A few of the regression questions."""
    cases = yaml.safe_load((QUESTIONS / "acceptance.yml").read_text(encoding="utf-8"))[:CASES]
    (tmp_path / "some.yml").write_text(yaml.safe_dump(cases, allow_unicode=True), encoding="utf-8")
    return tmp_path


class Talker(threading.Thread):
    """Somebody who asks the same two questions again and again, in one conversation."""

    def __init__(self, bot: Bot) -> None:
        super().__init__(daemon=True)
        self.bot, self.sender = bot, new_sender()
        self.ended = threading.Event()
        self.right, self.wrong = 0, list[str]()

    def run(self) -> None:
        """Talk until it is over."""
        while not self.ended.wait(0.2):
            for text, expected in (("Seit wann ist Leeds dabei?", "1969"), ("und Amiens?", "1960")):
                try:
                    reply = self.bot.client.text(text, self.sender)
                except httpx.HTTPError as error:
                    reply = repr(error)
                if expected in reply:
                    self.right += 1
                else:
                    self.wrong.append(reply)

    def stop(self) -> None:
        """It is over."""
        self.ended.set()
        self.join(60)


def test_nobody_notices_a_new_model_and_a_worse_one_is_refused(
    bot: Bot,
    model: Path,
    models: Callable[[str, Callable[[bytes], bytes]], Path],
    questions: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody talks all the while; a broken file and a worse one change nothing."""
    asked: dict[Path, list[Result]] = {}

    def asked_once(settings: Settings, which: Path, *more: Any) -> list[Result]:
        if which not in asked:
            asked[which] = results(settings, which, *more)
        return asked[which]

    monkeypatch.setattr(module, "results", asked_once)  # the model in use is compared with twice
    place, said = Place.of(bot.settings), list[str]()
    same, worse = models("same", bytes), models("worse", nonsense)
    talker = Talker(bot)
    talker.start()

    with pytest.raises(Problem, match="refused, because it is worse in"):
        deploy(place, worse, questions, said.append)
    assert any("lost:" in line for line in said)
    worse.write_bytes(b"\x1f\x8b broken")
    with pytest.raises(Problem, match="is not loaded"):
        deploy(place, worse, questions, said.append)
    assert answering(bot.settings) == model.name and active.read(bot.settings.state, bot.settings.project) is None

    deploy(place, same, questions, said.append)
    assert answering(bot.settings) == same.name and said[-1] == f"{same.name} is in use."
    deploy(place, same, questions, said.append)
    assert said[-1] == f"{same.name} is in use already."
    roll_back(place, said.append)
    assert answering(bot.settings) == model.name
    with pytest.raises(Problem, match="there is no model before"):
        roll_back(place, said.append)

    talker.stop()
    assert talker.right > 20 and talker.wrong == []
    assert [step.action for step in steps(place.engine)][:2] == ["model_rolled_back", "model_activated"]
