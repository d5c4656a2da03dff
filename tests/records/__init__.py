"""Tests of partnerstadt.records."""
