"""Curated answers: list, form, check before they go live, history, files to keep."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from partnerstadt.front.bot import Refused, Unavailable
from partnerstadt.records.load import ANSWERS
from partnerstadt.staff import answers
from partnerstadt.staff.answers import FIELDS, Answers, Caught, Draft
from partnerstadt.staff.changes import Overtaken, Unfit
from partnerstadt.staff.csv_export import csv_response
from partnerstadt.staff.desk import Desk
from partnerstadt.staff.texts import texts
from partnerstadt.staff.web import CLERKS, EDITORS, Page, desk_of, field, message, render, session_of

LIST = "/antworten"
YEAR = dt.timedelta(days=365)
MOST_QUESTIONS = 20
DONE = ("saved", "deleted", "undone")


def answers_of(desk: Desk) -> Answers:
    """The answers of the desk's city."""
    return Answers(desk.changes, desk.engine)


async def list_answers(request: Request) -> Response:
    """All answers with their state."""
    return await _list(request)


async def _list(request: Request, error: str = "") -> Response:
    desk, words = desk_of(request), texts()["answers"]
    store, today = answers_of(desk), desk.clock().date()
    try:
        records, version = await run_in_threadpool(store.read)
    except Unfit as unfit:
        return render(request, "answers.html", words["nav"], 500, error=words["broken"], findings=unfit.findings)
    listed = [(answer, answers.state_of(answer, today)) for answer in records.answers]
    done = request.query_params.get("erledigt", "")
    return render(
        request,
        "answers.html",
        words["nav"],
        200 if not error else 409,
        findings=(),
        listed=listed,
        mark=version.mark,
        may=_may(request),
        history=await run_in_threadpool(store.history),
        told=words[done] if done in DONE else "",
        error=error,
        records=records,
    )


async def new_answer(request: Request) -> Response:
    """An empty form, or one that the inbox has filled with questions."""
    desk = desk_of(request)
    records, version = await run_in_threadpool(answers_of(desk).read)
    asked = [q.strip()[:500] for q in request.query_params.getlist("frage")[:MOST_QUESTIONS] if q.strip()]
    values = {"questions": "\n".join(asked), "owner": records.contact.name if records.contact else ""}
    values["review_by"] = (desk.clock().date() + YEAR).isoformat()
    return await _form(request, Draft("", values, version.mark))


async def edit_answer(request: Request) -> Response:
    """The form of one answer, with its history."""
    records, version = await run_in_threadpool(answers_of(desk_of(request)).read)
    answer = records.curated(request.path_params["id"])
    if answer is None:
        return message(request, 404, "not_found")
    return await _form(request, Draft.of(answer, version.mark))


async def change_answer(request: Request) -> Response:
    """Show the form again, check what it holds, or put it in force."""
    desk, words, form = desk_of(request), texts()["answers"], await request.form()
    values = {name: field(form, name) for name in FIELDS}
    draft = Draft(request.path_params.get("id", ""), values, field(form, "mark"))
    step, store = field(form, "step"), answers_of(desk)
    if step == "edit":
        return await _form(request, draft)
    try:
        id, records = await run_in_threadpool(store.check, draft)
        conflicts = await _tests(desk, draft)
        sure = not conflicts or not any(caught.answered for caught in conflicts) or field(form, "confirm") == "1"
        if step == "save" and sure:
            await run_in_threadpool(store.save, draft, session_of(request).account)
            return RedirectResponse(f"{LIST}?erledigt=saved", 303)
    except Unfit as unfit:
        return await _form(request, draft, 422, findings=_own(unfit))
    except Overtaken as overtaken:
        newer = Draft(draft.id, draft.values, overtaken.now.mark)
        return await _form(request, newer, 409, error=words["overtaken"])
    return render(
        request,
        "answer_check.html",
        words["check_heading"],
        200 if step != "save" else 422,
        draft=draft,
        past=await run_in_threadpool(store.past, draft),
        tests=conflicts,
        conflicts=[caught for caught in conflicts or () if caught.answered],
        similar=await run_in_threadpool(answers.similar, draft, records, id),
        error=words["confirm_missing"] if step == "save" else "",
    )


