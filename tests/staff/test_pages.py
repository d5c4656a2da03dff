"""The staff desk in a real browser: with and without htmx, by keyboard, accessible."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from partnerstadt.staff.texts import texts
from tests.front.parts import Clock, Rasa
from tests.staff.parts import MAIL, PASSWORD, open_desk, reply, served
from tests.widget.parts import AXE_RULES, axe_core

STATIC = Path(__file__).parents[2] / "partnerstadt" / "staff" / "static"
# Headings that do not begin where their cells do, and cells narrower than their longest word.
ASKEW = """() => {
    const wrong = [];
    for (const table of document.querySelectorAll("table")) {
        const heads = [...table.querySelectorAll("thead th")].map((cell) => cell.getBoundingClientRect().left);
        for (const row of table.querySelectorAll("tbody tr, tfoot tr"))
            [...row.cells].forEach((cell, column) => {
                if (Math.abs(cell.getBoundingClientRect().left - heads[column]) > 1) wrong.push(cell.textContent);
                for (const word of cell.textContent.trim().split(/\\s+/)) {
                    const range = document.createRange();
                    const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
                    for (let node; (node = walker.nextNode()); ) {
                        const start = node.data.indexOf(word);
                        if (!word || start < 0) continue;
                        range.setStart(node, start);
                        range.setEnd(node, start + word.length);
                        if (range.getClientRects().length > 1) wrong.push(word);
                    }
                }
            });
    }
    return wrong;
}"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A desk that is served."""
    rasa = Rasa()
    rasa.reply = reply
    rasa.start()
    with served(open_desk(tmp_path_factory.mktemp("staff"), rasa, Clock(), 1000)) as address:
        yield address
    rasa.stop()


def logged_in(browser: Browser, url: str, **options: object) -> Page:
    """An administrator on the first page."""
    page = browser.new_context(bypass_csp=False, **options).new_page()  # type: ignore[arg-type]
    page.goto(f"{url}/mail")
    page.get_by_label(texts()["name"]).fill("administrator")
    page.get_by_label(texts()["password"]).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=texts()["welcome"]).wait_for()
    return page


def faults(page: Page) -> list[str]:
    """What axe finds, and whether the page is wider than the screen."""
    # The devtools may look in from outside; a script of the page may not do what axe does.
    if not page.evaluate("'axe' in window"):
        page.evaluate(f"() => {{ {axe_core()} }}")
    found = page.evaluate(f"async () => await axe.run(document, {{runOnly: {AXE_RULES}, resultTypes: ['violations']}})")
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [f"{v['id']}: {n['target']}" for v in found["violations"] for n in v["nodes"]] + ["wide"] * wide


# Colours do not depend on the width: two looks show all of both.
LOOKS = [(320, "dark"), (1280, "light")]


def faults_in_every_look(page: Page) -> list[str]:
    """What axe finds small and large, light and dark."""
    found: list[str] = []
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found += [f"{width} {scheme}: {fault}" for fault in faults(page)]
    return found


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    """Somebody logged in; a broken policy or an error in a script fails the test."""
    page = logged_in(browser, url)
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith((url, "data:")) else wrong.append(request.url))
    yield page
    page.context.close()
    assert wrong == []


def test_axe_finds_nothing(browser: Browser, url: str) -> None:
    """After every swap, on a page that is not there and at the login; test_handbook.py looks at every other page."""
    page = logged_in(browser, url)
    page.goto(f"{url}/nirgends")
    assert faults_in_every_look(page) == []
    page.goto(f"{url}/nachschlagen")
    page.get_by_label(texts()["lookup"]["label"]).press_sequentially("lee")
    page.get_by_role("heading", name="Leeds").wait_for()
    assert faults_in_every_look(page) == []
    page.goto(f"{url}/mail")
    page.get_by_label(texts()["mail"]["label"]).fill(MAIL)
    page.get_by_role("button", name=texts()["mail"]["send"]).click()
    page.get_by_role("heading", name=texts()["mail"]["reply"], exact=True).wait_for()
    assert faults_in_every_look(page) == []
    page.context.close()
    page = browser.new_page()
    page.goto(url)
    assert faults_in_every_look(page) == []
    page.close()


