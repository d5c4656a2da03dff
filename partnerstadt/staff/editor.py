"""Edits records: what a form sends becomes the text of a file, with all that is wrong with it named at its field."""

from __future__ import annotations

import datetime as dt
import difflib
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from partnerstadt.front.times import Clock
from partnerstadt.records.load import Finding
from partnerstadt.records.models import Records
from partnerstadt.records.store import RecordStore
from partnerstadt.staff.changes import Changes, Overtaken, Unfit
from partnerstadt.staff.kinds import KINDS, SOURCE, TOPIC, Kind, new_id, value, values_of
from partnerstadt.staff.preview import Shown, preview
from partnerstadt.staff.yaml_files import entries, with_values, without_entry

NEW_SOURCE = "new"
ATTEMPTS = 3


@dataclass(frozen=True)
class Record:
    """A record as a form shows it.

    Attributes:
        kind: what it is.
        id: its id; empty for one that is to be added.
        title: what people call it.
        values: its fields.
        source: the key of the source of its facts.
        mark: a hash of all that it says.
        removable: whether it may go.
    """

    kind: Kind
    id: str
    title: str
    values: Mapping[str, str]
    source: str
    mark: str
    removable: bool


@dataclass(frozen=True)
class Sent:
    """What a form has sent.

    Attributes:
        values: the fields as they were typed.
        mark: the record that the form was made from; empty for a new one.
        source: the key of the source of what is changed, or that a new one is given.
        new_source: fields of the new source.
    """

    values: Mapping[str, str]
    mark: str = ""
    source: str = ""
    new_source: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Fault:
    """Something wrong with what was sent: the field, if it is one of the form, and what is wrong with it."""

    field: str
    message: str


