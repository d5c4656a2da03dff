"""From normalised words to a question about the partnerships."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from partnerstadt.question.lexicon import Lexicon
from partnerstadt.question.model import OF_A_CITY, Amount, Aspect, Filter, Question, Rank
from partnerstadt.question.names import Mention
from partnerstadt.question.normal import Normal
from partnerstadt.question.times import Times, parse_times
from partnerstadt.records.models import Kind, Records
from partnerstadt.text import squeeze

# What an intent asks when the words themselves show nothing more exact.
BY_INTENT = {
    "ask_since": Aspect.SINCE,
    "ask_country": Aspect.COUNTRY,
    "ask_list": Aspect.LIST,
    "ask_count": Aspect.COUNT,
    "ask_check": Aspect.CHECK,
    "ask_rank": Aspect.RANK,
    "ask_compare": Aspect.COMPARE,
    "ask_jubilee": Aspect.JUBILEE,
    "ask_portrait": Aspect.PORTRAIT,
    "ask_kind": Aspect.KIND,
    "follow_up": Aspect.PORTRAIT,
}

# Cues of aspects of a single city, in the order in which an answer gives them.
_CITY_CUES = (
    ("since", Aspect.SINCE),
    ("duration", Aspect.DURATION),
    ("country", Aspect.COUNTRY),
    ("continent", Aspect.CONTINENT),
    ("kind", Aspect.KIND),
)

_NEGATION = re.compile(
    r"\b(nicht|ausserhalb|ausser|ohne|not|outside|jenseits|kein\w*)( (fall|auf|nur|in|aus|von|zu|zur|zum|der|die|den|dem|des|im|teil|mitglied|of|the|unsere\w*|lander\w*)){0,4} $"
)
_NEITHER_NOR = re.compile(r"\bweder\b(.*\bnoch\b)? (\w+ )?$")
# "Haben wir keine Partnerstadt in Spanien?" asks for one there, not for all elsewhere.
_NONE_THERE = re.compile(r"\bkein\w* (?!fall)(\w+ )?(partner\w*|stadt\w*|ein\w*|in|aus) (\w+ )*$")
_EXCLUDES = re.compile(
    r"\b(ausser|neben|ohne|abgesehen von|bis auf|except|besides)( (der|den|dem|von|in|mit|stadt)){0,2} $"
)
_TAKEN_OUT = re.compile(
    r"^@\w+ (also |dann |mal )?((he)?raus(?! ist)\w*|ausgenommen|ausgeschlossen|abzieh\w*|abgezogen|weglass\w*|weggelassen|nicht mit\w*)\b"
)
_FIRST_FEW = re.compile(
    r"\b(?:(ord1|altesten?|langsten?|letzten?|frischesten|neusten?|jungsten?|kurzesten?|fruhesten?|last|first|newest|oldest) (\d+)|(\d+) (?:am )?(zurst|als ord1|zuletzt|ord1|altesten?|langsten?|letzten?|frischesten|neusten?|jungsten?|kurzesten?|fruhesten?|last|first))\b"
)
_ORDINAL = re.compile(
    r"\b(?:ord|nr [.] ?|nr |nummer |platz |position |rang )(-?\d+)\b(?: (altest|jungst|neust|letzt|neu|langst)\w*)?"
)
_NUMBER = re.compile(r"\b(\d{1,3})\b(?! ?(?:jahr|year|ziel|er\b|uhr))")
_AMOUNT_OPS = (("at_most", "<="), ("more_than", ">"), ("at_least", ">="), ("less_than", "<"))
_PLURAL = re.compile(r"\b(partnerstadte\w*|stadtepartnerschaften|partnerschaften|stadte\w*)\b")
_BETWEEN = re.compile(r"\bzwischen (\w+ )?@city (und|bis) (\w+ )?@city")
_RELATIVE = re.compile(
    r"\bauf @city folgte|(?<!verbindung )(?<!kontakt )(?<!kontakte )(?<!beziehung )(?<!beziehungen )(?<!freundschaft )(?<!band )(?<!draht )\b(vor|nach|before|after|hinter|anschluss an|folgte\w* (?:\w+ )?auf)\b[^@]{0,30}@city(?! (frag|erkundig|gefragt|such))"
)
_OF_IT = re.compile(r"\b(ist|liegt|gehort|war|zahlt) (das|die|es|sie|der|dies\w*)\b")
# "Die in Israel, seit wann ist die dabei?"
_THE_ONE_THERE = re.compile(
    r"\b(die|der|das|den) (\w*stadt |partnerschaft )?(in|aus) (der |den |dem )?@(country|continent|region)"
)
_WHICH_COUNTRY = re.compile(r"\bwelche\w* (land|staat|kontinent)\b")
_ONE_OF_OURS = re.compile(
    r"\b(ist|war|gehort|zahlt) (das|die|es|sie) (\w+ ){0,2}(eine?r? (von|unser\w*|eur\w*)|zu (unser\w*|eur\w*|den (\d+|partner\w*)))"
)
_YOUNGER_OR_OLDER = re.compile(r"\b(alter|junger|spater|fruher|neur|langer|kurzer) (\w+ )?(als|wie) @city")
_PLACE_IN_ORDER = re.compile(r"\b(wievielt\w*|(welche\w*|an|auf) (\w+ )?(platz|stelle|rang|position)|platz in der)\b")
_ROUND = re.compile(r"\bord[1-9]\d{1,2}\b")
# Pronouns that stand for nothing said before: "eine Partnerschaft, die ... hält", "gibt es".
_NO_POINTER = re.compile(
    r"\b(\w*stadt\w*|\w*partnerschaft\w*|eine|welche|jene|(?:gibt|gab|gabe|handelt|geht)) (?:, (?:mit |zu |von |in |fur )?(?:die|der|das|dessen|deren|denen|dem)|es)\b"
)
# "Und die jüngste von allen?" asks of all, whatever was spoken of before.
_OVERALL = re.compile(r"\b(von|unter) (euren |unseren |ihren )?allen\b|\b(uberhaupt|insgesamt)\b")
# "Türkei auch?" asks whether there is one there as well.
_ALSO_THERE = re.compile(r"^(und |die )*@(country|continent|region) (auch|noch)\b")
# "Liegen alle Partnerstädte im Ausland?"
_EVERY = re.compile(
    r"^(?:und )?(?:liegen|sind|gehoren|kommen|stammen|befinden sich|waren) (?:denn |eigentlich |wirklich )*alle\b"
)
# "Haben wir da noch eine zweite?" asks for one more, not for the second in order.
_REACHED = re.compile(r"\b\d+ jahre?n? (\w+ )?(erreicht|voll|vollendet)\b")
_MOST_IN = re.compile(
    r"\b(jahrzehnt|dekade|jahr|zeitraum)\w*\b.*\bmeisten\b|\bin welche\w* jahr\w* .*\b([2-9]|mehrere|gleich) (\w+ )?(partner)?stadte?\b"
)
_ONE_MORE = re.compile(r"\bnoch (\w+ )?ord2\b")
_OF_COUNT = re.compile(r"\b\d{1,3} (\w+ )?(partnerst|stadtepartner|partnerschaft|stadte)")
_LATE = frozenset(
    {
        "letzten",
        "zuletzt",
        "neusten",
        "jungsten",
        "letzte",
        "neuste",
        "jungste",
        "frischesten",
        "kurzesten",
        "kurzeste",
        "last",
        "newest",
    }
)
_LATE_STEMS = ("jungst", "neust", "letzt", "neu")


@dataclass
class _Words:
    """Everything the reading of one text looks at."""

    text: str
    times: Times
    cues: frozenset[str]
    mentions: tuple[Mention, ...]
    intent: str

    @property
    def cities(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(m.value for m in self.mentions if m.kind == "city"))

    def has(self, *names: str) -> bool:
        return any(name in self.cues for name in names)


def read_question(intent: str, normal: Normal, records: Records, lexicon: Lexicon, this_year: int) -> Question:
    """The question that a text asks of the partnerships.

    Args:
        intent: the intent found by the NLU; decides where the words leave it open.
        normal: the normalised text with its mentions.
        records: general knowledge of periods and the own country.
        lexicon: the words people use.
        this_year: the year that "in den letzten zehn Jahren" counts from.
    """
    normal = Normal(_reworded(normal.text), normal.mentions)
    normal = _partners_of_countries(normal, records, lexicon)
    normal = Normal(_without_years_of_other_things(_LIVED.sub(r"\1", normal.text), lexicon), normal.mentions)
    periods = [records.world.periods[m.value] for m in normal.mentions if m.kind == "period"]
    times = parse_times(normal.text, this_year, periods)
    cues = lexicon.found(_NO_POINTER.sub(r"\1", times.rest)) | ({"jubilee"} if _REACHED.search(normal.text) else set())
    words = _Words(normal.text, times, cues, normal.mentions, intent)
    cities, excluded = _cities(words)
    cities = cities or _of_kind(words, records)
    filter = _filter(words, records, excluded)
    decade = _fullest_decade(words, records)
    if decade is not None:
        filter = filter.copy(update={"first": decade, "last": decade + 9})
    places = tuple(dict.fromkeys(m.value for m in normal.mentions if m.kind == "place" and not m.near))
    near_places = [m for m in normal.mentions if m.kind == "place" and m.near]
    of_a_part = _of_a_part(words, records)
    correcting = bool(cities and _CORRECTING.search(words.text))
    yes_no = _yes_no(words) and not of_a_part and not correcting
    ranks = _ranks(words)
    after = _next_after(words, records)
    if after:
        return Question(aspect=Aspect.GAP, cities=(*cities, after))
    if (
        places
        and not yes_no
        and not cities
        and not filter.empty
        and (words.has("list", "count") or _PLURAL.search(words.text))
    ):
        # "Ein Fragebogen aus Brüssel: Partnerstädte in der EU, welche?"
        places, near_places = (), []
    question = Question(
        aspect=Aspect.PORTRAIT,
        cities=cities,
        places=places + tuple(_name(m) for m in near_places),
        near=tuple(m.near for m in near_places if m.near),
        filter=filter,
        ranks=ranks,
        yes_no=yes_no,
        year=times.year,
        years=times.span or times.bare_span,
        claim=times.claim,
        newer=words.has("newer") and not words.has("older"),
        choice=words.has("choice"),
        says_partner_city=bool(re.search(r"partnerst|stadtepartner|twin|sister|zu den \d+\b", words.text)),
        back=_back(words, cities, filter, ranks),
        narrow=words.has("davon"),
        few=len(re.findall(r"@?\w+", words.text)) <= 5,
        only=words.has("only"),
        overall=bool(_OVERALL.search(words.text) or _ALSO_THERE.search(words.text)),
        every=bool(_EVERY.search(words.text)),
        another=words.has("another"),
        that_country=words.has("that_country"),
        claimed=_claimed(words, cities, yes_no),
        shift=_shift(words),
        now=bool(TODAY.fullmatch(words.text)),
        since_then=words.has("since_then"),
        newest_first=words.has("reverse"),
        alphabetical=bool(_ALPHABETICAL.search(words.text)),
        extreme=1 if words.has("longest_gap") else -1 if words.has("shortest_gap") else 0,
        that_year=words.has("that_year") and times.year is None and "wann" not in words.text,
    )
    aspect, also = _aspect(words, question, lexicon)
    if of_a_part and aspect is Aspect.CHECK:
        aspect = Aspect.COUNTRY if question.cities else Aspect.LIST
    if correcting and aspect is Aspect.CHECK and not filter.by_place:
        aspect = Aspect.SINCE
    question = question.copy(update={"aspect": aspect, "also": also, "short": _short(words, lexicon)})
    offset = _years_beside(words, records)
    if offset is not None:
        beside = {"aspect": Aspect.LIST, "also": (), "cities": (), "year": None, "back": None}
        return question.copy(update=beside | {"filter": filter.copy(update={"first": offset, "last": offset})})
    return _refine(question, words, this_year)


# "Sind es immer noch neun wie 2015?" asks of today.
_LIKE_THEN = re.compile(r"\b(so )?wie (noch |schon |damals )?(im jahr )?(19|20)\d\d\b")
# "Ich bin Jahrgang 1978. Mit welcher bin ich gleich alt?" asks for those of that year.
_BORN = re.compile(r"\b(?:jahrgang|baujahr|geburtsjahr|geboren|geb)\b")


def _reworded(text: str) -> str:
    """Ways of saying what the cues know in other words."""
    for pattern, replacement in (
        (_AHEAD, "kam vor @city"),
        (_SUCCESSOR, "kam nach @city"),
        (_AM_I_RIGHT, "stimmt"),
        (_EITHER_SIDE, r"seit wann \1"),
        (_EITHER_YEAR, r"seit wann \1"),
    ):
        text = pattern.sub(replacement, text)
    if _OF_COUNT.search(text):
        text = _LIKE_THEN.sub(" ", text)
    text = _AFTER_AND_BEFORE.sub("zwischen @city und @city", text)
    text = _BORN_SHORT.sub(r"\1 19\2 ", text)
    year = _YEAR.search(text) if _BORN.search(text) else None
    if year and _HOW_MANY_THEN.search(text):
        return f"wie viele gab es im jahr {year[0]}"
    return f"welche aus dem jahr {year[0]}" if year and AS_OLD.search(text) else text


# "Wer ist der Nachfolger von Xi'an in der Reihenfolge?"
_SUCCESSOR = re.compile(r"\b(?:ist |war )?(?:der |die )?nachfolger\w* von @city")
# "Kam Zwickau vor oder nach der Wende dazu?" has neither yes nor no for an answer.
_EITHER_SIDE = re.compile(
    r"^(.*)\b(?:vor|nach) oder (?:erst )?(?:nach|vor) (?:der |dem |den )?(?:jahr )?(?:\d{4}|@period)\b.*$"
)
# "Ist Leeds seit 1968 oder 1969 dabei?", but not "Welche kamen 1968 oder 1969 dazu?"
_EITHER_YEAR = re.compile(
    r"^(?!.*\b(?:welche\w*|wer|wie|was|eine|partnerst\w*e\w*)\b)(.*?)\b(?:seit |im jahr |in |ab )?(?:19|20)\d\d "
    r"(?:oder|bzw) (?:doch |erst |schon |seit |in |ab |war es )*(?:19|20)\d\d\b.*$"
)
# "Wir haben 2013 gedruckt. Müssen wir das berichtigen?": "yes" and "no" would say the opposite of one another.
_CORRECTING = re.compile(
    r"\b(berichtig\w*|korrigier\w*|richtigstell\w*|richtig (zu ?)?stellen|(?<!oder )falsch\w*(?! oder))\b"
)
_AM_I_RIGHT = re.compile(r"\bsehe? ich (das|es|dies) (so |da )?(richtig|recht)\b")
_BORN_SHORT = re.compile(r"\b(jahrgang|baujahr) (?:ord)?([3-9]\d)\b(?=\W*\w)")
# "Ich bin 1975 geboren. Wie viele Partnerstädte hatte Dortmund in dem Jahr schon?"
_HOW_MANY_THEN = re.compile(r"\bwie viele \w+ (hatte\w*|gab|waren|bestanden)\b.*\b(jahr|da|damals|schon|bereits)\b")
# "Kam nach Xi'an und vor Trabzon noch eine dazu?"
_AFTER_AND_BEFORE = re.compile(r"\bnach (?:der |die )?@city (?:und|aber|,|noch| )+ ?vor (?:der |die )?@city")
# "Welche ging der mit Netanya voraus?"
_AHEAD = re.compile(
    r"\b(?:ging|gingen|geht) (?:(?:der|die|den|dem|mit|partnerschaft) ){0,3}@city (?:\w+ ){0,2}voraus\b"
)


def _fullest_decade(words: _Words, records: Records) -> int | None:
    """The first year of the decade in which most partnerships began, if one is asked for and there is one."""
    hit = _MOST_IN.search(words.text)
    if not hit or hit[1] not in ("jahrzehnt", "dekade"):
        return None
    decades = Counter(p.year // 10 * 10 for p in records.partner_cities if p.year)
    (first, most), *others = decades.most_common()
    return first if not others or others[0][1] < most else None


_UNTIL_NEXT = re.compile(r"\b(bis|ehe)\b.{0,20}\bnachste\w*\b")


def _next_after(words: _Words, records: Records) -> str | None:
    """The partner city after the one named, where the time between is asked for: "Wie lange dauerte es bis zur nächsten?"."""
    if len(words.cities) != 1 or not words.has("duration") or not _UNTIL_NEXT.search(words.text):
        return None
    ids = [p.id for p in records.partner_cities]
    later = ids[ids.index(words.cities[0]) + 1 :] if words.cities[0] in ids else []
    return later[0] if later else None


def _of_a_part(words: _Words, records: Records) -> bool:
    """Whether a part of a country is named: the records know the country only, so there is neither yes nor no."""
    named = {(m.value, squeeze(m.text)) for m in words.mentions if m.kind == "country"}
    parts = {c.iso: [squeeze(part) for part in c.parts] for c in records.world.countries.values() if c.parts}
    return any(typed.startswith(part) for iso, typed in named for part in parts.get(iso, ()))


_SAME_YEAR = re.compile(r"\b(selben|gleichen|demselben) jahr\b")
_YEAR = re.compile(r"\b(1[5-9]|20)\d\d\b")
# "Ich wohne 3 Jahre in Dortmund": years of a person, not of a partnership.
_LIVED = re.compile(
    r"\b((?:wohn|leb|arbeit|studier|lern)\w*(?: (?:ich|wir|schon|seit|jetzt|erst|nun|hier|in @home))*) \d+ jahre\w*"
)
_OF_THEN = re.compile(r"\b(da|damals|dann|schon|bereits|seitdem|seither|\w*jahr|stimmt|richtig|korrekt|wahr)\b")


def _without_years_of_other_things(text: str, lexicon: Lexicon) -> str:
    """Without the year of "Ich habe eine Ansichtskarte von 1941. Ist Leeds Partnerstadt?", which no one asks about."""
    *before, question = re.split(r"(?<=[.!]) ", text)
    if not before or _YEAR.search(question) or _OF_THEN.search(question):
        return text
    told = (s if any(lexicon.match(cue, s) for cue in _OF_A_BEGINNING) else _YEAR.sub(" ", s) for s in before)
    return " ".join((*told, question)) if lexicon.match("yes_no", question) else text


_OF_A_BEGINNING = ("bond", "partner_word", "joined_then", "since")
_YEARS_BESIDE = re.compile(r"\b(ein|\d+) jahre? (?:\w+ )?(spater|fruher|nach|vor) (?:als )?(?:der |die |mit )?@city")


def _years_beside(words: _Words, records: Records) -> int | None:
    """The year asked for by "welche kam ein Jahr später als Leeds dazu?"."""
    hit = _YEARS_BESIDE.search(words.text)
    partnership = records.partnership(words.cities[0]) if hit and len(words.cities) == 1 else None
    if not hit or not partnership or not partnership.year or not words.has("list", "request") or words.has("count"):
        return None
    years = 1 if hit[1] == "ein" else int(hit[1])
    return partnership.year + (years if hit[2] in ("spater", "nach") else -years)


_CITY_WITH_YEAR = re.compile(r"@city,? (?:seit |ab |: )?((?:19|20)\d\d)\b")


def _claimed(words: _Words, cities: tuple[str, ...], yes_no: bool) -> tuple[int, ...]:
    """The year claimed of each of several cities; nothing unless every one has its year."""
    years = tuple(int(year) for year in _CITY_WITH_YEAR.findall(words.text))
    return years if yes_no and len(cities) == len(years) > 1 else ()


_ALPHABETICAL = re.compile(r"\balphabet\w*|\bvon a bis z\b|\babc\b")
_LATER = re.compile(
    r"\b(?:(\d+) jahre?n?|(jahrzehnt|dekade)) (?:\w+ )?(spater|danach|darauf|weiter|fruher|davor|vorher)\b"
)
_NEXT_DECADE = re.compile(r"\b(nachste|folgende|vorige|vorherige)\w* (jahrzehnt|dekade)")
_NEXT_YEAR = re.compile(r"\b(?:im|das) jahr (davor|vorher|danach|darauf)\b")
TODAY = re.compile(
    r"(?:und |also |aber |wie sieht es |wie ist es |jetzt |so )*(?:heute|jetzt|aktull|derzeit|momentan|inzwischen)(?: aus| so)?[ ?.!,]*(?:bitte)?[ ?.!]*"
)


def _shift(words: _Words) -> int:
    """Years that a short text moves the time asked for before: "und zehn Jahre später?", "im Jahrzehnt danach?"."""
    if words.cities:
        return 0
    neighbour = _NEXT_YEAR.search(words.text)
    if neighbour:
        return -1 if neighbour[1] in ("davor", "vorher") else 1
    if len(words.text.split()) > _SHIFT_WORDS:
        return 0
    later, next_decade = _LATER.search(words.text), _NEXT_DECADE.search(words.text)
    if later:
        return (int(later[1]) if later[1] else 10) * (-1 if later[3] in ("fruher", "davor", "vorher") else 1)
    return (-10 if next_decade[1].startswith("vor") else 10) if next_decade else 0


def _partners_of_countries(normal: Normal, records: Records, lexicon: Lexicon) -> Normal:
    """Read "nach der chinesischen", "Israel länger als Serbien?" as the partner cities there, where each has one."""
    countries = [m for m in normal.mentions if m.kind == "country"]
    cities = [m for m in normal.mentions if m.kind == "city"]
    several = len(countries) + len(cities) > 1 and not _OF_THAT_COUNTRY.search(normal.text)
    compared = several and any(lexicon.match(cue, normal.text) for cue in ("gap", "older", "newer", "choice"))
    compared = compared or (several and bool(_BETWEEN_PLACES.search(normal.text)))
    if not countries or not (compared or (not cities and _BESIDE_COUNTRY.search(normal.text))):
        return normal
    there = {m.value: [p for p in records.partner_cities if p.country == m.value] for m in countries}
    if any(len(partners) != 1 for partners in there.values()):
        return normal
    mentions = tuple(
        replace(m, kind="city", value=there[m.value][0].id) if m in countries else m for m in normal.mentions
    )
    return Normal(normal.text.replace("@country", "@city"), mentions)


_SHIFT_WORDS = 8
_BETWEEN_PLACES = re.compile(r"\bzwischen (\w+ )?@(city|country)\b.*\bund\b.*@(city|country)")
# "Ist Kumasi in Ghana älter als ...?" names one city and says where it lies.
_OF_THAT_COUNTRY = re.compile(
    r"@city ,? ?(liegt |ist )?((in|aus|im) (der |den |dem )?)?@country|@country\w* (stadt |partnerstadt )?@city"
)
_BESIDE_COUNTRY = re.compile(
    r"\b(kam|kamen|folgte|danach|davor|nachste\w*)\b.*\b(nach|vor) (der|dem|den|unser\w*) @country|\b(nach|vor) (der|dem|den|unser\w*) @country.*\b(kam|kamen|folgte|nachste\w*)\b"
)


def _name(mention: Mention) -> str:
    """A place by the name that was typed; an uncertain reading of a partner city carries that city's id as value."""
    return mention.text if mention.value == mention.near else mention.value


