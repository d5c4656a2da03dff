"""Tests of partnerstadt.question."""
