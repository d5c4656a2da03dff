"""A real nginx with our configuration, before small servers that can be told to fail."""

from __future__ import annotations

import http.server
import json
import re
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from partnerstadt.quality.servers import free_ports
from tests.front.parts import until
from tests.support import PROJECT

NGINX = PROJECT / "deploy" / "nginx"
CONVERSATION = "X-Partnerstadt-Conversation"


class Server:
    """Says who it is and what it was asked; may be gone, or refuse to answer."""

    def __init__(self, name: str) -> None:
        self.name, self.port, self.status = name, free_ports(1)[0], 200
        self.more = threading.Event()
        self._server: http.server.ThreadingHTTPServer | None = None
        self.start()

    def start(self) -> None:
        """Begin to answer."""
        told = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                if self.path == "/api/events":
                    self.stream()
                    return
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                seen = {"name": told.name, "path": self.path, "headers": dict(self.headers)}
                body = json.dumps(seen).encode()
                self.send_response(told.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def stream(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Connection", "close")
                self.end_headers()
                with suppress(OSError):
                    self.wfile.write(b"data: first\n\n")
                    self.wfile.flush()
                    told.more.wait(20)
                    self.wfile.write(b"data: second\n\n")

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        class Threads(http.server.ThreadingHTTPServer):
            allow_reuse_address = True
            daemon_threads = True
            block_on_close = False

            def get_request(self) -> Any:
                accepted = super().get_request()
                told._connections.append(accepted[0])
                return accepted

        self._connections: list[socket.socket] = []
        self._server = Threads(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """Be gone."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._server = None


class Proxy:
    """A running nginx and who stands behind it."""

    def __init__(self, folder: Path) -> None:
        names = ("front-a", "front-b", "bot-a", "bot-b", "staff")
        self.servers = {name: Server(name) for name in names}
        self.ports = dict(zip(("8443", "8081", "8444", "5006", "8082"), free_ports(5), strict=True))
        (folder / "tls").mkdir()
        certificate, key = folder / "tls" / "fullchain.pem", folder / "tls" / "privkey.pem"
        options = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
        self_signed = f"openssl req -x509 {options} -addext subjectAltName=IP:127.0.0.1".split()
        subprocess.run(
            [*self_signed, "-keyout", key, "-out", certificate],
            check=True,
            capture_output=True,
        )
        upstreams = (NGINX / "upstreams.conf").read_text(encoding="utf-8")
        for name, server in self.servers.items():
            upstreams = re.sub(rf"server {name}:\d+", f"server 127.0.0.1:{server.port}", upstreams)
        (folder / "upstreams.conf").write_text(upstreams, encoding="utf-8")
        config = (NGINX / "nginx.conf").read_text(encoding="utf-8")
        for kept, port in self.ports.items():
            config = re.sub(rf"listen (127\.0\.0\.1:)?{kept}\b", f"listen 127.0.0.1:{port}", config)
        config = config.replace(" /tmp/", f" {folder}/").replace("/etc/nginx/", f"{folder}/")
        (folder / "nginx.conf").write_text(config, encoding="utf-8")
        self._command = ["/usr/sbin/nginx", "-e", "stderr", "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
        self.log = folder / "log"
        with self.log.open("w") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        self.tls = ssl.create_default_context(cafile=str(certificate))
        until(lambda: self._alive())

    def _alive(self) -> bool:
        assert self._process.poll() is None, self.log.read_text()
        with suppress(httpx.HTTPError):
            return httpx.get(f"http://127.0.0.1:{self.ports['8082']}/alive", trust_env=False).status_code == 204
        return False

    def checked(self) -> str:
        """What `nginx -t` says."""
        done = subprocess.run([*self._command[:-2], "-t"], capture_output=True, text=True, timeout=30)
        return done.stderr

    def client(self, port: str = "8443") -> httpx.Client:
        """A browser, or a desk where there is no TLS."""
        scheme = "http" if port in ("8081", "5006", "8082") else "https"
        return httpx.Client(base_url=f"{scheme}://127.0.0.1:{self.ports[port]}", verify=self.tls, trust_env=False)

    def stop(self) -> None:
        """End everything."""
        self._process.terminate()
        self._process.wait(20)
        for server in self.servers.values():
            server.stop()


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """One for all tests; each puts back what it stops."""
    started = Proxy(tmp_path_factory.mktemp("nginx"))
    yield started
    started.stop()


def test_configuration_is_taken_without_a_warning(proxy: Proxy) -> None:
    """By the real program."""
    said = proxy.checked()
    assert "test is successful" in said and "[warn]" not in said and "[emerg]" not in said


def test_front_desk_learns_who_asks_and_nothing_that_was_made_up(proxy: Proxy) -> None:
    """A client that names another address, another scheme or another host as proxy is not believed."""
    lies = {"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "http", "Forwarded": "for=1.2.3.4"}
    with proxy.client() as browser:
        reply = browser.get("/chat", headers=lies)
    seen = reply.json()["headers"]
    assert seen["X-Forwarded-For"] == "127.0.0.1" and seen["X-Forwarded-Proto"] == "https" and "Forwarded" not in seen
    assert reply.headers["Strict-Transport-Security"] and "nginx/" not in reply.headers["Server"]


def test_what_is_for_machines_is_not_for_the_world(proxy: Proxy) -> None:
    """Numbers and health stay inside; so do the bots."""
    with proxy.client() as browser:
        paths = ("/metrics", "/readyz", "/healthz")
        assert [browser.get(path).status_code for path in paths] == [404, 404, 404]
        assert browser.get("/webhooks/rest/webhook").json()["name"].startswith("front")
    with proxy.client("5006") as desk:
        assert desk.get("/").status_code == 404 and desk.get("/version").status_code == 404


def test_large_requests_and_plain_http_are_refused(proxy: Proxy) -> None:
    """The front desk does not even see them."""
    with proxy.client() as browser:
        assert browser.post("/api/message", content=b"x" * 40_000).status_code == 413
    with proxy.client("8081") as browser:
        moved = browser.get("/chat?x=1")
        assert moved.status_code == 301 and moved.headers["Location"] == "https://127.0.0.1/chat?x=1"


def test_events_come_as_they_happen(proxy: Proxy) -> None:
    """The first of a stream is there while the second has not happened."""
    with proxy.client() as browser, browser.stream("GET", "/api/events") as stream:
        lines = stream.iter_lines()
        assert next(lines) == "data: first"
        for server in proxy.servers.values():
            server.more.set()
        assert "data: second" in list(lines)


def test_front_desk_that_is_gone_is_not_noticed(proxy: Proxy) -> None:
    """Every request has an answer, from the other one; when it comes back, it is asked again."""
    gone = proxy.servers["front-a"]
    gone.stop()
    with proxy.client() as browser:
        replies = [browser.post("/api/message", json={"text": "x"}) for _ in range(30)]
        assert {reply.status_code for reply in replies} == {200}
        assert {reply.json()["name"] for reply in replies} == {"front-b"}
        gone.start()
        until(lambda: any(browser.get("/").json()["name"] == "front-a" for _ in range(5)), 15)


def test_conversation_stays_with_its_bot_until_that_is_gone(proxy: Proxy) -> None:
    """Two bots share the conversations; those of one that is gone are answered by the other."""
    with proxy.client("5006") as desk:

        def bot_of(conversation: str) -> str:
            reply = desk.post("/webhooks/rest/webhook", json={}, headers={CONVERSATION: conversation})
            assert reply.status_code == 200
            return str(reply.json()["name"])

        conversations = [f"{number:032x}" for number in range(40)]
        first = {id: bot_of(id) for id in conversations}
        assert {id: bot_of(id) for id in conversations} == first
        assert 8 < sum(name == "bot-a" for name in first.values()) < 32
        proxy.servers["bot-a"].status = 503  # starting anew
        assert {bot_of(id) for id in conversations} == {"bot-b"}
        proxy.servers["bot-a"].status = 200
        time.sleep(5.5)
        assert {id: bot_of(id) for id in conversations} == first


def test_both_bots_gone_is_said_at_once(proxy: Proxy) -> None:
    """The front desk then tells the citizen that it takes longer, and asks again."""
    for name in ("bot-a", "bot-b"):
        proxy.servers[name].stop()
    begun = time.monotonic()
    with proxy.client("5006") as desk:
        assert desk.post("/webhooks/rest/webhook", json={}, headers={CONVERSATION: "a"}).status_code == 502
    assert time.monotonic() - begun < 3
    for name in ("bot-a", "bot-b"):
        proxy.servers[name].start()


def test_nothing_of_people_is_written(proxy: Proxy) -> None:
    """No log of who asked what."""
    with proxy.client() as browser:
        browser.get("/chat?text=ganz-geheim")
    assert "ganz-geheim" not in proxy.log.read_text() and "access_log off;" in (NGINX / "nginx.conf").read_text()
