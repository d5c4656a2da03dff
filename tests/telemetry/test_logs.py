"""Logs for machines: one object a line, and nothing of what people wrote."""

from __future__ import annotations

import json
import logging

import pytest

from partnerstadt.rasa_ext import privacy
from partnerstadt.settings import Problem
from partnerstadt.telemetry import logs

JSON = {logs.FORMAT: "json"}


def written(record: logging.LogRecord) -> dict[str, object]:
    """What becomes of a record."""
    line = logs.Lines("front").format(record)
    assert "\n" not in line
    return dict(json.loads(line))


def record(message: str, **more: object) -> logging.LogRecord:
    """A record of a warning."""
    return logging.makeLogRecord({"msg": message, "levelname": "WARNING", "name": "x.y"} | more)


def test_line_says_when_who_and_what() -> None:
    """Times in UTC; umlauts as they are."""
    told = written(record("Das dauert länger\nals sonst"))
    assert told["part"] == "front" and told["level"] == "warning" and told["logger"] == "x.y"
    assert told["message"] == "Das dauert länger\nals sonst" and str(told["time"]).endswith("Z")


def test_entries_of_rasa_keep_their_fields() -> None:
    """They are JSON already; what was withheld stays withheld."""
    told = written(record('{"event": "processor.x", "text": "(withheld)", "level": "info"}'))
    assert told["message"] == "processor.x" and told["text"] == "(withheld)" and told["level"] == "warning"
    assert written(record("{no json"))["message"] == "{no json"
    assert written(record("[1]"))["message"] == "[1]"


def test_error_has_its_place_but_not_its_text() -> None:
    """As in the other form."""
    privacy.protect_logging()
    try:
        raise ValueError("ganz geheim")
    except ValueError as error:
        made = logging.getLogRecordFactory()("x", 40, "f", 1, "failed", (), (ValueError, error, error.__traceback__))
    told = written(made)
    assert "ValueError" in str(told["exception"]) and "test_logs.py" in str(told["exception"])
    assert "geheim" not in json.dumps(told)


def test_only_who_wants_it_gets_it() -> None:
    """Text is for people; a word that is neither is a problem."""
    assert logs.line("Ready", {}) == "Ready" and json.loads(logs.line("\nReady", JSON))["message"] == "Ready"
    with pytest.raises(Problem, match="PARTNERSTADT_LOG_FORMAT must be text or json"):
        logs.is_json({logs.FORMAT: "xml"})
    handler = logging.StreamHandler()
    logger = logging.getLogger("tests.logs")
    logger.addHandler(handler)
    logs.structure("x", {})
    assert handler.formatter is None
    before = {known: known.formatter for known in logging.getLogger().handlers}
    logs.structure("x", JSON)
    assert isinstance(handler.formatter, logs.Lines)
    for known, formatter in before.items():
        known.setFormatter(formatter)
    logger.removeHandler(handler)
