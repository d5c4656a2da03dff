"""The pure parts of the benchmark: kinds of questions, judging replies, figures, held-out examples, pages."""

import contextlib
import itertools
import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from bench import held_out, measure, training
from bench.figures import german, percent, percentile, ratio
from bench.kinds import kind_of, kinds_of
from bench.measure import read_questions
from bench.plot import draw
from bench.processes import STOCK, STOCK_ACTIONS_URL, Bench, Client, Python, row_of_ports, run_timed, server
from bench.report import alternative_text, markdown
from bench.results import Action, Latency, Machine, Model, Results, Share, Shares, Training
from bench.training import stock_config
from partnerstadt.quality.measure import Result
from partnerstadt.quality.questions import Kind, Turn
from partnerstadt.quality.servers import free_ports
from partnerstadt.rasa_ext.environment import WITHOUT_TENSORFLOW
from partnerstadt.settings import Problem, Settings

PROJECT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("intent", "kind"),
    [
        ("ask_since", "fact"),
        ("follow_up", "fact"),
        ("explain_purpose", "explain"),
        ("ask_topic", "topic"),
        ("ask_contact", "contact"),
        ("ask_contact_detail", "contact"),
        ("ask_unrecorded", "unknown"),
        ("out_of_scope", "oos"),
        ("request_human", "handoff"),
        ("complain", "handoff"),
        ("greet", "smalltalk"),
        ("plain_language_on", "smalltalk"),
    ],
)
def test_each_intent_has_a_kind(intent: str, kind: str) -> None:
    """Each intent has a kind."""
    assert kind_of(intent) is Kind(kind)


def test_not_understood_is_never_right() -> None:
    """Not understood is never right."""
    assert kinds_of({"intent": {"name": None}}) == kinds_of({"intent": {"name": "nlu_fallback"}}) == {None}


def test_several_questions_have_several_kinds() -> None:
    """Several questions have several kinds."""
    parts = [{"intent": {"name": name}} for name in ("ask_since", "ask_contact")]
    assert kinds_of({"intent": {"name": "several_questions"}, "parts": parts}) == {Kind.FACT, Kind.CONTACT}


def test_the_right_kind_is_counted_for_each_kind() -> None:
    """The right kind is counted for each kind."""
    turns = [("a", Turn(say="?", kind=kind)) for kind in ("fact", "fact", "oos")]
    parsed = [{"intent": {"name": name}} for name in ("ask_list", "greet", "out_of_scope")]
    shares = measure.families(turns, parsed)
    assert shares.all == Share(right=2, total=3)
    assert shares.by_kind == {"fact": Share(right=1, total=2), "oos": Share(right=1, total=1)}
    assert shares.by_file == {"a": Share(right=2, total=3)}


@pytest.mark.parametrize(
    ("values", "share", "value"),
    [
        ([7], 0.95, 7),
        ([3, 1, 2], 0.5, 2),
        ([1, 2, 3, 4], 0.5, 2.5),
        (range(101), 0.95, 95),
        ([1, 9], 1, 9),
        ([1, 9], 0, 1),
    ],
)
def test_percentile(values: list[float], share: float, value: float) -> None:
    """Percentile."""
    assert percentile(values, share) == pytest.approx(value)


def test_percentile_of_nothing_and_of_more_than_all() -> None:
    """Percentile of nothing and of more than all."""
    with pytest.raises(ValueError):
        percentile([], 0.5)
    with pytest.raises(ValueError):
        percentile([1], 95)


def test_numbers_are_written_in_german() -> None:
    """Numbers are written in german."""
    assert german(1234.56, 1) == "1.234,6"
    assert german(None) == "–"
    assert percent(1, 8) == "12,5 % (1 von 8)"
    assert percent(0, 0) == "–"
    assert ratio(30, 60) == "0,50"
    assert ratio(1, 50) == "0,020"
    assert ratio(1, 0) == ratio(None, 1) == "–"


def test_right_replies_are_counted_for_each_kind() -> None:
    """Right replies are counted for each kind."""
    turn = Turn(say="?", kind="fact")
    results = [Result("A001", 1, turn, "x", 0.1, faults, "a") for faults in ((), ("no reply",))]
    half = Share(right=1, total=2)
    assert measure.answers(results) == Shares(all=half, by_kind={"fact": half}, by_file={"a": half})


