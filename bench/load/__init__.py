"""The whole chain and Rasa alone under load, ours beside stock Rasa: `python -m bench.load`."""