class Faulty(ValueError):
    """What was sent cannot be kept; `faults` says why, all at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(fault.message for fault in faults))
        self.faults = tuple(faults)


class Outdated(ValueError):
    """Somebody else has changed this record since; `now` is what it says, None if it is gone."""

    def __init__(self, now: Record | None) -> None:
        super().__init__("the record has been changed since")
        self.now = now


@dataclass(frozen=True)
class Draft:
    """A change that could be made.

    Attributes:
        id: the record.
        files: each file with its new text and the mark of the old, in the order in which they are changed.
        lines: the lines that differ: "+", "-" or "@" and the line.
        records: the records as they would be.
    """

    id: str
    files: Mapping[str, tuple[str, str]]
    lines: Sequence[tuple[str, str]]
    records: Records


@dataclass(frozen=True)
class Task:
    """Something to be seen to: a date of review that is over, or fields that are empty.

    Attributes:
        record: which record.
        overdue: the date that is over.
        missing: the names of the fields.
    """

    record: Record
    overdue: str = ""
    missing: tuple[str, ...] = ()


class Editor:
    """All records of one folder.

    Args:
        changes: their files.
        records: the records in force.
        clock: the time.
        words: messages of this module.
    """

    def __init__(self, changes: Changes, records: RecordStore, clock: Clock, words: Mapping[str, str]) -> None:
        self._changes = changes
        self._records = records
        self._clock = clock
        self._words = words

    def records(self, kind: Kind) -> list[Record]:
        """All records of a kind.

        Raises:
            Broken: if their file cannot be read.
            Unfit: if their file is no text.
        """
        found = entries(self._changes.read(kind.file).text, kind)
        return [_record(kind, id, entry) for id, entry in found.items()]

    def record(self, kind: Kind, id: str) -> Record | None:
        """One record."""
        return next((record for record in self.records(kind) if record.id == id), None)

    def empty(self, kind: Kind) -> Record:
        """A record to be added."""
        return Record(kind, "", "", {field.name: "" for field in kind.fields}, "", "", False)

    def choices(self, kind: Kind) -> dict[str, Mapping[str, str]]:
        """What fields that offer a choice offer."""
        records = self._records.get()
        return {field.name: field.choices(records) for field in kind.fields if field.choices}

    def tasks(self) -> list[Task]:
        """What is overdue, then what is missing."""
        today = self._clock().date()
        found = [task for kind in KINDS.values() for record in self.records(kind) for task in _tasks(record, today)]
        return sorted(found, key=lambda task: (not task.overdue, task.overdue))

    def draft(self, kind: Kind, id: str, sent: Sent) -> Draft:
        """What a form would change; without an id it adds a record.

        Raises:
            Outdated: if somebody else has changed the record since the form was made.
            Faulty: if the records could not be used then, or a source is missing, or nothing is changed.
        """
        version = self._changes.read(kind.file)
        found = entries(version.text, kind)
        entry = found.get(id, {})
        if (_mark(entry) if entry else "") != sent.mark:
            raise Outdated(_record(kind, id, entry) if entry else None)
        values = {field.name: value(field, sent.values.get(field.name, "")) for field in kind.fields}
        before = values_of(kind, entry)
        changed = {
            field.name
            for field in kind.fields
            if values[field.name] != value(field, before[field.name]) or (not entry and field.required)
        }
        files: dict[str, tuple[str, str]] = {}
        if kind.sourced:
            facts = {name for name in changed if name != "review_by" and not name.startswith("location.")}
            key = self._source(sent, bool(facts), files)
            if key and (facts or key != entry.get("source")):
                values |= _proven(kind, key, changed, values)
                changed |= {"source", "status_source"} & set(values)
        missing = [Fault(f.name, self._words["required"]) for f in kind.fields if f.required and values[f.name] is None]
        if missing:
            raise Faulty(missing)
        if not changed:
            raise Faulty([Fault("", self._words["nothing_changed"])])
        title = sent.values.get(kind.title, "")
        id = id or new_id(title, set(found))
        if not entry and kind is TOPIC:
            values = {"group": "neighbour", **values}
            changed.add("group")
        base = files.get(kind.file, (version.text, version.mark))[0]
        text = with_values(base, kind, id, {name: values[name] for name in values if name in changed})
        files[kind.file] = (text, version.mark)
        return self._drafted(kind, id, files)

    def removal(self, kind: Kind, id: str, mark: str) -> Draft:
        """What it would change to remove a record.

        Raises:
            Outdated: if somebody else has changed it since.
            Faulty: if the records could not be used without it.
        """
        version = self._changes.read(kind.file)
        entry = entries(version.text, kind).get(id)
        if entry is None or _mark(entry) != mark or not kind.removable(entry):
            raise Outdated(_record(kind, id, entry) if entry else None)
        return self._drafted(kind, id, {kind.file: (without_entry(version.text, kind, id), version.mark)})

    def answers(self, kind: Kind, draft: Draft) -> list[Shown]:
        """What the bot says and what it would say."""
        return preview(kind, draft.id, self._records.get(), draft.records, self._clock().year)

    def save(self, kind: Kind, id: str, sent: Sent, account: str) -> str:
        """Keep what a form has sent: the id of the record. Raises what a draft does."""
        return self._kept(lambda: self.draft(kind, id, sent), account)

    def remove(self, kind: Kind, id: str, mark: str, account: str) -> None:
        """Remove a record. Raises what a removal does."""
        self._kept(lambda: self.removal(kind, id, mark), account)

    def _kept(self, drafted: Any, account: str) -> str:
        for attempt in range(ATTEMPTS):
            draft: Draft = drafted()
            try:
                for file, (text, mark) in draft.files.items():
                    self._changes.put(file, text, mark, account, draft.id)
            except Overtaken:
                # Elsewhere in the file; if it was this record, the next draft says so.
                if attempt + 1 == ATTEMPTS:
                    raise
                continue
            return draft.id
        raise AssertionError("unreachable")

    def _source(self, sent: Sent, needed: bool, files: dict[str, tuple[str, str]]) -> str:
        """The key of the source that was given; a new one is put into its file."""
        if sent.source != NEW_SOURCE:
            if needed and not sent.source:
                raise Faulty([Fault("source", self._words["source_needed"])])
            return sent.source
        version = self._changes.read(SOURCE.file)
        known = entries(version.text, SOURCE)
        given = sent.new_source or {}
        values = {f.name: value(f, given.get(f.name, "")) for f in SOURCE.fields}
        faults = [
            Fault(f"new_source.{f.name}", self._words["required"])
            for f in SOURCE.fields
            if f.required and values[f.name] is None
        ]
        if faults:
            raise Faulty(faults)
        told = ("title", "url", "taken_over_on")
        same = (key for key, entry in known.items() if all(entry.get(name) == values[name] for name in told))
        key = next(same, None)
        if key is None:
            key = new_id(str(values["title"]), set(known))
            text = with_values(version.text, SOURCE, key, {name: values[name] for name in told})
            files[SOURCE.file] = (text, version.mark)
        return key

    def _drafted(self, kind: Kind, id: str, files: Mapping[str, tuple[str, str]]) -> Draft:
        texts = {file: text for file, (text, _) in files.items()}
        try:
            after = self._changes.check(kind.file, texts[kind.file], texts)
        except Unfit as unfit:
            raise Faulty([_fault(kind, id, finding) for finding in unfit.findings]) from unfit
        lines = [line for file, text in texts.items() for line in _lines(self._changes.read(file).text, text)]
        return Draft(id, files, lines, after)


def _record(kind: Kind, id: str, entry: Mapping[str, Any]) -> Record:
    return Record(
        kind=kind,
        id=id,
        title=str(entry.get(kind.title, id)),
        values=values_of(kind, entry),
        source=str(entry.get("source", "")),
        mark=_mark(entry),
        removable=kind.removable(entry),
    )


def _mark(entry: Mapping[str, Any]) -> str:
    text = json.dumps(entry, default=str, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _proven(kind: Kind, key: str, changed: Iterable[str], values: Mapping[str, Any]) -> dict[str, Any]:
    """Where the source of a change goes: a status has one of its own."""
    proven: dict[str, Any] = {"source": key}
    if "status" in changed:
        proven["status_source"] = key if values["status"] not in (None, "unknown") else None
    return proven


def _fault(kind: Kind, id: str, finding: Finding) -> Fault:
    """At its field, if it is one of this record; else with its whole place."""
    place = f"{kind.key}[{id}]" if kind.key else ""
    own = finding.file == kind.file and (finding.field.startswith(place) if place else True)
    name = finding.field.removeprefix(place).removeprefix(".") if own else ""
    if kind is SOURCE and finding.field.startswith(f"sources.{id}."):
        name = finding.field.removeprefix(f"sources.{id}.")
    field = next((f.name for f in kind.fields if name and (f.name == name or f.name.startswith(f"{name}."))), "")
    field = field or next((f.name for f in kind.fields if name.split("[")[0] == f.name), "")
    if not field and place and ((own and not name) or finding.message.endswith(place)):
        # A name that another record has; the one it is reported of is the later of the two.
        return Fault(kind.title, finding.message.replace(place, finding.field))
    return Fault(field, finding.message if field else str(finding))


def _lines(before: str, after: str) -> Iterator[tuple[str, str]]:
    """The lines that differ with one line around them."""
    found = difflib.unified_diff(before.splitlines(), after.splitlines(), n=1, lineterm="")
    for number, line in enumerate(found):
        if number > 1:  # after the names of the files
            yield line[0], "" if line.startswith("@") else line[1:]


def difference(before: str, after: str) -> list[tuple[str, str]]:
    """The lines in which two versions of a file differ."""
    return list(_lines(before, after))


# Fields that people ask for; that others are empty is no news.
_WANTED = {
    "office": ("street", "phone", "email", "website", "opening_hours"),
    "city": ("links.imprint", "links.privacy", "links.accessibility", "licence.title"),
    "source": ("url",),
}


def _tasks(record: Record, today: dt.date) -> Iterator[Task]:
    review = record.values.get("review_by", "")
    if review and review < today.isoformat():
        yield Task(record, overdue=review)
    missing = tuple(name for name in _WANTED.get(record.kind.name, ()) if not record.values[name])
    if missing:
        yield Task(record, missing=missing)
