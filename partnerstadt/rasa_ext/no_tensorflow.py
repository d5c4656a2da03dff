"""Stand-ins for TensorFlow, so that Rasa starts without it.

Rasa imports TensorFlow even when no component uses it; that costs 12 seconds and 350 MB. Our own commands
switch the stand-ins on when `config.yml` names no component that needs TensorFlow. Such a component fails
at once and says why; so does any other use.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, NoReturn

from partnerstadt.rasa_ext.hooks import after_import

REPLACED = frozenset({"tensorflow", "tensorflow_hub", "tensorflow_text", "tensorflow_addons", "keras", "jax"})
COMPONENTS = frozenset(
    {
        "ConveRTFeaturizer",
        "DIETClassifier",
        "LanguageModelFeaturizer",
        "ResponseSelector",
        "TEDPolicy",
        "UnexpecTEDIntentPolicy",
    }
)


class TensorFlowMissing(ImportError):
    """Something wanted to use TensorFlow while the stand-ins were on."""


def components_needing_tensorflow(config: Mapping[str, Any]) -> list[str]:
    """Name the components of a Rasa configuration that cannot work without TensorFlow.

    A configuration without pipeline or policies gets Rasa's own choice, which uses it.
    """
    needing = []
    for part in ("pipeline", "policies"):
        chosen = config.get(part)
        if not isinstance(chosen, list):
            needing.append(f"Rasa's default {part}")
            continue
        names = [str(entry.get("name") if isinstance(entry, dict) else entry) for entry in chosen]
        needing += [name for name in names if name.rpartition(".")[2] in COMPONENTS]
    return needing


def install() -> None:
    """Serve stand-ins for all later imports of TensorFlow and its relatives."""
    if "tensorflow" in sys.modules or any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return
    sys.meta_path.insert(0, _Finder())
    after_import({"rasa.engine.recipes.default_components": _refuse_components})


def _fail(what: str) -> NoReturn:
    raise TensorFlowMissing(
        f"{what} needs TensorFlow, which this command has switched off. "
        "Unset PARTNERSTADT_WITHOUT_TENSORFLOW to use it."
    )


def _refuse_components(module: ModuleType) -> None:
    for component in module.DEFAULT_COMPONENTS:
        if component.__name__ in COMPONENTS:

            def refuse(*_: object, name: str = component.__name__, **__: object) -> NoReturn:
                _fail(name)

            component.create = component.load = refuse


class _StandIn(type):
    """Type of the stand-ins: good enough for imports, annotations, base classes and decorators."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _stand_in(name)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and callable(args[0]):
            return args[0]  # used as a decorator
        _fail(f"tensorflow's {cls.__name__}")

    def __getitem__(cls, _: object) -> Any:
        return cls

    def __iter__(cls) -> Iterator[Any]:
        return iter(())


def _stand_in(name: str) -> Any:
    return _StandIn(name, (), {"__module__": __name__})


class _Module(ModuleType):
    __version__ = "2.12.0"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _stand_in(name)


class _Finder(MetaPathFinder, Loader):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return ModuleSpec(fullname, self, is_package=True) if fullname.partition(".")[0] in REPLACED else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        pass
