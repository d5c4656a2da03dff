"""From a folder of YAML files to typed records, with every error of every file at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from partnerstadt.text import squeeze
from partnerstadt.records.models import (
    City,
    Continent,
    Country,
    Office,
    Partnership,
    Period,
    Records,
    Region,
    Source,
    Status,
    Topic,
    World,
)

WORLD = Path(__file__).resolve().parents[2] / "records" / "world"
CITY_FILES = ("city.yml", "partnerships.yml", "office.yml", "topics.yml")
WORLD_FILES = ("countries.yml", "periods.yml")

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a record file. A warning does not keep the bot from starting."""

    file: str
    field: str
    message: str
    warning: bool = False

    def __str__(self) -> str:
        return f"{self.file}: {self.field}: {self.message}" if self.field else f"{self.file}: {self.message}"


class RecordsError(ValueError):
    """The records cannot be used; `findings` says why, one entry an error."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = findings


@lru_cache
def _messages() -> dict[str, str]:
    text = (Path(__file__).parent / "messages.yml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


class _UniqueKeyLoader(yaml.SafeLoader):
    """Safe YAML in which a field given twice is an error: the first would be lost without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = key_node.value
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, "duplicate key", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


@dataclass
class _Reader:
    """Collects findings while it turns files into models."""

    folder: Path
    findings: list[Finding] = field(default_factory=list)

    def report(self, file: str, place: str, key: str, *, warning: bool = False, **values: object) -> None:
        self.findings.append(Finding(file, place, _messages()[key].format(**values), warning))

    def mapping(self, file: str) -> dict[str, Any]:
        """The content of a file; an empty mapping after a finding."""
        path = self.folder / file
        try:
            # The loader derives from SafeLoader.
            raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)  # noqa: S506
        except FileNotFoundError:
            self.report(file, "", "file_missing")
            return {}
        except (OSError, UnicodeDecodeError) as error:
            self.report(file, "", "file_unreadable", reason=type(error).__name__)
            return {}
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            self.report(file, "", "yaml_broken", line=mark.line + 1 if mark else "?")
            return {}
        if not isinstance(raw, dict):
            self.report(file, "", "not_a_mapping")
            return {}
        return raw

    def model(self, file: str, place: str, model: type[Model], raw: object) -> Model | None:
        """One model, or None after findings."""
        if not isinstance(raw, dict):
            self.report(file, place, "not_a_mapping")
            return None
        try:
            return model(**{str(key): value for key, value in raw.items()})
        except ValidationError as error:
            for detail in error.errors():
                path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in detail["loc"])
                self.findings.append(Finding(file, f"{place}{path}".lstrip("."), _explain(detail)))
            return None

    def models(self, file: str, key: str, model: type[Model], raw: dict[str, Any]) -> list[Model]:
        """All models of a list; entries with findings are left out."""
        entries = raw.get(key)
        if raw and not isinstance(entries, list):
            self.report(file, key, "value_error.missing" if entries is None else "not_a_list")
        if not isinstance(entries, list):
            return []
        found = (self.model(file, f"{key}[{_label(i, entry)}]", model, entry) for i, entry in enumerate(entries))
        return [entry for entry in found if entry is not None]

    def unknown_fields(self, file: str, raw: dict[str, Any], known: Iterable[str]) -> None:
        for name in sorted(set(map(str, raw)) - set(known)):
            self.report(file, name, "value_error.extra")


def _label(index: int, entry: object) -> str:
    """People look for an entry by its id rather than by its number."""
    id = entry.get("id") or entry.get("key") or entry.get("iso") if isinstance(entry, dict) else None
    return str(id or index)


def _explain(detail: dict[str, Any]) -> str:
    messages = _messages()
    kind = detail["type"]
    context = dict(detail.get("ctx", {}))
    if "enum_values" in context:
        context["allowed"] = ", ".join(str(value.value) for value in context["enum_values"])
    if kind == "value_error" and "another year" in detail["msg"]:
        kind = "date_lies_in_year"
    text = messages.get(kind) or messages[f"{kind.split('.')[0]}.default"]
    return text.format(**context)


def read_world(folder: Path = WORLD) -> tuple[World | None, list[Finding]]:
    """The general knowledge that all cities share, with all findings."""
    reader = _Reader(folder)
    raw = reader.mapping("countries.yml")
    countries = reader.models("countries.yml", "countries", Country, raw)
    continents = reader.models("countries.yml", "continents", Continent, raw)
    regions = reader.models("countries.yml", "regions", Region, raw)
    raw_periods = reader.mapping("periods.yml")
    periods = reader.models("periods.yml", "periods", Period, raw_periods)
    countries_source = reader.model("countries.yml", "source", Source, raw.get("source", {}))
    periods_source = reader.model("periods.yml", "source", Source, raw_periods.get("source", {}))
    if reader.findings or countries_source is None or periods_source is None:
        return None, reader.findings
    return World(
        countries={c.iso: c for c in countries},
        continents={c.key: c for c in continents},
        regions={r.key: r for r in regions},
        periods={p.key: p for p in periods},
        countries_source=countries_source,
        periods_source=periods_source,
    ), []


