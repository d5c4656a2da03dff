"""People who write mails to the bot, and what they find in their mailboxes."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import smtplib
import ssl
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from partnerstadt.front.texts import load_texts
from partnerstadt.gateways.words import FILE
from tests.gateways.mail_server import DOMAIN, HOST, PASSWORD, MailServer
from tests.gateways.parts import Heard
from tests.support import PROJECT

BOT, SINK = f"partnerstaedte@{DOMAIN}", "sink"
WORDS = load_texts(FILE)
# Where the greeting ends.
GREETING = re.compile(f"(?<={re.escape(WORDS.text('help', words=WORDS.list('words', 'delete')[0]))})\n\n")
QUOTE = "Am 24.11.2026 um 12:00 schrieb Stadt <{sender}>:\n{quoted}"


def composed(sender: str, text: str, subject: str = "Frage", to: str = BOT, **headers: str) -> EmailMessage:
    """A mail; headers with underscores for their hyphens."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = f"Kim Muster <{sender}>", to, subject
    mail["Message-ID"] = f"<{uuid.uuid4().hex}@{DOMAIN}>"
    mail["Date"] = dt.datetime.now(dt.timezone.utc)
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


def files_of(folder: Path) -> list[tuple[Path, bytes]]:
    """The files of a maildir folder in the order in which they came; one that is being moved counts next time."""
    found = []
    for path in (*folder.glob("new/*"), *folder.glob("cur/*")):
        try:
            found.append((path.stat().st_mtime_ns, path, path.read_bytes()))
        except FileNotFoundError:
            continue
    return [(path, raw) for _, path, raw in sorted(found)]


def mails_of(server: MailServer, name: str) -> list[EmailMessage]:
    """What lies in a mailbox, in the order in which it came."""
    files = files_of(server.folder / "mailboxes" / name)
    return [message_from_bytes(raw, policy=policy.default) for _, raw in files]


def text_of(mail: EmailMessage) -> str:
    """What a mail says."""
    body = mail.get_body(("plain",))
    assert isinstance(body, EmailMessage)
    return str(body.get_content()).replace("\r\n", "\n").strip()


def pictures_of(mail: EmailMessage) -> list[Heard]:
    """What a mail shows, with the words for those who cannot see it."""
    return [
        Heard(str(part["Content-Description"]), picture=hashlib.sha256(part.get_content()).hexdigest())
        for part in mail.iter_attachments()
        if part.get_content_type() == "image/png" and part.get_content_disposition() == "inline"
    ]


class Writer:
    """Somebody who writes mails (tests.gateways.parts.Person): one thread, answering what came last."""

    def __init__(self, server: MailServer, name: str) -> None:
        self._server, self.name = server, name
        self.address = f"{name}@{DOMAIN}"
        self._said: dict[str, EmailMessage] = {}

    def mails(self) -> list[EmailMessage]:
        """What the bot has sent."""
        return mails_of(self._server, self.name)

    def send(self, mail: EmailMessage) -> str:
        """Send a mail; its Message-ID."""
        self._server.deliver(mail.as_bytes(), self.address, BOT)
        return str(mail["Message-ID"])

    def say(self, text: str) -> str:
        """Write something: a new mail, or an answer below which stands what is answered."""
        came = self.mails() or list(self._said.values())
        mail = composed(self.address, text)
        if came:
            last = came[-1]
            quoted = "\n".join(f"> {line}" for line in text_of(last).splitlines())
            before = f"{last['References'] or ''} {last['Message-ID']}".split()
            mail = composed(
                self.address,
                f"{text}\n\n{QUOTE.format(sender=BOT, quoted=quoted)}",
                f"AW: {last['Subject']}",
                In_Reply_To=str(last["Message-ID"]),
                References=" ".join(before),
            )
        self._said[str(mail["Message-ID"])] = mail
        return self.send(mail)

    def heard(self) -> list[Heard]:
        """What the bot has written."""
        # The greeting and the first answer are one mail; they are told apart as the two messages they are elsewhere.
        heard = []
        for mail in self.mails():
            texts = [part.strip() for part in GREETING.split(text_of(mail)) if part.strip()]
            said = [Heard(text, links=tuple(re.findall(r"\bhttps?://[^\s)]+", text))) for text in texts]
            heard += [*said[:-1], *pictures_of(mail), *said[-1:]]
        return heard

    def attach(self) -> None:
        """Send a picture and nothing else."""
        mail = composed(self.address, "", subject="")
        mail.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="bild.png")
        self.send(mail)

    def again(self, id: str) -> None:
        """Let a mail come a second time."""
        self.send(self._said[id])

    def press(self, title: str) -> None:
        """There are no buttons."""
        raise NotImplementedError(title)

    def edit(self, id: str, text: str) -> None:
        """What is sent is sent."""
        raise NotImplementedError(id, text)

    def delete(self, id: str) -> None:
        """What is sent is sent."""
        raise NotImplementedError(id)

    def rate(self, index: int, value: str) -> None:
        """There are no signs for it."""
        raise NotImplementedError(index, value)

    def leave(self) -> None:
        """Nobody leaves."""
        raise NotImplementedError


