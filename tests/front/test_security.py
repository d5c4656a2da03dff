"""Headers, origins and limits around every request."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from tests.front.parts import Citizen, Rasa, Served, served

CITY = "https://www.example.org"
OTHER = "https://www.example.net"
PATHS = ("/", "/chat", "/api/info", "/api/history", "/api/openapi.json", "/widget/page.css", "/nowhere", "/healthz")


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_strict_headers(front: Served, path: str) -> None:
    """Pages, data and errors."""
    headers = front.client().get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'")
    assert "frame-ancestors 'self';" in policy and "require-trusted-types-for 'script'" in policy
    assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "same-origin"
    assert {"permissions-policy", "cross-origin-opener-policy", "cross-origin-resource-policy"} <= set(headers)
    assert "server" not in headers


def test_error_in_our_own_code_has_them_too(front: Served) -> None:
    """And tells nothing of itself."""
    front.desk.store.close()
    front.desk.tokens.read = lambda _: 1 / 0  # type: ignore[assignment, method-assign, return-value]
    reply = front.client().get("/api/history", headers={"Authorization": "Bearer x"})
    assert reply.status_code == 500 and reply.json()["error"]["code"] == "failed"
    assert "content-security-policy" in reply.headers and "division" not in reply.text


def test_only_listed_origins_may_read(tmp_path: Path, rasa: Rasa) -> None:
    """Everybody else's browser keeps the answer from the page."""
    with served(tmp_path, rasa, origins=[CITY]) as front:
        client = front.client()
        for origin, allowed in ((CITY, CITY), (OTHER, None), ("null", None)):
            reply = client.get("/api/info", headers={"Origin": origin})
            assert reply.headers.get("access-control-allow-origin") == allowed
            asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
            asked["Access-Control-Request-Headers"] = "authorization,content-type"
            first = client.options("/api/message", headers=asked)
            assert first.headers.get("access-control-allow-origin") == allowed
            assert (first.status_code == 200) is (allowed is not None)
        page = client.get("/chat")
        assert f"frame-ancestors 'self' {CITY};" in page.headers["content-security-policy"]
        script = client.get("/widget/page.css")
        assert script.headers["cross-origin-resource-policy"] == "cross-origin"
        assert "access-control-allow-credentials" not in reply.headers


def test_many_messages_of_a_session_have_to_wait(tmp_path: Path, rasa: Rasa) -> None:
    """In words, and with the seconds for programs."""
    with served(tmp_path, rasa, messages_at_once=2, messages_per_minute=60) as front:
        citizen, other = Citizen(front), Citizen(front)
        assert [citizen.say("x").status_code for _ in range(2)] == [202, 202]
        reply = citizen.say("x")
        assert reply.status_code == 429 and reply.json()["error"]["code"] == "rate_limited"
        assert reply.headers["retry-after"] == str(reply.json()["error"]["retry_after"]) == "1"
        assert "einer Sekunde" in reply.json()["error"]["text"]
        assert other.say("x").status_code == 202
        time.sleep(1.05)
        assert citizen.say("x").status_code == 202


def test_many_requests_of_an_address_have_to_wait(tmp_path: Path, rasa: Rasa) -> None:
    """But those who watch the desk are let through."""
    with served(tmp_path, rasa, requests_at_once=3, requests_per_minute=1) as front, front.client() as client:
        assert [client.get("/api/info").status_code for _ in range(4)] == [200, 200, 200, 429]
        assert client.get("/healthz").status_code == 200
        limited = client.get("/api/info").json()["error"]
        assert limited["retry_after"] > 50 and "Sekunden" in limited["text"]


def test_many_sessions_of_an_address_have_to_wait(tmp_path: Path, rasa: Rasa) -> None:
    """Each one is a row in the database."""
    with served(tmp_path, rasa, sessions_at_once=2, sessions_per_minute=1) as front, front.client() as client:
        assert [client.post("/api/session", json={}).status_code for _ in range(3)] == [201, 201, 429]


def test_address_of_a_proxy_counts_only_if_it_is_trusted(front: Served) -> None:
    """Else anybody could pretend to be somebody new each time."""
    client = front.client()
    for number in range(5):
        client.get("/api/info", headers={"X-Forwarded-For": f"10.0.0.{number}"})
    assert len(front.desk.addresses) == 1


@pytest.mark.parametrize("declared", [True, False])
def test_large_body_is_not_even_read(front: Served, declared: bool) -> None:
    """Whether or not it says how large it is."""

    def parts() -> object:
        for _ in range(200):
            yield b"x" * 1000

    content = b"x" * 200_000 if declared else parts()
    headers = {"Content-Type": "application/json"}
    reply = front.client().post("/api/session", content=content, headers=headers)  # type: ignore[arg-type]
    assert reply.status_code == 413 and reply.json()["error"]["code"] == "too_large"


def test_slow_client_does_not_hold_a_request_open(tmp_path: Path, rasa: Rasa) -> None:
    """It gets a sentence, and everybody else their answers."""
    with served(tmp_path, rasa, body_seconds=0.3) as front:
        host, _, port = front.url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port))) as slow:
            slow.sendall(
                b"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
            )
            assert front.client().get("/api/info").status_code == 200
            assert b" 408 " in slow.recv(200)


@pytest.mark.parametrize(
    "path", ["/api/nothing", "/widget/../settings.py", "/widget/%2e%2e/app.py", "/webhooks/rest/webhook"]
)
def test_nothing_else_can_be_reached(front: Served, path: str) -> None:
    """Neither files nor Rasa."""
    reply = front.client().get(path)
    assert reply.status_code == 404 and reply.json()["error"]["code"] == "not_found"
