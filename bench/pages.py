"""Makes pages of templates: bench/templates holds the German, and these filters write its numbers."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bench.figures import german, percent, ratio
from bench.table import date

_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    undefined=StrictUndefined,
    autoescape=False,  # it is Markdown
    keep_trailing_newline=True,
)
_PAGES.filters |= {"de": german, "prozent": percent, "mal": ratio, "datum": date}


def render(template: str, **values: object) -> str:
    """A template with its values."""
    return _PAGES.get_template(template).render(values).strip() + "\n"
