"""The inbox: what the bot could not answer or was told it answered wrongly, grouped by meaning."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import secrets
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from sqlalchemy import and_, bindparam, case, exists, func, or_, select
from sqlalchemy.engine import Connection, Engine
from starlette.concurrency import run_in_threadpool

from partnerstadt.front import tables as front
from partnerstadt.front.database import writing
from partnerstadt.front.store import BOT, CITIZEN
from partnerstadt.front.times import Clock
from partnerstadt.staff.grouping import Groups, Vector, meanings, most_central
from partnerstadt.staff.leases import give_back, take
from partnerstadt.staff.tables import group_days, groups, inquiries
from partnerstadt.staff.trail import step

logger = logging.getLogger(__name__)

BATCH = 64  # about half a second on one core
INTERVAL = 20.0
LEASE, HELD = "grouping", dt.timedelta(minutes=2)
WEEK = dt.timedelta(days=7)
PAGE, SENTENCES = 20, 50
FOR_AN_ANSWER = 5  # sentences handed on to a new curated answer
UNSURE = 0.4  # an answer given with less confidence may be none
DOWN, UNSURE_REASON = "down", "unsure"
NOT_ANSWERED = ("unrecorded", "out_of_scope", "fallback")


class State(str, Enum):
    """What was decided about a group."""

    OPEN = "open"
    ANSWERED = "answered"
    ASSIGNED = "assigned"
    OFF = "off"
    DISMISSED = "dismissed"


@dataclass(frozen=True)
class Group:
    """Sentences of one meaning.

    Attributes:
        id: its number, which never changes.
        name: its most central sentence, or what a clerk has called it; empty when its texts are deleted.
        named: whether a clerk has confirmed the name, so that it outlasts the text.
        state: what was decided.
        intent: what it was assigned to.
        account: who decided.
        decided: when.
        count: sentences in all, deleted ones included.
        recent: of these, in the last seven days.
        before: in the seven days before.
        down: with a thumb down.
        last: day of the last one.
    """

    id: int
    name: str
    named: bool
    state: State
    intent: str | None
    account: str | None
    decided: dt.datetime | None
    count: int
    recent: int
    before: int
    down: int
    last: dt.date

    @property
    def trend(self) -> int:
        """How many more there were than in the week before."""
        return self.recent - self.before

    @property
    def share_down(self) -> int:
        """Thumbs down, in percent."""
        return round(100 * self.down / self.count) if self.count else 0


@dataclass(frozen=True)
class Sentence:
    """What somebody said, as it is kept by the front desk."""

    conversation: str
    number: int
    text: str
    time: dt.datetime
    reason: str
    down: bool


@dataclass(frozen=True)
class Said:
    """One message of a conversation; `asked` marks those for which it stands in a group."""

    sender: str
    text: str
    time: dt.datetime
    asked: bool
    value: str | None
    comment: str | None


class Inbox:
    """All of it, in the database.

    Args:
        engine: a database that is open.
        clock: the time.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock
        self._holder = secrets.token_hex(8)
        self._one_at_a_time = threading.Lock()

    # --- grouping, in the background ---

    async def run(self) -> None:
        """Take in what is new, for as long as the staff desk runs."""
        while True:
            try:
                while await run_in_threadpool(self.update):
                    pass
            except Exception as error:  # its message may quote a text
                logger.error("The inbox could not be brought up to date (%s); tried again.", type(error).__name__)
            await asyncio.sleep(INTERVAL)

    def update(self) -> bool:
        """Take in some of what is new; whether there may be more. Does nothing while another process does it."""
        with self._one_at_a_time:
            return self._update()

    def _update(self) -> bool:
        with writing(self._engine) as connection:
            if not self._hold(connection):
                return False
        with self._engine.begin() as connection:
            found = connection.execute(_NEW.limit(BATCH)).all()
        vectors = meanings([row.text for row in found]) if found else None
        with writing(self._engine) as connection:
            if not self._hold(connection):  # it took so long that somebody else has begun
                return False
            touched = self._sort(connection, found, vectors) if vectors is not None else set()
            self._count_thumbs(connection)
            touched |= {row.id for row in connection.execute(_NAMELESS)}
            self._name(connection, touched)
            if len(found) < BATCH:
                give_back(connection, LEASE, self._holder)
        return len(found) == BATCH

    def _hold(self, connection: Connection) -> bool:
        return take(connection, LEASE, self._holder, self._clock(), HELD)

    def _sort(self, connection: Connection, found: Sequence[Any], vectors: Vector) -> set[int]:
        known = {row.id: row.meaning for row in connection.execute(select(groups.c.id, groups.c.meaning))}
        sums = {id: np.frombuffer(bytes(m), dtype=np.float32) for id, m in known.items() if m is not None}
        sorter = Groups(sums, max(known, default=0) + 1, len(found))
        touched: set[int] = set()
        counted: Counter[tuple[int, str]] = Counter()
        for row, vector in zip(found, vectors, strict=True):
            # Deleted while it was being looked at; on a database server it now stays until we are done.
            if connection.execute(_HELD, {"of": row.conversation, "nr": row.number}).first() is None:
                continue
            group = sorter.join(vector)
            if group not in known and group not in touched:
                connection.execute(groups.insert().values(id=group, state=State.OPEN.value))
            touched.add(group)
            reason = row.outcome if row.outcome in NOT_ANSWERED else DOWN if row.down else UNSURE_REASON
            values = {"conversation": row.conversation, "number": row.number, "group": group, "time": row.time}
            values |= {"reason": reason, "down": False, "meaning": vector.astype(np.float16).tobytes()}
            connection.execute(inquiries.insert().values(settled=False, **values))
            counted[group, row.time.date().isoformat()] += 1
        for (group, day), count in counted.items():
            _add(connection, group, day, count=count)
        for group in touched:
            meaning = sorter.sum_of(group).tobytes()
            connection.execute(groups.update().where(groups.c.id == group).values(meaning=meaning))
        return touched

    def _count_thumbs(self, connection: Connection) -> None:
        """Thumbs that were turned since, before their message is deleted."""
        changed = connection.execute(_TURNED).all()
        for row in changed:
            here = inquiries.c.conversation == row.conversation, inquiries.c.number == row.number
            connection.execute(inquiries.update().where(*here).values(down=not row.down))
            _add(connection, row.group, row.time.date().isoformat(), down=-1 if row.down else 1)

    def _name(self, connection: Connection, ids: Iterable[int]) -> None:
        """Find the sentence that stands for a group; without any, an open group catches nothing any more."""
        c = inquiries.c
        for id in sorted(ids):
            rows = connection.execute(
                select(c.conversation, c.number, c.meaning).where(c.group == id).order_by(c.time, c.conversation)
            ).all()
            values: dict[str, Any] = {"conversation": None, "number": None}
            if rows:
                meant = np.stack([np.frombuffer(bytes(row.meaning), dtype=np.float16) for row in rows])
                vectors = meant.astype(np.float32)
                central = rows[most_central(vectors, vectors.sum(axis=0))]
                values = {"conversation": central.conversation, "number": central.number}
            elif connection.execute(select(groups.c.state).where(groups.c.id == id)).scalar() == State.OPEN.value:
                values["meaning"] = None
            connection.execute(groups.update().where(groups.c.id == id).values(**values))

    # --- looking ---

    def groups(self, state: State, page: int = 1) -> tuple[list[Group], int]:
        """Groups of a state, rising first, and how many there are."""
        with self._engine.begin() as connection:
            total = connection.execute(
                select(func.count()).select_from(groups).where(groups.c.state == state.value)
            ).scalar()
            query, order = self._counted()
            query = query.where(groups.c.state == state.value).order_by(*order)
            rows = connection.execute(query.limit(PAGE).offset(PAGE * (page - 1))).all()
        return [_group(row) for row in rows], int(total or 0)

    def group(self, id: int) -> Group | None:
        """One group."""
        with self._engine.begin() as connection:
            row = connection.execute(self._counted()[0].where(groups.c.id == id)).first()
        return _group(row) if row else None

    def _counted(self) -> tuple[Any, tuple[Any, ...]]:
        d, today = group_days.c, self._clock().date()
        recent, before = (today - WEEK).isoformat(), (today - 2 * WEEK).isoformat()
        counted = (
            select(
                d.group.label("of"),
                func.sum(d["count"]).label("total"),
                func.sum(case((d.day > recent, d["count"]), else_=0)).label("recent"),
                func.sum(case((and_(d.day > before, d.day <= recent), d["count"]), else_=0)).label("before"),
                func.sum(d.down).label("down"),
                func.max(d.day).label("last"),
            )
            .group_by(d.group)
            .subquery()
        )
        m, n = front.messages.c, counted.c
        joined = groups.join(counted, n.of == groups.c.id).outerjoin(
            front.messages, and_(m.conversation == groups.c.conversation, m.number == groups.c.number)
        )
        query = select(groups, m.text, n.total, n.recent, n.before, n.down, n.last).select_from(joined)
        return query, ((n.recent - n.before).desc(), n.recent.desc(), n.last.desc(), groups.c.id)

    def sentences(self, group: int, page: int = 1, most: int = SENTENCES) -> list[Sentence]:
        """The sentences of a group whose texts are still kept, the latest first."""
        c, m = inquiries.c, front.messages.c
        joined = inquiries.join(front.messages, and_(m.conversation == c.conversation, m.number == c.number))
        query = select(c.conversation, c.number, m.text, c.time, c.reason, c.down).select_from(joined)
        query = query.where(c.group == group).order_by(c.time.desc(), c.conversation, c.number)
        with self._engine.begin() as connection:
            return [Sentence(*row) for row in connection.execute(query.limit(most).offset(most * (page - 1)))]

    def conversation(self, group: int, id: str) -> list[Said]:
        """What was said in a conversation that a sentence of a group comes from; empty if there is none."""
        c, m, f = inquiries.c, front.messages.c, front.feedback.c
        joined = front.messages.outerjoin(
            inquiries, and_(c.conversation == m.conversation, c.number == m.number, c.group == group)
        ).outerjoin(front.feedback, and_(f.conversation == m.conversation, f.number == m.number))
        query = select(m.sender, m.text, m.time, c.group, f.value, f.comment).select_from(joined)
        query = query.where(m.conversation == id, m.type == "message").order_by(m.number)
        with self._engine.begin() as connection:
            rows = connection.execute(query).all()
        said = [Said(r.sender, r.text, r.time, r.group is not None, r.value, r.comment) for r in rows]
        return said if any(message.asked for message in said) else []

    # --- deciding ---

    def decide(self, id: int, seen: State, state: State, account: str, intent: str | None = None) -> bool:
        """Decide about a group; False if somebody else has decided since it was seen."""
        now, c = self._clock(), groups.c
        values = {"state": state.value, "intent": intent, "account": account, "decided": now}
        with writing(self._engine) as connection:
            here = groups.update().where(c.id == id, c.state == seen.value)
            if not connection.execute(here.values(**values)).rowcount:
                return False
            step(connection, now, account, f"group_{state.value}", f"{id} {intent}" if intent else str(id))
        return True

    def call(self, id: int, name: str, account: str) -> None:
        """Give a group a name that stays when its texts are deleted; without one, it goes by its sentences again."""
        with writing(self._engine) as connection:
            connection.execute(groups.update().where(groups.c.id == id).values(name=name or None))
            step(connection, self._clock(), account, "group_named", str(id))


