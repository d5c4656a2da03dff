"""The image and the Compose file: no rights, nothing that is missing, nothing that is not needed."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from partnerstadt.front.settings import FrontSettings
from partnerstadt.settings import Settings
from partnerstadt.staff.settings import StaffSettings
from partnerstadt.telemetry.traces import is_wanted
from tests.support import PROJECT

FILE = PROJECT / "deploy" / "container" / "Containerfile"
COMPOSE = PROJECT / "deploy" / "compose.yml"
SECRET = "0123456789abcdef0123456789abcdef"
GIVEN = {
    "PARTNERSTADT_CHANNEL_TOKEN": SECRET,
    "PARTNERSTADT_FRONT_SECRET": SECRET,
    "POSTGRES_PASSWORD": "p",
    "REDIS_PASSWORD": "p",
    "PARTNERSTADT_STAFF_URL": "https://staff.example",
}


def filled(text: str) -> str:
    """What Compose makes of the variables of a text."""
    return re.sub(
        r"(?<!\$)\$\{(\w+)(?::\?|:-([^}]*))?\}", lambda match: GIVEN.get(match[1], match[2] or ""), text
    ).replace("$$", "$")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The Compose file with the variables of an environment."""
    raw: dict[str, Any] = yaml.safe_load(filled(COMPOSE.read_text(encoding="utf-8")))
    return raw


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Containerfile, each with its arguments in one line."""
    text = re.sub(r"^\s*#.*\n", "", FILE.read_text(encoding="utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in text.splitlines() if line)]


def test_image_is_built_in_two_stages_and_runs_without_root() -> None:
    """Compilers, pip and what the build left behind stay in the first; no secret is written into a layer."""
    found = instructions()
    assert [word for word, _ in found].count("FROM") == 2
    last = found[max(i for i, (word, _) in enumerate(found) if word == "FROM") :]
    words = dict(last)
    assert words["USER"] == "10001:10001" and "tini" in words["ENTRYPOINT"]
    assert "pip" not in words["RUN"] and "gcc" not in words["RUN"]
    assert [word for word, _ in last].index("USER") > [word for word, _ in last].index("COPY")
    assert not any(re.search("TOKEN|SECRET|PASSWORD", rest) for word, rest in found if word in ("ENV", "ARG"))
    assert any("--require-hashes" in rest for word, rest in found if word == "RUN")


def test_everything_that_is_copied_exists_and_is_not_ignored() -> None:
    """A renamed file would be noticed here, not in the night of the release."""
    ignored = (PROJECT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    kept = {line[1:] for line in ignored if line.startswith("!")}
    assert {name for name in kept if not (PROJECT / name).exists()} == set()
    for word, rest in instructions():
        if word == "COPY" and not rest.startswith("--from"):
            for name in rest.split()[:-1]:
                assert (PROJECT / name).exists() and (name == "." or name in kept)
    from partnerstadt.model import SOURCES

    needed = {*SOURCES, "actions", "endpoints.yml", "credentials.yml", "front.yml", "staff.yml", "records", "LICENSE"}
    assert {name for name in needed if not any(name == k or name.startswith(f"{k}/") for k in kept)} == set()


def test_lock_of_the_image_is_whole_but_for_tensorflow() -> None:
    """Every package of it keeps its hashes; whatever a kept one needs is kept."""
    command = [sys.executable, PROJECT / "scripts" / "lean.py", PROJECT / "requirements.lock"]
    lean = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    name = re.compile(r"^([a-z0-9._-]+)==", re.MULTILINE)
    whole = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    left, gone = set(name.findall(lean)), set(name.findall(whole)) - set(name.findall(lean))
    assert {"tensorflow", "keras", "tensorboard", "h5py"} <= gone and len(gone) < 40
    lines = (PROJECT / "requirements.in").read_text(encoding="utf-8").splitlines()
    names = [re.split(r"[=~<\[]", line)[0].lower() for line in lines if line and not line.startswith("#")]
    wanted = {entry.replace(".", "-") for entry in names}
    assert {entry for entry in wanted if entry not in left} == set()
    assert lean.count("--hash=sha256:") >= len(left)


def test_nothing_of_ours_imports_what_the_image_lacks() -> None:
    """By the text of our own modules."""
    for path in [*(PROJECT / "partnerstadt").rglob("*.py"), *(PROJECT / "actions").rglob("*.py")]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"^\s*(import|from) (tensorflow|keras|h5py|grpc)\b", text, re.MULTILINE), path


def test_lean_keeps_what_two_need() -> None:
    """Only what nobody else needs goes with TensorFlow."""
    spec = importlib.util.spec_from_file_location("lean", PROJECT / "scripts" / "lean.py")
    assert spec and spec.loader
    lean = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(lean)
    lock = (
        "a==1 \\\n    --hash=sha256:0\n    # via -r requirements.in\n"
        "tensorflow==2 \\\n    --hash=sha256:0\n    # via a\n"
        "both==1 \\\n    --hash=sha256:0\n    # via\n    #   a\n    #   tensorflow\n"
        "only==1 \\\n    --hash=sha256:0\n    # via tensorflow\n"
        "deep==1 \\\n    --hash=sha256:0\n    # via only\n"
    )
    assert list(lean.without_tensorflow(lean.packages(lock))) == ["a", "both"]


def test_every_service_has_few_rights_and_says_whether_it_works(compose: dict[str, Any]) -> None:
    """Read-only, no capabilities, no new privileges, a health check; what is prepared once needs none."""
    for name, service in compose["services"].items():
        assert "no-new-privileges:true" in service["security_opt"], name
        assert name == "prepare" or "healthcheck" in service
        if name != "database":
            assert service["read_only"] and service["cap_drop"] == ["ALL"], name
        if name.startswith(("bot", "front", "staff")):
            assert service["user"] == "10001:10001" and service["tmpfs"] == ["/tmp"]
    published = {name for name, service in compose["services"].items() if "ports" in service}
    assert published == {"nginx"}
    assert compose["networks"]["inside"]["internal"]
    assert all(compose["services"][name]["networks"] == ["inside"] for name in ("bot-a", "bot-b", "database", "cache"))


def test_names_and_volumes_lead_somewhere(compose: dict[str, Any]) -> None:
    """Networks, volumes, files, what is waited for, and the servers that nginx knows."""
    services = compose["services"]
    for service in services.values():
        assert set(service["networks"]) <= set(compose["networks"])
        assert set(service.get("depends_on", ())) <= set(services)
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            missing = source.startswith("./") and not source.endswith("/tls") and not (COMPOSE.parent / source).exists()
            assert not missing and (source.startswith("./") or source in compose["volumes"]), volume
    upstreams = (COMPOSE.parent / "nginx" / "upstreams.conf").read_text(encoding="utf-8")
    assert set(re.findall(r"server ([\w-]+):", upstreams)) == {"front-a", "front-b", "bot-a", "bot-b", "staff"}
    assert set(re.findall(r"\$\{(\w+):\?\}", COMPOSE.read_text(encoding="utf-8"))) == set(GIVEN)
    example = (COMPOSE.parent / "compose.env.example").read_text(encoding="utf-8")
    assert set(GIVEN) <= set(re.findall(r"^(\w+)=", example, re.MULTILINE))


def test_settings_are_those_of_the_code(compose: dict[str, Any]) -> None:
    """Every part would start with them."""
    for name, service in compose["services"].items():
        if not name.startswith(("bot", "front", "staff")):
            continue
        values = {key: str(value or "") for key, value in service["environment"].items()}
        settings = Settings.from_environment(values)
        assert settings.token == SECRET, name
        assert not is_wanted(values) and is_wanted(values | {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"})
        assert name.startswith("bot") == (settings.rasa_host == "0.0.0.0")
        FrontSettings.read(PROJECT / "front.yml", values)
        StaffSettings.read(PROJECT / "staff.yml", values)


def test_part_of_each_container_is_a_part() -> None:
    """`partnerstadt run --only` knows it."""
    from partnerstadt.run import PARTS

    texts = [path.read_text(encoding="utf-8") for path in Path(PROJECT / "deploy").rglob("*") if path.is_file()]
    named = {
        part
        for text in texts
        for found in re.findall(r"\brun, --only, (\w+)|run --only (\w+)", text)
        for part in found
        if part
    }
    assert named == set(PARTS)
