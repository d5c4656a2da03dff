"""Logging in by OpenID Connect: a real provider, a real browser, and answers that are not what they should be."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from starlette.testclient import TestClient

from partnerstadt.quality.servers import free_ports
from partnerstadt.settings import HOST
from partnerstadt.staff.app import create_app
from partnerstadt.staff.desk import Desk
from partnerstadt.staff.oidc import read_person
from partnerstadt.staff.roles import Role
from partnerstadt.staff.settings import StaffSettings
from partnerstadt.staff.texts import texts
from partnerstadt.staff.trail import steps
from tests.front.parts import Clock, Rasa
from tests.staff.parts import PASSWORD, open_desk, served
from tests.staff.test_pages import faults
from tests.support import PROJECT

FOLDER = Path(__file__).parent / "provider"
SECRET = "a secret of the tests"
ROLES = {"stadt-it": Role.ADMINISTRATOR, "stadt-redaktion": Role.EDITOR, "stadt-auskunft": Role.AGENT}


@pytest.fixture(scope="module")
def ports() -> tuple[int, int]:
    """Of the provider and of the desk: each must know the other's."""
    first, second = free_ports(2)
    return first, second


@pytest.fixture(scope="module")
def roles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the provider says about whom."""
    return tmp_path_factory.mktemp("provider") / "roles.json"


@pytest.fixture(scope="module")
def issuer(ports: tuple[int, int], roles: Path) -> Iterator[str]:
    """A provider that runs; for a browser it is another site than the desk."""
    provider, desk = ports
    command = [
        PROJECT / ".venv" / "bin" / "node",
        "provider.mjs",
        str(provider),
        f"http://{HOST}:{desk}",
        SECRET,
        roles,
    ]
    process = subprocess.Popen(
        command, cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    )
    try:
        assert process.stdout and process.stdout.readline() == "listening\n"
        yield f"http://localhost:{provider}"
    finally:
        # The command only starts the provider: both have to end.
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)


@pytest.fixture
def settings(issuer: str, ports: tuple[int, int]) -> StaffSettings:
    """Those of a desk that knows the provider."""
    return StaffSettings(
        url=f"http://{HOST}:{ports[1]}",
        oidc_issuer=issuer,
        oidc_client="desk",
        oidc_secret=SECRET,
        oidc_scope="openid profile roles",
        oidc_roles=ROLES,
    )


@pytest.fixture
def known(tmp_path: Path, rasa: Rasa, clock: Clock, settings: StaffSettings) -> Desk:
    """A desk that knows the provider."""
    return open_desk(tmp_path, rasa, clock, settings=settings)


@pytest.fixture
def url(known: Desk, ports: tuple[int, int]) -> Iterator[str]:
    """The same, served."""
    with served(known, ports[1]) as address:
        yield address


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that nobody has used, without scripts: none of it needs any."""
    opened = browser.new_context(java_script_enabled=False)
    yield opened
    opened.close()


def arrive(context: BrowserContext, url: str, roles: Path, who: str, *held: str) -> Page:
    """Log in at the provider as somebody who has some roles there."""
    roles.write_text(json.dumps({who: held}), encoding="utf-8")
    page = context.new_page()
    page.goto(f"{url}/anmelden")
    page.get_by_role("link", name=texts()["oidc"]["log_in"]).click()
    page.locator("[name=login]").fill(who)
    page.locator("[name=password]").fill("any")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Continue").click()  # the person agrees
    page.wait_for_url(f"{url}/**")
    return page


