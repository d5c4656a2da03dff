"""Logs without the words of the people who write to the bot.

Rasa and its action server put texts, slots and whole conversations into error messages and tracebacks. At
the usual log levels only the place and the kind of an error are logged; `LOG_LEVEL=DEBUG` shows everything.
"""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import Any

import structlog

ALLOWED = frozenset(
    {"event", "event_info", "event_key", "level", "exception", "filename", "url", "host", "action_name"}
)
WITHHELD = "(withheld)"
# Messages of these speak of programs and files, never of what somebody wrote.
HARMLESS = (ImportError, SyntaxError, OSError)

ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def describe(error: BaseException) -> str:
    """Tell kind and place of an error and of its causes, but not its message."""
    lines: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        message = str(current) if isinstance(current, HARMLESS) else "message withheld unless LOG_LEVEL=DEBUG"
        lines.append(f"{'because of ' if lines else ''}{type(current).__name__} ({message})")
        frames = traceback.extract_tb(current.__traceback__)
        lines += [f"    {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        current = current.__cause__ or current.__context__
    return "\n".join(lines)


def _debugging() -> bool:
    return os.environ.get("LOG_LEVEL", "").upper() == "DEBUG"


def protect_logging() -> None:
    """Make every log record of this process carry `describe` instead of a full traceback."""
    stock = logging.getLogRecordFactory()
    if getattr(stock, "protects", False):
        return

    def record(*args: Any, **kwargs: Any) -> logging.LogRecord:
        made = stock(*args, **kwargs)
        if made.exc_info and made.exc_info[1] is not None and not _debugging():
            made.exc_text = describe(made.exc_info[1])
            made.exc_info = None
        return made

    record.protects = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(record)


def protect_structlog() -> None:
    """Put `withhold` between Rasa's own processors and the renderer."""
    processors = list(structlog.get_config()["processors"])
    place = processors.index(structlog.dev.set_exc_info) + 1
    structlog.configure(processors=[*processors[:place], withhold, *processors[place:]])


def withhold(_: Any, __: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Keep what is known to be harmless of a structured log entry; numbers are."""
    if _debugging():
        return event
    error = event.pop("exc_info", None)
    if error:
        error = sys.exc_info()[1] if error is True else error[1] if isinstance(error, tuple) else error
    if isinstance(error, BaseException):
        event["exception"] = describe(error)
    return {
        key: value if key in ALLOWED or isinstance(value, int | float) else WITHHELD for key, value in event.items()
    }
