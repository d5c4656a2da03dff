"""One name per feature, repeated in every tree: intents, rules, examples, actions, responses, topics."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
import yaml
from rasa_sdk import Action

import actions
from partnerstadt.answer import subjects
from partnerstadt.answer.facts import answer_question
from partnerstadt.answer.reply import Memory, source_line
from partnerstadt.answer.utterance import PHRASES, Utterance
from partnerstadt.question.model import Amount, Aspect, Context, Filter, Question, Rank
from partnerstadt.question.read import BY_INTENT
from partnerstadt.question.reading import CURATED, FALLBACK, SEVERAL
from partnerstadt.records.load import load_records
from partnerstadt.records.models import Records
from tests.support import DORTMUND, FEW_WORDS, MUSTERSTADT, PROJECT, THIS_YEAR, TODAY, Town

DOMAIN: dict[str, Any] = yaml.safe_load((PROJECT / "domain.yml").read_text(encoding="utf-8"))
RULES: list[dict[str, Any]] = yaml.safe_load((PROJECT / "data/rules.yml").read_text(encoding="utf-8"))["rules"]
STORIES: list[dict[str, Any]] = yaml.safe_load((PROJECT / "data/stories.yml").read_text(encoding="utf-8"))["stories"]
NLU: list[dict[str, Any]] = yaml.safe_load((PROJECT / "data/nlu.yml").read_text(encoding="utf-8"))["nlu"]
RESPONSES: dict[str, list[dict[str, Any]]] = DOMAIN["responses"]
INTENTS = [next(iter(intent)) if isinstance(intent, dict) else intent for intent in DOMAIN["intents"]]
# Our own code gives these; nobody writes examples of them.
PRODUCED = {SEVERAL, FALLBACK, CURATED}
# Said by Rasa itself or by the REST channel, not by an action.
# A key of Rasa's own messages, not of a response.
NO_RESPONSE = {"utter_action"}
BY_RASA = {"utter_default", "utter_apology"}
CODE = sorted([*(PROJECT / "partnerstadt").rglob("*.py"), *(PROJECT / "actions").rglob("*.py")])


def steps(entries: list[dict[str, Any]], key: str) -> list[str]:
    """All intents or actions of rules or stories."""
    return [step[key] for entry in entries for step in entry["steps"] if key in step]


# --- intents ----------------------------------------------------------------------------------------------------------


def test_intents_are_listed_once() -> None:
    """In the domain, the rules and the examples."""
    for names in (INTENTS, steps(RULES, "intent"), [entry["intent"] for entry in NLU if "intent" in entry]):
        assert len(names) == len(set(names))


def test_every_intent_has_a_rule_of_its_name() -> None:
    """And no rule is left over."""
    assert set(steps(RULES, "intent")) == set(INTENTS)
    assert all(rule["rule"] == rule["steps"][0]["intent"] for rule in RULES)


def test_every_intent_has_examples_or_is_produced_by_our_code() -> None:
    """And no examples are left over."""
    assert {entry["intent"] for entry in NLU if "intent" in entry} == set(INTENTS) - {FALLBACK}


@pytest.mark.parametrize("intent", sorted(set(INTENTS) - PRODUCED))
def test_intent_has_many_different_examples(intent: str) -> None:
    """Breadth of wording, each once."""
    (entry,) = [entry for entry in NLU if entry.get("intent") == intent]
    examples = [line.removeprefix("- ").strip() for line in entry["examples"].splitlines() if line.strip()]
    assert len(examples) >= 30
    assert len(examples) == len(set(examples))


def test_intents_of_facts_are_those_that_code_reads() -> None:
    """Each has an aspect to fall back on."""
    actions_of = {rule["steps"][0]["intent"]: rule["steps"][1]["action"] for rule in RULES}
    assert {name for name, action in actions_of.items() if action == "action_partnership"} == set(BY_INTENT)


def test_stories_use_only_known_intents_and_actions() -> None:
    """A story of a renamed intent would teach nothing."""
    assert set(steps(STORIES, "intent")) <= set(INTENTS)
    assert set(steps(STORIES, "action")) <= set(DOMAIN["actions"])


def test_entities_of_the_examples_are_those_of_the_domain() -> None:
    """And those that the names component gives."""
    annotated = {kind for entry in NLU for kind in re.findall(r"\]\((\w+)\)", entry.get("examples", ""))}
    assert annotated <= set(DOMAIN["entities"])


def test_examples_name_no_city_of_the_records(dortmund_records: Records) -> None:
    """Names come from the records; an example that holds one would be trained on it."""
    names = [p.name for p in dortmund_records.partnerships]
    text = " ".join(entry.get("examples", "") for entry in NLU)
    assert [name for name in names if re.search(rf"\b{re.escape(name)}\b", text)] == []


# --- actions ----------------------------------------------------------------------------------------------------------


def action_classes() -> dict[str, type[Action]]:
    """Every action class of the package by the name it gives."""
    found = {}
    for module in pkgutil.iter_modules(actions.__path__):
        for _, cls in inspect.getmembers(importlib.import_module(f"actions.{module.name}"), inspect.isclass):
            if issubclass(cls, Action) and cls is not Action and cls.__name__.startswith("Action"):
                found[cls().name()] = cls
    return found


def test_every_action_of_the_domain_is_a_class_and_the_other_way_round() -> None:
    """The action server offers exactly what Rasa may call."""
    assert set(action_classes()) == set(DOMAIN["actions"])


def test_every_action_is_used_by_a_rule_and_the_other_way_round() -> None:
    """None is dead, none is missing."""
    assert set(steps(RULES, "action")) == set(DOMAIN["actions"])


def test_actions_speak_no_german_and_know_no_facts() -> None:
    """They only hand over."""
    for path in sorted((PROJECT / "actions").glob("*.py")):
        assert path.read_text(encoding="utf-8").isascii(), path.name


# --- responses --------------------------------------------------------------------------------------------------------


def key_patterns(path: Path) -> Iterator[str]:
    """Response keys in a module: as they stand, or as patterns where a part is filled in."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            if re.fullmatch(r"utter_\w+", node.value):
                yield node.value
        elif isinstance(node, ast.JoinedStr):
            parts = [str(v.value) if isinstance(v, ast.Constant) else r"\w*" for v in node.values]
            if parts[0].startswith("utter_"):
                yield "".join(parts)


