"""Tokens and the secret behind them."""

from __future__ import annotations

from pathlib import Path

from partnerstadt.front.sessions import NAME, Tokens, kept_secret


def test_token_gives_back_its_id() -> None:
    """With the same secret only."""
    token = Tokens("a" * 32).make("abc")
    assert Tokens("a" * 32).read(token) == "abc" and Tokens("b" * 32).read(token) is None


def test_changed_token_is_worth_nothing() -> None:
    """Whichever character is changed, and whatever is no token at all."""
    tokens = Tokens("a" * 32)
    token = tokens.make("abc")
    changed = [token[:n] + ("x" if token[n] != "x" else "y") + token[n + 1 :] for n in range(len(token))]
    # The last character of a signature holds bits that mean nothing; the id stays what it was.
    assert {tokens.read(other) for other in changed[:-1]} == {None}
    assert {tokens.read(other) for other in ("", ".", "abc", "ü", "a" * 10_000, token + ".x")} == {None}


def test_secret_is_made_once_and_read_by_its_owner_only(tmp_path: Path) -> None:
    """Another folder has another one."""
    secret = kept_secret(tmp_path / "one")
    assert secret == kept_secret(tmp_path / "one") and len(secret) >= 48
    assert (tmp_path / "one" / NAME).stat().st_mode & 0o777 == 0o600
    assert secret != kept_secret(tmp_path / "two")
