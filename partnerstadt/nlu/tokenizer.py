"""spaCy's German tokenizer with lookup lemmas, built by the project: no model has to be downloaded."""

from __future__ import annotations

from typing import Any

import spacy
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message
from spacy.language import Language

from partnerstadt.nlu.unfold import unfold

LONGEST = 2000


def german_pipeline() -> Language:
    """A blank German pipeline that adds lemmas from spacy-lookups-data."""
    nlp = spacy.blank("de")
    nlp.add_pipe("lemmatizer", config={"mode": "lookup"})
    nlp.initialize()
    return nlp


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class GermanTokenizer(Tokenizer):
    """Words with lemmas for every component after it."""

    def __init__(self, config: dict[str, Any], nlp: Language) -> None:
        super().__init__(config)
        self._nlp = nlp

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> GermanTokenizer:
        """A tokenizer with its pipeline."""
        return cls(config, german_pipeline())

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """What every tokenizer of Rasa has: intents are never split."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    @staticmethod
    def required_packages() -> list[str]:
        """Packages whose version is part of the model's fingerprint."""
        return ["spacy", "spacy_lookups_data"]

    @classmethod
    def supported_languages(cls) -> list[str] | None:
        """German only."""
        return ["de"]

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Tokens of one attribute; texts without any word get a single stand-in, which no later component fails on."""
        text = (message.get(attribute) or "")[:LONGEST]
        tokens = [Token(t.text, t.idx, lemma=t.lemma_ or t.text) for t in self._nlp(text) if not t.is_space]
        return tokens or [Token(text or "-", 0, lemma="-")]

    def process(self, messages: list[Message]) -> list[Message]:
        """Tokens for each message and its parts."""
        super().process(list(unfold(messages)))
        return messages