@lru_cache
def patterns() -> frozenset[str]:
    """Of all modules."""
    return frozenset(pattern for path in CODE for pattern in key_patterns(path))


def test_every_response_key_of_code_exists() -> None:
    """A missing one would be said as its own name, or not at all."""
    assert [p for p in patterns() - NO_RESPONSE if not any(re.fullmatch(p, key) for key in RESPONSES)] == []


def test_every_response_of_the_domain_is_used_by_code() -> None:
    """By its name, by a pattern, or because it is the small talk of an intent."""
    exact = [p for p in patterns() if p != r"utter_\w*"]
    # "_of" and "_these" are added to a name that stands alone in the code.
    bases = {re.sub(r"_(of|these)$", "", key): key for key in RESPONSES}
    talk = {f"utter_{intent}" for intent in INTENTS}
    used = {key for key in RESPONSES if any(re.fullmatch(p, key) for p in exact)} | (talk & set(RESPONSES)) | BY_RASA
    used |= {key for base, key in bases.items() if any(re.fullmatch(p, base) for p in exact)}
    assert set(RESPONSES) - used == set()


def test_every_small_talk_has_its_response() -> None:
    """The action says utter_<intent>."""
    actions_of = {rule["steps"][0]["intent"]: rule["steps"][1]["action"] for rule in RULES}
    spoken = {name for name, action in actions_of.items() if action in ("action_talk", "action_plain_language")}
    spoken |= {"repeat", "start_again", "request_human", "complain"}
    assert {f"utter_{intent}" for intent in spoken - PRODUCED} <= set(RESPONSES)


