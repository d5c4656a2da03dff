"""Edits the text of a record file: comments, order and every line that is not concerned stay as they are."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Mapping
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, FoldedScalarString, LiteralScalarString

from partnerstadt.staff.changes import without
from partnerstadt.staff.kinds import THE_CITY, Kind, get

WIDTH = 120
INDENT = 6  # of a folded text


# As the bot reads it, and much quicker than what can write it again.
_Quick: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Broken(ValueError):
    """The file is no YAML that could be edited."""


def entries(text: str, kind: Kind) -> dict[str, Any]:
    """All records of a kind in a file, by their id.

    Raises:
        Broken: if it holds none because it is no such file.
    """
    try:
        tree = yaml.load(text, Loader=_Quick)
    except (yaml.YAMLError, ValueError) as error:
        raise Broken(type(error).__name__) from error
    return _entries(tree, kind)


def with_values(text: str, kind: Kind, id: str, values: Mapping[str, Any]) -> str:
    """The file with other values in one record; a record that is not there yet is added.

    Raises:
        Broken: if it is no such file.
    """
    tree = _load(text)
    found = _entries(tree, kind)
    before = _dump(tree)
    if id not in found:
        found[id] = CommentedMap()
        if isinstance(tree[kind.key], list):
            found[id]["id"] = id
            tree[kind.key].append(found[id])
        else:
            tree[kind.key][id] = found[id]
    for name, value in values.items():
        _set(found[id], name, value, kind)
    # Where the writer would lay out other lines anew, only what it changed is put into the text as it was.
    after = _dump(tree)
    if after == before:
        return text
    return after if text == before else without(after, before, text) or after


def without_entry(text: str, kind: Kind, id: str) -> str:
    """The file without one record of a list; comments above the next one stay with it.

    Raises:
        Broken: if it is no such file.
    """
    tree = _load(text)
    ids = list(_entries(tree, kind))
    lines = text.splitlines(keepends=True)
    index = ids.index(id)
    first = tree[kind.key].lc.item(index)[0]
    last = tree[kind.key].lc.item(index + 1)[0] if index + 1 < len(ids) else len(lines)
    while last > first and lines[last - 1].lstrip().startswith(("#", "\n")):
        last -= 1
    if len(ids) == 1:
        return text.replace("".join(lines[first - 1 : last]), f"{kind.key}: []\n")
    return "".join(lines[:first] + lines[last:])


def _yaml() -> Any:
    writer: Any = YAML()
    writer.preserve_quotes = True
    writer.width = 10_000
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.representer.add_representer(type(None), _null)
    return writer


def _null(representer: Any, _: None) -> Any:
    return representer.represent_scalar("tag:yaml.org,2002:null", "null")


def _load(text: str) -> Any:
    try:
        return _yaml().load(text)
    except YAMLError as error:
        raise Broken(type(error).__name__) from error


def _dump(tree: CommentedMap) -> str:
    stream = io.StringIO()
    _yaml().dump(tree, stream)
    return stream.getvalue()


def _entries(tree: Any, kind: Kind) -> dict[str, Any]:
    if not isinstance(tree, dict):
        raise Broken("not_a_mapping")
    if not kind.key:
        return {THE_CITY: tree}
    found = tree.get(kind.key)
    if isinstance(found, dict):
        return {str(id): entry for id, entry in found.items() if isinstance(entry, dict)}
    if isinstance(found, list) and all(isinstance(entry, dict) and "id" in entry for entry in found):
        return {str(entry["id"]): entry for entry in found}
    raise Broken(kind.key)


def _set(entry: CommentedMap, name: str, value: Any, kind: Kind) -> None:
    """Give a field a value; what was never said and is not said now gets no line."""
    empty = value in (None, [], False)
    present = get(entry, name)
    if present == value or (empty and present in (None, [], False)):
        return
    block, _, field = name.rpartition(".")
    if not block and empty and field not in entry.ca.items:  # where a comment hangs on the line, it stays
        del entry[field]
        return
    if not block:
        _put(entry, field, value, kind)
        return
    if empty:
        entry[block].pop(field)
        if not entry[block]:
            del entry[block]
        return
    if not isinstance(entry.get(block), CommentedMap):
        _put(entry, block, _flow(CommentedMap()), kind)
    entry[block][field] = _written(value)


def _put(entry: CommentedMap, name: str, value: Any, kind: Kind) -> None:
    if isinstance(value, list) and isinstance(entry.get(name), CommentedSeq):
        _relist(entry[name], value)
    elif name in entry:
        entry[name] = _written(value)
    else:
        order = ["id", "group", *(field.name.partition(".")[0] for field in kind.fields if field.name != "review_by")]
        order = list(dict.fromkeys([*order, "status_source", "source", "review_by"]))
        if "status_source" in order and "status" in order:
            order.insert(order.index("status") + 1, order.pop(order.index("status_source")))
        place = order.index(name) if name in order else len(order)
        later = [key for key in entry if key in order and order.index(key) > place]
        at = list(entry).index(later[0]) if later else len(entry)
        entry.insert(at, name, _written(value))


def _relist(present: CommentedSeq, value: list[str]) -> None:
    """Item by item, so that comments stay beside theirs."""
    for index in reversed(range(len(present))):
        if present[index] not in value:
            del present[index]
    for index, item in enumerate(value):
        if index >= len(present) or present[index] != item:
            present.insert(index, _in_one_line(item))
    while len(present) > len(value):
        del present[len(present) - 1]


def _flow(node: Any) -> Any:
    node.fa.set_flow_style()
    return node


def _written(value: Any) -> Any:
    if isinstance(value, list):
        return _flow(CommentedSeq(map(_in_one_line, value)))
    if not isinstance(value, str):
        return value
    if "\n" in value:
        return LiteralScalarString(value)
    if len(value) > WIDTH - 20 and " " in value:
        return _folded(value)
    return _in_one_line(value)


def _in_one_line(value: str) -> str:
    # What the loader would read as something else: "44135", "12:30", "no".
    return value if _plain(value) else DoubleQuotedScalarString(value)


def _plain(text: str) -> bool:
    """Whether it needs no quotes, neither on its own nor in a list, where ":0" does."""
    try:
        return bool(yaml.safe_load(text) == text and yaml.safe_load(f"[{text}]") == [text])
    except yaml.YAMLError:
        return False


def _folded(text: str) -> Any:
    folded: Any = FoldedScalarString(text)
    lines = textwrap.wrap(text, WIDTH - INDENT, break_long_words=False, break_on_hyphens=False)
    places, end = [], -1
    for line in lines[:-1]:
        end += len(line) + 1
        places.append(end)
    folded.fold_pos = places
    return folded