def read_records(folder: Path, today: dt.date, world: Path = WORLD) -> tuple[Records | None, list[Finding]]:
    """Read and validate a city's folder.

    Returns:
        The records (None where an error keeps them from being used) and all findings, warnings included.
    """
    reader = _Reader(folder)
    general, findings = read_world(world)
    raw_city = reader.mapping("city.yml")
    city = reader.model("city.yml", "", City, raw_city) if raw_city else None
    lists: dict[str, list[Any]] = {}
    for file, key, model in (
        ("partnerships.yml", "partnerships", Partnership),
        ("office.yml", "offices", Office),
        ("topics.yml", "topics", Topic),
    ):
        raw = reader.mapping(file)
        reader.unknown_fields(file, raw, [key])
        lists[key] = reader.models(file, key, model, raw)  # type: ignore[type-var]
    records = None
    if city is not None and general is not None:
        records = Records(
            city=city,
            partnerships=tuple(lists["partnerships"]),
            offices=tuple(lists["offices"]),
            topics=tuple(lists["topics"]),
            world=general,
        )
        _check_across_files(records, today, reader.report)
    findings = findings + reader.findings
    return (None if any(not f.warning for f in findings) else records), findings


def load_records(folder: Path, today: dt.date, world: Path = WORLD) -> Records:
    """The records of a folder.

    Raises:
        RecordsError: if a file is missing, broken or contradicts itself.
    """
    records, findings = read_records(folder, today, world)
    if records is None:
        raise RecordsError([f for f in findings if not f.warning])
    return records


def _entries(records: Records) -> Iterator[tuple[str, str, Partnership | Office | Topic]]:
    for file, key, entries in (
        ("partnerships.yml", "partnerships", records.partnerships),
        ("office.yml", "offices", records.offices),
        ("topics.yml", "topics", records.topics),
    ):
        for entry in entries:
            yield file, f"{key}[{entry.id}]", entry  # type: ignore[attr-defined]


def _check_across_files(records: Records, today: dt.date, report: Callable[..., None]) -> None:
    """What no single field can show: references, duplicates, dates, counts."""
    ids: dict[tuple[str, str], str] = {}
    for file, place, entry in _entries(records):
        if entry.source not in records.city.sources:
            report(file, f"{place}.source", "unknown_source", value=entry.source)
        if (file, entry.id) in ids:
            report(file, f"{place}.id", "duplicate_id", value=entry.id)
        ids[file, entry.id] = place
        if entry.review_by < today:
            report(file, f"{place}.review_by", "review_overdue", value=entry.review_by.isoformat(), warning=True)
    if records.city.country not in records.world.countries:
        report("city.yml", "country", "unknown_country", value=records.city.country)
    for p in records.partnerships:
        _check_partnership(p, records, today, report)
    _check_names(records, report)
    for key, source in records.city.sources.items():
        count = sum(p.counts and p.source == key for p in records.partnerships)
        if source.stated_partnerships not in (None, count):
            values = {"count": count, "source": source.title, "stated": source.stated_partnerships}
            report("partnerships.yml", "partnerships", "count_contradicts_source", warning=True, **values)
    if records.offices and records.contact is None:
        report("office.yml", "offices", "no_contact")


def _check_partnership(p: Partnership, records: Records, today: dt.date, report: Callable[..., None]) -> None:
    file, place = "partnerships.yml", f"partnerships[{p.id}]"
    if p.country not in records.world.countries:
        report(file, f"{place}.country", "unknown_country", value=p.country)
    if p.location.continent not in records.world.continents:
        report(file, f"{place}.location.continent", "unknown_continent", value=p.location.continent)
    if p.location.source not in records.city.sources:
        report(file, f"{place}.location.source", "unknown_source", value=p.location.source)
    if p.since and p.since.year > today.year:
        report(file, f"{place}.since.year", "year_in_future", value=p.since.year)
    if p.since is None and p.counts:
        report(file, f"{place}.since", "year_missing")
    if p.status is not Status.UNKNOWN and p.status_source not in records.city.sources:
        report(file, f"{place}.status_source", "status_without_source", value=p.status.value)
    if p.ended is not None and p.status is not Status.ENDED:
        report(file, f"{place}.ended", "ended_without_status")
    if p.ended is not None and p.year is not None and p.ended < p.year:
        report(file, f"{place}.ended", "end_before_start", value=p.ended, start=p.year)
    if p.ended is not None and p.ended > today.year:
        report(file, f"{place}.ended", "year_in_future", value=p.ended)


def _check_names(records: Records, report: Callable[..., None]) -> None:
    """No name or alias may mean two records: the bot could not tell which one is asked for."""
    owners: dict[str, str] = {}
    named: list[tuple[str, str, tuple[str, ...]]] = [
        ("partnerships.yml", f"partnerships[{p.id}]", (p.name, *p.aliases)) for p in records.partnerships
    ]
    named += [("topics.yml", f"topics[{t.id}]", t.aliases) for t in records.topics]
    for file, place, names in named:
        for name in {squeeze(n): n for n in names}.values():
            key = squeeze(name)
            if owners.get(key, place) != place:
                report(file, place, "duplicate_name", value=name, other=owners[key])
            owners[key] = place
