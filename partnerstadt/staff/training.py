"""Training suggestions: confirmed sentences, candidate models, which model is active."""

from __future__ import annotations

import datetime as dt
import logging
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.engine import Connection, Engine

from partnerstadt import active
from partnerstadt.front import tables as front
from partnerstadt.front.database import writing
from partnerstadt.front.times import Clock
from partnerstadt.model import fingerprint
from partnerstadt.quality.compare import Comparison
from partnerstadt.quality.questions import question_files
from partnerstadt.settings import Settings
from partnerstadt.staff import examples as text_of
from partnerstadt.staff.examples import Example
from partnerstadt.staff.inbox import State
from partnerstadt.staff.leases import give_back, held_by, take
from partnerstadt.staff.tables import examples, groups, inquiries, trainings
from partnerstadt.staff.trail import step

logger = logging.getLogger(__name__)

QUESTIONS = Path("tests/questions")
LEASE, HELD = "training", dt.timedelta(minutes=1)
PAGE = 10
RUNNING, DONE, FAILED = "running", "done", "failed"
INTERRUPTED = "interrupted"
LONGEST_ERROR = 1500


@dataclass(frozen=True)
class Suggestion:
    """A sentence of a group that was assigned to an intent; nobody has looked at it as an example yet."""

    conversation: str
    number: int
    text: str
    intent: str
    group: int


@dataclass(frozen=True)
class Confirmed:
    """A sentence that a clerk has confirmed.

    Attributes:
        id: its number.
        example: the sentence and its intent.
        account: who confirmed it.
        time: when.
        state: new, or why it is left out: known (in the file already) or tested (asked by a test).
    """

    id: int
    example: Example
    account: str
    time: dt.datetime
    state: str


@dataclass(frozen=True)
class Run:
    """A candidate model in the making, or made."""

    id: int
    state: str
    step: str
    percent: int
    account: str
    started: dt.datetime
    ended: dt.datetime | None
    examples: int
    base: str
    model: str | None
    error: str | None
    comparison: Comparison | None


class Refused(ValueError):
    """It is not done; the text is the key of the reason."""


