"""A stand-in for Rasa, as the tests of the front desk have it."""

from tests.front.conftest import rasa

__all__ = ["rasa"]
