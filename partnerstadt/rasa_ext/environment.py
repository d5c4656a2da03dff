"""Defaults that hold for every command in the project's environment, also for a plain `rasa train`.

A `.pth` file in the environment imports this module when Python starts, so nothing heavy may be imported
here. Variables that are set already win: these are defaults, not orders.
"""

from __future__ import annotations

import os
import sys
import warnings
from types import ModuleType
from typing import TextIO

from partnerstadt.names import HTTP, IN_PROCESS
from partnerstadt.rasa_ext.hooks import after_import

LOCALHOST = "127.0.0.1"
WITHOUT_TENSORFLOW = "PARTNERSTADT_WITHOUT_TENSORFLOW"
WITHOUT_CACHE = "PARTNERSTADT_WITHOUT_CACHE"
ACTION_SERVER = f"http://{LOCALHOST}:{os.environ.get('PARTNERSTADT_ACTIONS_PORT') or 5055}/webhook"

DEFAULTS = {
    # Rasa reports to its makers unless told otherwise; without telemetry it starts no Sentry either.
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    # One sentence at a time is too small a job for several threads: they only wait for each other.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # The action server asks for its interface here and has no option for it.
    "SANIC_HOST": LOCALHOST,
    # Limits of Rasa's web server; its own defaults are 100 MB and 60 seconds. Action calls need more
    # room than a question: they carry the conversation so far.
    "SANIC_REQUEST_MAX_SIZE": "4000000",
    "SANIC_REQUEST_TIMEOUT": "10",
    "SANIC_RESPONSE_TIMEOUT": "30",
    # So many may knock in the same moment; Rasa's own 100 turns the others away, where they could have waited.
    "SANIC_BACKLOG": "1024",
    # endpoints.yml hands it to the action server; nothing stands for none.
    "PARTNERSTADT_CHANNEL_TOKEN": "",
    # Actions run in Rasa's own process unless somebody wants a server for them.
    "PARTNERSTADT_ACTIONS_URL": ACTION_SERVER if os.environ.get("PARTNERSTADT_ACTIONS") == HTTP else IN_PROCESS,
}


def apply() -> None:
    """Set the defaults, quieten other people's warnings and register the changes to Rasa."""
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    if not sys.warnoptions:
        warnings.showwarning = _show_warning
    if os.environ.get(WITHOUT_TENSORFLOW) == "1":
        from partnerstadt.rasa_ext import no_tensorflow

        no_tensorflow.install()
    after_import({name: _patch for name in PATCHED_MODULES})


# Named here, not in patches.py, so that the start of Python need not load that module.
PATCHED_MODULES = (
    "rasa.core.constants",
    "rasa.utils.endpoints",
    "rasa.core.actions.action",
    "rasa.shared.core.events",
    "rasa.core.tracker_store",
    "rasa.core.agent",
    "rasa.core.policies.rule_policy",
    "rasa.core.policies.memoization",
    "rasa.core.processor",
    "rasa.core.run",
    "rasa.utils.log_utils",
    "rasa.engine.runner.dask",
    "rasa.engine.training.hooks",
    "rasa.shared.nlu.training_data.message",
    "rasa.shared.importers.importer",
    "rasa.engine.storage.local_model_storage",
    "rasa_sdk.endpoint",
)


def _patch(module: ModuleType) -> None:
    from partnerstadt.rasa_ext import patches

    patches.PATCHES[module.__name__](module)


_OLD_AGE = (DeprecationWarning, PendingDeprecationWarning, FutureWarning, ImportWarning, ResourceWarning)
_show_warning_as_before = warnings.showwarning


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Show a warning unless it only says that installed packages are getting old.

    A filter would not do: several of these packages put their own filters before ours. Who asks for
    warnings (`python -W ...` or PYTHONWARNINGS) sees all of them.
    """
    if issubclass(category, _OLD_AGE) and "site-packages" in filename:
        return
    _show_warning_as_before(message, category, filename, lineno, file, line)


apply()
