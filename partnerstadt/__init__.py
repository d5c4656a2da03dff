"""Partnerstadt: answers about a city's partnerships, in everyday German, from typed records."""

__version__ = "0.1.0"
