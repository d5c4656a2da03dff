"""From a folder of YAML files to typed records, with every error of every file at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from partnerstadt.records.models import (
    City,
    Continent,
    Country,
    CuratedAnswer,
    Location,
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
from partnerstadt.text import squeeze

WORLD = Path(__file__).resolve().parents[2] / "records" / "world"
REQUIRED_FILES = ("city.yml", "partnerships.yml", "office.yml", "topics.yml")
# A city that has written no answers of its own needs no file for them.
ANSWERS = "answers.yml"
CITY_FILES = (*REQUIRED_FILES, ANSWERS)
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


# The same safe YAML, read by libyaml where PyYAML was built with it: about ten times as fast.
_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_SafeLoader):
    """Safe YAML in which a field given twice is an error: the first would be lost without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                continue
            if key_node.value in seen:
                raise yaml.constructor.ConstructorError(None, None, "duplicate key", key_node.start_mark)
            seen.add(key_node.value)
        return dict(super().construct_mapping(node, deep))

    def construct_date(self, node: yaml.ScalarNode) -> object:
        """A date; one that no calendar has (30 February) stays text, so that its field is named."""
        try:
            return self.construct_yaml_timestamp(node)
        except ValueError:
            return node.value


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _Loader.construct_date)


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
            raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # it derives from SafeLoader
        except FileNotFoundError:
            self.report(file, "", "file_missing")
            return {}
        except (OSError, UnicodeDecodeError) as error:
            self.report(file, "", "file_unreadable", reason=type(error).__name__)
            return {}
        except (yaml.YAMLError, ValueError) as error:  # PyYAML lets a ValueError of odd numbers ("0b_") through
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

    def has_errors(self, file: str) -> bool:
        """Whether a file has shown an error up to now, so that some of its entries may be missing."""
        return any(finding.file == file and not finding.warning for finding in self.findings)

    def unknown_fields(self, file: str, raw: dict[str, Any], known: Iterable[str]) -> None:
        for name in sorted(set(map(str, raw)) - set(known)):
            self.report(file, name, "value_error.extra")


def _label(index: int, entry: object) -> str:
    """People look for an entry by its id rather than by its number."""
    id = entry.get("id") or entry.get("key") or entry.get("iso") if isinstance(entry, dict) else None
    return str(id or index)


def _explain(detail: Mapping[str, Any]) -> str:
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
    """The general knowledge that all cities share, with all findings; read again only when its files have changed."""
    key = (folder, tuple(stamp(folder / name) for name in WORLD_FILES))
    if key in _worlds:
        return _worlds[key], []
    world, findings = _read_world(folder)
    if world is not None:
        _worlds.clear()
        _worlds[key] = world
    return world, findings


# It is most of what a city's records are read with, and hardly ever changes.
_worlds: dict[tuple[Path, tuple[tuple[int, int], ...]], World] = {}


def stamp(path: Path) -> tuple[int, int]:
    """By what a changed file is known: its time in nanoseconds and its size in bytes; zeros where there is none."""
    try:
        stat = path.stat()
    except OSError:
        return (0, 0)
    return (stat.st_mtime_ns, stat.st_size)


def _read_world(folder: Path) -> tuple[World | None, list[Finding]]:
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
        lists[key] = reader.models(file, key, model, raw)
    raw_answers = reader.mapping(ANSWERS) if (folder / ANSWERS).exists() else {}
    reader.unknown_fields(ANSWERS, raw_answers, ["answers"])
    sources = raw_city.get("sources")
    parts = _Parts(
        city=city,
        # Their keys are known even where something else is wrong with city.yml.
        sources=frozenset(map(str, sources)) if isinstance(sources, dict) else None,
        partnerships=tuple(lists["partnerships"]),
        offices=tuple(lists["offices"]),
        topics=tuple(lists["topics"]),
        answers=tuple(reader.models(ANSWERS, "answers", CuratedAnswer, raw_answers)),
        world=general,
    )
    _check_across_files(parts, today, reader)
    findings = findings + reader.findings
    if city is None or general is None or any(not finding.warning for finding in findings):
        return None, findings
    return Records(
        city=city,
        partnerships=parts.partnerships,
        offices=parts.offices,
        topics=parts.topics,
        answers=parts.answers,
        world=general,
    ), findings


def load_records(folder: Path, today: dt.date, world: Path = WORLD) -> Records:
    """The records of a folder.

    Raises:
        RecordsError: if a file is missing, broken or contradicts itself.
    """
    records, findings = read_records(folder, today, world)
    if records is None:
        raise RecordsError([f for f in findings if not f.warning])
    return records


@dataclass(frozen=True)
class _Parts:
    """What could be read; None stands for what could not, and is checked no further."""

    city: City | None
    sources: frozenset[str] | None
    partnerships: tuple[Partnership, ...]
    offices: tuple[Office, ...]
    topics: tuple[Topic, ...]
    answers: tuple[CuratedAnswer, ...]
    world: World | None

    def lacks_source(self, key: str) -> bool:
        return self.sources is not None and key not in self.sources

    def lacks_country(self, iso: str) -> bool:
        return self.world is not None and iso not in self.world.countries

    def lacks_continent(self, key: str) -> bool:
        return self.world is not None and key not in self.world.continents

    def entries(self) -> Iterator[tuple[str, str, Partnership | Office | Topic | CuratedAnswer]]:
        """Each entry with its file and its place in it."""
        for partnership in self.partnerships:
            yield "partnerships.yml", f"partnerships[{partnership.id}]", partnership
        for office in self.offices:
            yield "office.yml", f"offices[{office.id}]", office
        for topic in self.topics:
            yield "topics.yml", f"topics[{topic.id}]", topic
        for answer in self.answers:
            yield ANSWERS, f"answers[{answer.id}]", answer


