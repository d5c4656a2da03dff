"""The parts of a front desk, put together once at the start."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from partnerstadt.front import gateway
from partnerstadt.front.bot import Bot
from partnerstadt.front.database import open_database
from partnerstadt.front.delivery import Delivery, Patience
from partnerstadt.front.handover import Handover
from partnerstadt.front.hours import Hours
from partnerstadt.front.hub import Hub, LocalHub
from partnerstadt.front.limits import Buckets, Limit
from partnerstadt.front.metrics import Metrics
from partnerstadt.front.notices import Notices
from partnerstadt.front.retention import Retention
from partnerstadt.front.sessions import FILE as SECRET
from partnerstadt.front.sessions import Tokens
from partnerstadt.front.settings import FrontSettings
from partnerstadt.front.shared import SharedBuckets, SharedHub, redis_at
from partnerstadt.front.store import Store
from partnerstadt.front.texts import Texts, load_texts
from partnerstadt.front.times import Clock, now
from partnerstadt.front.watch import Watch
from partnerstadt.records.store import RecordStore
from partnerstadt.secret_file import kept_secret


@dataclass(frozen=True)
class Place:
    """Where the other parts of the bot are.

    Attributes:
        records: folder of the city's records.
        state: folder for what must outlast a restart.
        rasa_urls: where the REST channel of each Rasa takes messages.
        actions_url: where Rasa calls actions; None if it runs them itself.
        database: its address; without one, a file in the state folder.
        redis: address of the Redis that several desks share; without one, this desk is the only one.
        token: what Rasa wants to see.
    """

    records: Path
    state: Path
    rasa_urls: str | Sequence[str]
    actions_url: str | None
    database: str | None = None
    redis: str | None = None
    token: str = ""


@dataclass(frozen=True)
class Desk:
    """All that a request needs."""

    settings: FrontSettings
    clock: Clock
    records: RecordStore
    texts: Texts
    tokens: Tokens
    store: Store
    notices: Notices
    hub: Hub
    bot: Bot
    delivery: Delivery
    handover: Handover
    watch: Watch
    retention: Retention
    metrics: Metrics
    addresses: Limit
    sessions: Limit
    messages: Limit
    notes: Limit
    gateway_secret: str

    @property
    def lifetime(self) -> dt.timedelta:
        """How long a session lasts."""
        return dt.timedelta(hours=self.settings.session_hours)

    @property
    def city(self) -> str:
        """The name of the city."""
        return self.records.get().city.name


def rules(settings: FrontSettings, texts: Texts) -> Handover:
    """The rules of handing over, as both desks follow them."""
    return Handover(texts, Hours(settings.hours, settings.land, settings.zone), settings.person)


def open_desk(settings: FrontSettings, place: Place, clock: Clock = now) -> Desk:
    """Put a front desk together; nothing runs yet."""
    engine = open_database(place.database, place.state)
    store, notices = Store(engine), Notices(engine, clock)
    bot = Bot(place.rasa_urls, place.actions_url, settings.rasa_seconds, settings.parallel, place.token)
    metrics, texts = Metrics(), load_texts()
    secret = settings.secret or kept_secret(place.state / SECRET)
    redis = redis_at(place.redis) if place.redis else None
    hub = SharedHub(redis) if redis else LocalHub()

    def limit(name: str, at_once: float, per_minute: float) -> Limit:
        own = Buckets(at_once, per_minute, settings.addresses)
        return SharedBuckets(redis, name, own, secret) if redis else own

    patience = Patience(
        delayed=settings.delayed_seconds, retry=settings.retry_seconds, retry_most=settings.retry_seconds_most
    )
    handover = rules(settings, texts)
    delivery = Delivery(store, bot, handover, hub, texts, clock, metrics, patience, settings.parallel, notices)
    return Desk(
        settings=settings,
        clock=clock,
        records=RecordStore(place.records),
        texts=texts,
        tokens=Tokens(secret),
        store=store,
        notices=notices,
        hub=hub,
        bot=bot,
        delivery=delivery,
        handover=handover,
        watch=Watch(store, handover, hub, delivery, clock, dt.timedelta(seconds=settings.call_seconds)),
        retention=Retention(store, delivery.forget_left, clock, settings.periods, metrics.done),
        metrics=metrics,
        addresses=limit("addresses", settings.requests_at_once, settings.requests_per_minute),
        sessions=limit("sessions", settings.sessions_at_once, settings.sessions_per_minute),
        messages=limit("messages", settings.messages_at_once, settings.messages_per_minute),
        notes=limit("notes", settings.notes_at_once, settings.notes_per_minute),
        gateway_secret=kept_secret(place.state / gateway.SECRET),
    )
