"""The few changes to Rasa's code. tests/rasa_ext/test_patches.py fails when the code they replace changes.

Each function gets a module right after its first import; `environment` sees to that.
"""

from __future__ import annotations

import copy
import functools
import logging
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from partnerstadt import deadlines
from partnerstadt.names import IN_PROCESS
from partnerstadt.rasa_ext.environment import LOCALHOST, PATCHED_MODULES, WITHOUT_CACHE

# What needs no token: it tells nothing but whether they work.
RASA_LIVES = ("/webhooks/rest/", "/webhooks/rest/actions/health")
ACTIONS_LIVE = ("/health",)


def constants(module: ModuleType) -> None:
    """Listen on this machine only, and wait for an action for seconds, not minutes.

    The lock of a conversation lasts 60 seconds; an action that lasts longer loses the turn (stock: 300).
    """
    module.DEFAULT_SERVER_INTERFACE = LOCALHOST  # type: ignore[attr-defined]
    module.DEFAULT_REQUEST_TIMEOUT = deadlines.ACTION  # type: ignore[attr-defined]


def endpoints(module: ModuleType) -> None:
    """Run actions in this process when the action endpoint says so; Rasa only knows servers."""
    stock = module.EndpointConfig.request

    async def request(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self.url != IN_PROCESS:
            return await stock(self, *args, **kwargs)
        from partnerstadt.rasa_ext.local_actions import local_actions

        return await local_actions().run(kwargs["json"])

    module.EndpointConfig.request = request


def action(module: ModuleType) -> None:
    """Check an action's reply with a compiled validator made once; Rasa makes one for each call, in 55 ms."""
    from jsonschema import ValidationError
    from jsonschema_rs import Draft7Validator

    validator = Draft7Validator(module.RemoteAction.action_response_format_spec())

    def validate(self: Any, result: dict[str, Any]) -> bool:
        error = next(validator.iter_errors(result), None)
        if error is not None:
            # Rasa's own message quotes the reply, which quotes the user.
            where = "/".join(map(str, error.instance_path))
            raise ValidationError(f"The action server's reply breaks the schema at /{where}.")
        return True

    module.RemoteAction._validate_action_result = validate


def events(module: ModuleType) -> None:
    """Remember which class belongs to an event's name; Rasa walks all subclasses for every event."""
    stock = module.Event.resolve_by_type
    known: dict[str, Any] = {}

    def resolve_by_type(type_name: str, default: Any = None) -> Any:
        found = known.get(type_name)
        if found is None:
            found = stock(type_name, default)
            if getattr(found, "type_name", None) == type_name:
                known[type_name] = found
        return found

    module.Event.resolve_by_type = staticmethod(resolve_by_type)


def tracker_store(module: ModuleType) -> None:
    """A tracker store that cannot be loaded is an error; Rasa would keep conversations in memory instead."""
    stock = module._load_from_module_name_in_endpoint_config

    def load(domain: Any, store: Any, event_broker: Any = None) -> Any:
        made = stock(domain, store, event_broker)
        if isinstance(made, module.InMemoryTrackerStore):
            raise ImportError(f"endpoints.yml: there is no tracker store {store.type}")
        return made

    module._load_from_module_name_in_endpoint_config = load  # type: ignore[attr-defined]


def agent(module: ModuleType) -> None:
    """Do not hide the errors of our tracker store, and do not answer the same message twice.

    Rasa wraps every store into one that falls back to memory. What was asked before is looked up where the
    conversation is locked: the one that answers it may be another process, or one that has died since.
    """
    stock = module.Agent._create_tracker_store

    def create_tracker_store(store: Any, domain: Any) -> Any:
        from partnerstadt.rasa_ext.tracker_store import ConversationStore

        wrapped = stock(store, domain)
        return store if isinstance(store, ConversationStore) else wrapped

    async def handle_message(self: Any, message: Any) -> Any:
        from partnerstadt.rasa_ext.history import repeat_reply

        if not self.is_ready():
            return None
        async with self.lock_store.lock(message.sender_id):
            if await repeat_reply(self.tracker_store, message):
                return None
            return await self.processor.handle_message(message)

    module.Agent._create_tracker_store = staticmethod(create_tracker_store)
    module.Agent.handle_message = handle_message


def memoization(module: ModuleType) -> None:
    """Copy states for no debug message that nobody reads."""
    _without_copies_for_logs(module)


def processor(module: ModuleType) -> None:
    """Copy events, slots and entities for no debug message that nobody reads."""
    _without_copies_for_logs(module)


def _without_copies_for_logs(module: ModuleType) -> None:
    """These modules of Rasa copy nothing but what they show in debug messages: 2 ms of every turn."""

    def deepcopy(value: Any) -> Any:
        return copy.deepcopy(value) if logging.getLogger(module.__name__).isEnabledFor(logging.DEBUG) else None

    module.copy = SimpleNamespace(deepcopy=deepcopy)  # type: ignore[attr-defined]


def core_policies_rule_policy(module: ModuleType) -> None:
    """Look for rules by the text of a message only where there are such rules; it takes as long as by intent."""
    stock = module.RulePolicy._find_action_from_rules

    def find(self: Any, tracker: Any, domain: Any, use_text_for_last_user_input: bool) -> Any:
        by_text = use_text_for_last_user_input and not tracker.active_loop_name
        if by_text and not any('"text":' in rule for rule in self.lookup[module.RULES]):
            return None, None, False
        return stock(self, tracker, domain, use_text_for_last_user_input)

    module.RulePolicy._find_action_from_rules = find
    _without_copies_for_logs(module)


def log_utils(module: ModuleType) -> None:
    """Keep what people wrote out of structured logs."""
    from partnerstadt.rasa_ext import privacy

    stock = module.configure_structlog

    @functools.wraps(stock)
    def configure_structlog(log_level: int | None = None) -> None:
        stock(log_level)
        privacy.protect_structlog()

    module.configure_structlog = configure_structlog  # type: ignore[attr-defined]


def core_run(module: ModuleType) -> None:
    """Keep what people wrote out of the tracebacks of Rasa's server, and everybody out who has no token."""
    from partnerstadt.rasa_ext import guard, privacy
    from partnerstadt.telemetry import logs

    stock, configure = module.serve_application, module.configure_app

    @functools.wraps(stock)
    def serve_application(*args: Any, **kwargs: Any) -> None:
        guard.check_interface(kwargs.get("interface") or LOCALHOST)
        privacy.protect_logging()
        logs.structure("bot")
        stock(*args, **kwargs)

    @functools.wraps(configure)
    def configure_app(*args: Any, **kwargs: Any) -> Any:
        app = configure(*args, **kwargs)
        guard.protect(app, RASA_LIVES)
        return app

    module.serve_application = serve_application  # type: ignore[attr-defined]
    module.configure_app = configure_app  # type: ignore[attr-defined]


def sdk_endpoint(module: ModuleType) -> None:
    """The same for the action server; and an action that failed does not send the conversation back."""
    from partnerstadt.rasa_ext import guard, privacy
    from partnerstadt.telemetry import logs

    stock = module.create_app

    @functools.wraps(stock)
    def create_app(*args: Any, **kwargs: Any) -> Any:
        from sanic import response

        guard.check_interface(os.environ.get("SANIC_HOST", LOCALHOST))
        privacy.protect_logging()
        logs.structure("actions")
        app = stock(*args, **kwargs)
        guard.protect(app, ACTIONS_LIVE)

        @app.middleware("response")
        async def without_conversation(_: Any, reply: Any) -> Any:
            return response.json({"error": "The action failed."}, status=500) if reply.status == 500 else None

        return app

    module.create_app = create_app  # type: ignore[attr-defined]


def runner_dask(module: ModuleType) -> None:
    """Run the graph of a message in plain order; dask plans it anew, twice or three times a message, in 1 ms each."""
    from rasa.engine.exceptions import GraphRunError

    def run(self: Any, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        nodes, schema = self._instantiated_nodes, self._graph_schema
        done: dict[str, Any] = {name: (name, value) for name, value in (inputs or {}).items()}

        def result(name: str) -> Any:
            if name not in done:
                # What nobody provides is passed on by its name; the node reports it.
                needs = schema.nodes[name].needs.values() if name in nodes else ()
                done[name] = nodes[name](*map(result, needs)) if name in nodes else name
            return done[name]

        try:
            return dict(map(result, targets or schema.target_names))
        except RuntimeError as error:
            raise GraphRunError("Error running runner.") from error

    module.DaskGraphRunner.run = run


def training_hooks(module: ModuleType) -> None:
    """Keep no intermediate results when the project trains: it never uses them, and they take 10 s of hashing."""
    if os.environ.get(WITHOUT_CACHE) == "1":
        module.TrainingHook.on_before_node = lambda *_, **__: {}
        module.TrainingHook.on_after_node = lambda *_, **__: None


def nlu_training_data_message(module: ModuleType) -> None:
    """Find equal examples by text and intent, and copy them as bytes.

    Rasa hashes all of an example, a dozen times, and copies it in Python as often: 15 s for 8,000 examples. What is
    equal is still decided by all of it.
    """
    message = module.Message
    message.__hash__ = lambda self: hash((self.data.get("text"), self.data.get("intent")))
    message.__deepcopy__ = lambda self, _: pickle.loads(pickle.dumps(self, pickle.HIGHEST_PROTOCOL))


def shared_importers_importer(module: ModuleType) -> None:
    """Read the examples once; Rasa remembers them by language, which YAML has not, and reads and checks them thrice."""

    def without_language(stock: Callable[[Any], Any]) -> Callable[..., Any]:
        return functools.wraps(stock)(lambda self, language=None: stock(self))

    for importer in (module.E2EImporter, module.CombinedDataImporter):
        importer.get_nlu_data = without_language(importer.get_nlu_data)


def local_model_storage(module: ModuleType) -> None:
    """Load no model but of our own build: whoever packs one here seals it, and nothing else is unpacked."""
    from partnerstadt import seal

    storage = module.LocalModelStorage
    pack, unpack = storage.create_model_package, storage._extract_archive_to_directory

    @functools.wraps(pack)
    def create_model_package(self: Any, model_archive_path: Any, *args: Any, **kwargs: Any) -> Any:
        metadata = pack(self, model_archive_path, *args, **kwargs)
        seal.write(Path(model_archive_path))
        return metadata

    @functools.wraps(unpack)
    def extract_archive_to_directory(model_archive_path: Any, temporary_directory: Any) -> None:
        seal.check(Path(model_archive_path))
        unpack(model_archive_path, temporary_directory)

    storage.create_model_package = create_model_package
    storage._extract_archive_to_directory = staticmethod(extract_archive_to_directory)


_CHANGES = (
    constants,
    endpoints,
    action,
    events,
    tracker_store,
    agent,
    core_policies_rule_policy,
    memoization,
    processor,
    core_run,
    log_utils,
    runner_dask,
    training_hooks,
    nlu_training_data_message,
    shared_importers_importer,
    local_model_storage,
    sdk_endpoint,
)
PATCHES: dict[str, Callable[[ModuleType], None]] = dict(zip(PATCHED_MODULES, _CHANGES, strict=True))
