"""The trained NLU in this process, without a server: what the bot understands of a text."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import warnings
from typing import Any

from partnerstadt.model import child_environment, ensure_model
from partnerstadt.rasa_ext import no_tensorflow
from partnerstadt.rasa_ext.environment import WITHOUT_TENSORFLOW
from partnerstadt.settings import Settings


class Understanding:
    """The newest model; it is trained first if it does not exist yet."""

    def __init__(self, settings: Settings) -> None:
        model = ensure_model(settings)
        environment = child_environment(settings)
        if WITHOUT_TENSORFLOW in environment:
            no_tensorflow.install()  # before Rasa is imported below
        os.environ.update(settings.environment)  # the components find the records there
        self._agent = _load(str(model))

    @property
    def responses(self) -> dict[str, list[dict[str, Any]]]:
        """The texts of the model's domain."""
        return dict(self._agent.domain.responses)

    def parse(self, text: str) -> dict[str, Any]:
        """What the NLU makes of a text that comes in through the REST channel."""
        from partnerstadt.rasa_ext.rest import read_message

        text = read_message(json.dumps({"message": text}).encode()).text
        with warnings.catch_warnings():  # packages are still being imported at the first text
            warnings.simplefilter("ignore")
            return dict(asyncio.run(self._agent.parse_message(text)))


def _load(model: str) -> Any:
    from rasa.utils import log_utils

    log_utils.configure_structlog(logging.ERROR)
    logging.getLogger().setLevel(logging.ERROR)
    with warnings.catch_warnings():  # about Rasa's own code; validation and tests look at ours
        warnings.simplefilter("ignore")
        from rasa.core.agent import Agent

        return Agent.load(model)
