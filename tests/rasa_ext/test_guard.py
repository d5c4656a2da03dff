"""Rasa and the action server answer only those who show the token."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from typing import Any

import httpx
import pytest
import rasa.core.run
import rasa_sdk.endpoint
from sanic import Sanic

from partnerstadt.rasa_ext import guard
from partnerstadt.rasa_ext.rest import RestChannel
from tests.support import PROJECT

SECRET = "0123456789abcdef0123456789abcdef"
BEARER = {"Authorization": f"Bearer {SECRET}"}
OURS = {guard.TOKEN_HEADER: SECRET}
WRONG = {guard.TOKEN_HEADER: SECRET[:-1] + "x"}


def statuses(app: Any, asked: list[tuple[str, str, dict[str, str]]]) -> list[int]:
    """What a server answers to requests, each a method, a path and headers."""

    async def ask() -> list[int]:
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            server = await app.create_server(sock=listening, return_asyncio_server=True)
            await server.startup()
            await server.start_serving()
            try:
                address = f"http://127.0.0.1:{listening.getsockname()[1]}"
                async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
                    body = {"sender": "a", "message": "hallo"}
                    replies = [await client.request(how, path, headers=h, json=body) for how, path, h in asked]
                    return [reply.status_code for reply in replies]
            finally:
                server.close()
                await server.wait_closed()

    return asyncio.run(ask())


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that an operator has chosen."""
    Sanic.test_mode = True
    monkeypatch.setenv(guard.TOKEN, SECRET)
    monkeypatch.delenv(guard.OPEN, raising=False)


def test_rasa_tells_strangers_only_that_it_lives() -> None:
    """Not its version, no answers, nothing of a conversation; Prometheus may show the token in its own way."""
    app = rasa.core.run.configure_app([RestChannel()], enable_api=False)
    hook = "/webhooks/rest/webhook"
    asked = [(how, path, headers) for headers in ({}, WRONG) for how, path in (("GET", "/"), ("POST", hook))]
    asked += [("DELETE", "/webhooks/rest/conversations/a", WRONG), ("GET", "/webhooks/rest/metrics", {})]
    assert statuses(app, asked) == [401] * 6
    # 503: there is no model here; the token was good.
    assert statuses(app, [("GET", "/webhooks/rest/", {}), ("POST", hook, OURS), ("POST", hook, BEARER)]) == [503] * 3
    assert statuses(app, [("GET", "/", OURS), ("GET", "/webhooks/rest/metrics", BEARER)]) == [200, 200]


def test_actions_run_for_nobody_without_the_token() -> None:
    """Nor are their names told."""
    app = rasa_sdk.endpoint.create_app("actions")
    asked = [("POST", "/webhook", {}), ("POST", "/webhook", WRONG), ("GET", "/actions", {})]
    assert statuses(app, asked) == [401] * 3
    assert statuses(app, [("GET", "/health", {}), ("GET", "/actions", OURS)]) == [200, 200]


def test_front_desk_asks_again_when_its_token_is_not_known() -> None:
    """Somebody is changing the token; no question is lost meanwhile."""
    from partnerstadt.front.bot import Bot, Unavailable
    from partnerstadt.front.store import Question
    from tests.front.parts import Rasa

    rasa = Rasa()
    rasa.start()
    rasa.status = 401

    async def ask() -> None:
        bot = Bot(rasa.url, rasa.actions_url, 5, 1, SECRET)
        try:
            await bot.ask(Question("a", 1, "hallo"))
        finally:
            await bot.close()

    with pytest.raises(Unavailable):
        asyncio.run(ask())
    rasa.stop()


def test_token_of_the_supervisor_leaves_this_machine_open() -> None:
    """It is made up anew at every start; who develops has none to show. Deleting takes it even so."""
    made_up = {guard.TOKEN: SECRET, guard.OPEN: "1"}
    assert guard.may_enter({}, made_up) and not guard.shown({}, made_up)
    assert not guard.may_enter({}, {guard.TOKEN: SECRET})
    assert guard.may_enter({}, {}) and not guard.shown({guard.TOKEN_HEADER: ""}, {guard.TOKEN: ""})


@pytest.mark.parametrize("interface", ["0.0.0.0", "::", "10.0.0.1", "bot.example"])
def test_nothing_listens_elsewhere_without_a_token(interface: str) -> None:
    """A token that the supervisor made up is none that others know."""
    for environment in ({}, {guard.TOKEN: SECRET, guard.OPEN: "1"}):
        with pytest.raises(SystemExit, match="without a PARTNERSTADT_CHANNEL_TOKEN"):
            guard.check_interface(interface, environment)
    guard.check_interface(interface, {guard.TOKEN: SECRET})
    guard.check_interface("127.0.0.1", {})


def test_action_server_typed_by_hand_is_refused_too() -> None:
    """The check lies in the server, not in our commands."""
    environment = os.environ | {"SANIC_HOST": "0.0.0.0", guard.TOKEN: ""}
    command = [sys.executable, "-m", "rasa_sdk", "--quiet", "--actions", "actions", "--port", "1"]
    done = subprocess.run(command, env=environment, cwd=PROJECT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "nothing of Rasa listens on 0.0.0.0" in done.stderr
