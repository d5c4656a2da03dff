"""Secrets in the state folder."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from partnerstadt.secret_file import kept_secret


def test_secret_is_made_once_and_read_by_its_owner_only(tmp_path: Path) -> None:
    """Another folder has another one, and nothing else is left there."""
    file = tmp_path / "one" / "secret"
    secret = kept_secret(file)
    assert secret == kept_secret(file) and len(secret) >= 48
    assert file.stat().st_mode & 0o777 == 0o600 and list(file.parent.iterdir()) == [file]
    assert secret != kept_secret(tmp_path / "two" / "secret")


def test_several_who_want_it_at_once_get_the_same(tmp_path: Path) -> None:
    """None finds half of it."""
    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(kept_secret, [tmp_path / "secret"] * 64))) == 1
