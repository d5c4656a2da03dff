"""People who ask through the front desk's public interface while something breaks, and what became of their questions.

Each has a partner city of their own and asks only about it: by its name and its year an answer is recognised, so that
what is lost, doubled or said to somebody else is counted, not guessed.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import yaml

Event = dict[str, Any]

CITIES = Path(__file__).parent / "city.yml"
FIRST_YEAR, YEARS_APART = 1951, 3
# Seconds: a client waits for a reply, for a sign of life, between two tries; a person before the next question.
REQUEST, SILENCE, AGAIN, THINKING = 10.0, 20.0, 0.2, 1.0
# So long after the last question everything must be answered.
QUIET = 90.0
WAIT = 3  # of a client that asks for news again and again, in whole seconds


@dataclass(frozen=True)
class City:
    """The partner city that somebody asks about."""

    name: str
    country: str
    country_label: str
    latitude: float
    longitude: float
    year: int


def cities() -> list[City]:
    """A partner city for each conversation."""
    rows = yaml.safe_load(CITIES.read_text(encoding="utf-8"))
    return [City(*row, FIRST_YEAR + YEARS_APART * number) for number, row in enumerate(rows)]


@dataclass(frozen=True)
class Question:
    """What somebody asks, by which name the client sends it, and what is said to nobody else and to nothing else."""

    id: str
    text: str
    answer: str


def questions(city: City, follow_ups: bool) -> Iterator[Question]:
    """What somebody asks about a city, without end; a follow-up names no city, so the bot has to remember it."""
    country = (f"In welchem Land liegt {city.name}?", f"{city.name} liegt in ")
    since = f"{city.name} ({city.country_label}) ist seit {city.year}"
    kinds = [country, ("Und seit wann?", since)] if follow_ups else [country]
    kinds.append((f"Seit wann ist {city.name} Partnerstadt?", since))
    number = 0
    while True:
        text, answer = kinds[number % len(kinds)]
        yield Question(f"{city.year}-{number:06}", text, answer)
        number += 1


@dataclass(frozen=True)
class Count:
    """What became of questions.

    Attributes:
        asked: how many questions there were.
        once: those with one answer, the right one, that was seen by who had asked.
        doubled: those with more, and those that stand in the conversation twice.
        lost: those without an answer, and those whose answer does not answer them.
        misdirected: those with an answer about somebody else's city, and answers to what nobody has asked there.
        longest: how long somebody waited for an answer, in seconds.
    """

    asked: int = 0
    once: int = 0
    doubled: int = 0
    lost: int = 0
    misdirected: int = 0
    longest: float = 0

    def __add__(self, other: Count) -> Count:
        return Count(
            self.asked + other.asked,
            self.once + other.once,
            self.doubled + other.doubled,
            self.lost + other.lost,
            self.misdirected + other.misdirected,
            max(self.longest, other.longest),
        )


def count(asked: Sequence[Question], seen: Sequence[Event], kept: Sequence[Event], others: Sequence[str]) -> Count:
    """What became of the questions of one conversation.

    Args:
        asked: the questions.
        seen: events that the client was told of.
        kept: events that the desk keeps of the conversation.
        others: names of the cities that are spoken of in other conversations.
    """
    events: list[Event] = []
    events += (event for event in (*seen, *kept) if event["type"] == "message" and event not in events)
    named = {question.id: [e["id"] for e in events if e.get("client_id") == question.id] for question in asked}
    total = Count(asked=len(asked))
    for question in asked:
        places = named[question.id]
        answers = [e for e in events if e["from"] != "citizen" and e["answers"] in places]
        if len(places) > 1 or len(answers) > 1:
            total += Count(doubled=1)
        elif any(name in answer["text"] for answer in answers for name in others):
            total += Count(misdirected=1)
        elif answers and question.answer in answers[0]["text"] and answers[0] in seen:
            total += Count(once=1)
        else:
            total += Count(lost=1)
    known = {number for places in named.values() for number in places}
    strange = [e for e in events if (e["id"] if e["from"] == "citizen" else e["answers"]) not in known]
    return total + Count(misdirected=len(strange))


class Refused(AssertionError):
    """The front desk says no to what is right."""


@dataclass
class Citizen:
    """Somebody with one conversation.

    Attributes:
        city: what they ask about.
        doors: addresses of the front desks; when one does not answer, the next is tried, as a balancer does.
        http: connections.
        streams: whether they hear of answers by a stream, or ask again and again.
        follow_ups: whether they rely on the memory of the bot.
    """

    city: City
    doors: Sequence[str]
    http: aiohttp.ClientSession
    streams: bool
    follow_ups: bool
    asked: list[Question] = field(default_factory=list)
    seen: list[Event] = field(default_factory=list)
    kept: list[Event] = field(default_factory=list)
    longest: float = 0
    _token: str = ""
    _door: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def live(self, over: asyncio.Event) -> None:
        """Ask, wait for the answers, think, and ask again until it is over; then read it all once more."""
        self._token = (await self._sent("POST", "/api/session", 201, {}))["token"]
        listening = asyncio.create_task(self._listen())
        questions_ = questions(self.city, self.follow_ups)
        try:
            while not over.is_set():
                begun = time.monotonic()
                for _ in range(2):  # the second one before the first is answered
                    await self._ask(next(questions_))
                await self._until_answered()
                self.longest = max(self.longest, time.monotonic() - begun)
                await asyncio.sleep(THINKING)
        finally:
            listening.cancel()
            history = await asyncio.wait_for(self._sent("GET", "/api/history", 200), QUIET)
            self.kept = history["events"]

    @property
    def answered(self) -> int:
        """To how many questions this person has seen an answer."""
        return len({event["answers"] for event in self.seen if event["type"] == "message"} - {None})

    async def _ask(self, question: Question) -> None:
        self.asked.append(question)
        body = {"text": question.text, "id": question.id}
        await self._sent("POST", "/api/message", 202, body)

    async def _until_answered(self) -> None:
        while self.answered < len(self.asked):
            self._news.clear()
            await self._news.wait()

    async def _sent(self, method: str, path: str, good: int, body: object = None) -> Any:
        """Send until it is taken; with the same id, so that it is taken once."""
        while True:
            try:
                async with self.http.request(method, self._at(path), json=body, headers=self._headers) as reply:
                    if reply.status in (200, good):
                        return await reply.json()
                    if reply.status < 500:
                        raise Refused(f"{method} {path}: {reply.status} {await reply.text()}")
            except (aiohttp.ClientError, asyncio.TimeoutError):
                pass
            await self._elsewhere()

    async def _listen(self) -> None:
        while True:
            try:
                await (self._follow() if self.streams else self._look())
            except (aiohttp.ClientError, asyncio.TimeoutError):
                await self._elsewhere()

    async def _follow(self) -> None:
        headers = self._headers | {"Accept": "text/event-stream"}
        timeout = aiohttp.ClientTimeout(sock_connect=REQUEST, sock_read=SILENCE)
        address = self._at(f"/api/events?after={self._last}")
        async with self.http.get(address, headers=headers, timeout=timeout) as reply:
            reply.raise_for_status()
            async for line in reply.content:
                if line.startswith(b"data: "):
                    self._hear([json.loads(line.removeprefix(b"data: "))])
        raise aiohttp.ClientPayloadError("the stream has ended")

    async def _look(self) -> None:
        headers = self._headers | {"Accept": "application/json"}
        address = self._at(f"/api/events?after={self._last}&wait={WAIT}")
        async with self.http.get(address, headers=headers) as reply:
            reply.raise_for_status()
            self._hear((await reply.json())["events"])

    def _hear(self, events: Sequence[Event]) -> None:
        self.seen += [event for event in events if "id" in event and event not in self.seen]
        self._news.set()

    @property
    def _last(self) -> int:
        return max((event["id"] for event in self.seen), default=0)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    def _at(self, path: str) -> str:
        return self.doors[self._door % len(self.doors)] + path

    async def _elsewhere(self) -> None:
        self._door += 1
        await asyncio.sleep(AGAIN)


class People:
    """All of them, in a thread of their own.

    Args:
        doors: addresses of the front desks.
        follow_ups: whether they rely on the memory of the bot.
    """

    def __init__(self, doors: Sequence[str], follow_ups: bool = True) -> None:
        self._doors, self._follow_ups = doors, follow_ups
        self._citizens: list[Citizen] = []
        self._errors: list[BaseException] = []
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._live()), daemon=True)

    @property
    def number(self) -> int:
        """How many there are."""
        return len(self._citizens)

    def begin(self) -> None:
        """Let them come."""
        self._thread.start()
        self._ready.wait()

    def talk_on(self, answers: int = 1, seconds: float = QUIET) -> None:
        """Wait until each of them has got so many answers more."""
        wanted = [citizen.answered + answers for citizen in self._citizens]
        self._until(lambda: all(c.answered >= w for c, w in zip(self._citizens, wanted, strict=True)), seconds)

    def end(self) -> Count:
        """Let them ask nothing more, wait until all is answered, and count."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()
        names = [citizen.city.name for citizen in self._citizens]
        total = Count()
        for citizen in self._citizens:
            others = [name for name in names if name != citizen.city.name]
            total += count(citizen.asked, citizen.seen, citizen.kept, others) + Count(longest=citizen.longest)
        return total

    def trouble(self) -> str:
        """What is not as it should be, to be read when it has failed."""
        lines = [repr(error) for error in self._errors]
        for citizen in self._citizens:
            others = [c.city.name for c in self._citizens if c is not citizen]
            found = count(citizen.asked, citizen.seen, citizen.kept, others)
            if found.once < found.asked or found.misdirected:
                lines.append(f"{citizen.city.name} {found}")
                lines += [f"  seen {event}" for event in citizen.seen[-8:]]
                lines += [f"  kept {event}" for event in citizen.kept[-8:]]
        return "\n".join(lines)

    def _until(self, what: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not what() and time.monotonic() < deadline and self._thread.is_alive():
            time.sleep(0.05)

    async def _live(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        connector, timeout = aiohttp.TCPConnector(limit=0), aiohttp.ClientTimeout(total=REQUEST)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:
            for number, city in enumerate(cities()):
                streams, first = bool(number % 2), number // 2 % len(self._doors)
                citizen = Citizen(city, self._doors, http, streams, self._follow_ups, _door=first)
                self._citizens.append(citizen)
            lives = [asyncio.create_task(citizen.live(self._over)) for citizen in self._citizens]
            self._ready.set()
            await self._over.wait()
            done, late = await asyncio.wait(lives, timeout=QUIET)
            for task in late:  # what they still wait for is lost
                task.cancel()
            await asyncio.wait(lives)
            self._errors = [error for task in done if (error := task.exception())]
