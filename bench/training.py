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
    return _train(bench, "ours", bench.settings.project / "config.yml", _fresh_cache(bench), tensorflow=False)


def train_stock(bench: Bench, epochs: int | None) -> tuple[Path, Training]:
    """The stock model, with the time of the training that was not helped by the cache."""
    config = stock_config(epochs)
    kept = _kept(bench, config)
    record = kept / "training.json"
    if not record.exists():
        shutil.rmtree(kept.parent, ignore_errors=True)  # of other data or another configuration
        kept.mkdir(parents=True)
    model, training = _train(bench, "stock", write_config(bench, "stock", config), kept / "cache", tensorflow=True)
    if record.exists():
        return model, Training.parse_file(record)
    record.write_text(training.json(), encoding="utf-8")
    return model, training


def train_stock_with_names(bench: Bench, epochs: int | None) -> Path:
    """The stock model, handed our names; nothing of it is learnt anew."""
    config = stock_config(epochs)
    cache = _kept(bench, config) / "cache"
    config["pipeline"].append(NAMES)
    path = write_config(bench, "stock-with-names", config)
    return _train(bench, "stock-with-names", path, cache, tensorflow=True)[0]


def train_nlu(bench: Bench, name: str, config: Path, data: Path, tensorflow: bool) -> Path:
    """A model that only understands, for the held-out examples."""
    return _train(bench, name, config, _fresh_cache(bench), tensorflow, "nlu", "--nlu", str(data))[0]


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


def _train(
    bench: Bench, name: str, config: Path, cache: Path, tensorflow: bool, *arguments: str
) -> tuple[Path, Training]:
    out = ["--config", str(config), "--out", str(bench.folder), "--fixed-model-name", name]
    environment = bench.environment(tensorflow) | {"RASA_CACHE_DIRECTORY": str(cache)}
    # As `make train` does it; Rasa's validation is a check of its own. Only `rasa train nlu` has none to skip.
    arguments = arguments or ("--skip-validation",)
    training = run_timed(bench, f"{name}-train", ["rasa", "train", *arguments, *out], environment)
    return bench.folder / f"{name}.tar.gz", training


def _fresh_cache(bench: Bench) -> Path:
    """An empty cache: everything is learnt anew."""
    cache = bench.folder / "cache"
    shutil.rmtree(cache, ignore_errors=True)
    return cache


def _kept(bench: Bench, config: dict[str, Any]) -> Path:
    """Where the parts of a configuration are kept that were learnt from the present training data."""
    digest = hashlib.sha256(yaml.safe_dump(config).encode())
    for path in sorted((bench.settings.project / "data").glob("*.yml")):
        digest.update(path.read_bytes())
    return bench.folder / "kept" / digest.hexdigest()[:12]
