"""Tests of partnerstadt.answer."""