def test_questions_are_read_and_sampled(tmp_path: Path) -> None:
    """Questions are read and sampled, and those without a conversation before them are known."""
    text = """
    - {id: A001, turns: [{say: "leeds?", kind: fact}]}
    - {id: A002, turns: [{say: "hallo", kind: smalltalk}, {say: "und?", kind: fact}]}
    """
    (tmp_path / "a.yml").write_text(text, encoding="utf-8")
    (tmp_path / "floors.yml").write_text("fact: 0.9", encoding="utf-8")
    questions = read_questions(tmp_path)
    assert {file: [case.id for case in cases] for file, cases in questions.items()} == {"a": ["A001", "A002"]}
    assert [(file, turn.say) for file, turn in measure.single_turns(questions)] == [("a", "leeds?")]
    cases = questions["a"]
    assert measure.sample({"a": cases * 25, "b": cases * 25}, 10) == {"a": [cases[0]] * 5, "b": [cases[0]] * 5}


def test_no_questions_are_a_problem(tmp_path: Path) -> None:
    """No questions are a problem."""
    with pytest.raises(Problem, match="--questions"):
        read_questions(tmp_path)


def test_stock_configuration_is_that_of_rasa() -> None:
    """Stock configuration is that of rasa."""
    config = stock_config()
    assert [entry["name"] for entry in config["pipeline"]] == [
        "WhitespaceTokenizer",
        "RegexFeaturizer",
        "LexicalSyntacticFeaturizer",
        "CountVectorsFeaturizer",
        "CountVectorsFeaturizer",
        "DIETClassifier",
        "EntitySynonymMapper",
        "FallbackClassifier",
    ]
    assert [entry["name"] for entry in config["policies"]] == ["MemoizationPolicy", "RulePolicy", "TEDPolicy"]
    assert config == yaml.safe_load((STOCK / "config.yml").read_text(encoding="utf-8"))


def test_a_short_run_changes_nothing_but_the_epochs() -> None:
    """A short run changes nothing but the epochs."""
    whole, short = stock_config(), stock_config(2)
    changed = [entry["name"] for part in ("pipeline", "policies") for entry in short[part] if entry.get("epochs") == 2]
    assert changed == ["DIETClassifier", "TEDPolicy"]
    for entry in [*whole["pipeline"], *whole["policies"], *short["pipeline"], *short["policies"]]:
        entry.pop("epochs", None)
    assert whole == short


def test_time_of_the_real_training_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A training that the cache made short does not count; another configuration counts anew."""
    seconds = iter((1600.0, 20.0, 30.0))
    caches = []

    def trained(bench: Bench, name: str, arguments: list[str], python: Python) -> Training:
        caches.append(Path(python.environment["RASA_CACHE_DIRECTORY"]))
        return Training(seconds=next(seconds), cpu_seconds=1, peak_mb=1, load=1, date="2026-11-23")

    monkeypatch.setattr(training, "run_timed", trained)
    bench = _bench(tmp_path)
    assert [training.train_stock(bench, epochs)[1].seconds for epochs in (None, None, 1)] == [1600, 1600, 30]
    assert caches[0] == caches[1] != caches[2]
    assert not caches[0].parent.exists(), "what nobody can use any more is removed"


def test_a_model_of_the_present_data_is_used_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The part under load trains the stock model only when there is none of these data and this configuration."""
    trained = []

    def train(bench: Bench, name: str, *_: object) -> Training:
        trained.append(name)
        (bench.folder / "stock.tar.gz").write_bytes(b"model")
        return Training(seconds=1, cpu_seconds=1, peak_mb=1, load=1, date="2026-11-30")

    monkeypatch.setattr(training, "run_timed", train)
    bench = _bench(tmp_path)
    for epochs in (None, None, 1):
        assert training.stock_model(bench, epochs) == tmp_path / "stock.tar.gz"
    assert trained == ["stock-train"] * 2


