"""Splits what somebody writes into the questions it holds: sentences, and clauses with a question word of their own."""

from __future__ import annotations

import re

# A full stop ends a sentence unless it stands after a number ("2. Weltkrieg") or a common abbreviation.
_SENTENCE_END = re.compile(r"(?<=[!?;])\s+|(?<=\.)\s+(?=\S)|(?<=:)\s+(?=[A-ZÄÖÜ])|\n+|(?<=[!?])(?=[A-ZÄÖÜ])")
_NO_END = re.compile(
    r"(\b\d{1,2}|\b([a-zäöü]|nr|st|dr|prof|bzw|bzgl|betr|ca|evtl|ggf|inkl|str|tel|hr|fr|usw|etc|einschl|exkl|lt|vgl|ehem|offiz|gegr|jew|sog|dt|russ|frz|franz|engl|brit|chin|türk|tuerk|ukr|serb|isr|amerik))\.$",
    re.IGNORECASE,
)
_ASKS = r"(?:seit wann|ab wann|seid wann|wann|wo|woher|wie|wer|wen|wem|was|wat|wozu|warum|wieso|weshalb|welche\w*|in welche\w*|seit welche\w*|aus welche\w*|an welche\w*|mit welche\w*|ob|gibt es|gibts|gibt's|haben wir|habt ihr|ist|liegt|kann|könn\w+|kennt ihr)"
_ASKING = re.compile(rf"\b{_ASKS}\b", re.IGNORECASE)
# The second question must begin with its question word; "wann und wo" has too little before it.
_SECOND = re.compile(
    rf"[,;]?\s+(?:und|sowie|außerdem|ausserdem|un|u\.|&|\+|and)\s+(?:auch\s+|außerdem\s+|ausserdem\s+|dann\s+|noch\s+)?(?={_ASKS}\b)|,\s+(?={_ASKS}\b)",
    re.IGNORECASE,
)
# "Anzahl der Partnerstädte und die drei ältesten", "im Jahr 2000 und heute", "für 1975 und zum Vergleich 1985": a second question without a question word.
_COUNT_AND_MORE = re.compile(
    r"^(?!.*\bzwischen\b)(?P<count>.*\b(?:an)?zahl\b.*?|.*\bwie\s?viele\b.*?)\s*(?:\+|,|\b(?:und|sowie)\b)\s+"
    r"(?P<more>(?:heute|jetzt|aktuell|derzeit)\b[\w ,.?!]{0,12}|davon [\w ]{4,30}[.?!]*|(?:(?:zum vergleich|für|im jahre?|in|dann|auch)\s+)*(?P<year>(?:19|20)\d\d)\b[?.! ]*|(?:die|der)\s+(?:\w+\s+)?(?:ältest|aeltest|jüngst|juengst|neuest|erst|letzt)\w*[?.! ]*)$",
    re.IGNORECASE,
)
_ENOUGH_WORDS = 3
_LEAD_IN_WORDS = 4
MOST_PARTS = 12


# "Lernen die Ämter voneinander? Stichwort Verwaltung." is one question.
_KEYWORD = re.compile(r"stichwort\w*:? \w+[.!?]*$", re.IGNORECASE)

# What follows is a name and an address, not a question.
_CLOSING = re.compile(
    r"\b(mit (den )?(freundlich\w*|best\w*|herzlich\w*|lieb\w*)|freundliche|viele|beste|liebe|herzliche|schöne|schoene) gr(ü|ue|u)(ß|ss?)e?n?\b|\bhochachtungsvoll\b|\b(mfg|lg|vg)\b",
    re.IGNORECASE,
)


def without_signature(text: str) -> str:
    """The text up to its closing formula, unless the formula is nearly all there is."""
    closing = _CLOSING.search(text)
    return text[: closing.start()] if closing and len(text[: closing.start()].split()) >= _ENOUGH_WORDS else text


