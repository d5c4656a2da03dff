"""What this project adds to Rasa or changes in it; each change has a test that fails when Rasa changes."""
