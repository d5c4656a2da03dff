"""Which model is in use, and what stands against another one; tests/e2e/test_deploy.py does it with the real bot."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from partnerstadt import active, seal
from partnerstadt.model import fingerprint
from partnerstadt.operations import deploy as module
from partnerstadt.operations.deploy import Place, check, deploy, refuse_worse, roll_back
from partnerstadt.quality.compare import Comparison, Row, Turned
from partnerstadt.quality.servers import free_ports
from partnerstadt.settings import Problem, Settings
from partnerstadt.staff.database import open_staff_database
from tests.servers import Postgres

FINE = Comparison((), (), (), 0, 0)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A project with models that nobody is asked about, and no running bot."""
    (tmp_path / "models").mkdir()
    (tmp_path / "config.yml").write_text("language: de")
    settings = Settings(tmp_path, tmp_path / "records", rasa_port=free_ports(1)[0], state=tmp_path / "var")
    for name in ("left", "right", fingerprint(tmp_path)):
        (tmp_path / "models" / f"{name}.tar.gz").write_text(name)
        seal.write(tmp_path / "models" / f"{name}.tar.gz")
    monkeypatch.setattr(module, "measured", lambda *_: FINE)
    return Place(settings, open_staff_database(None, settings.state))


def model(place: Place, name: str) -> Path:
    """One of its models."""
    return place.models / f"{name}.tar.gz"


def silent(_: str) -> None:
    """Say nothing."""


def test_model_is_chosen_also_while_nothing_runs(place: Place) -> None:
    """The next start takes it; rolling back goes to the one before."""
    own = place.current()
    deploy(place, model(place, "left"), Path(), silent)
    assert place.current() == "left.tar.gz"
    roll_back(place, silent)
    assert place.current() == own
    with pytest.raises(Problem, match="there is no model before"):
        roll_back(place, silent)


@pytest.mark.parametrize("server", [False, True], ids=["sqlite", "postgresql"])
def test_two_deployments_at_once_end_with_one(
    place: Place, monkeypatch: pytest.MonkeyPatch, postgresql: Postgres, server: bool
) -> None:
    """Both were compared with the same model; the later one is told to compare again, also by a slow database."""
    if server:
        place = replace(place, engine=open_staff_database(postgresql.database(), place.settings.state))
    noted = module.step

    def slowly(*arguments: Any) -> None:
        time.sleep(0.3)
        noted(*arguments)

    monkeypatch.setattr(module, "step", slowly)
    compared = threading.Barrier(2, timeout=60)

    def both_compared(*_: object) -> Comparison:
        compared.wait()
        return FINE

    monkeypatch.setattr(module, "measured", both_compared)
    outcomes: dict[str, str] = {}

    def one(name: str) -> None:
        try:
            deploy(place, model(place, name), Path(), silent)
            outcomes[name] = "in use"
        except Problem as problem:
            outcomes[name] = str(problem)

    threads = [threading.Thread(target=one, args=(name,)) for name in ("left", "right")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    [winner] = [name for name, outcome in outcomes.items() if outcome == "in use"]
    assert any("another model is in use since" in outcome for outcome in outcomes.values())
    assert place.current() == f"{winner}.tar.gz"


def test_choice_of_somebody_else_is_not_taken_back(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot did not follow in time; meanwhile another model was chosen, and that one stays."""

    def overtaken(*_: object) -> None:
        active.activate(place.settings.state, place.settings.project, "right.tar.gz")
        raise Problem("the bot did not follow")

    monkeypatch.setattr(module, "_until_answering", overtaken)
    with pytest.raises(Problem, match="did not follow"):
        deploy(place, model(place, "left"), Path(), silent)
    assert place.current() == "right.tar.gz"


def test_model_is_brought_with_its_seal(place: Place, tmp_path: Path) -> None:
    """From any folder; one of that name that is there already is not overwritten, one without a seal not taken."""
    brought = tmp_path / "new.tar.gz"
    brought.write_text("new")
    with pytest.raises(seal.Unsealed):
        deploy(place, brought, Path(), silent)
    seal.write(brought)
    deploy(place, brought, Path(), silent)
    seal.check(place.models / "new.tar.gz")
    brought.write_text("other")
    seal.write(brought)
    roll_back(place, silent)
    with pytest.raises(Problem, match="give the model another name"):
        deploy(place, brought, Path(), silent)


def test_new_data_keeps_the_model_before(place: Place) -> None:
    """Data and model have changed while the bot ran: going back goes to what it answered with until then."""
    deploy(place, model(place, "left"), Path(), silent)
    (place.settings.project / "config.yml").write_text("language: de # new")
    own = model(place, fingerprint(place.settings.project))
    own.write_text("own")
    seal.write(own)
    state, project = place.settings.state, place.settings.project
    active.activate(state, project, own.name, instead_of="left.tar.gz")
    assert active.roll_back(state, project) == "left.tar.gz"


def test_what_is_worse_is_refused_with_examples() -> None:
    """Fewer right answers of one kind are enough, and so is one more wrong statement."""
    told: list[str] = []
    lost = (Turned("fact", "Seit wann?", "Seit 1969.", "Weiß ich nicht."),)
    with pytest.raises(Problem, match="worse in: fact"):
        refuse_worse(Comparison((Row("fact", 9, 8, 7), Row("count", 9, 5, 9)), lost, (), 0, 0), told.append)
    assert any("Seit wann?" in line for line in told)
    with pytest.raises(Problem, match="worse in: wrong"):
        refuse_worse(Comparison((Row("fact", 9, 8, 8),), (), (), 0, 1), told.append)
    refuse_worse(Comparison((Row("fact", 9, 8, 8),), (), (), 2, 1), told.append)


def test_check_changes_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where images are built there is no bot; a foreign model is not even started to be compared with."""
    told: list[str] = []
    check(place.settings, model(place, "left"), model(place, "right"), Path(), told.append)
    assert told[-1] == "left.tar.gz is not worse than right.tar.gz."
    assert active.read(place.settings.state, place.settings.project) is None
    model(place, "right").write_text("from elsewhere")
    with pytest.raises(seal.Unsealed):
        check(place.settings, model(place, "left"), model(place, "right"), Path(), silent)
    worse = Comparison((), (), (), 0, 1)
    monkeypatch.setattr(module, "measured", lambda *_: worse)
    with pytest.raises(Problem, match="refused"):
        check(place.settings, model(place, "left"), None, Path(), silent)
