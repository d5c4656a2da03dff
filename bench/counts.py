"""How long the statistics take with a year of counts: `python -m bench.counts`."""

from __future__ import annotations

import datetime as dt
import itertools
import tempfile
import time
from pathlib import Path

from sqlalchemy import insert

from partnerstadt.front.database import open_database
from partnerstadt.front.store import MILLISECONDS, Store
from partnerstadt.front.tables import counts
from partnerstadt.staff.statistics import Period, report
from partnerstadt.staff.texts import texts

CHANNELS = ("web", "email", "telegram", "matrix")
LAST = dt.date(2026, 12, 31)


def main() -> None:
    """Fill a database as a million messages a month would, and read it."""
    words = texts()["statistics"]
    names = {
        "conversations": [""],
        "questions": [""],
        "feedback": ["up", "down"],
        "outcomes": list(words["outcomes"]),
        "intents": [intent for group in words["groups"].values() for intent in group["of"]],
        "milliseconds": [str(bound) for bound in MILLISECONDS[:30]],
    }
    kinds = [(kind, name) for kind, of in names.items() for name in of]
    year = Period(LAST - dt.timedelta(days=365), LAST)
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(None, Path(folder))
        rows = [
            {"day": str(day), "channel": channel, "kind": kind, "name": name, "number": 100}
            for day, channel, (kind, name) in itertools.product(year.days, CHANNELS, kinds)
        ]
        with engine.begin() as connection:
            connection.execute(insert(counts), rows)
        store = Store(engine)
        for days in (30, 366):
            period = Period(LAST - dt.timedelta(days=days - 1), LAST)
            begun = time.perf_counter()
            report(store.statistics(str(period.first), str(period.last)), period)
            print(f"{days} days of {len(rows)} counts: {time.perf_counter() - begun:.2f} s")


if __name__ == "__main__":
    main()
