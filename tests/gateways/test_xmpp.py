"""The gateway to XMPP, with a real Prosody."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from partnerstadt.quality.servers import free_ports
from partnerstadt.settings import HOST
from tests.gateways.parts import Process, never, until
from tests.gateways.people import People, Somebody
from tests.gateways.suite import (
    OURS,
    Suite,
    WithDeletions,
    WithEdits,
    WithRatings,
    WithRepetitions,
    World,
    answers,
    begun,
    heard,
    last,
)

DOMAIN, BOT, PASSWORD = "stadt.example", "bot", "geheim-und-lang"
CONFIG = """
run_as_root = true
pidfile = "{folder}/prosody.pid"
data_path = "{folder}/data"
log = {{ {{ levels = {{ min = "warn" }}; to = "file"; filename = "{folder}/prosody.log" }} }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
legacy_ssl_ports = {{ }}
c2s_require_encryption = true
ssl = {{ key = "{folder}/key.pem"; certificate = "{folder}/cert.pem" }}
authentication = "internal_plain"
modules_enabled = {{ "roster"; "saslauth"; "disco"; "ping"; "smacks"; "mam"; "pep"; "blocklist"; "offline"; "tls" }}
modules_disabled = {{ "s2s" }}
VirtualHost "{domain}"
"""


class Prosody:
    """The server and the people on it."""

    name = "xmpp"
    buttons = False
    secret = PASSWORD

    def __init__(self, folder: Path) -> None:
        self.port = free_ports(1)[0]
        self._folder = folder
        self._accounts = folder / "data" / DOMAIN.replace(".", "%2e") / "accounts"
        self._accounts.mkdir(parents=True)
        self._config = folder / "prosody.cfg.lua"
        self._config.write_text(CONFIG.format(folder=folder, port=self.port, domain=DOMAIN))
        named = ["-subj", f"/CN={DOMAIN}", "-addext", f"subjectAltName=DNS:{DOMAIN}"]
        files = ["-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *named, *files]
        subprocess.run(command, check=True, capture_output=True)
        self._add(BOT, PASSWORD)
        self._process: subprocess.Popen[bytes] | None = None
        options = {"domain": DOMAIN, "bot": f"{BOT}@{DOMAIN}", "password": "person", "port": self.port}
        options["certificate"] = str(folder / "cert.pem")
        self.people = People("xmpp", "xmpp_people.py", options)

    def _add(self, name: str, password: str) -> None:
        (self._accounts / f"{name}.dat").write_text(f'return {{ ["password"] = "{password}"; }};\n')

    def environment(self) -> dict[str, str]:
        """The settings of the gateway."""
        return {
            "PARTNERSTADT_XMPP_JID": f"{BOT}@{DOMAIN}",
            "PARTNERSTADT_XMPP_PASSWORD": PASSWORD,
            "PARTNERSTADT_XMPP_HOST": HOST,
            "PARTNERSTADT_XMPP_PORT": str(self.port),
            "SSL_CERT_FILE": str(self._folder / "cert.pem"),
        }

    def wrong_environment(self) -> dict[str, str]:
        """With a password that is not right."""
        return self.environment() | {"PARTNERSTADT_XMPP_PASSWORD": f"{PASSWORD}x"}

    def person(self, name: str) -> Somebody:
        """Somebody new."""
        self._add(name, "person")
        self.people.begin(name)
        return Somebody(self.people, name)

    def start(self) -> None:
        """Begin."""
        self._process = subprocess.Popen(
            ["prosody", "-F", "--config", self._config], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )

    def stop(self) -> None:
        """Be gone."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
            self._process = None

    def limit(self, seconds: int) -> None:
        """It cannot."""
        raise NotImplementedError

    def check(self) -> None:
        """The server has nothing to complain of."""
        log = self._folder / "prosody.log"
        assert not log.exists() or "Traceback" not in log.read_text()


@pytest.fixture(scope="module")
def messenger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prosody]:
    """The server."""
    subprocess.run(["scripts/messengers.sh"], check=True, stdin=subprocess.DEVNULL)
    prosody = Prosody(tmp_path_factory.mktemp("prosody"))
    prosody.start()
    yield prosody
    prosody.people.stop()
    prosody.stop()


class TestXmpp(Suite, WithEdits, WithDeletions, WithRepetitions, WithRatings):
    """All that every gateway promises, and what is XMPP's own."""

    def test_encrypted_message_is_explained(self, world: World, messenger: Prosody) -> None:
        """The bot is not asked what a client says instead of its words."""
        person = begun(world)
        messenger.people.do("encrypt", person.name)  # type: ignore[attr-defined]
        assert last(person, 3).text == OURS.text("unreadable")
        assert world.asked("verschlüsselt") == 0

    def test_server_with_an_unknown_certificate_is_refused(
        self, world: World, messenger: Prosody, tmp_path: Path
    ) -> None:
        """The password does not go to whoever claims to be the server."""
        environment = messenger.environment() | {"SSL_CERT_FILE": "/dev/null"}
        wrong = Process(messenger, tmp_path, world.port, environment).start()
        try:
            until(lambda: "is refused: the server's certificate is wrong" in wrong.printed(), 60)
            assert "is connected" not in wrong.printed()
        finally:
            wrong.end()

    def test_news_of_servers_are_no_questions(self, world: World, messenger: Prosody) -> None:
        """Headlines are not answered."""
        person = begun(world)
        messenger.people.do("groupchat", person.name, text="wartung heute")  # type: ignore[attr-defined]
        never(lambda: world.asked("wartung heute"))

    def test_what_was_written_while_the_gateway_was_away_is_answered(self, world: World) -> None:
        """Once, out of the server's archive."""
        person = begun(world)
        world.gateway.end()
        for number in range(3):
            person.say(f"abwesend {number}")
        world.gateway.start()
        until(lambda: all(answers(person, f"abwesend {number}") == 1 for number in range(3)), 60)
        never(lambda: len(heard(person)) > 5)
