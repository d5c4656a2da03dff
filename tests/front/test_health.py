"""What machines that watch the desk are told."""

from __future__ import annotations

import re
from pathlib import Path

from partnerstadt.operations.backup import back_up
from partnerstadt.settings import Settings
from tests.front.parts import START, Citizen, Clock, Rasa, Served, served
from tests.support import MUSTERSTADT, PROJECT, copy_of


def test_ready_needs_rasa_and_lives_does_not(front: Served, rasa: Rasa) -> None:
    """A supervisor must not end a desk only because Rasa is being restarted."""
    client = front.client()
    assert client.get("/readyz").json() == {"database": True, "rasa": True, "paused": False}
    rasa.stop()
    ready = client.get("/readyz")
    assert ready.status_code == 503 and ready.json() == {"database": True, "rasa": False, "paused": False}
    assert client.get("/healthz").status_code == 200


def test_metrics_count_without_names(citizen: Citizen) -> None:
    """Requests by route, answers by outcome, nothing about a person."""
    citizen.say("geheim")
    citizen.until_answered()
    page = citizen.http.get("/metrics").text
    assert 'partnerstadt_front_answers_total{outcome="answered"} 1.0' in page
    assert 'partnerstadt_front_requests_total{route="post_message",status="202"} 1.0' in page
    assert "partnerstadt_front_answer_seconds_bucket" in page and "geheim" not in page


def test_metrics_say_when_retention_and_backup_were_last_done(tmp_path: Path, rasa: Rasa, clock: Clock) -> None:
    """Also when it was done elsewhere: by the command, or by another desk."""
    settings = Settings(PROJECT, copy_of(MUSTERSTADT, tmp_path / "city"), state=tmp_path)
    with served(tmp_path, rasa, clock) as front:
        back_up(settings, tmp_path / "backup.tar.gz", clock)
        clock.move(hours=1)
        front.run(front.desk.retention.once())
        page = front.client().get("/metrics").text
    shown = {job: float(time) for job, time in re.findall(r'done_timestamp_seconds{work="(\w+)"} (\S+)', page)}
    assert shown == {"retention": clock().timestamp(), "backup": START.timestamp()}


def test_metrics_are_for_listed_addresses(tmp_path: Path, rasa: Rasa) -> None:
    """Nobody else."""
    with served(tmp_path, rasa, metrics_from=["10.0.0.1"]) as front:
        assert front.client().get("/metrics").status_code == 403
