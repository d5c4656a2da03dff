"""`python -m bench`: measures our model and Rasa's stock pipeline in one run and writes docs/leistung.md."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from bench import held_out, measure
from bench.front import measure_front
from bench.load import record
from bench.load.run import QUICK, Scale
from bench.measure import Questions, read_questions
from bench.parse import parse
from bench.plot import draw
from bench.processes import Bench, Client, machine, prepare, stock_actions
from bench.report import markdown
from bench.results import Action, Model, Results, Share, Training
from bench.training import (
    stock_config,
    train_nlu,
    train_ours,
    train_stock,
    train_stock_with_names,
    write_config,
)
from partnerstadt.quality.questions import QuestionsError
from partnerstadt.records.models import Records
from partnerstadt.records.store import RecordStore
from partnerstadt.settings import Problem

QUICK_EPOCHS = 1
QUICK_CASES = 60
REPEATS, QUICK_REPEATS = 100, 10


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and write; a problem that a person can solve becomes one sentence and exit code 1."""
    for number in (signal.SIGTERM, signal.SIGHUP):  # so that servers are stopped as on Ctrl-C
        signal.signal(number, signal.default_int_handler)
    arguments = _parser().parse_args(argv)
    try:
        # A short run must not replace the figures of a whole one, nor what that one can use again.
        run(prepare(arguments.quick), arguments)
    except (Problem, QuestionsError) as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def run(bench: Bench, arguments: argparse.Namespace) -> None:
    """One run, or only the page of the last one anew. What took an hour is written before the part under load."""
    project, latest = bench.settings.project, bench.folder / "latest.json"
    if arguments.front:
        front = measure_front(bench, measure.facts(RecordStore(bench.settings.records).get()), REPEATS)
        _say(f"the front desk adds {front.added:.1f} ms to Rasa's {front.rasa.p50:.1f} ms in the median")
        if not latest.exists():
            return
        results = Results.parse_file(latest).copy(update={"front": front})
        latest.write_text(results.json(indent=1), encoding="utf-8")
    elif arguments.render:
        if not latest.exists():
            raise Problem("there are no results yet; start without --render.")
        results = Results.parse_file(latest)
    else:
        questions = read_questions(arguments.questions or project / "tests" / "questions")
        results = measure_all(bench, questions, arguments.quick, arguments.held_out)
        latest.write_text(results.json(indent=1), encoding="utf-8")
    docs = bench.folder if arguments.quick else project / "docs"
    docs.mkdir(exist_ok=True)
    draw(results, docs / "bilder" / "leistung.png")
    page = docs / "leistung.md"
    page.write_text(markdown(results, "bilder/leistung.png", record.section_of(bench.folder)), encoding="utf-8")
    _say(f"results in {latest} and {page}")
    if not (arguments.front or arguments.render):
        record.measure(bench, QUICK if arguments.quick else Scale())
    record.write(bench)


