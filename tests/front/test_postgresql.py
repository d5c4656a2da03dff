"""The situations in which the database matters, once more with a real PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData

from partnerstadt.front.database import migrate, open_database
from partnerstadt.front.tables import metadata
from partnerstadt.staff.database import open_staff_database
from partnerstadt.staff.tables import metadata as staff_metadata
from tests.front.parts import Citizen, Rasa, until
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