def test_stock_rasa_runs_without_a_line_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Our changes to Rasa and our defaults are in every other process of the environment, but not in that one."""
    monkeypatch.setenv("PARTNERSTADT_ACTIONS", "in-process")
    bench = _bench(tmp_path)
    program = (
        "import sys, os, rasa_sdk; print('partnerstadt.rasa_ext' in sys.modules, os.environ.get('OMP_NUM_THREADS'))"
    )
    printed = []
    for python in (bench.stock(), bench.ours()):
        command = [sys.executable, *python.options, "-c", program]
        done = subprocess.run(command, env=dict(python.environment), capture_output=True, text=True, check=True)
        printed.append(done.stdout.split())
    assert printed == [["False", "None"], ["True", "1"]]
    stock = bench.stock().environment
    assert {name for name in stock if name.startswith("PARTNERSTADT_")} == {"PARTNERSTADT_RECORDS"}
    assert stock["SANIC_HOST"] == "127.0.0.1", "its action server would be open to others"
    assert stock["RASA_TELEMETRY_ENABLED"] == "false"


def test_stock_rasa_asks_a_server_for_actions() -> None:
    """Its endpoints name nothing but that server: conversations stay in memory, as Rasa has it."""
    endpoints = yaml.safe_load((STOCK / "endpoints.yml").read_text(encoding="utf-8"))
    assert endpoints == {"action_endpoint": {"url": f"${{{STOCK_ACTIONS_URL}}}"}}
    assert yaml.safe_load((STOCK / "credentials.yml").read_text(encoding="utf-8")) == {"rest": None}


def test_ours_runs_without_tensorflow_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """So that both starts can be measured."""
    monkeypatch.setenv(WITHOUT_TENSORFLOW, "1")
    bench = _bench(tmp_path)
    assert WITHOUT_TENSORFLOW not in bench.ours(tensorflow=True).environment
    assert bench.ours().environment[WITHOUT_TENSORFLOW] == "1"


def test_ports_follow_each_other() -> None:
    """Several bots listen in a row."""
    first = row_of_ports(3)
    with contextlib.ExitStack() as stack:
        for port in range(first, first + 3):
            stack.enter_context(socket.socket()).bind(("127.0.0.1", port))


def test_held_out_examples_bear_real_names(tmp_path: Path) -> None:
    """Held out examples bear real names."""
    names = {"city": itertools.cycle(["Leeds", "Amiens"]), "country": itertools.cycle(["Ghana"])}
    text = "[Seeburg](city) oder [Talstadt](city), [Utopia](country), [phantasischen](country), [EU](continent)?"
    assert held_out.with_names(text, names) == "Leeds oder Amiens, Ghana, französischen, EU?"


def test_every_fifth_example_is_held_out(tmp_path: Path) -> None:
    """Every fifth example is held out."""
    from partnerstadt.records.store import RecordStore

    records = RecordStore(PROJECT / "records" / "dortmund").get()
    source, kept = PROJECT / "data" / "nlu.yml", tmp_path / "nlu.yml"
    examples = held_out.split(source, kept, records)
    counts = [
        sum(len(entry["examples"].splitlines()) for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"])
        for path in (source, kept)
    ]
    assert counts[0] == counts[1] + len(examples)
    assert 0.15 < len(examples) / counts[0] <= 0.2
    assert not [text for text, _ in examples if "](" in text]


def test_accuracy_counts_the_intent() -> None:
    """Accuracy counts the intent."""
    parsed = [{"intent": {"name": "greet"}}, {"intent": {"name": None}}]
    assert held_out.accuracy([("hallo", "greet"), ("tschüss", "goodbye")], parsed) == Share(right=1, total=2)


def test_a_timed_process_tells_what_it_used(tmp_path: Path) -> None:
    """A timed process tells what it used."""
    bench = _bench(tmp_path)
    used = run_timed(bench, "site", ["timeit", "-n", "1", "-r", "1", "sum(range(3_000_000))"], Python(dict(os.environ)))
    assert used.seconds > 0
    assert used.cpu_seconds > 0
    assert used.peak_mb > 1


def test_a_failed_process_is_a_problem_that_names_its_log(tmp_path: Path) -> None:
    """A failed process is a problem that names its log."""
    with pytest.raises(Problem, match=r"nothing\.log"):
        run_timed(_bench(tmp_path), "nothing", ["no_such_module"], Python(dict(os.environ)))


def test_a_server_is_stopped_whatever_happens(tmp_path: Path) -> None:
    """A server is stopped whatever happens."""
    (port,) = free_ports(1)
    arguments = ["http.server", "--bind", "127.0.0.1", "--directory", str(tmp_path), str(port)]
    client = Client(port)
    with (
        pytest.raises(KeyboardInterrupt),
        server(_bench(tmp_path), "files", arguments, Python(dict(os.environ))) as running,
    ):
        assert running.wait_until(lambda: client.get("/")) > 0
        assert running.memory_mb > 1
        assert running.cpu_seconds >= 0
        raise KeyboardInterrupt
    client.close()
    assert not client.get("/")


def test_a_server_that_ends_is_a_problem(tmp_path: Path) -> None:
    """A server that ends is a problem."""
    with (
        server(_bench(tmp_path), "nothing", ["no_such_module"], Python(dict(os.environ))) as running,
        pytest.raises(Problem, match=r"nothing\.log"),
    ):
        running.wait_until(lambda: False)


def test_page_shows_figures_ratios_and_picture() -> None:
    """Page shows figures ratios and picture."""
    page = markdown(_results(), "bilder/leistung.png")
    assert "| Training, Dauer | 40 s | 1.600 s | 0,025 |" in page
    assert "| Sachfrage, p50 | 20,0 ms | 50,0 ms | 0,40 |" in page
    assert "| Angaben zu Partnerstädten | 90,0 % (9 von 10) | 60,0 % (6 von 10) | 1,50 |" in page
    assert "| **alle** | **90,0 % (9 von 10)** | **10,0 % (1 von 10)** | **50,0 % (5 von 10)** | **1,80** |" in page
    assert "| Training unter 60 s | 40 s | erreicht |" in page
    assert f"![{alternative_text(_results())}](bilder/leistung.png)" in page
    assert "| `unseen` | 90,0 % (9 von 10) | 60,0 % (6 von 10) | 1,50 |" in page
    assert "Stand: 23.11.2026" in page
    assert "2 Kerne" in page


def test_page_says_when_a_goal_is_missed() -> None:
    """Page says when a goal is missed."""
    results = _results()
    results.ours.training.seconds = 61
    results.ours.fact.p50 = 25.04
    page = markdown(results, "x.png")
    assert "| Training unter 60 s | 61 s | nicht erreicht |" in page
    assert "| 25,0 ms | nicht erreicht |" in page


def test_page_without_what_was_not_measured() -> None:
    """Page without what was not measured."""
    results = _results()
    results.stock_with_names = results.ours.held_out = None
    page = markdown(results, "x.png")
    assert "mit Namen" not in page
    assert "| Absicht |" not in page
    assert "| Absicht |" in markdown(_results(), "x.png")


def test_page_tells_nothing_about_this_machine_but_its_kind() -> None:
    """Page tells nothing about this machine but its kind."""
    page = markdown(_results(), "x.png")
    for secret in (os.uname().nodename, str(PROJECT), sys.prefix):
        assert secret not in page


def test_all_tables_are_rectangular() -> None:
    """All tables are rectangular."""
    for block in markdown(_results(), "x.png").split("\n\n"):
        if block.startswith("|"):
            assert len({line.count("|") for line in block.splitlines()}) == 1


def test_results_survive_being_written() -> None:
    """Results survive being written."""
    assert Results.parse_raw(_results().json()) == _results()


def test_picture_is_drawn(tmp_path: Path) -> None:
    """Picture is drawn."""
    path = tmp_path / "bilder" / "leistung.png"
    draw(_results(), path)
    assert path.read_bytes().startswith(b"\x89PNG")


def _bench(folder: Path) -> Bench:
    return Bench(replace(Settings.from_environment({}), project=PROJECT), folder)


def _shares(right: int) -> Shares:
    share = Share(right=right, total=10)
    return Shares(all=share.copy(), by_kind={"fact": share.copy()}, by_file={"unseen": share.copy()})


def _model(factor: float, families: int, answers: int, held_out: int) -> Model:
    return Model(
        training=Training(seconds=40, cpu_seconds=30, peak_mb=500, load=2.5, date="2026-11-20"),
        model_mb=3,
        first_answer_seconds=9,
        idle_mb=300,
        used_mb=310,
        fact=Latency(p50=20 * factor, p95=30, count=100),
        smalltalk=Latency(p50=15, p95=22, count=100),
        cpu_ms=12,
        families=_shares(families),
        answers=_shares(answers),
        held_out=Share(right=held_out, total=100),
    )


def _results() -> Results:
    stock = _model(2.5, 6, 1, 70)
    stock.training.seconds = 1600
    return Results(
        date="2026-11-23",
        quick=False,
        epochs=100,
        examples=4000,
        intents=43,
        single_turns=10,
        turns=20,
        machine=Machine(cores=2, memory_gb=24, architecture="x86_64", python="3.10.0", load_before=0.1, load_after=1.2),
        ours=_model(1, 9, 9, 90),
        stock=stock,
        stock_with_names=_shares(5),
        action=Action(call=Latency(p50=3, p95=5, count=100), check_stock=55, check_ours=0.2, server_mb=80),
    )
