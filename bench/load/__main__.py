"""`python -m bench.load`: measures under load, in about twelve minutes, and writes its part of docs/leistung.md."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace

from bench.load import record
from bench.load.run import MESSAGES, QUICK, Scale
from bench.processes import prepare
from partnerstadt.quality.questions import QuestionsError
from partnerstadt.settings import Problem


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and write; a problem that a person can solve becomes one sentence and exit code 1."""
    for number in (signal.SIGTERM, signal.SIGHUP):  # so that servers are stopped as on Ctrl-C
        signal.signal(number, signal.default_int_handler)
    arguments = _parser().parse_args(argv)
    try:
        bench = prepare(arguments.quick)
        if not arguments.render:
            whole = replace(Scale(), epochs=arguments.epochs, messages=arguments.messages)
            record.measure(bench, QUICK if arguments.quick else whole)
        if not record.write(bench):
            raise Problem("there are no results yet; start without --render.")
    except (Problem, QuestionsError) as problem:
        print(f"bench.load: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a short run that changes no page (about four minutes)")
    parser.add_argument("--epochs", type=int, help="train the stock model only so long, to try this out")
    parser.add_argument("--messages", type=int, default=MESSAGES, help=f"messages of the hour (default: {MESSAGES})")
    parser.add_argument("--render", action="store_true", help="only write the pages of the last results anew")
    return parser


if __name__ == "__main__":
    sys.exit(main())
