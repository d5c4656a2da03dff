"""Rasa's stock pipeline, to measure against."""
