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


def _deploy(settings: Settings, arguments: argparse.Namespace) -> int:
    from partnerstadt.operations.deploy import QUESTIONS, Place, check, deploy

    questions = arguments.questions or settings.project / QUESTIONS
    if arguments.check:
        check(settings, arguments.model, arguments.against, questions, _say)
    elif arguments.against:
        raise Problem("--against goes with --check: a model takes over from the one in use.")
    else:
        deploy(Place.of(settings), arguments.model, questions, _say)
    return 0


def _rollback(settings: Settings, _: argparse.Namespace) -> int:
    from partnerstadt.operations.deploy import Place, roll_back

    roll_back(Place.of(settings), _say)
    return 0


def _backup(settings: Settings, arguments: argparse.Namespace) -> int:
    from partnerstadt.operations.backup import back_up

    print(f"{arguments.file}: {_number(len(back_up(settings, arguments.file).files), 'file')}")
    return 0


def _restore(settings: Settings, arguments: argparse.Namespace) -> int:
    from partnerstadt.operations.backup import read, restore
    from partnerstadt.run import check_ports

    check_ports(settings)  # nothing may write meanwhile
    made = read(arguments.file).made
    before = restore(settings, arguments.file)
    print(f"restored as of {made}; what was there before lies in {before}, delete it when all is well")
    return 0


def _person(settings: Settings, arguments: argparse.Namespace) -> int:
    import json

    from partnerstadt.operations.person import Files

    files = Files(settings)
    id = files.conversation(arguments.conversation)
    if arguments.what == "export":
        print(json.dumps(files.export(id, _warn), ensure_ascii=False, indent=2))
    else:
        files.delete(id, _warn)
        print("deleted")
    return 0


def _upgrade(settings: Settings, arguments: argparse.Namespace) -> int:
    from partnerstadt.operations.upgrade import upgrade

    upgrade(settings, arguments.backup, _say)
    return 0


def _warn(line: str) -> None:
    print(f"partnerstadt: {line}", file=sys.stderr)


def _say(line: str) -> None:
    print(line, flush=True)


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
    deploying = add("deploy", _deploy, "put a new model in use while the bot runs; refused if it answers worse")
    deploying.add_argument("model", nargs="?", type=Path, help="its file (default: trained from the present data)")
    deploying.add_argument("--against", type=Path, help="file of the model to compare with (default: the one in use)")
    deploying.add_argument("--check", action="store_true", help="only compare")
    deploying.add_argument("--questions", type=Path, help="folder of questions (default: tests/questions)")
    backup = add("backup", _backup, "write all that cannot be made again into one file, while everything runs")
    backup.add_argument("file", type=Path)
    restoring = add("restore", _restore, "put everything back as a backup has it; nothing may run meanwhile")
    restoring.add_argument("file", type=Path)
    person = add("person", _person, "what is kept of a conversation, for the citizen who asks; or delete it everywhere")
    person.add_argument("what", choices=["export", "delete"])
    person.add_argument("conversation", help="its id, or the token of the citizen's browser")
    upgrading = add("upgrade", _upgrade, "after installing a new version, before its start: check, back up, migrate")
    upgrading.add_argument("--backup", type=Path, help="file for what was there before")
    add("rollback", _rollback, "put the model before in use again")
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
