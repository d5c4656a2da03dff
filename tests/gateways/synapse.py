"""A real homeserver for tests: Synapse on 127.0.0.1, alone in the world, with its data in a folder."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import yaml

from partnerstadt.quality.servers import free_ports
from partnerstadt.settings import HOST
from tests.support import PROJECT

PYTHON = PROJECT / ".venv-synapse" / "bin" / "python"
SERVER_NAME = "stadt.example"
START_SECONDS = 60.0
NO_LIMIT = {"per_second": 10000, "burst_count": 10000}


class Synapse:
    """A homeserver, to be started, stopped and started again with what it knew.

    Args:
        folder: for its settings, keys and database.
        messages: how many messages it lets a user send.
    """

    def __init__(self, folder: Path, messages: dict[str, float] | None = None) -> None:
        self.folder = folder
        self.port = free_ports(1)[0]
        self.url = f"http://{HOST}:{self.port}"
        self._secret = secrets.token_urlsafe(16)
        self._process: subprocess.Popen[bytes] | None = None
        self._http = httpx.Client(base_url=self.url, trust_env=False, timeout=20)
        self._write(messages or NO_LIMIT)

    def _write(self, messages: dict[str, float]) -> None:
        seed = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        (self.folder / "signing.key").write_text(f"ed25519 a_test {seed}\n")
        (self.folder / "log.yml").write_text(
            yaml.safe_dump(
                {
                    "version": 1,
                    "handlers": {
                        "file": {"class": "logging.FileHandler", "filename": str(self.folder / "synapse.log")}
                    },
                    "root": {"level": "WARNING", "handlers": ["file"]},
                }
            )
        )
        listener = {"port": self.port, "type": "http", "bind_addresses": [HOST], "resources": [{"names": ["client"]}]}
        settings = {
            "server_name": SERVER_NAME,
            "pid_file": str(self.folder / "pid"),
            "listeners": [listener],
            "database": {"name": "sqlite3", "args": {"database": str(self.folder / "homeserver.db")}},
            "log_config": str(self.folder / "log.yml"),
            "media_store_path": str(self.folder / "media"),
            "signing_key_path": str(self.folder / "signing.key"),
            "registration_shared_secret": self._secret,
            "macaroon_secret_key": secrets.token_urlsafe(16),
            "form_secret": secrets.token_urlsafe(16),
            "report_stats": False,
            "trusted_key_servers": [],
            "federation_domain_whitelist": [],
            "url_preview_enabled": False,
            "presence": {"enabled": False},
            "bcrypt_rounds": 4,
            "rc_message": messages,
            "rc_login": dict.fromkeys(("address", "account", "failed_attempts"), NO_LIMIT),
            "rc_joins": {"local": NO_LIMIT},
            "rc_room_creation": NO_LIMIT,
            "rc_invites": dict.fromkeys(("per_room", "per_user", "per_issuer"), NO_LIMIT),
        }
        (self.folder / "homeserver.yml").write_text(yaml.safe_dump(settings))

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [str(PYTHON), "-m", "synapse.app.homeserver", "-c", str(self.folder / "homeserver.yml")]
        with (self.folder / "output.log").open("ab") as log:
            # Its code may be compiled once instead of at each start.
            environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
            self._process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log, env=environment)
        deadline = time.monotonic() + START_SECONDS
        while True:
            assert self._process.poll() is None, (self.folder / "output.log").read_text()
            assert time.monotonic() < deadline, "Synapse did not start"
            try:
                if self._http.get("/health").status_code == 200:
                    return
            except httpx.HTTPError:
                time.sleep(0.05)

    def stop(self) -> None:
        """Stop it; what it knows stays in its folder."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def register(self, name: str, password: str, admin: bool = False) -> str:
        """Make an account; its access token."""
        nonce = self._http.get("/_synapse/admin/v1/register").json()["nonce"]
        signed = "\0".join((nonce, name, password, "admin" if admin else "notadmin")).encode()
        mac = hmac.new(self._secret.encode(), signed, hashlib.sha1).hexdigest()
        body = {"nonce": nonce, "username": name, "password": password, "admin": admin, "mac": mac}
        reply = self._http.post("/_synapse/admin/v1/register", json=body)
        assert reply.status_code == 200, reply.text
        return str(reply.json()["access_token"])

    def call(self, method: str, path: str, token: str, body: object = None) -> dict[str, Any]:
        """Ask it something as somebody."""
        reply = self._http.request(method, path, json=body, headers={"Authorization": f"Bearer {token}"})
        assert reply.status_code == 200, reply.text
        return dict(reply.json())
