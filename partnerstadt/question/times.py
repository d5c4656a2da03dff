"""Time expressions in normalised text: years, decades, centuries, periods, spans of years."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from partnerstadt.question.model import Amount
from partnerstadt.records.models import Period

_Y = r"((?:1[5-9]|20)\d\d)"
_YEAR_WORDS = r"(?:(?:dem|den|das|im|der|des|vom) )?(?:jahr(?:e|en|es|s)? )?(?:anfang |mitte |ende )?"
_BEFORE = r"(?:noch )?(?:vor|before|fruher als|eher als)"
_AFTER = r"(?:erst )?(?:nach|after|spater als)"
_SINCE = r"(?:seit|ab|von|since)"
_UNTIL = r"(?:bis einschliesslich(?: [.])?|bis zum?|bis|until)"
_IN = r"(?:im|in|anno|wahrend|zu|zur|bei|aus|um)"
_ART = r"(?:(?:der|dem|den|die|das|des|zum|zur|anfang|mitte|ende|beginn|in|im) )*"


# "Vor dem 3. Oktober 1990": the records hold years only.
_DAY_BEFORE_YEAR = re.compile(
    r"\b(?:ord\d+ |\d{1,2} \. ?)?(?:\d{1,2} \. ?|januar|februar|marz|april|mai|juni|juli|august|september|oktober|november|dezember)"
    r" ?(?=(?:19|20)\d\d\b)"
)


@dataclass
class Times:
    """What a text says of time.

    Attributes:
        first: earliest year, included.
        last: latest year, included.
        year: a single year that was named ("seit 1969", "1969"), as a claim about a city.
        at: a single year named without direction ("1990"): began in it, or was in force in it.
        span: a number of years compared ("mehr als 40 Jahre").
        bare_span: a number of years named without comparison ("25 Jahre", "zehnjähriges").
        claim: first and last year in which something is said to have begun ("seit den Siebzigern").
        period: key of the period that was named.
        years: all years named.
        rest: the text without what was understood.
    """

    first: int | None = None
    last: int | None = None
    year: int | None = None
    at: int | None = None
    span: Amount | None = None
    bare_span: Amount | None = None
    claim: tuple[int, int] | None = None
    period: str | None = None
    years: list[int] = field(default_factory=list)
    rest: str = ""

    def narrow(self, first: int | None, last: int | None) -> None:
        """Add a restriction to those already found."""
        if first is not None:
            self.first = first if self.first is None else max(self.first, first)
        if last is not None:
            self.last = last if self.last is None else min(self.last, last)


def parse_times(text: str, this_year: int, periods: list[Period]) -> Times:
    """All time expressions of a normalised text; `periods` belong to its @period placeholders in order."""
    text = re.sub(_DAY_BEFORE_YEAR, "", text)
    times = Times(rest=_plain_spans(text), years=[int(y) for y in re.findall(rf"\b{_Y}\b", text)])
    # "Seit 2014 (2014 eingeschlossen)"
    _take(times, rf"\b{_Y} (?:eingeschlossen|inbegriffen|mitgezahlt|inklusive)\b", lambda m: None)
    _relative(times, this_year)
    _centuries_and_decades(times)
    _named_periods(times, periods)
    _years(times)

    def bare_span(m: re.Match[str]) -> None:
        times.bare_span = Amount(op="=", number=int(m[1]))

    _take(
        times,
        r"\b(\d+) ?-?(?:jahrig\w*|jahre?n?)\b(?! (?:spater|fruher|nach|vor|liegen|zwischen|trennen|auseinander))",
        bare_span,
    )
    times.rest = re.sub(r"\s+", " ", times.rest).strip()
    return times


def _plain_spans(text: str) -> str:
    """Decades and centuries as lengths become years: "ein halbes Jahrhundert" is 50 years."""
    text = re.sub(r"\b(?:ein\w* )?halb\w* jahrhundert\w*", "50 jahre", text)
    text = re.sub(r"\b(\d+) jahrzehnt\w*", lambda m: f"{int(m[1]) * 10} jahre", text)
    text = re.sub(r"\bein(?:em|es|e)? (?:ganze\w* |volle\w* )?jahrzehnt\b", "10 jahre", text)
    return re.sub(r"(?<!ord\d )(?<!ord\d\d )\bein(?:em|es)? jahrhundert\b", "100 jahre", text)


def _take(times: Times, pattern: str, act: Callable[[re.Match[str]], None]) -> None:
    """Act on each match and take it out of the rest."""

    def replace(match: re.Match[str]) -> str:
        act(match)
        return " "

    times.rest = re.sub(pattern, replace, times.rest)


_OPS = (
    (r"(?:nicht (?:mehr|langer|alter) als|hochstens|maximal|at most)", "<="),
    (r"(?:mehr (?:als|wie)|uber|langer (?:als|wie)|alter (?:als|wie)|more than|over|gut)", ">"),
    (r"(?:mindestens|wenigstens|at least|mind)", ">="),
    (
        r"(?:weniger (?:als|wie)|unter|kurzer (?:als|wie)|junger (?:als|wie)|keine|noch keine|less than|under|nicht (?:ein)?mal|fewer than)",
        "<",
    ),
    (r"(?:genau|exakt|exactly|schon|bereits|seit|about|rund|etwa|ungefahr|circa|ca)", "="),
)


def _relative(times: Times, this_year: int) -> None:
    def last_years(m: re.Match[str]) -> None:
        times.narrow(this_year - int(m[1]), None)

    _take(
        times,
        r"\b(?:(?:in|innerhalb|wahrend|der|den|die) )*(?:letzten|vergangenen|last) (\d+) (?:jahre?n?|years)\b",
        last_years,
    )

    def exactly(n: int) -> Callable[[re.Match[str]], None]:
        def act(m: re.Match[str]) -> None:
            times.at = times.year = this_year - n

        return act

    _take(times, r"\b(?:im )?(?:letzte[nsm]?|vorige[nsm]?|vergangene[nsm]?|last) (?:jahr|year)\b", exactly(1))
    _take(times, r"\bord-2 jahr\b", exactly(2))
    _take(times, r"\b(?:im )?(?:nachste[nsm]?|kommende[nsm]?|next) (?:jahr|year)\b", exactly(-1))
    _take(times, r"\b(?:im )?ubernachste[nsm]? jahr\b", exactly(-2))

    def decade(m: re.Match[str]) -> None:
        first = this_year - this_year % 10
        times.narrow(first, first + 9)

    _take(times, rf"\b(?:{_IN} )?{_ART}(?:diese\w*|aktuelle\w*|jetzige\w*|laufende\w*) (?:jahrzehnt|dekade)\w*", decade)
    _take(times, r"\b(?:in )?(?:diese[nsm]? jahr|heur|this year|aktuelle[ns] jahr)\b", exactly(0))

    for op, sign in _OPS[:4]:

        def ago(m: re.Match[str], sign: str = sign) -> None:
            n = int(m[1])
            bounds = {">": (None, this_year - n - 1), ">=": (None, this_year - n)}
            times.narrow(*bounds.get(sign, (this_year - n + (sign == "<"), None)))

        _take(times, rf"\bvor {op} (\d+) (?:jahre?n?|years)\b", ago)

    def exact_ago(m: re.Match[str]) -> None:
        times.year = times.at = this_year - int(m[1])

    _take(times, r"\bvor (?:genau |exakt |etwa |rund |ungefahr |ca )?(\d+) jahre?n?\b", exact_ago)

    def or_more(m: re.Match[str]) -> None:
        times.span = Amount(op=">=", number=int(m[1]))

    _take(times, r"\b(\d+) jahre?n? (?:oder|und) (?:mehr|langer|alter|daruber)\b", or_more)
    for op, sign in _OPS:

        def span(m: re.Match[str], sign: str = sign) -> None:
            times.span = Amount(op=sign, number=int(m[1]))

        _take(times, rf"\b(?:seit )?{op} (\d+) (?:jahre?n?|years)\b(?! (?:spater|fruher|nach|vor))", span)


def _centuries_and_decades(times: Times) -> None:
    def century(first: int) -> Callable[[re.Match[str]], None]:
        def act(m: re.Match[str]) -> None:
            _directed(times, m[1], first, first + 99)

        return act

    direction = rf"\b({_BEFORE}|{_AFTER}|{_SINCE}|{_UNTIL}|{_IN})?\s*{_ART}"
    for number, first in ((19, 1801), (20, 1901), (21, 2001)):
        _take(times, rf"{direction}(?:ord)?{number}\.? jahrhundert\w*", century(first))
    _take(
        times,
        rf"{direction}(?:diese\w*|aktuelle\w*|jetzige\w*|neue?\w*|unsere\w*|laufende\w*) (?:jahrhundert|jahrtausend)\w*",
        century(2000),
    )
    _take(
        times,
        rf"{direction}(?:letzte\w*|vorige\w*|vergangene\w*|alte\w*|ord20) (?:jahrhundert|jahrtausend)\w*",
        century(1901),
    )

    def decade(m: re.Match[str]) -> None:
        number = int(m[2])
        first = number if number > 99 else (1900 if number > 20 else 2000) + number
        _directed(times, m[1], first, first + 9)

    _take(times, rf"{direction}((?:19|20)?\d0)er\b(?: jahre?n?)?", decade)


def _named_periods(times: Times, periods: list[Period]) -> None:
    waiting = iter(periods)
    pattern = (
        rf"\b({_BEFORE}|{_AFTER}|{_SINCE}|{_UNTIL}|{_IN}|trotz|wegen)?\s*{_ART}(?:\w+en )?@period\b(?: (?:19|20)\d\d)?"
    )

    def act(m: re.Match[str]) -> None:
        period = next(waiting, None)
        if period is None or m[1] in ("trotz", "wegen"):
            return
        times.period = period.key
        if period.turn and m[1] and re.fullmatch(_AFTER, m[1]):
            times.narrow(period.first, None)
        else:
            # What came "nach dem Krieg" may have come in its last year; what came "nach 1990" did not come in 1990.
            after = period.last + (period.first == period.last)
            _directed(times, m[1] or "in", period.first, period.last, after)
            if period.first == period.last and (times.first, times.last) == (period.first, period.last):
                times.year = period.first

    _take(times, pattern, act)


def _directed(times: Times, direction: str | None, first: int, last: int, after: int | None = None) -> None:
    """Narrow by a span of years and the preposition before it."""
    direction = direction or "in"
    if re.fullmatch(_BEFORE, direction):
        times.narrow(None, first - 1)
    elif re.fullmatch(_AFTER, direction):
        times.narrow(after or last + 1, None)
    elif re.fullmatch(_SINCE, direction):
        times.claim = (first, last)
        times.narrow(first, None)
    elif re.fullmatch(_UNTIL, direction):
        times.narrow(None, last)
    else:
        times.narrow(first, last)


def _years(times: Times) -> None:
    def between(m: re.Match[str]) -> None:
        times.narrow(min(int(m[1]), int(m[2])), max(int(m[1]), int(m[2])))

    _take(
        times,
        rf"\b(?:zwischen|von|between|in|from)? ?{_YEAR_WORDS}{_Y} ?(?:und|bis|and|to|-) ?(?:zum )?{_YEAR_WORDS}{_Y}\b",
        between,
    )

    def single(build: Callable[[int], tuple[int | None, int | None]], claim: bool) -> Callable[[re.Match[str]], None]:
        def act(m: re.Match[str]) -> None:
            year = int(m[1])
            if year < 100:
                year += 1900 if year > 30 else 2000
            times.narrow(*build(year))
            if claim:
                times.year = year

        return act

    two = r"((?:1[5-9]|20)\d\d|[3-9]\d|0\d|1\d|2[0-6])(?! ?(?:jahr|partner(?:st|sch|n)|stadt|st|%|prozent|lander|ziel))"
    _take(
        times, rf"\b{_YEAR_WORDS}{_Y} (?:oder|und) (?:spater|danach|neur|junger)\b", single(lambda y: (y, None), False)
    )
    _take(
        times, rf"\b{_YEAR_WORDS}{_Y} (?:oder|und) (?:fruher|davor|vorher|alter)\b", single(lambda y: (None, y), False)
    )
    _take(times, rf"\b{_BEFORE} {_YEAR_WORDS}{two}\b", single(lambda y: (None, y - 1), False))
    _take(times, rf"\b{_AFTER} {_YEAR_WORDS}{two}\b", single(lambda y: (y + 1, None), False))
    _take(times, rf"\b{_UNTIL} {_YEAR_WORDS}{two}\b", single(lambda y: (None, y), False))
    _take(times, rf"\b{_SINCE} {_YEAR_WORDS}{two}(?: an| aufwarts)?\b", single(lambda y: (y, None), True))

    def bare(m: re.Match[str]) -> None:
        year = int(m[1])
        times.at = times.year = year if year > 99 else year + (1900 if year > 30 else 2000)

    _take(times, rf"\b(?:{_IN} )?{_YEAR_WORDS}{_Y}\b", bare)
    if times.at is None:
        _take(times, r"\b(?:anno|jahr|im jahr|jahrgang) (\d\d)\b", bare)
