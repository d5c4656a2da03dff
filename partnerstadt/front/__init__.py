"""The front desk: the only door to the bot. Sessions, limits, delivery, retention; Rasa is never exposed."""
