"""docs/messenger.md, followed to the letter: its commands, its settings, what it says to try in an encrypted chat."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from partnerstadt.front.gateway import SECRET
from partnerstadt.gateways.settings import switched
from tests.e2e.conftest import Bot
from tests.gateways.matrix_world import People, Somebody
from tests.gateways.parts import Process, install, until
from tests.gateways.synapse import SERVER_NAME, Synapse
from tests.support import PROJECT

PAGE = (PROJECT / "docs" / "messenger.md").read_text(encoding="utf-8")
GUIDE = PAGE.partition("### In zehn Minuten")[2].partition("\n### ")[0]
# What comes, for all that the guide says to write.
EXPECTED = {
    "1": r"11 Partnerstädte",
    "Seit wann ist Leeds Partnerstadt?": r"Leeds .*1969",
    "und Amiens?": r"Amiens .*1960",
    "Wie erreiche ich das Büro?": r"44135 Dortmund",
    "Zeig mir die Karte": r"Trabzon",
    "Ich möchte mit einem Menschen sprechen": r"1\) Nachricht hinterlassen",
}


def blocks(language: str) -> list[str]:
    """What the guide says to type, in a language."""
    return [textwrap.dedent(block) for block in re.findall(rf" *```{language}\n(.*?) *```", GUIDE, re.DOTALL)]


@pytest.fixture
def homeserver(tmp_path: Path) -> Iterator[Synapse]:
    """A homeserver on which nobody has an account."""
    install("matrix")
    install("synapse")
    (tmp_path / "synapse").mkdir()
    synapse = Synapse(tmp_path / "synapse")
    synapse.start()
    yield synapse
    synapse.stop()


def test_guide_leads_to_a_working_bot(bot: Bot, homeserver: Synapse, tmp_path: Path) -> None:
    """For somebody who types and pastes what stands there, with the address of the own homeserver."""

    def here(text: str) -> str:
        return text.replace("http://127.0.0.1:8008", homeserver.url).replace("example.org", SERVER_NAME)

    folder = tmp_path / "bot"
    folder.mkdir()
    (folder / "homeserver.yaml").symlink_to(homeserver.folder / "homeserver.yml")
    path = f"{PROJECT / '.venv-synapse' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    for block in blocks("sh"):
        subprocess.run(["sh", "-eu"], input=here(block), cwd=folder, env={"PATH": path}, text=True, check=True)
    assert (folder / "var" / "matrix.password").stat().st_mode & 0o077 == 0

    [section] = blocks("yaml")
    settings = (PROJECT / "gateways.yml").read_text(encoding="utf-8")
    replaced, count = re.subn(r"^matrix:\n(  .*\n)*", lambda _: here(section), settings, flags=re.MULTILINE)
    (folder / "gateways.yml").write_text(replaced, encoding="utf-8")
    assert count == 1 and switched(folder, {}).on == ("matrix",) and not switched(folder, {}).wrong

    # By its secret the front desk knows its gateways; all else that others have left in the bot's folder is not for us.
    state = tmp_path / "state"
    state.mkdir()
    shutil.copy(bot.settings.state / SECRET, state)
    people = People(homeserver, tmp_path / "people")
    gateway = Process("matrix", state, bot.settings.front_port, project=folder).start()
    try:
        until(lambda: "The gateway matrix is connected." in gateway.printed(), 90)
        people.enter("clara", encrypted=True)
        room = people.begin("clara", encrypted=True, others=(f"@partnerstadt:{SERVER_NAME}",))
        person = Somebody(people, "clara", room)
        until(lambda: len(person.heard()) == 1, 60)
        assert "Computerprogramm" in person.heard()[0].text and "3) " in person.heard()[0].text

        table = GUIDE.partition("| Sie schreiben |")[2].partition("Die Einladung")[0]
        rows = re.findall(r"^ *\| `(.+?)` \| ", table, re.MULTILINE)
        assert rows == list(EXPECTED)
        for text, wanted in EXPECTED.items():
            before = len(person.heard())
            person.say(text)
            until(lambda w=wanted, b=before: any(re.search(w, h.text) for h in person.heard()[b:]), 60)  # type: ignore[misc]
        assert any(heard.picture for heard in person.heard())
        assert all(event["decrypted"] for event in person.raw())
    finally:
        gateway.end()
        people.stop()


def test_guide_says_what_the_log_says() -> None:
    """The lines by which somebody finds out what is wrong are those that are printed."""
    code = "".join(path.read_text(encoding="utf-8") for path in (PROJECT / "partnerstadt").rglob("*.py"))
    table = GUIDE.partition("| Im Protokoll |")[2].partition("Ist es berichtigt")[0]
    lines = re.findall(r"^ *\| `(.+?)`", table, re.MULTILINE)
    assert len(lines) == 5
    for line in lines:
        parts = re.split(r"messengers +|(?:server of )?[Tt]he gateway matrix|…| is refused: ", line)
        assert all(part.strip(" .:") in code for part in parts), line
