"""Tokens."""

from __future__ import annotations

from partnerstadt.front.sessions import Tokens


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