def measure_all(bench: Bench, questions: Questions, quick: bool, with_held_out: bool) -> Results:
    """Train both, then measure one after the other: ours, then Rasa as it comes beside its action server."""
    load_before = os.getloadavg()[1]
    records = RecordStore(bench.settings.records).get()
    questions = measure.sample(questions, QUICK_CASES) if quick else questions
    epochs = QUICK_EPOCHS if quick else None
    repeats = QUICK_REPEATS if quick else REPEATS
    _say("training our model")
    ours = train_ours(bench)
    _say("training the stock pipeline; without a kept training this takes an hour or more")
    stock = train_stock(bench, epochs)
    ours_measured, our_check, question = _measure(bench, "ours", ours, False, questions, records, repeats)
    with stock_actions(bench) as actions:
        client = Client(bench.settings.actions_port)
        actions.wait_until(lambda: client.get("/health"))
        client.close()
        stock_measured, stock_check, _ = _measure(bench, "stock", stock, True, questions, records, repeats)
        call = measure.action_calls(bench, question, repeats)
        action = Action(call=call, check_stock=stock_check, check_ours=our_check, server_mb=actions.memory_mb)
        with_names = None
        if not quick:
            _say("the stock pipeline with our names")
            model = train_stock_with_names(bench, epochs)
            served = measure.serve(bench, "stock-with-names", model, True, questions, measure.facts(records), 1)
            with_names = served.answers
    _say("the front desk")
    front = measure_front(bench, measure.facts(records), repeats)
    if with_held_out:
        ours_measured.held_out = _held_out(bench, "ours", records, epochs)
        stock_measured.held_out = _held_out(bench, "stock", records, epochs)
    return Results(
        date=dt.date.today().isoformat(),
        quick=quick,
        epochs=next(e["epochs"] for e in stock_config(epochs)["pipeline"] if "epochs" in e),
        **_training_data(bench),
        single_turns=len(measure.single_turns(questions)),
        turns=sum(len(case.turns) for cases in questions.values() for case in cases),
        machine=machine(load_before),
        ours=ours_measured,
        stock=stock_measured,
        stock_with_names=with_names,
        action=action,
        front=front,
    )


def _measure(
    bench: Bench,
    name: str,
    trained: tuple[Path, Training],
    is_stock: bool,
    questions: Questions,
    records: Records,
    repeats: int,
) -> tuple[Model, float, dict[str, Any]]:
    """A model's figures, its Rasa's check of an action's reply in milliseconds, and a question as it understands it."""
    _say(f"measuring {name}")
    path, training = trained
    turns, facts = measure.single_turns(questions), measure.facts(records)
    understood = parse(bench, name, path, [turn.say for _, turn in turns] + facts[:1], is_stock)
    *found, question = understood["parsed"]
    served = measure.serve(bench, name, path, is_stock, questions, facts, repeats)
    model = Model(
        training=training,
        model_mb=path.stat().st_size / 1e6,
        first_answer_seconds=served.first_answer_seconds,
        idle_mb=served.idle_mb,
        used_mb=served.used_mb,
        fact=served.fact,
        smalltalk=served.smalltalk,
        cpu_ms=served.cpu_ms,
        families=measure.families(turns, found),
        answers=served.answers,
    )
    return model, understood["check"], question


def _held_out(bench: Bench, name: str, records: Records, epochs: int | None) -> Share:
    _say(f"held-out examples: {name}")
    data = bench.folder / "held-out-nlu.yml"
    examples = held_out.split(bench.settings.project / "data" / "nlu.yml", data, records)
    stock = name == "stock"
    config = bench.settings.project / "config.yml"
    if stock:
        config = write_config(bench, "held-out-stock", stock_config(epochs))
    model = train_nlu(bench, f"held-out-{name}", config, data, stock)
    understood = parse(bench, f"held-out-{name}", model, [text for text, _ in examples], stock)
    return held_out.accuracy(examples, understood["parsed"])


def _training_data(bench: Bench) -> dict[str, int]:
    raw = yaml.safe_load((bench.settings.project / "data" / "nlu.yml").read_text(encoding="utf-8"))
    examples = [entry["examples"].splitlines() for entry in raw["nlu"] if "intent" in entry]
    return {"examples": sum(map(len, examples)), "intents": len(examples)}


def _say(what: str) -> None:
    print(f"bench, {dt.datetime.now():%H:%M:%S}: {what}", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a short run of one epoch and few questions")
    parser.add_argument("--questions", type=Path, help="folder of questions (default: tests/questions)")
    parser.add_argument(
        "--held-out", action="store_true", help="also train without every fifth example and test with those (long)"
    )
    parser.add_argument("--front", action="store_true", help="only measure the front desk beside Rasa (a minute)")
    parser.add_argument("--render", action="store_true", help="only write the page of the last results anew")
    return parser


if __name__ == "__main__":
    sys.exit(main())