class Training:
    """All of it: the database, the project's files, and a process that trains.

    Args:
        engine: a database that is open.
        clock: the time.
        settings: where the project and the state are.
        questions: folder with the questions that models are compared with.
    """

    def __init__(self, engine: Engine, clock: Clock, settings: Settings, questions: Path | None = None) -> None:
        self._engine, self._clock, self._settings = engine, clock, settings
        self.questions = questions or settings.project / QUESTIONS

    # --- sentences ---

    def suggestions(self, page: int = 1) -> tuple[list[Suggestion], int]:
        """Sentences to look at, the oldest first, and how many there are."""
        c, m = inquiries.c, front.messages.c
        joined = inquiries.join(groups, groups.c.id == c.group).join(
            front.messages, and_(m.conversation == c.conversation, m.number == c.number)
        )
        here = groups.c.state == State.ASSIGNED.value, ~c.settled
        query = select(c.conversation, c.number, m.text, groups.c.intent, c.group).select_from(joined).where(*here)
        query = query.order_by(c.time, c.conversation, c.number).limit(PAGE).offset(PAGE * (page - 1))
        with self._engine.begin() as connection:
            total = connection.execute(select(func.count()).select_from(joined).where(*here)).scalar()
            return [Suggestion(*row) for row in connection.execute(query)], int(total or 0)

    def confirm(self, conversation: str, number: int, example: Example, account: str) -> None:
        """Keep a sentence for training, as the clerk has written it.

        Raises:
            Refused: if it cannot be an example, or somebody else has dealt with it.
        """
        if reason := text_of.fault(example.text):
            raise Refused(reason)
        if example.intent not in self.intents():
            raise Refused("intent")
        now = self._clock()
        with writing(self._engine) as connection:
            self._settle(connection, conversation, number)
            values = {"intent": example.intent, "text": example.text, "account": account, "time": now}
            id = connection.execute(examples.insert().values(**values)).inserted_primary_key[0]
            step(connection, now, account, "example_confirmed", f"{id} {example.intent}")

    def leave_out(self, conversation: str, number: int, account: str) -> None:
        """Do not train a sentence.

        Raises:
            Refused: if somebody else has dealt with it.
        """
        with writing(self._engine) as connection:
            self._settle(connection, conversation, number)
            step(connection, self._clock(), account, "example_left_out")

    def _settle(self, connection: Connection, conversation: str, number: int) -> None:
        c = inquiries.c
        here = c.conversation == conversation, c.number == number, ~c.settled
        if not connection.execute(inquiries.update().where(*here).values(settled=True)).rowcount:
            raise Refused("settled")

    def remove(self, id: int, account: str) -> None:
        """Take a confirmed sentence back."""
        with writing(self._engine) as connection:
            if connection.execute(examples.delete().where(examples.c.id == id)).rowcount:
                step(connection, self._clock(), account, "example_removed", str(id))

    def confirmed(self) -> list[Confirmed]:
        """All confirmed sentences, the latest first."""
        known, tested = text_of.known(self._nlu()), self._tested()
        with self._engine.begin() as connection:
            rows = connection.execute(examples.select().order_by(examples.c.id.desc())).all()
        return [
            Confirmed(row.id, Example(row.intent, row.text), row.account, row.time, _state(row.text, known, tested))
            for row in rows
        ]

    def new(self) -> list[Example]:
        """What the patch adds, in the order of confirmation."""
        found = [confirmed.example for confirmed in reversed(self.confirmed())]
        return text_of.new(found, text_of.known(self._nlu()), self._tested())

    def patch(self) -> str:
        """The new sentences as a patch to the file of the project."""
        return text_of.patch(self._nlu(), self.new())

    def intents(self) -> list[str]:
        """What a sentence can be assigned to."""
        return text_of.intents(self._nlu())

    def _nlu(self) -> str:
        return (self._settings.project / text_of.FILE).read_text(encoding="utf-8")

    def _tested(self) -> frozenset[str]:
        files = question_files(self.questions)
        return _asked(tuple((file, file.stat().st_mtime_ns) for file in files))

    # --- candidates ---

    def runs(self, most: int = 5) -> list[Run]:
        """The latest candidates first."""
        with self._engine.begin() as connection:
            rows = connection.execute(trainings.select().order_by(trainings.c.id.desc()).limit(most)).all()
        return [_run(row) for row in rows]

    def run(self, id: int) -> Run | None:
        """One of them."""
        with self._engine.begin() as connection:
            row = connection.execute(trainings.select().where(trainings.c.id == id)).first()
        return _run(row) if row else None

    def start(self, account: str) -> int:
        """Train a candidate in a process of its own and compare it with the active model.

        Raises:
            Refused: if there is nothing to train, or one is being trained.
        """
        added = self.new()
        if not added:
            raise Refused("nothing")
        now, c = self._clock(), trainings.c
        with writing(self._engine) as connection:
            id = int(connection.execute(select(func.max(c.id))).scalar() or 0) + 1
            if not take(connection, LEASE, holder(id), now, HELD):
                raise Refused("busy")
            values = {"id": id, "state": RUNNING, "step": "begun", "percent": 0, "account": account, "started": now}
            values |= {"examples": len(added), "base": self.active()}
            connection.execute(trainings.insert().values(**values))
            step(connection, now, account, "training_started", str(id))
        threading.Thread(target=self._work, args=(id,), daemon=True).start()
        return id

    def _work(self, id: int) -> None:
        """Wait for the process: one that could not even begin has to be noted, too."""
        environment = {**os.environ, **self._settings.environment, "PARTNERSTADT_PROJECT": str(self._settings.project)}
        command = [sys.executable, "-m", "partnerstadt.staff.candidate", str(id), str(self.questions.resolve())]
        log = self._settings.state / "training.log"
        with log.open("w", encoding="utf-8") as kept:
            code = subprocess.run(
                command, cwd=self._settings.project, env=environment, stdin=subprocess.DEVNULL, stdout=kept, stderr=kept
            ).returncode
        if code:
            logger.warning("Training ended with code %s; see %s.", code, log)
        self.finish(id, error=INTERRUPTED)

    def note(self, id: int, step_: str, percent: int = 0) -> bool:
        """Say how far a candidate is, and go on holding the lease; False if it is lost."""
        with writing(self._engine) as connection:
            if not take(connection, LEASE, holder(id), self._clock(), HELD):
                return False
            values = {"step": step_, "percent": percent}
            connection.execute(trainings.update().where(trainings.c.id == id).values(**values))
        return True

    def finish(self, id: int, model: str | None = None, comparison: Comparison | None = None, error: str = "") -> None:
        """A candidate is done or has failed; what was said first counts."""
        c = trainings.c
        values = {"state": FAILED if error else DONE, "ended": self._clock(), "model": model}
        values |= {"error": error[-LONGEST_ERROR:] or None, "percent": 100}
        values["comparison"] = comparison.to_dict() if comparison else None
        with writing(self._engine) as connection:
            connection.execute(trainings.update().where(c.id == id, c.state == RUNNING).values(**values))
            give_back(connection, LEASE, holder(id))

    def tidy(self) -> None:
        """Note runs that were given up, when the machine went off, say."""
        with self._engine.begin() as connection:
            rows = connection.execute(select(trainings.c.id).where(trainings.c.state == RUNNING)).all()
            alive = held_by(connection, LEASE, self._clock())
        lost = [row.id for row in rows if holder(row.id) != alive]
        for id in lost:
            self.finish(id, error=INTERRUPTED)

    # --- which model is active ---

    def active(self) -> str:
        """Name of the model that is active."""
        chosen = active.read(self._settings.state, self._settings.project)
        return chosen.model if chosen else f"{fingerprint(self._settings.project)}.tar.gz"

    def before(self) -> str | None:
        """Name of the model that a rollback would activate."""
        chosen = active.read(self._settings.state, self._settings.project)
        return chosen.before[-1] if chosen and chosen.before else None

    def hindrance(self, run: Run) -> str | None:
        """Why a candidate cannot be activated: the key of a text; None if it can."""
        if run.state != DONE or run.model is None or run.comparison is None:
            return "unfinished"
        if run.model == self.active():
            return "active"
        if run.base != self.active():
            return "another"
        if run.comparison.worse:
            return "worse"
        return None if (self._settings.project / "models" / run.model).is_file() else "gone"

    def activate(self, id: int, account: str) -> None:
        """Have the bot answer with a candidate; no role may do that with one that is worse.

        Raises:
            Refused: if it is worse, or something else stands against it.
        """
        run = self.run(id)
        with active.alone(self._settings.state), writing(self._engine) as connection:
            reason = self.hindrance(run) if run else "unfinished"
            if reason or run is None or run.model is None:
                raise Refused(reason or "unfinished")
            step(connection, self._clock(), account, "model_activated", run.model)
            active.activate(self._settings.state, self._settings.project, run.model)

    def roll_back(self, account: str) -> None:
        """Have the bot answer with the model before.

        Raises:
            Refused: if there is none.
        """
        with active.alone(self._settings.state), writing(self._engine) as connection:
            model = active.roll_back(self._settings.state, self._settings.project)
            if model is None:
                raise Refused("no_before")
            step(connection, self._clock(), account, "model_rolled_back", model)


def holder(id: int) -> str:
    """Who holds the lease while a candidate is trained."""
    return f"run {id}"


def _state(text: str, known: dict[str, str], tested: frozenset[str]) -> str:
    key = text_of.key(text)
    return "known" if key in known else "tested" if key in tested else "new"


@lru_cache(maxsize=2)
def _asked(files: tuple[tuple[Path, int], ...]) -> frozenset[str]:
    return text_of.questions(file.read_text(encoding="utf-8") for file, _ in files)


def _run(row: Any) -> Run:
    values = dict(row._mapping)
    compared = values.pop("comparison")
    return Run(**values, comparison=Comparison.from_dict(compared) if compared else None)
