"""Graph components of Rasa, one file each: splitter, tokenizer, names, sentence encoder, intents, collector."""
