"""Accounts: all of them for administrators, and for everybody their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from partnerstadt.staff.accounts import SHORTEST_PASSWORD, Accounts, Unfit, password_for_once
from partnerstadt.staff.roles import Role
from partnerstadt.staff.texts import texts
from partnerstadt.staff.web import (
    ADMINISTRATORS,
    EVERYBODY,
    PASSWORD,
    Page,
    desk_of,
    field,
    message,
    render,
    session_of,
    told_of,
)

ALL, ONE, OWN = "/konten", "/konten/konto", "/konto"


async def list_accounts(request: Request) -> Response:
    """All accounts."""
    return await _list(request)


async def add_account(request: Request) -> Response:
    """Make one; its first password is shown once."""
    desk, form = desk_of(request), await request.form()
    name, role, password = field(form, "name").strip().lower(), _role(form), password_for_once()
    if not desk.settings.passwords or role is None:
        return await _list(request, error=texts()["failed"])
    by = session_of(request).account
    try:
        await run_in_threadpool(desk.accounts.add, name, password, role, by, True)
    except Unfit as unfit:
        return await _list(request, error=_reason(unfit), name=name)
    return _once(request, name, password)


async def show_account(request: Request) -> Response:
    """One account and what can be done with it."""
    return await _one(request, request.query_params.get("name", ""))


async def change_account(request: Request) -> Response:
    """Do one of those things."""
    accounts, form = desk_of(request).accounts, await request.form()
    name, what, by = field(form, "name"), field(form, "do"), session_of(request).account
    role = _role(form)
    try:
        if what == "role" and role:
            await run_in_threadpool(accounts.change_role, name, role, by)
        elif what == "reset":
            return _once(request, name, await run_in_threadpool(accounts.reset_password, name, by))
        elif what in _SIMPLE:
            await run_in_threadpool(_SIMPLE[what], accounts, name, by)
        else:
            return await _one(request, name, texts()["failed"])
    except Unfit as unfit:
        return await _one(request, name, _reason(unfit))
    return RedirectResponse(f"{ONE}?name={quote(name)}&done={what}", 303)


async def show_own(request: Request) -> Response:
    """Somebody's own sessions."""
    visits = await run_in_threadpool(desk_of(request).accounts.visits, session_of(request))
    told = told_of(request, texts()["accounts"]["told"])
    return render(request, "account_own.html", texts()["accounts"]["own"], visits=visits, told=told)


async def end_own(request: Request) -> Response:
    """End one of them, or all but this one."""
    form = await request.form()
    await run_in_threadpool(desk_of(request).accounts.end_others, session_of(request), field(form, "id"))
    return RedirectResponse(f"{OWN}?done=ended", 303)


async def password_form(request: Request) -> Response:
    """Where somebody changes their password."""
    return _password(request)


async def change_password(request: Request) -> Response:
    """Change it, slowly for whoever guesses the old one."""
    desk, session, form = desk_of(request), session_of(request), await request.form()
    old, new = field(form, "old"), field(form, "new")
    if await desk.attempts.take(session.account):
        return _password(request, texts()["too_often"], 429)
    if new != field(form, "again"):
        return _password(request, texts()["accounts"]["unfit"]["again"], 422)
    try:
        await run_in_threadpool(desk.accounts.change_password, session, old, new)
    except Unfit as unfit:
        return _password(request, _reason(unfit), 422)
    return RedirectResponse(f"{OWN}?done=changed", 303)


def _reason(unfit: Unfit) -> str:
    return str(texts()["accounts"]["unfit"][unfit.key]).format(**unfit.values)


def _role(form: FormData) -> Role | None:
    chosen = field(form, "role")
    return Role(chosen) if chosen in set(Role) else None


async def _list(request: Request, error: str = "", name: str = "") -> Response:
    desk = desk_of(request)
    accounts = await run_in_threadpool(desk.accounts.listed)
    values = {"accounts": accounts, "error": error, "name": name, "passwords": desk.settings.passwords}
    return render(request, "accounts.html", texts()["accounts"]["nav"], 422 if error else 200, **values)


async def _one(request: Request, name: str, error: str = "") -> Response:
    desk = desk_of(request)
    found = [account for account in await run_in_threadpool(desk.accounts.listed) if account.name == name]
    if not found:
        return message(request, 404, "not_found")
    told = told_of(request, texts()["accounts"]["told"])
    return render(request, "account.html", name, 422 if error else 200, account=found[0], error=error, told=told)


def _once(request: Request, name: str, password: str) -> Response:
    heading = str(texts()["accounts"]["once"]).format(name=name)
    return render(request, "account_password.html", heading, password=password, name=name)


def _password(request: Request, error: str = "", status: int = 200) -> Response:
    words, session = texts()["accounts"], session_of(request)
    if session.external:
        error, status = words["unfit"]["external"], 403
    hint = str(words["password_hint"]).format(least=SHORTEST_PASSWORD)
    return render(request, "password.html", words["own_password"], status, error=error, hint=hint)


_SIMPLE: Mapping[str, Callable[[Accounts, str, str], None]] = {
    "lock": Accounts.lock,
    "unlock": Accounts.unlock,
    "end": Accounts.end_sessions,
}

PAGES = (
    Page(ALL, "GET", list_accounts, ADMINISTRATORS, "accounts"),
    Page(ALL, "POST", add_account, ADMINISTRATORS),
    Page(ONE, "GET", show_account, ADMINISTRATORS),
    Page(ONE, "POST", change_account, ADMINISTRATORS),
    Page(OWN, "GET", show_own, EVERYBODY),
    Page(OWN, "POST", end_own, EVERYBODY),
    Page(PASSWORD, "GET", password_form, EVERYBODY),
    Page(PASSWORD, "POST", change_password, EVERYBODY),
)
