"""The pages of the staff desk: who may see what, forms, headers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from partnerstadt.front.tables import messages
from partnerstadt.settings import HOST
from partnerstadt.staff.app import PAGES, create_app
from partnerstadt.staff.desk import Desk
from partnerstadt.staff.inbox import State
from partnerstadt.staff.roles import Role
from partnerstadt.staff.texts import texts
from tests.front.parts import Clock, Rasa
from tests.servers import Postgres
from tests.staff.parts import MAIL, PASSWORD, log_in, open_desk, reply

NOBODY = None
EVERYBODY = {NOBODY, *Role}
CLERKS = {Role.EDITOR, Role.AGENT, Role.ADMINISTRATOR}
EDITORS = {Role.EDITOR, Role.ADMINISTRATOR}
AGENTS = {Role.AGENT, Role.ADMINISTRATOR}
# What stands for the parts of a path that change; the first change of all is made by the test.
EXAMPLES = {
    "{kind}": "partnerschaft",
    "{id}": "leeds",
    "{number:int}": "1",
    "{group}": "1",
    "{conversation}": "x",
}
# Every route, and who may use it. A new route fails the test until somebody has thought about it here.
ALLOWED: dict[tuple[str, str], set[Role | None]] = {
    ("GET", "/anmelden"): EVERYBODY,
    ("POST", "/anmelden"): EVERYBODY,
    ("GET", "/anmelden/dienst"): EVERYBODY,
    ("GET", "/anmelden/zurueck"): EVERYBODY,
    ("POST", "/abmelden"): set(Role),
    ("GET", "/"): set(Role),
    ("GET", "/mail"): CLERKS,
    ("POST", "/mail"): CLERKS,
    ("GET", "/mail/{id}"): CLERKS,
    ("POST", "/mail/{id}/antwort"): CLERKS,
    ("POST", "/mail/{id}/erledigt"): CLERKS,
    ("GET", "/nachschlagen"): CLERKS,
    ("GET", "/angaben"): CLERKS,
    ("GET", "/angaben/verlauf"): CLERKS,
    ("POST", "/angaben/verlauf/{number:int}"): EDITORS,
    ("GET", "/angaben/{kind}"): EDITORS,
    ("POST", "/angaben/{kind}"): EDITORS,
    ("GET", "/angaben/{kind}/{id}"): CLERKS,
    ("POST", "/angaben/{kind}/{id}"): EDITORS,
    ("GET", "/antworten"): CLERKS,
    ("GET", "/antworten.yml"): CLERKS,
    ("GET", "/antworten.csv"): CLERKS,
    ("GET", "/antworten/neu"): EDITORS,
    ("POST", "/antworten/neu"): EDITORS,
    ("POST", "/antworten/verlauf/{number:int}"): EDITORS,
    ("GET", "/antworten/{id}"): EDITORS,
    ("POST", "/antworten/{id}"): EDITORS,
    ("POST", "/antworten/{id}/loeschen"): EDITORS,
    ("GET", "/konten"): {Role.ADMINISTRATOR},
    ("POST", "/konten"): {Role.ADMINISTRATOR},
    ("GET", "/konten/konto"): {Role.ADMINISTRATOR},
    ("POST", "/konten/konto"): {Role.ADMINISTRATOR},
    ("GET", "/konto"): set(Role),
    ("POST", "/konto"): set(Role),
    ("GET", "/passwort"): set(Role),
    ("POST", "/passwort"): set(Role),
    ("GET", "/notschalter"): {Role.EDITOR, Role.ADMINISTRATOR},
    ("POST", "/notschalter"): {Role.EDITOR, Role.ADMINISTRATOR},
    ("GET", "/eingang"): EDITORS,
    ("GET", "/eingang/{group}"): EDITORS,
    ("POST", "/eingang/{group}"): EDITORS,
    ("POST", "/eingang/{group}/name"): EDITORS,
    ("GET", "/eingang/{group}/{conversation}"): EDITORS,
    ("GET", "/training"): EDITORS,
    ("POST", "/training"): EDITORS,
    ("GET", "/training/lauf"): EDITORS,
    ("POST", "/training/entfernen"): EDITORS,
    ("GET", "/training/patch"): EDITORS,
    ("POST", "/training/start"): EDITORS,
    ("POST", "/training/aktivieren"): {Role.ADMINISTRATOR},
    ("POST", "/training/zurueck"): {Role.ADMINISTRATOR},
    ("GET", "/gespraeche"): AGENTS,
    ("POST", "/gespraeche/da"): AGENTS,
    ("GET", "/gespraeche/liste"): AGENTS,
    ("GET", "/gespraeche/anzahl"): AGENTS,
    ("GET", "/gespraeche/{id}"): AGENTS,
    ("GET", "/gespraeche/{id}/neues"): AGENTS,
    ("POST", "/gespraeche/{id}/uebernehmen"): AGENTS,
    ("POST", "/gespraeche/{id}/antwort"): AGENTS,
    ("POST", "/gespraeche/{id}/zurueck"): AGENTS,
    ("POST", "/gespraeche/{id}/beenden"): AGENTS,
    ("GET", "/nachrichten"): AGENTS,
    ("GET", "/nachrichten/{id}"): AGENTS,
    ("POST", "/nachrichten/{id}/erledigt"): AGENTS,
    ("GET", "/statistik"): set(Role),
    ("GET", "/statistik.csv"): set(Role),
    ("GET", "/protokoll"): {Role.ADMINISTRATOR},
    ("GET", "/protokoll.csv"): {Role.ADMINISTRATOR},
    ("GET", "/static"): EVERYBODY,
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, TestClient]]:
    """One desk for all routes and roles: what one of them does is nothing to the next."""
    rasa = Rasa()
    rasa.reply = reply
    rasa.start()
    desk = open_desk(tmp_path_factory.mktemp("roles"), rasa, Clock(), 1000)
    with TestClient(create_app(desk), base_url=f"http://{HOST}") as client:
        yield desk, client
    rasa.stop()


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
def test_role_may_or_may_not(method: str, path: str, role: Role | None, shared: tuple[Desk, TestClient]) -> None:
    """Who is not logged in is sent to the login, who may not is refused; nothing else happens."""
    desk, client = shared
    client.cookies.clear()
    if role:
        assert log_in(client, role.value) == 303
    data = {"csrf": csrf(client), "mail": MAIL, "name": "agent", "password": PASSWORD} if method == "POST" else None
    if path == "/angaben/verlauf/{number:int}":
        present = desk.changes.read("office.yml")
        desk.changes.put("office.yml", present.text + "\n", present.mark, "editor", "")
    address = "/static/staff.css" if path == "/static" else path
    for part, example in EXAMPLES.items():
        address = address.replace(part, example)
    answer = client.request(method, address, data=data, follow_redirects=False)
    if role in ALLOWED[method, path]:
        # Not every form is filled in right, and what an address names may not be there; but the page has answered.
        to_login = answer.headers.get("location") == "/anmelden" and path != "/abmelden"
        assert answer.status_code in (200, 204, 303, 400, 404, 409, 422) and not to_login, answer.text
    elif role is NOBODY:
        assert answer.status_code == 303 and answer.headers["location"] == "/anmelden"
    else:
        assert answer.status_code == 403 and texts()["refused"] in answer.text


@pytest.mark.parametrize("path", [page.path for page in PAGES if page.area])
def test_navigation_is_the_same_on_every_page(path: str, client: TestClient) -> None:
    """Whatever the page itself shows."""
    log_in(client, "administrator")
    menus = [re.search(r'<nav aria-label="Bereiche".*?</nav>', client.get(at).text, re.DOTALL) for at in ("/", path)]
    home, here = (menu and menu[0].replace(' aria-current="page"', "") for menu in menus)
    assert home and home == here


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


@pytest.mark.parametrize("host", ["example.org", "testserver.example.org", "[", ""])
def test_name_of_another_host_is_refused(client: TestClient, host: str) -> None:
    """Else a page of others could talk to the desk under its own name."""
    answer = client.get("/anmelden", headers={"Host": host})
    assert answer.status_code == 400 and texts()["wrong_host"] in answer.text


def test_nothing_is_typed_unencrypted(client: TestClient) -> None:
    """But on this machine."""
    assert client.get("/anmelden", headers={"Host": "localhost:8081"}).status_code == 200
    client.base_url = "http://testserver"  # type: ignore[assignment]
    for answer in (client.get("/anmelden"), client.post("/anmelden", data={"name": "agent", "password": PASSWORD})):
        assert answer.status_code == 403 and texts()["unencrypted"] in answer.text
        assert "set-cookie" not in answer.headers


def test_session_cannot_be_planted(client: TestClient) -> None:
    """Who logs in gets a new one; the one that was there is over, and one that was made up is none."""
    log_in(client, "agent")
    planted = client.cookies["staff"]
    log_in(client, "editor")
    assert client.cookies["staff"] != planted
    client.cookies.clear()
    client.cookies.set("staff", planted)
    assert client.get("/", follow_redirects=False).status_code == 303
    client.cookies.clear()
    client.cookies.set("staff", "made-up")
    log_in(client, "agent")
    assert [cookie.value for cookie in client.cookies.jar if cookie.domain] != ["made-up"]


@pytest.mark.parametrize("name", ["next", "url", "redirect", "return_to"])
def test_login_leads_nowhere_else(client: TestClient, name: str) -> None:
    """Whatever the address or the form says."""
    data = {"name": "agent", "password": PASSWORD, name: "https://example.org"}
    answer = client.post(f"/anmelden?{name}=https://example.org", data=data, follow_redirects=False)
    assert answer.headers["location"] == "/"


def test_no_file_is_taken(client: TestClient) -> None:
    """A form with a file in place of a text says nothing."""
    log_in(client, "agent")
    answer = client.post("/mail", data={"csrf": csrf(client)}, files={"mail": ("mail.txt", MAIL.encode())})
    assert answer.status_code == 200 and "Leeds" not in answer.text


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
    cookie = client.post("/anmelden", data=data, follow_redirects=False).headers["set-cookie"]
    assert cookie.startswith("__Host-staff=") and "Secure" in cookie and "Path=/;" in cookie and "Domain" not in cookie
    assert client.get("/").status_code == 200
    word = csrf(client)
    gone = client.post("/abmelden", data={"csrf": word}, follow_redirects=False).headers["set-cookie"]
    assert gone.startswith('__Host-staff="";') and "Secure" in gone


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


def test_questions_of_a_mail_are_kept_only_if_wished(client: TestClient, desk: Desk) -> None:
    """Masked, for the inbox and the statistics; gone when conversations of that day go."""
    log_in(client, "agent")
    mail = "Guten Tag,\nseit wann ist Leeds Partnerstadt? Wer ruft mich unter 0231 5012345 zurück?\nGruß\nKim Muster"
    sent = {"csrf": csrf(client), "mail": mail}
    assert texts()["mail"]["kept"] not in client.post("/mail", data=sent).text
    assert sum(desk.store.statistics().values()) == 0
    assert texts()["mail"]["kept"] in client.post("/mail", data=sent | {"keep": "yes"}).text
    with desk.engine.connect() as connection:
        kept = connection.execute(select(messages).order_by(messages.c.number)).all()
    assert [row.sender for row in kept] == ["citizen", "bot"] * 2
    assert "Leeds" in kept[0].text and "1969" in kept[1].text
    assert "zurück" in kept[2].text and not any("5012345" in row.text or "Muster" in row.text for row in kept)
    counted = {(kind, channel): number for (_, channel, kind, _), number in desk.store.statistics().items()}
    assert counted[("questions", "email")] == 2
    while desk.inbox.update():
        pass
    groups, _ = desk.inbox.groups(State.OPEN)
    assert [group.count for group in groups] == [1]
    assert desk.store.waiting(desk.clock()) == {}
    assert desk.store.forget(desk.clock() + dt.timedelta(days=1)) > 0


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
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store" and answer.headers["x-content-type-options"] == "nosniff"


def test_request_that_is_too_large_is_refused(client: TestClient) -> None:
    """Before it is read."""
    assert client.post("/anmelden", content=b"x" * 200_000).status_code == 413


def test_desk_without_its_database_says_so_and_goes_on(
    tmp_path: Path, rasa: Rasa, clock: Clock, postgresql: Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    """503 with a sentence, no traceback; who was logged in still is when it is back."""
    desk = open_desk(tmp_path, rasa, clock, database=postgresql.database())
    with TestClient(create_app(desk), base_url=f"http://{HOST}") as client:
        log_in(client, "agent")
        postgresql.stop()
        try:
            for answer in (client.get("/"), client.get("/mail", headers={"hx-request": "true"})):
                assert answer.status_code == 503 and answer.headers["retry-after"] == "5"
                assert texts()["unavailable"] in answer.text
                assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        finally:
            postgresql.start()
        assert client.get("/mail", follow_redirects=False).status_code == 200
    assert "Traceback" not in caplog.text
