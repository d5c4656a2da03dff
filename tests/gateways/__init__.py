"""Tests of the gateways; what they share asserts too."""

import pytest

pytest.register_assert_rewrite(
    *(
        f"tests.gateways.{name}"
        for name in ("parts", "suite", "telegram_api", "test_xmpp", "matrix_world", "mail_world")
    )
)
