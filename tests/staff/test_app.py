"""The pages of the staff desk: who may see what, forms, headers."""

from __future__ import annotations

import re

import pytest
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from partnerstadt.staff.accounts import Role
from partnerstadt.staff.app import create_app
from partnerstadt.staff.desk import Desk
from partnerstadt.staff.texts import texts
from tests.front.parts import Clock, Rasa
from tests.staff.parts import MAIL, PASSWORD, log_in

NOBODY = None
EVERYBODY = {NOBODY, *Role}
CLERKS = {Role.EDITOR, Role.AGENT, Role.ADMINISTRATOR}
# Every route, and who may use it. A new route fails the test until somebody has thought about it here.
ALLOWED: dict[tuple[str, str], set[Role | None]] = {
    ("GET", "/anmelden"): EVERYBODY,
    ("POST", "/anmelden"): EVERYBODY,
    ("POST", "/abmelden"): set(Role),
    ("GET", "/"): set(Role),
    ("GET", "/mail"): CLERKS,
    ("POST", "/mail"): CLERKS,
    ("GET", "/nachschlagen"): CLERKS,
    ("GET", "/statistik"): set(Role),
    ("GET", "/statistik.csv"): set(Role),
    ("GET", "/protokoll"): {Role.ADMINISTRATOR},
    ("GET", "/static"): EVERYBODY,
}


def csrf(client: TestClient) -> str:
    """What forms of this session carry."""
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/").text)
    return found[1] if found else ""


def test_every_route_is_listed(desk: Desk) -> None:
    """With each of its methods."""
    routes: set[tuple[str, str]] = set()
    for route in create_app(desk).routes:
        assert isinstance(route, Route | Mount)
        methods = route.methods or set() if isinstance(route, Route) else {"GET"}
        routes |= {(method, route.path) for method in methods - {"HEAD"}}
    assert routes == set(ALLOWED)


@pytest.mark.parametrize("role", [NOBODY, *Role], ids=lambda role: role.value if role else "nobody")
@pytest.mark.parametrize(("method", "path"), list(ALLOWED))
def test_role_may_or_may_not(method: str, path: str, role: Role | None, client: TestClient) -> None:
    """Who is not logged in is sent to the login, who may not is refused; nothing else happens."""
    if role:
        assert log_in(client, role.value) == 303
    data = {"csrf": csrf(client), "mail": MAIL, "name": "agent", "password": PASSWORD} if method == "POST" else None
    path = "/static/staff.css" if path == "/static" else path
    answer = client.request(method, path, data=data, follow_redirects=False)
    if role in ALLOWED[method, "/static" if path.startswith("/static") else path]:
        fine = answer.status_code == 200 or (answer.status_code == 303 and path in ("/anmelden", "/abmelden"))
        assert fine, answer.text
    elif role is NOBODY:
        assert answer.status_code == 303 and answer.headers["location"] == "/anmelden"
    else:
        assert answer.status_code == 403 and texts()["refused"] in answer.text


def test_form_of_another_page_is_refused(client: TestClient, rasa: Rasa) -> None:
    """Without the session's word, with a wrong one, or from elsewhere."""
    log_in(client, "agent")
    word = csrf(client)
    for data, headers in (
        ({"mail": MAIL}, {}),
        ({"mail": MAIL, "csrf": "x"}, {}),
        ({"mail": MAIL, "csrf": word}, {"Origin": "https://example.org"}),
        ({"mail": MAIL, "csrf": word}, {"Sec-Fetch-Site": "cross-site"}),
    ):
        assert client.post("/mail", data=data, headers=headers).status_code == 403
    assert rasa.asked == []
    foreign = {"Origin": "https://example.org"}
    assert client.post("/anmelden", data={"name": "agent", "password": PASSWORD}, headers=foreign).status_code == 403


def test_guessing_passwords_is_slow(client: TestClient) -> None:
    """After some attempts not even the right one helps."""
    assert [log_in(client, "agent", "falsch") for _ in range(5)] == [403] * 5
    assert log_in(client, "agent") == 429


def test_cookie_cannot_be_read_or_taken_along(client: TestClient) -> None:
    """Not by scripts, not from other sites; over TLS only encrypted."""
    data = {"name": "agent", "password": PASSWORD}
    cookie = client.post("/anmelden", data=data, follow_redirects=False).headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Secure" not in cookie
    client.base_url = "https://testserver"  # type: ignore[assignment]
    assert "Secure" in client.post("/anmelden", data=data, follow_redirects=False).headers["set-cookie"]


def test_idle_session_is_sent_to_the_login(client: TestClient, clock: Clock) -> None:
    """Also where htmx asks, which would put the page of the login into a list otherwise."""
    log_in(client, "agent")
    clock.move(hours=1)
    assert client.get("/", follow_redirects=False).headers["location"] == "/anmelden"
    part = client.get("/nachschlagen?query=l", headers={"HX-Request": "true"})
    assert part.status_code == 401 and part.headers["HX-Redirect"] == "/anmelden"


@pytest.mark.parametrize("swap", [False, True], ids=["form", "htmx"])
def test_mail_is_answered(client: TestClient, rasa: Rasa, swap: bool) -> None:
    """As a page of its own and as a part of one."""
    log_in(client, "agent")
    headers = {"HX-Request": "true"} if swap else {}
    answer = client.post("/mail", data={"csrf": csrf(client), "mail": MAIL, "shape": "letter"}, headers=headers)
    assert answer.status_code == 200 and ("<html" in answer.text) is not swap
    words = texts()["mail"]
    for expected in ("seit 1969", words["states"]["answered"], words["states"]["open"], "Guten Tag Kim Muster"):
        assert expected in answer.text
    assert words["found"].format(count=2, open=1) in answer.text and 'href="mailto:?subject=' in answer.text


def test_trouble_is_told(client: TestClient, rasa: Rasa) -> None:
    """A bot that is gone, a mail that is too long, a mail that asks nothing."""
    log_in(client, "agent")
    word, words = csrf(client), texts()["mail"]

    def told(mail: str) -> str:
        return client.post("/mail", data={"csrf": word, "mail": mail}).text

    assert words["too_long"] in told("Wo liegt Leeds? " * 1000)
    assert words["found_none"] in told("Danke.")
    rasa.status = 503
    assert words["unavailable"] in told(MAIL)


def test_what_is_typed_is_escaped(client: TestClient) -> None:
    """Everywhere it comes back."""
    log_in(client, "agent")
    hostile = '<script>alert(1)</script>"><b>'
    page = client.get("/nachschlagen", params={"query": hostile}).text
    page += client.post("/mail", data={"csrf": csrf(client), "mail": f"Wo liegt {hostile} Amiens?"}).text
    assert "<script>alert" not in page and '"><b>' not in page


@pytest.mark.parametrize("path", ["/anmelden", "/nirgends", "/static/staff.js", "/"])
def test_headers_are_on_every_answer(client: TestClient, path: str) -> None:
    """Also on errors and files."""
    answer = client.get(path)
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; ")
    assert answer.headers["cache-control"] == "no-store" and answer.headers["x-content-type-options"] == "nosniff"


def test_request_that_is_too_large_is_refused(client: TestClient) -> None:
    """Before it is read."""
    assert client.post("/anmelden", content=b"x" * 200_000).status_code == 413
