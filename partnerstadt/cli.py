"""The command `partnerstadt`: each subcommand lives in a module of its own, loaded when it is called."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from partnerstadt.settings import Problem, Settings
from partnerstadt.staff.roles import Role


def _run(settings: Settings, arguments: argparse.Namespace) -> int:
    from partnerstadt.run import PARTS, run

    return run(settings, arguments.only or PARTS)


def _train(settings: Settings, _: argparse.Namespace) -> int:
    from partnerstadt.model import ensure_model

    print(ensure_model(settings))
    return 0


def _seal(_: Settings, arguments: argparse.Namespace) -> int:
    from partnerstadt import seal

    if not arguments.model.is_file():
        raise Problem(f"there is no file {arguments.model}.")
    seal.write(arguments.model)
    print(seal.seal_of(arguments.model))
    return 0


def _check(settings: Settings, arguments: argparse.Namespace) -> int:
    from partnerstadt.records.check import findings_in

    folder = arguments.folder or settings.records
    findings = findings_in(folder)
    for finding in findings:
        print(finding)
    warnings = sum(finding.warning for finding in findings)  # an overdue review, say: it keeps nothing from starting
    errors = len(findings) - warnings
    ending = f", {_number(warnings, 'warning')}" if warnings else ""
    print(f"{folder}: {_number(errors, 'error')}{ending}")
    return 1 if errors else 0


def _number(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"


def _ask(settings: Settings, arguments: argparse.Namespace) -> int:
    from partnerstadt.ask import ask

    return ask(settings, " ".join(arguments.question))


def _report(settings: Settings, _: argparse.Namespace) -> int:
    from partnerstadt.report import report

    return report(settings)


def _forget(settings: Settings, _: argparse.Namespace) -> int:
    from partnerstadt.front.retention import forget

    deleted = forget(settings)
    print(f"{_number(deleted, 'message')} deleted")
    return 0


def _add_account(settings: Settings, arguments: argparse.Namespace) -> int:
    import getpass

    from partnerstadt.staff.__main__ import open_accounts
    from partnerstadt.staff.accounts import Unfit

    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise Problem("the two passwords differ.")
    try:
        open_accounts(settings).add(arguments.name, password, Role(arguments.role), by=COMMAND_LINE)
    except Unfit as unfit:
        raise Problem(str(unfit)) from None
    print(f"account '{arguments.name}' added")
    return 0


def _lock_account(settings: Settings, arguments: argparse.Namespace) -> int:
    from partnerstadt.staff.__main__ import open_accounts
    from partnerstadt.staff.accounts import Unfit

    try:
        open_accounts(settings).lock(arguments.name, by=COMMAND_LINE)
    except Unfit as unfit:
        raise Problem(str(unfit)) from None
    print(f"account '{arguments.name}' locked, its sessions ended")
    return 0


COMMAND_LINE = "command line"  # who has done it, in the trail


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="partnerstadt", description="A bot about a city's partnerships.")
    commands = parser.add_subparsers(metavar="command", required=True)

    def add(
        name: str, function: Callable[[Settings, argparse.Namespace], int], help_text: str
    ) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=help_text, description=help_text)
        command.set_defaults(function=function)
        return command

    running = add("run", _run, "train if needed and start everything; Ctrl-C stops it")
    running.add_argument(
        "--only", action="append", choices=["bot", "front", "staff"], help="only this part, again for another"
    )
    add("train", _train, "train a model if data, configuration or code changed, and print its path")
    sealing = add("seal", _seal, "trust a model that was built elsewhere: loading it runs code")
    sealing.add_argument("model", type=Path)
    check = add("check", _check, "list every error of every record file")
    check.add_argument("folder", nargs="?", type=Path, help="folder of one city (default: PARTNERSTADT_RECORDS)")
    ask = add("ask", _ask, "answer one question and show every station on the way")
    ask.add_argument("question", nargs="+")
    add("forget", _forget, "delete what people wrote too long ago; the front desk does it by itself")
    add("report", _report, "measure the quality of the answers and write docs/qualitaet.md")
    staff = commands.add_parser("staff", help="accounts of the staff desk").add_subparsers(
        metavar="what", required=True
    )
    account = staff.add_parser("add-account", help="add an account; asks for its password")
    account.add_argument("name")
    account.add_argument("--role", choices=[role.value for role in Role], required=True)
    account.set_defaults(function=_add_account)
    locked = staff.add_parser("lock-account", help="lock an account and end its sessions")
    locked.add_argument("name")
    locked.set_defaults(function=_lock_account)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand; problems that a person can solve become one sentence and exit code 1."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.function(Settings.from_environment(), arguments))
    except Problem as problem:
        print(f"partnerstadt: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader went away, as in `partnerstadt check | head -1`
        sys.stderr.close()
        return 1


if __name__ == "__main__":
    sys.exit(main())
