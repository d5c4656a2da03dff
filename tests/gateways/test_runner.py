"""The work of a gateway, where it needs no messenger."""

from __future__ import annotations

import asyncio
import contextlib

from partnerstadt.gateways.runner import end


def test_task_that_misses_a_cancellation_ends_too() -> None:
    """Or a gateway would never stop."""

    async def deaf() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        await asyncio.sleep(60)

    async def work() -> bool:
        tasks = [asyncio.create_task(deaf()), asyncio.create_task(asyncio.sleep(0))]
        await asyncio.sleep(0)
        await asyncio.wait_for(end(tasks), 10)
        return all(task.done() for task in tasks)

    assert asyncio.run(work())


def test_nothing_to_end_is_nothing_to_wait_for() -> None:
    """A gateway may have no conversation."""
    asyncio.run(end([]))