def _group(row: Any) -> Group:
    decided = row.state != State.OPEN.value
    return Group(
        id=row.id,
        name=row.name or row.text or "",
        named=bool(row.name),
        state=State(row.state),
        intent=row.intent,
        account=row.account if decided else None,
        decided=row.decided if decided else None,
        count=int(row.total),
        recent=int(row.recent),
        before=int(row.before),
        down=int(row.down),
        last=dt.date.fromisoformat(row.last),
    )


def _add(connection: Connection, group: int, day: str, count: int = 0, down: int = 0) -> None:
    d = group_days.c
    values = {"count": d["count"] + count, "down": d.down + down}
    if not connection.execute(group_days.update().where(d.group == group, d.day == day).values(values)).rowcount:
        connection.execute(group_days.insert().values({"group": group, "day": day, "count": count, "down": down}))


_a, _q = front.messages.alias("answer"), front.messages.alias("question")
_f, _c = front.feedback.c, inquiries.c
_DOWN = and_(_f.conversation == _a.c.conversation, _f.number == _a.c.number, _f.value == DOWN)
_IN = exists().where(_c.conversation == _q.c.conversation, _c.number == _q.c.number)
_HAS_THUMB = exists().where(_DOWN)
# Questions that are in no group yet: not answered, answered unsurely, or with a thumb down. What a button said is the
# bot's own text and comes in only with a thumb.
_NEW = (
    select(_q.c.conversation, _q.c.number, _q.c.text, _q.c.time, _a.c.outcome, _HAS_THUMB.label("down"))
    .select_from(_a.join(_q, and_(_q.c.conversation == _a.c.conversation, _q.c.number == _a.c.answers)))
    .where(
        _a.c.sender == BOT,
        _a.c.type == "message",
        _q.c.sender == CITIZEN,
        or_(
            and_(
                _q.c.payload.is_(None),
                or_(
                    _a.c.outcome.in_(NOT_ANSWERED),
                    and_(_a.c.outcome == "answered", _a.c.confidence < UNSURE),
                ),
            ),
            _HAS_THUMB,
        ),
        ~_IN,
    )
    .order_by(_q.c.time, _q.c.conversation, _q.c.number)
)
_HELD = (
    select(front.messages.c.number)
    .where(
        front.messages.c.conversation == bindparam("of"),
        front.messages.c.number == bindparam("nr"),
    )
    .with_for_update(read=True, key_share=True)
)
_THUMB = exists().where(_a.c.conversation == _c.conversation, _a.c.answers == _c.number, _a.c.sender == BOT, _DOWN)
_TURNED = select(_c.conversation, _c.number, _c.group, _c.time, _c.down).where(
    or_(and_(_c.down, ~_THUMB), and_(~_c.down, _THUMB))
)
# Groups whose sentence that stood for them is deleted.
_NAMELESS = select(groups.c.id).where(
    groups.c.conversation.isnot(None),
    ~exists().where(_c.conversation == groups.c.conversation, _c.number == groups.c.number),
)
