"""The typed shape of every record file. Raw YAML becomes one of these once, at the edge."""

from __future__ import annotations

import datetime as dt
from enum import Enum

from pydantic import BaseModel, ConstrainedStr, Extra, Field, HttpUrl, validator
from pydantic.errors import MissingError


class Question(ConstrainedStr):
    """A question as people ask it."""

    strip_whitespace = True
    min_length = 1


class Record(BaseModel):
    """Base of all records: immutable, and an unknown field is an error instead of a silent loss."""

    class Config:
        """What pydantic is told for all records."""

        extra = Extra.forbid
        allow_mutation = False
        frozen = True


class Kind(str, Enum):
    """Kinds of partnership in the terms of the RGRE data base."""

    PARTNERSCHAFT = "Partnerschaft"
    FREUNDSCHAFT = "Freundschaft"
    KONTAKT = "Kontakt"
    PROJEKTPARTNERSCHAFT = "Projektpartnerschaft"


class Status(str, Enum):
    """Whether a partnership is alive; `unknown` unless a source says so."""

    UNKNOWN = "unknown"
    ACTIVE = "active"
    RESTING = "resting"
    ENDED = "ended"


class Licence(Record):
    """Under which terms data may be used again."""

    title: str = Field(min_length=1)
    url: HttpUrl | None = None


class Source(Record):
    """Where a fact comes from, and when it was taken over."""

    title: str = Field(min_length=1)
    url: HttpUrl | None = None
    taken_over_on: dt.date
    stated_partnerships: int | None = None
    licence: Licence | None = None
    note: str | None = None


class Links(Record):
    """Pages of the city that the law asks for beside the chat."""

    imprint: HttpUrl | None = None
    privacy: HttpUrl | None = None
    accessibility: HttpUrl | None = None


class Location(Record):
    """Where a city lies: general knowledge with a source of its own. Degrees north and east."""

    continent: str
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    source: str


class City(Record):
    """The city whose records these are."""

    name: str = Field(min_length=1)
    aliases: tuple[str, ...] = ()
    country: str = Field(regex="^[A-Z]{2}$")
    location: Location | None = None
    licence: Licence | None = None
    sources: dict[str, Source]
    links: Links = Links()


class Since(Record):
    """When a partnership began: a year, later perhaps the day and what happened on it."""

    year: int = Field(ge=1800)
    date: dt.date | None = None
    meaning: str | None = None

    @validator("date")
    def date_lies_in_year(cls, value: dt.date | None, values: dict[str, object]) -> dt.date | None:  # noqa: D102
        if value is not None and value.year != values.get("year"):
            raise ValueError("the date lies in another year than `year`")
        return value


class Partnership(Record):
    """One partnership of the city."""

    id: str = Field(regex="^[a-z][a-z0-9_]*$")
    name: str = Field(min_length=1)
    aliases: tuple[str, ...] = ()
    country: str = Field(regex="^[A-Z]{2}$")
    country_label: str = Field(min_length=1)
    kind: Kind
    inner_german: bool = False
    since: Since | None = None
    status: Status = Status.UNKNOWN
    status_source: str | None = None
    ended: int | None = None
    location: Location
    source: str
    review_by: dt.date

    @property
    def year(self) -> int | None:
        """The year the partnership began, if it is known."""
        return self.since.year if self.since else None

    @property
    def counts(self) -> bool:
        """Whether this is one of the city's partner cities today."""
        return self.kind is Kind.PARTNERSCHAFT and self.status is not Status.ENDED


class Office(Record):
    """An office that answers questions. An empty field is a fact nobody told us."""

    id: str
    name: str = Field(min_length=1)
    role: str = Field(regex="^(contact|subject)$")
    street: str | None = None
    postal_code: str | None = None
    town: str | None = None
    phone: str | None = None
    fax: str | None = None
    email: str | None = None
    website: str | None = None
    contact_form: str | None = None
    opening_hours: str | None = None
    contact_person: str | None = None
    source: str
    review_by: dt.date


class Topic(Record):
    """A subject of the page, or one that it only points to, with an answer in our own words."""

    id: str = Field(regex="^[a-z][a-z0-9_]*$")
    group: str = Field(regex="^(page|neighbour)$")
    title: str = Field(min_length=1)
    aliases: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    answer: str = Field(min_length=1)
    plain: str = Field(min_length=1)
    link: HttpUrl | None = None
    contact: bool = False
    source: str
    review_by: dt.date


class CuratedAnswer(Record):
    """An answer that the city's staff wrote to a question which no other record answers."""

    id: str = Field(regex="^[a-z][a-z0-9_]*$")
    questions: tuple[Question, ...]
    answer: str = Field(min_length=1)
    plain: str | None = Field(None, min_length=1)
    source: str
    valid_until: dt.date | None = None
    owner: str = Field(min_length=1)
    review_by: dt.date

    @validator("questions")
    def has_questions(cls, value: tuple[Question, ...]) -> tuple[Question, ...]:  # noqa: D102
        if not value:
            raise MissingError
        return value

    def holds_on(self, day: dt.date) -> bool:
        """Whether it may be given on a day."""
        return self.valid_until is None or day <= self.valid_until


class Country(Record):
    """A country of the world with its German names.

    Attributes:
        parts: names of parts of it ("Schottland"); the records say only in which country a city lies.
    """

    iso: str = Field(regex="^[A-Z]{2}$")
    name: str
    locative: str
    nominative: str
    aliases: tuple[str, ...] = ()
    demonyms: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    continent: str
    also: tuple[str, ...] = ()
    eu: bool = False
    ambiguous: bool = False


class Region(Record):
    """A group of countries people ask by: the Balkans, West Africa, the NATO."""

    key: str
    name: str
    locative: str
    members: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    note: str | None = None


class Continent(Record):
    """A continent with its German names, or one that includes others (the Americas)."""

    key: str
    name: str
    locative: str
    includes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


class Period(Record):
    """A span of years people measure time by, such as the reunification."""

    key: str
    name: str
    first: int
    last: int
    turn: bool = False
    aliases: tuple[str, ...] = ()


class World(Record):
    """General knowledge that is not the city's: countries, continents, regions, periods."""

    countries: dict[str, Country]
    continents: dict[str, Continent]
    regions: dict[str, Region]
    periods: dict[str, Period]
    countries_source: Source
    periods_source: Source


class Records(Record):
    """Everything the bot knows."""

    city: City
    partnerships: tuple[Partnership, ...]
    offices: tuple[Office, ...]
    topics: tuple[Topic, ...]
    world: World
    answers: tuple[CuratedAnswer, ...] = ()

    @property
    def partner_cities(self) -> tuple[Partnership, ...]:
        """The partner cities of today, in the order of their beginning."""
        counted = (p for p in self.partnerships if p.counts)
        return tuple(sorted(counted, key=lambda p: (p.year or 9999, p.name)))

    def partnership(self, id: str) -> Partnership | None:
        """The partnership of this id, or None."""
        return next((p for p in self.partnerships if p.id == id), None)

    def topic(self, id: str) -> Topic | None:
        """The topic of this id, or None."""
        return next((t for t in self.topics if t.id == id), None)

    def curated(self, id: str) -> CuratedAnswer | None:
        """The curated answer of this id, or None."""
        return next((a for a in self.answers if a.id == id), None)

    def source(self, key: str) -> Source:
        """The source of this key; validation guarantees that it exists."""
        return self.city.sources[key]

    @property
    def contact(self) -> Office | None:
        """The office that the city names as its contact."""
        return next((o for o in self.offices if o.role == "contact"), None)
