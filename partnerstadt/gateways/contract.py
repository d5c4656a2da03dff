"""What a gateway to a messenger is: it hands over what comes in, and sends what it is given. All else is the runner's.

A gateway knows its messenger and nothing of the front desk. The runner (runner.py) keeps messages on disk before they
are acknowledged, asks the front desk, greets, splits, numbers the choices, refuses attachments, waits and tries again.
"""

from __future__ import annotations

import datetime as dt
import struct
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, ClassVar, Protocol

from partnerstadt.gateways.render import plain

if TYPE_CHECKING:
    from partnerstadt.gateways.client import FrontDesk


class Kind(str, Enum):
    """What somebody has done. What `id` and `text` of an `Incoming` are, depends on it."""

    TEXT = "text"  # the message, what was written
    BUTTON = "button"  # the press itself, the id of the button
    EDITED = "edited"  # the message that was changed, what it says now
    DELETED = "deleted"  # the message that was taken back, nothing
    ATTACHMENT = "attachment"  # the message, nothing: a picture, a voice message, a place ...
    UNREADABLE = "unreadable"  # the message, nothing: encrypted in a way that we cannot read
    RATED = "rated"  # our message, by what `send` has called it; "up", "down" or nothing
    GREETED = "greeted"  # the message by which a chat was begun, nothing
    LEFT = "left"  # anything; nothing more can be sent to this address


@dataclass(frozen=True)
class Incoming:
    """Something that somebody has done in the messenger.

    Attributes:
        id: the messenger's id, unique and lasting within an address: the same again is not done twice.
        address: where answers go (a chat, a room, a JID, a thread); what is said there is one conversation.
        kind: what was done.
        text: what belongs to it.
        time: when it was done, by the messenger; what waits is dealt with in this order.
        version: of an edit, the messenger's id of the edit.
    """

    id: str
    address: str
    kind: Kind = Kind.TEXT
    text: str = ""
    time: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.timezone.utc))
    version: str = ""


@dataclass(frozen=True)
class Button:
    """A choice: what it says, and the id that comes back when it is pressed (at most 32 of 0-9 A-Z a-z _ -)."""

    id: str
    title: str


@dataclass(frozen=True)
class Picture:
    """A picture: a PNG, what its file is called, and what is on it in words, for those who cannot see it."""

    png: bytes
    file: str
    words: str

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        width, height = struct.unpack(">II", self.png[16:24])
        return width, height


@dataclass(frozen=True)
class Outgoing:
    """One message to be sent.

    Attributes:
        key: opaque, 32 hexadecimal digits; the same message has the same key for ever. A messenger that recognises it
            (transaction id, Message-ID) never shows it twice.
        text: in the front desk's markup (see render.py), short enough for the messenger's form.
        buttons: to be shown under it; always empty where the form has no buttons.
        sender: bot, staff or system.
        answers: the messenger's id of the message that it answers.
        picture: to be shown; then `text` stands beside it.
    """

    key: str
    text: str
    buttons: tuple[Button, ...] = ()
    sender: str = "bot"
    answers: str | None = None
    picture: Picture | None = None


@dataclass(frozen=True)
class Form:
    """What a messenger can show.

    Attributes:
        longest: length of a message.
        length: how the messenger counts a text that is given in our markup.
        buttons: whether it has some; else choices are a numbered list, and "1" or the words choose.
        apart: whether it is usual to send several messages in a row; else greeting and first answer are one, and a
            picture goes with its answer. Where it is, a picture is a message of its own, and its words are the text.
    """

    longest: int
    length: Callable[[str], int] = lambda text: len(plain(text))
    buttons: bool = False
    apart: bool = True


class Unreachable(Exception):
    """The messenger's server does not answer now. It is tried again, with growing pauses."""


class Refused(Exception):
    """The messenger's server does not accept our account; its text, for the log, says what to put right.

    It is tried again, with long pauses: somebody may correct the account without restarting us.
    """


class Later(Exception):
    """The messenger's server wants us to wait, so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:.0f} s")
        self.seconds = seconds


class Gone(Exception):
    """Nobody can be reached at this address any more; its conversation ends."""


class Unsendable(Exception):
    """The messenger's server will never take this message; it is given up, and the next one is sent."""


class Unshowable(Exception):
    """No picture can be shown at this address; it is said in words instead."""


class Reception(Protocol):
    """What a gateway is given by the runner."""

    def receive(self, incoming: Incoming) -> None:
        """Keep something. When this returns it is on disk, and the messenger may be told that we have it."""

    def connected(self) -> None:
        """The connection stands: what waits can be sent."""

    def recall(self, name: str) -> str | None:
        """What was remembered last under a name."""

    def remember(self, name: str, value: str) -> None:
        """Remember something across restarts, such as how far was read."""


class Gateway(ABC):
    """A connection to one messenger.

    Its module has a function `make(settings, folder) -> Gateway`: the settings are its own class of settings.py, the
    folder is its own in the state folder and exists. Neither connects.
    """

    form: ClassVar[Form]
    # Whether the same key sent twice is shown once. Where it is not, a message that was on its way when we were killed
    # counts as sent, and people are told how to get it again should it be missing.
    repeats_safely: ClassVar[bool] = False

    def attend(self, desk: FrontDesk) -> None:  # noqa: B027
        """Be given the front desk, for what is no conversation; most have no such thing."""

    @abstractmethod
    async def run(self, reception: Reception) -> None:
        """Connect and hand over what comes in, until cancelled; is called again after an error.

        Raises:
            Unreachable: if the connection cannot be made or breaks.
            Refused: if the account is not accepted.
        """

    @abstractmethod
    async def send(self, address: str, message: Outgoing, leaving: Callable[[], None]) -> str | None:
        """Send one message and wait until the server has taken it; never called twice at once for an address.

        Args:
            address: as it came with an `Incoming`.
            message: what to send.
            leaving: to be called when all is ready, right before the first byte leaves.

        Returns:
            The messenger's id of the message, by which it can be rated; None if it has none.

        Raises:
            Unreachable: if there is no connection, or it broke.
            Later: if the server wants us to wait.
            Gone: if nobody is there any more.
            Unsendable: if this message cannot be sent.
            Unshowable: if it has a picture, and could be sent without.
        """

    async def typing(self, address: str, on: bool) -> None:  # noqa: B027
        """Show that an answer is being written; may do nothing, and what goes wrong in it is no matter."""

    async def close(self) -> None:  # noqa: B027
        """Hang up."""