def _check_across_files(parts: _Parts, today: dt.date, reader: _Reader) -> None:
    """What no single field can show: references, duplicates, dates, counts."""
    report = reader.report
    ids: set[tuple[str, str]] = set()
    for file, place, entry in parts.entries():
        if parts.lacks_source(entry.source):
            report(file, f"{place}.source", "unknown_source", value=entry.source)
        if (file, entry.id) in ids:
            report(file, f"{place}.id", "duplicate_id", value=entry.id)
        ids.add((file, entry.id))
        if entry.review_by < today:
            report(file, f"{place}.review_by", "review_overdue", value=entry.review_by.isoformat(), warning=True)
    if parts.city is not None and parts.lacks_country(parts.city.country):
        report("city.yml", "country", "unknown_country", value=parts.city.country)
    if parts.city is not None and parts.city.location is not None:
        _check_location(parts.city.location, "city.yml", "location", parts, report)
    for partnership in parts.partnerships:
        _check_partnership(partnership, parts, today, report)
    _check_names(parts, report)
    _check_answers(parts, today, report)
    # What an entry with an error would have added is not known, so nothing is said of the whole then.
    if parts.city is not None and not reader.has_errors("partnerships.yml"):
        _check_counts(parts.city, parts.partnerships, report)
    has_contact = any(office.role == "contact" for office in parts.offices)
    if parts.offices and not has_contact and not reader.has_errors("office.yml"):
        report("office.yml", "offices", "no_contact")


def _check_counts(city: City, partnerships: tuple[Partnership, ...], report: Callable[..., None]) -> None:
    for key, source in city.sources.items():
        count = sum(p.counts and p.source == key for p in partnerships)
        if source.stated_partnerships not in (None, count):
            values = {"count": count, "source": source.title, "stated": source.stated_partnerships}
            report("partnerships.yml", "partnerships", "count_contradicts_source", warning=True, **values)


def _check_partnership(p: Partnership, parts: _Parts, today: dt.date, report: Callable[..., None]) -> None:
    file, place = "partnerships.yml", f"partnerships[{p.id}]"
    if parts.lacks_country(p.country):
        report(file, f"{place}.country", "unknown_country", value=p.country)
    _check_location(p.location, file, f"{place}.location", parts, report)
    if p.since and p.since.year > today.year:
        report(file, f"{place}.since.year", "year_in_future", value=p.since.year)
    if p.since is None and p.counts:
        report(file, f"{place}.since", "year_missing")
    if p.status is not Status.UNKNOWN and (p.status_source is None or parts.lacks_source(p.status_source)):
        report(file, f"{place}.status_source", "status_without_source", value=p.status.value)
    if p.ended is not None and p.status is not Status.ENDED:
        report(file, f"{place}.ended", "ended_without_status")
    if p.ended is not None and p.year is not None and p.ended < p.year:
        report(file, f"{place}.ended", "end_before_start", value=p.ended, start=p.year)
    if p.ended is not None and p.ended > today.year:
        report(file, f"{place}.ended", "year_in_future", value=p.ended)


def _check_location(location: Location, file: str, place: str, parts: _Parts, report: Callable[..., None]) -> None:
    if parts.lacks_continent(location.continent):
        report(file, f"{place}.continent", "unknown_continent", value=location.continent)
    if parts.lacks_source(location.source):
        report(file, f"{place}.source", "unknown_source", value=location.source)


def _check_names(parts: _Parts, report: Callable[..., None]) -> None:
    """No name or alias may mean two records: the bot could not tell which one is asked for."""
    owners: dict[str, str] = {}
    named: list[tuple[str, str, tuple[str, ...]]] = [
        ("partnerships.yml", f"partnerships[{p.id}]", (p.name, *p.aliases)) for p in parts.partnerships
    ]
    named += [("topics.yml", f"topics[{t.id}]", t.aliases) for t in parts.topics]
    for file, place, names in named:
        for name in {squeeze(n): n for n in names}.values():
            key = squeeze(name)
            if owners.get(key, place) != place:
                report(file, place, "duplicate_name", value=name, other=owners[key])
            owners[key] = place


def _check_answers(parts: _Parts, today: dt.date, report: Callable[..., None]) -> None:
    """No question may have two answers, and no curated answer the id of a topic: an id tells what was said."""
    topics = {topic.id for topic in parts.topics}
    asked: dict[str, str] = {
        squeeze(question): f"topics[{topic.id}]" for topic in parts.topics for question in topic.questions
    }
    for answer in parts.answers:
        place = f"answers[{answer.id}]"
        if answer.id in topics:
            report(ANSWERS, f"{place}.id", "duplicate_id", value=answer.id)
        for question in answer.questions:
            other = asked.setdefault(squeeze(question), place)
            if other != place:
                report(ANSWERS, f"{place}.questions", "duplicate_question", value=question, other=other)
        if not answer.holds_on(today):
            expired = answer.valid_until.isoformat() if answer.valid_until else ""
            report(ANSWERS, f"{place}.valid_until", "answer_expired", warning=True, value=expired)
