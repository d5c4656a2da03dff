"""A question as data: what is asked (aspect) of which records (cities, filter, rank). Serialisable into a slot."""

from __future__ import annotations

from enum import Enum

from pydantic import BaseModel, Extra


class Aspect(str, Enum):
    """What is asked."""

    SINCE = "since"
    DURATION = "duration"
    COUNTRY = "country"
    CONTINENT = "continent"
    KIND = "kind"
    PORTRAIT = "portrait"
    CHECK = "check"
    LIST = "list"
    COUNTRIES = "countries"
    COUNT = "count"
    RANK = "rank"
    COMPARE = "compare"
    GAP = "gap"
    ORDER = "order"
    JUBILEE = "jubilee"
    AGE = "age"


# Asked of a single city: with no city named, one is missing (and may have been named before).
OF_A_CITY = frozenset(
    {Aspect.SINCE, Aspect.DURATION, Aspect.COUNTRY, Aspect.CONTINENT, Aspect.KIND, Aspect.PORTRAIT, Aspect.AGE}
)


class _Model(BaseModel):
    class Config:
        extra = Extra.forbid
        frozen = True


class Filter(_Model):
    """Which partnerships are meant; an empty filter means all partner cities.

    Attributes:
        countries: ISO codes, any of which fits.
        continents: keys of continents, any of which fits.
        regions: keys of regions, any of which fits.
        first: earliest year of beginning, included.
        last: latest year of beginning, included.
        existed_in: a year in which the partnership must have been in force.
        foreign: True for cities abroad, False for those in the city's own country.
        cities: ids the answer is taken from ("davon").
        initials: letters, folded, any of which the name begins with.
    """

    countries: tuple[str, ...] = ()
    not_countries: tuple[str, ...] = ()
    continents: tuple[str, ...] = ()
    not_continents: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    not_regions: tuple[str, ...] = ()
    first: int | None = None
    last: int | None = None
    existed_in: int | None = None
    foreign: bool | None = None
    cities: tuple[str, ...] = ()
    not_cities: tuple[str, ...] = ()
    initials: tuple[str, ...] = ()
    period: str | None = None

    @property
    def by_place(self) -> bool:
        """Whether it says where a city lies."""
        return bool(
            self.countries
            or self.not_countries
            or self.continents
            or self.not_continents
            or self.regions
            or self.not_regions
            or self.foreign is not None
        )

    @property
    def by_time(self) -> bool:
        """Whether it says when a partnership began or was in force."""
        return self.first is not None or self.last is not None or self.existed_in is not None

    @property
    def only_time(self) -> Filter:
        """What it says of time alone."""
        return Filter(first=self.first, last=self.last, existed_in=self.existed_in)

    @property
    def only_countries(self) -> tuple[str, ...]:
        """The countries it names, if it says nothing else."""
        return self.countries if self == Filter(countries=self.countries) else ()

    @property
    def empty(self) -> bool:
        """Whether it lets every partner city pass."""
        return self == Filter()


class Rank(_Model):
    """Places in the order of beginning: 1 is the oldest, -1 the newest, 0 the middle; or the neighbour of a city.

    `ordinal` tells "die zweite", which may point into a list, from "die älteste", which does not.
    """

    start: int = 1
    count: int = 1
    city: str | None = None
    step: int = 0
    ordinal: bool = False


class Amount(_Model):
    """A number somebody claims or asks about: op is one of = > >= < <=."""

    op: str
    number: int

    def holds(self, number: int) -> bool:
        """Whether a number satisfies this amount."""
        return {
            "=": number == self.number,
            ">": number > self.number,
            ">=": number >= self.number,
            "<": number < self.number,
            "<=": number <= self.number,
        }[self.op]


class Question(_Model):
    """What is asked of the records.

    Attributes:
        aspect: what is asked first.
        also: further aspects asked of the same cities in the same breath.
        cities: ids of the partnerships named, in order.
        places: names of other places that were named.
        near: ids of partner cities that the places may have been meant for.
        filter: which records are meant.
        ranks: places in the order that are asked for.
        yes_no: whether it wants a yes or no.
        year: a year the question is about (how old was X in 2000).
        amount: a number claimed of the count of cities.
        years: a number of years claimed or asked for.
        newer: a comparison asks for the newer one.
        says_partner_city: the words "partner city" were used.
        back: what it needs of the question before: city, others, both, between (those two), list, that (a
            number alone).
        choice: a choice between the cities is asked for, not a yes.
        short: nothing but names; the aspect comes from the question before.
        between: ids of the two cities that enclose what is asked for.
        claim: first and last year that the beginning is claimed to lie in ("seit den Siebzigern").
        that_year: the year of the question before is meant.
        that_country: the country of the city before is meant.
        few: it has so few words that it leans on what was said.
        only: asks whether a city is the only one.
        overall: asks of all, whatever was spoken of before.
        every: asks whether something holds of all of them.
        another: asks for one besides the city before.
        extreme: 1 for the longest, -1 for the shortest gap between two in a row.
        claimed: year claimed of each city, in their order ("Amiens 1960, Leeds 1969, stimmt das?").
        narrow: asks of the cities listed last ("davon").
        shift: years later (or earlier) than what was asked before ("und zehn Jahre später?").
        now: asks for today what was asked for another time ("und heute?").
        newest_first: a list is asked for in that order.
        alphabetical: a list is asked for in the order of the names.
        since_then: asks for what came after the time asked for before ("welche kamen seither dazu?").
    """

    aspect: Aspect
    also: tuple[Aspect, ...] = ()
    cities: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    filter: Filter = Filter()
    ranks: tuple[Rank, ...] = ()
    yes_no: bool = False
    year: int | None = None
    amount: Amount | None = None
    years: Amount | None = None
    newer: bool = False
    choice: bool = False
    says_partner_city: bool = False
    back: str | None = None
    short: bool = False
    between: tuple[str, ...] = ()
    claim: tuple[int, int] | None = None
    narrow: bool = False
    that_year: bool = False
    that_country: bool = False
    few: bool = False
    only: bool = False
    overall: bool = False
    every: bool = False
    another: bool = False
    extreme: int = 0
    shift: int = 0
    claimed: tuple[int, ...] = ()
    now: bool = False
    since_then: bool = False
    newest_first: bool = False
    alphabetical: bool = False


class Context(_Model):
    """What a conversation has been about; kept in a slot.

    Attributes:
        question: the last question about partnerships.
        cities: ids the last answer was about.
        listed: ids of the last answer that held several.
        discussed: ids of those asked about one by one since.
        offered: the question a "yes" would ask.
        subject: what was spoken of last: "partnerships", "office", or the id of a topic.
        unrecorded: whether the last question was one that no record answers.
    """

    question: Question | None = None
    cities: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    discussed: tuple[str, ...] = ()
    offered: Question | None = None
    subject: str | None = None
    unrecorded: bool = False
