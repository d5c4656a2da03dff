"""A Bot API of Telegram on this machine, written from its documentation (core.telegram.org/bots/api), and its people.

It holds every call against the documentation: method, parameters, types, lengths, markup. What is wrong is refused as
Telegram refuses it, and remembered, so that a test can fail for it.
"""

from __future__ import annotations

import hashlib
import html
import http.server
import itertools
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

from partnerstadt.quality.servers import free_ports
from partnerstadt.settings import HOST
from tests.gateways.parts import Heard

TOKEN = "4711:AAF_token-of-a-bot-that-does-not-exist1"
KINDS = ("application/x-www-form-urlencoded", "application/json", "multipart/form-data")
UPDATES = {"message", "edited_message", "callback_query", "message_reaction", "my_chat_member"}
ACTIONS = {"typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document"}
ACTIONS |= {"choose_sticker", "find_location", "record_video_note", "upload_video_note"}
TAGS = {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "a", "code", "pre", "blockquote", "tg-spoiler"}
# Parameters of the methods that our gateway uses: what each must be, and whether it must be there.
METHODS: dict[str, dict[str, tuple[type, bool]]] = {
    "getMe": {},
    "getUpdates": {
        "offset": (int, False),
        "limit": (int, False),
        "timeout": (int, False),
        "allowed_updates": (list, False),
    },
    "sendMessage": {
        "chat_id": (int, True),
        "text": (str, True),
        "parse_mode": (str, False),
        "link_preview_options": (dict, False),
        "reply_markup": (dict, False),
        "disable_notification": (bool, False),
        "protect_content": (bool, False),
    },
    "sendPhoto": {
        "chat_id": (int, True),
        "photo": (bytes, True),
        "caption": (str, False),
        "parse_mode": (str, False),
        "reply_markup": (dict, False),
        "disable_notification": (bool, False),
        "protect_content": (bool, False),
    },
    "sendChatAction": {"chat_id": (int, True), "action": (str, True)},
    "answerCallbackQuery": {"callback_query_id": (str, True), "text": (str, False), "show_alert": (bool, False)},
    "leaveChat": {"chat_id": (int, True)},
}


