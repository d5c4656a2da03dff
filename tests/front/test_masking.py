"""Personal numbers and addresses are masked; what a question needs is not."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from partnerstadt.front.masking import TEXTS, mask

PLACEHOLDERS: dict[str, str] = yaml.safe_load(TEXTS.read_text(encoding="utf-8"))["placeholders"]
MARK = re.compile(r"\{(" + "|".join(PLACEHOLDERS) + r"):((?:[^{}]|\{[^{}]*\})*)\}")
ANY_PLACEHOLDER = re.compile("|".join(map(re.escape, PLACEHOLDERS.values())))
RECALL, PRECISION = 0.97, 0.99


@dataclass(frozen=True)
class Sentence:
    """A sentence of masking_sentences.yml."""

    marked: str

    @property
    def typed(self) -> str:
        """As a person types it."""
        return MARK.sub(lambda mark: mark[2], self.marked)

    @property
    def masked(self) -> str:
        """As it must come out."""
        return MARK.sub(lambda mark: PLACEHOLDERS[mark[1]], self.marked)

    @property
    def secrets(self) -> list[str]:
        """What has to be masked."""
        return [mark[2] for mark in MARK.finditer(self.marked)]


def sentences(part: str) -> list[Sentence]:
    """All sentences of one part of the file."""
    raw = yaml.safe_load((Path(__file__).parent / "masking_sentences.yml").read_text(encoding="utf-8"))
    return [Sentence(str(text)) for text in raw[part]]


PLAIN, TELLING = sentences("nothing_to_mask"), sentences("to_mask")


def test_recall_and_precision(capsys: pytest.CaptureFixture[str]) -> None:
    """Of what has to be masked nearly all is, and of what is masked nearly all had to be."""
    found = missed = wrong = 0
    for sentence in (*PLAIN, *TELLING):
        masked = mask(sentence.typed)
        kept = sum(secret in masked for secret in sentence.secrets)
        put = len(ANY_PLACEHOLDER.findall(masked)) - len(ANY_PLACEHOLDER.findall(sentence.typed))
        hit = len(sentence.secrets) - kept
        found, missed, wrong = found + hit, missed + kept, wrong + max(put - hit, 0)
        if masked != sentence.masked and put == hit and not kept:
            wrong += 1  # words beside it are gone, or it is called something else
    recall, precision = found / (found + missed), found / (found + wrong)
    with capsys.disabled():
        print(
            f"\nmasking: recall {recall:.3f} ({found} of {found + missed}), precision {precision:.3f} ({wrong} wrong), "
            f"{len(PLAIN)} sentences without and {len(TELLING)} with something to mask"
        )
    assert len(PLAIN) >= 80 and len(TELLING) >= 120
    assert recall >= RECALL
    assert precision >= PRECISION


@pytest.mark.parametrize("sentence", [*PLAIN, *TELLING], ids=lambda sentence: sentence.marked[:40])
def test_masking_twice_is_masking_once(sentence: Sentence) -> None:
    """A text that went through masking somewhere else comes out the same."""
    once = mask(sentence.typed)
    assert mask(once) == once


@pytest.mark.parametrize(
    "text",
    [
        "seit 1969",
        "1960-1989",
        "zwischen 1981 und 1992",
        "44135 Dortmund",
        "Friedensplatz 1",
        "am 24.12.2026 um 18:30 Uhr",
        "600.000 Einwohner, 3,5 Prozent, 11 Städte",
        "08056 08058",
        "Telefon 1969?",
        "Reisepass 2017 bis 2027",
    ],
)
def test_question_keeps_its_numbers(text: str) -> None:
    """Years, postal codes, house numbers, dates, times and counts stay."""
    assert mask(text) == text


@given(st.lists(st.integers(1800, 2099), min_size=1, max_size=8), st.sampled_from([" ", ", ", "-", " bis ", "/", "; "]))
def test_years_stay(years: Sequence[int], between: str) -> None:
    """However many, and whatever stands between them."""
    text = between.join(map(str, years))
    assert mask(text) == text
    assert mask(f"Telefon {text}") == f"Telefon {text}"


WORDS = st.lists(st.sampled_from(["seit", "1969", "bitte", "Leeds", "44135", "und", "wann?"]), max_size=4).map(" ".join)
SECRETS = [
    "max@example.org",
    "030 23125 123",
    "+493023125123",
    "DE89370400440532013000",
    "4111111111111111",
    "T220001293",
]


@given(WORDS, st.sampled_from(SECRETS), st.sampled_from([" ", ", ", "\n", ": ", " ("]), WORDS)
def test_secret_is_found_among_words(before: str, secret: str, between: str, after: str) -> None:
    """Whatever stands around it."""
    assert secret not in mask(f"{before}{between}{secret} {after}")


PIECES = st.sampled_from(
    [
        *SECRETS,
        *PLACEHOLDERS.values(),
        "@",
        ".",
        "0",
        "1",
        "-",
        " ",
        "/",
        "at",
        "punkt",
        "tel",
        "null ",
        "DE",
        "ä",
        "٣",
        "²",
    ]
)


@given(st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=30).map("".join)))
@example("DE89370400440532013000DE89370400440532013000")
@example("[Telefonnummer]030 23125 123")
def test_any_text_comes_through_and_stays_as_it_is(text: str) -> None:
    """No text breaks it, and the second time nothing is left to do."""
    once = mask(text)
    assert mask(once) == once


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "1",
            "@",
            ".",
            "a",
            "a@",
            "a.",
            "a_",
            "1 ",
            "1-2/",
            "+49",
            "(",
            "0231 ",
            "0231–.",
            "05.06.2026 ",
            "tel 1 ",
            "DE12",
        ),
        *("null eins ", "a at ", "a punkt ", "pass A1 ", "1960-1989 ", "4111 ", " ", *SECRETS, *PLACEHOLDERS.values()),
    ],
)
def test_hostile_text_takes_no_longer_than_its_length(unit: str) -> None:
    """10,000 characters, ten times the longest message, are done in seconds on a busy machine, not in minutes."""
    started = time.perf_counter()
    mask((unit * 10_000)[:10_000])
    assert time.perf_counter() - started < 10


def test_other_region_has_other_phones() -> None:
    """A number without a country code is read as one of the country that is handed in."""
    assert mask("call 020 7946 0018", region="GB") == f"call {PLACEHOLDERS['phone']}"
    assert mask("30 23125 12", region="FR") == "30 23125 12"
