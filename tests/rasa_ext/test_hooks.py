"""Changes after import: once, in place, and only to the named module."""

import importlib
import importlib.resources
import sys
from pathlib import Path
from types import ModuleType

import pytest

from partnerstadt.rasa_ext.hooks import AfterImport, after_import


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package on the path that nobody has imported yet."""
    folder = tmp_path / "hooked_package"
    folder.mkdir()
    (folder / "__init__.py").write_text("value = 1\n")
    (folder / "data.txt").write_text("text")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.delitem(sys.modules, folder.name, raising=False)
    return folder.name


def raise_value(module: ModuleType) -> None:
    """A change that shows how often it was made."""
    module.value += 1  # type: ignore[attr-defined]


def test_module_is_changed_after_import(package: str) -> None:
    """The change sees a finished module."""
    after_import({package: raise_value})
    assert importlib.import_module(package).value == 2


def test_module_loaded_before_is_changed_at_once(package: str) -> None:
    """Order of imports does not matter."""
    module = importlib.import_module(package)
    after_import({package: raise_value})
    assert module.value == 2


def test_module_keeps_its_own_loader(package: str) -> None:
    """Files beside the module can still be read."""
    after_import({package: raise_value})
    module = importlib.import_module(package)
    assert not type(module.__loader__).__module__.startswith("partnerstadt")
    assert importlib.resources.read_text(module, "data.txt") == "text"


def test_other_modules_are_left_alone() -> None:
    """The finder answers for its modules only."""
    assert AfterImport({"a": raise_value}).find_spec("json") is None