def split(text: str) -> list[str]:
    """The parts of a text, in order; one part if there is nothing to split."""
    text = without_signature(_quoted(text))
    parts = [clause for sentence in _sentences(text) for clause in _clauses(sentence)]
    if len(parts) > MOST_PARTS:
        # The question of a long letter stands near its end; its beginning says what it is about.
        parts = parts[: MOST_PARTS // 3] + parts[-(MOST_PARTS - MOST_PARTS // 3) :]
    return parts


# "Was kann ich antworten: „Hallo, mein Sohn hält ein Referat ...?“": what is quoted is asked.
_QUOTE = re.compile(r"^[^„“\"]{3,120}:\s*[„“\"]([^„“”\"]{40,})[“”\"]?\s*$", re.DOTALL)


def _quoted(text: str) -> str:
    """A letter that somebody quotes after a few words of their own."""
    quote = _QUOTE.match(text)
    return quote[1] if quote and "?" in quote[1] else text


# "1. Wie heißt ...? 2. Welche ...?" in one line: the numbers count questions, not partner cities.
_NUMBERED = re.compile(r"(?:^|(?<=[:?!.;\n]))\s*\(?[1-9][.)]\s+(?=[A-ZÄÖÜ])")


# "2 fragen: 1. wieviele partnerstädte 2. warum macht ihr das": a question word after each number.
_ASKS_LOOSELY = rf"(?:{_ASKS}|wie\s?vi?e?le?\w*|wielange|anzahl|liste)"
_NUMBERED_SMALL = re.compile(
    rf"(?:^|\s)\(?1[.)]\s+{_ASKS_LOOSELY}\b.*\s\(?2[.)]\s+{_ASKS_LOOSELY}\b", re.IGNORECASE | re.DOTALL
)


# Mail programs break lines inside sentences: a long line without an end goes on in the next.
_BROKEN_LINE = re.compile(r"(?<=[^\n]{40})(?<![.!?:;])[ \t]*\n(?=[^\s\d*•(-])")


def _sentences(text: str) -> list[str]:
    text = _BROKEN_LINE.sub(" ", text)
    if len(_NUMBERED.findall(text)) > 1:
        text = _NUMBERED.sub("\n", text)
    elif _NUMBERED_SMALL.search(text):
        text = re.sub(r"(?:^|\s)\(?[1-9][.)]\s+", "\n", text)
    sentences: list[str] = []
    for piece in _SENTENCE_END.split(text.strip()):
        numbered = re.match(r"\s*\(?\d{1,2}[.)]", piece)
        if sentences and not numbered and sentences[-1].endswith(":") and len(sentences[-1].split()) < _LEAD_IN_WORDS:
            # "Stand 1990: Zahl der Partnerstädte?" is one question; a long lead-in is none.
            sentences[-1] += " " + piece.strip()
            continue
        piece = re.sub(r"^(\(?\d{1,2}[.)]|[-*•])\s+", "", piece.strip())
        if not re.search(r"\w", piece):
            continue
        if sentences and (_NO_END.search(sentences[-1]) or _KEYWORD.match(piece)):
            sentences[-1] += " " + piece
        else:
            sentences.append(piece)
    return sentences


# "... welche die älteste und welche die jüngste ist": the second half cannot stand alone.
_ELLIPTICAL = re.compile(r"(welche\w*|wer|was)\b", re.IGNORECASE)
# "Gibt es Schüleraustausch, und welche Stadt in Frankreich wäre das?" is two questions.
_WHETHER_THERE = re.compile(r"(gibt es|gibts|gibt's) (?!.*\b(partner|st(ä|ae|a)dte?\b))", re.IGNORECASE)
_OTHER_QUESTION = re.compile(r"\b(wie\w*|wann|wo|in welche\w*)\b", re.IGNORECASE)


def _clauses(sentence: str) -> list[str]:
    count = _COUNT_AND_MORE.match(sentence)
    if count:
        return [count["count"].strip(" ,"), f"und {count['year']}?" if count["year"] else f"und {count['more']}"]
    clauses, start = [], 0
    for joint in _SECOND.finditer(sentence):
        left = sentence[start : joint.start()]
        right = sentence[joint.end() :]
        elliptical = _ELLIPTICAL.match(right) and len(right.split()) <= 6 and not _OTHER_QUESTION.search(left)
        if elliptical and not _WHETHER_THERE.match(left):
            continue
        asks_already = _ASKING.search(left) and len(left.split()) >= _ENOUGH_WORDS
        if asks_already and not _leads_in(left, joint.group()):
            clauses.append(left.strip(" ,"))
            start = joint.end()
    clauses.append(sentence[start:].strip(" ,"))
    return [clause for clause in clauses if clause]


# "Könnten Sie mir sagen, seit wann ...": the question proper comes after the comma.
_LEAD_IN = re.compile(
    r"\b(sagen|mitteilen|verraten|erklären|erklaeren|wissen|weißt du|weisst du|wissen sie|weiß|frage\w*|interessier\w*|nennen|auskunft|informieren|erfahren|schreiben|mich|helfen|gucken|schauen|nachsehen|gesagt|bescheid|stimmt es|kann es sein|ist es (so|wahr|richtig)|erläutern)\b",
    re.IGNORECASE,
)
_OWN_QUESTION = re.compile(
    r"\b(seit wann|wann|wo|wie (viele|lange|alt|viel|heiß\w*|erreich\w*)|wer|welche\w*|in welche\w*)\b", re.IGNORECASE
)


def _leads_in(left: str, joint: str) -> bool:
    if re.search(r"\w", joint):
        return bool(_LEAD_IN.search(left)) and not _OWN_QUESTION.search(left)
    return (bool(_LEAD_IN.search(left)) and not _OWN_QUESTION.search(left)) or not _OWN_QUESTION.search(left)
