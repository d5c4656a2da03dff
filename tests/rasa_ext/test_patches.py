"""Each change to Rasa works, and the code that it replaces is still the one it was written for."""

import ast
import copy
import importlib.util
import logging
import time
from pathlib import Path

import jsonschema
import pytest
import rasa.core.constants
import rasa.core.processor
import rasa.core.run
import rasa.shared.core.events as events
from rasa.core.actions.action import RemoteAction
from rasa.shared.importers.importer import TrainingDataImporter

from partnerstadt import deadlines
from partnerstadt.front.settings import FILE, FrontSettings
from partnerstadt.rasa_ext.environment import DEFAULTS, PATCHED_MODULES
from partnerstadt.rasa_ext.patches import PATCHES
from tests.support import PROJECT

# What Rasa 3.6.21 and its SDK 3.6.2 say where we change them. A difference means: read it and think again.
UPSTREAM = {
    "rasa.core.constants": ['DEFAULT_SERVER_INTERFACE = "0.0.0.0"', "DEFAULT_REQUEST_TIMEOUT = 60 * 5"],
    "rasa.utils.endpoints": [
        '    async def request(\n        self,\n        method: Text = "post",\n',
        "class ClientResponseError(aiohttp.ClientError):\n"
        "    def __init__(self, status: int, message: Text, text: Text) -> None:\n",
    ],
    "rasa.core.actions.action": [
        "            response: Any = await self.action_endpoint.request(\n"
        "                json=modified_json if modified_json else json_body,\n",
        "            if e.status == 400:\n                response_data = json.loads(e.text)\n",
        "    def _validate_action_result(self, result: Dict[Text, Any]) -> bool:\n"
        "        from jsonschema import validate\n"
        "        from jsonschema import ValidationError\n\n"
        "        try:\n"
        "            validate(result, self.action_response_format_spec())\n"
        "            return True\n",
    ],
    "rasa.shared.core.events": [
        "        for cls in rasa.shared.utils.common.all_subclasses(Event):\n"
        "            if cls.type_name == type_name:\n"
        "                return cls\n",
    ],
    "rasa.core.run": [
        "def serve_application(\n",
        "def configure_app(\n",
        "    app = configure_app(\n        input_channels,\n",
    ],
    "rasa.core.tracker_store": [
        "    except (AttributeError, ImportError):\n        rasa.shared.utils.io.raise_warning(\n"
        "            f\"Tracker store with type '{store.type}' not found. \"\n",
        "            host=store.url, domain=domain, event_broker=event_broker, **store.kwargs\n",
        "        self.max_event_history = max_event_history\n\n        tracker = await self.retrieve(sender_id)\n",
    ],
    "rasa.core.agent": [
        "        return FailSafeTrackerStore(tracker_store)\n",
        "        async with self.lock_store.lock(message.sender_id):\n"
        "            return await self.processor.handle_message(  # type: ignore[union-attr]\n"
        "                message\n            )\n",
    ],
    "rasa.core.policies.rule_policy": [
        "            use_text_for_last_user_input\n            and not tracker.latest_action_name == ACTION_",
        "            return None, None, False\n",
        "            tracker, domain, use_text_for_last_user_input=True\n",
        '"rule_policy.actions.find", current_states=copy.deepcopy(current_states)\n',
    ],
    "rasa.core.policies.memoization": ['"memoization.predict.actions", tracker_states=copy.deepcopy(states)\n'],
    "rasa.core.processor": ["            rasa_events=copy.deepcopy(events),\n"],
    "rasa.core.lock_store": ["        return lock_store_class(endpoint_config=endpoint_config)\n"],
    "rasa.core.channels.rest": [
        '"rest.message.received.failure", text=copy.deepcopy(text)',
        '        await on_new_message(message)\n\n        await queue.put("DONE")\n',
    ],
    "rasa.core.channels.channel": ["        self.text = text.strip() if text else text\n"],
    "rasa.shared.core.training_data.story_reader.yaml_story_reader": [
        "        user_text = message.get(TEXT).strip()\n",
        "        if not user_text.startswith(INTENT_MESSAGE_PREFIX):\n            return message\n",
    ],
    "rasa.utils.log_utils": ["        structlog.dev.set_exc_info,\n", "structlog.processors.dict_tracebacks,"],
    "rasa.engine.runner.dask": [
        "            dask_result = dask.get(run_graph, run_targets)\n            return dict(dask_result)\n",
        "                *schema_node.needs.values(),\n",
        "            graph[input_name] = (input_name, input_value)\n",
    ],
    "rasa.engine.training.hooks": [
        "        fingerprint_key = fingerprinting.calculate_fingerprint_key(\n",
        "        self._cache.cache_output(\n",
    ],
    "rasa.shared.nlu.training_data.message": [
        "        return int(self.fingerprint(), 16)\n",
        "            return other.fingerprint() == self.fingerprint()\n",
    ],
    "rasa.shared.nlu.training_data.training_data": [
        "        training_examples = copy.deepcopy(self.training_examples)\n",
        "        return list(OrderedDict.fromkeys(examples))\n",
    ],
    "rasa.shared.importers.importer": [
        "        nlu_data = [importer.get_nlu_data(language) for importer in self._importers]\n",
        "            self.importer.get_nlu_data(language),\n",
    ],
    "rasa.engine.storage.local_model_storage": [
        "            cls._extract_archive_to_directory(\n                model_archive_path, ",
        "    @staticmethod\n    def _extract_archive_to_directory(\n",
        '            with TarSafe.open(model_archive_path, "w:gz") as tar:\n',
    ],
    "rasa.cli.arguments.run": ["        default=constants.DEFAULT_SERVER_INTERFACE,\n"],
    "rasa_sdk.endpoint": [
        '        body = {"error": str(exception), "request_body": request.json}\n',
        'host = os.environ.get("SANIC_HOST", "0.0.0.0")',
    ],
}


