"""Runs custom actions in Rasa's own process, with the same results and errors as an action server.

This saves a process, a connection for each call, and the conversation as text. What is lost is the wall between
the two: an action that crashes the process takes Rasa along.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import lru_cache
from typing import Any

from rasa.utils.endpoints import ClientResponseError
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from partnerstadt import deadlines

PACKAGE = "actions"
THREADS = 8

logger = logging.getLogger(__name__)


class LocalActions:
    """The actions of a package.

    Args:
        executor: knows the actions.
        seconds: how long one may take; a longer one is not waited for.
        threads: how many that are not coroutines run at the same time.
    """

    def __init__(self, executor: ActionExecutor, seconds: float = deadlines.ACTION, threads: int = THREADS) -> None:
        self._executor, self._seconds = executor, seconds
        # An action that computes or waits must not hold up the other conversations.
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="action")
        for name, function in executor.actions.items():
            if not asyncio.iscoroutinefunction(function):
                executor.actions[name] = self._in_thread(function)

    def _in_thread(self, function: Callable[..., Any]) -> Callable[..., Any]:
        async def run(*arguments: Any) -> Any:
            context = copy_context()  # so that a trace goes on there
            return await asyncio.get_running_loop().run_in_executor(self._threads, context.run, function, *arguments)

        return run

    async def run(self, call: Mapping[str, Any]) -> dict[str, Any]:
        """Run the action that a call names.

        Returns:
            Its events and responses.

        Raises:
            ClientResponseError: what Rasa would make of the answer of an action server that has failed.
        """
        name = str(call["next_action"])
        try:
            # Through JSON as on a wire: neither side can change what belongs to the other.
            result = await asyncio.wait_for(self._executor.run(json.loads(json.dumps(call))), self._seconds)
            return dict(json.loads(json.dumps(result)))
        except ActionExecutionRejection as rejection:
            body = json.dumps({"action_name": rejection.action_name, "error": rejection.message})
            raise ClientResponseError(400, "Bad Request", body) from None
        except ActionNotFoundException:
            raise ClientResponseError(404, "Not Found", name) from None
        except asyncio.TimeoutError:
            logger.error("The action %s took longer than %.0f seconds.", name, self._seconds)
            raise ClientResponseError(504, "Gateway Timeout", name) from None
        except Exception:
            logger.exception("The action %s failed.", name)
            raise ClientResponseError(500, "Internal Server Error", name) from None


@lru_cache(maxsize=1)
def local_actions() -> LocalActions:
    """The project's actions; an error in one of their files ends the process, as it ends an action server."""
    executor = ActionExecutor()
    executor.register_package(PACKAGE)
    return LocalActions(executor)
