"""Training of the models. Ours is trained anew each time; the stock pipeline takes so long that its parts are kept.

Rasa's own cache holds what DIET and TED learnt, so that a change of a German response costs no second hour. The time of
the one real training is kept beside it and belongs to one configuration and one set of training data.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import yaml

from bench.processes import Bench, run_timed
from bench.results import Training

STOCK = Path(__file__).with_name("stock") / "config.yml"
LEARNING = ("DIETClassifier", "TEDPolicy")
NAMES = {"name": "bench.stock.names.HandedNames"}


def train_ours(bench: Bench) -> tuple[Path, Training]:
    """Our model, always from nothing."""
    environment = bench.environment(tensorflow=False) | {"RASA_CACHE_DIRECTORY": str(bench.folder / "cache-ours")}
    return _train(bench, "ours", bench.settings.project / "config.yml", environment, "--force")


def train_stock(bench: Bench, epochs: int | None) -> tuple[Path, Training]:
    """The stock model, with the time of the training that was not helped by the cache."""
    config = stock_config(epochs)
    key = _key(bench, config)
    kept = bench.folder / f"stock-{key}.json"
    cache = bench.folder / f"cache-{key}"
    if not kept.exists():
        shutil.rmtree(cache, ignore_errors=True)
    model, training = _train_stock(bench, "stock", config, cache)
    if kept.exists():
        return model, Training.parse_file(kept)
    kept.write_text(training.json(), encoding="utf-8")
    return model, training


def train_stock_with_names(bench: Bench, epochs: int | None) -> Path:
    """The stock model, handed our names; nothing of it is learnt anew."""
    config = stock_config(epochs)
    cache = bench.folder / f"cache-{_key(bench, config)}"
    config["pipeline"].append(NAMES)
    return _train_stock(bench, "stock-with-names", config, cache)[0]


def train_nlu(bench: Bench, name: str, config: Path, data: Path, tensorflow: bool) -> Path:
    """A model that only understands, for the held-out examples."""
    environment = bench.environment(tensorflow) | {"RASA_CACHE_DIRECTORY": str(bench.folder / f"cache-{name}")}
    return _train(bench, name, config, environment, "--nlu", str(data), kind=("train", "nlu"))[0]


def stock_config(epochs: int | None = None) -> dict[str, Any]:
    """The stock configuration, with fewer epochs for a short run."""
    config: dict[str, Any] = yaml.safe_load(STOCK.read_text(encoding="utf-8"))
    for entry in [*config["pipeline"], *config["policies"]]:
        if epochs is not None and entry["name"] in LEARNING:
            entry["epochs"] = epochs
    return config


def write_config(bench: Bench, name: str, config: dict[str, Any]) -> Path:
    """A configuration as a file."""
    path = bench.folder / f"{name}.yml"
    path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    return path


def _train_stock(bench: Bench, name: str, config: dict[str, Any], cache: Path) -> tuple[Path, Training]:
    environment = bench.environment(tensorflow=True) | {"RASA_CACHE_DIRECTORY": str(cache)}
    return _train(bench, name, write_config(bench, name, config), environment)


def _train(
    bench: Bench,
    name: str,
    config: Path,
    environment: dict[str, str],
    *more: str,
    kind: tuple[str, ...] = ("train",),
) -> tuple[Path, Training]:
    out = ["--config", str(config), "--out", str(bench.folder), "--fixed-model-name", name]
    training = run_timed(bench, f"{name}-train", ["rasa", *kind, *out, *more], environment)
    return bench.folder / f"{name}.tar.gz", training


def _key(bench: Bench, config: dict[str, Any]) -> str:
    """Names a configuration with the training data it learns from."""
    digest = hashlib.sha256(yaml.safe_dump(config).encode())
    for path in sorted((bench.settings.project / "data").glob("*.yml")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
