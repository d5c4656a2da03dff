"""Training of the models. Ours is trained anew each time; the stock pipeline takes so long that its parts are kept.

Rasa's own cache holds what DIET and TED learnt, so that a change of a German response costs no second hour. The time of
the one real training is kept beside it and belongs to one configuration and one set of training data.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from bench.processes import STOCK, Bench, run_timed
from bench.results import Training
from partnerstadt.rasa_ext.environment import WITHOUT_CACHE

LEARNING = ("DIETClassifier", "TEDPolicy")
NAMES = {"name": "bench.stock.names.HandedNames"}


def train_ours(bench: Bench) -> tuple[Path, Training]:
    """Our model, always from nothing."""
    return _train(bench, "ours", bench.settings.project / "config.yml", _fresh_cache(bench), stock=False)


def train_stock(bench: Bench, epochs: int | None) -> tuple[Path, Training]:
    """The stock model, with the time of the training that was not helped by the cache."""
    config = stock_config(epochs)
    kept = _kept(bench, config)
    record = kept / "training.json"
    if not record.exists():
        shutil.rmtree(kept.parent, ignore_errors=True)  # of other data or another configuration
        kept.mkdir(parents=True)
    model, training = _train(bench, "stock", write_config(bench, "stock", config), kept / "cache", stock=True)
    _stamp(bench).write_text(_model_digest(bench, config), encoding="utf-8")
    if record.exists():
        return model, Training.parse_file(record)
    record.write_text(training.json(), encoding="utf-8")
    return model, training


def stock_model(bench: Bench, epochs: int | None) -> Path:
    """The stock model as an earlier run has left it, if that had the same data; else it is trained."""
    model, stamp = bench.folder / "stock.tar.gz", _stamp(bench)
    if model.exists() and stamp.exists():
        if stamp.read_text(encoding="utf-8") == _model_digest(bench, stock_config(epochs)):
            return model
    return train_stock(bench, epochs)[0]


def train_stock_with_names(bench: Bench, epochs: int | None) -> Path:
    """The stock model, handed our names; nothing of it is learnt anew."""
    config = stock_config(epochs)
    cache = _kept(bench, config) / "cache"
    config["pipeline"].append(NAMES)
    path = write_config(bench, "stock-with-names", config)
    return _train(bench, "stock-with-names", path, cache, stock=True)[0]


def train_nlu(bench: Bench, name: str, config: Path, data: Path, stock: bool) -> Path:
    """A model that only understands, for the held-out examples."""
    return _train(bench, name, config, _fresh_cache(bench), stock, "nlu", "--nlu", str(data))[0]


def stock_config(epochs: int | None = None) -> dict[str, Any]:
    """The stock configuration, with fewer epochs for a short run."""
    config: dict[str, Any] = yaml.safe_load((STOCK / "config.yml").read_text(encoding="utf-8"))
    for entry in [*config["pipeline"], *config["policies"]]:
        if epochs is not None and entry["name"] in LEARNING:
            entry["epochs"] = epochs
    return config


def write_config(bench: Bench, name: str, config: dict[str, Any]) -> Path:
    """A configuration as a file."""
    path = bench.folder / f"{name}.yml"
    path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    return path


def _train(bench: Bench, name: str, config: Path, cache: Path, stock: bool, *arguments: str) -> tuple[Path, Training]:
    out = ["--config", str(config), "--out", str(bench.folder), "--fixed-model-name", name]
    python = bench.stock() if stock else bench.ours()
    # Ours as `make train` does it. Rasa's validation is a check of its own; only `rasa train nlu` has none to skip.
    as_usual = {} if stock else {WITHOUT_CACHE: "1"}
    python = replace(python, environment={**python.environment, **as_usual, "RASA_CACHE_DIRECTORY": str(cache)})
    arguments = arguments or ("--skip-validation",)
    training = run_timed(bench, f"{name}-train", ["rasa", "train", *arguments, *out], python)
    return bench.folder / f"{name}.tar.gz", training


def _fresh_cache(bench: Bench) -> Path:
    """An empty cache: everything is learnt anew."""
    cache = bench.folder / "cache"
    shutil.rmtree(cache, ignore_errors=True)
    return cache


def _kept(bench: Bench, config: dict[str, Any]) -> Path:
    """Where the parts of a configuration are kept that were learnt from the present training data."""
    return bench.folder / "kept" / _digest(bench, config, "data")


def _model_digest(bench: Bench, config: dict[str, Any]) -> str:
    """What a stock model belongs to: unlike its learnt parts, it also holds the responses of the domain."""
    return _digest(bench, config, "data", "domain.yml")


def _stamp(bench: Bench) -> Path:
    return bench.folder / "stock.digest"


def _digest(bench: Bench, config: dict[str, Any], *sources: str) -> str:
    digest = hashlib.sha256(b"Rasa as it comes\0" + yaml.safe_dump(config).encode())
    for source in (bench.settings.project / name for name in sources):
        for path in sorted(source.glob("*.yml")) if source.is_dir() else [source]:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
