"""Editing the records: list, form, preview, history."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from partnerstadt.staff.changes import Change, Overtaken, Unfit
from partnerstadt.staff.editor import Draft, Editor, Fault, Faulty, Outdated, Record, Sent, difference
from partnerstadt.staff.kinds import KINDS, SOURCE, Kind
from partnerstadt.staff.texts import texts
from partnerstadt.staff.web import CLERKS, EDITORS, Page, desk_of, field, message, render, session_of
from partnerstadt.staff.yaml_files import Broken

LIST = "/angaben"
HISTORY = f"{LIST}/verlauf"

Result = TypeVar("Result")


def editor_of(request: Request) -> Editor:
    """The editor of the desk that answers."""
    desk = desk_of(request)
    return Editor(desk.changes, desk.records, desk.clock, texts()["records"]["faults"])


async def list_records(request: Request) -> Response:
    """All records; first what is overdue or missing."""
    editor, words = editor_of(request), texts()["records"]
    try:
        tasks = await run_in_threadpool(editor.tasks)
        groups = await run_in_threadpool(lambda: [(kind, editor.records(kind)) for kind in KINDS.values()])
    except (Broken, Unfit):
        return await _broken(request)
    return render(
        request, "records.html", words["nav"], tasks=tasks, groups=groups, may=_may(request), told=_told(request)
    )


async def show_record(request: Request) -> Response:
    """One record: a form for those who may change it."""
    kind = KINDS.get(request.path_params["kind"])
    id = request.path_params.get("id", "")
    if kind is None or not (id or kind.adds):
        return message(request, 404, "not_found")
    editor = editor_of(request)
    try:
        record = await run_in_threadpool(editor.record, kind, id) if id else editor.empty(kind)
    except (Broken, Unfit):
        return await _broken(request)
    if record is None:
        return message(request, 404, "not_found")
    return await _form(request, editor, record, told=_told(request))


async def change_record(request: Request) -> Response:
    """Check, keep or remove what the form holds; only what was checked is asked to be kept."""
    kind = KINDS.get(request.path_params["kind"])
    id = request.path_params.get("id", "")
    if kind is None or not (id or kind.adds):
        return message(request, 404, "not_found")
    form = await request.form()
    editor, account, step = editor_of(request), session_of(request).account, field(form, "step")
    sent = _sent(kind, form)
    shown = Record(kind, id, sent.values.get(kind.title, ""), sent.values, "", sent.mark, False)
    if step == "edit":
        return await _form(request, editor, shown, sent=sent)
    try:
        if step == "save":
            id = await run_in_threadpool(editor.save, kind, id, sent, account)
            return RedirectResponse(f"{LIST}/{kind.path}/{id}?erledigt=saved", 303)
        if step == "removed":
            await run_in_threadpool(editor.remove, kind, id, sent.mark, account)
            return RedirectResponse(f"{LIST}?erledigt=removed", 303)
        if step == "remove":
            draft = await run_in_threadpool(editor.removal, kind, id, sent.mark)
            return await _preview(request, shown, sent, draft, removes=True)
        draft = await run_in_threadpool(editor.draft, kind, id, sent)
        return await _preview(request, shown, sent, draft)
    except Faulty as faulty:
        return await _form(request, editor, shown, sent=sent, faults=faulty.faults)
    except Outdated as outdated:
        return await _outdated(request, editor, shown, sent, outdated.now)
    except Overtaken:
        return await _form(request, editor, shown, sent=sent, faults=[Fault("", texts()["records"]["busy"])])
    except (Broken, Unfit):
        return await _broken(request)


async def show_history(request: Request) -> Response:
    """All changes of all files."""
    return await _history(request, told=_told(request))


async def undo_change(request: Request) -> Response:
    """Take one change back."""
    desk, words = desk_of(request), texts()["records"]
    try:
        await run_in_threadpool(desk.changes.undo, request.path_params["number"], session_of(request).account)
    except LookupError:
        return message(request, 404, "not_found")
    except Overtaken:
        return await _history(request, error=words["undo_overtaken"])
    except Unfit as unfit:
        return await _history(request, error=words["undo_unfit"], findings=[str(f) for f in unfit.findings])
    return RedirectResponse(f"{HISTORY}?erledigt=undone", 303)


async def _form(request: Request, editor: Editor, record: Record, sent: Sent | None = None, **values: Any) -> Response:
    words, kind = texts()["records"], record.kind
    files = desk_of(request).changes
    present: Record | None = values.get("present")
    history: list[Change] = await run_in_threadpool(files.history, kind.file, record.id) if record.id else []
    faults = values.get("faults", ())
    heading = record.title if record.id else words["new"][kind.name]
    return render(
        request,
        "record.html",
        f"{words['fault']}: {heading}" if faults else heading,
        record=record,
        sent=sent or Sent({}, record.mark),
        wrong=defaultdict(str, _first_each(faults)),
        differs=_differs(record, present),
        choices=await run_in_threadpool(editor.choices, kind),
        sources=await run_in_threadpool(editor.records, SOURCE),
        new_source=[f for f in SOURCE.fields if f.name in ("title", "url", "taken_over_on")],
        today=desk_of(request).clock().date().isoformat(),
        may=_may(request),
        history=_with_lines(history),
        **values,
    )


async def _preview(request: Request, record: Record, sent: Sent, draft: Draft, removes: bool = False) -> Response:
    heading = texts()["records"]["remove_heading" if removes else "preview_heading"].format(title=record.title)
    values: dict[str, Any] = {"record": record, "sent": sent, "draft": draft, "removes": removes}
    answers = await run_in_threadpool(editor_of(request).answers, record.kind, draft)
    return render(request, "record_preview.html", heading, answers=answers, **values)


async def _outdated(request: Request, editor: Editor, shown: Record, sent: Sent, now: Record | None) -> Response:
    """What was typed beside what somebody else has saved meanwhile; the next attempt counts against that."""
    words = texts()["records"]
    if now is None:
        return await _form(request, editor, shown, sent=sent, faults=[Fault("", words["gone"])])
    record = Record(shown.kind, shown.id, shown.title, shown.values, now.source, now.mark, False)
    sent = Sent(sent.values, now.mark, sent.source, sent.new_source)
    return await _form(request, editor, record, sent=sent, faults=[Fault("", words["outdated"])], present=now)


async def _history(request: Request, **values: Any) -> Response:
    history = await run_in_threadpool(desk_of(request).changes.history)
    heading = texts()["records"]["history"]
    return render(request, "record_history.html", heading, history=_with_lines(history), may=_may(request), **values)


async def _broken(request: Request) -> Response:
    """A file cannot be read; its history may help."""
    return await _history(request, error=texts()["records"]["broken"])


def _sent(kind: Kind, form: FormData) -> Sent:
    values = {each.name: field(form, each.name) for each in kind.fields}
    new = {each.name: field(form, f"new_source.{each.name}") for each in SOURCE.fields}
    return Sent(values, field(form, "mark"), field(form, "source"), new)


def _first_each(faults: Any) -> dict[str, str]:
    """The message at each field."""
    found: dict[str, str] = {}
    for fault in faults:
        found.setdefault(fault.field, fault.message)
    return found


def _differs(record: Record, present: Record | None) -> dict[str, str]:
    """What somebody else has saved where something else was typed."""
    if present is None:
        return {}
    typed = {name: value.replace("\r\n", "\n").strip() for name, value in record.values.items()}
    return {name: value for name, value in present.values.items() if value != typed.get(name, "")}


def _with_lines(history: list[Change]) -> list[tuple[Change, list[tuple[str, str]]]]:
    return [(change, difference(change.before, change.after)) for change in history]


def _may(request: Request) -> bool:
    return session_of(request).role in EDITORS


def _told(request: Request) -> str:
    return str(texts()["records"]["done"].get(request.query_params.get("erledigt", ""), ""))


PAGES = (
    Page(LIST, "GET", list_records, CLERKS, "records"),
    Page(HISTORY, "GET", show_history, CLERKS),
    Page(HISTORY + "/{number:int}", "POST", undo_change, EDITORS),
    Page(LIST + "/{kind}", "GET", show_record, EDITORS),
    Page(LIST + "/{kind}", "POST", change_record, EDITORS),
    Page(LIST + "/{kind}/{id}", "GET", show_record, CLERKS),
    Page(LIST + "/{kind}/{id}", "POST", change_record, EDITORS),
)
