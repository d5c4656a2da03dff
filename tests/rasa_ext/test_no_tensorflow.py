"""Rasa without TensorFlow: quick, and clear when a component needs it."""

import os
import subprocess
import sys
from typing import Any

import pytest

from partnerstadt.rasa_ext.no_tensorflow import COMPONENTS, components_needing_tensorflow


def rasa_without_tensorflow(code: str) -> subprocess.CompletedProcess[str]:
    """Run code as our own commands run Rasa."""
    environment = {**os.environ, "PARTNERSTADT_WITHOUT_TENSORFLOW": "1"}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("config", "needing"),
    [
        ({"pipeline": [{"name": "WhitespaceTokenizer"}], "policies": [{"name": "RulePolicy"}]}, []),
        ({"pipeline": [{"name": "partnerstadt.nlu.names.Names"}], "policies": []}, []),
        ({"pipeline": [{"name": "DIETClassifier"}], "policies": []}, ["DIETClassifier"]),
        ({"pipeline": [], "policies": ["rasa.core.policies.ted_policy.TEDPolicy"]}, None),
        ({"pipeline": None, "policies": []}, ["Rasa's default pipeline"]),
    ],
)
def test_components_are_recognised(config: dict[str, Any], needing: list[str] | None) -> None:
    """By short name, by module path, and by Rasa's own choice."""
    found = components_needing_tensorflow(config)
    assert found == needing if needing is not None else len(found) == 1


def test_every_component_that_imports_tensorflow_is_listed() -> None:
    """Fails when Rasa's set of components changes, and when one of them does not fail clearly."""
    code = """
import inspect
from rasa.engine.recipes.default_components import DEFAULT_COMPONENTS
for component in DEFAULT_COMPONENTS:
    source = inspect.getsource(inspect.getmodule(component))
    if "\\nimport tensorflow" in source or component.__name__ == "LanguageModelFeaturizer":
        try:
            component.create({}, None, None, None)
        except ImportError as error:
            assert component.__name__ in str(error) and "TensorFlow" in str(error)
            print(component.__name__)
"""
    done = rasa_without_tensorflow(code)
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) == COMPONENTS


def test_server_loads_without_tensorflow() -> None:
    """The whole of Rasa's server can be imported and the real TensorFlow stays on disk."""
    done = rasa_without_tensorflow("import rasa.core.run, sys; print(sys.modules['tensorflow'].__spec__.loader)")
    assert done.returncode == 0, done.stderr
    assert "no_tensorflow" in done.stdout


def test_use_of_a_stand_in_fails() -> None:
    """Nothing computes with stand-ins."""
    done = rasa_without_tensorflow("import tensorflow as tf; tf.constant(1)")
    assert "TensorFlowMissing" in done.stderr