def test_every_field_of_an_office_has_its_response_and_its_phrase() -> None:
    """A filled one is said, an empty one is named."""
    phrases = yaml.safe_load(PHRASES.read_text(encoding="utf-8"))
    for name in subjects.CONTACT_FIELDS:
        assert name in phrases
        assert name == "appointment" or f"utter_contact_{name}" in RESPONSES


def test_every_response_has_a_text_without_condition() -> None:
    """One that is said only in plain language would leave the others silent."""
    assert [key for key, texts in RESPONSES.items() if not any("condition" not in text for text in texts)] == []


def test_every_phrase_is_used_and_exists() -> None:
    """Small pieces of German, by their keys."""
    phrases = set(yaml.safe_load(PHRASES.read_text(encoding="utf-8")))
    code = "\n".join(path.read_text(encoding="utf-8") for path in CODE)
    called = set(re.findall(r"""phrase\(\s*"(\w+)\"""", code))
    assert called <= phrases
    literals = set(re.findall(r'"(\w+)"', code))
    built = {"years_one", "years_many", "years_dative_one", "years_dative_many"}
    # Keys put together from a prefix and a name, as in phrase(f"with_{name}").
    prefixes = tuple(re.findall(r'phrase\(f"(\w+_)\{', code))
    built |= {name for name in phrases if name.startswith(prefixes)}
    assert phrases - literals - built == set()


# Every answer that questions of many shapes get, so that keys and values can be compared with the domain.
CITIES: list[tuple[int, ...]] = [
    (),
    (0,),
    (6,),
    (-1,),
    (-2,),
    (2,),
    (3,),
    (0, 1),
    (1, 0),
    (3, 4),
    (0, 1, 2),
    (2, 0, 1),
    (0, -1),
]
FILTERS = [
    Filter(),
    Filter(continents=("asia",)),
    Filter(continents=("africa",)),
    Filter(not_continents=("europe",)),
    Filter(countries=("RO",)),
    Filter(countries=("HU",)),
    Filter(countries=("PL",)),
    Filter(regions=("eu",)),
    Filter(foreign=False),
    Filter(first=1990),
    Filter(first=1990, last=1990, period="reunification"),
    Filter(existed_in=1980),
    Filter(continents=("oceania",)),
    Filter(continents=("africa",), not_cities=("kumasi", "mboussa")),
]
RANKS: list[tuple[Rank, ...]] = [
    (),
    (Rank(start=1),),
    (Rank(start=-1),),
    (Rank(start=2),),
    (Rank(start=-2),),
    (Rank(start=40),),
    (Rank(start=1, count=2),),
    (Rank(start=-1, count=2),),
]
CLAIMS: list[dict[str, Any]] = [
    {},
    {"year": 1969},
    {"year": 2000},
    {"year": 2030},
    {"year": 1900},
    {"years": Amount(op=">", number=20)},
    {"years": Amount(op="=", number=50)},
    {"amount": Amount(op="=", number=11)},
    {"amount": Amount(op="=", number=3)},
    {"claim": (1970, 1979)},
    {"newer": True},
    {"choice": True},
    {"newer": True, "choice": True},
    {"only": True},
    {"extreme": 1},
    {"extreme": -1},
    {"says_partner_city": True},
    {"back": "city"},
]


OF_SEVERAL = (Aspect.COMPARE, Aspect.GAP, Aspect.ORDER)
OF_SETS = (Aspect.LIST, Aspect.COUNT, Aspect.CHECK, Aspect.COUNTRIES, Aspect.RANK, Aspect.JUBILEE)