@pytest.mark.parametrize("module", UPSTREAM)
def test_upstream_code_is_unchanged(module: str) -> None:
    """A new release of Rasa that touches these lines must not slip in."""
    spec = importlib.util.find_spec(module)
    assert spec is not None and spec.origin is not None
    source = Path(spec.origin).read_text(encoding="utf-8")
    for snippet in UPSTREAM[module]:
        assert snippet in source, snippet


def test_each_patched_module_has_its_patch() -> None:
    """The two lists agree, pair by pair."""
    assert list(PATCHES) == list(PATCHED_MODULES)
    for module, patch in PATCHES.items():
        assert patch.__name__ in module.replace(".", "_")


def test_rasa_listens_on_this_machine_only() -> None:
    """Also when a developer types `rasa run` without `-i`."""
    from rasa.__main__ import create_argument_parser

    assert create_argument_parser().parse_args(["run"]).interface == "127.0.0.1"
    assert rasa.core.constants.DEFAULT_SERVER_INTERFACE == "127.0.0.1"


def test_nobody_gives_up_before_those_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Action, Rasa, front desk, lock: else a slow action loses a turn that is still being made."""
    from rasa.core.actions import action

    assert deadlines.ACTION == action.DEFAULT_REQUEST_TIMEOUT == 6
    front = FrontSettings.read(PROJECT / FILE, {}).rasa_seconds
    assert deadlines.ACTION < deadlines.RASA < front == deadlines.FRONT < deadlines.LOCK
    assert deadlines.LOCK <= rasa.core.constants.DEFAULT_LOCK_LIFETIME
    assert float(DEFAULTS["SANIC_RESPONSE_TIMEOUT"]) > deadlines.RASA


GOOD = {"events": [{"event": "slot", "timestamp": None, "name": "x", "value": 1}], "responses": [{"text": "a"}]}


def test_reply_of_an_action_is_checked_quickly() -> None:
    """55 ms in stock Rasa."""
    remote = RemoteAction("action_x", None)
    assert remote._validate_action_result(GOOD)
    started = time.perf_counter()
    for _ in range(20):
        remote._validate_action_result(GOOD)
    assert (time.perf_counter() - started) / 20 < 0.005


@pytest.mark.parametrize("reply", [[], {"responses": "secret"}, {"responses": ["secret"]}, {"events": [{"secret": 1}]}])
def test_bad_reply_of_an_action_is_still_refused(reply: object) -> None:
    """And the refusal does not quote it."""
    with pytest.raises(jsonschema.ValidationError) as refusal:
        RemoteAction("action_x", None)._validate_action_result(reply)
    assert "secret" not in refusal.value.message.replace("$.events[0].secret", "")


def test_cached_validator_agrees_with_the_stock_one() -> None:
    """The same schema and the same draft."""
    schema = RemoteAction.action_response_format_spec()
    assert jsonschema.validators.validator_for(schema) in (
        jsonschema.Draft7Validator,
        jsonschema.validators._LATEST_VERSION,
    )
    jsonschema.validate(GOOD, schema)


def test_events_are_found_by_name() -> None:
    """The same classes and the same errors as before, also for classes defined later."""
    for cls in (events.SlotSet, events.UserUttered, events.BotUttered, events.SessionStarted):
        assert events.Event.resolve_by_type(cls.type_name) is cls
        assert events.Event.resolve_by_type(cls.type_name) is cls
    assert events.Event.resolve_by_type("topic") is None
    assert events.Event.resolve_by_type("unheard_of", events.SlotSet) is events.SlotSet
    with pytest.raises(ValueError, match="unheard_of"):
        events.Event.resolve_by_type("unheard_of")


@pytest.mark.parametrize("module", ["rasa.core.processor", "rasa.core.policies.memoization"])
def test_module_that_copies_nothing_copies_for_debug_messages_only(module: str) -> None:
    """Each copy that we leave out is an argument of such a message."""
    spec = importlib.util.find_spec(module)
    assert spec is not None and spec.origin is not None
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    copies = [
        node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and ast.unparse(node) == "copy.deepcopy"
    ]
    shown = [
        node
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "structlogger.debug"
        for keyword in call.keywords
        for node in ast.walk(keyword)
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "copy.deepcopy"
    ]
    assert copies and len(copies) == len(shown)


def test_debug_messages_show_copies_when_somebody_reads_them(caplog: pytest.LogCaptureFixture) -> None:
    """And else nothing is copied."""
    value = ["x"]
    assert rasa.core.processor.copy.deepcopy(value) is None
    with caplog.at_level(logging.DEBUG, "rasa.core.processor"):
        assert rasa.core.processor.copy.deepcopy(value) == value


def test_examples_are_read_once_and_never_shared(tmp_path: Path) -> None:
    """Whatever the language is called; and equal examples stay one."""
    for name, content in {
        "nlu.yml": "nlu:\n- intent: a\n  examples: |\n    - hallo\n    - hallo\n    - tag\n",
        "domain.yml": "intents: [a]\n",
        "config.yml": "language: de\n",
    }.items():
        (tmp_path / name).write_text(f'version: "3.1"\n{content}', encoding="utf-8")
    importer = TrainingDataImporter.load_from_config(
        str(tmp_path / "config.yml"), str(tmp_path / "domain.yml"), [str(tmp_path / "nlu.yml")]
    )
    german = importer.get_nlu_data(language="de")
    assert importer.get_nlu_data() is german
    assert sorted(m.get("text") for m in german.nlu_examples) == ["hallo", "tag"]
    first = german.nlu_examples[0]
    copied = copy.deepcopy(first)
    copied.set("text", "anders")
    assert first.get("text") != "anders" and hash(first) == hash(copy.deepcopy(first))
