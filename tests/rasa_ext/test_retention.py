"""The bot deletes old conversations by itself, and says when it did."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path

import pytest

from partnerstadt.database import connect
from partnerstadt.rasa_ext import retention
from partnerstadt.rasa_ext.metrics import Metrics
from partnerstadt.rasa_ext.tracker_store import ConversationStore, Unavailable

NAME = "partnerstadt_bot_retention_timestamp_seconds"


def test_number_says_when_it_was_last_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not when it failed: then it grows old, and somebody is warned."""
    store, metrics = ConversationStore(engine=connect(None, tmp_path, "rasa.sqlite3")), Metrics()
    tries: list[int] = []

    async def fail(_: dt.timedelta) -> int:
        tries.append(0)
        raise Unavailable("OperationalError")

    async def run_for(seconds: float) -> str:
        job = asyncio.ensure_future(retention.run(store, dt.timedelta(days=30), metrics.forgot, 0.01))
        await asyncio.sleep(seconds)
        job.cancel()
        return next(line for line in metrics.page(None).decode().splitlines() if line.startswith(NAME))

    with monkeypatch.context() as broken:
        broken.setattr(store, "forget", fail)
        assert asyncio.run(run_for(0.1)) == f"{NAME} 0.0" and len(tries) > 1
    assert float(asyncio.run(run_for(0.2)).split()[1]) > 1.7e9
    store.close()
