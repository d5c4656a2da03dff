"""No text of a user in any log at the usual level."""

import logging
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from partnerstadt.rasa_ext import privacy

SECRET = "mein name ist Erika Mustermann"


def raise_secret() -> None:
    """Fail as libraries do: with the input in the message."""
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        raise RuntimeError(f"while handling '{SECRET}'") from error


@pytest.fixture(autouse=True)
def own_factory(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Undo the change of the logging module after each test; log at the usual level."""
    monkeypatch.delenv("LOG_LEVEL", raising=False)
    before = logging.getLogRecordFactory()
    yield
    logging.setLogRecordFactory(before)


def test_description_names_kinds_and_places_only() -> None:
    """Enough to find the fault, nothing to identify the person."""
    with pytest.raises(RuntimeError) as caught:
        raise_secret()
    text = privacy.describe(caught.value)
    assert "RuntimeError" in text and "because of ValueError" in text and "in raise_secret" in text
    assert SECRET not in text


def test_missing_module_is_named() -> None:
    """What helps a developer and cannot hold a user's text stays."""
    assert "no_such_thing" in privacy.describe(ModuleNotFoundError("No module named 'no_such_thing'"))


def test_log_records_carry_the_description(caplog: pytest.LogCaptureFixture) -> None:
    """For every logger of the process."""
    privacy.protect_logging()
    privacy.protect_logging()
    try:
        raise_secret()
    except RuntimeError:
        logging.getLogger("anything").exception("It failed.")
    assert "ValueError" in caplog.text and SECRET not in caplog.text


def test_debug_level_shows_everything(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer asks for it explicitly."""
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    privacy.protect_logging()
    try:
        raise_secret()
    except RuntimeError:
        logging.getLogger("anything").exception("It failed.")
    assert SECRET in caplog.text


def test_structured_entries_keep_only_what_is_harmless() -> None:
    """Keys nobody thought of are withheld too."""
    entry = {"event": "rest.failure", "text": SECRET, "new_key": {"a": SECRET}, "len_events": 3, "level": "error"}
    kept = privacy.withhold(None, "error", entry)
    assert kept == {"event": "rest.failure", "text": "(withheld)", "new_key": "(withheld)", "len_events": 3} | {
        "level": "error"
    }


def test_rasas_structured_logs_are_protected_in_practice() -> None:
    """Configured as `rasa run` does it, with an exception whose frame holds the text."""
    code = f"""
import rasa.utils.log_utils as u, structlog, logging
u.configure_structlog(logging.INFO)
def turn(text):
    raise ValueError(text)
try:
    turn({SECRET!r})
except Exception:
    structlog.get_logger().exception("rest.message.received.failure", text={SECRET!r})
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    output = done.stdout + done.stderr
    assert done.returncode == 0 and "rest.message.received.failure" in output and "ValueError" in output
    assert "Mustermann" not in output


FAILING_ACTION = """
from rasa_sdk import Action
class Failing(Action):
    def name(self):
        return "action_x"
    def run(self, dispatcher, tracker, domain):
        raise ValueError(tracker.latest_message["text"])
"""


def test_failing_action_tells_nobody_what_was_written(tmp_path: Path) -> None:
    """Neither its log nor its reply, which in the stock SDK holds the whole conversation."""
    (tmp_path / "failing_actions.py").write_text(FAILING_ACTION)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "rasa_sdk", "--actions", "failing_actions", "--port", str(port)]
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log)
        try:
            client = httpx.Client(base_url=f"http://127.0.0.1:{port}", transport=httpx.HTTPTransport(retries=8))
            tracker = {"sender_id": "a", "latest_message": {"text": SECRET}, "events": [], "slots": {}}
            reply = client.post("/webhook", json={"next_action": "action_x", "tracker": tracker, "version": "3.6.21"})
        finally:
            server.terminate()
            server.wait()
    written = (tmp_path / "log").read_text()
    assert reply.status_code == 500 and reply.json() == {"error": "The action failed."}
    assert "ValueError" in written and "failing_actions.py" in written
    assert "Mustermann" not in written
