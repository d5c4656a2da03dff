"""Last component: settles the intent of each part and says which parts are to be answered."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import (
    ENTITIES,
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message

from partnerstadt.nlu.unfold import ANSWER, NORMAL, PARTS
from partnerstadt.question.choose import choose
from partnerstadt.question.lexicon import load_lexicon
from partnerstadt.question.reading import SEVERAL, Reading
from partnerstadt.question.settle import settle


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class QuestionCollector(GraphComponent, IntentClassifier):
    """Turns the parts of a message into one intent, or into several questions."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> QuestionCollector:
        """A collector; it has nothing to configure."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Settle each message. Text that begins with a slash was read by Rasa and stays as it is."""
        for message in messages:
            if message.get(INTENT) and not str(message.get(TEXT) or "").startswith("/"):
                self._settle(message)
        return messages

    def _settle(self, message: Message) -> None:
        lexicon = load_lexicon()
        whole = settle(_reading(message), lexicon)
        parts = [settle(_reading(part), lexicon) for part in message.get(PARTS) or ()]
        chosen = choose(whole, parts, lexicon)
        first = chosen[0]
        name = SEVERAL if len(chosen) > 1 else first.intent
        message.set(INTENT, {INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: first.confidence}, add_to_output=True)
        message.set(PARTS, [reading.to_dict() for reading in chosen] if len(chosen) > 1 else [], add_to_output=True)
        message.set(ANSWER, first.to_dict()[ANSWER], add_to_output=True)
        if len(chosen) == 1 and first is not whole:
            message.set(ENTITIES, [m.to_dict() for m in first.mentions], add_to_output=True)
            message.set(NORMAL, first.normal, add_to_output=True)
            message.set(INTENT_RANKING_KEY, first.to_dict()[INTENT_RANKING_KEY], add_to_output=True)


def _reading(message: Message) -> Reading:
    keys = (TEXT, NORMAL, INTENT, ENTITIES, "intent_ranking", ANSWER)
    return Reading.from_dict({key: message.get(key) for key in keys})
