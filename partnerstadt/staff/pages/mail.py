"""Answering a mail: one that a clerk puts in, or one that the gateway to e-mail has put before the staff."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from partnerstadt.front.bot import Refused, Unavailable
from partnerstadt.front.mails import LONGEST_REPLY
from partnerstadt.front.mails import Mail as Waiting
from partnerstadt.front.retention import leave_no_trace
from partnerstadt.front.store import Reply
from partnerstadt.staff.desk import Desk
from partnerstadt.staff.mail import MOST_CHARACTERS, Draft, Form, Mail, State, compose
from partnerstadt.staff.texts import texts
from partnerstadt.staff.web import CLERKS, Page, desk_of, field, render, session_of, swaps

CHANNEL = "email"  # as the statistics name it
OUTCOMES = {State.ANSWERED: "answered", State.UNRECORDED: "unrecorded", State.OPEN: "fallback"}


async def mail_form(request: Request) -> Response:
    """Where a mail is put in, and which have come by themselves."""
    words = texts()["mail"]
    told = next((words[key] for key in ("is_sent", "is_done") if key in request.query_params), None)
    values: dict[str, Any] = {"mail": "", "form": Form.MAIL.value, "keep": False, "most": MOST_CHARACTERS}
    values["received"] = await run_in_threadpool(desk_of(request).mailbox.waiting)
    return render(request, "mail.html", words["nav"], said=told, **values)


async def show_mail(request: Request) -> Response:
    """A mail that has come, with a drafted answer."""
    desk, words = desk_of(request), texts()["mail"]
    mail = await run_in_threadpool(desk.mailbox.open, request.path_params["id"], session_of(request).account)
    if mail is None:
        return render(request, "message.html", words["is_gone"], 404)
    values = await _drafted(desk, mail.text or mail.subject, Form.MAIL)
    return _shown(request, mail, values)


def _shown(request: Request, mail: Waiting, values: dict[str, Any], status: int = 200) -> Response:
    last = mail.time + dt.timedelta(days=desk_of(request).note_days)
    values |= {"mail": mail, "last": last, "most": LONGEST_REPLY}
    return render(request, "mail_received.html", texts()["mail"]["one"], status, **values)


async def reply_to_mail(request: Request) -> Response:
    """Send an answer to a mail that has come."""
    desk, words, id = desk_of(request), texts()["mail"], request.path_params["id"]
    sent, account = await request.form(), session_of(request).account
    reply = field(sent, "reply").replace("\r\n", "\n").strip()
    mail = await run_in_threadpool(desk.mailbox.open, id, account)
    if mail is None:
        return render(request, "message.html", words["is_gone"], 404)
    wrong = "reply_empty" if not reply else "reply_unfinished" if words["placeholder"] in reply else None
    if wrong or len(reply) > LONGEST_REPLY:
        values = {"drafts": [], "reply": reply, "error": words[wrong or "reply_too_long"]}
        return _shown(request, mail, values, 422)
    if field(sent, "keep") == "yes":
        values = await _drafted(desk, mail.text or mail.subject, Form.MAIL)
        await run_in_threadpool(_keep, desk, values["drafts"])
    if not await run_in_threadpool(desk.mailbox.reply, id, reply, account):
        return render(request, "message.html", words["is_gone"], 404)
    await leave_no_trace(desk.store)
    return RedirectResponse("/mail?is_sent", 303)


async def put_mail_away(request: Request) -> Response:
    """Delete a mail that has come, without an answer by us."""
    desk = desk_of(request)
    if not await run_in_threadpool(desk.mailbox.done, request.path_params["id"], session_of(request).account):
        return render(request, "message.html", texts()["mail"]["is_gone"], 404)
    await leave_no_trace(desk.store)
    return RedirectResponse("/mail?is_done", 303)


async def answer_mail(request: Request) -> Response:
    """Drafts for a mail; as a whole page or, for htmx, as its part. Kept are its questions only, and only if wished."""
    desk = desk_of(request)
    sent = await request.form()
    mail, chosen = field(sent, "mail").replace("\r\n", "\n"), field(sent, "shape")
    form = Form(chosen) if chosen in set(Form) else Form.MAIL
    keep = field(sent, "keep") == "yes"
    values = await _drafted(desk, mail, form)
    if keep and values["drafts"]:
        await run_in_threadpool(_keep, desk, values["drafts"])
        values["told"] = f"{values['told']} {texts()['mail']['kept']}"
    values |= {"mail": mail, "form": form.value, "keep": keep, "most": MOST_CHARACTERS, "received": [], "said": None}
    return render(request, "_mail.html" if swaps(request) else "mail.html", texts()["mail"]["nav"], **values)


async def _drafted(desk: Desk, mail: str, form: Form) -> dict[str, Any]:
    words = texts()["mail"]
    if len(mail) > MOST_CHARACTERS:
        return _refused(words["too_long"])
    records = await run_in_threadpool(desk.records.get)
    try:
        answered = await desk.asking.answer(mail, records)
    except (Unavailable, Refused):
        return _refused(words["unavailable"])
    drafts = answered.drafts
    today: dt.date = desk.clock().date()
    reply = compose(answered.mail.salutation, drafts, form, records, today) if drafts else ""
    mailto = mailto_of(answered.mail, reply)
    return {"drafts": drafts, "reply": reply, "mailto": mailto, "told": _told(len(drafts), drafts)}


def mailto_of(mail: Mail, reply: str) -> str:
    """What opens a reply in the mail program; to whom, and what the mail was about, only where its head says so."""
    words = texts()["mail"]
    answers = mail.subject.lower().startswith(words["reply_to"].format(subject="").strip().lower())
    subject = mail.subject if answers else words["reply_to"].format(subject=mail.subject)
    head = f"{quote(mail.sender, safe='@')}?subject={quote(subject if mail.subject else words['subject'])}"
    return f"mailto:{head}&body={quote(reply.replace(chr(10), chr(13) + chr(10)))}"


def _keep(desk: Desk, drafts: Sequence[Draft]) -> None:
    """Keep the questions of a mail, masked, where the inbox and the statistics find them; nothing else of it."""
    states = texts()["mail"]["states"]
    turns = []
    for draft in drafts:
        about = {"intent": draft.intent or None, "confidence": draft.confidence, "outcome": OUTCOMES[draft.state]}
        said = draft.answer or states[draft.state.value]
        turns.append((draft.question, Reply(said, source=draft.source or None, about=about)))
    desk.store.keep(CHANNEL, turns, desk.clock())


def _refused(why: str) -> dict[str, Any]:
    return {"error": why, "told": why, "drafts": [], "reply": ""}


def _told(count: int, drafts: Any) -> str:
    words = texts()["mail"]
    left = sum(draft.state is State.OPEN for draft in drafts)
    if count == 0:
        return str(words["found_none"])
    if count == 1:
        return str(words["found_one_open" if left else "found_one"])
    return str(words["found"]).format(count=count, open=left)


PAGES = (
    Page("/mail", "GET", mail_form, CLERKS, "mail"),
    Page("/mail", "POST", answer_mail, CLERKS),
    Page("/mail/{id}", "GET", show_mail, CLERKS),
    Page("/mail/{id}/antwort", "POST", reply_to_mail, CLERKS),
    Page("/mail/{id}/erledigt", "POST", put_mail_away, CLERKS),
)