def questions(records: Records) -> Iterator[Question]:
    """Questions of many shapes, sensible or not."""
    ids = [p.id for p in records.partnerships]
    named = [tuple(ids[i] for i in pick) for pick in CITIES]
    for aspect, cities, claim in product(Aspect, named, CLAIMS):
        if aspect in OF_SEVERAL and len(cities) < 2:
            continue
        yield Question(aspect=aspect, cities=cities, yes_no=bool(claim), **claim)
    for aspect, cities in product(set(Aspect) - set(OF_SEVERAL), named):
        yield Question(aspect=aspect, cities=cities, yes_no=True)
    for aspect, filter, ranks in product(OF_SETS, FILTERS, RANKS):
        yield Question(aspect=aspect, filter=filter, ranks=ranks)
    for ranks in RANKS:
        yield Question(aspect=Aspect.CHECK, cities=(ids[1],), ranks=ranks, yes_no=True)
    for aspect, filter, claim in product(OF_SETS, FILTERS, CLAIMS):
        yield Question(aspect=aspect, filter=filter, yes_no=True, **claim)
    for aspect, filter, i in product((Aspect.CHECK, Aspect.SINCE), FILTERS, (1, -1, -2)):
        yield Question(aspect=aspect, filter=filter, cities=(ids[i],), yes_no=aspect is Aspect.CHECK)
    for id, step, count in product(ids, (-1, 1), (1, 99)):
        for aspect in (Aspect.RANK, Aspect.LIST, Aspect.COUNT):
            yield Question(aspect=aspect, ranks=(Rank(city=id, step=step, count=count),))
    for filter, aspect, number in product(FILTERS, (Aspect.LIST, Aspect.COUNT, Aspect.RANK), (1, 3)):
        yield Question(aspect=aspect, filter=filter.copy(update={"cities": tuple(ids[:number])}))
    for places, near in ((("Paris",), ()), (("Rostock",), (ids[2],))):
        yield Question(aspect=Aspect.CHECK, places=places, near=near)
        yield Question(aspect=Aspect.CHECK, places=places, near=near, cities=(ids[0],))


TEXTS = [
    ("Liegen alle Partnerstädte im Ausland?", "ask_check"),
    ("Was ist mit X", "ask_topic"),
    ("Jeder Tropfen zählt und das Laternenfest", "ask_topic"),
    ("wie sind Telefon, E-Mail, Öffnungszeiten, Straße, Fax, Termin", "ask_contact_detail"),
    ("Wer ist Ansprechpartner, gibt es ein Kontaktformular auf der Internetseite", "ask_contact_detail"),
    ("und sonst", "ask_contact_detail"),
    ("Wie erreiche ich das Büro", "ask_contact"),
    ("Einwohner von Leeds und Koskelampi", "ask_unrecorded"),
    ("Einwohner von Paris", "ask_unrecorded"),
    ("Schüleraustausch mit Leeds und Koskelampi", "explain_exchange"),
    ("und?", "follow_up"),
]


@lru_cache
def all_said() -> tuple[Utterance, ...]:
    """What two cities say to all these questions, each response with each set of values once."""
    found: dict[tuple[str, frozenset[str]], Utterance] = {}  # by what is filled in
    for folder in (DORTMUND, MUSTERSTADT):
        records = load_records(folder, TODAY)
        town = Town(records, FEW_WORDS)
        said: list[Utterance] = []
        for question in questions(records):
            said += answer_question(question, records, THIS_YEAR, Context()).utterances
        texts = [*TEXTS, *(("hm", intent) for intent in INTENTS if intent not in PRODUCED)]
        for text, intent in [*texts, ("xqz", FALLBACK)]:
            for plain in (False, True):
                said += town.say(text, intent, Memory(plain=plain))[0]
        line = source_line(said, records)
        assert line is not None
        for utterance in [*said, line]:
            filled = frozenset(name for name, value in utterance.values.items() if value != "")
            found.setdefault((utterance.response, filled), utterance)
    return tuple(found.values())


