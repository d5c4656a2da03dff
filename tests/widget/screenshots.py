"""Takes the pictures of the documentation, before the real bot: `make pictures`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from partnerstadt.model import ensure_model
from partnerstadt.quality.servers import running
from partnerstadt.settings import Settings
from tests.widget.parts import PHONE, PROJECT, Visit, chromium

FOLDER = PROJECT / "docs" / "bilder"
SCREEN = {"viewport": {"width": 1600, "height": 900}}
LIST, SINCE = "Welche Partnerstädte gibt es?", "Seit wann ist Leeds Partnerstadt?"


def take(browser: Browser, url: str) -> None:
    """All pictures."""

    def visit(**options: Any) -> Visit:
        somebody = Visit(browser, url, **options)
        somebody.page.goto(somebody.url)
        return somebody.open()

    def picture(somebody: Visit, name: str) -> None:
        somebody.page.wait_for_timeout(800)  # until all has come to rest
        somebody.page.screenshot(path=FOLDER / f"{name}.png")
        somebody.context.close()

    picture(visit(**SCREEN).asked(SINCE).asked("und Amiens?"), "chat-bildschirm")
    picture(visit(**PHONE, device_scale_factor=2), "chat-telefon")
    picture(visit(**PHONE, device_scale_factor=2, color_scheme="dark").asked(SINCE), "chat-dunkel")
    for choice, name in (("mapTitle", "chat-karte"), ("timelineTitle", "chat-zeitstrahl")):
        somebody = visit(**SCREEN)
        somebody.choose(choice)
        somebody.page.locator("figure svg").first.wait_for()
        picture(somebody, name)


def main() -> None:
    """Start everything, take the pictures, stop everything."""
    settings = Settings.from_environment()
    ensure_model(settings)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(settings, Path(folder) / "servers.log") as started,
        chromium() as browser,
    ):
        take(browser, started.front_url)


if __name__ == "__main__":
    main()
