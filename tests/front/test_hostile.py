"""Whatever is sent to the front desk: an answer or a refusal, never an error of the server.

`python -m bench.hostile` sends 100,000 messages to the whole bot.
"""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.front.hostile import corpus, messages, values
from tests.front.parts import Citizen, Rasa, Served, served

PATHS = ("/api/session", "/api/message", "/api/history", "/api/events", "/api/feedback", "/chat", "/nachricht", "/x")
UNBOUND = {"messages_per_minute": 1e9, "messages_at_once": 10**6, "requests_at_once": 10**6, "requests_per_minute": 1e9}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Served, Citizen]:
    """A front desk that counts nobody's messages, and somebody with a conversation."""
    rasa = Rasa()
    rasa.start()
    with served(tmp_path_factory.mktemp("hostile"), rasa, None, **UNBOUND) as front:
        yield front, Citizen(front)  # type: ignore[misc]
    rasa.stop()


def test_every_text_of_the_list_is_taken_or_refused(hostile: tuple[Served, Citizen]) -> None:
    """And what is taken is answered."""
    _, citizen = hostile
    statuses = [citizen.say(text).status_code for text in corpus()]
    assert set(statuses) <= {202, 400, 413, 422} and statuses.count(202) > 20
    citizen.until_answered(statuses.count(202))


@settings(max_examples=150)
@given(text=messages())
def test_no_text_breaks_the_front_desk(hostile: tuple[Served, Citizen], text: str) -> None:
    """Whatever characters it has."""
    assert hostile[1].say(text).status_code in (202, 400, 413, 422)


@settings(max_examples=150)
@given(path=st.sampled_from(PATHS), body=values())
def test_no_request_breaks_the_front_desk(hostile: tuple[Served, Citizen], path: str, body: object) -> None:
    """Whatever its form, at every address, with and without a session."""
    front, citizen = hostile
    assert citizen.http.post(path, json=body).status_code < 500
    with front.client() as stranger:
        assert stranger.post(path, json=body).status_code < 500


@settings(max_examples=100)
@given(raw=st.binary(max_size=200), kind=st.sampled_from(["application/json", "multipart/form-data", "x"]))
def test_no_bytes_break_the_front_desk(hostile: tuple[Served, Citizen], raw: bytes, kind: str) -> None:
    """Also none that are no JSON, no form and no text."""
    for path in ("/api/message", "/chat"):
        assert hostile[1].http.post(path, content=raw, headers={"Content-Type": kind}).status_code < 500


def test_log_holds_none_of_it(tmp_path: Path, rasa: Rasa, caplog: pytest.LogCaptureFixture) -> None:
    """No traceback and no text."""
    caplog.set_level(logging.INFO)
    with served(tmp_path, rasa) as front:
        citizen = Citizen(front)
        for text in ("ganz-geheim \ud7ff", "/ganz-geheim{", "ganz-geheim" * 200):
            citizen.say(text)
    assert "ganz-geheim" not in caplog.text and "Traceback" not in caplog.text
