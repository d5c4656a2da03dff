"""Training suggestions with a Rasa that only pretends to train; the real one is in tests/e2e/test_training.py."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from partnerstadt.front.database import writing
from partnerstadt.front.store import Store
from partnerstadt.front.times import now
from partnerstadt.settings import Settings
from partnerstadt.staff.database import open_staff_database
from partnerstadt.staff.examples import Example
from partnerstadt.staff.inbox import Inbox, State
from partnerstadt.staff.leases import take
from partnerstadt.staff.tables import examples
from partnerstadt.staff.trail import steps
from partnerstadt.staff.training import DONE, FAILED, HELD, INTERRUPTED, LEASE, RUNNING, Refused, Run, Training
from tests.front.parts import Clock
from tests.staff.inquiries import asked
from tests.staff.project import NLU, small_project


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A small project."""
    return small_project(tmp_path / "project")


@pytest.fixture
def engine(settings: Settings) -> Engine:
    """Its database."""
    return open_staff_database(None, settings.state)


@pytest.fixture
def training(engine: Engine, settings: Settings) -> Training:
    """Its training."""
    return Training(engine, now, settings)


def confirmed(engine: Engine, *texts: str) -> None:
    """Sentences that a clerk has confirmed."""
    with writing(engine) as connection:
        for text in texts:
            values = {"intent": "ask_contact", "text": text, "account": "kim", "time": now()}
            connection.execute(examples.insert().values(**values))


def trained(training: Training) -> Run:
    """The candidate of a run that has ended."""
    id = training.start("kim")
    deadline = time.monotonic() + 60
    while (run := training.run(id)) is None or run.state == RUNNING:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return run


def test_sentences_are_confirmed_one_by_one(engine: Engine, settings: Settings, clock: Clock) -> None:
    """As the clerk has written them; what was settled does not come back; the sentence outlasts the text."""
    store, inbox, training = Store(engine), Inbox(engine, clock), Training(engine, clock, settings)
    asked(store, clock, "Wo sitzt Frau Beispiel vom Büro?")
    asked(store, clock, "Wo sitzt Frau Beispiel vom Büro")
    inbox.update()
    group = inbox.groups(State.OPEN)[0][0]
    assert training.suggestions() == ([], 0)
    inbox.decide(group.id, State.OPEN, State.ASSIGNED, "kim", "ask_contact")
    found, total = training.suggestions()
    assert total == 2 and {s.intent for s in found} == {"ask_contact"}
    first, second = ((s.conversation, s.number) for s in found)
    for text, intent, reason in (
        ("Ruf 0231 5012345 an", "ask_contact", "personal"),
        ("Wo sitzt die Leitung?", "ask_everything", "intent"),
    ):
        with pytest.raises(Refused, match=reason):
            training.confirm(*first, Example(intent, text), "kim")
    training.confirm(*first, Example("ask_contact", "Wo sitzt die Leitung vom Büro?"), "kim")
    with pytest.raises(Refused, match="settled"):
        training.confirm(*first, Example("ask_contact", "Wo sitzt die Leitung vom Büro?"), "lee")
    training.leave_out(*second, "kim")
    assert training.suggestions() == ([], 0)
    store.forget(clock().replace(year=2027))
    [kept] = training.confirmed()
    assert (kept.example.text, kept.account, kept.state) == ("Wo sitzt die Leitung vom Büro?", "kim", "new")
    assert "Beispiel" not in training.patch() and "+    - Wo sitzt die Leitung vom Büro?\n" in training.patch()
    training.remove(kept.id, "kim")
    assert training.patch() == ""
    assert [step.action for step in steps(engine)] == [
        "example_removed",
        "example_left_out",
        "example_confirmed",
        "group_assigned",
    ]


def test_sentence_of_file_or_tests_is_left_out(engine: Engine, training: Training) -> None:
    """And says why."""
    confirmed(engine, "wo ist das büro", "Immer!", "Etwas Neues")
    assert [(c.example.text, c.state) for c in training.confirmed()] == [
        ("Etwas Neues", "new"),
        ("Immer!", "tested"),
        ("wo ist das büro", "known"),
    ]
    assert [example.text for example in training.new()] == ["Etwas Neues"]


def test_nothing_new_is_not_trained(training: Training) -> None:
    """It would be the same model."""
    with pytest.raises(Refused, match="nothing"):
        training.start("kim")


def test_better_candidate_is_activated_and_rolled_back(engine: Engine, training: Training, settings: Settings) -> None:
    """Not before it was compared; the project's data stays as it is; all of it outlasts a restart."""
    confirmed(engine, "Das zauberwort")
    own = training.active()
    run = trained(training)
    assert run.state == DONE and run.comparison and run.base == own, run.error
    assert [(row.kind, row.before, row.after) for row in run.comparison.kinds] == [("fact", 2, 2), ("contact", 0, 1)]
    assert [turned.say for turned in run.comparison.won] == ["neu"] and run.comparison.lost == ()
    assert (settings.project / "data" / "nlu.yml").read_text(encoding="utf-8") == NLU
    assert training.hindrance(run) is None and training.before() is None
    with pytest.raises(Refused, match="no_before"):
        training.roll_back("administrator")
    training.activate(run.id, "administrator")
    again = Training(engine, now, settings)
    assert again.active() == run.model and again.before() == own
    with pytest.raises(Refused, match="active"):
        again.activate(run.id, "administrator")
    again.roll_back("administrator")
    assert again.active() == own
    assert [step.action for step in steps(engine)][:2] == ["model_rolled_back", "model_activated"]
    (settings.project / "data" / "more.yml").write_text("# other data, so another model")
    with pytest.raises(Refused, match="another"):
        training.activate(run.id, "administrator")


def test_worse_candidate_is_refused(engine: Engine, training: Training) -> None:
    """Though it gains elsewhere, and whoever asks."""
    confirmed(engine, "Ein zauberwort und ein fluch")
    run = trained(training)
    assert run.comparison and run.comparison.worse == ("fact",)
    with pytest.raises(Refused, match="worse"):
        training.activate(run.id, "administrator")


def test_failed_training_says_why(engine: Engine, training: Training) -> None:
    """And another can begin."""
    confirmed(engine, "Das ist kaputt")
    run = trained(training)
    assert run.state == FAILED and "the reason" in (run.error or "")
    training.remove(training.confirmed()[0].id, "kim")
    confirmed(engine, "Das zauberwort")
    assert trained(training).state == DONE


def test_one_candidate_at_a_time(engine: Engine, training: Training) -> None:
    """In whichever process it is trained."""
    confirmed(engine, "Das zauberwort")
    with writing(engine) as connection:
        assert take(connection, LEASE, "run 7", now(), HELD)
    with pytest.raises(Refused, match="busy"):
        training.start("kim")


def test_run_that_nobody_goes_on_with_is_noted(engine: Engine, settings: Settings, clock: Clock) -> None:
    """When the machine went off; not while somebody is still at it."""
    from partnerstadt.staff.tables import trainings

    training = Training(engine, clock, settings)
    with writing(engine) as connection:
        values = {"id": 1, "state": RUNNING, "step": "training", "percent": 0, "account": "kim", "started": clock()}
        connection.execute(trainings.insert().values(**values, examples=1, base="x"))
        assert take(connection, LEASE, "run 1", clock(), HELD)
    training.tidy()
    assert training.runs()[0].state == RUNNING
    clock.now += HELD
    training.tidy()
    assert (training.runs()[0].state, training.runs()[0].error) == (FAILED, INTERRUPTED)
