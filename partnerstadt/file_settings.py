"""Settings of one part of the bot: a file of lines 'key: value', each key of which the environment may overrule.

A file may have sections, one for each of several parts.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import pydantic
import yaml

if TYPE_CHECKING or pydantic.VERSION.startswith("1."):
    from pydantic import BaseModel, Extra, Field, ValidationError, validator
else:  # the environment of a gateway: its second version carries the first
    from pydantic.v1 import BaseModel, Extra, Field, ValidationError, validator

from partnerstadt.settings import Problem

__all__ = ["Field", "FileSettings", "listed", "validator"]
Kind = TypeVar("Kind", bound="FileSettings")


class FileSettings(BaseModel):
    """One attribute a key of the file; the file says what each is good for."""

    # What the names of the environment begin with.
    prefix: ClassVar[str]
    # Settings of the whole bot that begin alike.
    not_here: ClassVar[frozenset[str]] = frozenset()
    # What must not end on a screen.
    hidden: ClassVar[frozenset[str]] = frozenset()

    class Config:
        """What pydantic is told."""

        extra = Extra.forbid
        allow_mutation = False

    @classmethod
    def read(
        cls: type[Kind], file: Path, environment: Mapping[str, str] = os.environ, section: str | None = None
    ) -> Kind:
        """The settings of a file or a section of it and the environment, or a Problem that names the wrong key."""
        values = _values(file, section)
        names = {cls.prefix + key.upper(): key for key in cls.__fields__}
        for name in sorted(environment):
            if name.startswith(cls.prefix) and name not in cls.not_here:
                if name not in names:
                    raise Problem(f"{name} is no setting of this part; {file.name} lists them.")
                # As in YAML, nothing stands for nothing.
                values[names[name]] = environment[name] or None
        try:
            return cls(**values)
        except ValidationError as error:
            first = error.errors()[0]
            key = str(first["loc"][0])
            variable = cls.prefix + key.upper()
            # What is wrong with several keys together names them itself.
            where = f"{file.name}: {section}" if section else file.name
            place = variable if variable in environment else f"{where}: {key}" if key in values else where
            # What is written under an unknown key may be a secret whose name is misspelt.
            shows = key in values and key in cls.__fields__ and key not in cls.hidden
            shown = f", not '{values[key]}'" if shows else ""
            raise Problem(f"{place}: {first['msg']}{shown}.") from None


def listed(value: Any) -> Any:
    """A list of the environment, written with commas, as one of the file."""
    if value is None:  # set to nothing
        return []
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def network(value: str) -> str:
    """An address, or a network such as 10.0.0.0/8, in its usual form; a ValueError otherwise."""
    return str(ip_network(value) if "/" in value else ip_address(value))


class _Loader(yaml.SafeLoader):
    """YAML in which a key or a section that stands twice is an error: one of them would count for nothing."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set[str]()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen:
                text = f"'{key.value}' stands twice, again in line {key.start_mark.line + 1}"
                raise yaml.constructor.ConstructorError(None, None, text)
            seen.add(key.value)
        return dict(super().construct_mapping(node, deep))


def sections(file: Path) -> list[str]:
    """The names of the sections of a file, or a Problem if it cannot be read."""
    return list(_values(file, None))


def _values(file: Path, section: str | None) -> dict[str, Any]:
    if not file.exists():
        return {}
    try:
        raw = yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)  # it derives from SafeLoader
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise Problem(f"{file.name} cannot be read: {' '.join(str(error).split())}") from error
    if section is not None and isinstance(raw, dict):
        raw = raw.get(section)
    if raw is not None and not isinstance(raw, dict):
        raise Problem(f"{file.name} must hold lines of the form 'key: value'.")
    return {str(key): value for key, value in (raw or {}).items()}