def _cities(words: _Words) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Cities asked about, and those asked to be left out ("außer Leeds", "nein, nicht Leeds, sondern Amiens")."""
    if words.has("reverse") and _PLURAL.search(words.text):
        # "Zähl die Partnerstädte rückwärts auf, Amiens am Schluss."
        return (), ()
    asked: list[str] = []
    left_out: list[str] = []
    for mention, before in _before_each(words, "city"):
        corrected = words.has("correction") and re.search(r"\b(nicht|not)( \w+)? $", before)
        taken_out = _TAKEN_OUT.search(words.text[len(before) :])
        if _INCLUDES.search(before):
            continue
        (left_out if _EXCLUDES.search(before) or corrected or taken_out else asked).append(mention.value)
    return tuple(dict.fromkeys(asked)), tuple(dict.fromkeys(left_out))


def _of_kind(words: _Words, records: Records) -> tuple[str, ...]:
    """Asked what a kind of partnership means, the cities of that kind are the answer."""
    if words.intent != "ask_kind" or words.has("wh") is False:
        return ()
    if re.search(r"projektpartner", words.text):
        return tuple(p.id for p in records.partnerships if p.kind is Kind.PROJEKTPARTNERSCHAFT)
    if words.has("inner_german"):
        return tuple(p.id for p in records.partner_cities if p.inner_german)
    return ()


def _before_each(words: _Words, kind: str) -> list[tuple[Mention, str]]:
    """The mentions of a kind with the text before each."""
    mentions = [m for m in words.mentions if m.kind == kind]
    return [
        (m, words.text[: hit.start()]) for m, hit in zip(mentions, re.finditer(f"@{kind}\\b", words.text), strict=False)
    ]


# "Aus wie vielen Ländern, Deutschland mitgezählt?" asks of all.
_INCLUDES = re.compile(r"\b(inklusive|inkl|einschliesslich|mitsamt|samt)( der| den| dem| von)? $")
# "Eine Arbeit über das vereinte Deutschland" does not limit what is asked.
_OF_HISTORY = re.compile(r"\b(vereint\w*|geteilt\w*|wiedervereint\w*|wiedervereinigt\w*) $")
_INCLUDED = re.compile(
    r"^@\w+ (\w+ )?(zusammen|mitzahl\w*|mitgezahlt|mitrechn\w*|mitgerechnet|eingeschlossen|inbegriffen|dazuzahl\w*)\b"
)


_AND_THESE = re.compile(
    r"@(country|continent|region) (und|oder|,|sowie|bzw) ?((den|die|der|dem|in|aus|nach|auch|von) ){0,2}$"
)


def _filter(words: _Words, records: Records, excluded: tuple[str, ...]) -> Filter:
    fields: dict[str, Any] = {}
    for kind, name in (("country", "countries"), ("continent", "continents"), ("region", "regions")):
        negated: object = None
        for mention, before in _before_each(words, kind):
            if _OF_HISTORY.search(before) or _INCLUDES.search(before) or _INCLUDED.search(words.text[len(before) :]):
                continue
            # "Außer den europäischen und den asiatischen" leaves out both.
            negated = (
                _TAKEN_OUT.search(words.text[len(before) :])
                or (_NEGATION.search(before) and not _NONE_THERE.search(before))
                or _NEITHER_NOR.search(before)
                or (negated and _AND_THESE.search(before) and before.rstrip().rfind("@") == before.rfind(f"@{kind}"))
            )
            key = f"not_{name}" if negated or (mention.text.lower().startswith("nicht")) else name
            fields[key] = tuple(dict.fromkeys((*fields.get(key, ()), mention.value)))
    if words.has("outside_europe"):
        fields["not_continents"] = ("europe",)
    foreign = True if words.has("foreign") else False if _inner_german(words) else None
    if records.city.country in fields.get("countries", ()):
        # "Gibt es eine in Deutschland, oder sind die alle im Ausland?"
        foreign = None
    if records.city.country in fields.get("not_countries", ()):
        foreign = True
        fields["not_countries"] = tuple(c for c in fields["not_countries"] if c != records.city.country)
    times = words.times
    fields["initials"] = tuple(dict.fromkeys(initials_in(words.text)))
    return Filter(
        **fields, first=times.first, last=times.last, foreign=foreign, not_cities=excluded, period=times.period
    )


# "Welche fangen mit B an?", "die mit Z oder mit T anfangen"
_BEGINS = re.compile(r"\b(an)?(fang|begin|start)\w*\b")
_PARTNER_WITH = re.compile(r"\bpartnerst\w* mit (dem )?(buchstaben? )?[a-z]\b")
_AN_N = re.compile(r"\bmit ein (?=(an)?(fang|begin|start)|oder |und |,)")  # the normal form of "mit n"
_LETTER = re.compile(r"(?:\bmit|\boder|\bund|,) (?:mit )?(?:dem |einem )?(?:buchstaben? )?([a-z])\b")


def initials_in(text: str) -> list[str]:
    """The letters that a name is to begin with."""
    letters = _BEGINS.search(text) or _PARTNER_WITH.search(text)
    return _LETTER.findall(_AN_N.sub("mit n ", text)) if letters else []


_INNER_GERMAN_TOO = re.compile(
    r"\binnerdeutsch\w* (\w+ ){0,3}(mitgezahlt|mitzahl\w*|mitgerechnet|eingeschlossen|inbegriffen|dazugerechnet)\b"
    r"|\b(inklusive|inkl|einschliesslich|samt|mitsamt) (der |die |den )?innerdeutsch"
)


def _inner_german(words: _Words) -> bool:
    """Whether only partner cities in the own country are meant, not these as well."""
    return words.has("inner_german") and not words.cities and not _INNER_GERMAN_TOO.search(words.text)


def _yes_no(words: _Words) -> bool:
    if not words.has("yes_no", "statement_check"):
        return words.intent == "ask_check" and not words.has("wh")
    # "Können Sie mir sagen, seit wann ..." asks for the year, "Weißt du, ob ..." for a yes.
    return (
        words.has("statement_check") or not words.has("wh") or bool(_WHETHER.search(words.text)) or _verb_first(words)
    )


# "Fürs Grußwort vom OB" means a person.
_WHETHER = re.compile(r"(?<!vom )(?<!der )(?<!den )(?<!dem )(?<!des )(?<!beim )(?<!zum )(?<!herr )(?<!frau )\bob\b")
_VERBS = ("ist", "sind", "war", "haben", "hat", "hatte", "gibt", "gab", "liegt", "liegen", "gehort", "kam", "wurde")
_OF_THAT_TIME = re.compile(r"\b(schon|bereits|damals|da)\b")
AS_OLD = re.compile(
    r"\b(gleich|genauso|genau so|ebenso|so) alt\b|\b(selben?|gleichen?|demselben|mein\w*|ihr\w*|dem) (geburts)?(jahr|jahrgang|alter)\b"
    r"|\bgibt es da (auch )?(eine|welche)\b"
)
_A_JUBILEE = 20  # "der siebzigste" is no place in an order
_FIRST_VERB_OR_QUESTION = re.compile(rf"\b({'|'.join(_VERBS)}|wann|wo|wer|wie|was|welche\w*|warum|seit)\b")


def _verb_first(words: _Words) -> bool:
    """Whether a verb comes before any question word: "Ist Leeds, wo ..., Partnerstadt?"."""
    first = _FIRST_VERB_OR_QUESTION.search(words.times.rest)
    return first is not None and first[1] in _VERBS


# "Letzte Frage: ..." counts questions, not partner cities.
_OF_THE_TALK = re.compile(r"\b(?:letzte|erste|nachste|weitere|ord-?\d+)\w* (?:frage|bitte|anliegen|punkt|sache)\b")


def _ranks(words: _Words) -> tuple[Rank, ...]:
    text = _OF_THE_TALK.sub(" ", words.times.rest)
    text = re.sub(r"\b(?:beiden|beide)\b", "2", text)
    text = re.sub(r"\b(\d+) (?:\w+ ){1,3}die (altesten|jungsten|neusten|letzten|ersten)\b", r"\1 \2", text)
    text = re.sub(
        r"\b(\d+) ,? ?die (?:\w+ ){0,4}?(altesten|jungsten|neusten|langsten|kurzesten|zuletzt|zurst)\b", r"\1 \2", text
    )
    few = _FIRST_FEW.search(text)
    if _SORTED.search(text) and (_PLURAL.search(text) or words.has("list")):
        return ()
    if words.has("reverse") and _PLURAL.search(text) and not few:
        return ()
    if few:
        word, number = (few[1], few[2]) if few[1] else (few[4], few[3])
        late = (word in _LATE) != words.has("reverse")
        return (Rank(start=-1 if late else 1, count=int(number)),)
    if _ONE_MORE.search(text):
        return ()
    ranks = []
    for hit in _ORDINAL.finditer(text):
        number, stem = int(hit[1]), hit[2] or ""
        late = number > 0 and stem.startswith(_LATE_STEMS)
        ranks.append(Rank(start=-number if late else number, ordinal=not stem))
    places = [rank for rank in ranks if abs(rank.start) < _A_JUBILEE]
    if (not places and words.has("oldest")) or (words.has("began_with") and not ranks and not _limited(words.times)):
        ranks.append(Rank(start=1))
    if (
        (words.has("newest") and not any(r.start < 0 for r in ranks))
        or (words.has("newly") and not ranks and not _limited(words.times))
        or (not ranks and re.search(r"\bletzte\w*\b", text))
        or (len(ranks) == 1 and ranks[0].start == 1 and re.search(r"\bund (\w+ ){0,3}letzte\w*\b", text))
    ):
        ranks.append(Rank(start=-1))
    elif not ranks and re.search(r"\berste\w*\b", text):
        ranks.append(Rank(start=1))
    return tuple(ranks)


# "Alle, die älteste zuerst" and "von der ältesten zur jüngsten" ask for the list.
_SORTED = re.compile(
    r"\b(angefangen|beginnend|anfangend) (bei|mit) (der|den) (altest|jungst|neust)\w*|\balteste\w* (\w+ )?(zurst|zuerst|voran|oben)\b|\bvon der altesten?\b.*\b(jungst|neust|letzt)\w*"
)


def _limited(times: Times) -> bool:
    """Whether a text speaks of some years only: "neu seit 2000" asks for all of them, not for the newest."""
    return not (times.first is times.last is times.at is None)


# "Welche kam zwischen den beiden?" asks for a city, "wie viele Jahre liegen zwischen den beiden?" for a time.
_WHO_BETWEEN = re.compile(
    r"^(?!.*\b(\w*jahre?n?|lange|abstand|zeitraum|zeitspanne|zeit|unterschied|monate)\b)"
    r"(.*\b)?(welche\w*|wer|was|jemand|eine|keine|noch) (.*\b)?zwischen (den )?(beiden|2|zweien|ihnen)\b"
)


# "Erst seit 2025, oder?"
_SINCE_THEN_ONLY = re.compile(r"^(und |aber |also |die |das )*(erst|schon|bereits) seit (19|20)\d\d\b")


def _back(words: _Words, cities: tuple[str, ...], filter: Filter, ranks: tuple[Rank, ...]) -> str | None:
    """What this text points back to."""
    if words.has("others") and not cities:
        return "others"
    reached = (
        words.has("jubilee") and words.times.bare_span and not words.has("list") and not _PLURAL.search(words.text)
    )
    if reached and not cities and not filter.by_place and not filter.by_time:
        # "Wann sind da fünfzig Jahre voll?"
        return "city"
    if not cities and _SINCE_THEN_ONLY.search(words.text) and not words.has("list", "count"):
        return "city"
    if not cities and _WHO_BETWEEN.search(words.text):
        return "between"
    if words.has("both") and not cities:
        return "both"
    if _ONE_OF_OURS.search(words.text) and not cities and not filter.by_place and not ranks:
        # "Ist das eine von unseren Städten?"
        return "city"
    if words.has("davon"):
        return "list"
    joined = bool(re.search(r"\bkam\w*\b.*\b(dazu|eine|welche|jemand|wer)\b", words.text)) and bool(
        filter.by_time or words.times.at
    )
    claims = (
        not joined
        and words.has("statement_check")
        and not words.has("list", "count")
        and not _PLURAL.search(words.text)
    )
    if claims and not cities and not filter.by_place and words.has("pronoun") and not ranks:
        return "city"
    of_it = (
        _OF_IT.search(words.text)
        and not _THE_ONE_THERE.search(words.text)
        and (not words.has("list", "count") or _WHICH_COUNTRY.search(words.text))
    )
    if not cities and filter.by_place and of_it:
        # "Liegt das im Ausland?" asks of the city spoken of.
        return "city"
    if (
        not cities
        and not filter.by_place
        and not filter.by_time
        and words.has("pronoun")
        and not _about_a_set(words, ranks)
    ):
        return "city"
    return None


def _about_a_set(words: _Words, ranks: tuple[Rank, ...]) -> bool:
    """Whether the words ask of many cities, so that "die" and "das" in it are no pointers to one."""
    if words.has("jubilee") and words.has("wh"):
        return not re.search(r"\b(dort|(mit|bei|von|zu) (denen|dem|ihnen|dieser|der))\b", words.text)
    if words.has("age_in_year", "gap") and not _PLURAL.search(words.text):
        return False
    counting = words.has("count", "count_countries", "chronological", "list", "order_check")
    timed = words.times.at is not None and not words.has("duration")
    return counting or timed or bool(ranks) or bool(_PLURAL.search(words.text)) or _relative_clause(words)


def _relative_clause(words: _Words) -> bool:
    """ "die unter 15 Jahre alt sind", "die, die länger als 40 Jahre dabei sind"."""
    return (
        words.times.span is not None
        and bool(re.search(r"\b(sind|bestehen|dabei sind)\s*[?.!]?$", words.text))
        and not words.has("wh")
    )


def _short(words: _Words, lexicon: Lexicon) -> bool:
    """Whether there is nothing but names, restrictions and fillers."""
    rest = re.sub(r"@\w+|ord-?\d+|[?.,!:;-]|\b\d+\b", " ", words.times.rest)
    return all(word in lexicon.fillers for word in rest.split())


def _aspect(words: _Words, q: Question, lexicon: Lexicon) -> tuple[Aspect, tuple[Aspect, ...]]:
    """What is asked, and what is asked besides."""
    if _MOST_IN.search(words.text) and not q.cities:
        # Where no decade has more than another, the list with its years shows it.
        return (Aspect.COUNT if q.filter.by_time else Aspect.LIST), ()
    special = _special_aspect(words, q)
    if special:
        return special, ()
    if q.cities or q.places or q.back == "city":
        return _city_aspects(words, q)
    return _set_aspect(words, q), ()


def _special_aspect(words: _Words, q: Question) -> Aspect | None:
    """Aspects that the words show whatever is named."""
    several = len(q.cities) > 1
    named = bool(q.cities)
    # "Sind Amiens und Leeds beide in der EU?" compares nothing.
    in_places = q.yes_no and q.filter.by_place and not words.has("choice")
    if q.claimed:
        return Aspect.CHECK
    if q.back == "between":
        return Aspect.COUNT if words.has("count") else Aspect.LIST
    steps = words.has("steps") and not words.times.bare_span
    if not named and steps and not words.has("count", "jubilee") and not q.filter.by_time:
        return Aspect.RANK
    if len(q.cities) == 1 and sum(rank.ordinal for rank in q.ranks) > 1:
        return Aspect.PORTRAIT
    if len(q.cities) == 1 and _PLACE_IN_ORDER.search(words.text) and not words.has("before", "after", "jubilee"):
        return Aspect.PORTRAIT
    if len(q.cities) > 2 and words.has("order_check", "statement_check", "older", "chronological"):
        return Aspect.ORDER
    if _all_beside(words, q) and (words.has("list", "count") or not words.has("pronoun")):
        return Aspect.COUNT if words.has("count") else Aspect.LIST
    if several and words.has("order_check"):
        return Aspect.ORDER
    if (
        len(q.cities) == 2
        and _BETWEEN.search(words.text)
        and words.has("list", "count", "joined_then")
        and not re.search(r"jahr|lange|zeit|abstand", words.text)
    ):
        return Aspect.COUNT if words.has("count") else Aspect.LIST
    in_that_year = words.intent == "ask_jubilee" and words.times.span and words.times.span.op == "="
    if in_that_year and words.times.at and words.has("list") and not named:
        # "Mit welcher Stadt sind es 2027 genau 50 Jahre?"
        return Aspect.JUBILEE
    if (named or q.back == "city") and words.times.bare_span and words.has("since", "jubilee"):
        return Aspect.JUBILEE
    if words.has("longest_gap", "shortest_gap") or (words.has("gap") and len(q.ranks) > 1 and not named):
        return Aspect.GAP
    if words.has("jubilee") or "jahrig" in words.text or (words.intent == "ask_jubilee" and words.times.bare_span):
        return Aspect.JUBILEE
    at = words.times.at or (words.times.period and words.times.year)
    if at and (words.has("age_in_year") or (words.has("duration") and (named or words.has("pronoun")))):
        return Aspect.AGE
    if words.has("age_in_year"):
        return Aspect.AGE
    if words.has("gap") and (several or (named and not q.yes_no and words.has("duration", "since", "gap"))):
        return Aspect.GAP
    if several and (words.times.span or _SAME_YEAR.search(words.text)):
        return Aspect.GAP
    if not named and words.has("gap") and not _PLURAL.search(words.text) and not q.filter.by_place:
        return Aspect.GAP
    if (
        not named
        and words.has("older", "newer")
        and (words.has("both") or len(words.text.split()) <= 3)
        and not q.ranks
        and not words.times.span
    ):
        return Aspect.COMPARE
    if several and (
        (words.has("older", "newer", "choice") and not words.has("since", "country"))
        or (words.intent == "ask_compare" and not (words.has("since") and words.has("country")) and not in_places)
    ):
        return Aspect.COMPARE
    if several and words.has("older", "newer") and not words.has("country"):
        return Aspect.COMPARE
    if (
        len(q.cities) == 1
        and words.has("before", "after")
        and _RELATIVE.search(words.text)
        and re.search(r"\b(noch|schon|weitere\w*|jemand|irgend\w*|welche|wer|gab|gibt|kam)\b", words.text)
        and not words.has("since", "country", "duration")
        and not re.search(r"\b(die|sie) (alter|junger|vor|nach) @city", words.text)
    ):
        return None
    if named and words.has("older", "newer") and q.back != "city" and words.has("pronoun") and q.yes_no:
        return Aspect.COMPARE
    if named and re.search(
        r"\b(alter|junger|langer|fruher|spater|eher) (dabei |dazu )?(als|wie|than) @city", words.text
    ):
        return Aspect.COMPARE
    if words.has("gap") and named:
        return Aspect.GAP
    return None


def _all_beside(words: _Words, q: Question) -> bool:
    """ "Welche sind jünger als Leeds?" asks for all on one side of a city."""
    return len(q.cities) == 1 and not q.yes_no and q.back is None and bool(_YOUNGER_OR_OLDER.search(words.text))


def _city_aspects(words: _Words, q: Question) -> tuple[Aspect, tuple[Aspect, ...]]:
    """Aspects of the cities named (or pointed at)."""
    if (
        len(q.cities) == 1
        and words.has("before", "after")
        and _RELATIVE.search(words.text)
        and not words.has("since", "country", "duration")
    ):
        if words.has("count"):
            return Aspect.COUNT, ()
        return (
            Aspect.LIST if re.search(r"\balle\b|\b(welche|wer)\b.*\b(kamen|sind|waren)\b", words.text) else Aspect.RANK
        ), ()
    if words.has("besides") or (q.filter.not_cities and not q.cities):
        return (Aspect.COUNT if words.has("count") else Aspect.LIST), ()
    if q.yes_no:
        return Aspect.CHECK, ()
    if q.ranks and not q.cities and q.back == "city" and not words.has("since", "duration", "country"):
        return Aspect.RANK, ()
    if words.has("count") and not q.cities:
        return Aspect.COUNT, ()
    found = [aspect for cue, aspect in _CITY_CUES if words.has(cue)]
    if Aspect.DURATION in found and Aspect.SINCE in found and "seit wann" not in words.text:
        found.remove(Aspect.SINCE)
    if found and not (words.has("portrait") and found == [Aspect.KIND]):
        return found[0], tuple(found[1:])
    if not q.cities and not q.places:
        return _set_aspect(words, q), ()
    if words.has("portrait"):
        return Aspect.PORTRAIT, ()
    by_intent = BY_INTENT.get(words.intent, Aspect.PORTRAIT)
    if by_intent in (Aspect.LIST, Aspect.COUNT, Aspect.RANK, Aspect.COMPARE):
        by_intent = Aspect.PORTRAIT
    return by_intent, ()


def _set_aspect(words: _Words, q: Question) -> Aspect:
    """Aspects of a set of partnerships, or of a city that still has to be named."""
    if (
        _OF_COUNT.search(words.times.rest)
        and not q.ranks
        and not words.has("count", "list")
        and (q.yes_no or words.has("why", "statement_check"))
    ):
        return Aspect.CHECK
    limited = (
        q.filter.by_place
        or q.filter.by_time
        or bool(q.filter.initials)
        or words.times.at is not None
        or q.years is not None
    )
    if words.has("reverse") and _PLURAL.search(words.text) and not q.ranks:
        return Aspect.LIST
    if words.has("count_countries") or re.search(r"\b(in )?welche\w* (lander\w*|staaten)\b", words.text):
        return Aspect.COUNTRIES
    if words.has("continent"):
        return Aspect.COUNTRIES if _PLURAL.search(words.text) or not words.has("pronoun") else Aspect.CONTINENT
    if words.has("count"):
        return Aspect.COUNT
    if q.ranks and not (q.yes_no and limited and not words.has("oldest", "newest")):
        return Aspect.RANK
    if _relative_clause(words):
        return Aspect.LIST
    if q.yes_no and (limited or words.intent in ("ask_check", "ask_count")):
        return Aspect.CHECK
    if words.has("chronological") and words.intent in ("ask_list", "ask_rank", "follow_up"):
        return Aspect.LIST
    if limited and (words.has("since", "duration") and q.filter.by_place and not words.has("list")):
        return Aspect.SINCE if words.has("since") else Aspect.DURATION
    if limited:
        return Aspect.COUNT if words.intent == "ask_count" and not words.has("list") else Aspect.LIST
    if words.has("since", "duration") and _PLURAL.search(words.text) and not words.has("list"):
        # "Seit wann gibt es Städtepartnerschaften?" asks for the first one, "brauche alle mit Jahreszahl" for all.
        return Aspect.LIST if words.has("request") else Aspect.RANK
    if words.has("country") and _PLURAL.search(words.text):
        return Aspect.COUNTRIES
    for cue, aspect in _CITY_CUES:
        if words.has(cue) and not words.has("list"):
            return aspect
    if words.has("before", "after") and words.intent in ("ask_rank", "follow_up"):
        return Aspect.RANK
    if words.intent == "ask_rank" and not q.ranks and words.has("list") and not words.has("before", "after", "steps"):
        return Aspect.LIST
    return BY_INTENT.get(words.intent, Aspect.LIST)


def _refine(q: Question, words: _Words, this_year: int) -> Question:
    """What depends on the aspect: ranks next to a city, years as restriction or claim, amounts."""
    changes: dict[str, object] = {}
    at = words.times.at
    filter = q.filter
    if q.aspect is Aspect.COUNT and filter.period and filter.first == filter.last and not words.has("joined_strictly"):
        # "Wie viele waren es zur Jahrtausendwende?"
        at, filter = filter.first, filter.copy(update={"first": None, "last": None})
    steps_on = words.has("steps") and not q.filter.by_time
    if q.aspect is Aspect.RANK and (not q.ranks or q.cities or steps_on):
        step = (
            -1 if words.has("before") and not re.search(r"\bnach @city", words.text) else 1 if words.has("after") else 0
        )
        if step:
            changes["ranks"] = (Rank(city=q.cities[0] if q.cities else None, step=step),)
            changes["cities"] = ()
        elif not q.ranks:
            changes["ranks"] = (Rank(start=1),)
    if q.aspect is Aspect.COMPARE and q.yes_no and not words.has("older", "newer", "before", "after"):
        # "1981 war das Jahr von Buffalo und 1978 das von Netanya, oder?": neither yes nor no is right.
        changes["yes_no"] = False
    if q.aspect in (Aspect.LIST, Aspect.COUNT) and len(q.cities) == 2 and _BETWEEN.search(words.text):
        return q.copy(update={"between": q.cities, "cities": (), "back": None})
    if q.aspect in (Aspect.LIST, Aspect.COUNT) and _all_beside(words, q):
        older = bool(re.search(r"\b(alter|fruher|langer) (\w+ )?(als|wie) @city", words.text))
        return q.copy(update={"ranks": (Rank(city=q.cities[0], count=99, step=-1 if older else 1),), "cities": ()})
    if q.aspect is Aspect.JUBILEE and not q.years and _ROUND.search(words.text):
        # "Wann feiert man das Siebzigste?", "jährt sich zum sechzigsten Mal"
        reached = max(rank.start for rank in q.ranks)
        ranks = tuple(rank for rank in q.ranks if rank.start != reached)
        changes |= {"years": Amount(op="=", number=reached), "ranks": ranks}
    elif q.aspect is Aspect.JUBILEE and not q.years:
        number = _NUMBER.search(re.sub(r"ord-?\d+", " ", words.times.rest))
        if number:
            changes["years"] = Amount(op="=", number=int(number[1]))
    if q.aspect in (Aspect.LIST, Aspect.COUNT) and q.cities and words.has("before", "after"):
        rank = Rank(city=q.cities[0], count=99, step=-1 if words.has("before") else 1)
        changes |= {"ranks": (rank,), "cities": ()}
    of_then = q.aspect is Aspect.CHECK and (q.cities or q.back == "city") and _OF_THAT_TIME.search(words.text)
    if of_then and at is not None and words.has("existed_then"):
        filter = filter.copy(update={"existed_in": at})
    elif of_then and words.has("existed_then") and filter.first is not None and filter.last is not None:
        # "Mitte der Siebziger waren wir in Leeds. War das damals schon Partnerstadt?"
        filter = filter.copy(update={"existed_in": filter.last, "first": None, "last": None})
        changes |= {"year": None, "claim": None}
    sets = (Aspect.LIST, Aspect.COUNT, Aspect.CHECK, Aspect.COUNTRIES)
    # "Wir fahren nächstes Jahr nach England": none has begun in a year to come.
    if at is not None and at <= this_year and q.aspect in sets and not q.cities:
        state = words.has("existed_then") and (words.has("all_exact") or not words.has("joined_strictly"))
        wants_state = state or (q.aspect is Aspect.COUNT and not words.has("joined_strictly"))
        of_state = wants_state and at < this_year
        # "... bereits, als 1989 die Mauer fiel": the period is that year once more.
        alone = {"first": None, "last": None} if of_state and filter.period and filter.first == at else {}
        filter = filter.copy(update=alone | ({"existed_in": at} if of_state else {"first": at, "last": at}))
    if (
        q.years is not None
        and q.aspect in (Aspect.LIST, Aspect.COUNT, Aspect.CHECK, Aspect.RANK)
        and not q.cities
        and q.back != "city"
    ):
        filter = filter.copy(update=_as_years(q.years, this_year))
    if q.aspect in (Aspect.CHECK, Aspect.COUNT, Aspect.LIST) and not q.cities:
        amount = _amount(words)
        changes["amount"] = amount
    changes["filter"] = filter
    if q.aspect in OF_A_CITY and not q.cities and not q.places and not filter.by_place and q.back is None:
        changes["back"] = "city"
    if q.aspect is Aspect.JUBILEE and changes.get("ranks"):
        changes["back"] = None
    return q.copy(update=changes)


def _as_years(years: Amount, this_year: int) -> dict[str, int]:
    """A length of time as years of beginning; whole calendar years, because the records hold no days."""
    n = years.number
    return {
        ">": {"last": this_year - n - 1},
        ">=": {"last": this_year - n},
        "=": {"last": this_year - n},
        "<": {"first": this_year - n + 1},
        "<=": {"first": this_year - n},
    }[years.op]


_MORE_THAN_ONE = re.compile(r"\bmehr als eine?\b")


def _amount(words: _Words) -> Amount | None:
    """A claimed number of cities ("mehr als zehn Partnerstädte", "nur zwölf")."""
    hits = list(_NUMBER.finditer(re.sub(r"ord-?\d+", " ", words.times.rest)))
    if not hits:
        return Amount(op=">", number=1) if _MORE_THAN_ONE.search(words.text) else None
    op = next(
        (
            sign
            for cue, sign in _AMOUNT_OPS
            if words.has(cue) and not (cue == "less_than" and re.search(r"\bkeine\b", words.text))
        ),
        "=",
    )
    return Amount(op=op, number=int(hits[-1][1]))
