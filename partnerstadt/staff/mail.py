"""A citizen's mail: who writes, what is asked, the drafted answers and the reply made of them.

Nothing here talks to a server or keeps anything: `asking.py` does the talking.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from partnerstadt.answer.subjects import address
from partnerstadt.answer.utterance import LOCALE, join, month, source_of
from partnerstadt.question import parts
from partnerstadt.records.models import Records

WORDS = Path(__file__).parent / "mail.yml"
REPLIES = Path(__file__).parent / "replies"
MOST_CHARACTERS = 10_000
# Below this an answer is a guess; a clerk who has to check it anyway reads the question rather than the guess.
SURE = 0.4
# A line shorter than this was ended by its writer, not by the mail program.
WRAPPED = 50


class Form(str, Enum):
    """What the reply is to be."""

    MAIL = "mail"
    LETTER = "letter"
    SHORT = "short"


class State(str, Enum):
    """What became of a question."""

    ANSWERED = "answered"
    UNRECORDED = "unrecorded"  # on the subject, but the records do not say
    OPEN = "open"  # for the clerk


@dataclass(frozen=True)
class Mail:
    """A mail without what surrounds its matter.

    Attributes:
        body: what it says, a paragraph a line.
        salutation: how its writer is addressed.
        sender: the address in its head, if that was pasted as well.
        subject: what its head says it is about, or nothing.
    """

    body: str
    salutation: str
    sender: str = ""
    subject: str = ""


@dataclass(frozen=True)
class Draft:
    """One question of a mail and its answer.

    Attributes:
        question: in the writer's words.
        intent: what the bot took it for.
        confidence: 0 to 1.
        state: what became of it.
        answer: German text; empty where it is open.
        source: the line that names its sources, or nothing.
        sources: their keys.
    """

    question: str
    intent: str = ""
    confidence: float = 0.0
    state: State = State.OPEN
    answer: str = ""
    source: str = ""
    sources: tuple[str, ...] = ()


@lru_cache
def _words() -> dict[str, Any]:
    return dict(yaml.safe_load(WORDS.read_text(encoding="utf-8")))


@lru_cache
def _pattern(*keys: str, around: str = "{}") -> re.Pattern[str]:
    """The patterns of some keys as one."""
    alternatives: list[str] = []
    for key in keys:
        value = _words()[key]
        alternatives += [value] if isinstance(value, str) else value
    return re.compile(around.replace("{}", "(?:" + "|".join(alternatives) + ")"), re.IGNORECASE)


# --- reading ---------------------------------------------------------------------------------------------------------


def read_mail(text: str) -> Mail:
    """The matter of a mail and how to address its writer."""
    lines = [line.strip() for line in _signed_apart(text.strip()).splitlines()]
    sender, subject = _head(lines)
    lines = [line for line in lines if not _pattern("skipped").fullmatch(line)]
    body, signature = _apart(lines)
    body = _pattern("salutation").sub("", body, count=1) if _pattern("salutation").match(body) else body
    return Mail(_without_the_writer(_unwrapped(body.strip())), _salutation(signature, body), sender, subject)


def _head(lines: Sequence[str]) -> tuple[str, str]:
    """The writer's address and the subject, where a mail begins with them."""
    sender = subject = ""
    for line in lines:
        if not line or not _pattern("skipped").fullmatch(line):
            break
        name, _, value = line.partition(":")
        if _pattern("from").fullmatch(name.strip()):
            found = re.search(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", value)
            sender = sender or (found[0] if found else "")
        elif _pattern("subject").fullmatch(name.strip()):
            subject = subject or value.strip()[:_LONGEST_SUBJECT]
    return sender, subject


_LONGEST_SUBJECT = 150


def _signed_apart(text: str) -> str:
    """A closing formula that stands in the last line behind its matter gets a line of its own."""
    before, _, last = text.rpartition("\n")
    formula = re.search(rf"(?<=[.!?])\s+(?={_words()['greeting']})", last, re.IGNORECASE)
    if formula is None or len(last[formula.end() :].split()) > _FEW_WORDS or "?" in last[formula.end() :]:
        return text
    return f"{before}\n{last[: formula.start()]}\n{last[formula.end() :]}"


_LINES_OF_A_SIGNATURE = 8


def _apart(lines: list[str]) -> tuple[str, list[str]]:
    """What stands before the closing formula, and the lines after it. Nobody asks anything after a formula."""
    for number in range(len(lines) - 1, 0, -1):
        line = lines[number]
        if "?" in line or len([rest for rest in lines[number:] if rest]) > _LINES_OF_A_SIGNATURE:
            break
        formula = _pattern("closing").match(line)
        if _pattern("closing_line").fullmatch(line) or (formula and _is_name(line[formula.end() :])):
            rest = line[formula.end() :].strip(" ,.!") if formula else ""
            return "\n".join(lines[:number]).strip(), [*([rest] if _person(rest) else []), *lines[number + 1 :]]
        before = next((n for n in range(number - 1, -1, -1) if lines[n]), 0)
        if _person(line) and (_is_formula(lines[before]) or re.search(r"[.!?]$", lines[before])):
            end = before if _is_formula(lines[before]) else number
            return "\n".join(lines[:end]).strip(), lines[number:]
    return "\n".join(lines).strip(), []


def _is_name(rest: str) -> bool:
    rest = rest.strip(" ,.!")
    return not rest or _person(rest) is not None or re.fullmatch(_NAME, rest) is not None


_FEW_WORDS = 8


def _is_formula(line: str) -> bool:
    """Whether a line above a name is a formula in other words than the usual."""
    return _pattern("closing").match(line) is not None and len(line.split()) <= _FEW_WORDS


def _without_the_writer(body: str) -> str:
    """Without sentences whose numbers say something of the writer ("Ich bin 10 Jahre alt")."""
    lines = []
    for line in body.splitlines():
        line = re.sub(r"^([-*•–]|\(?\d{1,2}[.)])\s+", "", line)
        sentences = re.split(r"(?<=[!?])\s+|(?<=\D\.)\s+(?=[A-ZÄÖÜ])", line)
        kept = [s for s in sentences if s.endswith("?") or not _pattern("of_the_writer").search(s)]
        lines.append(" ".join(kept))
    return "\n".join(line for line in lines if line)


def _unwrapped(text: str) -> str:
    """Sentences that a mail program broke into lines made whole again; paragraphs, lists and ended lines stay apart."""
    out: list[str] = []
    length = 0
    for line in text.splitlines():
        begins = re.match(r"([-*•–]|\(?\w[.)])\s", line)
        before = out[-1] if out else ""
        broken = length >= WRAPPED and not re.search(r"[.!?:;]$", before)
        if line and before and not begins and (broken or re.match(r"[a-zäöüß]", line)):
            out[-1] += " " + line
        else:
            out.append(line)
        length = len(line)
    return "\n".join(line for line in out if line)


_NAME = r"[A-ZÄÖÜÁÉÍÓÚČĆŠŽŁŚÇİŞ][^\W\d_]*(?:['’-][^\W\d_]+)*"


def _salutation(signature: Sequence[str], body: str) -> str:
    signed = _pattern("signed")
    first = next((line for line in signature if line and not signed.fullmatch(line.strip(" ,."))), "")
    said = re.search(_pattern("introduced").pattern + f"(?P<name>(?-i:{_NAME}(?: {_NAME})+))", body, re.IGNORECASE)
    for candidate in (first, said["name"] if said else ""):
        if found := _person(candidate):
            form, name = found
            return str(_words()["salutations"][form]).format(name=name)
    return str(_words()["salutations"]["nobody"])


def _person(line: str) -> tuple[str, str] | None:
    """Form of address and name in a line that is a name; nobody's gender is guessed from a first name."""
    line = re.split(r"[,(|/]|\s[-–]\s", line)[0].strip(" .!")
    line = re.sub(rf"^{_words()['signed']}\s+", "", line, flags=re.IGNORECASE)
    if _pattern("nobody").search(line):
        return None
    words = _words()
    shape = re.fullmatch(
        rf"(?:(?P<woman>(?i:{words['woman']}))\s+|(?P<man>(?i:{words['man']}))\s+)?"
        rf"(?P<title>(?:(?i:{words['title']})\s*)*)"
        rf"(?P<names>(?:(?i:{words['particle']})\s+)*{_NAME}(?:\s+(?:(?:(?i:{words['particle']})\s+)*{_NAME}|[A-ZÄÖÜ]\.)){{0,3}})",
        line,
    )
    if shape is None:
        return None
    title, names = shape["title"].strip(), shape["names"]
    family = re.search(rf"(?:^|(?<=\s))(?:(?:{words['particle']})\s+)*{_NAME}$", names)
    if family and (shape["woman"] or shape["man"]):
        return "woman" if shape["woman"] else "man", f"{title} {family[0]}".strip()
    return ("person", f"{title} {names}".strip()) if " " in names else None


# --- questions and answers -------------------------------------------------------------------------------------------


def drafts_of(about: Mapping[str, Any], records: Records) -> list[Draft]:
    """What the bot said to one message, question by question."""
    return [_draft(question, about.get("said") or (), records) for question in about.get("questions") or ()]


def _draft(question: Mapping[str, Any], said: Sequence[Mapping[str, Any]], records: Records) -> Draft:
    words = _words()
    draft = Draft(str(question["text"]), str(question["intent"]), float(question["confidence"] or 0))
    utterances = [said[place] for place in question["said"] if place < len(said)]
    keys = {str(utterance["response"]) for utterance in utterances}
    state = {"answered": State.ANSWERED, "unrecorded": State.UNRECORDED}.get(str(question["outcome"]), State.OPEN)
    if keys & set(words["not_for_letters"]) or state is State.OPEN or _is_guess(draft, state, keys):
        return draft
    if keys & set(words["general"]):
        state = State.UNRECORDED
    kept = [str(u["text"]) for u in utterances if str(u["response"]) not in words["left_out"]]
    answer = "\n".join(kept) if any("\n" in text for text in kept) else " ".join(kept)
    for bots, ours in words["wording"].items():
        answer = answer.replace(bots, ours)
    sources = tuple(question["sources"])
    return Draft(draft.question, draft.intent, draft.confidence, state, answer, source_line(sources, records), sources)


def _is_guess(draft: Draft, state: State, keys: set[str]) -> bool:
    """Whether the words of a question give too little ground for its answer."""
    words, question = _words(), draft.question
    if draft.confidence < SURE:
        return True
    if state is State.UNRECORDED:
        return False
    if draft.intent in words["of_the_office_intents"]:
        return not _pattern("of_the_office").search(question)
    if draft.intent in words["guessed_intents"]:
        return not _pattern("of_a_fact").search(question)
    return not keys & set(words["explains"]) and _pattern("not_a_fact").search(question) is not None


def source_line(keys: Iterable[str], records: Records) -> str:
    """The line that names sources, with the date of the oldest."""
    sources = [source_of(key, records) for key in dict.fromkeys(keys)]
    if not sources:
        return ""
    date = month(min(source.taken_over_on for source in sources))
    return str(_words()["source"]).format(sources=join([source.title for source in sources]), date=date)


def relevant(body: str, drafts: Sequence[Draft]) -> list[Draft]:
    """Drafts about questions and requests; of two with the same answer, the one that asks.

    Where the bot took the mail as a whole, the draft belongs to its only question, or to none.
    """
    asked = questions_in(body)
    named = [replace(d, question=asked[0]) if d.question == body and len(asked) == 1 else d for d in drafts]
    if not _pattern("of_the_subject").search(body):
        named = [d if d.intent not in _words()["of_the_office_intents"] else Draft(d.question) for d in named]
    kept = [d for d in named if d.question != body or not asked]
    kept = [d for d in kept if _asks(d.question) or _pattern("request").search(d.question)]
    last = {d.answer: d for d in kept}
    return [d for d in kept if d.question.endswith("?") or (d.answer and last[d.answer] is d)]


def questions_in(body: str) -> list[str]:
    """The parts of a mail that ask something, courtesies aside."""
    said = (part for line in body.splitlines() for part in parts.split(line))
    return [part for part in said if _asks(part) and not is_courtesy(part)]


def _asks(text: str) -> bool:
    return text.endswith("?") or _pattern("asks").search(text) is not None


def left_over(body: str, drafts: Sequence[Draft]) -> list[str]:
    """Questions of a mail that no draft is about."""
    found = " ".join(_plain(draft.question) for draft in drafts)
    return [part for part in questions_in(body) if _plain(part) not in found]


def is_courtesy(text: str) -> bool:
    """Whether a question asks nothing ("Können Sie mir helfen?")."""
    return re.compile(_words()["courtesy"], re.IGNORECASE | re.VERBOSE).fullmatch(text) is not None


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def in_order(body: str, drafts: Sequence[Draft]) -> list[Draft]:
    """Drafts in the order of the mail."""
    plain = _plain(body)
    return sorted(drafts, key=lambda draft: plain.rfind(_plain(draft.question)[-40:]))


# --- the reply -------------------------------------------------------------------------------------------------------


@lru_cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(REPLIES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # plain text; the pages that show it escape it
    )


def compose(salutation: str, drafts: Sequence[Draft], form: Form, records: Records, today: dt.date) -> str:
    """The reply as text: a paragraph a question, sources once at the end, closing with the office."""
    contact = records.contact
    # Two questions with the same answer are answered in one paragraph.
    drafts = [
        draft
        for n, draft in enumerate(drafts)
        if not draft.answer or draft.answer not in {d.answer for d in drafts[:n]}
    ]
    text = (
        _templates()
        .get_template(f"{form.value}.txt")
        .render(
            salutation=salutation,
            drafts=drafts,
            source=source_line((key for draft in drafts for key in draft.sources), records),
            city=records.city.name,
            office=[line for line in (contact.name, address(contact)) if line] if contact else [],
            date=format_date(today, "long", locale=LOCALE),
        )
    )
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
