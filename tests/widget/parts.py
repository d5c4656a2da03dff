"""What the tests of the chat share: a browser, a page with the chat on it, and what went wrong there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from playwright.sync_api import Browser, BrowserContext, Locator, Route, sync_playwright

from partnerstadt.front.security import security_headers

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
WIDGET = PROJECT / "widget"
STATIC = PROJECT / "partnerstadt" / "front" / "static"
TEXTS: dict[str, Any] = json.loads((WIDGET / "src" / "texts.de.json").read_text(encoding="utf-8"))
PICTURES: dict[str, Any] = yaml.safe_load((HERE / "pictures.yml").read_text(encoding="utf-8"))
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# A policy that a page reports on is a policy that it breaks.
WATCH = """
window.broken = [];
document.addEventListener("securitypolicyviolation", ({violatedDirective, blockedURI}) =>
    window.broken.push(`${violatedDirective} ${blockedURI}`));
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


class Visit:
    """Somebody on a page of the city that has the chat."""

    def __init__(self, browser: Browser, url: str, context: BrowserContext | None = None, **options: Any) -> None:
        self.url = url.rstrip("/")
        options.setdefault("viewport", {"width": 1280, "height": 860})
        self.context = context or browser.new_context(locale="de-DE", timezone_id="Europe/Berlin", **options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(10_000)
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.add_init_script(WATCH)

    def go(self, attributes: str = "", body: str = "", css: str = "") -> Visit:
        """Call up a page with the strictest policy that a city may have, and with made-up pictures."""

        def page(route: Route) -> None:
            route.fulfill(
                headers=security_headers([]) | {"Content-Type": "text/html; charset=utf-8"},
                body=f"""<!doctype html><html lang="de"><head><title>Stadt</title>
                    <meta name="viewport" content="width=device-width, initial-scale=1">
                    <link rel="icon" href="/icon.png"><link rel="stylesheet" href="/page.css">
                    <script src="/widget/partnerstadt-chat.js" defer {attributes}></script></head>
                    <body><main><h1>Unsere Stadt</h1><p><a href="#more">Mehr</a></p>{body}</main></body></html>""",
            )

        self.page.route("**/api/pictures.json", lambda route: route.fulfill(json=PICTURES))
        self.page.route("**/icon.png", lambda route: route.fulfill(status=204))
        self.page.route("**/page.css", lambda route: route.fulfill(content_type="text/css", body=css))
        self.page.route(f"{self.url}/seite", page)
        self.page.goto(f"{self.url}/seite")
        return self

    def inline(self, attributes: str = "") -> Visit:
        """Call up a page that has the chat in its text."""
        return self.go(body=f'<partnerstadt-chat mode="inline" {attributes}></partnerstadt-chat>')

    def open(self) -> Visit:
        """Open the chat and wait for its first words."""
        self.launcher.click()
        self.ready()
        return self

    def ready(self) -> None:
        """Wait until the chat knows what it needs."""
        self.page.locator(".begins .reply").first.wait_for(state="attached")

    @property
    def launcher(self) -> Locator:
        """The button that opens the chat."""
        return self.page.locator(".launcher")

    @property
    def field(self) -> Locator:
        """Where a question is written."""
        return self.page.get_by_label(TEXTS["field"])

    @property
    def answers(self) -> Locator:
        """What the bot has said."""
        return self.page.locator(".message.bot:not(.typing) > .text")

    @property
    def questions(self) -> Locator:
        """What was asked."""
        return self.page.locator(".message.citizen > .text")

    @property
    def live(self) -> Locator:
        """What screen readers are told."""
        return self.page.locator("[role=status]")

    def button(self, key: str, **values: object) -> Locator:
        """A button by the key of its text."""
        return self.page.get_by_role("button", name=TEXTS[key].format(**values), exact=True)

    def ask(self, text: str) -> Visit:
        """Write a question and send it."""
        self.field.fill(text)
        self.field.press("Enter")
        return self

    def asked(self, text: str) -> Visit:
        """Ask, and wait for the answer."""
        before = self.answers.count()
        self.ask(text)
        self.answers.nth(before).wait_for()
        return self

    def choose(self, key: str) -> None:
        """Choose something from the menu."""
        self.button("menu").click()
        self.page.locator(".menu button").filter(has_text=TEXTS[key]).click()

    def said(self, text: str) -> None:
        """Wait until screen readers are told something."""
        self.live.filter(has_text=text).wait_for(state="attached")

    def focused(self) -> str:
        """Tag and text of what has the focus, inside the chat too."""
        return str(
            self.page.evaluate(
                """() => {
                    let at = document.activeElement;
                    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
                    const name = at?.getAttribute("aria-label") || at?.labels?.[0]?.textContent || at?.textContent;
                    return `${at?.localName} ${name?.trim()}`;
                }"""
            )
        )

    def stored(self) -> dict[str, str]:
        """All that the page has left on the device."""
        return dict(
            self.page.evaluate("() => ({...sessionStorage, ...localStorage, ...(document.cookie && {cookie: 1})})")
        )

    def axe(self) -> list[str]:
        """What axe-core finds wrong, as lines to read."""
        found = self.page.evaluate(
            f"async () => {{ {axe_core()}; return await axe.run(document, {{runOnly: {json.dumps(AXE_RULES)}}}); }}"
        )
        # The page around the chat is ours only in its name.
        return [
            f"{violation['id']}: {node['target']} {node['failureSummary']}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]

    def check(self) -> None:
        """Nothing may have gone wrong: no error, no broken policy, no request to anybody else."""
        foreign = [url for url in self.requests if not url.startswith((self.url, "blob:"))]
        wrong = self.errors + self.page.evaluate("window.broken") + foreign
        assert not wrong, wrong


@lru_cache
def axe_core() -> str:
    """The source of axe-core."""
    return (WIDGET / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
