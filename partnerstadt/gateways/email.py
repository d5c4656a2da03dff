"""The gateway to e-mail: IMAP with IDLE in, SMTP out.

By default each mail is put before the staff, who answer it; only where it is switched on does the bot answer by itself,
and never a machine or a list (email_messages.py). What is answered stays in the mailbox, so nothing of it is kept here.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import imaplib
import json
import logging
import re
import ssl
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import TypeVar

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
)
from imap_tools import AND, MailBox, MailMessageFlags
from imap_tools.errors import ImapToolsError, MailboxLoginError
from mailparser_reply import EmailMessage as Replies

from partnerstadt.gateways.client import Busy, Down, FrontDesk, Over, Rejected
from partnerstadt.gateways.contract import (
    Form,
    Gateway,
    Incoming,
    Kind,
    Outgoing,
    Picture,
    Reception,
    Refused,
    Unreachable,
    Unsendable,
)
from partnerstadt.gateways.email_messages import ANSWERED_BEFORE, Mail, Written, answer, id_of, read_mail
from partnerstadt.gateways.render import plain
from partnerstadt.gateways.settings import EmailSettings

log = logging.getLogger(__name__)

SECONDS = 30.0
# Then it is asked anew: what is told in the same breath as that waiting begins, is not seen.
IDLE_SECONDS = 10.0
REPLY_SECONDS = 3.0  # how often it is asked whether the staff have answered
LONGEST_FOR_STAFF = 13_000  # of 16 KB that a request to the front desk may have
LONGEST_QUESTION = 1000  # characters that the bot reads
# What a mailbox says instead of "wrong password" when it only has too much to do (RFC 5530).
BUSY = re.compile(rb"\[(UNAVAILABLE|LIMIT|INUSE|SERVERBUG)\]", re.IGNORECASE)
LOOK_SECONDS = 20.0  # how often we look where the server knows no IDLE
# Mails of so many days are looked at when the server has numbered its mailbox anew; those seen before are known.
ANEW_DAYS = 2
MOST_AT_ONCE = 4  # answers on their way
DAY = dt.timedelta(days=1)
SMTPS = 465
PERMANENT = 500  # from here on, what a server for mail refuses stays refused
POSITION = "position"
Result = TypeVar("Result")
IMAP_ERRORS = (imaplib.IMAP4.error, ImapToolsError, OSError)


def make(settings: EmailSettings, folder: Path) -> Email:
    """The gateway of some settings."""
    settings.check()
    return Email(settings)


class Mailbox:
    """One connection to the mailbox. Its methods block; each is called in a thread, never two at once."""

    def __init__(self, settings: EmailSettings, context: ssl.SSLContext) -> None:
        self._box = MailBox(settings.imap_host or "", settings.imap_port, timeout=SECONDS, ssl_context=context)
        self._box.login(settings.user or settings.address or "", settings.secret("password"), settings.folder)
        self._folder = settings.folder
        self._idles = "IDLE" in self._box.client.capabilities

    def numbering(self) -> tuple[int, int]:
        """What tells the numbering of the mailbox from another one, and the number that comes next."""
        status = self._box.folder.status(self._folder, ["UIDVALIDITY", "UIDNEXT"])
        return status["UIDVALIDITY"], status["UIDNEXT"]

    def after(self, number: int) -> list[int]:
        """The numbers of the mails after one, in order."""
        # "7:*" is also the last one, if there is none after 7.
        return sorted(uid for uid in map(int, self._box.uids(f"UID {number + 1}:*")) if uid > number)

    def since(self, day: dt.date) -> list[int]:
        """The numbers of the mails since a day, in order."""
        return sorted(map(int, self._box.uids(AND(date_gte=day))))

    def fetch(self, number: int) -> bytes | None:
        """A mail, without marking it as read."""
        status, parts = self._box.client.uid("FETCH", str(number), "(BODY.PEEK[])")
        found = [part[1] for part in parts or () if isinstance(part, tuple)]
        return bytes(found[0]) if status == "OK" and found else None

    def find(self, id: str) -> int | None:
        """The number of the last mail with a Message-ID."""
        return self._last(f'HEADER Message-ID "{id}"')

    def last_of(self, sender: str, thread: str) -> int | None:
        """The number of the last mail of somebody in a thread."""
        return self._last(f'FROM "{sender}" OR HEADER Message-ID "{thread}" HEADER References "{thread}"')

    def _last(self, criteria: str) -> int | None:
        return max(map(int, self._box.uids(criteria)), default=None)

    def mark_seen(self, number: int) -> None:
        """Mark a mail as read."""
        self._box.flag(str(number), MailMessageFlags.SEEN, True)

    def mark_answered(self, number: int) -> None:
        """Mark a mail as answered."""
        self._box.flag(str(number), MailMessageFlags.ANSWERED, True)

    def move(self, number: int, folder: str) -> None:
        """Put a mail into another folder."""
        self._box.move(str(number), folder)

    def make_folder(self, folder: str) -> None:
        """Make a folder, if there is none of this name."""
        if not self._box.folder.exists(folder):
            self._box.folder.create(folder)

    def wait(self) -> None:
        """Wait until something may have come."""
        if self._idles:
            self._box.idle.wait(IDLE_SECONDS)
        else:
            self._box.client.noop()

    @property
    def looks_every(self) -> float:
        """The pause after `wait`, in seconds."""
        return 0 if self._idles else LOOK_SECONDS

    def hang_up(self) -> None:
        """End the connection, also under the feet of somebody who waits."""
        with contextlib.suppress(OSError):
            self._box.client.shutdown()


class Email(Gateway):
    """One mailbox.

    Args:
        settings: where it is and how answers go out.
    """

    form = Form(longest=50_000, apart=False)
    # Each answer goes to our own mailbox too, where it is looked for before it is sent again.
    repeats_safely = True

    def __init__(self, settings: EmailSettings) -> None:
        self._settings = settings
        user, _, domain = (settings.address or "").rpartition("@")
        self._self = Address(settings.display_name or "", user, domain)
        self._own = frozenset(a.lower() for a in (settings.address or "", *settings.also))
        self._context = ssl.create_default_context(cafile=settings.certificates)
        self._second: Mailbox | None = None
        self._desk: FrontDesk | None = None
        self._asking = asyncio.Lock()
        self._sending = asyncio.Semaphore(MOST_AT_ONCE)
        self._answered: defaultdict[str, deque[dt.datetime]] = defaultdict(deque)

    def attend(self, desk: FrontDesk) -> None:
        """Be given the front desk, to put mails before the staff."""
        self._desk = desk

    # --- what comes in ---

    async def run(self, reception: Reception) -> None:
        """Read the mailbox and follow it, until cancelled."""
        box: Mailbox | None = None
        replying: asyncio.Task[None] | None = None
        try:
            async with self._smtp():
                pass  # the account is accepted for sending too
            box = await asyncio.to_thread(self._open)
            self._second = await asyncio.to_thread(self._open)
            if self._settings.sent_folder:
                await asyncio.to_thread(box.make_folder, self._settings.sent_folder)
            numbers = await self._begin(box, reception)
            reception.connected()
            replying = asyncio.create_task(self._reply_for_staff())
            while True:
                for number in numbers:
                    await self._take(box, number, reception)
                # What came meanwhile was told in the replies to what we have asked, and will not be told again.
                if not numbers:
                    await asyncio.to_thread(box.wait)
                    await asyncio.sleep(box.looks_every)
                numbers = await asyncio.to_thread(box.after, self._position(reception)[1])
        except MailboxLoginError as error:
            if any(BUSY.search(said) for said in error.command_result[1] if isinstance(said, bytes)):
                raise Unreachable("the mailbox takes no more connections") from None
            raise Refused("the mailbox does not accept user and password.") from None
        except SMTPAuthenticationError as error:
            if error.code < PERMANENT:
                raise Unreachable(f"status {error.code}") from None
            raise Refused("the server for sending does not accept user and password.") from None
        except (*IMAP_ERRORS, SMTPException) as error:
            raise Unreachable(type(error).__name__) from None
        except (Down, Busy):
            raise Unreachable("the front desk gives no answer") from None
        finally:
            if replying is not None:
                replying.cancel()
            for open_ in (box, self._second):
                if open_ is not None:
                    open_.hang_up()
            self._second = None

    def _open(self) -> Mailbox:
        return Mailbox(self._settings, self._context)

    def _position(self, reception: Reception) -> tuple[int, int]:
        validity, _, number = (reception.recall(POSITION) or "0 0").partition(" ")
        return int(validity), int(number)

    async def _begin(self, box: Mailbox, reception: Reception) -> list[int]:
        """What came while we were away; at the very first start, nothing of what is there."""
        validity, following = await asyncio.to_thread(box.numbering)
        known, number = self._position(reception)
        if known == validity:
            return await asyncio.to_thread(box.after, number)
        reception.remember(POSITION, f"{validity} {following - 1 if known == 0 else 0}")
        if known == 0:
            return []
        return await asyncio.to_thread(box.since, dt.date.today() - dt.timedelta(days=ANEW_DAYS))

    async def _take(self, box: Mailbox, number: int, reception: Reception) -> None:
        raw = await asyncio.to_thread(box.fetch, number)
        if raw is not None:
            mail = read_mail(raw, self._own)
            if mail.written.sender in self._own:
                await self._put_away(box, number)
            elif mail.silent:
                log.info("E-mail: a mail is left alone, because %s.", mail.silent)
            else:
                await self._hand_over(mail, reception)
                await asyncio.to_thread(box.mark_seen, number)
        validity, last = self._position(reception)
        reception.remember(POSITION, f"{validity} {max(last, number)}")

    async def _put_away(self, box: Mailbox, number: int) -> None:
        """The copy of an answer."""
        await asyncio.to_thread(box.mark_seen, number)
        if self._settings.sent_folder:
            await asyncio.to_thread(box.move, number, self._settings.sent_folder)

    async def _hand_over(self, mail: Mail, reception: Reception) -> None:
        """Give a mail to the bot, where that is wished and allowed, else to the staff."""
        text = question_of(mail)
        if (
            self._settings.automatic
            and mail.personal
            and len(text) <= LONGEST_QUESTION
            and self._may_answer(mail.written.sender)
        ):
            address = f"{mail.written.sender} {mail.thread}"
            kind = Kind.TEXT if text else Kind.ATTACHMENT
            reception.receive(Incoming(mail.written.id, address, kind, text, mail.time))
        else:
            await self._put_before_staff(mail)

    async def _put_before_staff(self, mail: Mail) -> None:
        assert self._desk is not None
        written, text = mail.written, cut(mail.text, LONGEST_FOR_STAFF)
        shown = {"message_id": written.id, "sender": written.reply_to, "name": mail.name, "subject": written.subject}
        try:
            await self._desk.put_mail({**shown, "text": text})
        except Rejected:
            log.error("E-mail: a mail could not be put before the staff; it stays in the mailbox.")

    def _may_answer(self, sender: str) -> bool:
        """Whether somebody has not had too many answers today; two machines may have found each other."""
        now, had = dt.datetime.now(dt.timezone.utc), self._answered[sender]
        while had and had[0] < now - DAY:
            had.popleft()
        had.append(now)
        return len(had) <= self._settings.answers_per_day

    # --- what goes out ---

    async def send(self, address: str, message: Outgoing, leaving: Callable[[], None]) -> str | None:
        """Send an answer into its thread."""
        sender, _, thread = address.partition(" ")

        def find(box: Mailbox) -> int | None:
            return box.find(message.answers) if message.answers else box.last_of(sender, thread)

        # Where a clerk has put the mail away, the thread is all that is known of it.
        known = Written(id=message.answers or thread, sender=sender)
        by_machine = message.sender != "staff"
        await self._answer(message.key, find, known, plain(message.text), by_machine, leaving, message.picture)
        return id_of(message.key, self._self)

    async def _answer(
        self,
        key: str,
        find: Callable[[Mailbox], int | None],
        known: Written,
        text: str,
        automatic: bool,
        leaving: Callable[[], None] = lambda: None,
        picture: Picture | None = None,
    ) -> None:
        """Answer a mail, unless that was done before.

        Args:
            key: of the answer.
            find: finds the mail in the mailbox.
            known: what is known of it, should it not be there any more.
            text: of the answer, without markup.
            automatic: whether nobody has read it before it goes.
            leaving: called right before it goes.
            picture: what is shown below the text.
        """
        async with self._sending:
            if await self._ask(lambda box: box.find(id_of(key, self._self))) is not None:
                return
            number = await self._ask(find)
            raw = await self._ask(lambda box: box.fetch(number)) if number is not None else None
            mail = read_mail(raw, self._own).written if raw is not None else known
            await self._submit(answer(mail, text, self._self, key, automatic, picture), leaving)
            if number is not None:
                await self._ask(lambda box: box.mark_answered(number))

    async def _ask(self, work: Callable[[Mailbox], Result]) -> Result:
        """Ask the mailbox something while it is being followed, over a second connection."""
        async with self._asking:
            if self._second is None:
                raise Unreachable("no connection")
            try:
                return await asyncio.to_thread(work, self._second)
            except IMAP_ERRORS as error:
                raise Unreachable(type(error).__name__) from None

    async def _reply_for_staff(self) -> None:
        """Send what clerks have answered, for as long as the connection stands."""
        assert self._desk is not None
        pause = REPLY_SECONDS
        while True:
            waits = ""
            try:
                replies = await self._desk.mail_replies()
            except (Down, Busy, Over, Rejected) as error:
                replies, waits = [], type(error).__name__
            for reply in replies:
                try:
                    await self._reply(self._desk, reply)
                except (Down, Busy, Over, Rejected, Unreachable) as error:  # the others need not wait for this one
                    waits = type(error).__name__
            if waits:
                log.info("E-mail: an answer of the staff waits (%s).", waits)
            await asyncio.sleep(pause)
            pause = min(2 * pause, max(REPLY_SECONDS, self._settings.retry_seconds_most)) if waits else REPLY_SECONDS

    async def _reply(self, desk: FrontDesk, reply: Mapping[str, str]) -> None:
        known = Written(reply["message_id"], reply["sender"], reply["sender"], reply["subject"])
        try:
            await self._answer(reply["id"], lambda box: box.find(known.id), known, reply["reply"], automatic=False)
        except Unsendable as error:
            log.error("E-mail: an answer of the staff cannot be sent (%s).", error)
        await desk.mail_reply_sent(reply["id"])

    async def _submit(self, mail: EmailMessage, leaving: Callable[[], None]) -> None:
        """Send a mail, and a copy to ourselves; never the copy alone, by which we know that it was sent."""
        own, to = self._self.addr_spec, str(mail["To"])
        options, letters, how = ([], "ascii", policy.SMTP)
        if not (own + to).isascii():
            options, letters, how = (["SMTPUTF8"], "utf-8", policy.SMTPUTF8)
        try:
            async with self._smtp() as smtp:
                await smtp.mail(own, options=options, encoding=letters)
                await smtp.rcpt(to, encoding=letters)
                with contextlib.suppress(SMTPRecipientRefused):
                    await smtp.rcpt(own, encoding=letters)
                leaving()
                await smtp.data(mail.as_bytes(policy=how))
        except SMTPResponseException as error:
            # Servers that want us to wait do not say how long; nor does a password that is wrong now stay wrong.
            if error.code < PERMANENT or isinstance(error, SMTPAuthenticationError):
                raise Unreachable(f"status {error.code}") from None
            raise Unsendable(f"status {error.code}") from None
        except (SMTPException, OSError) as error:
            raise Unreachable(type(error).__name__) from None

    def _smtp(self) -> SMTP:
        settings = self._settings
        implicit = settings.smtp_port == SMTPS
        return SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            username=settings.user or settings.address,
            password=settings.secret("password"),
            use_tls=implicit,
            start_tls=not implicit,
            tls_context=self._context,
            timeout=SECONDS,
        )


def cut(text: str, bytes: int) -> str:
    """The beginning of a text, as much of it as fits into so many bytes of JSON."""
    while len(json.dumps(text)) > bytes:
        text = text[: len(text) * bytes // len(json.dumps(text))]
    return text


def question_of(mail: Mail) -> str:
    """What somebody has written in a mail, without what it answers and without signature; else its subject."""
    replies = Replies(text=mail.text, languages=["de", "en"]).read().replies
    return (replies[0].body.strip() if replies else "") or ANSWERED_BEFORE.sub("", mail.written.subject)
