"""Long conversations get the answers that they would get if everything were kept."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.events import UserUttered
from rasa.utils.endpoints import EndpointConfig

from partnerstadt.database import connect
from partnerstadt.names import IN_PROCESS
from partnerstadt.quality.questions import load_cases
from partnerstadt.rasa_ext.history import TURNS
from partnerstadt.rasa_ext.rest import Collector
from partnerstadt.rasa_ext.tracker_store import NAME, ConversationStore
from tests.support import DORTMUND, PROJECT

COUNT, EVERYTHING = 60, 10_000
CASES = PROJECT / "tests" / "questions" / "conversations.yml"
# Follow-ups, "repeat that" and plain language across all that lies between; the questions are those of the collection.
SWITCHES = ("einfacher bitte", "wiederhole das bitte", "und seit wann?", "wie war das?", "fangen wir von vorn an")


def questions(count: int) -> list[str]:
    """The messages of one very long conversation."""
    turns = [turn.say for case in load_cases(CASES) for turn in case.turns]
    switched = itertools.cycle(SWITCHES)
    mixed = [text for n, turn in enumerate(turns) for text in ([turn, next(switched)] if n % 9 == 8 else [turn])]
    return mixed[:count]


async def _talk(agent: Agent, sender: str, texts: Sequence[str]) -> list[list[dict[str, Any]]]:
    replies = []
    for text in texts:
        output = Collector()
        await agent.handle_message(UserMessage(text, output, sender))
        replies.append(output.messages)
    return replies


def test_answers_of_a_long_conversation_stay_the_same(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once with the last turns and once with everything kept."""
    monkeypatch.setenv("PARTNERSTADT_RECORDS", str(DORTMUND))
    engine = connect(None, tmp_path, NAME)
    short, whole = ConversationStore(engine=engine), ConversationStore(engine=engine, turns=EVERYTHING)
    agent = Agent.load(model, action_endpoint=EndpointConfig(url=IN_PROCESS), tracker_store=short)
    assert agent.domain is not None and agent.processor is not None
    texts = questions(COUNT)

    async def talk() -> tuple[list[Any], list[Any], int]:
        kept = await _talk(agent, "a", texts)
        tracker = await short.retrieve("a")
        assert tracker is not None
        left = sum(isinstance(event, UserUttered) for event in tracker.events)
        agent.tracker_store = agent.processor.tracker_store = whole  # type: ignore[union-attr]
        whole.domain = agent.domain
        return kept, await _talk(agent, "a" * 2, texts), left

    kept, everything, left = asyncio.run(talk())
    assert left == TURNS and len(texts) == COUNT and all(kept)
    for text, one, other in zip(texts, kept, everything, strict=True):
        said = [[{**part, "recipient_id": ""} for part in reply] for reply in (one, other)]
        assert said[0] == said[1], text
