"""The API does what its description says; schemathesis makes up the requests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import settings
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection

from partnerstadt.front import open_data_routes
from partnerstadt.front.api import routes
from partnerstadt.front.info import openapi
from partnerstadt.records.store import RecordStore
from tests.front.parts import Citizen, Rasa, Served, served
from tests.support import DORTMUND, TODAY

schema = schemathesis.openapi.from_dict(openapi())
METHODS = {"get", "post", "delete"}


@pytest.fixture(scope="module")
def open_front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One desk for all requests, that answers polls at once."""
    rasa = Rasa()
    rasa.start()
    often = {"requests_at_once": 1e6, "messages_at_once": 1e6, "sessions_at_once": 1e6, "poll_seconds": 0}
    with served(tmp_path_factory.mktemp("openapi"), rasa, **often) as front:
        yield front
    rasa.stop()


def test_description_has_all_routes() -> None:
    """And no other."""
    described = {
        (path, method.upper()) for path, item in openapi()["paths"].items() for method in item if method in METHODS
    }
    records = RecordStore(DORTMUND)
    all_routes = [*routes, *open_data_routes.routes(records, lambda: TODAY)]
    served_here = {(route.path, method) for route in all_routes for method in (route.methods or ()) if method != "HEAD"}
    assert described == served_here


@pytest.fixture(scope="module")
def citizen(open_front: Served) -> Citizen:
    """Somebody whose conversation is never deleted."""
    return Citizen(open_front)


@schema.parametrize()
@settings(max_examples=40)
def test_answers_are_as_described(case: schemathesis.Case, open_front: Served, citizen: Citizen) -> None:
    """For requests that fit and for those that do not."""
    headers = {"Accept": "application/json"}
    if case.operation.definition.raw.get("security"):
        deletes = case.operation.method.upper() == "DELETE"
        headers["Authorization"] = f"Bearer {(Citizen(open_front) if deletes else citizen).token}"
    # A request that is wrong for want of this header is right with it.
    excluded = [negative_data_rejection] if "Authorization" in headers and _headers_are_wrong(case) else []
    case.call_and_validate(base_url=open_front.url, headers=headers, excluded_checks=excluded)


def _headers_are_wrong(case: schemathesis.Case) -> bool:
    header = case.meta.components.get(ParameterLocation.HEADER) if case.meta else None
    return header is not None and header.mode is GenerationMode.NEGATIVE