def test_person_with_a_role_comes_in(context: BrowserContext, url: str, known: Desk, roles: Path) -> None:
    """And out again, at the provider too; the account is there from now on, without a password."""
    page = arrive(context, url, roles, "kim", "other", "stadt-redaktion")
    page.get_by_role("heading", name=texts()["welcome"]).wait_for()
    assert page.get_by_role("link", name=texts()["mail"]["nav"]).count()
    account = next(account for account in known.accounts.listed() if account.name == "kim")
    assert account.external and account.role is Role.EDITOR
    assert known.accounts.log_in("kim", "") is None
    cookies = {cookie["name"]: cookie for cookie in context.cookies(url)}
    assert cookies["staff"]["httpOnly"] and cookies["staff"]["sameSite"] == "Strict" and "login" not in cookies
    page.goto(f"{url}/passwort")
    assert page.get_by_role("alert").inner_text() == texts()["accounts"]["unfit"]["external"]
    page.get_by_role("button", name=texts()["log_out"]).click()
    page.wait_for_url("http://localhost:*/session/end**")
    page.get_by_role("button", name="Yes").click()
    page.wait_for_url(f"{url}/anmelden**")


def test_role_follows_the_claim(browser: Browser, url: str, known: Desk, roles: Path) -> None:
    """At each login; who has none any more is out with all sessions, and who is locked here stays locked."""

    def come(held: str) -> Page:
        return arrive(browser.new_context(java_script_enabled=False), url, roles, "kim", held)

    def role() -> Role:
        return next(account.role for account in known.accounts.listed() if account.name == "kim")

    first = come("stadt-redaktion")
    first.get_by_role("heading", name=texts()["welcome"]).wait_for()
    come("stadt-auskunft").get_by_role("heading", name=texts()["welcome"]).wait_for()
    assert role() is Role.AGENT
    refused = come("something-else")
    assert refused.get_by_role("alert").inner_text() == texts()["oidc"]["no_role"]
    first.reload()
    first.get_by_role("heading", name=texts()["log_in"], exact=True).wait_for()
    known.accounts.lock("kim", by="administrator")
    assert come("stadt-it").get_by_role("alert").inner_text() == texts()["oidc"]["locked"]
    assert role() is Role.AGENT
    kept = [(s.account, s.action, s.subject) for s in steps(known.engine)]
    assert ("kim", "account_role", "kim: agent") in kept and kept.count(("kim", "login_failed", "")) == 2


def test_account_of_somebody_else_is_not_taken_over(
    context: BrowserContext, url: str, known: Desk, roles: Path
) -> None:
    """The name alone proves nothing: an administrator of this desk may be called like anybody."""
    page = arrive(context, url, roles, "administrator", "stadt-it")
    assert page.get_by_role("alert").inner_text() == texts()["oidc"]["unfit_taken"]
    assert not next(account for account in known.accounts.listed() if account.name == "administrator").external


def test_login_page_offers_what_there_is(
    browser: Browser, tmp_path: Path, rasa: Rasa, clock: Clock, settings: StaffSettings
) -> None:
    """Both ways, or the provider alone; axe finds nothing."""
    for passwords in (True, False):
        desk = open_desk(
            tmp_path / str(passwords), rasa, clock, settings=settings.copy(update={"passwords": passwords})
        )
        with served(desk) as url:
            page = browser.new_page(viewport={"width": 320, "height": 640})
            page.goto(url)
            assert page.get_by_label(texts()["password"]).count() == passwords
            assert page.get_by_role("link", name=texts()["oidc"]["log_in"]).count() == 1 and faults(page) == []
            page.close()
            sent = httpx.post(f"{url}/anmelden", data={"name": "agent", "password": PASSWORD}, trust_env=False)
            assert sent.status_code == (303 if passwords else 403)


def test_question_holds_what_protects_it(known: Desk) -> None:
    """State, nonce, PKCE, and our own address, whatever host the request names; in the cookie of one browser only."""
    with TestClient(create_app(known), base_url="http://localhost:1") as client:
        asked = client.get("/anmelden/dienst", follow_redirects=False)
    query = parse_qs(urlsplit(asked.headers["location"]).query)
    assert {"state", "nonce", "code_challenge"} <= query.keys() and query["code_challenge_method"] == ["S256"]
    assert query["response_type"] == ["code"] and query["redirect_uri"] == [f"{known.settings.url}/anmelden/zurueck"]
    cookie = asked.headers["set-cookie"]
    assert "httponly" in cookie and "samesite=lax" in cookie and SECRET not in cookie + asked.headers["location"]


