"""`python -m partnerstadt.front`: the front desk as a process of its own."""

from __future__ import annotations

import logging
import os
import sys

from partnerstadt.front.desk import Place, open_desk
from partnerstadt.front.serve import server
from partnerstadt.front.settings import FILE, FrontSettings
from partnerstadt.rasa_ext import privacy
from partnerstadt.settings import Problem, Settings


def place_of(settings: Settings) -> Place:
    """Where the other parts of the bot are."""
    token = os.environ.get("PARTNERSTADT_CHANNEL_TOKEN", "")
    return Place(settings.records, settings.state, settings.rasa_url, settings.actions_url, token)


def main() -> int:
    """Serve until a signal ends it."""
    level = os.environ.get("LOG_LEVEL", "WARNING").upper()
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    privacy.protect_logging()
    try:
        settings = Settings.from_environment()
        front = FrontSettings.read(settings.project / FILE)
        desk = open_desk(front, place_of(settings))
    except Problem as problem:
        print(f"partnerstadt: {problem}", file=sys.stderr)
        return 1
    server(desk, settings.front_port).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
