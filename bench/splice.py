"""Sections of pages that a command writes: they lie between two comments, and the rest of the page stays as it is."""

from __future__ import annotations

from pathlib import Path

from partnerstadt.settings import Problem


def begin(command: str) -> str:
    """The comment before the section of a command."""
    return f"<!-- Von hier an schreibt `{command}`. Bitte nicht von Hand ändern. -->"


def end(command: str) -> str:
    """The comment after it."""
    return f"<!-- Bis hier schreibt `{command}`. -->"


def section(command: str, content: str) -> str:
    """A section between its comments."""
    return f"{begin(command)}\n\n{content.strip()}\n\n{end(command)}"


def splice(page: Path, command: str, content: str) -> None:
    """Put a section in the place of the one that the command has written before."""
    text = page.read_text(encoding="utf-8")
    before, opened, rest = text.partition(begin(command))
    _, closed, after = rest.partition(end(command))
    if not (opened and closed):
        raise Problem(f"{page} has no place for what `{command}` writes.")
    page.write_text(before + section(command, content) + after, encoding="utf-8")
