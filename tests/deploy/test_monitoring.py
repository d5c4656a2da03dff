"""Warnings and dashboard speak of numbers that exist, Prometheus can read them, and each warning says what to do."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import Any

import promql_parser
import pytest
import yaml

from partnerstadt.front.metrics import Metrics as FrontMetrics
from partnerstadt.rasa_ext.metrics import Metrics as BotMetrics
from tests.support import PROJECT

FOLDER = PROJECT / "deploy" / "monitoring"
ALERTS: list[dict[str, Any]] = yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
EXPRESSIONS = [rule["expr"] for rule in ALERTS] + [t["expr"] for p in DASHBOARD["panels"] for t in p["targets"]]


def known() -> set[str]:
    """The numbers that front desk and bot really give, and what Prometheus adds."""
    front, bot = FrontMetrics(), BotMetrics()
    front.answered("answered", 0.1)
    front.requests.labels("x", "200").inc()
    front.limited.labels("x").inc()
    bot.answered(200)
    page = (front.page() + bot.page("m")).decode()
    return set(re.findall(r"^([a-z_]+)(?:\{| )", page, re.MULTILINE)) | {"up"}


def selectors(node: Any) -> Iterator[Any]:
    """All names of numbers in a parsed expression."""
    for name in ("expr", "lhs", "rhs", "vector_selector", "vs"):
        inner = getattr(node, name, None)
        if inner is not None:
            yield from selectors(inner)
    if isinstance(getattr(node, "args", None), list):
        for inner in node.args:
            yield from selectors(inner)
    if isinstance(node, promql_parser.VectorSelector):
        yield node


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expression_can_be_read_and_speaks_of_what_exists(expression: str) -> None:
    """By Prometheus' own grammar; a renamed number would leave a warning that never comes."""
    found = {selector.name for selector in selectors(promql_parser.parse(expression))}
    named = set(re.findall(r"\b((?:partnerstadt|process)_\w+|up)\b(?!=)", expression)) - {"up_"}
    assert named and named <= known()
    assert found <= known()


@pytest.mark.parametrize(
    ("job", "alert"), [("retention", "PartnerstadtLoeschungSteht"), ("backup", "PartnerstadtSicherungFehlt")]
)
def test_job_that_was_never_done_is_warned_of(job: str, alert: str) -> None:
    """Its number is there from the start, as long ago as can be; it is younger after the job."""
    metrics = FrontMetrics()
    name = f'partnerstadt_front_done_timestamp_seconds{{work="{job}"}}'
    assert f"{name} 0.0" in metrics.page().decode()
    metrics.done({job: dt.datetime(2026, 12, 1, tzinfo=dt.timezone.utc)})
    assert f"{name} 1.7960832e+09" in metrics.page().decode()
    assert f"time() - max({name}) > " in next(rule["expr"] for rule in ALERTS if rule["alert"] == alert)


def test_nonsense_is_noticed() -> None:
    """The check itself is alive."""
    with pytest.raises(ValueError):
        promql_parser.parse("sum(rate(x[5m])")


def test_every_warning_says_what_to_do() -> None:
    """A section of its name, with what to check and what helps; and no section is left over."""
    page = (PROJECT / "docs" / "betrieb.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^### (Partnerstadt\w+)\n(.*?)(?=^#|\Z)", page, re.MULTILINE | re.DOTALL))
    assert sections.keys() == {rule["alert"] for rule in ALERTS}
    assert all("- Prüfen: " in text and "- Beheben: " in text for text in sections.values())
    for rule in ALERTS:
        assert rule["annotations"]["runbook"] == f"docs/betrieb.md#{rule['alert'].lower()}"
        assert rule["labels"]["severity"] in ("critical", "warning") and rule["for"]


def test_panels_have_places_of_their_own() -> None:
    """Titles and places are there once."""
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]
    assert len(set(places)) == len(places) == len({panel["title"] for panel in DASHBOARD["panels"]})


def test_prometheus_is_told_where_to_ask() -> None:
    """The jobs that the warnings name, and the address at which the bot gives its numbers."""
    config = yaml.safe_load((FOLDER / "prometheus.yml").read_text(encoding="utf-8"))
    jobs = {job["job_name"]: job for job in config["scrape_configs"]}
    assert jobs.keys() == {"partnerstadt-front", "partnerstadt-bot"}
    assert jobs["partnerstadt-bot"]["metrics_path"] == "/webhooks/rest/metrics"
    named = {name for expression in EXPRESSIONS for name in re.findall(r'job="([^"]+)"', expression)}
    assert named <= jobs.keys()
