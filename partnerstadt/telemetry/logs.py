"""Logs as lines of JSON, for machines that collect them: `PARTNERSTADT_LOG_FORMAT=json`."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from datetime import datetime, timezone

from partnerstadt.settings import Problem

FORMAT = "PARTNERSTADT_LOG_FORMAT"
TEXT, JSON = "text", "json"


class Lines(logging.Formatter):
    """One JSON object a record: time, level, part, logger, message, and the place of an error without its text.

    Args:
        part: which part of the bot speaks.
    """

    def __init__(self, part: str) -> None:
        super().__init__()
        self._part = part

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        time = datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds")
        line: dict[str, object] = {"time": time.replace("+00:00", "Z"), "level": record.levelname.lower()}
        line |= {"part": self._part, "logger": record.name}
        message = record.getMessage()
        # Rasa's own entries are JSON already; what is personal has been withheld from them.
        line |= _fields(message) or {"message": message}
        if record.exc_text or record.exc_info:
            line["exception"] = record.exc_text or self.formatException(record.exc_info)  # type: ignore[arg-type]
        return json.dumps(line, ensure_ascii=False)


def is_json(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether lines of JSON are wanted; a Problem for a word that is neither."""
    wanted = environment.get(FORMAT) or TEXT
    if wanted not in (TEXT, JSON):
        raise Problem(f"{FORMAT} must be {TEXT} or {JSON}, not '{wanted}'.")
    return wanted == JSON


def structure(part: str, environment: Mapping[str, str] = os.environ) -> None:
    """Let all handlers of this process write as is wanted."""
    if not is_json(environment):
        return
    known = [logging.getLogger(name) for name in logging.Logger.manager.loggerDict]
    for logger in (logging.getLogger(), *known):
        for handler in logger.handlers:
            handler.setFormatter(Lines(part))


def line(message: str, environment: Mapping[str, str] = os.environ) -> str:
    """What the supervisor prints, in the form that is wanted."""
    if not is_json(environment):
        return message
    record = logging.LogRecord("partnerstadt", logging.INFO, "", 0, "%s", (" ".join(message.split()),), None)
    return Lines("supervisor").format(record)


def _fields(message: str) -> dict[str, object] | None:
    if not message.startswith("{"):
        return None
    try:
        found = json.loads(message)
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    found["message"] = found.pop("event", "")
    return {key: value for key, value in found.items() if key not in ("level", "timestamp")}
