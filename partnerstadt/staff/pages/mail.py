"""Answering a mail."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from partnerstadt.front.bot import Refused, Unavailable
from partnerstadt.staff.desk import Desk
from partnerstadt.staff.mail import MOST_CHARACTERS, Form, State, compose
from partnerstadt.staff.texts import texts
from partnerstadt.staff.web import CLERKS, Page, desk_of, field, render, swaps


async def mail_form(request: Request) -> Response:
    """Where a mail is put in."""
    return render(request, "mail.html", texts()["mail"]["nav"], mail="", form=Form.MAIL.value, most=MOST_CHARACTERS)


async def answer_mail(request: Request) -> Response:
    """Drafts for a mail; as a whole page or, for htmx, as its part. Nothing of it is kept."""
    desk = desk_of(request)
    sent = await request.form()
    mail, chosen = field(sent, "mail").replace("\r\n", "\n"), field(sent, "shape")
    form = Form(chosen) if chosen in set(Form) else Form.MAIL
    values = await _drafted(desk, mail, form)
    values |= {"mail": mail, "form": form.value, "most": MOST_CHARACTERS}
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
    mailto = f"mailto:?subject={quote(words['subject'])}&body={quote(reply.replace(chr(10), chr(13) + chr(10)))}"
    return {"drafts": drafts, "reply": reply, "mailto": mailto, "told": _told(len(drafts), drafts)}


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
)