def _own(unfit: Unfit) -> list[str]:
    """What is wrong, by field where it has a name in the form."""
    names = texts()["answers"]
    found = []
    for finding in unfit.findings:
        name = finding.field.rpartition(".")[2].partition("[")[0]
        found.append(f"{names[name]}: {finding.message}" if name in FIELDS else str(finding))
    return found


async def _tests(desk: Desk, draft: Draft) -> Sequence[Caught] | None:
    """The regression questions that would get the draft as their answer; None while the bot is away."""
    near = await run_in_threadpool(answers.near_tests, draft, desk.tests)
    sender, caught = f"staff-{uuid.uuid4().hex}", []
    try:
        for text, answerable in near:
            (asked, *_) = (await desk.bot.about(sender, text)).get("questions") or [{}]
            match = answers.match_of(draft, text)
            said = str(asked.get("intent", "")), float(asked.get("confidence") or 0), str(asked.get("outcome", ""))
            if match and answers.gives_way(match, *said):
                caught.append(Caught(text, answerable and said[2] == "answered"))
    except (Unavailable, Refused):
        return None
    finally:
        with suppress(Unavailable):
            await desk.bot.forget(sender)
    return caught


async def delete_answer(request: Request) -> Response:
    """Take an answer back; its history keeps it."""
    desk, words, form = desk_of(request), texts()["answers"], await request.form()
    account = session_of(request).account
    try:
        await run_in_threadpool(answers_of(desk).delete, request.path_params["id"], field(form, "mark"), account)
    except Overtaken:
        return await _list(request, words["overtaken"])
    return RedirectResponse(f"{LIST}?erledigt=deleted", 303)


async def undo_answer(request: Request) -> Response:
    """Take one change back."""
    desk, words = desk_of(request), texts()["answers"]
    number = request.path_params["number"]
    change = await run_in_threadpool(desk.changes.change, number)
    if change is None or change.file != ANSWERS:
        return message(request, 404, "not_found")
    try:
        await run_in_threadpool(desk.changes.undo, number, session_of(request).account)
    except (Overtaken, Unfit):
        return await _list(request, words["undo_overtaken"])
    return RedirectResponse(f"{LIST}?erledigt=undone", 303)


async def export_yaml(request: Request) -> Response:
    """The file as it is."""
    version = await run_in_threadpool(desk_of(request).changes.read, ANSWERS)
    headers = {"Content-Disposition": f'attachment; filename="{ANSWERS}"'}
    return Response(version.text, headers=headers, media_type="application/yaml")


async def export_csv(request: Request) -> Response:
    """The answers as a table for German Excel."""
    desk, words = desk_of(request), texts()["answers"]
    records, _ = await run_in_threadpool(answers_of(desk).read)
    table = answers.rows(records.answers, desk.clock().date())
    return csv_response("antworten.csv", words["columns"], [[*row[:-1], words["states"][row[-1]]] for row in table])


async def _form(request: Request, draft: Draft, status: int = 200, **more: Any) -> Response:
    desk, words = desk_of(request), texts()["answers"]
    records = await run_in_threadpool(desk.records.get)
    history = await run_in_threadpool(answers_of(desk).history, draft.id) if draft.id else []
    title = draft.questions[0] if draft.questions else draft.id
    heading = words["edit"].format(title=title) if draft.id else words["new"]
    more = {"findings": (), **more}
    return render(
        request, "answer.html", heading, status, draft=draft, sources=records.city.sources, history=history, **more
    )


def _may(request: Request) -> bool:
    return session_of(request).role in EDITORS


PAGES = (
    Page(LIST, "GET", list_answers, CLERKS, "answers"),
    Page(f"{LIST}.yml", "GET", export_yaml, CLERKS),
    Page(f"{LIST}.csv", "GET", export_csv, CLERKS),
    Page(f"{LIST}/neu", "GET", new_answer, EDITORS),
    Page(f"{LIST}/neu", "POST", change_answer, EDITORS),
    Page(f"{LIST}/verlauf/{{number:int}}", "POST", undo_answer, EDITORS),
    Page(f"{LIST}/{{id}}", "GET", edit_answer, EDITORS),
    Page(f"{LIST}/{{id}}", "POST", change_answer, EDITORS),
    Page(f"{LIST}/{{id}}/loeschen", "POST", delete_answer, EDITORS),
)
