"""Brings what is written in a messenger to the front desk, and what is said there back: nothing lost, nothing doubled.

Everything is on disk before it goes on (store.py), and goes on under a name that is always the same: the front desk
takes a message once, and a messenger that can tell shows it once. So each step may be done again after a crash.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import random
import traceback
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from partnerstadt.front.gateway import name
from partnerstadt.gateways.client import Busy, City, Down, Event, FrontDesk, Over, Rejected
from partnerstadt.gateways.contract import (
    Button,
    Gateway,
    Gone,
    Incoming,
    Kind,
    Later,
    Outgoing,
    Picture,
    Refused,
    Unreachable,
    Unsendable,
    Unshowable,
)
from partnerstadt.gateways.store import Received, Store, Talk, Waiting
from partnerstadt.gateways.words import DELETE, HELP, SUGGESTION, Words, chosen

logger = logging.getLogger(__name__)

TRIES = 5  # of a message that fails for a reason we do not know
KEEP = dt.timedelta(days=7)  # ids by which duplicates are known, and addresses after the end of a conversation
KEEP_NAMES = dt.timedelta(days=30)  # of conversations that are over, for somebody who wants them deleted
CLEAN_SECONDS = 60.0
END_SECONDS = 1.0


@dataclass(frozen=True)
class Patience:
    """How long to wait for what, in seconds.

    Attributes:
        retry: first pause between attempts, doubled each time ...
        retry_most: ... up to this.
        refused: the pause after an account was refused.
        delayed: then somebody is told that the front desk cannot be reached.
    """

    retry: float = 1
    retry_most: float = 300
    refused: float = 60
    delayed: float = 10

    def after(self, pause: float) -> float:
        """The pause after a pause."""
        return min(2 * pause, self.retry_most)


class Job:
    """Work that is done again whenever there may be some, never twice at once."""

    def __init__(self, work: Callable[[], Awaitable[None]], pause: float, ended: Callable[[], None]) -> None:
        self._work, self._pause, self._ended = work, pause, ended
        self._called = False
        self.task: asyncio.Task[None] | None = None

    def call(self) -> None:
        """There may be something to do."""
        self._called = True
        if self.task is None:
            self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            while self._called:
                self._called = False
                try:
                    await self._work()
                except Exception as error:
                    logger.error("Something is taken up again after an error (%s).", kind_of(error))
                    await asyncio.sleep(self._pause)
                    self._called = True
        finally:
            self.task = None
            self._ended()


async def end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks until all have ended.

    Once is not enough: until Python 3.12, `asyncio.wait_for` forgets a cancellation that comes just when it is done,
    and the libraries of messengers wait with it.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=END_SECONDS)


class Runner:
    """One gateway at work.

    Args:
        gateway: the connection to the messenger.
        channel: what its conversations are counted under.
        store: what must not be forgotten.
        desk: the front desk.
        secret: names conversations and messages.
        clock: the time.
        patience: how long to wait.
    """

    def __init__(
        self,
        gateway: Gateway,
        channel: str,
        store: Store,
        desk: FrontDesk,
        secret: str,
        clock: Callable[[], dt.datetime],
        patience: Patience,
    ) -> None:
        self.gateway, self.channel, self.store, self.desk = gateway, channel, store, desk
        gateway.attend(desk)
        self.clock, self.patience = clock, patience
        self.words = Words(gateway.form)
        self.up = asyncio.Event()
        self._secret = secret
        self._talks: dict[str, Conversation] = {}

    def name(self, *parts: str) -> str:
        """An opaque name that is always the same."""
        return name(self._secret, self.channel, *parts)

    async def run(self) -> None:
        """Work until cancelled."""
        for address in self.store.unfinished():
            self._conversation(address).wake()
        tasks = [asyncio.create_task(self._connect()), asyncio.create_task(self._clean())]
        try:
            failed, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in failed:
                task.result()
        finally:
            jobs = [job.task for talk in self._talks.values() for job in talk.jobs if job.task is not None]
            await end([*tasks, *jobs])
            await self.gateway.close()
            await self.desk.close()
            self.store.close()

    # --- what the gateway is given (contract.Reception) ---

    def receive(self, incoming: Incoming) -> None:
        """Keep something that came in."""
        if incoming.kind is Kind.LEFT:
            self.store.leave(incoming.address, self.clock())
            return
        too_many = self.store.receive(incoming, self.clock())
        talk = self._conversation(incoming.address)
        if too_many:
            talk.tell("too_many", incoming.id)
        talk.wake()

    def connected(self) -> None:
        """The connection stands."""
        if not self.up.is_set():
            logger.info("The gateway %s is connected.", self.channel)
        self.up.set()

    def recall(self, name: str) -> str | None:
        """What was remembered last under a name."""
        return self.store.recall(name)

    def remember(self, name: str, value: str) -> None:
        """Remember something across restarts."""
        self.store.remember(name, value)

    # --- work ---

    async def _connect(self) -> None:
        pause = self.patience.retry
        while True:
            said = f"The connection of the gateway {self.channel} has ended;"
            wait = pause
            try:
                await self.gateway.run(self)
            except Unreachable as error:
                said = f"The server of the gateway {self.channel} cannot be reached ({error});"
            except Refused as error:
                wait = max(pause, min(self.patience.refused, self.patience.retry_most))
                said = f"The gateway {self.channel} is refused: {error}"
            except Later as later:
                wait = later.seconds
                said = f"The server of the gateway {self.channel} wants us to wait;"
            except Exception as error:
                said = f"The gateway {self.channel} has failed ({kind_of(error)});"
            if self.up.is_set():  # it has worked, so this is no part of a longer trouble
                wait = wait if wait > pause else self.patience.retry
                pause = self.patience.retry
                self.up.clear()
            logger.warning("%s It is tried again in %.0f s.", said.rstrip(";.") + ".", wait)
            # Not all at the same moment, when a server comes back.
            await asyncio.sleep(wait * random.uniform(0.8, 1.2))
            pause = self.patience.after(pause)

    async def _clean(self) -> None:
        while True:
            self.store.forget(self.clock() - KEEP, self.clock() - KEEP_NAMES)
            await asyncio.sleep(CLEAN_SECONDS)

    def _conversation(self, address: str) -> Conversation:
        if address not in self._talks:
            self._talks[address] = Conversation(self, address)
        return self._talks[address]

    def idle(self, address: str) -> None:
        """Nothing is left to do at an address for now."""
        talk = self._talks.get(address)
        if talk is not None and all(job.task is None for job in talk.jobs):
            del self._talks[address]
            if not self._talks:
                self.store.leave_no_trace()


class Conversation:
    """What is done at one address: asking, following what happens, sending; each in order, all at the same time."""

    def __init__(self, runner: Runner, address: str) -> None:
        self._runner, self._address = runner, address
        self._store, self._desk, self._words = runner.store, runner.desk, runner.words
        self._tokens: dict[str, str] = {}
        pause = runner.patience.retry
        self._asking, self._following, self._sending = (
            Job(work, pause, lambda: runner.idle(address)) for work in (self._ask, self._follow, self._send)
        )
        self.jobs = (self._asking, self._following, self._sending)

    def wake(self) -> None:
        """Something has come in, or was left undone."""
        for job in self.jobs:
            job.call()

    def tell(self, key: str, cause: str) -> None:
        """Say one of our own sentences, once for each cause."""
        self._say(self._words.text(key), cause, key)

    def _say(self, text: str, *cause: str, answers: str | None = None) -> None:
        key = self._runner.name(self._address, "own", *cause)
        messages = self._words.messages(key, text, answers=answers)
        self._store.enqueue(self._address, messages, "", self._runner.clock())
        self._sending.call()

    # --- asking ---

    async def _ask(self) -> None:
        while received := self._store.next_in(self._address):
            await self._with_patience(received, self._deal_with)

    async def _with_patience(self, received: Received, work: Callable[[Received], Awaitable[None]]) -> None:
        """Do something until the front desk has taken it."""
        pause = self._runner.patience.retry
        waited = 0.0
        while True:
            try:
                return await work(received)
            except Over:
                self._store.end(self._address, self._runner.clock())
                continue
            except Busy as busy:
                await asyncio.sleep(busy.seconds)
                continue
            except Down as down:
                logger.warning("The front desk gives no answer (%s); asking again in %.0f s.", down, pause)
            await asyncio.sleep(pause)
            waited += pause
            if waited >= self._runner.patience.delayed and received.kind is not Kind.RATED:
                self.tell("delayed", received.id)
            pause = min(2 * pause, 15)

    async def _deal_with(self, received: Received) -> None:
        if received.kind in (Kind.ATTACHMENT, Kind.UNREADABLE):
            self._say(self._words.text(received.kind.value), received.id, answers=_original(received.id))
        elif received.kind is Kind.RATED:
            await self._rate(received)
        else:
            command = HELP if received.kind is Kind.GREETED else self._words.command(received.text)
            if command == HELP:
                await self._greet(await self._enter(), ask=True, cause=received.id)
            elif command == DELETE:
                await self._delete(received)
            else:
                await self._pass_on(received)
                return
        self._store.is_done(received)

    async def _pass_on(self, received: Received) -> None:
        talk = await self._enter()
        if not talk.greeted and self._runner.gateway.form.apart:
            await self._greet(talk, ask=False)
        by_number = not self._runner.gateway.form.buttons and talk.fresh
        button, text = "", received.text
        if received.kind is Kind.BUTTON:
            button, text = text, ""
        elif choice := chosen(text, talk.choices, by_number):
            button, text = choice.id, choice.title
        if SUGGESTION.fullmatch(button):
            titles = {choice.id: choice.title for choice in talk.choices}
            button, text = "", titles.get(button) or await self._suggested(button)
        try:
            client_id = self._runner.name(self._address, "said", received.id)
            event = await self._desk.say(self._tokens[talk.nonce], client_id, text, button)
        except Rejected as rejected:
            self._say(str(rejected), received.id, answers=_original(received.id))
            self._store.is_done(received)
            return
        self._store.is_done(received, event)
        self._following.call()

    async def _suggested(self, button: str) -> str:
        """The question of a button that was shown before other choices."""
        suggestions = (await self._desk.welcome()).suggestions
        number = int(button.rpartition("-")[2])
        return suggestions[number] if number < len(suggestions) else ""

    async def _enter(self) -> Talk:
        """The conversation, open at the front desk."""
        talk = self._store.talk(self._address)
        if talk.expires is not None and talk.expires <= self._runner.clock():
            raise Over
        if talk.nonce not in self._tokens:
            entered = await self._desk.enter(self._store.conversation(talk))
            self._store.begun(self._address, entered.expires)
            self._tokens = {talk.nonce: entered.token}
        return talk

    async def _greet(self, talk: Talk, ask: bool, cause: str = "") -> None:
        welcome = await self._desk.welcome()
        text, suggestions = self._words.greeting(welcome, ask)
        conversation = self._store.conversation(talk)
        key = self._runner.name(conversation, "greeting", cause)
        messages = self._words.messages(key, text, suggestions)
        now = self._runner.clock()
        self._store.enqueue(self._address, messages, conversation, now, choices=suggestions, greets=True)
        self._sending.call()

    async def _rate(self, received: Received) -> None:
        talk = self._store.talk(self._address)
        if talk.expires is None or talk.expires <= self._runner.clock():
            return
        talk = await self._enter()
        if (sending := self._sending.task) is not None:
            await asyncio.wait([sending])  # somebody may be quicker than the server that tells us the id
        event = self._store.rated(self._address, _original(received.id), self._store.conversation(talk))
        if event is not None:
            with contextlib.suppress(Rejected):  # it is none of the bot's answers
                await self._desk.rate(self._tokens[talk.nonce], event, received.text or None)

    async def _delete(self, received: Received) -> None:
        self._store.end(self._address, self._runner.clock())
        for conversation in self._store.past(self._address):
            await self._desk.delete(conversation)
            self._store.is_deleted(conversation)
        self._say(self._words.text("deleted"), received.id, answers=_original(received.id))

    # --- following ---

    async def _follow(self) -> None:
        pause = self._runner.patience.retry
        while (talk := self._store.talk(self._address)).open:
            try:
                talk = await self._enter()
                news = await self._desk.news(self._tokens[talk.nonce], talk.cursor)
                for event in news.events:
                    if event.type == "deleted":
                        raise Over
                    await self._take_over(talk, event)
            except Over:
                self._store.end(self._address, self._runner.clock())
                return
            except Busy as busy:
                await asyncio.sleep(busy.seconds)
                continue
            except Down:
                await asyncio.sleep(pause)
                pause = min(2 * pause, 15)
                continue
            pause = self._runner.patience.retry
            if not news.more and self._store.followed(self._address):
                return

    async def _take_over(self, talk: Talk, event: Event) -> None:
        if event.type == "typing":
            await self._type(event.on)
        if event.id is None:
            return
        conversation = self._store.conversation(talk)
        messages: list[Outgoing] = []
        buttons: tuple[Button, ...] = ()
        greets = not self._runner.gateway.form.apart and not self._store.talk(self._address).greeted
        if event.sender != "citizen":
            key = self._runner.name(conversation, "event", str(event.id))
            picture = await self._picture(event.picture) if event.picture else None
            cities = await self._cities() if event.picture else []
            answer = self._words.answer(event, cities, picture is not None)
            text = self._words.text("delayed") if event.type == "status" else answer
            if greets:
                text = f"{self._words.greeting(await self._desk.welcome(), ask=False)[0]}\n\n{text}"
            buttons = event.buttons
            answers = self._store.id_of(self._address, event.answers)
            messages = self._words.messages(key, text, buttons, event.sender or "system", answers, picture)
        now = self._runner.clock()
        self._store.enqueue(self._address, messages, conversation, now, event.id, event.id, buttons, greets)
        self._sending.call()

    async def _picture(self, name: str) -> Picture | None:
        png = await self._desk.picture(name)
        return self._words.picture(name, png) if png else None

    async def _cities(self) -> list[City]:
        try:
            return await self._desk.cities()
        except (Rejected, Busy):
            return []

    async def _type(self, on: bool) -> None:
        if self._runner.up.is_set():
            try:
                await self._runner.gateway.typing(self._address, on)
            except Exception as error:
                logger.debug("Typing could not be shown (%s).", kind_of(error))

    # --- sending ---

    async def _send(self) -> None:
        while waiting := self._store.next_out(self._address):
            if waiting.in_doubt and not self._runner.gateway.repeats_safely:
                # It may have arrived. Twice would be wrong, and so would be silence.
                self.tell("in_doubt", waiting.message.key)
                self._store.sent(waiting)
            else:
                await self._send_one(waiting)

    async def _send_one(self, waiting: Waiting) -> None:
        gateway, patience = self._runner.gateway, self._runner.patience
        message, pause, tries = waiting.message, patience.retry, 0
        while True:
            await self._runner.up.wait()
            try:
                sent_as = await gateway.send(self._address, message, lambda: self._store.leaves(waiting))
            except Later as later:
                self._store.returned(waiting)
                await asyncio.sleep(later.seconds)
                continue
            except Unshowable:
                self._store.returned(waiting)
                message = self._words.without_picture(message)
                continue
            except Gone:
                self._store.leave(self._address, self._runner.clock())
                return
            except Unsendable as error:
                logger.error("The gateway %s cannot send a message (%s).", self._runner.channel, error)
                self._store.sent(waiting)
                return
            except Unreachable:
                self._store.returned(waiting)
            except Exception as error:
                tries += 1
                logger.error("The gateway %s has failed to send (%s).", self._runner.channel, kind_of(error))
                if tries == TRIES:
                    self._store.sent(waiting)
                    return
                self._store.returned(waiting)
            else:
                self._store.sent(waiting, sent_as)
                return
            await asyncio.sleep(pause)
            pause = patience.after(pause)


def kind_of(error: BaseException) -> str:
    """What an error is and where it comes from; without its message, which may quote what somebody wrote or a token."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


def _original(id: str) -> str:
    """The messenger's id of a message of which there may be several versions."""
    return id.partition("\n")[0]
