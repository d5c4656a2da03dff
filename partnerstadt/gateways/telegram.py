"""Telegram: long polling, so that no address of the city has to be reachable from outside."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, FormData, TraceConfig
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    MessageReactionUpdated,
    Update,
)
from telegram.constants import ChatAction, ChatMemberStatus, ChatType, MessageLimit, ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.request import BaseRequest, RequestData

from partnerstadt.gateways import contract
from partnerstadt.gateways.contract import (
    Form,
    Gone,
    Incoming,
    Kind,
    Later,
    Outgoing,
    Refused,
    Unreachable,
    Unsendable,
    Unshowable,
)
from partnerstadt.gateways.render import html_lines, plain
from partnerstadt.gateways.settings import TelegramSettings
from partnerstadt.settings import Problem

POLL_SECONDS = 50
ANSWER_SECONDS = 30.0
WANTED = ["message", "edited_message", "callback_query", "message_reaction", "my_chat_member"]
START = "/start"
VALUES = {"👍": "up", "👎": "down"}
GONE = ("chat not found", "user is deactivated", "bot was blocked")
_leaving: ContextVar[Callable[[], None] | None] = ContextVar("leaving", default=None)


def make(settings: TelegramSettings, folder: Path) -> Gateway:
    """The gateway of some settings."""
    return Gateway(settings)


def length(text: str) -> int:
    """How Telegram counts: in units of UTF-16, without the markup."""
    return len(plain(text).encode("utf-16-le")) // 2


class Requests(BaseRequest):
    """Requests that tell when their body leaves; the library's own would let other work come between the two."""

    def __init__(self) -> None:
        self._session: ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """How long an answer may take, in seconds."""
        return ANSWER_SECONDS

    async def initialize(self) -> None:
        """Be ready; a proxy that the environment names is used."""
        if self._session is None:
            trace = TraceConfig()
            trace.on_request_chunk_sent.append(self._leaves)
            self._session = ClientSession(trace_configs=[trace], trust_env=True)

    async def shutdown(self) -> None:
        """Hang up."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    @staticmethod
    async def _leaves(*_: object) -> None:
        if leaving := _leaving.get():
            leaving()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = None,
        *_: Any,
        **__: Any,
    ) -> tuple[int, bytes]:
        """Send one request."""
        assert self._session is not None
        seconds = read_timeout if isinstance(read_timeout, float | int) else ANSWER_SECONDS
        body = _form(request_data) if request_data else None
        try:
            async with self._session.request(method, url, data=body, timeout=ClientTimeout(seconds)) as response:
                return response.status, await response.read()
        except asyncio.TimeoutError:
            raise TimedOut from None
        except (ClientError, OSError) as error:
            raise NetworkError(type(error).__name__) from None


def _form(data: RequestData) -> FormData | dict[str, str]:
    """The body of a request: its values, and its files if it has some."""
    if not data.contains_files:
        return dict(data.json_parameters)
    form = FormData(data.json_parameters)
    for key, (file, content, kind) in data.multipart_data.items():
        form.add_field(key, content, filename=file, content_type=kind)
    return form


class Gateway(contract.Gateway):
    """One bot account.

    Args:
        settings: its section of gateways.yml.
    """

    form = Form(longest=MessageLimit.MAX_TEXT_LENGTH, length=length, buttons=True)

    def __init__(self, settings: TelegramSettings) -> None:
        self._settings = settings
        self._bot: Bot | None = None
        self._errands: set[asyncio.Task[None]] = set()

    async def run(self, reception: contract.Reception) -> None:
        """Ask for updates until cancelled."""
        await self.close()
        try:
            token = self._settings.secret("token")
        except Problem as problem:
            raise Refused(str(problem)) from None
        url = f"{self._settings.server.rstrip('/')}/bot"
        with _told():
            bot = Bot(token, base_url=url, request=Requests(), get_updates_request=Requests())
            await bot.initialize()
        self._bot = bot
        reception.connected()
        offset = None
        while True:
            with _told():
                updates = await bot.get_updates(
                    offset=offset,
                    timeout=POLL_SECONDS,
                    allowed_updates=WANTED,
                    read_timeout=POLL_SECONDS + ANSWER_SECONDS,
                )
            for update in updates:
                self._take(update, reception)
                # Asking for the next one tells Telegram that we have this one, so not before it is kept.
                offset = update.update_id + 1

    def _take(self, update: Update, reception: contract.Reception) -> None:
        if update.message:
            for incoming in _read(update.message):
                reception.receive(incoming)
        elif update.edited_message:
            for incoming in _read(update.edited_message, Kind.EDITED):
                reception.receive(incoming)
        elif update.message_reaction:
            for incoming in _rating(update.message_reaction):
                reception.receive(incoming)
        elif (query := update.callback_query) and query.message and query.data:
            if query.message.chat.type == ChatType.PRIVATE:
                id = f"press-{query.id}"
                reception.receive(Incoming(id, str(query.message.chat.id), Kind.BUTTON, query.data))
            # Else the button keeps turning.
            self._soon(query.answer())
        elif changed := update.my_chat_member:
            chat, status = changed.chat, changed.new_chat_member.status
            if chat.type == ChatType.PRIVATE and status == ChatMemberStatus.BANNED:
                reception.receive(Incoming(str(update.update_id), str(chat.id), Kind.LEFT))
            elif chat.type != ChatType.PRIVATE and status in (ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR):
                # What others write in a group is none of our business.
                self._soon(chat.leave())

    def _soon(self, work: Awaitable[Any]) -> None:
        """Do something whose failure is no matter."""

        async def do() -> None:
            with contextlib.suppress(TelegramError):
                await work

        task = asyncio.create_task(do())
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def send(self, address: str, message: Outgoing, leaving: Callable[[], None]) -> str | None:
        """Send one message, its choices as a keyboard."""
        if self._bot is None:
            raise Unreachable("not connected")
        rows = [[InlineKeyboardButton(button.title, callback_data=button.id)] for button in message.buttons]
        token = _leaving.set(leaving)
        try:
            with _told():
                if picture := message.picture:
                    sent = await self._bot.send_photo(
                        chat_id=int(address), photo=picture.png, filename=picture.file, caption=picture.words
                    )
                else:
                    sent = await self._bot.send_message(
                        chat_id=int(address),
                        text=html_lines(message.text),
                        parse_mode=ParseMode.HTML,
                        link_preview_options=LinkPreviewOptions(is_disabled=True),
                        reply_markup=InlineKeyboardMarkup(rows) if rows else None,
                    )
        except Unsendable:
            if message.picture is None:
                raise
            raise Unshowable from None
        except Refused as refused:
            # The next poll will say so too, and wait.
            raise Unreachable(str(refused)) from None
        finally:
            _leaving.reset(token)
        return str(sent.message_id)

    async def typing(self, address: str, on: bool) -> None:
        """Show it; Telegram lets it end by itself."""
        if on and self._bot is not None:
            with _told():
                await self._bot.send_chat_action(int(address), ChatAction.TYPING)

    async def close(self) -> None:
        """Hang up."""
        if self._bot is not None:
            bot, self._bot = self._bot, None
            await bot.shutdown()


def _read(message: Message, kind: Kind = Kind.TEXT) -> Iterator[Incoming]:
    """What a message says; only in a chat of two, and never what another bot has written."""
    if message.chat.type != ChatType.PRIVATE or (message.from_user and message.from_user.is_bot):
        return
    id, address, time = str(message.message_id), str(message.chat.id), message.date
    version = str(message.edit_date or "")
    if message.text:
        if kind is Kind.TEXT and message.text.split()[:1] == [START]:
            kind = Kind.GREETED
        yield Incoming(id, address, kind, "" if kind is Kind.GREETED else message.text, time, version)
    elif message.effective_attachment:
        if kind is Kind.TEXT:
            yield Incoming(id, address, Kind.ATTACHMENT, time=time)
        if message.caption:
            yield Incoming(f"{id}-caption", address, kind, message.caption, time, version)


def _rating(reaction: MessageReactionUpdated) -> Iterator[Incoming]:
    """What somebody thinks of a message: the first of the signs that says it, or nothing any more."""
    if reaction.chat.type == ChatType.PRIVATE:
        signs = [getattr(sign, "emoji", "") for sign in reaction.new_reaction]
        value = next((VALUES[sign] for sign in signs if sign in VALUES), "")
        yield Incoming(str(reaction.message_id), str(reaction.chat.id), Kind.RATED, value, reaction.date)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """What goes wrong, as the runner wants to hear it; without the address that was called, which holds the token."""
    try:
        yield
    except RetryAfter as error:
        seconds = error.retry_after
        raise Later(seconds.total_seconds() if isinstance(seconds, dt.timedelta) else seconds) from None
    except InvalidToken:
        raise Refused("Telegram does not know the token; get a new one from BotFather.") from None
    except Conflict:
        raise Refused("another program uses this bot: end it, or remove its webhook.") from None
    except (Forbidden, ChatMigrated):
        raise Gone from None
    except BadRequest as error:
        if any(sign in error.message.lower() for sign in GONE):
            raise Gone from None
        raise Unsendable("Telegram calls it a bad request") from None
    except TelegramError as error:
        raise Unreachable(type(error).__name__) from None
