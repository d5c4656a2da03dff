"""Personal numbers and addresses give way to a neutral word before anything of a text is kept.

What a question needs stays as it is: years, dates, times, counts, postal codes and house numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import phonenumbers
import yaml
from phonenumbers import PhoneNumberMatcher
from stdnum import iban, luhn
from stdnum.de import idnr

TEXTS = Path(__file__).parent / "masking.yml"

Span = tuple[int, int]
Find = Callable[[str], Iterator[Span]]


def mask(text: str, region: str = "DE") -> str:
    """The text with placeholders for e-mail addresses and for numbers of phones, accounts, cards and documents.

    Args:
        text: what a person typed.
        region: the country whose phone numbers are written without their country code.
    """
    # What is taken away may leave something to be found beside it: only a text that stays as it is is done.
    while (masked := _once(text, region)) != text:
        text = masked
    return text


def _once(text: str, region: str) -> str:
    placeholders: dict[str, str] = _texts()["placeholders"]
    apart = re.compile("(" + "|".join(map(re.escape, placeholders.values())) + ")")
    for kind, find in _finders(region):
        pieces = apart.split(text)
        pieces[::2] = [_replace(piece, find, placeholders[kind]) for piece in pieces[::2]]
        text = "".join(pieces)
    return text


def _replace(text: str, find: Find, placeholder: str) -> str:
    kept, end = [], 0
    for first, last in find(text):
        kept += [text[end:first], placeholder]
        end = last
    return "".join([*kept, text[end:]])


def _finders(region: str) -> tuple[tuple[str, Find], ...]:
    """What looks for what; the surer the form, the earlier."""
    return (
        ("email", _emails),
        ("account", _accounts),
        ("card", _cards),
        ("id", _ids),
        ("phone", lambda text: _phones(text, region)),
    )


@lru_cache
def _texts() -> dict[str, dict[str, str]]:
    return dict(yaml.safe_load(TEXTS.read_text(encoding="utf-8")))


@lru_cache
def _words(key: str) -> str:
    """A word list as a group of alternatives."""
    return "(?:" + re.sub(r"\s+", "", _texts()["words"][key]) + ")"


@lru_cache
def _pattern(template: str) -> re.Pattern[str]:
    """A pattern in which <at> stands for the words of that name."""
    return re.compile(re.sub(r"(?<!P)<(\w+)>", lambda m: _words(m[1]), template), re.IGNORECASE)


def _spans(pattern: re.Pattern[str], text: str, holds: Callable[[str], bool] = lambda _: True) -> Iterator[Span]:
    for match in pattern.finditer(text):
        if holds(match["it"]):
            yield match.span("it")


# --- what is harmless ------------------------------------------------------------------------------------------------

# Years, dates and times, one or several: "1960-1989", "24.12.2026", "08.30-09.45".
_YEAR = r"(?:1\d|20)\d\d"
_MOMENT = rf"(?:[0-3]?\d[./ -][01]?\d[./ -]{_YEAR}|{_YEAR}-\d\d-\d\d|[01]?\d[./]{_YEAR}|{_YEAR}|[0-3]?\d[.:][0-5]\d)"
_MOMENTS = rf"{_MOMENT}(?:\.?[^\w.]+{_MOMENT})*(?:\W+\d\d?)?"
_POSTAL_CODES = re.compile(r"\d{5}(?:\W+\d{5})*\W*")
# "500 000", "2.500.000", and degrees with their fraction.
_AMOUNT = r"[1-9]\d{0,2}(?:[ .]\d00)?(?:[ .]000)+|[1-9]\d{0,2}\.\d{4,6}(?:\D+\d{1,3}(?:\.\d+)?)?"
_HARMLESS = re.compile(rf"(?:{_MOMENTS}|{_AMOUNT})\W*")


def _harmless(value: str) -> bool:
    return _HARMLESS.fullmatch(value) is not None


def _digits(value: str) -> int:
    return sum(c.isdigit() for c in value)


# --- e-mail addresses ------------------------------------------------------------------------------------------------

_PLAIN = r"(?<![\w.+%-])(?P<it>[\w.+%-]+@(?=[\w.-]*[^\W\d_])\w[\w-]*(?:\.[\w-]+)*)"
_BRACKETED = (
    r"(?<![\w.+%-])(?P<it>[\w+%-]{1,64}(?:(?:\.|\s<joint>\s)[\w+%-]{1,64}){0,5}"
    r"\s?(?:[(\[{]\s?(?:<at>|@|a)\s?[)\]}]|\s@\s|\s@|@\s)\s?"
    r"[\w-]{1,64}(?:(?:\.|\s?[(\[{]\s?(?:<dot>|\.)\s?[)\]}]\s?|\s<dot>\s)[\w-]{1,64}){1,4})"
)
_SPOKEN = (
    r"(?<![\w.+%-])(?P<it>[\w+%-]{1,64}(?:(?:\.|\s<joint>\s)[\w+%-]{1,64}){0,5}"
    r"\s<at>\s[\w-]{1,64}(?:(?:\.|\s<joint>\s)[\w-]{1,64}){0,3}\s<dot>\s[\w-]{2,24})(?!\w)"
)
_HALF_SPOKEN = (
    r"(?<![\w.+%-])(?P<it>[\w+%-]{1,64}(?:(?:\.|\s<joint>\s)[\w+%-]{1,64}){0,5}"
    r"\s<at>\s[\w-]{1,64}(?:\.[\w-]{1,64}){1,4})"
)
# "Look at example.org" is no address: one word of letters, "at", and a site.
_LOOK_AT = re.compile(r"[^\W\d_]+\s\S+\s\S+")


def _emails(text: str) -> Iterator[Span]:
    found = [span for p in (_PLAIN, _BRACKETED, _SPOKEN) for span in _spans(_pattern(p), text)]
    found += _spans(_pattern(_HALF_SPOKEN), text, lambda value: not _LOOK_AT.fullmatch(value))
    return _apart(found)


def _apart(spans: list[Span]) -> Iterator[Span]:
    """The spans in their order, the longer one where two overlap."""
    end = 0
    for first, last in sorted(spans, key=lambda span: (span[0], -span[1])):
        if first >= end:
            yield first, last
            end = last


# --- accounts and cards ----------------------------------------------------------------------------------------------

_SEPARATOR = r"[\s./–-]"
# A group of letters and digits as in the number of a document, and several of them.
_GROUP = r"(?=[A-Za-z]{0,10}\d)[A-Za-z0-9]{1,34}"
_GROUPS = rf"(?<![A-Za-z0-9]){_GROUP}(?:{_SEPARATOR}{{1,3}}{_GROUP}){{0,9}}"
_AFTER_A_WORD = r"(?<!\w)<{kind}>(?!\w)\.?[^\d\n!?;]{{0,30}}?(?P<it>{value})"

_IBAN = rf"(?:(?<![^\W\d_])|(?<=iban))(?P<it>[A-Z]{{2}}{_SEPARATOR}?\d{{2}}(?:{_SEPARATOR}?[A-Z0-9]){{11,30}})"
_GERMAN_IBAN = rf"(?:(?<![^\W\d_])|(?<=iban))(?P<it>DE{_SEPARATOR}?\d{{2}}(?:{_SEPARATOR}{{0,3}}\d){{16,18}})(?!\d)"


def _after_a_word(kind: str, text: str, digits: int) -> Iterator[Span]:
    """Numbers of so many digits that follow a word such as "Konto"."""
    pattern = _pattern(_AFTER_A_WORD.format(kind=kind, value=_GROUPS))
    return _spans(pattern, text, lambda value: _digits(value) >= digits and not _harmless(value))


def _accounts(text: str) -> Iterator[Span]:
    found = list(_spans(_pattern(_GERMAN_IBAN), text))
    for match in _pattern(_IBAN).finditer(text):
        found += _valid_beginning(match)
    return _apart([*found, *_after_a_word("account", text, 6)])


def _valid_beginning(match: re.Match[str]) -> list[Span]:
    """The part of a match that is an IBAN: words may follow without a break."""
    first, last = match.span("it")
    for end in range(last, first + 14, -1):
        number = match.string[first:end]
        if number[-1].isalnum() and iban.is_valid(re.sub(r"\W", "", number), check_country=False):
            return [(first, end)]
    return []


# The first digits tell cards from rows of years: 2 to 6, but not 20.
_CARD = rf"(?<![\w.,/-])(?P<it>(?:[3-6]\d|2[2-7])(?:{_SEPARATOR}?\d){{12,17}})(?!\w)"


def _cards(text: str) -> Iterator[Span]:
    found = list(_spans(_pattern(_CARD), text, lambda value: luhn.is_valid(re.sub(r"\D", "", value))))
    return _apart([*found, *_after_a_word("card", text, 8)])


# --- documents -------------------------------------------------------------------------------------------------------

_TAX_ID = r"(?<![\w.,/-])(?P<it>[1-9]\d(?:[ -]?\d{3}){3})(?!\w)"
# Tax office, district, person: 181/815/08155, 12/345/67890.
_TAX_NUMBER = r"(?<![\w.,/-])(?P<it>\d{2,3}/\d{3,4}/(?!(?:19|20)\d\d(?!\d))\d{4,5})(?![\w/])"
# Area, birthday, first letter of the name, number: 65 170839 J 003.
_SOCIAL_INSURANCE = r"(?<!\w)(?P<it>\d{2} ?[0-3]\d[01]\d{3} ?[A-Z] ?\d{2} ?\d)(?!\w)"
_HEALTH_INSURANCE = r"(?<!\w)(?P<it>[A-Z] ?\d{3} ?\d{3} ?\d{3})(?!\w)"
# Since 2010: nine of digits and consonants, then perhaps the check digit, D, and the filling of the machine's line.
_IDENTITY_CARD = r"[CFGHJ-NPRTV-Z][CFGHJ-NPRTV-Z\d]{8}\d?(?:D?<+)?D?(?!\w)"
_THREE_DIGITS = rf"(?<!\w)(?P<it>(?=(?:[CFGHJ-NPRTV-Z]*\d){{3}}){_IDENTITY_CARD})"


def _ids(text: str) -> Iterator[Span]:
    found = list(_spans(_pattern(_TAX_ID), text, lambda value: idnr.is_valid(re.sub(r"\D", "", value))))
    for pattern in (_TAX_NUMBER, _SOCIAL_INSURANCE, _HEALTH_INSURANCE, _THREE_DIGITS):
        found += _spans(_pattern(pattern), text)
    found += _spans(_pattern(_AFTER_A_WORD.format(kind="id", value=rf"(?<!\w)(?=\w*\d){_IDENTITY_CARD}")), text)
    return _apart([*found, *_after_a_word("id", text, 6)])


# --- phones ----------------------------------------------------------------------------------------------------------

# What begins like a phone number, though no such number has been given out.
_BY_FORM = r"(?<![\w.,:/-])(?P<it>(?:\+ ?|\(?[0o][\s/-]?0?)[1-9](?:[\s./()–-]{0,3}\d){5,14})(?![\w%])"
# Before a number that is no phone: "AK-039-5028" is an address in Ghana, "Vorlage 01234-25" a paper of a council.
_NO_PHONE_AFTER = r"(?:[^\W\d_]-|(?<!\w)<paper>[\s.:-]{0,3})$"
_IN_WORDS = (
    r"(?<!\w)(?P<it>(?:<zero>|<plus>)(?:[\s,;./-]{1,3}(?:<digit>|\d{1,8})){5,20})(?!\w)",
    r"(?<!\w)<phone>(?!\w)[^\d\n!?;]{0,30}?(?<!\w)(?P<it><digit>(?:[\s,;./-]{1,3}(?:<digit>|\d{1,8})){4,20})(?!\w)",
)


def _phones(text: str, region: str) -> Iterator[Span]:
    numbers = PhoneNumberMatcher(text, region, leniency=phonenumbers.Leniency.VALID)
    found = [*((m.start, m.end) for m in numbers), *_spans(_pattern(_BY_FORM), text)]
    after = _pattern(_NO_PHONE_AFTER)
    found = [span for span in found if not after.search(text[max(span[0] - 30, 0) : span[0]])]
    for pattern in _IN_WORDS:
        found += _spans(_pattern(pattern), text)
    found = [span for span in found if not _harmless(it := text[slice(*span)]) and not _POSTAL_CODES.fullmatch(it)]
    return _apart([*found, *_after_a_word("phone", text, 6)])
