"""The gateway to XMPP, with a real Prosody."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from partnerstadt.quality.servers import free_ports
from partnerstadt.settings import HOST
from tests.gateways.parts import Process, never, until
from tests.gateways.people import People, Somebody
from tests.gateways.suite import (
    LENGTHY,
    LONG,
    MAP,
    OURS,
    SOURCE,
    Suite,
    WithDeletions,
    WithEdits,
    WithLimits,
    WithRatings,
    WithRepetitions,
    World,
    answers,
    begun,
    heard,
    last,
    texts,
    until_picture_and_list,
)

DOMAIN, BOT, PASSWORD = "stadt.example", "bot", "geheim-und-lang"
MODULES = ("roster", "saslauth", "disco", "ping", "smacks", "mam", "pep", "blocklist", "offline", "tls", "limits")
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
modules_enabled = {{ {modules} }}
limits = {{ c2s = {{ rate = "{rate}" }} }}
modules_disabled = {{ "s2s" }}
plugin_paths = {{ "{folder}" }}
http_ports = {{ {http} }}
http_interfaces = {{ "127.0.0.1" }}
https_ports = {{ }}
http_external_url = "http://127.0.0.1:{http}/"
VirtualHost "{domain}"
modules_enabled = {{ "busy" }}
"""
UPLOADS = """
Component "upload.{domain}" "http_file_share"
http_host = "127.0.0.1"
"""
# Refuses messages of the bot while a file is there, as servers do that have too much to do.
BUSY = """
local st = require "util.stanza";
module:hook("pre-message/bare", function (event)
  local file = event.stanza:get_child("body") and event.origin.username == "bot" and io.open("{folder}/busy");
  if not file then return; end
  file:close();
  event.origin.send(st.error_reply(event.stanza, "wait", "resource-constraint"));
  return true;
end, 10);
"""


class Prosody:
    """The server and the people on it."""

    name = "xmpp"
    buttons = False
    secret = PASSWORD

    def __init__(self, folder: Path) -> None:
        self.port, self._http = free_ports(2)
        self._folder = folder
        self._accounts = folder / "data" / DOMAIN.replace(".", "%2e") / "accounts"
        self._accounts.mkdir(parents=True)
        self._config = folder / "prosody.cfg.lua"
        (folder / "mod_busy.lua").write_text(BUSY.format(folder=folder))
        self.configure()
        named = ["-subj", f"/CN={DOMAIN}", "-addext", f"subjectAltName=DNS:{DOMAIN}"]
        files = ["-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *named, *files]
        subprocess.run(command, check=True, capture_output=True)
        self._add(BOT, PASSWORD)
        self._process: subprocess.Popen[bytes] | None = None
        options = {"domain": DOMAIN, "bot": f"{BOT}@{DOMAIN}", "password": "person", "port": self.port}
        options["certificate"] = str(folder / "cert.pem")
        self._awake: list[str] = []
        self.people = People("xmpp", "xmpp_people.py", options)

    def configure(self, more: str = UPLOADS, rate: str = "10mb/s") -> None:
        """Write the settings, to be read at the next start: what else there is, and how much a client may send."""
        modules = "; ".join(f'"{module}"' for module in MODULES)
        values = {"folder": self._folder, "port": self.port, "http": self._http, "domain": DOMAIN, "rate": rate}
        values["modules"] = modules
        self._config.write_text((CONFIG + more).format(**values))

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
        self.people.tell("begin", name)
        self._awake.append(name)
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
        """Be busy for a while."""
        busy = self._folder / "busy"
        busy.touch()
        threading.Timer(seconds, busy.unlink).start()

    def check(self) -> None:
        """The server has nothing to complain of. People log off after a test; all others would come back at once."""
        for name in self._awake:
            self.people.tell("rest", name)
        self._awake.clear()
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


class TestXmpp(Suite, WithEdits, WithDeletions, WithRepetitions, WithRatings, WithLimits):
    """All that every gateway promises, and what is XMPP's own."""

    def test_encrypted_message_is_explained(self, world: World, messenger: Prosody) -> None:
        """The bot is not asked what a client says instead of its words."""
        person = begun(world)
        messenger.people.do("encrypt", person.name)  # type: ignore[attr-defined]
        assert last(person, 3).text == OURS.text("unreadable")
        assert world.asked("verschlüsselt") == 0

    def test_poor_server_gets_all_in_its_time(self, world: World, messenger: Prosody) -> None:
        """One that takes no pictures and reads only so much in a second: nothing is lost, nothing comes twice."""
        person = begun(world)
        messenger.configure(more="", rate="10kb/s")
        messenger.stop()
        messenger.start()
        person.say(MAP)
        until_picture_and_list(world, person)
        assert texts(person)[-2] == OURS.text("no_picture")
        before = len(texts(person))
        person.say(LENGTHY)
        until(lambda: texts(person)[-1].endswith(SOURCE) and len(texts(person)) > before, 60)
        assert " ".join(" ".join(texts(person)[before:]).split()) == " ".join(f"{LONG} {SOURCE}".split())
        messenger.configure()
        messenger.stop()
        messenger.start()

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
