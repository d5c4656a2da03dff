"""The parts of bench.load: the mix of conversations, the load tool and what it prints, memory and CPU, the pages."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bench.capacity import Assumptions, Costs, plan, price_of_thousand
from bench.capacity import markdown as capacity_page
from bench.load import figures, record, tool
from bench.load.figures import Growth, Load, Mix, Sample, Soak, Start, Step
from bench.load.mix import LENGTHS, LONGEST, conversations
from bench.load.page import COMMAND, markdown
from bench.load.plot import draw
from bench.load.usage import Usage, cpu_between, part_of, sampled, together
from bench.results import Machine, Share
from bench.splice import section, splice
from bench.visitor import Unanswered, Visitor
from partnerstadt.front.settings import FrontSettings
from partnerstadt.settings import Problem
from tests.front.conftest import clock, database, front, rasa  # noqa: F401  (fixtures)
from tests.front.parts import Served

PROJECT = Path(__file__).parents[2]


# --- the mix ---


def test_text_that_the_front_desk_would_not_take_is_left_out() -> None:
    """Its refusal is no failure under load."""
    texts = [text for talk in conversations([["x" * (LONGEST + 1)], *[["kurz"]] * 200]) for text in talk]
    assert set(texts) == {"kurz"}
    assert FrontSettings.read(PROJECT / "front.yml", {}).characters == LONGEST


def test_conversations_have_all_lengths_and_every_question_once() -> None:
    """Cases are put together, never taken apart or used twice, and each length that is assumed comes up."""
    cases = [[f"{number}.1"] if number % 3 else [f"{number}.1", f"{number}.2"] for number in range(2000)]
    talks = conversations(cases)
    said = [text for talk in talks for text in talk]
    assert len(said) == len(set(said)) > 2500
    for first, second in (case for case in cases if len(case) == 2):
        for talk in talks:
            if first in talk:
                assert talk[talk.index(first) + 1] == second
    share = sum(len(talk) >= 30 for talk in talks) / len(talks)
    assert 0.02 < share < 0.09
    assert {min(len(talk), 1) for talk in talks} == {1}
    assert sum(LENGTHS.values()) == 100


def test_the_mix_is_the_same_every_time() -> None:
    """So that two runs ask the same."""
    cases = [[str(number)] for number in range(300)]
    assert conversations(cases) == conversations(cases) != conversations(cases, seed=2)


# --- the load tool ---


class Answering(BaseHTTPRequestHandler):
    """Stands in for Rasa's REST channel: after 20 ms, an answer, or what the text asks for."""

    protocol_version = "HTTP/1.1"
    asked: list[dict[str, str]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(body)
        time.sleep(0.02)
        replies: dict[str, Any] = {"nothing": [], "sorry": [{"text": "Leider nein."}]}
        reply = json.dumps(replies.get(body.get("message"), [{"text": "ja"}])).encode()
        self.send_response(500 if body.get("message") == "broken" else 200)
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


@pytest.fixture
def channel() -> Iterator[tuple[int, list[dict[str, str]]]]:
    """A port, and what was asked there."""
    handler = type("Handler", (Answering,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, handler.asked  # type: ignore[attr-defined]
    server.shutdown()


def talks_of(folder: Path, *talks: list[str]) -> Path:
    """A file of conversations."""
    file = folder / "talks.json"
    file.write_text(json.dumps({"apology": "Leider nein.", "talks": talks}), encoding="utf-8")
    return file


def test_locust_asks_so_many_questions_and_waits_for_all(
    channel: tuple[int, list[dict[str, str]]], tmp_path: Path
) -> None:
    """Conversations keep their sender and their order; each kind of failure is counted, and ends its conversation."""
    port, asked = channel
    talks = talks_of(tmp_path, ["a", "b"], ["nothing", "never"], ["sorry"], ["broken"])
    found = tool.drive(PROJECT, tool.CLIENT, [port], talks, at_once=4, messages=60)
    step = tool.step(found, figures.OURS, 4, None)
    assert step.answered + step.errors == len(asked) == 60
    assert set(step.failed) == {"empty reply", "apology", "status 500"}
    assert "never" not in {body["message"] for body in asked}
    senders = {body["sender"] for body in asked if body["message"] == "a"}
    assert {body["sender"] for body in asked if body["message"] == "b"} <= senders
    assert step.p50 is not None and 20 <= step.p50 < 500


def test_locust_asks_for_so_many_seconds(channel: tuple[int, list[dict[str, str]]], tmp_path: Path) -> None:
    """The rate is that of the seconds in which all asked."""
    port, asked = channel
    found = tool.drive(PROJECT, tool.CLIENT, [port], talks_of(tmp_path, ["a"]), at_once=2, seconds=3)
    step = tool.step(found, figures.OURS, 2, 3)
    assert step.answered == len(asked)
    assert step.errors == 0
    assert 10 < step.throughput < 100, "two people, 20 ms and more each"


def test_a_visitor_waits_for_the_event_with_the_answer(front: Served) -> None:  # noqa: F811
    """Through a real front desk: the second question gets the second answer."""
    visitor = Visitor(int(front.url.rpartition(":")[2]), patience=10)
    try:
        assert 0 < visitor.ask("Seit wann?") < 10_000
        assert 0 < visitor.ask("Und wo?") < 10_000
    finally:
        visitor.close()


def test_a_visitor_whose_connection_was_closed_meanwhile_asks_on_a_new_one(front: Served) -> None:  # noqa: F811
    """Web servers close what rests for some seconds, and who waits for an answer rests."""
    visitor = Visitor(int(front.url.rpartition(":")[2]), patience=10)
    try:
        visitor.ask("Seit wann?")
        assert visitor._post.sock is not None
        visitor._post.sock.shutdown(socket.SHUT_RDWR)
        assert 0 < visitor.ask("Und wo?") < 10_000
    finally:
        visitor.close()


def test_a_visitor_says_why_there_is_no_answer(channel: tuple[int, list[dict[str, str]]]) -> None:
    """Whatever is no front desk answers with another status."""
    with pytest.raises(Unanswered, match="status 200"):
        Visitor(channel[0], patience=5)


ENTRIES = [
    {
        "name": "answered",
        "num_requests": 100,
        "response_times": {"20": 50, "40": 45, "300": 5},
        "num_reqs_per_sec": {"1000": 7, "1001": 30, "1002": 30, "1003": 20, "1007": 13},
    },
    {"name": "TimeoutError", "num_requests": 3, "response_times": {"60000": 3}, "num_reqs_per_sec": {"1060": 3}},
]


def test_a_step_is_read_from_what_locust_prints() -> None:
    """Failures are no answers, and their times none of an answer."""
    step = tool.step(tool.entries("[2026] a word before\n" * 0 + json.dumps(ENTRIES)), figures.STOCK, 50, 4)
    assert (step.p50, step.p95, step.p99) == (20, 40, 300)
    assert step.answered == 100
    assert step.failed == {"TimeoutError": 3}
    assert step.throughput == pytest.approx((30 + 30 + 20) / 3), (
        "neither the second it began in nor those after the end"
    )


def test_a_step_without_an_answer_has_no_times() -> None:
    """But errors."""
    step = tool.step(ENTRIES[1:], figures.STOCK, 500, 4)
    assert (step.answered, step.throughput, step.p50, step.errors) == (0, 0, None, 3)


def test_the_rate_of_a_run_without_end_goes_to_its_last_answer() -> None:
    """The first second and the last are not whole."""
    assert tool.throughput({10: 1, 11: 40, 12: 20, 13: 2}, None) == 30
    assert tool.throughput({10: 8}, None) == 8


def test_a_tool_that_finds_nothing_is_a_problem() -> None:
    """Its own complaint is shown."""
    with pytest.raises(Problem, match="no such file"):
        tool.entries("", "no such file")
    with pytest.raises(Problem, match="no figures"):
        tool.entries("[broken")


# --- CPU and memory ---


@pytest.mark.parametrize(
    ("command", "part"),
    [
        ("python -m rasa run --model x --interface 127.0.0.1", "bot"),
        ("python -S -m rasa run actions --actions actions", "actions"),
        ("python -m partnerstadt.front", "front"),
        ("python -m partnerstadt.staff", "staff"),
        ("postgres: tests test_1 127.0.0.1(40000) idle", "database"),
        ("python -m partnerstadt run", "supervisor"),
    ],
)
def test_a_command_line_tells_the_part(command: str, part: str) -> None:
    """Each server of the chain is known by how it was started."""
    assert part_of(command) == part


def test_usage_counts_descendants() -> None:
    """A process and the one that it has begun."""
    sleep = "[sys.executable, '-c', 'import time; time.sleep(20)', sys.argv[1][::-1]]"
    child = f"import subprocess, sys; subprocess.run({sleep})"
    with subprocess.Popen([sys.executable, "-c", child, "sergtsop"], start_new_session=True) as process:
        try:
            deadline = time.monotonic() + 10
            while (used := together((process.pid,))).get("database", Usage()).mb < 5 and time.monotonic() < deadline:
                time.sleep(0.05)
            assert {"database", "supervisor"} == used.keys()
            with sampled((process.pid,), 0.05) as samples:
                time.sleep(0.3)
            assert len(samples) > 2
            assert all(sample.mb["database"] > 1 for sample in samples)
        finally:
            os.killpg(process.pid, 9)


def test_cpu_is_shared_among_the_answers() -> None:
    """In milliseconds, by part; a part that began meanwhile counts from nothing."""
    before, after = {"bot": Usage(cpu=1.0)}, {"bot": Usage(cpu=3.0), "front": Usage(cpu=0.5)}
    assert cpu_between(before, after, 100) == {"bot": 20.0, "front": 5.0}
    assert cpu_between(before, after, 0) == {}


# --- figures and pages ---


def step_of(system: str, at_once: int, throughput: float, **more: Any) -> Step:
    """A step with round figures."""
    return Step(
        system=system,
        at_once=at_once,
        throughput=throughput,
        answered=int(10 * throughput),
        p50=1000 * at_once / throughput,
        p95=2000 * at_once / throughput,
        p99=3000 * at_once / throughput,
        cpu_ms=more.pop("cpu_ms", {"bot": 20.0, "front": 5.0}),
        **more,
    )


@pytest.fixture
def load() -> Load:
    """A run with round figures."""
    rates = {
        figures.OURS: 40.0,
        figures.STOCK: 8.0,
        figures.OURS_TWO: 72.0,
        figures.CHAIN: 30.0,
        figures.CHAIN_TWO: 45.0,
    }
    steps = [step_of(system, n, rate if n > 1 else rate / 2) for system, rate in rates.items() for n in (1, 10, 50)]
    cpu = {"bot": 20.0, "front": 6.0, "database": 4.0}
    steps.append(step_of(figures.CHAIN_POSTGRES, 50, 40.0, cpu_ms=cpu))
    memory = [{"bot": 600.0, "front": 100.0}, {"bot": 610.0, "front": 102.0}]
    samples = [Sample(seconds=100 * n, mb=mb) for n, mb in enumerate(memory)]
    return Load(
        date="2026-11-30",
        epochs=100,
        seconds=8,
        machine=Machine(cores=2, memory_gb=24, architecture="x86_64", python="3.10", load_before=0.1, load_after=2.5),
        mix=Mix(talks=500, questions=2000, longest=34),
        steps=steps,
        soak=Soak(step=step_of(figures.CHAIN_TWO, 50, 45.0, failed={"apology": 2}), seconds=100, samples=samples),
        growth=Growth(turns=1000, second=20, late=22, curve=[20.0] * 900),
        growth_stock=Growth(turns=100, second=100, late=300, curve=[100.0 + n for n in range(80)]),
        right=Share(right=95, total=100),
        right_stock=Share(right=50, total=100),
        lean=Start(seconds=10, mb=280),
        with_tensorflow=Start(seconds=25, mb=620),
        idle_mb={figures.OURS: {"bot": 280.0}, figures.STOCK: {"bot": 1300.0, "actions": 90.0}},
    )


def test_ratios_take_all_steps_but_that_of_one_person(load: Load) -> None:
    """One person waits for each answer, so that nothing is busy."""
    assert load.ratio(figures.OURS, figures.STOCK) == pytest.approx(5)
    assert load.ratio(figures.OURS_TWO, figures.OURS) == pytest.approx(1.8)
    assert load.throughput(figures.STOCK) == 8


def test_section_shows_steps_targets_and_picture(load: Load) -> None:
    """In German, each figure with its unit."""
    page = markdown(load, "bilder/last.png")
    assert "| Partnerstadt, ein Rasa-Prozess | 50 | 40,0 | 1.250 ms | 2.500 ms | 3.750 ms | 0 |" in page
    assert "| p50 in Zug 1.000 höchstens 20 % über Zug 2 | 22,0 gegen 20,0 ms, das 1,10-Fache | erreicht |" in page
    assert "| Durchsatz mindestens das Vierfache von Rasas Standard | das 5,0-Fache | erreicht |" in page
    assert "| … bei gleicher oder besserer Richtigkeit | 95,0 gegen 50,0 % | erreicht |" in page
    assert "| Zwei Rasa-Prozesse leisten mindestens das 1,7-Fache von einem | das 1,80-Fache | erreicht |" in page
    assert "| Arbeitsspeicher danach | 280 MB | 620 MB | 0,45 |" in page
    assert "Partnerstadt 280 MB, Rasas Standard 1.300 MB und 90 MB für den Action-Server" in page
    assert "452 Fragen" in page and "2 Fehler" in page
    assert page.count("](bilder/last.png)") == 1
    for block in page.split("\n\n"):
        if block.startswith("|"):
            assert len({line.count("|") for line in block.splitlines()}) == 1, block


def test_section_says_when_targets_are_missed(load: Load) -> None:
    """Nothing is hidden."""
    load.growth.late = 24.1
    for step in load.of(figures.OURS):
        step.throughput /= 2
    page = markdown(load, "x.png")
    assert "das 1,21-Fache | nicht erreicht |" in page
    assert "das 2,5-Fache | nicht erreicht |" in page


def test_a_model_that_learnt_little_is_judged_by_its_speed_alone(load: Load) -> None:
    """Its answers would flatter ours."""
    load.epochs = 1
    page = markdown(load, "x.png")
    assert "Richtigkeit |" not in page
    assert "nur 1 statt 100 Epochen" in page


def test_a_page_before_the_first_run_has_the_place_for_one(load: Load, tmp_path: Path) -> None:
    """And the same heading, so that links lead there; after a run its figures stand there."""
    before = record.section_of(tmp_path)
    assert "## Unter Last" in before and "python -m bench.load" in before
    (tmp_path / record.RESULTS).write_text(load.json(), encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text(before, encoding="utf-8")
    splice(page, COMMAND, markdown(load, record.PICTURE))
    assert page.read_text(encoding="utf-8") == record.section_of(tmp_path)


def test_picture_of_the_load_is_drawn(load: Load, tmp_path: Path) -> None:
    """As a file that browsers show."""
    draw(load, tmp_path / "bilder" / "last.png")
    assert (tmp_path / "bilder" / "last.png").read_bytes().startswith(b"\x89PNG")


def test_figures_survive_being_written(load: Load) -> None:
    """To JSON and back."""
    assert Load.parse_raw(load.json()) == load


# --- the capacity plan ---


def test_a_plan_is_cpu_divided_by_how_busy_a_core_may_be() -> None:
    """Each part rounded up; a machine more for the first core that does not fit."""
    costs = Costs(bot=20, front=6, database=4, bot_mb=300, front_mb=100)
    assumed = Assumptions(price=0.05, cores=4, utilisation=0.5)
    found = plan(1000, costs, assumed)
    assert (found.bots, found.fronts, found.database, found.cores) == (40, 12, 8, 60)
    assert found.machines == 15
    assert found.price == pytest.approx(15 * 4 * 0.05)
    assert found.gigabytes == pytest.approx((40 * 300 + 12 * 100) / 1024)
    assert found.connections == (2 * 40 + 12) * 5
    small = plan(10, costs, assumed)
    assert (small.bots, small.fronts, small.database, small.machines) == (1, 1, 1, 1)
    # 30 s of CPU, half of the time idle, at 5 cents for 3,600 s.
    assert price_of_thousand(costs, assumed) == pytest.approx(30 / 0.5 / 3600 * 0.05)


def test_costs_come_from_the_chain_with_postgresql(load: Load) -> None:
    """Its two bots share the memory that was measured."""
    costs = Costs.measured(load)
    assert (costs.bot, costs.front, costs.database, costs.whole) == (20, 6, 4, 30)
    assert (costs.bot_mb, costs.front_mb) == (305, 102)
    load.of(figures.CHAIN_POSTGRES)[0].cpu_ms.pop("database")
    with pytest.raises(Problem, match="PostgreSQL"):
        Costs.measured(load)


def test_the_plan_shows_its_calculation(load: Load) -> None:
    """So that a reader can do it again with another price."""
    page = capacity_page(load, Assumptions(price=0.03, cores=8, utilisation=0.6))
    assert "1.000 × 20,0 ÷ 1.000 ÷ 0,60 = 34" in page
    assert "30,0 s ÷ 3.600 ÷ 0,60 × 0,03 € = **0,042 Cent**" in page
    assert "| 1.000 | 34 | 10 | 7 | 51 | 7 | 11,1 GB | 1,68 € |" in page
    assert "(2 × 34 + 10) × 5 = 390" in page
    assert "**Annahmen**" in page


def test_a_section_replaces_itself_and_nothing_else(tmp_path: Path) -> None:
    """What people wrote around it stays; a page without its place is a problem."""
    page = tmp_path / "page.md"
    page.write_text(f"# A\n\n{section('make x', 'old')}\n\n# B\n", encoding="utf-8")
    splice(page, "make x", "new\n")
    splice(page, "make x", "newer\n")
    text = page.read_text(encoding="utf-8")
    assert text == f"# A\n\n{section('make x', 'newer')}\n\n# B\n"
    with pytest.raises(Problem, match="make y"):
        splice(page, "make y", "new")