def test_mail_is_answered_by_keyboard(page: Page, url: str) -> None:
    """Htmx swaps the result in; the count is told; what the clerk changes is what the mail program gets."""
    words = texts()["mail"]
    page.goto(f"{url}/mail")
    page.get_by_label(words["label"]).focus()
    page.keyboard.insert_text(MAIL)
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("status").filter(has_text=words["found"].format(count=2, open=1)).wait_for(timeout=5000)
    assert page.get_by_label(words["label"]).input_value() == MAIL
    field = page.get_by_label(words["reply"], exact=True)
    assert "seit 1969" in field.input_value()
    field.fill("Neu & gut")
    link = page.get_by_role("link", name=words["open"])
    page.evaluate("document.addEventListener('click', (event) => event.preventDefault())")
    link.click()
    assert str(link.get_attribute("href")).endswith("body=Neu%20%26%20gut")


def test_copy_takes_the_source_along(browser: Browser, url: str) -> None:
    """And tells that it did."""
    page = logged_in(browser, url, permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{url}/nachschlagen")
    page.get_by_label(texts()["lookup"]["label"]).press_sequentially("leeds")
    page.get_by_role("button", name=f"{texts()['to_copy']}: Leeds").click()
    page.get_by_role("status").filter(has_text=texts()["copied"]).wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "1969" in copied and "Quelle: " in copied
    page.context.close()


def test_all_works_without_scripts(browser: Browser, url: str) -> None:
    """As plain forms."""
    page = logged_in(browser, url, java_script_enabled=False)
    page.goto(f"{url}/mail")
    page.get_by_label(texts()["mail"]["label"]).fill(MAIL)
    page.get_by_role("button", name=texts()["mail"]["send"]).click()
    assert "seit 1969" in page.get_by_label(texts()["mail"]["reply"], exact=True).input_value()
    page.goto(f"{url}/nachschlagen")
    page.get_by_label(texts()["lookup"]["label"]).fill("leeds")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Leeds").wait_for()
    page.get_by_role("button", name=texts()["log_out"]).click()
    page.get_by_role("heading", name=texts()["log_in"]).wait_for()
    page.context.close()


def test_style_of_each_class_stands_in_one_place() -> None:
    """Two areas that share the name of a class spoil each other's pages: a table was laid out like a list."""
    style = re.sub(r"/\*.*?\*/", "", (STATIC / "staff.css").read_text(encoding="utf-8"), flags=re.DOTALL)
    plain = re.sub(r"@(media|supports)[^{]*\{([^{}]*\{[^{}]*\})*[^{}]*\}", "", style)
    alone = [selector.strip() for selector in re.findall(r"([^{}]+)\{", plain)]
    assert sorted(s for s in set(alone) if alone.count(s) > 1) == []


def test_cells_of_a_table_stand_below_their_headings(browser: Browser, url: str) -> None:
    """On every page with a table, and no word is broken on a small screen."""
    page = logged_in(browser, url, viewport={"width": 320, "height": 800})
    for path in ("/konten", "/konto", "/protokoll", "/statistik"):
        page.goto(url + path)
        assert page.locator("table").count() and page.evaluate(ASKEW) == [], path
    page.context.close()


def test_what_was_done_is_seen(browser: Browser, url: str) -> None:
    """Also at the end of a long page, on a small screen."""
    page = logged_in(browser, url, viewport={"width": 320, "height": 500})
    page.goto(f"{url}/nachschlagen?query=d")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: {writeText: async () => {}}})")
    page.locator("[data-copy]").last.click()
    told = page.get_by_role("status").filter(has_text=texts()["copied"])
    told.wait_for()
    box = told.bounding_box()
    assert box and 0 <= box["y"] <= 500 - box["height"]
    page.context.close()


def test_files_of_others_are_as_they_were() -> None:
    """Htmx with its licence, unchanged."""
    assert 'version:"2.0.' in (STATIC / "htmx.min.js").read_text(encoding="utf-8")
    assert "Zero-Clause BSD" in (STATIC / "htmx.LICENSE").read_text(encoding="utf-8")
