"""`python -m partnerstadt.front`: the front desk as a process of its own."""

from __future__ import annotations

import sys

import uvicorn

from partnerstadt.front.desk import Place, open_desk
from partnerstadt.front.serve import server
from partnerstadt.front.settings import FILE, FrontSettings
from partnerstadt.serving import serve
from partnerstadt.settings import Settings


def place_of(settings: Settings) -> Place:
    """Where the other parts of the bot are."""
    return Place(
        settings.records,
        settings.state,
        settings.rasa_urls,
        settings.bot_actions_url,
        database=settings.database,
        redis=settings.redis,
        token=settings.token or "",
    )


def made(settings: Settings) -> uvicorn.Server:
    """The front desk as its files want it."""
    desk = open_desk(FrontSettings.read(settings.project / FILE), place_of(settings))
    return server(desk, settings.front_port)


if __name__ == "__main__":
    sys.exit(serve(made, "front"))
