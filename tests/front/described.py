"""The description of the open data, and whether something is as it says."""

from __future__ import annotations

from typing import Any

import jsonschema
import yaml

from tests.support import PROJECT

DESCRIPTION: dict[str, Any] = yaml.safe_load(
    (PROJECT / "partnerstadt" / "front" / "openapi_open_data.yml").read_text(encoding="utf-8")
)


def check(data: object, schema: str) -> None:
    """Fail unless the data have the form that the schema of this name describes, dates included."""
    checker = jsonschema.Draft202012Validator(
        {"$ref": f"#/components/schemas/{schema}"} | DESCRIPTION,
        format_checker=jsonschema.FormatChecker(["date"]),
    )
    checker.validate(data)
