"""The manifests are what the API of Kubernetes takes, agree with each other and with the settings of the code."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from partnerstadt.front.settings import FrontSettings
from partnerstadt.settings import Settings
from partnerstadt.staff.settings import StaffSettings
from partnerstadt.telemetry.traces import is_wanted
from tests.support import PROJECT

TOOLS = PROJECT / ".venv" / "tools" / "bin"
SECRET = "0123456789abcdef0123456789abcdef"
Object = dict[str, Any]


@pytest.fixture(scope="module")
def manifests(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The production overlay, rendered as `kubectl apply --kustomize` would send it."""
    return rendered(tmp_path_factory.mktemp("kubernetes"))


@pytest.fixture(scope="module")
def with_traces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with the lines on traces that are only a comment there."""
    return rendered(tmp_path_factory.mktemp("traces"), "#components:\n#  - ../traces\n", "components:\n  - ../traces\n")


def rendered(folder: Path, before: str = "", after: str = "") -> Path:
    """The production overlay with a change."""
    shutil.copytree(PROJECT / "deploy" / "kubernetes", folder / "kubernetes")
    production = folder / "kubernetes" / "production"
    example = (production / "secrets.env.example").read_text(encoding="utf-8")
    filled = re.sub(r"^(\w+(?:TOKEN|SECRET))=$", rf"\1={SECRET}", example, flags=re.MULTILINE)
    (production / "secrets.env").write_text(filled, encoding="utf-8")
    overlay = production / "kustomization.yaml"
    assert before in overlay.read_text(encoding="utf-8")
    overlay.write_text(overlay.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    done = subprocess.run([TOOLS / "kubectl", "kustomize", production], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and not done.stderr, done.stderr
    (folder / "all.yaml").write_text(done.stdout, encoding="utf-8")
    return folder / "all.yaml"


@pytest.fixture(scope="module")
def objects(manifests: Path) -> Mapping[str, Mapping[str, Object]]:
    """All objects by kind and name."""
    return read(manifests)


@lru_cache
def read(file: Path) -> Mapping[str, Mapping[str, Object]]:
    """The objects of a file by kind and name."""
    found: dict[str, dict[str, Object]] = defaultdict(dict)
    for object in yaml.safe_load_all(file.read_text(encoding="utf-8")):
        found[object["kind"]][object["metadata"]["name"]] = object
    return found


def pods(objects: Mapping[str, Mapping[str, Object]]) -> Iterator[tuple[str, Object]]:
    """Name and template of every pod."""
    for name, object in objects["Deployment"].items():
        yield name, object["spec"]["template"]
    for name, object in objects["CronJob"].items():
        yield name, object["spec"]["jobTemplate"]["spec"]["template"]


def test_api_takes_every_object(manifests: Path, tmp_path: Path) -> None:
    """By the schemas of Kubernetes, without a property too many; a wrong object beside them is noticed."""
    budget = dict(read(manifests)["PodDisruptionBudget"]["bot"])
    budget["spec"] = {"minAvaliable": 1}
    (tmp_path / "wrong.yaml").write_text(yaml.safe_dump(budget), encoding="utf-8")
    command = [TOOLS / "kubernetes-validate", "--strict", manifests, tmp_path / "wrong.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    said = (done.stdout + done.stderr).splitlines()
    errors = [line for line in said if line.startswith("ERROR")]
    assert errors and all("wrong.yaml" in line for line in errors), said
    total = sum(len(objects) for objects in read(manifests).values())
    assert sum(" passed for resource " in line for line in said) == total


def test_every_part_is_there(objects: Mapping[str, Mapping[str, Object]]) -> None:
    """Two parts that grow, their budgets, one desk for the staff, one job."""
    assert objects["Deployment"].keys() == objects["Service"].keys() == {"bot", "front", "staff"}
    assert objects["HorizontalPodAutoscaler"].keys() == objects["PodDisruptionBudget"].keys() == {"bot", "front"}
    assert set(objects["CronJob"]) == {"retention"}
    assert all(object["metadata"].get("namespace") == "partnerstadt" for k, v in objects.items() if k != "Namespace"
               for object in v.values())  # fmt: skip


def test_pods_have_no_rights(objects: Mapping[str, Mapping[str, Object]]) -> None:
    """Not root, nothing written but state and tmp, no token of the cluster: what "restricted" asks for."""
    for name, template in pods(objects):
        spec = template["spec"]
        security = spec["securityContext"]
        assert security["runAsNonRoot"] and security["runAsUser"] > 1000, name
        assert security["seccompProfile"] == {"type": "RuntimeDefault"} and not spec["automountServiceAccountToken"]
        for container in (*spec["containers"], *spec.get("initContainers", ())):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/var/lib/partnerstadt", "/tmp"}
            assert container["resources"]["requests"].keys() == {"cpu", "memory"}
            assert "memory" in container["resources"]["limits"] and not container["image"].endswith(":latest")


def test_servers_are_probed_and_end_in_peace(objects: Mapping[str, Mapping[str, Object]]) -> None:
    """Three probes each; a bot has four minutes to load its model; nothing new comes while one ends."""
    for name, deployment in objects["Deployment"].items():
        spec = deployment["spec"]["template"]["spec"]
        [container] = spec["containers"]
        assert {"startupProbe", "readinessProbe", "livenessProbe", "lifecycle"} <= container.keys(), name
        # preStop, then the longest turn, fit in.
        assert spec["terminationGracePeriodSeconds"] >= 8 + 30
        if name != "staff":
            assert deployment["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
            assert "replicas" not in deployment["spec"]  # the autoscaler's
    startup = objects["Deployment"]["bot"]["spec"]["template"]["spec"]["containers"][0]["startupProbe"]
    assert startup["periodSeconds"] * startup["failureThreshold"] >= 240


def test_names_lead_somewhere(objects: Mapping[str, Mapping[str, Object]]) -> None:
    """Selectors, ports, claims, accounts, budgets and scalers."""
    labels = {name: template["metadata"]["labels"] for name, template in pods(objects)}
    for name, service in objects["Service"].items():
        assert service["spec"]["selector"].items() <= labels[name].items()
    for kind in ("HorizontalPodAutoscaler", "PodDisruptionBudget"):
        for name, object in objects[kind].items():
            reference = object["spec"].get("scaleTargetRef", {}).get("name", name)
            assert reference in objects["Deployment"]
    for name, budget in objects["PodDisruptionBudget"].items():
        assert budget["spec"]["selector"]["matchLabels"].items() <= labels[name].items()
        least = objects["HorizontalPodAutoscaler"][name]["spec"]["minReplicas"]
        assert budget["spec"]["minAvailable"] < least  # or no node could ever be emptied
    for _, template in pods(objects):
        spec = template["spec"]
        assert spec["serviceAccountName"] in objects["ServiceAccount"]
        claims = [v["persistentVolumeClaim"]["claimName"] for v in spec["volumes"] if "persistentVolumeClaim" in v]
        assert set(claims) <= set(objects["PersistentVolumeClaim"])
    for ingress in objects["Ingress"].values():
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                assert path["backend"]["service"]["name"] in {"front", "staff"}  # never the bot


def test_network_allows_what_is_needed_and_no_more(objects: Mapping[str, Mapping[str, Object]]) -> None:
    """Everything is forbidden first; Rasa is reached by the desks and the monitoring, on its one port."""
    policies = objects["NetworkPolicy"]
    assert policies["nothing"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    ports = {name: service["spec"]["ports"][0]["port"] for name, service in objects["Service"].items()}
    for name in ("bot", "front", "staff"):
        [rule] = policies[name]["spec"]["ingress"]
        assert rule["ports"] == [{"protocol": "TCP", "port": ports[name]}] and rule["from"]
    senders = policies["bot"]["spec"]["ingress"][0]["from"]
    assert senders[0]["podSelector"]["matchExpressions"][0]["values"] == ["front", "staff"]
    assert [list(s) for s in senders[1:]] == [["namespaceSelector"]]
    assert all(
        "ipBlock" not in sender for p in policies.values() for r in p["spec"].get("ingress", ()) for sender in r["from"]
    )


def test_settings_are_those_of_the_code(objects: Mapping[str, Mapping[str, Object]]) -> None:
    """Every part would start with them: no name is unknown, no value wrong, and the token is there."""
    [config] = objects["ConfigMap"].values()
    [secret] = objects["Secret"].values()
    values = dict(config["data"])
    values |= {name: base64.b64decode(value).decode() for name, value in secret["data"].items()}
    for _, template in pods(objects):
        for container in template["spec"]["containers"]:
            sources = [next(iter(source.values()))["name"] for source in container["envFrom"]]
            assert sources == [config["metadata"]["name"], secret["metadata"]["name"]]
    settings = Settings.from_environment(values)
    assert (
        settings.rasa_host == "0.0.0.0"
        and settings.token
        and settings.other_rasas == ("http://bot:5005/webhooks/rest/webhook",)
    )
    front = FrontSettings.read(PROJECT / "front.yml", values)
    assert front.host == "0.0.0.0" and front.secret
    assert StaffSettings.read(PROJECT / "staff.yml", values).url == "https://partnerstadt.intern.example"
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    plain = {name for name in values if not name.startswith(("PARTNERSTADT_FRONT_", "PARTNERSTADT_STAFF_"))}
    later = {"PARTNERSTADT_DATABASE", "PARTNERSTADT_REDIS"}
    assert {name for name in plain - later if f"`{name}`" not in readme} == set()


def test_no_secret_is_in_the_tree() -> None:
    """The examples are empty, and the filled files are ignored."""
    for example in (PROJECT / "deploy").rglob("*.example"):
        for line in example.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition("=")
            assert not re.search("TOKEN|SECRET|PASSWORD", name) or not value, f"{example.name}: {name}"
    ignored = (PROJECT / ".gitignore").read_text(encoding="utf-8").split()
    assert {"secrets.env", "compose.env", "tls/"} <= set(ignored)


def test_traces_are_one_line_of_the_overlay(manifests: Path, with_traces: Path) -> None:
    """All parts get the address of the collector, and may reach it; without the line there is neither."""
    plain, traced = read(manifests), read(with_traces)
    policy = traced["NetworkPolicy"]["traces"]["spec"]
    maps = [map["data"] for map in traced["ConfigMap"].values() if "PARTNERSTADT_RASA_URLS" in map["data"]]
    address = urlsplit(maps[0]["OTEL_EXPORTER_OTLP_ENDPOINT"])
    assert address.port == policy["egress"][0]["ports"][0]["port"] and is_wanted(maps[0])
    assert "traces" not in plain["NetworkPolicy"] and "OTEL_" not in manifests.read_text(encoding="utf-8")
    assert {name for name, _ in pods(traced)} - {"retention"} == set(
        policy["podSelector"]["matchExpressions"][0]["values"]
    )
