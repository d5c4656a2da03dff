"""What somebody wants: logistic regression over word and character counts and the meaning of the sentence."""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import (
    FEATURE_TYPE_SENTENCE,
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from partnerstadt.nlu.unfold import NORMAL, unfold

COUNTS, WEIGHTS = "counts.json", "weights.npz"
RANKED = 10


def _words(config: dict[str, Any], vocabulary: dict[str, int] | None = None) -> TfidfVectorizer:
    """Counts of words and pairs of words; names of records are one word each ("@city")."""
    size = None if vocabulary else config["words"]
    return TfidfVectorizer(
        token_pattern=r"(?u)@?\w+|\?", ngram_range=(1, 2), max_features=size, sublinear_tf=True, vocabulary=vocabulary
    )


def _characters(config: dict[str, Any], vocabulary: dict[str, int] | None = None) -> TfidfVectorizer:
    """Counts of two to five characters inside words: what typos leave standing."""
    size = None if vocabulary else config["characters"]
    return TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 5), max_features=size, sublinear_tf=True, vocabulary=vocabulary
    )


@dataclass(frozen=True)
class Trained:
    """What training leaves: two vectorizers, and a weight for each feature and intent."""

    words: TfidfVectorizer
    characters: TfidfVectorizer
    intents: tuple[str, ...]
    coefficients: npt.NDArray[np.float64]
    intercepts: npt.NDArray[np.float64]

    def save(self, folder: Path) -> None:
        """Write plain JSON and arrays: no pickle, nothing that could run code when it is loaded."""
        counts = {
            "intents": self.intents,
            "words": {word: int(i) for word, i in self.words.vocabulary_.items()},
            "characters": {piece: int(i) for piece, i in self.characters.vocabulary_.items()},
        }
        (folder / COUNTS).write_text(json.dumps(counts, ensure_ascii=False), encoding="utf-8")
        np.savez_compressed(
            folder / WEIGHTS,
            words=self.words.idf_,
            characters=self.characters.idf_,
            coefficients=self.coefficients.astype(np.float32),
            intercepts=self.intercepts,
        )

    @classmethod
    def read(cls, folder: Path, config: dict[str, Any]) -> Trained:
        """Read what `save` wrote."""
        counts = json.loads((folder / COUNTS).read_text(encoding="utf-8"))
        with np.load(folder / WEIGHTS, allow_pickle=False) as weights:
            words, characters = _words(config, counts["words"]), _characters(config, counts["characters"])
            words.idf_, characters.idf_ = weights["words"], weights["characters"]
            coefficients = weights["coefficients"].astype(np.float64)
            return cls(words, characters, tuple(counts["intents"]), coefficients, weights["intercepts"])

    def probabilities(self, features: sp.csr_matrix) -> npt.NDArray[np.float64]:
        """Softmax over the intents, shape (messages, intents)."""
        scores = np.asarray(features @ self.coefficients.T) + self.intercepts
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities: npt.NDArray[np.float64] = scores / scores.sum(axis=1, keepdims=True)
        return probabilities


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class EncodedIntents(GraphComponent, IntentClassifier):
    """Intent with confidence and ranking, for each message and its parts."""

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = model_storage
        self._resource = resource
        self._trained: Trained | None = None

    @classmethod
    def required_components(cls) -> list[type]:
        """Works on featurized messages."""
        return [Featurizer]

    @staticmethod
    def required_packages() -> list[str]:
        """Packages whose version is part of the model's fingerprint."""
        return []

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Found by cross-validation on data/nlu.yml.

        sparse_weight scales the counts beside the unit-length embedding; regularization is sklearn's C; not_learned
        names intents that other components give.
        """
        return {
            "sparse_weight": 0.6,
            "regularization": 20.0,
            "max_iterations": 40,
            "words": 4000,
            "characters": 6000,
            "not_learned": [],
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EncodedIntents:
        """A classifier that has still to be trained."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> EncodedIntents:
        """A trained classifier; a model without its weights is broken and says so."""
        classifier = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            classifier._trained = Trained.read(Path(folder), config)
        return classifier

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on all examples and keep the weights in the model."""
        skipped = set(self._config["not_learned"])
        examples = [m for m in training_data.intent_examples if m.get(NORMAL) and m.get(INTENT) not in skipped]
        texts = [m.get(NORMAL) for m in examples]
        config = self._config
        words, characters = _words(config).fit(texts), _characters(config).fit(texts)
        model = LogisticRegression(
            C=config["regularization"],
            class_weight="balanced",
            max_iter=config["max_iterations"],
            tol=1e-3,
            random_state=0,
        )
        features = _features(examples, words, characters, config["sparse_weight"])
        with warnings.catch_warnings():
            # Stopping early is meant: more iterations cost time and gain nothing in cross-validation.
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(features, [m.get(INTENT) for m in examples])
        self._trained = Trained(words, characters, tuple(map(str, model.classes_)), model.coef_, model.intercept_)
        with self._storage.write_to(self._resource) as folder:
            self._trained.save(Path(folder))
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Intent and ranking for each message and its parts."""
        unfolded = list(unfold(messages))
        trained = self._trained
        if trained is None or not unfolded:
            return messages
        features = _features(unfolded, trained.words, trained.characters, self._config["sparse_weight"])
        for message, row in zip(unfolded, trained.probabilities(features), strict=True):
            ranking = [
                {INTENT_NAME_KEY: trained.intents[i], PREDICTED_CONFIDENCE_KEY: float(row[i])}
                for i in np.argsort(-row)[:RANKED]
            ]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages


def _features(
    messages: list[Message], words: TfidfVectorizer, characters: TfidfVectorizer, weight: float
) -> sp.csr_matrix:
    """Counts, scaled to stand beside the unit-length embedding, and the embedding."""
    texts = [m.get(NORMAL) or "" for m in messages]
    return sp.hstack([words.transform(texts) * weight, characters.transform(texts) * weight, _dense(messages)]).tocsr()


def _dense(messages: list[Message]) -> sp.csr_matrix:
    rows = []
    for message in messages:
        _, sentence = message.get_dense_features(TEXT, [])
        assert sentence is not None and sentence.type == FEATURE_TYPE_SENTENCE
        rows.append(sentence.features[0])
    return sp.csr_matrix(np.vstack(rows))
