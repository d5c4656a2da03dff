"""E-mail as data: what came, whether a machine may answer it, and the answer with its headers.

RFC 3834 says when a machine may answer and how; RFC 5322 how answers hang together.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.utils import getaddresses, parseaddr, parsedate_to_datetime
from hashlib import sha256
from html.parser import HTMLParser

from partnerstadt.gateways.contract import Picture

ID = re.compile(r"<[^\s<>\"\\]{1,250}>")
ADDRESS = re.compile(r"[^@\s<>\"\\,;]{1,64}@[^@\s<>\"\\,;]{1,190}")
LONGEST = 20_000  # characters of a text that are read
LONGEST_SUBJECT, LONGEST_NAME = 300, 200
REFERENCES_MOST = 20
ANSWERED_BEFORE = re.compile(r"^(\s*(re|aw|antw|antwort|wg|fwd?|auto)\s*(\[\d+\])?\s*:)+\s*", re.IGNORECASE)
# Mailboxes that no person reads, or that lists and bounces come from.
NOBODY = re.compile(
    r"(mailer-daemon|postmaster|bounces?|abuse|noreply|no-reply|donotreply|do-not-reply|listserv|majordomo)([+=-].*)?"
    r"|owner-.*|.*-(request|owner|bounces?|noreply|no-reply)",
    re.IGNORECASE,
)
SILENT_PRECEDENCE = frozenset({"bulk", "list", "junk", "auto_reply"})
AUTOMATIC_HEADERS = ("x-autoreply", "x-autorespond", "x-auto-reply", "x-mail-autoreply", "x-loop", "feedback-id")
SUPPRESSED = frozenset({"all", "autoreply", "oof"})
# Content of these in HTML is no text; after these, a line ends.
UNSEEN = frozenset({"style", "script", "head", "title"})
BLOCKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "blockquote", "table", "ul", "ol"})


@dataclass(frozen=True)
class Written:
    """What an answer needs to know of a mail.

    Attributes:
        id: its Message-ID, or one that is always the same for the same bytes.
        sender: the address in From, in small letters; nothing if there is not exactly one.
        reply_to: where a person would answer.
        subject: what it is about.
        references: the Message-IDs before this one.
    """

    id: str
    sender: str
    reply_to: str = ""
    subject: str = ""
    references: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mail:
    """What a mail says.

    Attributes:
        written: what an answer needs to know.
        name: who has written it.
        text: what it says, with what it quotes.
        thread: the Message-ID of the first mail of the conversation.
        time: when it was written.
        silent: why it is never answered; nothing if it may be.
        personal: whether a machine may answer, for all that the mail itself says.
    """

    written: Written
    name: str
    text: str
    thread: str
    time: dt.datetime
    silent: str
    personal: bool


def read_mail(raw: bytes, own: Collection[str]) -> Mail:
    """A mail out of its bytes, however broken.

    Args:
        raw: all of it.
        own: our addresses, in small letters.
    """
    message = message_from_bytes(raw, policy=policy.default)
    found = ID.search(_header(message, "message-id"))
    id = found[0] if found else f"<{sha256(raw).hexdigest()[:32]}@without-message-id.invalid>"
    before = tuple(dict.fromkeys(ID.findall(_header(message, "references") or _header(message, "in-reply-to"))))
    writers = [address.lower() for _, address in getaddresses([_header(message, "from")]) if ADDRESS.fullmatch(address)]
    sender = writers[0] if len(writers) == 1 else ""
    _, reply_to = parseaddr(_header(message, "reply-to"))
    subject = " ".join(_header(message, "subject").split())[:LONGEST_SUBJECT]
    return Mail(
        written=Written(id, sender, reply_to if ADDRESS.fullmatch(reply_to) else sender, subject, before),
        name=parseaddr(_header(message, "from"))[0][:LONGEST_NAME],
        text=_text(message)[:LONGEST],
        thread=before[0] if before else id,
        time=_time(message),
        silent=_why_silent(message, sender, own),
        personal=_is_personal(message, sender, own),
    )


def _header(message: Message, name: str) -> str:
    try:
        return str(message.get(name) or "")
    except Exception:  # the standard library fails on some headers that are no headers
        return ""


def _time(message: Message) -> dt.datetime:
    now = dt.datetime.now(dt.timezone.utc)
    try:
        time = parsedate_to_datetime(_header(message, "date"))
    except (TypeError, ValueError):
        return now
    # Without a zone, or from the future: the order of what waits must not hang on a wrong clock.
    return min(time if time.tzinfo else time.replace(tzinfo=dt.timezone.utc), now)


def _text(message: EmailMessage) -> str:
    try:
        part = message.get_body(preferencelist=("plain", "html"))
        content = str(part.get_content()) if part is not None else ""
    except Exception:  # a charset that does not exist, bytes that are none of it
        return ""
    if part is not None and part.get_content_subtype() == "html":
        reader = _Html()
        reader.feed(content)
        content = "".join(reader.parts)
    lines = (line.strip() for line in content.replace("\r\n", "\n").replace("\xa0", " ").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Html(HTMLParser):
    """The text of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """An element begins."""
        self._unseen += tag in UNSEEN
        if tag in BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        self._unseen = max(self._unseen - (tag in UNSEEN), 0)
        if tag in BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        """Text."""
        if not self._unseen:
            self.parts.append(re.sub(r"\s+", " ", data))


