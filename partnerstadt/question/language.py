"""Whether a text is written in another language than German."""

from __future__ import annotations

import re
from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

# Languages residents write in; German is told apart from these only.
LANGUAGES = ["de", "en", "fr", "tr", "uk", "pl", "ru", "es", "it", "nl", "ar", "ro", "sr", "zh", "he"]
FEWEST_WORDS = 3
SURE = 0.95
_GERMAN = re.compile(
    r"\b(ist|hat|wen|wer|wem|den|dem|für|fuer|auf|bei|sie|wir|mal|noch|schon|kam|sind|eine|einer|nach|zwischen|städt\w+|stadt\w*|jahr\w*|land|kein\w*|nur|auch|liegt|ham|seit|seid|wan|am|seit|wann|wo|wie|welche|und|der|das|mit|ich|gibt|haben|partnerst\w+|wat|dat|nicht|es|euch|ihr|bitte|zu|im|von)\b",
    re.I,
)


# Too short for the identifier: "do you speak english?"
_ENGLISH = re.compile(
    r"\b(you|the|what|how|when|where|which|speak|please|are|do|does|have|with|your|my|can|and|is)\b", re.I
)
_LATIN = re.compile(r"[a-zA-ZäöüÄÖÜß]")


@lru_cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_pickled_model(MODEL_FILE, norm_probs=True)
    identifier.set_languages(LANGUAGES)
    return identifier


def is_foreign(text: str) -> bool:
    """Whether a text is certainly not German; short or doubtful ones count as German."""
    words = re.findall(r"[^\W\d_]+", text)
    if words and not any(_LATIN.search(word) for word in words):
        return True
    if len(words) < FEWEST_WORDS or _GERMAN.search(text):
        return False
    if len(_ENGLISH.findall(text)) > 1:
        return True
    language, probability = _identifier().classify(" ".join(words)[:300])
    return bool(language != "de" and probability > SURE)
