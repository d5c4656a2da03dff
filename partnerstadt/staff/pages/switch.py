"""The emergency switch."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from partnerstadt.front.notices import ANNOUNCEMENT, PAUSE
from partnerstadt.staff.switch import MOST_CHARACTERS, Unfit
from partnerstadt.staff.texts import texts
from partnerstadt.staff.times import read_moment
from partnerstadt.staff.web import EDITORS, Page, desk_of, field, render, session_of, told_of

PATH = "/notschalter"


async def show_switch(request: Request) -> Response:
    """What citizens are told now."""
    return await _show(request)


async def turn_switch(request: Request) -> Response:
    """Pause, resume, show a notice, take it back."""
    form = await request.form()
    try:
        done = await run_in_threadpool(_do, request, form)
    except Unfit as unfit:
        return await _show(request, texts()["switch"]["unfit"][str(unfit)], form)
    return RedirectResponse(f"{PATH}?done={done}", 303) if done else await _show(request, texts()["failed"])


def _do(request: Request, form: FormData) -> str:
    switch, by = desk_of(request).switch, session_of(request).account
    what, text = field(form, "do"), field(form, "text")
    if what == "pause":
        switch.pause(text, by)
    elif what == "resume":
        switch.resume(by)
    elif what == "announce":
        zone = desk_of(request).settings.zone
        begins, ends = (read_moment(field(form, name), zone) for name in ("begins", "ends"))
        if (field(form, "begins") and begins is None) or (field(form, "ends") and ends is None):
            raise Unfit("moment")
        switch.announce(text, begins, ends, by)
    elif what == "withdraw":
        switch.withdraw(by)
    else:
        return ""
    return what


async def _show(request: Request, error: str = "", sent: FormData | None = None) -> Response:
    words = texts()["switch"]
    state = await run_in_threadpool(desk_of(request).switch.state)
    values = {
        "pause": state.get(PAUSE),
        "announcement": state.get(ANNOUNCEMENT),
        "error": error,
        "sent": {key: field(sent, key) if sent else "" for key in ("do", "text", "begins", "ends")},
        "most": MOST_CHARACTERS,
        "told": told_of(request, words["told"]),
    }
    return render(request, "switch.html", words["nav"], status=422 if error else 200, **values)


PAGES = (
    Page(PATH, "GET", show_switch, EDITORS, "switch"),
    Page(PATH, "POST", turn_switch, EDITORS),
)
