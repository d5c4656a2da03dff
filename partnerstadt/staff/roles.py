"""What somebody at the staff desk may do; in a file of its own, because the command line loads it at every start."""

from __future__ import annotations

from enum import Enum


class Role(str, Enum):
    """What somebody may do."""

    EDITOR = "editor"
    AGENT = "agent"
    STATISTICS = "statistics"
    ADMINISTRATOR = "administrator"