def _why_silent(message: Message, sender: str, own: Collection[str]) -> str:
    """Why neither a machine nor, by it, a person is to answer; nothing if there is no reason."""
    automatic = _header(message, "auto-submitted").partition(";")[0].strip().lower()
    suppressed = {word.strip().lower() for word in _header(message, "x-auto-response-suppress").split(",")}
    # Of several, the one on top was written last, by our own server.
    path = _header(message, "return-path").strip()
    if not sender:
        return "it has no sender"
    if sender in own:
        return "it is our own"
    if path == "<>" or message.get_content_type() == "multipart/report":
        return "it is a bounce or a report"
    if automatic not in ("", "no") or suppressed & SUPPRESSED or any(name in message for name in AUTOMATIC_HEADERS):
        return "a machine has written it"
    if any(name.lower().startswith("list-") for name in message.keys()):  # noqa: SIM118
        return "it came over a list"
    if _header(message, "precedence").strip().lower() in SILENT_PRECEDENCE:
        return "it was sent to many"
    if NOBODY.fullmatch(sender.partition("@")[0]):
        return "nobody reads the mailbox it came from"
    if _header(message, "x-spam-flag").strip().lower() == "yes":
        return "it is spam"
    return ""


def _is_personal(message: Message, sender: str, own: Collection[str]) -> bool:
    """Whether it was sent to us by name, and bounces of an answer would go where the answer goes."""
    try:
        to = getaddresses([str(value) for name in ("to", "cc") for value in message.get_all(name, [])])
    except Exception:
        return False
    path = _header(message, "return-path").strip().strip("<>").lower()
    return any(address.lower() in own for _, address in to) and path in ("", sender)


def answer(
    mail: Written, text: str, sender: Address, key: str, automatic: bool, picture: Picture | None = None
) -> EmailMessage:
    """The answer to a mail.

    Args:
        mail: what is answered.
        text: what is said, without markup.
        sender: who answers.
        key: the same for the same answer for ever.
        automatic: whether nobody has read it before it goes.
        picture: what is shown below the text.
    """
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = sender
    message["To"] = mail.sender if automatic else mail.reply_to or mail.sender
    subject = "Re: " + ANSWERED_BEFORE.sub("", mail.subject)
    message["Subject"] = f"Auto: {subject}" if automatic else subject
    message["Date"] = dt.datetime.now(dt.timezone.utc)
    message["Message-ID"] = id_of(key, sender)
    if not mail.id.endswith(".invalid>"):
        message["In-Reply-To"] = mail.id
        # The first one and the last ones say where it belongs.
        before = (*mail.references[:1], *mail.references[1:][-REFERENCES_MOST:])
        message["References"] = " ".join(dict.fromkeys((*before, mail.id)))
    if automatic:
        message["Auto-Submitted"] = "auto-replied"
        # What Exchange understands instead.
        message["X-Auto-Response-Suppress"] = "All"
    message.set_content(f"{text}\n", cte="quoted-printable")
    if picture is not None:
        message.add_attachment(
            picture.png,
            maintype="image",
            subtype="png",
            disposition="inline",
            filename=picture.file,
            headers=[f"Content-Description: {picture.words}"],
        )
    return message


def id_of(key: str, sender: Address) -> str:
    """The Message-ID of an answer."""
    return f"<{key}@{sender.domain}>"
