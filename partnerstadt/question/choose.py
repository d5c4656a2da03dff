"""Which of several readings a message is about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from partnerstadt.question.lexicon import Lexicon
from partnerstadt.question.read import AS_OLD
from partnerstadt.question.reading import (
    CLEARLY,
    CONTACT,
    COURTESIES,
    CURATED,
    FACTS,
    FALLBACK,
    FEW_WORDS,
    FOLLOW_UP,
    HALF_SURE,
    INCIDENTAL,
    OFF_SUBJECT,
    PICTURES,
    SURE,
    TALK,
    TIMED,
    TOPIC,
    UNRECORDED,
    URGENT,
    VERY_SURE,
    Reading,
    on_subject,
)

MOST_ANSWERS = 4
_YEAR = re.compile(r"\b(19|20)\d\d\b|\b(19|20)?\d0er\b")
_NUMBERED = re.compile(r"\b\d{1,3} (\w+ )?(partnerst|stadtepartner)")


def choose(whole: Reading, parts: Sequence[Reading], lexicon: Lexicon) -> list[Reading]:
    """The readings of a message that are to be answered, in order.

    A long polite mail with one question inside gives that one question; two questions give two readings. Where no
    part is on the subject, the message counts as a whole.
    """
    if not parts:
        return _forms(whole, lexicon)
    if _beside_the_subject(parts, lexicon):
        return [replace(whole, intent=OFF_SUBJECT)]
    parts = _judged(_held_up(parts, lexicon), lexicon)
    urgent = [part for part in parts if part.intent in URGENT and part.confidence > VERY_SURE][:1]
    if urgent:
        # "Der Krankenwagen ist da. Ich wollte eigentlich fragen, ..."
        after = parts[list(parts).index(urgent[0]) + 1 :]
        named = [p for p in after if p.intent in FACTS and (p.names("city") or lexicon.match("partner_word", p.normal))]
        return urgent + named[:1]
    candidates = [part for part in parts if on_subject(part.intent) and part.confidence >= SURE / 2]
    asking = [part for part in candidates if asks(part, lexicon)]
    kept = asking or candidates[-1:]
    about = [part for part in kept if part.intent not in TALK]
    # A wish to be called back or a word on privacy beside a question is courtesy or context.
    kept = about or _named_before(parts) if kept and kept[0].intent in INCIDENTAL else about or kept[:1]
    kept = [part for part in kept if not (part.intent in PICTURES and _only_told(part, kept))]
    kept = [part for part in kept if not _only_intended(part, kept)]
    kept = kept or asking[:1]
    if all(part.intent in TALK | COURTESIES for part in kept):
        # "Schade. In welchem Land liegt das?": declined for want of a name that was said before.
        kept = [part for part in parts if _leaning(part, lexicon)][-1:] or kept
    kept = _of_topic_before(kept or parts[-1:], parts) or kept
    if _asks_of_another_office(kept, parts, lexicon):
        return [replace(whole, intent=OFF_SUBJECT)]
    unsure = all(part.intent == FOLLOW_UP and part.confidence < SURE for part in kept)
    if kept and unsure and any(part.intent == OFF_SUBJECT and part.confidence > CLEARLY for part in parts):
        return [replace(whole, intent=OFF_SUBJECT)]
    kept = _without_repetition(_completed(kept, parts, lexicon))
    kept = [form for reading in kept for form in _forms(reading, lexicon)]
    if kept:
        return kept[:MOST_ANSWERS]
    if whole.intent in FACTS and whole.confidence > 2 * SURE:
        # "Ok. Welche Stadt liegt in Amerika": what the parts alone left open is clear together.
        return [whole]
    rest = [part for part in parts if part.intent not in COURTESIES and part.intent != FALLBACK]
    return rest[:1] or [whole if whole.intent != FALLBACK else parts[0]]


def _forms(reading: Reading, lexicon: Lexicon) -> list[Reading]:
    """Both forms of partnership where they are compared: "Worin unterscheiden sich alte und neue Formen?"."""
    compared = lexicon.match("traditional_forms", reading.normal) and lexicon.match("new_forms", reading.normal)
    forms = ("explain_traditional_forms", "explain_new_fields")
    return [replace(reading, intent=form) for form in forms] if compared and reading.intent in forms else [reading]


def _held_up(parts: Sequence[Reading], lexicon: Lexicon) -> list[Reading]:
    """Questions declined for want of a word of the subject count where a sentence before them has one."""
    kept: list[Reading] = []
    for part, after in zip(parts, [*parts[1:], None], strict=True):
        # "Wann haben die denn auf? Also die von den Städtepartnerschaften"
        meant = [after] if after and _MEANT.match(after.normal) else []
        on = any(p.names("city", "country") or lexicon.match("partner_word", p.normal) for p in [*kept, *meant])
        likeliest, confidence = part.ranking[0] if part.ranking else (OFF_SUBJECT, 0.0)
        office = CONTACT if meant else frozenset()
        declined = part.intent == OFF_SUBJECT and likeliest in FACTS | office and confidence > SURE
        if on and declined and "?" in part.text and not lexicon.match("off_subject", part.normal):
            part = replace(part, intent=likeliest)
        elif part.intent == OFF_SUBJECT and kept and kept[-1].names("city"):
            part = _of_city_before(part, kept[-1], lexicon)
        kept.append(part)
    return kept


def _of_city_before(part: Reading, before: Reading, lexicon: Lexicon) -> Reading:
    """What a declined question asks of the city that the sentence before it names, if it does."""
    if _HOW_LONG.fullmatch(part.normal):
        return replace(part, intent="ask_since")
    return replace(_joined(before, part), intent=UNRECORDED) if _of_that(part, lexicon) else part


def _of_that(part: Reading, lexicon: Lexicon) -> bool:
    """ "Ist das Amiens mit der Kathedrale? Wie hoch ist die?": no record says how high it is."""
    vague = part.confidence < HALF_SURE and not part.mentions
    pointing = lexicon.match("pronoun", part.normal) and not lexicon.match("order_check", part.normal)
    return vague and "?" in part.text and pointing


def _judged(parts: Sequence[Reading], lexicon: Lexicon) -> list[Reading]:
    """A claim and the question who is right are one check: "Kollege sagt, Leeds kam 2002 dazu. Wer hat recht?"."""
    done: list[Reading] = []
    asked, *claimed = parts
    if claimed and _TRUE_OR_FALSE.fullmatch(asked.normal) and claimed[0].names("city"):
        parts = [_checked(claimed[0], claimed[0]), *claimed[1:]]
    for part in parts:
        claims = (
            [p for p in done if p.names("city") or _NUMBERED.search(p.normal)]
            if _VERDICT.fullmatch(part.normal)
            else []
        )
        if not claims:
            done.append(part)
            continue
        claim = claims[-1]
        done = [p for p in done if p not in claims]
        checked = _checked(claim, _joined(claim, part))
        done.append(replace(checked, confidence=max(claim.confidence, part.confidence)))
    return done


def _checked(claim: Reading, reading: Reading) -> Reading:
    """A reading as the question whether a claim is right."""
    return replace(reading, normal=f"{claim.normal} stimmt das ?", intent="ask_check")


def _leaning(part: Reading, lexicon: Lexicon) -> bool:
    """Whether a question was declined only because it names nothing."""
    likeliest, confidence = part.ranking[0] if part.ranking else (OFF_SUBJECT, 0.0)
    return part.intent == OFF_SUBJECT and likeliest in FACTS and confidence > CLEARLY and asks(part, lexicon)


def _only_told(picture: Reading, kept: Sequence[Reading]) -> bool:
    """ "Ist für eine Karte im Intranet." beside a question tells what its answer is for."""
    asked = "?" in picture.text or _SHOW.search(picture.normal)
    return not asked and any(part.intent in FACTS for part in kept)


def _only_intended(part: Reading, kept: Sequence[Reading]) -> bool:
    """ "Darauf möchten wir die Partnerstädte markieren." beside a question tells what its answer is for."""
    doubtful = part.intent == UNRECORDED and part.confidence < VERY_SURE and "?" not in part.text
    return doubtful and any(other.intent in FACTS and "?" in other.text for other in kept)


def _beside_the_subject(parts: Sequence[Reading], lexicon: Lexicon) -> bool:
    """Whether a message asks of another office: off the subject, and then for an appointment or a form."""
    off = any(part.intent == OFF_SUBJECT and "?" in part.text for part in parts)
    others = {part.intent for part in parts if on_subject(part.intent) and asks(part, lexicon)}
    named = any(
        part.names("city", "topic") or lexicon.match("partner_word", part.normal) or "international" in part.normal
        for part in parts
    )
    return off and others == {"ask_contact_detail"} and not named


def _asks_of_another_office(kept: Sequence[Reading], parts: Sequence[Reading], lexicon: Lexicon) -> bool:
    """ "Ich bin von Zwickau hergezogen. Wo melde ich mein Auto um?" only tells of a partner city."""
    asked = [part for part in parts if "?" in part.text]
    if any(_WHICH_RECORDED.search(part.normal) for part in asked):
        return False
    off = asked and all(part.ranking[:1] and part.ranking[0][0] == part.intent == OFF_SUBJECT for part in asked)
    off = off and all(part.confidence > CLEARLY for part in asked)
    vague = FACTS | {UNRECORDED}
    told = all(p not in asked and p.intent in vague and p.confidence < VERY_SURE for p in kept)
    return bool(off) and told and not any(lexicon.match("partner_word", part.normal) for part in parts)


def _of_topic_before(kept: Sequence[Reading], parts: Sequence[Reading]) -> list[Reading]:
    """The topic that an earlier sentence names, where the question names nothing and no record answers it.

    "Meine Frau hat keinen EU-Pass. Darf sie zu mir ziehen?"
    """
    open_to_it = all(part.intent in (UNRECORDED, OFF_SUBJECT, FALLBACK) and not part.mentions for part in kept)
    topics = [part for part in parts if any(not m.by_meaning for m in part.names("topic")) and part not in kept]
    return [replace(topics[-1], intent=TOPIC)] if kept and open_to_it and topics else []


def _named_before(parts: Sequence[Reading]) -> list[Reading]:
    """The last statement that names a city or a topic ("Mir liegt vor, dass ... Leeds ... Bitte um Bestätigung")."""
    named = [p for p in parts if (p.intent in FACTS and p.names("city")) or (p.intent == TOPIC and p.names("topic"))]
    return named[-1:]


def _completed(kept: Sequence[Reading], parts: Sequence[Reading], lexicon: Lexicon) -> list[Reading]:
    """Give questions that name nothing what an earlier sentence named; drop what only repeats a question's form.

    "Wir schreiben ein Referat über Leeds. Seit wann besteht das?" is one question about Leeds, "Sieben Bereiche soll
    es beim Fachaustausch geben. Welche denn?" one about the expert exchange, and "Bitte mit Jahren." none.
    """
    done: list[Reading] = []
    for reading in kept:
        if (
            done
            and done[-1].intent == UNRECORDED
            and reading.intent in FACTS
            and _LIKE_BEFORE.fullmatch(reading.normal)
        ):
            # "Wann war die letzte Delegationsreise und wer war dabei?"
            continue
        topics = [part for part in parts[: list(parts).index(reading)] if part.names("topic")]
        if topics and (_WHAT_IS_THAT.match(reading.normal) or _of_that_field(reading, lexicon)):
            # 'Jemand nannte "Dortmund hilft". Was ist das?'
            done.append(replace(_joined(topics[-1], reading), intent=TOPIC))
            continue
        named_here = [m for m in reading.mentions if m.kind != "home"]
        dated = [year for part in parts[: list(parts).index(reading)] if (year := _YEAR.search(part.normal))]
        if reading.intent in FACTS and named_here and dated and not _YEAR.search(reading.normal):
            if _AT_THAT_TIME.search(reading.normal):
                # "Als die Briten 2016 abstimmten: Wie viele Jahre bestand da schon das Band zu Leeds?"
                done.append(replace(reading, normal=f"{dated[-1][0]} {reading.normal}"))
                continue
        bare = reading.intent in FACTS and not named_here and not _YEAR.search(reading.normal)
        if not bare:
            done.append(reading)
            continue
        before = list(parts[: list(parts).index(reading)])
        of_all = lexicon.match("list", reading.normal) and not lexicon.match("davon", reading.normal)
        if of_all and any(lexicon.match(cue, reading.normal) for cue in ("oldest", "newest")):
            # "Sie meint, Kumasi wäre die neueste. Welche ist denn wirklich zuletzt dazugekommen?"
            done.append(reading)
            continue
        leaning = (
            _LEANS.search(reading.normal) or AS_OLD.search(reading.normal) or len(reading.normal.split()) <= FEW_WORDS
        )
        last = before[-1] if before else None
        about = next((part for part in reversed(before) if on_subject(part.intent)), None)
        of_office = about is not None and about.intent in CONTACT
        own = lexicon.match("partner_word", reading.normal)
        if about and of_office and about not in done and len(reading.normal.split()) <= 4 and not own:
            # "Sie möchte die Durchwahl. Ich finde sie nicht. Haben Sie die?"
            done.append(about)
            continue
        of_a_city = bool(last and last.names("city")) and any(
            lexicon.match(cue, reading.normal) for cue in ("since", "duration", "country")
        )
        limited = last and (TIMED.search(last.normal) or last.names("country", "continent", "region", "period"))
        told = last is not None and last.intent not in FACTS and "?" not in last.text
        if last and limited and told and WHICH.fullmatch(reading.normal):
            # "Das Archiv sucht Akten zu den Partnerschaften der Achtziger. Um welche Städte handelt es sich?"
            done = [earlier for earlier in done if earlier != last or earlier.intent in _WANTED_TOO]
            done.append(replace(_joined(last, reading), intent="ask_list"))
            continue
        if (
            last
            and leaning
            and not of_a_city
            and last not in done
            and last.intent not in FACTS
            and on_subject(last.intent)
        ):
            if last.intent not in TALK and len(reading.normal.split()) <= FEW_WORDS and not own:
                done.append(last)
                continue
        named = [
            part
            for part in before
            if [m for m in part.mentions if m.kind != "home"]
            or lexicon.match("inner_german", part.normal)
            or (
                TIMED.search(part.normal)
                and ("jahr" in reading.normal or AS_OLD.search(reading.normal) or not _OF_A_PERSON.search(part.normal))
            )
            or _NUMBERED.search(part.normal)
        ]
        only_named = bool(named) and named[-1] in done and "?" not in named[-1].text
        if only_named and leaning and (named[-1].intent == FOLLOW_UP or lexicon.match("confirm", reading.normal)):
            # "Am liebsten in England. Gibt es da eine?" is one question.
            done.remove(named[-1])
            done.append(_joined(named[-1], reading))
            continue
        answered = any(part in done or part in kept for part in named)
        if named and leaning and not answered:
            done.append(_joined(named[-1], reading))
        elif (
            done
            and (WHICH.fullmatch(reading.normal) or not lexicon.match("wh", reading.normal))
            and not reading.normal.startswith("und ")
        ):
            continue
        else:
            done.append(reading)
    return done


_HOW_LONG = re.compile(
    r"(und )?(seit )?(wie (lange|viele jahre)|wann) (ist|sind|geht|lauft|besteht|gibt es)? ?(\w+ ){0,3}(her|schon|so)?[ ?!.]*"
)
_LIKE_BEFORE = re.compile(
    r"(und )?(wer|was|wann|wo|wie) (\w+ ){1,3}[ ?.!]*|(und )?(wer|was) (war|ist) (\w+ ?){1,2}[ ?.!]*"
)
_SHOW = re.compile(r"\b(zeig\w*|als karte|auf (der|einer) karte|gibt es)\b")
_WHAT_IS_THAT = re.compile(
    r"(und )?(was (ist|bedeutet|heisst|soll|steckt|steht)|worum geht es) (denn |eigentlich |genau )*(das|dies|es|dahinter|da|dabei|dort|darin|drin)\b"
)
# "Ich möchte für unsere französische Partnerstadt spenden. Wie heißt die Stadt?" is two questions.
_WANTED_TOO = CONTACT | {"explain_participation"}
# "Gibt es welche in Afrika? Welche?" is one question.
WHICH = re.compile(
    r"(und )?(welche|wie heisst) (die |diese |das )?(partner)?(stadt|ort)( (ist|war|ware) (das|es|sie|dies))?( (denn|noch|gleich|nochmal|mal|eigentlich|genau))*[ ?.]*"
    r"|(und )?(um )?(welche|wer)( stadte| partnerstadte)?( denn| genau| handelt es sich| geht es| (sind|waren|ware|waren|kame\w*|kommen|kommt|ist) (das|es|in frage|infrage|in betracht)| gewesen)*[ ?]*"
)
_WHICH_RECORDED = re.compile(r"\b(welche\w*) (\w+ )?(land|staat|jahr|kontinent)\b|\bseit wann\b")
_TRUE_OR_FALSE = re.compile(r"(richtig|wahr|stimmt (das|es)?) ?(oder (falsch|nicht))?[ ?:]*")
_VERDICT = re.compile(
    r"((und|also) )?(wer (von (uns|beiden) )?(hat|hatte) (denn |nun |jetzt |da )*recht|ha(be|t|ben) (ich|er|sie|wir) (da )?recht"
    r"|(bitte )?(sag\w*|bestatig\w*|schreib\w*)( (sie|mir|uns|bitte|kurz|mal|doch))* ,? ?dass (ich|er|sie|wir) (nicht )?(un)?recht ha(t|be|ben)"
    r"|(ist|stimmt) (die|diese) (zahl|anzahl|angabe|aussage)( so)?( richtig| korrekt)?|was stimmt( denn| nun)?|wer liegt (denn )?(richtig|falsch)|liegt? (er|sie|ich) (da )?(richtig|falsch))[ ?!.]*"
)
_MEANT = re.compile(r"^(also|ich meine|gemeint|damit mein\w*|und zwar) (die|das|der|den|ich|sind|ist)\b")
# "Ich schreibe über Städtediplomatie. Was macht Dortmund auf dem Gebiet?"
_IN_THAT_FIELD = re.compile(r"\b(auf (dem|diesem) gebiet|in (dem|diesem) bereich|dazu|daruber|hierzu|daran)\b")
_AT_THAT_TIME = re.compile(r"\b(da|damals|dann|zu (dem|diesem|jenem) zeitpunkt)\b")
_OF_A_PERSON = re.compile(r"\b(jahrgang|baujahr|geboren|geb)\b")
# Words by which a question leans on what was said just before.
_LEANS = re.compile(
    r"\b(bis zur? nachsten|selben|gleichen|dem jahr|jenem|damals|seitdem|davon|dort|dies\w*|das|da|es|beide\w*|mein\w*|unser\w*|die stadt|sie|ihnen|denn|welche sind|wir|uns)\b"
)


def _of_that_field(reading: Reading, lexicon: Lexicon) -> bool:
    """Whether a question points to a subject named before and to nothing else."""
    own = reading.names("city", "country", "continent", "region", "place", "topic")
    other = own or lexicon.match("partner_word", reading.normal) or reading.intent in TALK
    return bool(_IN_THAT_FIELD.search(reading.normal)) and not other and not lexicon.match("count", reading.normal)


def _joined(earlier: Reading, reading: Reading) -> Reading:
    """A question together with the sentence that says what it is about."""
    return replace(
        reading,
        text=f"{earlier.text} {reading.text}",
        normal=f"{earlier.normal} {reading.normal}",
        mentions=(*earlier.mentions, *reading.mentions),
    )


def asks(reading: Reading, lexicon: Lexicon) -> bool:
    """Whether a sentence reads like a question or a request."""
    if reading.text.endswith(":"):
        return False
    if "?" in reading.text or lexicon.match("yes_no", reading.normal) or lexicon.match("wh", reading.normal):
        return True
    few = len(reading.normal.split()) <= 4 and not reading.text.rstrip().endswith(".")
    return few or lexicon.match("request", reading.normal)


def _without_repetition(readings: list[Reading]) -> list[Reading]:
    """Two sentences about the same thing are one question, unless both name something of their own."""
    kept: list[Reading] = []
    for reading in readings:
        same = [k for k in kept if k.intent == reading.intent and _values(k) == _values(reading)]
        if reading.intent in FACTS and same and same[0].normal != reading.normal:
            same = []
        if not same:
            kept.append(reading)
    return kept


def _values(reading: Reading) -> set[str]:
    values = {m.value for m in reading.mentions}
    return values | {reading.answer.id} if reading.answer and reading.intent == CURATED else values
