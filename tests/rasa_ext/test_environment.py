"""The defaults of the environment hold for every command, also for those typed by hand."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


def python(code: str, **variables: str) -> str:
    """Run code in a new Python without the variables of this one."""
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **variables}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, cwd="/")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("name", "value"),
    [("RASA_TELEMETRY_ENABLED", "false"), ("SANIC_HOST", "127.0.0.1"), ("OPENBLAS_NUM_THREADS", "1")],
)
def test_default_holds_without_any_import_of_ours(name: str, value: str) -> None:
    """Python in this environment starts with our defaults."""
    assert python(f"import os; print(os.environ[{name!r}])") == value


def test_a_variable_that_is_set_wins() -> None:
    """Defaults are no orders."""
    assert python("import os; print(os.environ['SANIC_HOST'])", SANIC_HOST="127.0.0.2") == "127.0.0.2"


def test_start_of_python_imports_nothing_heavy() -> None:
    """The `.pth` file costs every command, so it may load only what Python has at hand."""
    loaded = python("import sys; print(*sys.modules)").split()
    assert "partnerstadt.rasa_ext.environment" in loaded
    assert not {"rasa", "numpy", "yaml", "structlog", "asyncio", "partnerstadt.rasa_ext.patches"} & set(loaded)


def test_actions_address_follows_its_settings() -> None:
    """endpoints.yml takes it from the environment, also where somebody types `rasa run`."""
    code = "import os; print(os.environ['PARTNERSTADT_ACTIONS_URL'])"
    assert python(code) == "in-process"
    http = {"PARTNERSTADT_ACTIONS": "http"}
    assert python(code, **http) == "http://127.0.0.1:5055/webhook"
    assert python(code, PARTNERSTADT_ACTIONS_PORT="6055", **http) == "http://127.0.0.1:6055/webhook"
    assert "${PARTNERSTADT_ACTIONS_URL}" in (PROJECT / "endpoints.yml").read_text()


def test_telemetry_and_sentry_are_off() -> None:
    """Rasa itself takes our default for a no."""
    assert python("import rasa.telemetry as t; print(t.is_telemetry_enabled())") == "False"


def test_warnings_about_old_packages_are_not_shown_but_others_are() -> None:
    """Our own output does not drown; what is about our own data stays."""
    code = """
import warnings, sys
sys.stderr = sys.stdout
warnings.simplefilter("always")
warnings.warn_explicit("old", DeprecationWarning, "/x/site-packages/y.py", 1)
warnings.warn_explicit("ours", DeprecationWarning, "/x/partnerstadt/y.py", 1)
warnings.warn_explicit("data", UserWarning, "/x/site-packages/rasa/y.py", 1)
"""
    shown = python(code)
    assert "old" not in shown and "ours" in shown and "data" in shown
    assert "old" in python(code, PYTHONWARNINGS="always")
