"""The situations in which the database matters, once more with a real PostgreSQL."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData

from partnerstadt.front.database import migrate, open_database
from partnerstadt.front.tables import metadata
from partnerstadt.front.texts import load_texts
from partnerstadt.staff.database import open_staff_database
from partnerstadt.staff.tables import metadata as staff_metadata
from tests.front.parts import Citizen, Rasa, Served, until
from tests.front.test_api import (  # noqa: F401
    test_button_says_its_payload_to_the_bot,
    test_deleted_session_is_dead,
    test_feedback_can_be_given_changed_and_taken_back,
    test_question_is_not_asked_after_its_deletion,
    test_rasa_forgets_later_what_it_cannot_now,
    test_same_id_at_the_same_time_is_kept_once,
    test_session_ends_by_itself,
    test_stream_goes_on_where_it_broke_off,
    test_two_windows_see_the_same,
)
from tests.front.test_delivery import (  # noqa: F401
    test_bot_that_is_down_answers_when_it_is_back,
    test_conversations_do_not_wait_for_each_other,
    test_questions_of_a_conversation_are_asked_in_order,
    test_slow_bot_is_told_of_once,
)
from tests.front.test_handover import (  # noqa: F401
    clerk,
    front,
    test_clerk_vanishes,
    test_conversation_goes_to_a_person_and_back,
    test_nobody_comes,
    test_one_of_two_clerks_wins,
    test_steps_are_counted_without_texts,
    test_word_sent_twice_is_said_once,
)
from tests.front.test_retention import (  # noqa: F401
    test_young_conversation_is_left_alone,
)
from tests.servers import Postgres


@pytest.fixture(scope="module")
def migrated(postgresql: Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the newest tables of both desks, to be copied."""
    url = postgresql.database()
    open_staff_database(url, tmp_path_factory.mktemp("unused")).dispose()
    return url


@pytest.fixture
def database(postgresql: Postgres, migrated: str) -> str:
    """In place of SQLite."""
    return postgresql.database(like=migrated)


def test_migrations_make_the_tables_of_the_code(database: str, tmp_path: Path) -> None:
    """Of both desks, and running them again changes nothing."""
    engine = open_database(database, tmp_path)
    migrate(engine)
    tables = MetaData()
    for part in (metadata, staff_metadata):
        for table in part.tables.values():
            table.to_metadata(tables)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), tables)
    assert [change for change in differences if not str(change[-1]).endswith("_version")] == []
    engine.dispose()
    assert list(tmp_path.iterdir()) == []


def test_question_outlasts_a_restart_of_the_database(citizen: Citizen, rasa: Rasa, postgresql: Postgres) -> None:
    """What was asked before is answered after it; nothing is lost or doubled."""
    rasa.wait = 0.5
    citizen.say("eins")
    until(lambda: rasa.texts == ["eins"])
    postgresql.stop()
    postgresql.start()
    assert citizen.until_answered() == ["Antwort auf eins"]
    citizen.say("zwei")
    assert citizen.until_answered(2) == ["Antwort auf eins", "Antwort auf zwei"]


@contextmanager
def away(postgresql: Postgres) -> Iterator[None]:
    """The database is stopped within the block."""
    postgresql.stop()
    try:
        yield
    finally:
        postgresql.start()


def test_desk_without_its_database_says_so_and_goes_on_by_itself(
    citizen: Citizen,
    front: Served,  # noqa: F811
    postgresql: Postgres,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """503 with a sentence and a time, no traceback; open windows stay open and hear what comes afterwards."""
    monkeypatch.setattr("partnerstadt.front.api.RETRY_SECONDS", 0.1)
    with citizen.stream(after=0) as events:
        with away(postgresql):
            refused = citizen.say("eins", id="4b8f7a52-01")
            assert refused.status_code == 503 and refused.headers["Retry-After"] == "5"
            sentence = load_texts().text("errors", "unavailable", seconds="5 Sekunden")
            assert refused.json()["error"] == {"code": "unavailable", "text": sentence, "retry_after": 5}
            for path in ("/api/history", "/api/events"):
                assert citizen.http.get(path, headers={"Accept": "application/json"}).status_code == 503
            assert citizen.http.post("/api/session", json={}).status_code == 503
            assert citizen.http.get("/readyz").json()["database"] is False
            assert citizen.http.get("/healthz").status_code == 200
            front.desk.hub.publish(front.desk.tokens.read(citizen.token) or "")  # the stream looks, and finds nothing
        until(lambda: citizen.http.get("/readyz").status_code == 200)
        assert citizen.say("eins", id="4b8f7a52-01").status_code == 202
        texts = [event["data"]["text"] for event in (next(events), next(events))]
        assert texts == ["eins", "Antwort auf eins"]
    assert "Traceback" not in caplog.text
    assert not [record for record in caplog.records if record.exc_info and record.levelno >= logging.ERROR]


def test_plain_forms_keep_what_was_typed_while_the_database_is_away(citizen: Citizen, postgresql: Postgres) -> None:
    """Sent again, it is kept once: the form has its id still."""
    id = "0123456789abcdef0123456789abcdef"
    note = {"id": id, "text": "Bitte <rufen> Sie an", "email": "", "phone": "0231 50-0"}
    with away(postgresql):
        pages = [
            citizen.http.post("/chat", data={"id": f"{id}-t", "text": "Seit wann <Leeds>?"}),
            citizen.http.post("/nachricht", data=note),
        ]
    for page, typed in zip(
        pages, ("Seit wann &lt;Leeds&gt;?</textarea>", "Bitte &lt;rufen&gt; Sie an</textarea>"), strict=True
    ):
        assert page.status_code == 503 and page.headers["Retry-After"] == "5"
        assert "technische Störung" in page.text and typed in page.text and f'value="{id}' in page.text
    assert citizen.http.post("/nachricht", data=note, follow_redirects=False).status_code == 303
