"""Asking the bot, before a small server in place of Rasa."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from partnerstadt.records.models import Records
from partnerstadt.staff.asking import Answered, Asking, Unavailable
from partnerstadt.staff.mail import State

URL = "http://127.0.0.1/webhooks/rest/webhook"
MAIL = (
    "Guten Tag,\nich bin unter 0231 1234567 erreichbar. Wo liegt Leeds? Wann öffnet das Bürgerbüro?\nGruß\nKim Muster"
)


class Rasa:
    """Answers the first message with one question and all others with none; remembers what it heard."""

    def __init__(self, broken: bool = False) -> None:
        self.heard: list[dict[str, Any]] = []
        self.deleted: list[str] = []
        self._broken = broken
        conversation = Route("/webhooks/rest/conversations/{sender}", self.delete, methods=["DELETE"])
        self.app = Starlette(routes=[Route("/webhooks/rest/webhook", self.message, methods=["POST"]), conversation])

    async def message(self, request: Request) -> Response:
        """One message."""
        self.heard.append(await request.json())
        if self._broken:
            return JSONResponse({}, status_code=503)
        question = {"text": "Wo liegt Leeds?", "intent": "ask_country", "confidence": 0.9, "outcome": "answered"}
        known = {"questions": [{**question, "said": [0], "sources": ["page"]}]} if len(self.heard) == 1 else {}
        return JSONResponse([{"about": {**known, "said": [{"response": "utter_country", "text": "In England."}]}}])

    async def delete(self, request: Request) -> Response:
        """Forget a conversation."""
        assert request.headers["X-Partnerstadt-Token"] == "token"
        self.deleted.append(request.path_params["sender"])
        return Response(status_code=204)


def answer(rasa: Rasa, records: Records, text: str) -> Answered:
    """What the desk says to a mail."""

    async def ask() -> Answered:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=rasa.app)) as http:
            return await Asking(http, URL, "token").answer(text, records)

    return asyncio.run(ask())


def test_mail_is_asked_and_forgotten(dortmund_records: Records) -> None:
    """As a whole and then what was passed over, in one conversation that is deleted; numbers are masked before."""
    rasa = Rasa()
    answered = answer(rasa, dortmund_records, MAIL)
    assert [(d.question, d.state) for d in answered.drafts] == [
        ("Wo liegt Leeds?", State.ANSWERED),
        ("Wann öffnet das Bürgerbüro?", State.OPEN),
    ]
    assert len(rasa.heard) == 2 and rasa.deleted == [rasa.heard[0]["sender"]] == [rasa.heard[1]["sender"]]
    assert "1234567" not in rasa.heard[0]["message"] and "Kim Muster" not in rasa.heard[0]["message"]


def test_bot_that_is_gone_is_said(dortmund_records: Records) -> None:
    """And what it may have heard is deleted all the same."""
    rasa = Rasa(broken=True)
    with pytest.raises(Unavailable):
        answer(rasa, dortmund_records, MAIL)
    assert len(rasa.deleted) == 1


def test_empty_mail_is_not_asked(dortmund_records: Records) -> None:
    """There is nothing to ask."""
    rasa = Rasa()
    assert answer(rasa, dortmund_records, " \n ").drafts == () and rasa.heard == []