def placeholders(text: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_everything_that_is_said_has_a_response() -> None:
    """Over thousands of questions."""
    assert {u.response for u in all_said()} - set(RESPONSES) == set()


def test_every_placeholder_of_a_response_is_given() -> None:
    """Also in its plain version; a missing one would be said as "{name}"."""
    missing = {
        (utterance.response, name)
        for utterance in all_said()
        for text in RESPONSES.get(utterance.response, [])
        for name in placeholders(text["text"]) - set(utterance.values)
    }
    assert missing == set()


def test_no_value_is_empty_where_a_response_needs_it() -> None:
    """„Seit  Partnerstadt“ would be said without its year."""
    empty = {
        (utterance.response, name)
        for utterance in all_said()
        for text in RESPONSES.get(utterance.response, [])
        for name in placeholders(text["text"])
        if utterance.values.get(name) == ""
    }
    assert empty == set()


def test_nearly_every_response_was_said() -> None:
    """What these questions never reach cannot be checked; it must be little."""
    without_values = {key for key, texts in RESPONSES.items() if not any(placeholders(t["text"]) for t in texts)}
    unreached = set(RESPONSES) - {u.response for u in all_said()} - without_values - BY_RASA
    assert len(unreached) <= 3, sorted(unreached)


# --- topics -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", [DORTMUND, MUSTERSTADT], ids=lambda path: path.name)
def test_every_explanation_has_its_topic(folder: Path) -> None:
    """explain_<id> is a topic of the group page, and the other way round."""
    topics = yaml.safe_load((folder / "topics.yml").read_text(encoding="utf-8"))["topics"]
    explained = {intent.removeprefix("explain_") for intent in INTENTS if intent.startswith("explain_")}
    assert {topic["id"] for topic in topics if topic["group"] == "page"} == explained


# --- what must not stand in code --------------------------------------------------------------------------------------


def literals(path: Path) -> Iterator[str]:
    """All string literals of a module that are no docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare:
            yield node.value


def modules(*, generated_pages: bool) -> list[Path]:
    """Modules of the bot; those that write for people at the terminal, or hold an example message, are apart."""
    writing = {"report.py", "ask.py", "run.py"}
    return [path for path in CODE if generated_pages or (path.name not in writing and "report" not in path.parts)]


_REGEX = re.compile(r"\\[bwsd]|\(\?|\|")
_GERMAN = re.compile(r"\b(der|die|das|ist|sind|nicht|und|keine?|wurde|seit|Sie|bitte|liegt|gibt|für|mit|von)\b")


@pytest.mark.parametrize("path", modules(generated_pages=False), ids=lambda path: str(path.relative_to(PROJECT)))
def test_module_says_nothing_in_german(path: Path) -> None:
    """German sentences stand in YAML, where those who know the subject can edit them."""
    sentences = [
        text
        for text in literals(path)
        if " " in text.strip()
        and not _REGEX.search(text)
        and (re.search("[äöüßÄÖÜ]", text) or len(_GERMAN.findall(text)) > 1)
    ]
    assert sentences == []


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(PROJECT)))
def test_module_names_no_city_of_the_records(dortmund_records: Records, path: Path) -> None:
    """A city's name in code would be a fact in code."""
    home = dortmund_records.city
    names = {name for p in dortmund_records.partnerships for name in (p.name, *p.aliases)} | {home.name, *home.aliases}
    pattern = re.compile(rf"\b({'|'.join(re.escape(name) for name in sorted(names) if len(name) > 3)})(er|s)?\b", re.I)
    texts = [text for text in literals(path) if text != "records/dortmund"]
    identifiers = {n.id for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Name)}
    assert [text for text in [*texts, *identifiers] if pattern.search(text)] == []


def test_domain_names_no_city_of_the_records(dortmund_records: Records) -> None:
    """The home city is {home} there, and partner cities come as values."""
    names = [dortmund_records.city.name, *(p.name for p in dortmund_records.partnerships)]
    texts = " ".join(text["text"] for entry in RESPONSES.values() for text in entry)
    assert [name for name in names if name in texts] == []