@contextmanager
def mail_server(names: Sequence[str]) -> Iterator[MailServer]:
    """A mail server with mailboxes for the bot and others."""
    subprocess.run([PROJECT / "scripts" / "messengers.sh"], check=True, stdin=subprocess.DEVNULL)
    # Sockets want a short path.
    with tempfile.TemporaryDirectory(prefix="mail") as folder:
        server = MailServer(Path(folder), [BOT.partition("@")[0], SINK, *names])
        try:
            server.start()
            yield server
        finally:
            server.stop()


class Mails:
    """A mail server and the people on it (tests.gateways.parts.Messenger).

    Args:
        server: runs.
        automatic: whether the bot answers by itself.
    """

    name = "email"
    buttons = False
    secret = PASSWORD

    def __init__(self, server: MailServer, automatic: bool = True) -> None:
        self.server, self._automatic = server, automatic

    def environment(self) -> dict[str, str]:
        """The settings of the gateway."""
        return {
            "PARTNERSTADT_EMAIL_ADDRESS": BOT,
            "PARTNERSTADT_EMAIL_DISPLAY_NAME": "Partnerstädte, Stadt Musterstadt",
            "PARTNERSTADT_EMAIL_PASSWORD": PASSWORD,
            "PARTNERSTADT_EMAIL_IMAP_HOST": HOST,
            "PARTNERSTADT_EMAIL_IMAP_PORT": str(self.server.imap),
            "PARTNERSTADT_EMAIL_SMTP_HOST": HOST,
            "PARTNERSTADT_EMAIL_SMTP_PORT": str(self.server.submission),
            "PARTNERSTADT_EMAIL_CERTIFICATES": str(self.server.certificate),
            "PARTNERSTADT_EMAIL_SENT_FOLDER": "Sent",
            "PARTNERSTADT_EMAIL_AUTOMATIC": str(self._automatic).lower(),
        }

    def wrong_environment(self) -> dict[str, str]:
        """The same with another password."""
        return self.environment() | {"PARTNERSTADT_EMAIL_PASSWORD": "wrong"}

    def person(self, name: str) -> Writer:
        """Somebody new."""
        return Writer(self.server, name)

    def stop(self) -> None:
        """Stop the server."""
        self.server.stop()

    def start(self) -> None:
        """Start it again."""
        self.server.start()

    def limit(self, seconds: int) -> None:
        """Let the bot send nothing for a while: it has just sent all that it may, and Postfix has begun to refuse."""
        to = f"{SINK}@{DOMAIN}"
        self.server.let_send(1, seconds)
        context = ssl.create_default_context(cafile=str(self.server.certificate))
        # The limit holds for connections that are made a moment after Postfix was told of it.
        with suppress(smtplib.SMTPSenderRefused):
            for _ in range(100):
                with smtplib.SMTP(HOST, self.server.submission) as smtp:
                    smtp.starttls(context=context)
                    smtp.login(BOT, PASSWORD)
                    smtp.sendmail(BOT, [to], composed(BOT, "das eine", to=to).as_bytes())

    def check(self) -> None:
        """Every answer hangs together with its question and says that a machine or a person has written it."""
        for folder in (self.server.folder / "mailboxes").glob("person*"):
            for mail in mails_of(self.server, folder.name):
                assert mail["In-Reply-To"] and mail["In-Reply-To"] in mail["References"]
                by_staff = "Mitarbeiter*in der Stadt:" in text_of(mail)
                assert mail["Auto-Submitted"] == (None if by_staff else "auto-replied")
                assert re.fullmatch(r"(Auto: )?Re: ?(Frage)?", str(mail["Subject"])), mail["Subject"]
                assert "Partnerstädte, Stadt Musterstadt" in str(mail["From"])
