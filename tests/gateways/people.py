"""People in a messenger whose library is only in the environment of its gateway: a process that is told what to do."""

from __future__ import annotations

import itertools
import json
import subprocess
import threading
from pathlib import Path
from typing import Any

from tests.gateways.parts import Heard, until
from tests.support import PROJECT


class People:
    """A process that speaks lines of JSON: what is to be done, what came of it, and what somebody has heard.

    Args:
        name: of the gateway, whose environment it uses.
        script: beside this file.
        options: for the script.
    """

    def __init__(self, name: str, script: str, options: dict[str, Any]) -> None:
        self._process = subprocess.Popen(
            [PROJECT / f".venv-{name}" / "bin" / "python", Path(__file__).with_name(script), json.dumps(options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._numbers = itertools.count()
        self._results: dict[int, Any] = {}
        self.heard: dict[str, list[tuple[str, Heard]]] = {}
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            if "result" in told:
                self._results[told["number"]] = told["result"]
            else:
                links, picture = tuple(told.get("links", ())), told.get("picture", "")
                heard = Heard(told["text"], tuple(told.get("buttons", ())), links, picture)
                self.heard.setdefault(told["heard"], []).append((told["id"], heard))

    def do(self, what: str, name: str, **more: Any) -> Any:
        """Let somebody do something; what came of it."""
        assert self._process.stdin is not None
        number = next(self._numbers)
        self._process.stdin.write(json.dumps({"number": number, "do": what, "name": name, **more}) + "\n")
        self._process.stdin.flush()
        until(lambda: number in self._results, 60)
        return self._results.pop(number)

    def tell(self, what: str, name: str) -> None:
        """Let somebody begin or rest, without waiting for it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"number": -1, "do": what, "name": name}) + "\n")
        self._process.stdin.flush()

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait(10)


class Somebody:
    """One of them; see parts.Person."""

    def __init__(self, people: People, name: str) -> None:
        self._people, self.name = people, name

    def say(self, text: str) -> str:
        """Write something."""
        return str(self._people.do("say", self.name, text=text))

    def heard(self) -> list[Heard]:
        """What the bot has written."""
        return [heard for _, heard in self._people.heard.get(self.name, [])]

    def press(self, title: str) -> None:
        """There are no buttons."""
        raise NotImplementedError

    def edit(self, id: str, text: str) -> None:
        """Change what was written."""
        self._people.do("edit", self.name, id=id, text=text)

    def delete(self, id: str) -> None:
        """Take back what was written."""
        self._people.do("delete", self.name, id=id)

    def attach(self) -> None:
        """Send a picture."""
        self._people.do("attach", self.name)

    def rate(self, index: int, value: str) -> None:
        """React to a message."""
        self._people.do("rate", self.name, id=self._people.heard[self.name][index][0], value=value)

    def again(self, id: str) -> None:
        """Let the message come a second time."""
        self._people.do("again", self.name, id=id)

    def leave(self) -> None:
        """Want nothing more to do with the bot."""
        self._people.do("leave", self.name)