class Bad(Exception):
    """A call that Telegram would refuse."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


def parts_of(kind: str, body: bytes) -> dict[str, Any]:
    """The values of a form with files: texts, and the bytes of files."""
    form = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body, policy=policy.HTTP)
    values: dict[str, Any] = {}
    for part in form.iter_parts():
        name = part.get_param("name", header="Content-Disposition")
        content = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            raise Bad(400, "Bad Request: wrong form")
        values[name] = content if part.get_filename() else content.decode()
    return values


class Shown(HTMLParser):
    """What a reader sees of Telegram's HTML; refuses what Telegram does not know."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=False)
        self.text, self.links, self._open = "", list[str](), list[str]()
        # In Telegram's HTML these signs must be written as entities.
        if re.search(r"&(?!(lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);)", source):
            raise Bad(400, "Bad Request: can't parse entities: unescaped &")
        self.feed(source)
        self.close()
        if self._open:
            raise Bad(400, f"Bad Request: can't parse entities: Can't find end tag corresponding to {self._open[-1]}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag."""
        if tag not in TAGS or {name for name, _ in attrs} - ({"href"} if tag == "a" else set()):
            raise Bad(400, f'Bad Request: can\'t parse entities: Unsupported start tag "{tag}"')
        self._open.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        """Its end."""
        if not self._open or self._open.pop() != tag:
            raise Bad(400, f"Bad Request: can't parse entities: Unexpected end tag {tag}")

    def handle_data(self, data: str) -> None:
        """Text."""
        if "<" in data:
            raise Bad(400, "Bad Request: can't parse entities: unescaped <")
        self.text += data

    def handle_entityref(self, name: str) -> None:
        """A sign that has a name."""
        self.text += html.unescape(f"&{name};")

    def handle_charref(self, name: str) -> None:
        """A sign that has a number."""
        self.text += html.unescape(f"&#{name};")


class Telegram:
    """The server, with all that it remembers."""

    name = "telegram"
    buttons = True
    secret = TOKEN

    def __init__(self) -> None:
        self.port = free_ports(1)[0]
        self.people: dict[int, Citizen] = {}
        self.wrong: list[str] = []
        self.left: list[int] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._updates: list[dict[str, Any]] = []
        self._numbers = itertools.count(1000)
        self._news = threading.Condition()
        self._polls = 0
        self._limit = 0
        self._confirms = threading.Event()
        self._confirms.set()
        self._pressed: set[str] = set()
        self._server: http.server.ThreadingHTTPServer | None = None

    # --- parts.Messenger ---

    def environment(self) -> dict[str, str]:
        """The settings of the gateway."""
        return {"PARTNERSTADT_TELEGRAM_TOKEN": TOKEN, "PARTNERSTADT_TELEGRAM_SERVER": f"http://{HOST}:{self.port}"}

    def wrong_environment(self) -> dict[str, str]:
        """With the token of another bot."""
        return self.environment() | {"PARTNERSTADT_TELEGRAM_TOKEN": f"9{TOKEN}"}

    def person(self, name: str) -> Citizen:
        """Somebody new."""
        person = Citizen(self, 7_000_000_000 + len(self.people), name)
        self.people[person.id] = person
        return person

    def limit(self, seconds: int) -> None:
        """Refuse the next message."""
        self._limit = seconds

    @contextmanager
    def unconfirmed(self) -> Iterator[None]:
        """Show messages and never confirm them."""
        self._confirms.clear()
        try:
            yield
        finally:
            self._confirms.set()

    def check(self) -> None:
        """Fail for any call that Telegram would not have taken."""
        assert self.wrong == []

    def start(self) -> None:
        """Listen."""
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.read()
                status, answer = api.answer(self.path, self.headers["Content-Type"] or "", body)
                data = json.dumps(answer).encode()
                with suppress(OSError):
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)

            def read(self) -> bytes:
                if "chunked" not in self.headers.get("Transfer-Encoding", ""):
                    return self.rfile.read(int(self.headers["Content-Length"] or 0))
                body = b""
                while size := int(self.rfile.readline(), 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        class Server(http.server.ThreadingHTTPServer):
            allow_reuse_address = True
            daemon_threads = True
            block_on_close = False
            request_queue_size = 100

            def get_request(self) -> Any:
                connection = super().get_request()
                api._connections.append(connection[0])
                return connection

            def handle_error(self, *_: object) -> None:
                """Whoever hung up has a reason."""

        self._connections: list[socket.socket] = []
        self._server = Server((HOST, self.port), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """Be gone, with all connections."""
        if self._server is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._server = None
        with self._news:
            self._news.notify_all()
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    # --- the API ---

    def answer(self, path: str, kind: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """The status and the answer to a call."""
        try:
            return 200, {"ok": True, "result": self._call(path, kind, body)}
        except Bad as bad:
            if bad.code not in (401, 403, 429):
                self.wrong.append(f"{path.rpartition('/')[2]}: {bad.description}")
            answer = {"ok": False, "error_code": bad.code, "description": bad.description}
            return bad.code, answer | ({"parameters": bad.parameters} if bad.parameters else {})

    def _call(self, path: str, kind: str, body: bytes) -> Any:
        found = re.fullmatch(r"/bot([^/]+)/(\w+)", urlsplit(path).path)
        if not found:
            raise Bad(404, "Not Found")
        if found[1] != TOKEN:
            raise Bad(401, "Unauthorized")
        method = found[2]
        if method not in METHODS:
            raise Bad(404, f"Not Found: method {method}")
        if kind.partition(";")[0] not in KINDS and body:
            raise Bad(400, f"Bad Request: {kind} is not expected here")
        raw: Mapping[str, Any]
        if "json" in kind:
            raw = json.loads(body)
        elif "multipart" in kind:
            raw = parts_of(kind, body)
        else:
            raw = {key: v[0] for key, v in parse_qs(body.decode(), strict_parsing=bool(body)).items()}
        values = self._values(method, raw)
        self.calls.append((method, values))
        return getattr(self, f"_{method}")(**values)

    @staticmethod
    def _values(method: str, raw: Mapping[str, Any]) -> dict[str, Any]:
        known, values = METHODS[method], {}
        for name, value in raw.items():
            if name not in known:
                raise Bad(400, f"Bad Request: {method} has no parameter {name}")
            wanted = known[name][0]
            try:
                read = value if wanted in (str, bytes) else json.loads(value) if isinstance(value, str) else value
            except ValueError:
                raise Bad(400, f"Bad Request: {name} can't be parsed") from None
            if not isinstance(read, wanted) or (wanted is int and isinstance(read, bool)):
                raise Bad(400, f"Bad Request: {name} must be {wanted.__name__}")
            values[name] = read
        missing = [name for name, (_, required) in known.items() if required and name not in values]
        if missing:
            raise Bad(400, f"Bad Request: {missing[0]} is empty")
        return values

    def _getMe(self) -> dict[str, Any]:
        return {"id": 4711, "is_bot": True, "first_name": "Stadt", "username": "stadt_bot"}

    def _getUpdates(
        self, offset: int = 0, limit: int = 100, timeout: int = 0, allowed_updates: list[str] | None = None
    ) -> list[dict[str, Any]]:
        if not 1 <= limit <= 100 or set(allowed_updates or ()) - UPDATES:
            raise Bad(400, "Bad Request: limit or allowed_updates")
        deadline = time.monotonic() + timeout
        with self._news:
            self._polls += 1
            poll = self._polls
            self._news.notify_all()  # an older poll ends
            while True:
                if offset:
                    self._updates = [update for update in self._updates if update["update_id"] >= offset]
                found = self._updates[:limit]
                left = deadline - time.monotonic()
                if poll != self._polls:
                    return []
                if found or left <= 0 or self._server is None:
                    return found
                self._news.wait(min(left, 1))

    def _sendMessage(
        self,
        chat_id: int,
        text: str,
        parse_mode: str = "",
        link_preview_options: dict[str, Any] | None = None,
        reply_markup: dict[str, Any] | None = None,
        **_: bool,
    ) -> dict[str, Any]:
        if self._limit:
            seconds, self._limit = self._limit, 0
            raise Bad(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        person = self._chat(chat_id)
        if parse_mode not in ("", "HTML"):
            raise Bad(400, "Bad Request: unsupported parse_mode")
        if set(link_preview_options or {}) - {"is_disabled", "url", "prefer_small_media"}:
            raise Bad(400, "Bad Request: link_preview_options")
        shown = Shown(text) if parse_mode else None
        seen = (shown.text if shown else text).strip()
        if not seen:
            raise Bad(400, "Bad Request: message text is empty")
        if len(seen.encode("utf-16-le")) // 2 > 4096:
            raise Bad(400, "Bad Request: message is too long")
        rows = self._keyboard(reply_markup) if reply_markup is not None else []
        number = next(self._numbers)
        person.takes(number, seen, rows, tuple(shown.links if shown else ()))
        self._confirms.wait()
        return {"message_id": number, "date": int(time.time()), "chat": person.chat, "text": seen}

    def _sendPhoto(self, chat_id: int, photo: bytes, caption: str = "") -> dict[str, Any]:
        if self._limit:
            seconds, self._limit = self._limit, 0
            raise Bad(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        person = self._chat(chat_id)
        if not photo.startswith(b"\x89PNG\r\n\x1a\n") or len(photo) > 10 << 20:
            raise Bad(400, "Bad Request: IMAGE_PROCESS_FAILED")
        width, height = struct.unpack(">II", photo[16:24])
        if width + height > 10_000 or max(width, height) > 20 * min(width, height):
            raise Bad(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
        if len(caption.encode("utf-16-le")) // 2 > 1024:
            raise Bad(400, "Bad Request: message caption is too long")
        if person.no_pictures:
            raise Bad(400, "Bad Request: not enough rights to send photos to the chat")
        number = next(self._numbers)
        person.takes(number, caption, [], (), hashlib.sha256(photo).hexdigest())
        sizes = [{"file_id": "f", "file_unique_id": "u", "width": width, "height": height}]
        return {
            "message_id": number,
            "date": int(time.time()),
            "chat": person.chat,
            "photo": sizes,
            "caption": caption,
        }

    @staticmethod
    def _keyboard(markup: dict[str, Any]) -> list[tuple[str, str]]:
        if set(markup) != {"inline_keyboard"} or not markup["inline_keyboard"]:
            raise Bad(400, "Bad Request: object expected as reply markup")
        buttons = []
        for button in itertools.chain(*markup["inline_keyboard"]):
            if set(button) != {"text", "callback_data"} or not button["text"]:
                raise Bad(400, "Bad Request: inline keyboard button")
            if not 1 <= len(button["callback_data"].encode()) <= 64:
                raise Bad(400, "Bad Request: BUTTON_DATA_INVALID")
            buttons.append((button["text"], button["callback_data"]))
        return buttons

    def _sendChatAction(self, chat_id: int, action: str) -> bool:
        self._chat(chat_id)
        if action not in ACTIONS:
            raise Bad(400, "Bad Request: wrong parameter action in request")
        return True

    def _answerCallbackQuery(self, callback_query_id: str, **_: Any) -> bool:
        if callback_query_id not in self._pressed:
            raise Bad(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        self._pressed.discard(callback_query_id)
        return True

    def _leaveChat(self, chat_id: int) -> bool:
        self.left.append(chat_id)
        return True

    def _chat(self, id: int) -> Citizen:
        if id not in self.people:
            raise Bad(400, "Bad Request: chat not found")
        if self.people[id].blocked:
            raise Bad(403, "Forbidden: bot was blocked by the user")
        return self.people[id]

    # --- what people do ---

    def number(self) -> int:
        """The next number of anything."""
        return next(self._numbers)

    def update(self, **what: Any) -> dict[str, Any]:
        """Something for the bot to learn."""
        with self._news:
            update = {"update_id": next(self._numbers), **what}
            self._updates.append(update)
            self._news.notify_all()
        return update

    def repeat(self, update: dict[str, Any]) -> None:
        """The same message as another update."""
        self.update(**{key: value for key, value in update.items() if key != "update_id"})

    def press(self, query: dict[str, Any]) -> None:
        """A button is pressed; it turns until the bot has answered."""
        self._pressed.add(query["id"])
        self.update(callback_query=query)


class Citizen:
    """Somebody with Telegram."""

    def __init__(self, api: Telegram, id: int, name: str) -> None:
        self.api, self.id = api, id
        self.chat = {"id": id, "type": "private", "first_name": name}
        self.user = {"id": id, "is_bot": False, "first_name": name}
        self.blocked = False
        self.no_pictures = False
        self._said: dict[str, dict[str, Any]] = {}
        self._heard: list[tuple[int, Heard, list[tuple[str, str]]]] = []

    def takes(
        self, number: int, text: str, rows: list[tuple[str, str]], links: tuple[str, ...], picture: str = ""
    ) -> None:
        """Get a message of the bot."""
        self._heard.append((number, Heard(text, tuple(title for title, _ in rows), links, picture), rows))

    def message(self, **content: Any) -> dict[str, Any]:
        """A message of this person."""
        number = self.api.number()
        return {"message_id": number, "date": int(time.time()), "chat": self.chat, "from": self.user, **content}

    def say(self, text: str) -> str:
        """Write something."""
        message = self.message(text=text)
        id = str(message["message_id"])
        self._said[id] = self.api.update(message=message)
        return id

    def heard(self) -> list[Heard]:
        """What the bot has written."""
        return [heard for _, heard, _ in self._heard]

    def press(self, title: str) -> None:
        """Press a button."""
        number, data = next((n, data) for n, _, rows in reversed(self._heard) for name, data in rows if name == title)
        message = {"message_id": number, "date": int(time.time()), "chat": self.chat, "text": "x"}
        id = str(self.api.number())
        self.api.press({"id": id, "from": self.user, "chat_instance": "1", "message": message, "data": data})

    def edit(self, id: str, text: str) -> None:
        """Change what was written."""
        before = self._said[id]["message"]
        self.api.update(edited_message=before | {"text": text, "edit_date": int(time.time()) + self.api.number()})

    def delete(self, id: str) -> None:
        """Telegram tells no bot."""
        raise NotImplementedError

    def attach(self) -> None:
        """Send a picture."""
        photo = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]
        self.api.update(message=self.message(photo=photo))

    def rate(self, index: int, value: str) -> None:
        """React to a message."""
        sign = {"up": "👍", "down": "👎"}.get(value)
        now = [{"type": "emoji", "emoji": sign}] if sign else []
        reaction = {"chat": self.chat, "message_id": self._heard[index][0], "user": self.user, "date": int(time.time())}
        self.api.update(message_reaction=reaction | {"old_reaction": [], "new_reaction": now})

    def again(self, id: str) -> None:
        """Let the message come a second time."""
        self.api.repeat(self._said[id])

    def leave(self) -> None:
        """Block the bot."""
        self.blocked = True
        self._membership(self.chat, "kicked")

    def invite(self, group: int) -> None:
        """Add the bot to a group."""
        self._membership({"id": group, "type": "group", "title": "Gruppe"}, "member")

    def _membership(self, chat: dict[str, Any], status: str) -> None:
        bot = self.api._getMe()
        until = {"until_date": 0} if status == "kicked" else {}
        changed = {"chat": chat, "from": self.user, "date": int(time.time())}
        old = {"status": "member" if status == "kicked" else "left", "user": bot}
        self.api.update(
            my_chat_member=changed
            | {"old_chat_member": old, "new_chat_member": {"status": status, "user": bot} | until}
        )