@pytest.mark.parametrize(
    "query", ["", "?code=x&state=y", "?error=access_denied&state=y", "?code=x", "?state=y&error_description=<b>"]
)
def test_answer_to_no_question_is_refused(known: Desk, query: str) -> None:
    """Made up, or meant for another browser."""
    with TestClient(create_app(known), base_url=f"http://{HOST}") as client:
        answer = client.get(f"/anmelden/zurueck{query}", follow_redirects=False)
        assert answer.status_code == 403 and texts()["oidc"]["refused"] in answer.text and "<b>" not in answer.text
        assert "staff" not in client.cookies


def test_code_that_the_provider_does_not_know_is_refused(known: Desk) -> None:
    """With the right state, in the right browser."""
    with TestClient(create_app(known), base_url=f"http://{HOST}") as client:
        asked = client.get("/anmelden/dienst", follow_redirects=False)
        state = parse_qs(urlsplit(asked.headers["location"]).query)["state"][0]
        answer = client.get(f"/anmelden/zurueck?code=made-up&state={state}", follow_redirects=False)
        assert answer.status_code == 403 and "staff" not in client.cookies


@pytest.mark.parametrize("gone", [True, False], ids=["gone", "another issuer"])
def test_provider_that_cannot_be_used_is_told(
    tmp_path: Path, rasa: Rasa, clock: Clock, settings: StaffSettings, issuer: str, gone: bool
) -> None:
    """It does not answer, or says that it is somebody else; passwords still work."""
    other = f"http://{HOST}:{free_ports(1)[0]}" if gone else issuer.replace("localhost", HOST)
    desk = open_desk(tmp_path, rasa, clock, settings=settings.copy(update={"oidc_issuer": other}))
    with TestClient(create_app(desk), base_url=f"http://{HOST}") as client:
        for path in ("/anmelden/dienst", "/anmelden/zurueck?code=x&state=y"):
            answer = client.get(path, follow_redirects=False)
            assert answer.status_code == 502 and texts()["oidc"]["unreachable"] in answer.text
        sent = {"name": "agent", "password": PASSWORD}
        assert client.post("/anmelden", data=sent, follow_redirects=False).status_code == 303


@pytest.mark.parametrize(
    ("claims", "name", "role"),
    [
        (
            {"preferred_username": "Kim.Muster@city.example", "roles": ["x", "stadt-it"]},
            "kim.muster",
            Role.ADMINISTRATOR,
        ),
        ({"preferred_username": "Kim Müßter", "roles": "stadt-auskunft"}, "kim-m-ter", Role.AGENT),
        ({"roles": ["stadt-auskunft", "stadt-redaktion"]}, "1f", Role.EDITOR),
        ({"preferred_username": "@", "roles": "stadt"}, "", None),
        ({"roles": None}, "1f", None),
        ({"roles": {"stadt-it": True}}, "1f", None),
        ({"roles": "stadt-it,stadt-redaktion"}, "1f", None),
    ],
)
def test_claims_become_name_and_role(
    settings: StaffSettings, claims: dict[str, object], name: str, role: Role | None
) -> None:
    """The first role of the settings that somebody has; a text is one value and no list."""
    person = read_person({"sub": "1f"} | claims, settings)
    assert (person.name, person.role, person.subject) == (name, role, f"{settings.oidc_issuer} 1f")


def test_token_is_checked(known: Desk, issuer: str) -> None:
    """Only signatures of the provider's own keys count."""
    with TestClient(create_app(known), base_url=f"http://{HOST}") as client:
        client.get("/anmelden/dienst", follow_redirects=False)
        assert known.provider
        algorithms = known.provider._app.server_metadata["id_token_signing_alg_values_supported"]
    assert algorithms and not {"none", "HS256"} & set(algorithms)
