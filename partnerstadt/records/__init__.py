"""The records: the only place where facts live. Typed, sourced, validated; nothing here knows Rasa."""
