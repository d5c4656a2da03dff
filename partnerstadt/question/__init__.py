"""What is asked: from words to a typed question, and from a question to its result. Pure functions, no Rasa."""
