"""Asks a running bot all questions through Rasa's REST channel and counts what was right."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

from partnerstadt.quality.questions import ANSWERABLE, FACT_GIVEN, Case, Kind, Signs, Turn, faults

SECONDS = 30.0
AT_ONCE = 2


@dataclass(frozen=True)
class Result:
    """One turn and its reply.

    Attributes:
        case: id of the conversation.
        number: place of the turn in it, from 1.
        turn: what was said.
        reply: all messages of the reply.
        seconds: how long it took.
        faults: what is wrong with the reply.
        file: question file it comes from.
        wrong: whether the reply gives a fact that is not right, instead of giving none.
        refused: whether the reply gives no answer at all.
    """

    case: str
    number: int
    turn: Turn
    reply: str
    seconds: float
    faults: tuple[str, ...]
    file: str = ""
    wrong: bool = False
    refused: bool = False

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong with it."""
        return not self.faults

    def __str__(self) -> str:
        said, reply = shorten(self.turn.say), shorten(self.reply.replace("\n", " / "))
        return f"{self.case}.{self.number} {self.turn.kind.value}: {said}\n    {reply}\n    {'; '.join(self.faults)}"


@dataclass(frozen=True)
class Share:
    """Turns of a kind, and how many of them were right."""

    turns: int
    passed: int

    @property
    def share(self) -> float:
        """From 0 to 1; nothing asked means that nothing was wrong."""
        return self.passed / self.turns if self.turns else 1.0


def shorten(text: str, length: int = 220) -> str:
    """A text in one line of a limited length."""
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1] + "…"


class Client:
    """Talks to the REST channel of a bot."""

    def __init__(self, url: str) -> None:
        self._url = url
        # No proxy of the machine may come between us and our own loopback address.
        self._http = httpx.Client(timeout=SECONDS, trust_env=False)

    def say(self, text: str, sender: str | None = None) -> list[dict[str, object]]:
        """Send one message; without a sender it begins a conversation."""
        body = {"sender": sender or new_sender(), "message": text}
        response = self._http.post(self._url, json=body)
        response.raise_for_status()
        return list(response.json())

    def text(self, text: str, sender: str | None = None) -> str:
        """Send one message and join the texts of the reply."""
        return "\n".join(str(message["text"]) for message in self.say(text, sender) if message.get("text"))


def new_sender() -> str:
    """A conversation that nobody has had before."""
    return f"quality-{uuid.uuid4().hex}"


def measure(
    url: str,
    cases: Iterable[Case],
    signs: Signs,
    file: str = "",
    progress: Callable[[], None] = lambda: None,
    at_once: int = AT_ONCE,
) -> list[Result]:
    """Have all conversations, a few at once, and return their turns in order."""
    client = Client(url)

    def talk(case: Case) -> list[Result]:
        sender = new_sender()
        results = [_ask(client, case, number, sender, signs, file) for number in range(1, len(case.turns) + 1)]
        progress()
        return results

    with ThreadPoolExecutor(at_once) as pool:
        return [result for results in pool.map(talk, cases) for result in results]


def _ask(client: Client, case: Case, number: int, sender: str, signs: Signs, file: str) -> Result:
    turn = case.turns[number - 1]
    started = time.perf_counter()
    try:
        reply = client.text(turn.say, sender)
    except httpx.HTTPError as error:
        return Result(case.id, number, turn, "", time.perf_counter() - started, (f"failed: {error}",), file)
    seconds = time.perf_counter() - started
    found = faults(turn, reply, signs)
    wrong = bool(found) and (any(fault.startswith("reject") for fault in found) or signs.gives_fact(reply))
    return Result(case.id, number, turn, reply, seconds, found, file, wrong, signs.refuses(reply))


def per_kind(results: Iterable[Result]) -> dict[Kind, Share]:
    """Turns and right ones of each kind that was asked."""
    results = list(results)
    by_kind = {kind: [r.passed for r in results if r.turn.kind is kind] for kind in Kind}
    return {kind: Share(len(passed), sum(passed)) for kind, passed in by_kind.items() if passed}


def wrong_answers(results: Sequence[Result]) -> Share:
    """Replies that state a fact which is not right, of all turns; `passed` counts the wrong ones."""
    return Share(len(results), sum(r.wrong for r in results))


def refusals(results: Sequence[Result]) -> Share:
    """Turns that the records answer but the bot did not; `passed` counts the refused ones."""
    answerable = [r for r in results if r.turn.kind in ANSWERABLE]
    return Share(len(answerable), sum(r.refused and not r.passed for r in answerable))


def off_topic_accepted(results: Sequence[Result]) -> Share:
    """Turns off the subject that were answered with a partnership fact; `passed` counts these."""
    off_topic = [r for r in results if r.turn.kind is Kind.OOS]
    return Share(len(off_topic), sum(FACT_GIVEN in r.faults for r in off_topic))
