"""Measures the bot beside Rasa's stock pipeline: accuracy, time and memory. Start it with `python -m bench`."""
