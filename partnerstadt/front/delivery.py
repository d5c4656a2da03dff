"""Brings questions to the bot and answers back: in order, none lost, none doubled, however long it takes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from partnerstadt import deadlines
from partnerstadt.front.bot import FAILED, Bot, Refused, Unavailable
from partnerstadt.front.handover import HANDOFF, Handover
from partnerstadt.front.hub import Hub
from partnerstadt.front.metrics import Metrics
from partnerstadt.front.notices import Notices
from partnerstadt.front.store import SYSTEM, Question, Reply, Store
from partnerstadt.front.texts import Texts
from partnerstadt.front.times import Clock
from partnerstadt.telemetry import traces

logger = logging.getLogger(__name__)
Result = TypeVar("Result")

# So often a turn may fail while everything is running; then the question itself is the trouble.
FAILURES = 3
# So long another desk may be at a question before it is helped out, in seconds.
OTHERS = 1.5 * deadlines.FRONT
PAUSED = "paused"  # outcome of a question that the bot was not asked


@dataclass(frozen=True)
class Patience:
    """How long to wait for what, in seconds."""

    typing: float = 0.2
    delayed: float = 6
    retry: float = 1
    retry_most: float = 15


class Delivery:
    """One worker for each conversation with unanswered questions.

    Args:
        store: keeps questions and answers.
        bot: answers.
        handover: what is possible for somebody who wants a person.
        hub: tells those who follow a conversation.
        texts: what to say when it takes longer.
        clock: the time.
        metrics: counts.
        patience: how long to wait.
        parallel: questions at the bot at the same time.
        notices: says when the bot is paused.
    """

    def __init__(
        self,
        store: Store,
        bot: Bot,
        handover: Handover,
        hub: Hub,
        texts: Texts,
        clock: Clock,
        metrics: Metrics,
        patience: Patience,
        parallel: int,
        notices: Notices,
    ) -> None:
        self._store, self._bot, self._handover, self._hub, self._texts = store, bot, handover, hub, texts
        self._clock, self._metrics, self._patience = clock, metrics, patience
        self._notices = notices
        self._gate = asyncio.Semaphore(parallel)
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._called: set[str] = set()
        self._traces: dict[str, dict[int, dict[str, str]]] = {}

    async def resume(self) -> None:
        """Take up what was left unanswered when the front desk ended."""
        for conversation in await self._waiting():
            self.call(conversation)

    async def run(self) -> None:
        """Take up what another front desk has left, for as long as this one runs.

        Should that one be alive after all, the bot gives both the same reply, and one of them is kept.
        """
        before: dict[str, int] = {}
        while True:
            await asyncio.sleep(OTHERS)
            try:
                waiting = await self._waiting()
            except Exception as error:
                logger.error("Questions of other desks could not be looked for (%s).", type(error).__name__)
                continue
            # Seen twice, not asked long ago: the clocks of several machines need not agree.
            for conversation, number in waiting.items():
                if before.get(conversation) == number and conversation not in self._workers:
                    self.call(conversation)
            before = waiting

    async def _waiting(self) -> dict[str, int]:
        return await self._store.do(self._store.waiting, self._clock())

    def call(self, conversation: str, number: int | None = None) -> None:
        """There is a new question in a conversation; with its number, its trace goes on."""
        self._called.add(conversation)
        if number is not None and (carried := traces.carried()):
            self._traces.setdefault(conversation, {})[number] = carried
        if conversation not in self._workers:
            self._workers[conversation] = asyncio.create_task(self._work(conversation))
            self._metrics.workers.set(len(self._workers))

    async def forget(self, conversation: str) -> None:
        """Ask nothing more in a conversation that was deleted, and let the bot forget it."""
        await self._end(self._workers.get(conversation))
        await self.forget_left()

    async def forget_left(self) -> None:
        """Let the bot forget all conversations that are deleted here; those it cannot now, it will later."""
        for conversation in await self._store.do(self._store.to_forget):
            try:
                await self._bot.forget(conversation)
            except Unavailable as error:
                logger.warning("Rasa could not forget a conversation (%s); it is tried again.", error)
                return
            await self._store.do(self._store.is_forgotten, conversation)

    async def close(self) -> None:
        """Stop; what is unanswered stays in the database."""
        await asyncio.gather(*(self._end(worker) for worker in list(self._workers.values())))

    async def _end(self, worker: asyncio.Task[None] | None) -> None:
        # Only our side of a request ends: the bot finishes a turn that it has begun.
        if worker is not None:
            worker.cancel()
            await asyncio.wait([worker])

    async def _work(self, conversation: str) -> None:
        traces.leave()  # that of the first question: each has its own
        try:
            while conversation in self._called:
                self._called.discard(conversation)
                try:
                    while question := await self._store.do(self._store.pending, conversation):
                        await self._answer(question)
                except Exception as error:
                    # Without its message: that of a database may quote what was to be stored.
                    logger.error("A question is taken up again after an error (%s).", type(error).__name__)
                    await asyncio.sleep(self._patience.retry_most)
                    self._called.add(conversation)
                    # It may have been kept all the same, just before the database was gone: then nobody was told.
                    self._hub.publish(conversation)
        finally:
            del self._workers[conversation]
            self._called.discard(conversation)
            self._traces.pop(conversation, None)
            self._metrics.workers.set(len(self._workers))

    def works(self, conversation: str) -> bool:
        """Whether a question of a conversation is being answered."""
        return conversation in self._workers

    async def _answer(self, question: Question) -> None:
        carried = self._traces.get(question.conversation, {}).pop(question.number, {})
        with traces.span("delivery", within=carried) as span:
            about = await self._deliver(question)
            span.tell(intent=about.get("intent"), outcome=about.get("outcome"))

    async def _deliver(self, question: Question) -> Mapping[str, Any]:
        """Ask, and keep the reply; what is known about it."""
        begun = asyncio.get_running_loop().time()
        reply = await self._while_telling(question, self._ask(question))
        if reply.about.get("outcome") == HANDOFF:
            offer = self._handover.offer
            reply = await self._store.do(self._store.within, offer, question.conversation, reply, self._clock())
        answer = await self._store.do(self._store.answer, question, reply, self._clock())
        if answer is not None:
            self._hub.publish(question.conversation, answer)
        self._metrics.answered(reply.about.get("outcome"), asyncio.get_running_loop().time() - begun)
        return reply.about

    async def _while_telling(self, question: Question, work: Coroutine[Any, Any, Result]) -> Result:
        """Do something that may take long: show that it is being done, and say so once when it takes longer."""
        task = asyncio.ensure_future(work)
        try:
            # An answer that comes at once needs no sign before it.
            if not await _done(task, self._patience.typing):
                with self._typing(question.conversation):
                    if not await _done(task, self._patience.delayed - self._patience.typing):
                        await self._tell(question)
                    return await task
            return await task
        finally:
            task.cancel()

    @contextmanager
    def _typing(self, conversation: str) -> Iterator[None]:
        typing = {"type": "typing", "from": "bot"}
        self._hub.publish(conversation, typing | {"on": True})
        try:
            yield
        finally:
            self._hub.publish(conversation, typing | {"on": False})

    async def _tell(self, question: Question) -> None:
        text = self._texts.text("delayed")
        status = await self._store.do(self._store.delay, question, text, self._clock())
        if status is not None:
            self._metrics.delayed.inc()
            self._hub.publish(question.conversation, status)

    async def _ask(self, question: Question) -> Reply:
        """Ask until there is a reply."""
        failures = 0
        pause = self._patience.retry
        while True:
            if pause_of_bot := self._notices.pause:
                return Reply(pause_of_bot.text, sender=SYSTEM, about={"outcome": PAUSED})
            try:
                async with self._gate:
                    reply = await self._bot.ask(question)
                if not (reply.text or reply.picture):
                    return self._apology()
                if reply.about.get("outcome") != FAILED:
                    return reply
                failures += await self._bot.actions_ready()
                if failures == FAILURES:
                    return reply
            except Unavailable as error:
                logger.info("Rasa gives no answer (%s); asking again in %.0f s.", error, pause)
            except Refused as refused:
                logger.warning("Rasa refuses a question: %s", refused)
                return self._apology()
            self._metrics.retries.inc()
            await asyncio.sleep(pause)
            pause = min(2 * pause, self._patience.retry_most)

    def _apology(self) -> Reply:
        return Reply(self._texts.text("refused"), sender=SYSTEM)


async def _done(task: asyncio.Future[Any], seconds: float) -> bool:
    done, _ = await asyncio.wait([task], timeout=seconds)
    return bool(done)
